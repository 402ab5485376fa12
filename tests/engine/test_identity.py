from dataclasses import replace

from auditor.engine.identity import identities
from auditor.model import Finding, Place, Span

FINDING = Finding(
    "MET901", "n", "error", "sure", None, "m", "", (Place("a", ("k",)),), (Span("a", 1, 4, 1, 5),)
)


def identity(finding, text):
    return identities([finding], {"a": text})[0]


def test_lines_inserted_above_do_not_change_it():
    moved = replace(FINDING, spans=(Span("a", 3, 4, 3, 5),))
    assert identity(moved, "\n\nk: 1") == identity(FINDING, "k: 1")


def test_a_new_message_does_not_change_it():
    assert identity(replace(FINDING, message="better words"), "k: 1") == identity(FINDING, "k: 1")


def test_another_value_key_file_or_rule_changes_it():
    others = [
        identity(FINDING, "k: 2"),
        identity(replace(FINDING, places=(Place("a", ("j",)),)), "k: 1"),
        identity(replace(FINDING, code="MET902"), "k: 1"),
        identity(replace(FINDING, spans=(Span("b", 1, 4, 1, 5),)), "k: 1"),
    ]
    assert len({identity(FINDING, "k: 1"), *others}) == 5


def test_equals_are_told_apart_by_an_ordinal():
    first, second = identities([FINDING, FINDING], {"a": "k: 1"})
    assert (first[-2:], second[-2:]) == (":1", ":2")
    assert first[:-2] == second[:-2]


def test_a_value_over_several_lines_is_part_of_it_as_a_whole():
    finding = replace(FINDING, spans=(Span("a", 1, 4, 2, 3),))
    assert identity(finding, "k: [\n1]") != identity(finding, "k: [\n2]")
