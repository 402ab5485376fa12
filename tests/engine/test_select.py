from dataclasses import replace

import pytest

from auditor.engine.select import chosen, find, of_set
from auditor.engine.settings import EVERYTHING, Settings
from auditor.errors import UsageError
from auditor.model import Rule

RULES = {
    code: Rule(code, name, "error", "sure", None, ("card",), (), lambda _: iter(()))
    for code, name in (
        ("CARD001", "card-missing"),
        ("MET101", "value-out-of-range"),
        ("MET214", "number-is-text"),
        ("META001", "rule-crashed"),
    )
}


def codes(*select, ignore=()):
    return [rule.code for rule in chosen(RULES, Settings(select or ("ALL",), ignore))]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("ALL",), [*RULES]),
        (("MET214",), ["MET214"]),
        (("met214",), ["MET214"]),
        (("MET2",), ["MET214"]),
        (("number-is-text",), ["MET214"]),
        (("MET214", "card"), ["CARD001", "MET214"]),
        (("MET",), ["MET101", "MET214"]),
        (("META",), ["META001"]),
    ],
)
def test_rules_are_selected_by_code_family_prefix_and_name(words, expected):
    assert codes(*words) == expected


def test_what_is_ignored_is_left_out_even_where_selected():
    assert codes("MET", ignore=("value-out-of-range",)) == ["MET214"]


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("MET215", "similar: `MET214`"),
        ("number-is-txt", "similar: `number-is-text`"),
        ("crad", "similar: `CARD`"),
        ("qqqqqqqqqq", "`fmaudit rule` lists the rules"),
    ],
)
def test_an_unknown_word_names_its_near_misses(word, advice):
    with pytest.raises(UsageError) as caught:
        codes(word)
    assert caught.value.what == f"`{word}` is no rule or family"
    assert caught.value.where == "--select"
    assert advice in caught.value.help


def test_a_selection_that_leaves_nothing_is_refused():
    with pytest.raises(UsageError, match="no rule is left"):
        codes("MET214", ignore=("ALL",))


@pytest.mark.parametrize("word", ["MET214", "met214", "number-is-text", "Number-Is-Text"])
def test_a_rule_is_found_by_code_or_name(word):
    assert find(RULES, word).code == "MET214"


def test_a_family_is_not_one_rule():
    with pytest.raises(UsageError):
        find(RULES, "MET")


def with_rules(**changes):
    rules = {**RULES, "MET300": replace(RULES["MET214"], code="MET300", name="newer", since="2026.2")}
    return {code: replace(rule, **changes.get(code, {})) for code, rule in rules.items()}


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("draft", {"CARD001", "META001"}),
        ("release", {"CARD001", "MET214", "META001", "MET300"}),
        ("audit", {"CARD001", "MET101", "MET214", "META001", "MET300"}),
    ],
)
def test_a_profile_runs_what_suits_it(profile, expected):
    rules = with_rules(
        MET101={"certainty": "hint"}, MET214={"certainty": "likely"}, MET300={"level": "warning"}
    )
    assert {rule.code for rule in chosen(rules, Settings(profile=profile))} == expected


@pytest.mark.parametrize("word", ["MET101", "value-out-of-range"])
def test_a_rule_that_is_named_runs_in_every_profile(word):
    rules = with_rules(MET101={"certainty": "hint", "level": "note"})
    assert [rule.code for rule in chosen(rules, Settings((word,), profile="draft"))] == ["MET101"]


def test_a_rule_set_holds_what_had_entered_with_it():
    rules = with_rules(META001={"since": "2026.2"})
    assert "MET300" in of_set(rules, "2026.2")
    assert of_set(rules, "2026.1").keys() == RULES.keys()
    assert [r.code for r in chosen(rules, Settings(("MET",), rules="2026.1"))] == ["MET101", "MET214"]


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        (Settings(("MET300",), rules="2026.1"), "entered after the rule set 2026.1"),
        (Settings(("MET",), profile="draft"), "`--for audit` runs every rule"),
        (Settings(("MET",), ("MET",)), "`fmaudit rule` lists the rules"),
    ],
)
def test_what_leaves_nothing_is_named(settings, advice):
    rules = with_rules(**{code: {"certainty": "likely"} for code in ("MET101", "MET214", "MET300")})
    with pytest.raises(UsageError) as caught:
        chosen(rules, settings)
    assert advice in caught.value.help


def test_everything_is_everything():
    rules = with_rules(MET101={"certainty": "hint"})
    assert len(chosen(rules, EVERYTHING)) == len(rules)
