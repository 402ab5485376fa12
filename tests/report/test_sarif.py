import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from auditor.engine.run import CheckResult
from auditor.model import Outcome, Place, Rule, Span
from auditor.report import sarif
from tests.report.conftest import RULES, finding

SCHEMA = json.loads((Path(__file__).parent.parent / "data" / "sarif-2.1.0.schema.json").read_text())
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.fixture(autouse=True)
def _made_up_rules(monkeypatch):
    monkeypatch.setattr(sarif, "load", lambda: RULES)


def rendered(*arguments, **options):
    log = json.loads(sarif.render(*arguments, **options))
    VALIDATOR.validate(log)
    return log["runs"][0]


def test_the_log_is_the_golden_one(result, sources, golden):
    golden("check.sarif", sarif.render(result, sources, root="examples/digits/"))


def test_the_log_of_a_reproduction_is_the_golden_one(clean, reproduction, golden):
    golden("reproduce.sarif", sarif.render(clean, {}, reproduction))


def test_every_log_fits_the_official_schema(result, clean, ignoring, sources, reproduction):
    rendered(result, sources)
    rendered(ignoring, sources)
    rendered(clean, {})
    rendered(result, sources, reproduction, root="examples/digits/")


def test_every_rule_that_ran_is_listed_and_not_only_those_that_found(result, sources):
    run = rendered(result, sources)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    assert all(run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])


def test_a_file_without_lines_has_no_region(result, sources):
    location = rendered(result, sources)["results"][1]["locations"][0]
    assert "region" not in location["physicalLocation"]
    assert location["logicalLocations"] == [{"fullyQualifiedName": "conv1.weight"}]


def test_paths_are_relative_and_quoted(result, sources):
    uri = rendered(result, sources, root="a b/")["results"][2]["locations"][0]["physicalLocation"][
        "artifactLocation"
    ]
    assert uri == {"uri": "a%20b/evil%1B%5B2J%E2%80%AE.txt", "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize(
    ("name", "uri"), [("\udcff.txt", "%FF.txt"), ("\ud800.txt", "%ED%A0%80.txt"), ("a:b", "a%3Ab")]
)
def test_a_name_that_is_not_utf_8_keeps_its_bytes(name, uri):
    odd = finding("SEC901", "odd", [Place(name)], [Span(name)])
    run = rendered(CheckResult("b", (odd,), (Outcome("SEC901", "name-is-hostile", "found", 1),)), {})
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_bundle_cannot_plant_a_link(result, sources):
    text = rendered(result, sources)["results"][2]["message"]["text"]
    assert text == "a name holds \\x1b[31m and [a link] (https://evil.example)"


def test_further_places_are_related_locations(result, sources):
    (related,) = rendered(result, sources)["results"][0]["relatedLocations"]
    assert related["message"]["text"] == "0.89 here"
    assert related["physicalLocation"]["region"]["startLine"] == 2


def test_a_moved_line_keeps_the_fingerprint_and_a_mended_value_changes_it(result, sources):
    def fingerprint(spans, text):
        moved = replace(result.findings[0], spans=spans)
        run = rendered(CheckResult("b", (moved,), result.outcomes), {"README.md": text})
        return run["results"][0]["partialFingerprints"]["fmaudit/v1"]

    (first, second), text = result.findings[0].spans, sources["README.md"]
    lower = replace(first, line=first.line + 1, end_line=first.end_line + 1)
    before = fingerprint((first, second), text)
    assert fingerprint((lower, second), "\n" + text) == before
    assert fingerprint((first, second), text.replace("1e-1", "0.10")) != before


def test_equal_findings_have_different_fingerprints(result, sources):
    twice = CheckResult("b", (result.findings[1], result.findings[1]), result.outcomes)
    names = {r["partialFingerprints"]["fmaudit/v1"] for r in rendered(twice, sources)["results"]}
    assert len(names) == 2


def test_rules_that_could_not_look_are_notifications(result, sources):
    (invocation,) = rendered(result, sources)["invocations"]
    assert invocation["executionSuccessful"] is True
    assert [n["associatedRule"]["id"] for n in invocation["toolExecutionNotifications"]] == [
        "REC901",
        "REC902",
    ]


def test_a_crashed_rule_makes_the_execution_unsuccessful(monkeypatch):
    crashed = replace(RULES["LIC901"], code="META001", name="rule-crashed")
    monkeypatch.setattr(sarif, "load", lambda: {"META001": crashed})
    met = replace(finding("LIC901", "crashed", [Place(".")], [Span(".")]), code="META001")
    run = rendered(CheckResult("b", (met,), (Outcome("META001", "rule-crashed", "found", 1),)), {})
    assert run["invocations"][0]["executionSuccessful"] is False


def test_a_claim_that_was_not_reproduced_is_a_result(clean, reproduction):
    run = rendered(clean, {}, reproduction)
    assert [(r["ruleId"], r["level"]) for r in run["results"]] == [("VER001", "error"), ("VER002", "note")]
    assert run["properties"] == {"level": "L0"}


def test_only_security_rules_carry_a_security_severity(result, sources):
    rules = rendered(result, sources)["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules if "security-severity" in r["properties"]] == ["SEC901"]


def test_a_long_page_is_cut_where_github_would_refuse_it(monkeypatch, clean):
    def page():
        yield from ()

    page.__doc__ = (
        f"Long.\n\n    Why: {'very ' * 500}\n    Bad:\n        x\n    Good:\n        y\n    Fix: z\n"
    )
    rules = {code: Rule(code, "n", "error", "sure", None, (), (), page) for code in RULES}
    monkeypatch.setattr(sarif, "load", lambda: rules)
    assert all(
        len(r["fullDescription"]["text"]) <= 1024 for r in rendered(clean, {})["tool"]["driver"]["rules"]
    )


def test_ignored_findings_are_results_that_say_who_suppressed_them(ignoring, sources):
    run = rendered(ignoring, sources, root="a/")
    by = [result["suppressions"][0] for result in run["results"]]
    assert [one["kind"] for one in by] == ["inSource", "external", "external"]
    assert {one["status"] for one in by} == {"accepted"}
    assert by[0]["justification"] == "the score is run again (until 2026-12-31)"
    (invocation,) = run["invocations"]
    assert [one["message"]["text"] for one in invocation["toolConfigurationNotifications"]] == [
        "audit: 2 ignores of <the release>"
    ]
    assert by[0]["location"]["physicalLocation"]["artifactLocation"]["uri"] == "a/README.md"


def test_beside_a_suppressed_result_every_other_says_that_it_is_not(result, ignoring, sources):
    both = replace(ignoring, findings=result.findings[:1], ignored=ignoring.ignored[1:])
    assert [len(r["suppressions"]) for r in rendered(both, sources)["results"]] == [0, 1, 1]
    assert not any("suppressions" in r for r in rendered(result, sources)["results"])


def test_a_fix_says_what_it_replaces_and_whether_it_may_change_more(result, sources):
    first, _, third = rendered(result, sources, root="a/")["results"]
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "a/README.md"
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 6, "startColumn": 31, "endLine": 6, "endColumn": 35},
            "insertedContent": {"text": "1.0e-1"},
        }
    ]
    assert third["fixes"][0]["description"]["text"] == "take it away (may change what the release says)"
