import re
from dataclasses import replace

from auditor.model import Place, Span
from auditor.report import concise
from tests.report.conftest import finding


def test_the_report_is_the_golden_one(result, golden):
    golden("check.concise.txt", concise.render(result, root="examples/digits/"))


def test_a_finding_is_one_line_that_an_editor_can_jump_to(result):
    first, second, *_ = concise.lines(result.findings)
    assert first == (
        "README.md:6:31: error[MET901] [*] number-is-text: `value` is text, and another file has 0.89"
    )
    assert re.match(r"(.+?):(\d+):(\d+): (error|warning|note)\[([A-Z]+\d{3})\]", first)
    assert second.startswith("model.safetensors: warning[WGT901] ")


def test_the_bundle_itself_is_named_as_it_was_typed():
    missing = finding("LIC901", "no licence", [Place(".")], [Span(".")])
    assert concise.lines([missing], "a/b/") == ["a/b: error[LIC901] licence-missing: no licence"]
    assert concise.lines([missing]) == [".: error[LIC901] licence-missing: no licence"]


def test_it_ends_as_text_does(result, reproduction):
    printed = concise.render(result, reproduction).splitlines()
    assert printed[-3:] == [
        "6 rules: 1 passed, 3 found (1 error, 1 warning, 1 note), 2 not checked",
        "  fixable: 1 with `--fix` [*], 1 more with `--fix --unsafe-fixes`",
        "  not checked: REC901, REC902: recipe.yaml could not be read (SCH001)",
    ]
    assert printed[-4] == "level reached: L0"


def test_a_file_name_is_no_command_to_a_runner(result):
    odd = replace(result.findings[2], spans=(Span("::stop-commands::x"),))
    assert concise.lines([odd])[0].startswith("\\x3a:stop-commands::x: note[SEC901]")


def test_statistics_stand_in_place_of_the_findings(result):
    printed = concise.render(result, statistics=True).splitlines()
    assert printed[0].split() == ["count", "code", "name", "level", "fixable"]
    assert len(printed) == 4 + 3
