import json

import jsonschema
import pytest

from auditor.formats.report import Report
from auditor.report import json as report


def test_the_report_is_the_golden_one(result, sources, golden):
    golden("check.json", report.render(result, sources, {"seconds": 0.25}))


def test_the_report_of_a_reproduction_is_the_golden_one(clean, reproduction, golden):
    golden("reproduce.json", report.render(clean, {}, {"seconds": 60.0}, reproduction))


def test_every_report_fits_its_model_and_its_schema(result, ignoring, reproduction):
    schema = Report.model_json_schema(by_alias=True)
    for told in (
        report.report(ignoring, {}),
        report.report(result, {}),
        report.report(result, {}, {"seconds": 1.5}, reproduction),
    ):
        Report.model_validate(told, strict=True)
        jsonschema.validate(told, schema)


def test_a_binary_file_has_no_line(result):
    span = report.report(result, {})["findings"][1]["spans"][0]
    assert span == {
        "file": "model.safetensors",
        "line": None,
        "column": None,
        "end_line": None,
        "end_column": None,
        "path": ["conv1.weight"],
        "label": "",
    }


def test_a_check_has_no_claims_and_no_level(result):
    told = report.report(result, {})
    assert (told["claims"], told["level"], told["recipe"], told["environment"], told["data"]) == (
        [],
        None,
        None,
        {},
        {},
    )


def test_a_number_that_is_not_finite_becomes_null(clean, reproduction):
    assert report.report(clean, {}, {}, reproduction)["claims"][0]["statistics"]["t"] is None


def test_text_of_a_bundle_comes_back_unchanged_but_reaches_no_terminal(result):
    printed = report.render(result, {})
    assert printed.isascii()
    assert not any(ord(char) < 0x20 and char != "\n" for char in printed)
    assert json.loads(printed)["findings"][2]["spans"][0]["file"] == "evil\x1b[2J\u202e.txt"


@pytest.mark.parametrize("char", ["\x7f", "\x9b", "\ud800"])
def test_odd_characters_are_escaped(char):
    printed = report.dumps({"key": char})
    assert char not in printed
    assert json.loads(printed) == {"key": char}


def test_an_ignored_finding_is_listed_with_who_ignored_it_and_why(ignoring, sources):
    told = report.report(ignoring, sources)
    assert told["findings"] == []
    (first, *_) = told["ignored"]
    assert first["finding"]["code"] == "MET901"
    assert (first["how"], first["reason"], first["until"]) == (
        "comment",
        "the score is run again",
        "2026-12-31",
    )
    assert (first["by"]["file"], first["by"]["line"]) == ("README.md", 5)
    assert told["ignored"][1]["until"] is None


def test_a_finding_keeps_its_identity_when_another_is_ignored(result, ignoring, sources):
    names = [finding["id"] for finding in report.report(result, sources)["findings"]]
    assert [one["finding"]["id"] for one in report.report(ignoring, sources)["ignored"]] == names


def test_an_order_to_a_ci_service_comes_back_unchanged_but_is_none_in_the_log():
    printed = report.dumps({"##[set-env name=A]": "\\##vso[task.setvariable]"})
    assert "##[" not in printed
    assert "##vso[" not in printed
    assert json.loads(printed) == {"##[set-env name=A]": "\\##vso[task.setvariable]"}


def test_a_fix_lists_its_edits(result):
    first, second, third = (one["fix"] for one in report.report(result, {})["findings"])
    where = {"file": "README.md", "line": 6, "column": 31, "end_line": 6, "end_column": 35}
    assert first == {"title": "write `1.0e-1`", "safety": "safe", "edits": [{**where, "text": "1.0e-1"}]}
    assert second is None
    assert third["safety"] == "unsafe"


def test_the_settings_and_what_they_did_are_told(ignoring):
    told = report.report(ignoring, {})
    assert told["remarks"] == ["audit: 2 ignores of <the release>"]
    assert told["settings"]["profile"] == "audit"
    assert told["settings"]["fail_on"] == "error"
