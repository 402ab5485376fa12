import pytest

from auditor.engine.select import Selection, chosen, find
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
    return [rule.code for rule in chosen(RULES, Selection(select or ("ALL",), ignore))]


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
        ("qqqqqqqqqq", "`fmaudit rule --all` lists the rules"),
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
