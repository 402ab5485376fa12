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


def test_the_manual_is_named_once_for_each_rule(result, sources):
    twice = CheckResult("digits", (*result.findings, *result.findings), result.outcomes)
    assert text.render(twice, sources, color=False).count("more: fmaudit rule MET901") == 1
