import shutil
from pathlib import Path

import pytest

from auditor.bundle import Bundle
from auditor.engine.numbers import numbers

HONEST = Path(__file__).parent.parent / "forgeries" / "honest"


@pytest.fixture
def trainer(tmp_path):
    return Path(shutil.copytree(HONEST / "trainer", tmp_path / "trainer"))


def at(found, line, name):
    return next(one for one in found if (one.span.file, one.span.line, one.name) == ("README.md", line, name))


def test_a_number_names_the_places_that_say_the_same(trainer):
    found = numbers(Bundle.open(trainer), isolate=False)
    accuracy = at(found, 47, "accuracy")
    assert [(span.file, span.line) for span in accuracy.supported] == [
        ("README.md", 28),
        ("README.md", 83),
        ("all_results.json", 3),
        ("eval_results.json", 3),
        ("trainer_state.json", 59),
    ]
    assert accuracy.contradicted == ()


def test_a_forged_number_names_the_rules_that_it_contradicts(trainer):
    card = trainer / "README.md"
    card.write_text(card.read_text().replace("- Accuracy: 0.9167", "- Accuracy: 0.9567"))
    found = numbers(Bundle.open(trainer), isolate=False)
    assert "CLM004" in {one.code for one in at(found, 47, "accuracy").contradicted}
    assert at(found, 48, "precision").contradicted == ()
    assert at(found, 28, "accuracy").contradicted


def test_numbers_stand_in_the_order_of_their_places(trainer):
    places = [(one.span.file, one.span.line, one.span.column) for one in numbers(Bundle.open(trainer))]
    assert places == sorted(set(places))


def test_scores_and_quantities_are_both_there(trainer):
    assert {one.kind for one in numbers(Bundle.open(trainer))} == {"score", "quantity"}


def test_a_bundle_without_numbers_has_none(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    assert numbers(Bundle.open(tmp_path)) == ()
