"""Model, loss and data that do not fit each other are told before a step is spent."""

import numpy as np
import pytest

from auditor.errors import CannotRun
from auditor.training.arrays import Arrays
from tests.training.tasks import KINDS, task_of

VECTORS = KINDS["cross-entropy"][1].inputs
TOKENS = KINDS["next token"][1].inputs
FRAMES = KINDS["ctc"][1].inputs
SEQUENCES = KINDS["ctc"][1].targets


def with_label(row, column, label):
    changed = SEQUENCES.copy()
    changed[row, column] = label
    return changed


@pytest.mark.parametrize(
    ("kind", "arrays", "told"),
    [
        (
            "cross-entropy",
            Arrays(VECTORS, np.full(20, 2)),
            "labels from 2 to 2, the model has classes 0 to 1",
        ),
        ("cross-entropy", Arrays(VECTORS, np.full(20, -1)), "labels from -1 to -1"),
        (
            "cross-entropy",
            Arrays(VECTORS, np.zeros((20, 2), np.int64)),
            "takes one label an example, it has 2",
        ),
        ("cross-entropy", Arrays(VECTORS, VECTORS[:, :1]), "its targets are not whole numbers"),
        ("contrastive", Arrays(VECTORS, np.full(20, -1)), "labels from -1 to -1"),
        ("mse", Arrays(VECTORS, VECTORS), "has 3 targets an example, the model has 2 outputs"),
        ("bce", Arrays(VECTORS, VECTORS[:, :2]), "takes targets of 0 and 1"),
        ("next token", Arrays(VECTORS[:, :3], np.zeros(20, np.int64)), "holds numbers, `gpt` takes tokens"),
        ("mse", Arrays(TOKENS[:, :3], TOKENS[:, :2]), "holds tokens, `mlp` takes numbers"),
        ("next token", Arrays(TOKENS, TOKENS, np.ones(6, np.int64)), "has 6 different characters, the model"),
        ("ctc", Arrays(FRAMES, np.ones(4, np.int64)), "takes sequences"),
        (
            "ctc",
            Arrays(FRAMES, with_label(0, 0, 0)),
            "symbols from 0 to 3, the model has 1 to 3; 0 is the blank",
        ),
        ("ctc", Arrays(FRAMES, with_label(0, 0, 4)), "symbols from 1 to 4"),
        ("ctc", Arrays(FRAMES, with_label(2, 2, 1)), "a symbol after -1"),
        ("ctc", Arrays(FRAMES[:, :9], SEQUENCES), "example 1 needs 4 frames for its symbols, it has 3"),
    ],
)
def test_targets_that_do_not_fit_are_refused_in_words(kind, arrays, told):
    with pytest.raises(CannotRun, match=told) as caught:
        task_of(kind, arrays)
    assert "split `" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "loss"),
    [("masked-cross-entropy", "cross-entropy"), ("next token", "masked-cross-entropy"), ("mse", "ctc")],
)
def test_a_loss_that_the_model_is_not_trained_with_is_refused(kind, loss):
    with pytest.raises(CannotRun, match=f"not trained with the loss `{loss}`") as caught:
        task_of(kind, loss={"kind": loss})
    assert "use `" in caught.value.help


def test_a_single_column_of_labels_and_a_label_as_a_number_fit():
    one_column = task_of("cross-entropy", Arrays(VECTORS, np.zeros((20, 1), np.int64)))
    assert one_column.splits["train"].targets.shape == (20,)
    one_number = task_of("huber", Arrays(VECTORS, np.zeros(20, np.int64)))
    assert one_number.splits["train"].targets.shape == (20, 1)
    assert one_number.splits["train"].targets.is_floating_point()
