"""Scores of every kind of task against other implementations of the same metric."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, mean_absolute_error, mean_squared_error, r2_score
from torch.nn import functional

from auditor.training.evaluate import best_path, evaluate
from auditor.training.score import LOWER_IS_BETTER, UNITS, Score
from auditor.training.session import Session
from tests.training.tasks import KINDS, task_of


def scored(kind, batch_size=512, double=False, seed=1, **change):
    task = task_of(kind, **change)
    model = task.initial_model(seed)
    return task, model, evaluate(task, model, task.splits["test"], batch_size, double=double)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"contrastive"}))
def test_the_batch_size_changes_nothing_but_rounding(kind):
    _, _, whole = scored(kind, double=True)
    _, _, small = scored(kind, batch_size=3, double=True)
    assert small.correct == whole.correct
    assert small.loss == pytest.approx(whole.loss, rel=1e-12)
    assert small.metrics == pytest.approx(whole.metrics, rel=1e-12)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_single_and_double_precision_agree(kind):
    _, _, single = scored(kind)
    _, _, double = scored(kind, double=True)
    assert single.loss == pytest.approx(double.loss, rel=1e-5)
    assert single.metrics == pytest.approx(double.metrics, rel=1e-4)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_run_of_every_kind_learns_and_repeats_itself(kind):
    task = task_of(kind, training={"epochs": 30, "batch_size": 4})
    first, again = Session(task, 1), Session(task, 1)
    losses = []
    while not first.ended:
        losses.append(float(first.advance()))
        assert losses[-1] == float(again.advance())
    assert np.mean(losses[-5:]) < np.mean(losses[:5])


def test_a_score_of_labels_is_that_of_scikit_learn():
    task, model, score = scored("cross-entropy", double=True)
    inputs, labels = task.splits["test"].inputs.double(), task.splits["test"].targets
    logits = model(inputs).detach()
    predicted = logits.argmax(1)
    assert list(score.correct) == (predicted == labels).int().tolist()
    assert score.value("accuracy", "percent") == pytest.approx(100 * (predicted == labels).double().mean())
    assert score.confidence == pytest.approx(float(logits.softmax(1).amax(1).mean()))
    for average in ("binary", "micro", "macro", "weighted"):
        expected = f1_score(labels, predicted, average=average, zero_division=0)
        assert score.value("f1", "proportion", average) == pytest.approx(expected, abs=1e-15)
    loss = float(functional.cross_entropy(logits, labels))
    assert score.value("perplexity", "score") == pytest.approx(math.exp(loss))


def test_label_smoothing_is_part_of_the_loss_and_of_nothing_else():
    task, model, score = scored(
        "cross-entropy", loss={"kind": "cross-entropy", "label_smoothing": 0.2}, double=True
    )
    split = task.splits["test"]
    logits = model(split.inputs.double()).detach()
    smoothed = float(functional.cross_entropy(logits, split.targets, label_smoothing=0.2))
    assert score.value("loss", "nats") == pytest.approx(smoothed)
    plain = float(functional.cross_entropy(logits, split.targets))
    assert score.value("perplexity", "score") == pytest.approx(math.exp(plain))


def test_a_score_of_numbers_is_that_of_scikit_learn():
    task, model, score = scored("mse", double=True)
    targets = task.splits["test"].targets.double()
    predicted = model(task.splits["test"].inputs.double()).detach()
    assert score.value("mse", "score") == pytest.approx(mean_squared_error(targets, predicted))
    assert score.value("loss", "score") == pytest.approx(mean_squared_error(targets, predicted))
    assert score.value("mae", "score") == pytest.approx(mean_absolute_error(targets, predicted))
    assert score.value("r2", "score") == pytest.approx(r2_score(targets, predicted))
    assert score.value("accuracy", "proportion") is None
    assert score.value("loss", "nats") is None
    assert set(score.measured_by) == {"mse", "mae", "r2"}
    assert all(library.startswith("torchmetrics ") for library in score.measured_by.values())


def test_every_yes_or_no_counts():
    task, model, score = scored("bce")
    said = model(task.splits["test"].inputs) > 0
    targets = task.splits["test"].targets > 0
    assert score.n == 20
    assert score.n_items == 40
    assert score.n_correct == int((said == targets).sum())
    for average in ("micro", "macro", "weighted"):
        assert score.value("f1", "percent", average) == pytest.approx(
            100 * f1_score(targets, said, average=average, zero_division=0)
        )


def test_a_text_is_scored_token_by_token_and_byte_by_byte():
    from torchmetrics.functional.text import perplexity

    task, model, score = scored("next token")
    split = task.splits["test"]
    logits = model(split.inputs).detach()
    assert (score.n, score.n_items) == (6, 48)
    assert score.confidence is None
    assert score.value("perplexity", "score") == pytest.approx(
        float(perplexity(logits, split.targets)), rel=1e-5
    )
    bits = -logits.log_softmax(-1).gather(2, split.targets.unsqueeze(2)).sum() / math.log(2)
    n_bytes = sum([1, 1, 2, 3, 4][token] for token in split.targets.flatten().tolist())
    assert score.value("bits_per_byte", "bits_per_byte") == pytest.approx(float(bits) / n_bytes, rel=1e-5)


def test_only_masked_tokens_are_scored_and_they_are_no_code_of_the_text():
    _, _, score = scored("masked-cross-entropy")
    assert (score.n, score.n_items) == (6, 6)  # 15 % of eight tokens is one
    assert score.value("bits_per_byte", "bits_per_byte") is None
    assert "left to right" in score.why_not("bits_per_byte", "bits_per_byte")


def test_the_best_path_leaves_out_repeats_and_blanks():
    frames = torch.tensor([[0, 1, 1, 0, 1, 2, 2], [3, 3, 3, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0]])
    assert best_path(functional.one_hot(frames, 4).float()) == [[1, 1, 2], [3], []]


def test_dropout_is_no_part_of_an_evaluation():
    model = KINDS["next token"][0]
    with_dropout = model | {"parameters": model["parameters"] | {"dropout": 0.5}}
    assert scored("next token", model=with_dropout)[2] == scored("next token")[2]


def test_a_step_with_dropout_can_be_done_again():
    model = KINDS["next token"][0]
    task = task_of("next token", model=model | {"parameters": model["parameters"] | {"dropout": 0.3}})
    run = Session(task, 1)
    run.advance()
    kept = {name: tensor.clone() for name, tensor in run.tensors().items()}
    torch.rand(3)  # what others draw does not matter
    loss = float(run.advance())
    again = Session(task, 1)
    again.load(kept, 1)
    assert float(again.advance()) == loss
    assert not run.model.training


def test_a_score_is_read_back_as_it_was_written():
    for kind in ("cross-entropy", "mse", "ctc"):
        score = scored(kind)[2]
        assert Score.from_json(score.to_json()) == score


def test_no_metric_is_without_a_unit_or_a_direction():
    assert {*UNITS, "loss"} == set(LOWER_IS_BETTER)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("f1", "proportion", None), "does not say how F1 was averaged"),
        (("mae", "score", None), "do not ask for `mae`"),
        (("f1", "nats", "macro"), "does not measure `f1` in `nats`"),
        (("bleu", "score", None), "does not measure `bleu` in `score`"),
        (("loss", "score", None), "does not measure `loss` in `score`"),
    ],
)
def test_a_metric_that_is_not_there_says_why(asked, told):
    score = scored("cross-entropy")[2]
    assert score.value(*asked) is None
    assert told in score.why_not(*asked)
