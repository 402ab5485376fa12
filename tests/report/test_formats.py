"""All formats from one report: the same findings, the same levels."""

import json
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from auditor.report import sarif
from auditor.report.formats import FORMATS, render, spans
from auditor.report.levels import WORDS, at_or_above
from tests.report.conftest import RULES

BACK = {word: level for level, words in WORDS.items() for word in (level, words.github, words.gitlab)}
CODE = r"([A-Z]+\d{3})"


def text(report):
    return [
        (code, level) for level, code in re.findall(rf"^(error|warning|note)\[{CODE}\]", report, re.MULTILINE)
    ]


def concise(report):
    return [(code, level) for level, code in re.findall(rf": (error|warning|note)\[{CODE}\]", report)]


def github(report):
    return [
        (code, BACK[word]) for word, code in re.findall(rf"^::(\w+) .*title={CODE} ", report, re.MULTILINE)
    ]


def junit(report):
    """Everything fails here: the level is the type of the failure."""
    cases = ET.fromstring(report).iter("testcase")
    return [(case.get("name").split()[0], one.get("type")) for case in cases for one in case.iter("failure")]


READERS = {
    "text": text,
    "concise": concise,
    "json": lambda report: [(one["code"], one["level"]) for one in json.loads(report)["findings"]],
    "sarif": lambda report: [
        (one["ruleId"], one["level"]) for one in json.loads(report)["runs"][0]["results"]
    ],
    "github": github,
    "gitlab": lambda report: [(one["check_name"], BACK[one["severity"]]) for one in json.loads(report)],
    "junit": junit,
    "markdown": lambda report: [
        (code, level)
        for level, code in re.findall(rf"^\| (error|warning|note) \| {CODE} ", report, re.MULTILINE)
    ],
}


def test_every_format_is_read_here():
    assert tuple(READERS) == FORMATS


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_tells_the_same_findings_with_the_same_levels(style, result, sources, monkeypatch):
    monkeypatch.setattr(sarif, "load", lambda: RULES)
    report = render(style, result, sources, root="a/", fail_on="note")
    assert READERS[style](report) == [("MET901", "error"), ("WGT901", "warning"), ("SEC901", "note")]


@pytest.mark.parametrize("style", FORMATS)
def test_no_format_sends_what_a_terminal_or_a_log_obeys(style, result, sources, monkeypatch):
    from dataclasses import replace

    monkeypatch.setattr(sarif, "load", lambda: RULES)
    odd = replace(
        result.findings[2], message="##[set-output name=a]b and ##vso[task.setvariable variable=a]b"
    )
    report = render(style, replace(result, bundle="::add-path::/x", findings=(odd,)), sources)
    assert not any(ord(char) < 0x20 and char != "\n" for char in report)
    assert "\u202e" not in report
    assert "##[" not in report
    assert "##vso[" not in report
    lines = [line.lstrip() for line in report.splitlines()]
    assert [line for line in lines if line.startswith("::") and not line.startswith("::notice file=")] == []


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_ends_in_one_newline_and_is_the_same_again(style, result, sources, monkeypatch):
    monkeypatch.setattr(sarif, "load", lambda: RULES)
    report = render(style, result, sources)
    assert report.endswith("\n")
    assert not report.endswith("\n\n")
    assert render(style, result, sources) == report


def test_levels_fail_at_or_above_the_gate():
    assert [at_or_above(level, "warning") for level in ("note", "warning", "error")] == [False, True, True]


def test_spans_are_those_of_findings_and_of_what_is_ignored(result, ignoring, reproduction):
    assert list(spans(ignoring)) == list(spans(result))
    assert len(list(spans(result, reproduction))) == len(list(spans(result))) + 3


@pytest.mark.parametrize("style", FORMATS)
def test_only_the_format_that_is_asked_for_is_loaded(style):
    code = (
        "import sys; from auditor.report.formats import render; from auditor.engine.run import CheckResult;"
        f"render({style!r}, CheckResult('b', (), ()), {{}});"
        "print(*(n.rpartition('.')[2] for n in sys.modules if n.startswith('auditor.report.')),"
        "*(n for n in sys.modules if n in ('xml', 'html', 'tempfile', 'jsonschema', 'rich')))"
    )
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    needed = {"gitlab": {"json"}, "sarif": {"json"}, "github": {"concise"}, "junit": {"concise"}}.get(
        style, set()
    )
    assert loaded & {*FORMATS, "xml", "html", "tempfile", "jsonschema", "rich"} == {style} | needed
