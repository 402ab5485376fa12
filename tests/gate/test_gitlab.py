"""The job of the GitLab template, run by bash as GitLab's runner does."""

import json
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema

ROOT = Path(__file__).parent.parent.parent
TEMPLATE = yaml.safe_load((ROOT / "examples" / "ci" / "fmaudit.gitlab-ci.yml").read_text(encoding="utf-8"))
JOB = TEMPLATE["fmaudit"]
QUALITY = json.loads(
    (ROOT / "tests" / "data" / "gitlab-code-quality.schema.json").read_text(encoding="utf-8")
)


@pytest.fixture
def job(workspace, stand_in):
    """Runs the job with a stand-in for the install; gives exit code, log and the two reports."""

    def run(**given):
        # The runner makes one script of all lines and ends at the first that fails.
        script = "set -eo pipefail\n" + "\n".join(JOB["script"])
        environment = {
            **os.environ,
            **JOB["variables"],
            **given,
            "CI_PROJECT_DIR": str(workspace),
            "PATH": f"{stand_in.parent}:{os.environ['PATH']}",
        }
        ended = subprocess.run(
            ["bash"],
            input=script,
            cwd=workspace,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not (workspace / "was-run").exists()
        reports = [workspace / path for path in JOB["artifacts"]["reports"].values()]
        return (
            ended.returncode,
            ended.stdout + ended.stderr,
            [path if path.is_file() else None for path in reports],
        )

    return run


def test_the_template_fits_the_schema_of_gitlab():
    jsonschema.validate(TEMPLATE, get_builtin_schema("vendor.gitlab-ci"))


def test_a_good_release_passes_with_both_reports(job):
    code, log, (quality, junit) = job(FMAUDIT_BUNDLE="digits-cnn")
    assert code == 0, log
    assert log.startswith("digits-cnn: nothing found (")
    assert json.loads(quality.read_text()) == []
    assert ET.parse(junit).getroot().get("failures") == "0"


def test_a_broken_release_fails_with_paths_of_the_repository(job):
    code, _, (quality, junit) = job(FMAUDIT_BUNDLE="digits-cnn-broken")
    issues = json.loads(quality.read_text())
    jsonschema.Draft202012Validator(QUALITY).validate(issues)
    assert code == 1
    assert all(issue["location"]["path"].startswith("digits-cnn-broken/") for issue in issues)
    assert int(ET.parse(junit).getroot().get("failures")) > 0


def test_a_repository_that_is_the_release_gets_its_reports_after_the_check(job, workspace):
    """A check writes nothing into the release, and GitLab takes reports from the project's folder alone."""
    code, log, (quality, _) = job(FMAUDIT_BUNDLE=".", FMAUDIT_ARGS="--select CARD001")
    assert "lies in the release" not in log
    assert (code, quality is not None) == (0, True)


def test_wrong_usage_ends_with_its_code_and_without_reports(job):
    code, log, reports = job(FMAUDIT_BUNDLE="digits-cnn", FMAUDIT_ARGS="--nonsense")
    assert (code, reports) == (2, [None, None])
    assert "no such option" in log


def test_the_install_is_away_from_the_release(job, stand_in, workspace):
    job(FMAUDIT_BUNDLE="digits-cnn", FMAUDIT_PACKAGE="fmaudit==0.2.0")
    where, _, call = stand_in.with_name("called").read_text().strip().partition(": ")
    assert not Path(where).is_relative_to(workspace)
    assert call.endswith(" fmaudit==0.2.0")


@pytest.mark.parametrize(
    "text", ["$(touch was-run)", "`touch was-run`", "; touch was-run", '"; touch was-run; "', "--help"]
)
@pytest.mark.parametrize("name", ["FMAUDIT_BUNDLE", "FMAUDIT_ARGS", "FMAUDIT_PACKAGE"])
def test_no_variable_is_run(job, name, text):
    """`job` asserts that nothing was."""
    code = job(**({"FMAUDIT_BUNDLE": "digits-cnn"} | {name: text}))[0]
    assert code == {"FMAUDIT_BUNDLE": 4, "FMAUDIT_PACKAGE": 0}.get(name, code)
