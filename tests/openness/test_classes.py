"""Classes and progress, derived by hand from the 6, 10 and 14 components that they ask for."""

import pytest

from auditor.formats.manifest import Component as Names
from auditor.openness.classes import classify
from auditor.openness.components import COMPONENTS, by_id, by_name, numeral, rank

THREE = (9, 10, 12, 13, 14, 11)  # the ids that class III asks for, then those that II and I add
TWO = (*THREE, 7, 8, 18, 19)
ONE = (*TWO, 15, 16, 21, 24)


def without(ids, *left_out):
    return tuple(number for number in ids if number not in left_out)


@pytest.mark.parametrize(
    ("ids", "klass", "progress"),
    [
        ((), 0, (0, 0, 0)),
        (THREE, 3, (100, 60, 0)),  # 6 of 10
        (without(THREE, 11), 0, (100 * 5 / 6, 0, 0)),
        ((*without(THREE, 11), 21), 3, (100, 60, 0)),  # the paper stands for the report
        ((11,), 0, (100 / 6, 0, 0)),  # the tool counts 2 of 6 where the paper is there too: its slip
        ((11, 21), 0, (100 / 6, 0, 0)),
        (without(TWO, 19), 3, (100, 90, 0)),
        (TWO, 2, (100, 100, 100 * 10 / 14)),
        ((*without(TWO, 11), 21), 2, (100, 100, 100 * 10 / 13)),
        (ONE, 1, (100, 100, 100)),
        (without(ONE, 11), 1, (100, 100, 100)),  # 13 of 13
        (without(ONE, 21), 2, (100, 100, 100 * 13 / 14)),
        (without(ONE, 24), 2, (100, 100, 100 * 13 / 14)),
        (without(ONE, 11, 24), 2, (100, 100, 100 * 12 / 13)),
        (without(ONE, 9), 0, (100 * 5 / 6, 0, 0)),  # nothing above counts until class III is complete
        (tuple(component.id for component in COMPONENTS), 1, (100, 100, 100)),
        (without(ONE, 15), 2, (100, 100, 100 * 13 / 14)),
    ],
)
def test_class_and_progress_follow_from_the_components_in_both_profiles(ids, klass, progress):
    for profile in ("mot", "spec"):
        standing = classify(dict.fromkeys(ids, ("OpenMDW-1.0",)), profile)
        assert standing.klass == klass
        assert [standing.progress[level] for level in (3, 2, 1)] == pytest.approx(progress)


@pytest.mark.parametrize(
    ("licence", "profile", "klass"),
    [
        ("", "mot", 2),
        ("", "spec", 1),
        ("CC-BY-NC-4.0", "mot", 2),
        ("CC-BY-NC-4.0", "spec", 1),
        ("CC-BY-4.0", "mot", 1),
        ("CC-BY-4.0", "spec", 1),
    ],
)
def test_the_profiles_differ_in_the_licence_of_data_sets_alone(licence, profile, klass):
    licences = dict.fromkeys(ONE, ("OpenMDW-1.0",)) | {15: (licence,)}
    assert classify(licences, profile).klass == klass


@pytest.mark.parametrize("number", [number for number in ONE if number not in (11, 15, 21)])
def test_every_other_component_must_be_open_in_both_profiles(number):
    for profile in ("mot", "spec"):
        licences = dict.fromkeys(ONE, ("MIT",)) | {number: ("llama3",)}
        lacks = classify(licences, profile).lacks[1]
        assert [(lack.component.id, lack.reason, lack.licence) for lack in lacks] == [
            (number, "not open", "llama3")
        ]


def test_of_several_licences_of_one_component_the_most_restrictive_counts():
    licences = dict.fromkeys(THREE, ("MIT",)) | {10: ("MIT", "CC-BY-NC-4.0")}
    assert classify(licences).klass == 0


def test_a_paper_that_is_not_open_does_not_stand_for_the_report():
    licences = dict.fromkeys(without(THREE, 11), ("MIT",)) | {21: ("",)}
    assert {lack.component.id for lack in classify(licences).lacks[3]} == {11}


def test_a_class_says_which_one_comes_next():
    assert classify({}).next == 3
    assert classify(dict.fromkeys(ONE, ("MIT",))).next == 0


def test_the_components_are_those_of_the_manifest_by_name_and_number():
    assert set(by_name()) == set(Names.__args__)
    assert len(by_id()) == len(COMPONENTS) == 17
    assert [numeral(klass) for klass in (3, 2, 1, 0)] == ["III", "II", "I", ""]
    assert rank(1) > rank(2) > rank(3) > rank(0)
