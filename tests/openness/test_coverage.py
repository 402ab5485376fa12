"""The published lists: their size, their form, and a way to look for every item."""

import re

import pytest

from auditor.openness.assessment import assess, coverage
from auditor.openness.components import by_name
from auditor.openness.coverage import LISTS, LOOKS, published

SIZES = {"fmti_2025": (100, 28), "eu_gpai": (39, 1), "neurips": (16, 2), "code_completeness": (5, 0)}
ITEMS = [(name, item) for name in LISTS for group in published(name)["groups"] for item in group["items"]]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_its_items_its_source_and_its_date(name):
    listed = published(name)
    items = [item for group in listed["groups"] for item in group["items"]]
    assert (len(items), sum("outside" in item for item in items)) == SIZES[name]
    assert len({item["name"] for item in items}) == len(items)
    assert listed["source"].startswith("https://")
    assert re.match(r"20\d\d", str(listed["date"]))


@pytest.mark.parametrize(
    ("name", "item"), ITEMS, ids=lambda one: one if isinstance(one, str) else one["name"]
)
def test_every_item_is_looked_for_or_marked_outside(name, item):
    assert ("look" in item) != ("outside" in item)
    for kind, asked in item.get("look", {}).items():
        assert kind in LOOKS
        assert kind == "all" or all(isinstance(word, str) and word for word in asked)
        if kind in ("section", "text", "file"):
            assert [word.lower() for word in asked] == asked
        if kind == "component":
            assert set(asked) <= set(by_name())


def test_the_domains_of_the_index_have_their_published_sizes():
    sizes = [len(group["items"]) for group in published("fmti_2025")["groups"]]
    assert sizes == [12, 3, 5, 9, 3, 2, 4, 4, 4, 5, 5, 8, 5, 7, 7, 4, 5, 5, 3]


def test_a_found_item_says_in_which_file_and_line(bundle):
    card = "---\nbase_model: a/b\n---\n# m\n\n## Energy\n\nTraining took 12 kWh on one card.\n"
    made = bundle({"README.md": card})
    items = {item.name: item for one in coverage(made, assess(made)) for item in one.items}
    energy = items["Energy usage for final training run"].where
    assert (energy.file, energy.line) == ("README.md", 8)
    assert items["Model dependencies"].where.line == 2


def test_a_short_phrase_is_met_as_a_whole_word_only(bundle):
    for text, state in (("It obeys the laws of flaws.", "missing"), ("It ran on AWS.", "found")):
        made = bundle({"README.md": f"# m\n\n{text}\n"})
        items = {item.name: item for one in coverage(made, assess(made)) for item in one.items}
        assert items["Compute provider"].state == state
