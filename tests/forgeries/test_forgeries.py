"""Every forgery is found by the rule that is meant for it, and honest bundles give no error."""

import pytest

from auditor.rules import load
from tests.forgeries.forging import HONEST, findings, forge, forgeries, lay
from tests.forgeries.table import FAMILIES


@pytest.mark.parametrize("forgery", forgeries(), ids=lambda forgery: f"{forgery.code}: {forgery.name}")
def test_a_forgery_is_found_by_its_rule(forgery, tmp_path):
    codes = {finding.code for finding in findings(forge(tmp_path / forgery.base, forgery))}
    assert forgery.code in codes


@pytest.mark.parametrize("base", HONEST)
def test_an_honest_bundle_gives_no_error(base, tmp_path):
    found = findings(lay(tmp_path / base, base))
    assert [(one.code, one.message) for one in found if one.level == "error"] == []


@pytest.mark.parametrize("base", HONEST)
def test_an_honest_bundle_gives_no_doubt_about_its_numbers(base, tmp_path):
    found = findings(lay(tmp_path / base, base))
    doubts = [one for one in found if one.code.startswith(FAMILIES) and one.level == "warning"]
    assert [(one.code, one.message) for one in doubts] == []


@pytest.mark.parametrize(
    "rule",
    [rule for rule in load().values() if rule.family in FAMILIES and rule.needs],
    ids=lambda rule: rule.code,
)
def test_a_rule_about_data_scores_or_claims_has_a_forgery(rule):
    assert rule.code in {forgery.code for forgery in forgeries()}


def test_names_of_forgeries_are_unique():
    names = [forgery.name for forgery in forgeries()]
    assert len(set(names)) == len(names)
