"""REC008: listed seeds that somebody picked; those that count from 0 or 1 left nobody a choice."""

import pytest
import yaml

from auditor.formats.derivation import derived_seeds, recipe_digest
from auditor.readers.yaml import read_yaml

PICKED = ["[0, 1, 2, 1337]", "[0, 1, 2, 4]", "[2, 1, 0, 99, 98]"]


@pytest.mark.parametrize("seeds", PICKED)
def test_picked_seeds_are_noted(seeds, messages):
    said = messages("REC008", f"# recipe.yaml\nseeds: {{values: {seeds}}}\n")
    assert said == ["the seeds are listed, so that they could be chosen"]


@pytest.mark.parametrize("seeds", ["[0, 1, 2]", "[2, 0, 1]", "[0, 1, 2, 3]", "[]", "[0, one, 2]"])
def test_seeds_that_count_are_not(seeds, messages):
    assert messages("REC008", f"# recipe.yaml\nseeds: {{values: {seeds}}}\n") == []


def test_derived_seeds_are_not(messages):
    assert messages("REC008", "# recipe.yaml\nseeds: {values: null, derive: 3}\n") == []


def test_the_remedy_names_the_seeds_that_the_mended_recipe_derives(good, findings):
    (finding,) = [
        one for one in findings("# recipe.yaml\nseeds: {values: [0, 1, 2, 77]}\n") if one.code == "REC008"
    ]
    stated = read_yaml("recipe.yaml", (good / "recipe.yaml").read_text()).value
    mended = read_yaml("recipe.yaml", yaml.safe_dump({**stated, "seeds": {"derive": 4}}))
    seeds = ", ".join(map(str, derived_seeds(recipe_digest(mended.value), 4)))
    assert seeds in finding.help
