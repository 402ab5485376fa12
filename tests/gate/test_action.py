"""The steps of action.yml, run by bash as GitHub's runner does."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema

ROOT = Path(__file__).parent.parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SARIF = json.loads((ROOT / "tests" / "data" / "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]


def value(text, inputs, outputs):
    """The text with its expressions replaced; only inputs and outputs of steps are known here."""

    def known(match):
        path = match[1].split(".")
        return inputs[path[1]] if path[0] == "inputs" else outputs.get(path[1], {}).get(path[3], "")

    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", known, text)


@pytest.fixture
def act(tmp_path, workspace, checkout_path):
    """Runs the action and gives the exit code, the log, the outputs of the action and the summary of its job."""

    def run(**given):
        inputs = {name: one.get("default", "") for name, one in ACTION["inputs"].items()} | given
        (tmp_path / "temp").mkdir(exist_ok=True)
        outputs, log, code = {}, "", 0
        for step in STEPS:
            files = {
                name: tmp_path / f"{name}-{len(outputs)}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
            }
            environment = {
                **os.environ,
                **{name: value(text, inputs, outputs) for name, text in step["env"].items()},
                **{name: str(path) for name, path in files.items()},
                "RUNNER_TEMP": str(tmp_path / "temp"),
                "GITHUB_ACTION_PATH": str(checkout_path),
                "GITHUB_WORKSPACE": str(workspace),
                "GITHUB_ACTIONS": "true",
            }
            for path in files.values():
                path.write_text("")
            (tmp_path / "script.sh").write_text(step["run"])
            # https://docs.github.com/actions/reference/workflow-syntax-for-github-actions: `shell: bash`
            call = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(tmp_path / "script.sh")]
            ended = subprocess.run(
                call, cwd=workspace, env=environment, capture_output=True, text=True, check=False
            )
            log, code = log + ended.stdout + ended.stderr, ended.returncode
            told = files["GITHUB_OUTPUT"].read_text().splitlines()
            outputs[step["id"]] = dict(line.split("=", 1) for line in told)
            if code:
                break
        told = {name: value(one["value"], inputs, outputs) for name, one in ACTION["outputs"].items()}
        assert not (workspace / "was-run").exists()
        return code, log, told, files["GITHUB_STEP_SUMMARY"].read_text()

    return run


@pytest.fixture
def checkout_path():
    """Where the runner put the action."""
    return ROOT


@pytest.fixture
def quick(act, stand_in):
    """The action with a stand-in for the install."""
    return lambda **given: act(python=str(stand_in), **given)


def test_the_action_fits_its_schema():
    jsonschema.validate(ACTION, get_builtin_schema("vendor.github-actions"))


def test_no_expression_stands_in_a_script():
    """It would be text of a script: `${{ inputs.bundle }}` with a quote in it runs what follows."""
    assert [step["name"] for step in STEPS if "${{" in step["run"]] == []
    assert {step["shell"] for step in STEPS} == {"bash"}


def test_a_good_release_passes(quick):
    code, log, told, summary = quick(bundle="digits-cnn")
    assert (code, told["exit-code"]) == (0, "0")
    assert log.startswith("digits-cnn: nothing found (")
    assert summary.startswith("### fmaudit: `digits-cnn`: nothing found")


def test_a_broken_release_fails_with_annotations_a_log_and_a_summary(quick):
    code, log, told, summary = quick(bundle="digits-cnn-broken")
    assert (code, told["exit-code"]) == (1, "1")
    assert "::error file=digits-cnn-broken/README.md,line=" in log
    assert "| error |" in summary
    jsonschema.Draft4Validator(SARIF).validate(json.loads(Path(told["sarif"]).read_text()))


def test_the_install_is_of_the_action_itself_and_away_from_the_release(quick, stand_in, workspace):
    quick(bundle="digits-cnn")
    where, _, call = stand_in.with_name("called").read_text().strip().partition(": ")
    assert not Path(where).is_relative_to(workspace)
    assert call.endswith(f"--constraint {ROOT}/constraints.txt {ROOT}")


def test_further_arguments_and_formats_are_taken(quick):
    code, log, *_ = quick(
        bundle="digits-cnn-broken", args="--select  SEC003 --fail-on error", format="concise"
    )
    assert code == 0
    assert log.startswith("digits-cnn-broken/config.json:")


def test_wrong_usage_ends_with_its_code_and_without_a_log(quick):
    code, log, told, _ = quick(bundle="digits-cnn", args="--nonsense")
    assert (code, told) == (2, {"sarif": "", "exit-code": "2"})
    assert "no such option" in log


def test_a_missing_release_could_not_be_checked(quick):
    assert quick(bundle="absent")[2] == {"sarif": "", "exit-code": "4"}


def test_a_python_that_is_missing_fails_before_the_check(act):
    code, _, told, _ = act(python="/absent/python")
    assert code == 127
    assert told == {"sarif": "", "exit-code": ""}


@pytest.mark.parametrize(
    "text",
    [
        "$(touch was-run)",
        "`touch was-run`",
        "; touch was-run",
        '"; touch was-run; "',
        "a\ntouch was-run",
        "--help",
    ],
)
@pytest.mark.parametrize("name", ["bundle", "args", "format"])
def test_no_input_is_run(quick, workspace, name, text):
    """`act` asserts that nothing was; an input that looks like an option is a folder that is not there."""
    code, _, told, _ = quick(**({"bundle": "digits-cnn"} | {name: text}))
    assert told["exit-code"] in ({"4"} if name == "bundle" else {"0", "2", "4"})
    assert str(code) == told["exit-code"]


def test_a_release_with_a_hostile_name_is_checked_and_not_run(quick, workspace):
    (workspace / "digits-cnn").rename(workspace / "$(touch was-run) `x` ::error::")
    code, log, *_ = quick(bundle="$(touch was-run) `x` ::error::")
    assert code == 0
    assert log.startswith("$(touch was-run) `x` ::error::: nothing found")


def test_arguments_are_not_patterns_of_file_names(quick):
    assert "`*` is no rule" in quick(bundle="digits-cnn", args="--select *")[1]


@pytest.mark.slow
class TestRealInstall:
    """pip installs a copy of this checkout into a fresh environment."""

    @pytest.fixture
    def checkout_path(self, checkout, index):
        return checkout

    def test_a_release_is_checked_by_what_was_installed(self, act, tmp_path):
        code, log, told, summary = act(bundle="digits-cnn", python=sys.executable)
        assert (code, told["exit-code"]) == (0, "0"), log
        assert "digits-cnn: nothing found (" in log  # below what pip says of its indexes
        assert summary
        (site,) = tmp_path.glob("temp/*/lib/python*/site-packages")
        assert {path.name for path in site.iterdir()} & {"torch", "scipy", "sklearn"} == set()
