import json

import pytest

from auditor.cli import run
from auditor.report.verdicts import RULES
from auditor.rules import load


@pytest.mark.parametrize("word", ["META001", "meta001", "rule-crashed"])
def test_a_rule_is_explained_by_code_or_name(word, capsys):
    assert run(["rule", word]) == 0
    page = capsys.readouterr().out
    assert page.startswith("META001 rule-crashed\nerror · sure · the check itself\n")
    assert [line for line in page.splitlines() if line in ("Why", "Bad", "Good", "Fix")] == [
        "Why",
        "Bad",
        "Good",
        "Fix",
    ]


def test_verdicts_have_manual_pages_too(capsys):
    assert run(["rule", "VER001"]) == 0
    assert "claim-not-reproduced" in capsys.readouterr().out


def test_an_unknown_rule_names_its_near_misses(capsys):
    assert run(["rule", "rule-crashd"]) == 2
    assert capsys.readouterr().err == "error: `rule-crashd` is no rule\n  = help: similar: `rule-crashed`\n"


def test_one_rule_and_all_of_them_cannot_be_asked_for_at_once(capsys):
    assert run(["rule", "META001", "--all"]) == 2
    assert "give the code or name of one rule, or --all" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--all"]])
def test_all_rules_are_listed_one_a_line(arguments, capsys):
    assert run(["rule", *arguments]) == 0
    codes = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert codes == [*load(), *RULES]


@pytest.mark.parametrize(("word", "start"), [("card", "CARD"), ("CARD10", "CARD10"), ("ver", "VER")])
def test_a_family_or_the_beginning_of_a_code_lists_its_rules(word, start, capsys):
    assert run(["rule", word]) == 0
    codes = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert codes == [code for code in {**load(), **RULES} if code.startswith(start)]


def test_a_list_of_one_family_as_json_is_a_list(capsys):
    assert run(["rule", "ver", "--format", "json"]) == 0
    assert [page["code"] for page in json.loads(capsys.readouterr().out)] == [*RULES]


def test_all_rules_are_listed_as_a_markdown_table(capsys):
    assert run(["rule", "--all", "--format", "markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["| code | name | level | what it finds |", "|---|---|---|---|"]
    assert len(lines) == 2 + len(load()) + len(RULES)


def test_all_rules_are_listed_as_json(capsys):
    assert run(["rule", "--all", "--format", "json"]) == 0
    assert [page["code"] for page in json.loads(capsys.readouterr().out)] == [*load(), *RULES]


@pytest.mark.parametrize("style", ["text", "markdown", "json"])
@pytest.mark.parametrize("code", [*load(), *RULES])
def test_every_rule_has_a_page_in_every_format(code, style, capsys):
    assert run(["rule", code, "--format", style]) == 0
    page = capsys.readouterr().out
    assert code in page
    if style == "json":
        values = json.loads(page)
        assert all(values[part] for part in ("summary", "why", "bad", "good", "fix"))
