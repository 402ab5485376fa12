import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from auditor.engine.run import CheckResult
from auditor.model import Outcome, Place, Span
from auditor.report import junit
from tests.report.conftest import RULES, finding

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parent.parent / "data" / "junit-10.xsd"))


def suite(*arguments, **options):
    """The one test suite of a report that fits the schema and whose counts are right."""
    text = junit.render(*arguments, **options)
    SCHEMA.validate(text)
    (told,) = ET.fromstring(text)
    for name, tag in (
        ("tests", "testcase"),
        ("failures", ".//failure"),
        ("errors", ".//error"),
        ("skipped", ".//skipped"),
    ):
        assert int(told.get(name)) == len(told.findall(tag))
    return told


def kinds(told):
    """The name of each test case with the tags below it."""
    return {case.get("name"): [child.tag for child in case] for case in told.iter("testcase")}


def test_the_report_is_the_golden_one(result, golden):
    golden("check.junit.xml", junit.render(result, root="examples/digits/"))


def test_the_report_of_a_reproduction_is_the_golden_one(clean, reproduction, golden):
    golden("reproduce.junit.xml", junit.render(clean, reproduction))


def test_every_report_fits_the_schema_of_jenkins(result, clean, ignoring, reproduction):
    for told in (result, clean, ignoring):
        suite(told)
        suite(told, reproduction, "a/", fail_on="note", complete=True)


def test_every_rule_is_a_test_case_and_not_only_those_that_failed(result):
    assert kinds(suite(result)) == {
        "MET901 number-is-text in README.md": ["failure"],
        "WGT901 tensor-is-odd in model.safetensors": ["system-out"],
        "SEC901 name-is-hostile in evil\\x1b[2J\\u202e.txt": ["system-out"],
        "REC901 seed-missing": ["skipped"],
        "REC902 steps-missing": ["skipped"],
        "LIC901 licence-missing": [],
    }


@pytest.mark.parametrize(("fail_on", "failures"), [("error", 1), ("warning", 2), ("note", 3)])
def test_what_is_at_or_above_the_gate_is_a_failure(result, fail_on, failures):
    assert suite(result, fail_on=fail_on).get("failures") == str(failures)


def test_a_complete_check_fails_where_a_rule_could_not_look(result):
    assert suite(result, complete=True).get("failures") == "3"


def test_a_skipped_test_case_says_why(result, clean):
    assert (
        suite(result).find(".//skipped").get("message")
        == "not checked: recipe.yaml could not be read (SCH001)"
    )
    assert suite(clean).find(".//skipped").get("message") == "not applicable: the bundle has no *.safetensors"


def test_the_findings_of_a_rule_in_one_file_are_one_test_case(result):
    first = result.findings[0]
    three = (first, first, replace(first, spans=(Span("b.md"), Span("b.md"))))
    told = suite(replace(result, findings=three))
    assert told.get("failures") == "2"
    assert told.find(".//failure").get("message").endswith("has 0.89 (and 1 more)")
    assert told.find(".//failure").text.count("error[MET901]") == 2


def test_a_crashed_rule_is_an_error():
    crashed = replace(finding("LIC901", "crashed", [Place(".")], [Span(".")]), code="META001")
    told = suite(CheckResult("b", (crashed,), (Outcome("META001", "rule-crashed", "found", 1),)))
    assert (told.get("errors"), told.get("failures")) == ("1", "0")


def test_an_ignored_finding_passes_and_says_why(ignoring):
    cases = {case.get("name"): case for case in suite(ignoring, root="a/").iter("testcase")}
    assert cases["MET901 number-is-text"].findtext("system-out") == (
        "a/README.md:6:31: ignored by comment until 2026-12-31: the score is run again"
    )


def test_what_the_settings_did_is_told(ignoring):
    assert suite(ignoring).findtext("system-out") == "audit: 2 ignores of <the release>"


def test_a_rule_with_findings_of_both_kinds_is_two_test_cases(result, ignoring):
    both = replace(result, ignored=ignoring.ignored[:1])
    assert kinds(suite(both))["MET901 number-is-text, ignored"] == ["system-out"]


def test_claims_and_levels_are_test_cases(clean, reproduction):
    told = kinds(suite(clean, reproduction))
    assert told["claim test-accuracy of 0.9750"] == ["system-out"]
    assert told["claim test-f1 of 0.9990"] == ["failure"]
    assert told["claim train-loss of 0.01"] == ["skipped"]
    assert (told["L0 documented"], told["L1 evaluated"], told["L2 started"]) == ([], ["failure"], ["skipped"])


@given(st.text(st.characters()))
def test_any_text_of_a_bundle_comes_back_as_it_is_shown(text):
    odd = finding("LIC901", text, [Place("f")], [Span("f")], advice=text)
    told = suite(CheckResult(text, (odd,), (Outcome("LIC901", RULES["LIC901"].name, "found", 1),)))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff\ufffe\uffff]", told.find(".//failure").text)
