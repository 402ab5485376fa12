"""Every rule's Bad makes exactly that rule speak, and its Good none, over a bundle that is otherwise good."""

from pathlib import Path

import pytest

from auditor import rules
from auditor.rules import load
from auditor.rules.registry import FAMILIES, manual

# Those without needs are the engine's own; SEC209 asks another scanner, where that is wanted.
RULES = [rule for rule in load().values() if rule.needs and rule.code != "SEC209"]
# What is wrong with a pickle is told beside SEC004, which tells every pickle.
BESIDE = {f"SEC20{number}": {"SEC004"} for number in range(1, 7)}
BESIDE |= {code: {"SEC003"} for code in ("SEC006", "SEC007")}  # which tells all code that loading runs
BY_CODE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def test_the_whole_registry_is_silent_on_the_good_bundle(findings):
    assert findings() == ()


@BY_CODE
def test_bad_is_found_by_this_rule_and_no_other(rule, findings):
    codes = {finding.code for finding in findings(manual(rule).bad)}
    assert codes - BESIDE.get(rule.code, set()) == {rule.code}


@BY_CODE
def test_good_is_not_found_by_any_rule(rule, findings):
    assert findings(manual(rule).good) == ()


@BY_CODE
def test_a_finding_says_where_and_in_house_style(rule, findings):
    for finding in findings(manual(rule).bad):
        assert finding.spans[0].file
        assert not finding.message.endswith(".")
        assert finding.message[0] == "`" or not finding.message[0].isupper()


@BY_CODE
def test_only_impossible_and_inconsistent_numbers_are_errors(rule):
    if rule.klass in ("implausible", "unsupported"):
        assert rule.level != "error"


@BY_CODE
def test_a_manual_page_has_a_summary_a_reason_and_a_remedy(rule):
    page = manual(rule)
    assert page.summary.endswith(".")
    assert page.why
    assert page.fix


@BY_CODE
def test_a_rule_waits_only_for_rules_that_exist(rule):
    assert set(rule.after) <= set(load())


def test_every_family_that_is_named_has_a_rule():
    assert {rule.family for rule in load().values()} == set(FAMILIES)


def test_rules_are_ordered_by_family_and_code():
    codes = list(load())
    families = [load()[code].family for code in codes]
    assert list(dict.fromkeys(families)) == list(FAMILIES)
    assert codes == sorted(codes, key=lambda code: (families.index(load()[code].family), code))


def test_every_module_of_rules_is_listed():
    defining = {rule.run.__module__.removeprefix("auditor.rules.") for rule in load().values()}
    here = Path(rules.__file__).parent
    assert defining == set(rules.MODULES)
    assert {path.stem for path in here.glob("*.py") if "@rule(" in path.read_text()} <= defining | {
        "registry"
    }
