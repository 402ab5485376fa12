import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from auditor.cli import run
from auditor.commands.output import colored, shown_root
from auditor.formats.report import Report
from auditor.shipped import schema_path

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
SARIF = json.loads((ROOT / "tests" / "data" / "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def told(capsys):
    """Runs `fmaudit check` and gives exit code, stdout and stderr."""

    def check(*arguments):
        code = run(["check", *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return check


@pytest.fixture
def broken(tmp_path):
    """A bundle with a syntax error in its card."""
    (tmp_path / "README.md").write_text("---\nlicense: [mit\n---\n# A model\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("example", "code"),
    [
        ("digits-cnn", 0),
        ("mnist-cnn", 0),
        ("digits-cnn-inflated", 0),
        ("digits-cnn-leaked", 0),
        ("digits-cnn-broken", 1),
    ],
)
def test_each_example_ends_with_its_exit_code(told, example, code):
    assert told(EXAMPLES / example)[0] == code


def test_an_honest_example_is_one_calm_line(told):
    code, out, err = told(EXAMPLES / "digits-cnn")
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    assert out.startswith("digits-cnn: nothing found (")


def test_the_broken_example_breaks_at_least_twelve_rules(told):
    findings = json.loads(told(EXAMPLES / "digits-cnn-broken", "--format", "json")[1])["findings"]
    assert len({finding["code"] for finding in findings}) >= 12


@pytest.mark.parametrize("example", ["digits-cnn", "digits-cnn-broken"])
def test_json_fits_its_published_schema_and_its_model(told, example):
    report = json.loads(told(EXAMPLES / example, "--format", "json")[1])
    jsonschema.validate(report, json.loads(schema_path("report").read_text(encoding="utf-8")))
    Report.model_validate(report)


@pytest.mark.parametrize("example", ["digits-cnn", "digits-cnn-broken"])
def test_sarif_fits_the_official_schema(told, example):
    log = json.loads(told(EXAMPLES / example, "--format", "sarif")[1])
    jsonschema.Draft4Validator(SARIF, format_checker=jsonschema.FormatChecker()).validate(log)


def test_json_is_the_same_from_any_folder_but_for_its_timing(told, monkeypatch):
    reports = []
    for folder, path in ((ROOT, "examples/digits-cnn-broken"), (EXAMPLES / "digits-cnn-broken", ".")):
        monkeypatch.chdir(folder)
        report = json.loads(told(path, "--format", "json")[1])
        assert list(report.pop("timing")) == ["seconds"]
        reports.append(report)
    assert reports[0] == reports[1]


@pytest.mark.parametrize("style", ["text", "sarif"])
def test_other_formats_are_the_same_to_the_byte(told, style):
    once, again = (told(EXAMPLES / "digits-cnn-broken", "--format", style) for _ in range(2))
    assert once == again


def test_every_format_has_the_same_exit_code(told, broken):
    assert {told(broken, "--format", style)[0] for style in ("text", "json", "sarif")} == {1}


def test_a_syntax_error_is_shown_where_it_stands(told, broken):
    out = told(broken, "--select", "SCH001", "--no-color")[1]
    assert out.startswith("error[SCH001] unreadable-document: ")
    assert "\n --> README.md:" in out
    assert " | " in out


def test_rules_that_could_not_look_are_counted_with_the_reason(told, broken):
    out = told(broken)[1]
    assert " not checked\n" in out
    assert "  not checked: " in out


def test_a_complete_check_fails_where_a_rule_could_not_look(told, broken):
    assert told(broken, "--ignore", "SCH001")[0] == 0
    assert told(broken, "--ignore", "SCH001", "--complete")[0] == 1


def test_the_gate_can_be_lowered(told, tmp_path):
    (tmp_path / "README.md").write_text("# A model\n", encoding="utf-8")
    report = json.loads(told(tmp_path, "--format", "json")[1])
    levels = {finding["level"] for finding in report["findings"]}
    assert "error" not in levels
    for fail_on in ("warning", "note"):
        stricter = {"warning": {"warning"}, "note": {"warning", "note"}}[fail_on]
        assert told(tmp_path, "--fail-on", fail_on)[0] == int(bool(levels & stricter))


def test_several_rules_are_named_with_commas_or_by_repetition(told):
    once = told(EXAMPLES / "digits-cnn", "--select", "SCH001,CARD")[1]
    assert told(EXAMPLES / "digits-cnn", "--select", "SCH001", "--select", "CARD")[1] == once


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no"),
        (lambda path: path.mkdir(), "empty"),
        (lambda path: path.write_text("x"), "folder"),
    ],
)
def test_what_is_no_bundle_could_not_be_checked(told, tmp_path, make, words):
    make(tmp_path / "bundle")
    code, out, err = told(tmp_path / "bundle")
    assert (code, out) == (4, "")
    assert err.startswith("error: ")
    assert words in err
    assert "  = help: " in err


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
@pytest.mark.parametrize("style", ["text", "json", "sarif"])
def test_a_hostile_file_name_reaches_no_terminal(told, broken, style):
    (broken / "evil\x1b[2J\u202e\n.yaml").write_text("[\x1b[31m")
    (broken / "model\x9b.safetensors").write_text("short")
    (broken / "README.md").write_text("---\nlicense: \x1b[31m[mit\n---\n", encoding="utf-8")
    out = told(broken, "--format", style, "--no-color")[1]
    assert not any(
        (char < " " and char != "\n") or "\x7f" <= char <= "\x9f" or char == "\u202e" for char in out
    )


def test_nothing_is_written_into_the_bundle(told, broken):
    before = {path: path.stat().st_mtime_ns for path in [broken, *broken.rglob("*")]}
    told(broken)
    assert {path: path.stat().st_mtime_ns for path in [broken, *broken.rglob("*")]} == before


def test_a_terminal_without_unicode_gets_escapes(broken):
    (broken / "数.safetensors").write_text("short")
    told = subprocess.run(
        [sys.executable, "-m", "auditor", "check", str(broken)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert told.returncode == 1
    assert b"\\u6570" in told.stdout


def test_a_bug_in_a_rule_ends_with_code_2_and_the_rest_of_the_report(told, broken, monkeypatch):
    from dataclasses import replace

    from auditor.engine import run as engine
    from auditor.rules import load

    def crashes(*documents):
        raise ZeroDivisionError

    rules = load()
    monkeypatch.setattr(engine, "load", lambda: {**rules, "SCH002": replace(rules["SCH002"], run=crashes)})
    code, out, _ = told(broken)
    assert code == 2
    assert "error[META001] rule-crashed: `SCH002` crashed: ZeroDivisionError" in out
    assert "error[SCH001]" in out


@pytest.mark.parametrize(
    ("typed", "root"),
    [
        ("examples/digits", "examples/digits/"),
        ("./examples/digits/", "examples/digits/"),
        (".", ""),
        ("../other", ""),
        ("/tmp/digits", ""),
        ("..digits", "..digits/"),
    ],
)
def test_paths_start_with_the_folder_as_typed_unless_that_depends_on_the_machine(typed, root):
    assert shown_root(typed) == root


@pytest.mark.parametrize(
    ("asked", "terminal", "environment", "expected"),
    [
        (None, True, {}, True),
        (None, False, {}, False),
        (None, True, {"NO_COLOR": "1"}, False),
        (None, True, {"NO_COLOR": ""}, True),
        (None, True, {"TERM": "dumb"}, False),
        (True, False, {"NO_COLOR": "1"}, True),
        (False, True, {}, False),
    ],
)
def test_colour_is_for_terminals_unless_asked_otherwise(monkeypatch, asked, terminal, environment, expected):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert colored(asked) is expected


@pytest.mark.parametrize(
    "arguments", [["check", ""], ["check", "x", "--select", ""], ["check", "x", "--ignore", ","]]
)
def test_an_empty_argument_is_wrong_usage_and_not_everything(arguments, capsys):
    assert run(arguments) == 2
    assert "is named" in capsys.readouterr().err
