"""Precisions: what is cast, how the loss is scaled, and what is refused."""

import pytest
import torch
from torch.nn import functional

from auditor.errors import CannotRun
from auditor.training import device, precision
from auditor.training.precision import LossScale
from auditor.training.session import Session

CPU = torch.device("cpu")


def by_hand(task, precision, steps):
    """Losses and weights of the loop that torch's manual on mixed precision shows."""
    model = task.initial_model(1)
    if task.channels_last:
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)
    scaler = torch.amp.GradScaler("cpu", enabled=precision is torch.float16)
    batches, losses = Session(task, 1).batches, []
    for step in range(steps):
        batch = batches.at(step)
        with torch.autocast("cpu", precision):
            outputs = model(batch.inputs)
        loss = functional.cross_entropy(outputs.float(), batch.targets)
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.detach())
    return losses, model, scaler


@pytest.mark.parametrize(("name", "half"), [("bf16", torch.bfloat16), ("fp16", torch.float16)])
def test_a_run_in_halves_has_the_bits_of_torchs_loop(task_with, name, half):
    task = task_with(training={"precision": name})
    losses, model, _ = by_hand(task, half, 10)
    session = Session(task, 1)
    assert [session.advance().clone() for _ in range(10)] == losses
    for mine, wanted in zip(session.model.parameters(), model.parameters(), strict=True):
        assert mine.dtype == torch.float32
        assert torch.equal(mine, wanted)


def test_a_run_in_halves_is_not_one_in_float32(task_with):
    single, half = (Session(task_with(training={"precision": one}), 1) for one in ("float32", "bf16"))
    one, other = single.advance(), half.advance()
    assert one != other
    assert one.item() == pytest.approx(other.item(), rel=0.01)


@pytest.fixture
def restless(monkeypatch):
    """A scale that starts high and grows every third step, so that steps overflow."""
    monkeypatch.setattr(precision, "FIRST_SCALE", 2.0**22)
    monkeypatch.setattr(precision, "GROWTH_INTERVAL", 3)


def test_steps_that_overflow_are_not_taken_as_by_torchs_scaler(restless):
    mine = LossScale(CPU)
    weight = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**22, growth_interval=3)
    taken = []
    for gradient in (1.0, 1.0, 1.0, 1.0, float("inf"), 1.0, float("nan"), 1.0, 1.0, 1.0):
        before = weight.detach().clone()
        scaled = scaler.scale(torch.tensor(gradient)) * torch.ones(2)
        weight.grad = scaled.clone()
        found = mine.unscaled([scaled])
        scaler.step(optimizer)
        scaler.update()
        taken.append(found is not None)
        assert taken[-1] == (not torch.equal(before, weight.detach()))
        assert float(mine.scale) == scaler.get_scale()
        assert found is None or torch.equal(found[0], torch.full((2,), gradient))
    assert int(mine.skipped) == taken.count(False) == 2
    assert float(mine.scale) == 2.0**22 * 2 / 2 / 2 * 2


def test_a_run_whose_steps_overflow_has_the_bits_of_torchs_loop(task_with, restless, monkeypatch):
    scaler = torch.amp.GradScaler
    monkeypatch.setattr(
        torch.amp, "GradScaler", lambda *a, **k: scaler(*a, init_scale=2.0**22, growth_interval=3, **k)
    )
    task = task_with(training={"precision": "fp16"})
    losses, model, theirs = by_hand(task, torch.float16, 17)
    session = Session(task, 1)
    assert [session.advance().clone() for _ in range(17)] == losses
    assert int(session.tensors()["scale.skipped"]) > 0
    assert float(session.tensors()["scale.value"]) == theirs.get_scale()
    for mine, wanted in zip(session.model.parameters(), model.parameters(), strict=True):
        assert torch.equal(mine, wanted)


def test_tf32_needs_a_cuda_device(task_with):
    recipe = task_with(training={"precision": "tf32"}).recipe
    with pytest.raises(CannotRun, match="tf32, which a cpu device has not"):
        device.choose("cpu", recipe)


def test_tf32_is_on_where_the_recipe_says_so_only(task_with):
    for name, wanted in (("tf32", True), ("float32", False)):
        device.settle(task_with(training={"precision": name}).recipe)
        assert torch.backends.cuda.matmul.allow_tf32 is wanted
        assert torch.backends.cudnn.allow_tf32 is wanted


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
@pytest.mark.parametrize("name", ["tf32", "bf16", "fp16"])
def test_a_precision_gives_the_same_bytes_twice_on_cuda(task_with, name):
    from dataclasses import replace

    from auditor.training.task import Examples

    task = task_with(training={"precision": name})
    splits = {key: Examples(one.inputs.cuda(), one.targets.cuda()) for key, one in task.splits.items()}
    task = replace(task, splits=splits, device=torch.device("cuda"))
    first, second = (
        [session.advance().item() for _ in range(8)] for session in (Session(task, 1), Session(task, 1))
    )
    assert first == second
