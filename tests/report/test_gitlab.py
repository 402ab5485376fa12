import json
from dataclasses import replace
from pathlib import Path

import jsonschema

from auditor.model import Place, Span
from auditor.report import gitlab
from auditor.report import json as report
from tests.report.conftest import finding

SCHEMA = json.loads((Path(__file__).parent.parent / "data" / "gitlab-code-quality.schema.json").read_text())


def issues(*arguments, **options):
    told = json.loads(gitlab.render(*arguments, **options))
    jsonschema.Draft202012Validator(SCHEMA).validate(told)
    return told


def test_the_report_is_the_golden_one(result, sources, golden):
    golden("check.gitlab.json", gitlab.render(result, sources, root="examples/digits/"))


def test_every_report_fits_the_documented_format(result, clean, ignoring, sources, reproduction):
    assert len(issues(result, sources, reproduction, root="a/")) == 5
    assert issues(ignoring, sources) == issues(clean, {}) == []


def test_the_levels_are_the_same_as_everywhere(result, sources):
    assert [issue["severity"] for issue in issues(result, sources)] == ["critical", "major", "info"]


def test_the_fingerprint_is_the_identity_of_the_finding(result, sources):
    names = [one["id"] for one in report.report(result, sources)["findings"]]
    assert [issue["fingerprint"] for issue in issues(result, sources)] == names


def test_equal_findings_have_different_fingerprints(result, sources):
    """GitLab shows one of those that share a fingerprint."""
    twice = replace(result, findings=result.findings[:1] * 2)
    assert len({issue["fingerprint"] for issue in issues(twice, sources)}) == 2


def test_a_file_without_lines_is_shown_at_its_first(result, sources):
    assert issues(result, sources)[1]["location"] == {
        "path": "model.safetensors",
        "lines": {"begin": 1, "end": 1},
    }


def test_the_bundle_itself_is_a_path_of_the_repository():
    missing = finding("LIC901", "none", [Place(".")], [Span(".")])
    from auditor.engine.run import CheckResult

    (issue,) = issues(CheckResult("b", (missing,), ()), {}, root="a/b/")
    assert issue["location"]["path"] == "a/b"
