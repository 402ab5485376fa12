from dataclasses import replace

import pytest

from auditor.engine.run import CheckResult
from auditor.report import text


def test_the_report_is_the_golden_one(result, sources, golden):
    golden("check.txt", text.render(result, sources, color=False))


def test_the_report_of_a_reproduction_is_the_golden_one(clean, reproduction, golden):
    sources = {"fmaudit.yaml": "claims:\n- id: test-f1\n  value: '0.9990'\n"}
    golden("reproduce.txt", text.render(clean, sources, color=False, reproduction=reproduction))


def test_a_clean_bundle_is_one_calm_line(clean):
    report = text.render(clean, {}, color=False)
    assert report == "digits: nothing found (2 rules: 1 passed, 1 not applicable)\n"


def test_rules_that_could_not_look_keep_a_clean_line_from_claiming_too_much(result):
    unchecked = CheckResult("digits", (), result.outcomes[3:])
    report = text.render(unchecked, {}, color=False)
    assert report.startswith(
        "digits: nothing found in what could be checked (3 rules: 1 passed, 2 not checked)\n"
    )
    assert "  not checked: REC901, REC902: recipe.yaml could not be read (SCH001)\n" in report


def test_colours_change_nothing_but_colour(result, sources):
    import re

    colored = text.render(result, sources, color=True)
    assert "\x1b[1;31merror[MET901]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == text.render(result, sources, color=False)


def test_no_control_character_of_a_bundle_gets_through(result, sources):
    report = text.render(result, sources, color=False)
    assert "\x1b" not in report
    assert "\u202e" not in report
    assert "evil\\x1b[2J\\u202e.txt" in report


def test_what_is_ignored_is_listed_with_its_reason_and_its_end(ignoring):
    report = text.render(ignoring, {}, color=False)
    assert report.splitlines() == [
        (
            "digits: nothing found in what could be checked but what is ignored "
            "(6 rules: 1 passed, 3 found, 2 not checked)"
        ),
        "  ignored by comment: MET901 at README.md:6:31 until 2026-12-31: the score is run again",
        "  ignored by entry: WGT901 at model.safetensors: by <design> of @somebody",
        "  in the baseline: 1 finding: SEC901 1",
        "  not checked: REC901, REC902: recipe.yaml could not be read (SCH001)",
        "  audit: 2 ignores of <the release>",
    ]


def test_findings_ignored_by_one_entry_share_a_line(ignoring):
    many = replace(ignoring, ignored=ignoring.ignored[1:2] * 5, outcomes=())
    assert text.render(many, {}, color=False).splitlines()[1] == (
        "  ignored by entry: WGT901 at model.safetensors, model.safetensors, model.safetensors and 2 more: "
        "by <design> of @somebody"
    )


def test_a_finding_that_is_mended_for_sure_is_marked_and_counted(result):
    report = text.render(result, {}, color=False)
    assert "error[MET901] [*] number-is-text: " in report
    assert "note[SEC901] name-is-hostile: " in report
    assert "  fixable: 1 with `--fix` [*], 1 more with `--fix --unsafe-fixes`\n" in report


def test_a_fix_is_named_unless_the_help_says_the_same(result):
    report = text.render(result, {}, color=False)
    assert "= fix:" not in report
    assert "  = unsafe fix: take it away\n" in report


def test_statistics_stand_in_place_of_the_findings(result):
    twice = replace(result, findings=(*result.findings[:2], result.findings[1]))
    assert text.render(twice, {}, color=False, statistics=True).splitlines()[:4] == [
        "count  code    name            level    fixable",
        "    2  WGT901  tensor-is-odd   warning",
        "    1  MET901  number-is-text  error    [*] 1",
        "",
    ]


def test_the_column_of_fixes_is_left_out_where_there_are_none(result):
    few = replace(result, findings=result.findings[1:2])
    assert (
        text.render(few, {}, color=False, statistics=True).splitlines()[0]
        == "count  code    name           level"
    )


def test_statistics_of_a_clean_bundle_are_its_calm_line(clean):
    assert text.render(clean, {}, color=False, statistics=True) == text.render(clean, {}, color=False)


@pytest.mark.parametrize("name", ["::error::x", "  ::set-output name=a::b"])
def test_a_name_at_the_start_of_a_line_is_no_command_to_a_runner(clean, name):
    report = text.render(replace(clean, bundle=name), {}, color=False)
    assert not report.lstrip().startswith("::")
    assert "\\x3a:" in report


def test_the_manual_is_named_once_for_each_rule(result, sources):
    twice = CheckResult("digits", (*result.findings, *result.findings), result.outcomes)
    assert text.render(twice, sources, color=False).count("more: fmaudit rule MET901") == 1
