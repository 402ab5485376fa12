"""Whatever a recipe asks for, a session's named tensors are its whole state."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load, save

from auditor.training.session import Session
from auditor.training.task import Examples

STEPS = 13  # two epochs of six batches and one more
STOPS = (1, 6, 9)  # inside an epoch, and at its end
OPTIMIZERS = {
    "sgd": {"kind": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": True},
    "adam": {"lr": 0.001},
    "adamw": {"kind": "adamw", "lr": 0.001},
    "adafactor": {"kind": "adafactor", "lr": 0.01},
    "lion": {"kind": "lion", "lr": 0.0001},
}
STOPPING = {"early_stopping": {"split": "validation", "metric": "loss", "patience": 5}}
FEATURES = {
    "nothing else": {},
    "ema": {"ema": 0.9},
    "early stopping": STOPPING,
    "clip": {"clip_norm": 0.1},
    "accumulate": {"accumulate": 3},
    "bf16": {"precision": "bf16"},
    "fp16": {"precision": "fp16"},
    "all": {"ema": 0.9, "clip_norm": 0.1, "accumulate": 3, "precision": "fp16"} | STOPPING,
}


def advanced(session, to):
    losses = []
    while session.step < to:
        losses.append(session.advance().clone())
    return losses


def copied(session):
    """The state as a checkpoint has it."""
    return load(save({name: value.contiguous() for name, value in session.tensors().items()}))


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_session_stored_anywhere_goes_on_with_the_same_bits(task_with, optimizer, feature):
    task = task_with(
        optimizer=OPTIMIZERS[optimizer],
        training=FEATURES[feature],
        schedule={"kind": "cosine", "warmup_steps": 3},
    )
    whole, kept = Session(task, 1), {}
    losses = []
    for step in range(1, STEPS + 1):
        losses += advanced(whole, step)
        if step in STOPS:
            kept[step] = copied(whole)
    finished = whole.finished_model().state_dict()
    for stop, state in kept.items():
        session = Session(task, 1)
        session.load(state, stop)
        assert advanced(session, STEPS) == losses[stop:]
        assert all(torch.equal(value, whole.tensors()[name]) for name, value in session.tensors().items())
        resumed = session.finished_model().state_dict()
        assert all(torch.equal(resumed[name], value) for name, value in finished.items())


def test_the_names_of_all_that_is_stored(task_with):
    session = Session(task_with(training=FEATURES["all"]), 1)
    kinds = {name.partition(".")[0] for name in session.tensors()}
    assert kinds == {"model", "exp_avg", "exp_avg_sq", "average", "best", "selection", "scale"}
    weights = {name.removeprefix("model.") for name in session.tensors() if name.startswith("model.")}
    for kind in ("average", "best", "exp_avg"):
        assert {f"{kind}.{name}" for name in weights} < session.tensors().keys()


def test_a_state_of_another_recipe_is_refused(task_with):
    plain, averaged = (Session(task_with(training=training), 1) for training in ({}, {"ema": 0.9}))
    with pytest.raises(ValueError, match="lacks tensor `average"):
        averaged.load(plain.tensors(), 1)
    with pytest.raises(ValueError, match="unknown tensor `average"):
        plain.load(averaged.tensors(), 1)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_session_of_float64_weights_is_float64_throughout(task_with, kind):
    task = task_with(optimizer=OPTIMIZERS[kind], training={"ema": 0.9} | STOPPING)
    doubled = {name: Examples(part.inputs.double(), part.targets) for name, part in task.splits.items()}
    weights = {name: value.double() for name, value in task.initial_weights(1).items()}
    session = Session(replace(task, splits=doubled), 1, weights)
    advanced(session, 6)  # early stopping has looked
    whole = [value for name, value in session.tensors().items() if value.is_floating_point()]
    assert all(value.dtype == torch.float64 for value in whole)
    single = Session(task, 1)
    advanced(single, 6)
    name = next(iter(single.tensors()))
    assert torch.allclose(single.tensors()[name].double(), session.tensors()[name], atol=0.003)
    assert not torch.equal(single.tensors()[name].double(), session.tensors()[name])


@pytest.mark.parametrize("parts", [2, 3, 16])
def test_a_batch_cut_into_parts_has_the_gradients_of_the_whole(task_with, parts):
    """90 examples make five batches of 16 and one of 10, whose parts are not equal."""
    whole, cut = (
        Session(
            task_with(optimizer={"kind": "sgd", "lr": 0.1}, training={"accumulate": n}),
            1,
        )
        for n in (1, parts)
    )
    for _ in range(7):
        loss, of_parts = whole.advance(), cut.advance()
        assert of_parts.item() == pytest.approx(loss.item(), rel=1e-5)
    for name, value in whole.tensors().items():
        assert torch.allclose(value, cut.tensors()[name], rtol=1e-4, atol=1e-6)
