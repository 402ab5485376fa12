"""Early stopping: which epoch's weights are kept, and when a run ends."""

import math

import pytest
import torch

from auditor.errors import CannotRun, Interrupted
from auditor.training import selection
from auditor.training.checkpoint import Checkpoints
from auditor.training.evaluate import evaluate
from auditor.training.session import Session
from auditor.training.train import train
from auditor.training.watch import Silent, Stop

PER_EPOCH = 6


def stopping(patience=2, metric="loss", **training):
    kept = {"split": "validation", "metric": metric, "patience": patience}
    return {"training": {"epochs": 8, "batch_size": 16, "early_stopping": kept} | training}


def scoring(monkeypatch, values):
    """Epochs that score these values, whatever their weights are."""
    told = iter(values)
    monkeypatch.setattr(selection.Selection, "_score", lambda self, model: next(told))


def run_of(task, seed=1):
    session, epochs = Session(task, seed), [None]
    while not session.ended:
        session.advance()
        if session.step % PER_EPOCH == 0:
            epochs.append({name: value.clone() for name, value in session.model.state_dict().items()})
    return session, epochs


@pytest.mark.parametrize(
    ("metric", "values", "ended", "best"),
    [
        ("loss", [5, 4, 3, 3, 3.5], 5, 3),  # equal is no improvement
        ("loss", [5, 6, 4, 5, 3, 7, 8], 7, 5),  # an improvement starts the count again
        ("accuracy", [0.1, 0.3, 0.2, 0.3], 4, 2),  # here more is better
        ("loss", [8, 7, 6, 5, 4, 3, 2, 1], 8, 8),  # the last epoch is looked at too
        ("loss", [math.nan, 4, math.nan, math.nan], 4, 2),
        ("loss", [math.nan, math.nan], 2, None),  # then the initial weights are all there is
        ("loss", [math.inf, 3, 4, 4], 4, 2),
    ],
)
def test_training_ends_when_patience_does_and_the_best_epoch_is_kept(
    task_with, monkeypatch, metric, values, ended, best
):
    scoring(monkeypatch, values)
    task = task_with(**stopping(metric=metric))
    session, epochs = run_of(task)
    assert session.step == ended * PER_EPOCH
    wanted = task.initial_model(1).state_dict() if best is None else epochs[best]
    kept = session.finished_model().state_dict()
    assert all(torch.equal(kept[name], value) for name, value in wanted.items())


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_what_is_kept_is_the_best_on_the_split(task_with, metric):
    task = task_with(**stopping(patience=8, metric=metric))
    session, epochs = run_of(task)
    values = [
        evaluate(task, task.model(weights), task.splits["validation"], 512).plain(metric)
        for weights in epochs[1:]
    ]
    best = max(values) if metric == "accuracy" else min(values)
    assert float(session.tensors()["selection.value"]) == best
    kept = session.finished_model().state_dict()
    first = epochs[1 + values.index(best)]  # of several equal ones the first
    assert all(torch.equal(kept[name], value) for name, value in first.items())


def test_with_an_average_it_is_the_average_that_is_selected(task_with, monkeypatch):
    scoring(monkeypatch, [2, 1, 3, 4])
    session, averages = Session(task_with(**stopping(ema=0.9)), 1), [None]
    while not session.ended:
        session.advance()
        if session.step % PER_EPOCH == 0:
            averages.append(
                [value.clone() for name, value in session.tensors().items() if "average." in name]
            )
    kept = list(session.finished_model().parameters())
    assert all(torch.equal(one, other) for one, other in zip(kept, averages[2], strict=True))


@pytest.mark.parametrize("questions", range(0, 30, 4))
def test_a_run_stopped_anywhere_ends_with_the_same_bytes(task_with, tmp_path, questions):
    class StopAfter(Stop):
        left = questions

        @property
        def signal_number(self):
            self.left -= 1
            return 2 if self.left < 0 else None

    task = task_with(optimizer={"lr": 0.03}, **stopping(patience=1))
    whole = train(task, 1, Silent(), Stop())
    assert PER_EPOCH < len(whole.losses) < 48  # it was stopped early
    checkpoints = Checkpoints(tmp_path / "checkpoint.safetensors", every_s=0)
    try:
        train(task, 1, Silent(), StopAfter(), checkpoints)
    except Interrupted:
        pass
    else:
        assert questions >= len(whole.losses) - 1
    resumed = train(task, 1, Silent(), Stop(), checkpoints)
    assert torch.equal(resumed.losses, whole.losses)
    weights = zip(resumed.model.parameters(), whole.model.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in weights)


def test_the_look_leaves_the_training_as_it_is(task_with):
    looking, plain = Session(task_with(**stopping(patience=8)), 1), Session(task_with(), 1)
    for _ in range(2 * PER_EPOCH):
        assert torch.equal(looking.advance(), plain.advance())


def test_a_metric_that_the_task_has_not_ends_the_run_with_a_reason(task_with):
    session = Session(task_with(**stopping(metric="wer")), 1)
    for _ in range(PER_EPOCH - 1):
        session.advance()
    with pytest.raises(CannotRun, match="`wer` cannot say when to stop"):
        session.advance()


def test_a_perplexity_beyond_all_numbers_is_infinite_and_ends_nothing(task_with):
    """The weights are to blame for it: another epoch's may be better."""
    task = task_with(**stopping(metric="perplexity"), optimizer={"kind": "sgd", "lr": 1e5})
    session, _ = run_of(task)
    assert session.ended
