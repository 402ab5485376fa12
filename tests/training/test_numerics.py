"""`replay` has the bits of a loop written by hand; `exact-math` its mathematics."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from auditor.training import allocator, kernels
from auditor.training.batches import order_of
from auditor.training.device import environment
from auditor.training.masking import hide, places
from auditor.training.numerics import FIRST_STEPS, TOLERANCE, Numerics, alone
from auditor.training.train import train
from auditor.training.watch import Silent, Stop
from tests.training.small import small


def by_hand(task, seed, steps):
    """A loop as one would write it, with torch.optim's fused Adam."""
    model = task.initial_model(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, fused=True)
    examples, losses = task.splits["train"], []
    orders = [order_of(task, seed, epoch) for epoch in range(task.recipe.training.epochs)]
    for step, index in enumerate(part for order in orders for part in order.split(7)):
        inputs, targets = examples.inputs[index], examples.targets[index]
        if task.recipe.loss.kind == "masked-cross-entropy":
            where = torch.from_numpy(places(seed, step, *inputs.shape, 0.15))
            inputs, targets, positions = hide(inputs, where, task.mask)
            outputs = model(inputs, positions)
        else:
            outputs = model(inputs)
        loss = functional.cross_entropy(outputs.flatten(0, -2), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return model, torch.stack(losses)[:steps]


@pytest.mark.parametrize("name", ["mlp", "cnn", "gpt", "bert"])
def test_replay_has_the_bits_of_a_loop_written_by_hand(name):
    task = small(name, numerics="replay")
    model, losses = by_hand(task, 5, 12)
    trained = train(task, 5, Silent(), Stop())
    assert torch.equal(trained.losses, losses)
    for wanted, met in zip(model.state_dict().values(), trained.model.state_dict().values(), strict=True):
        assert torch.equal(wanted, met)


@pytest.mark.parametrize("name", ["mlp", "cnn", "gpt", "bert"])
def test_exact_math_agrees_with_replay_over_the_first_steps(name):
    exact, replay = (
        train(small(name, numerics=mode), 5, Silent(), Stop()).losses[:FIRST_STEPS]
        for mode in ("exact-math", "replay")
    )
    torch.testing.assert_close(exact, replay, rtol=TOLERANCE, atol=0)


def test_the_record_of_a_run_names_its_numerics():
    recipe = small("mlp", numerics="replay").recipe
    assert environment(torch.device("cpu"), recipe)["numerics"] == "replay"
    assert alone(recipe) == Numerics("replay", "modules")
    assert alone(small("mlp").recipe) == Numerics("exact-math", "by-hand")
    assert alone(small("cnn").recipe) == Numerics("exact-math", "modules")


def test_torch_s_fused_kernels_pass_their_tests_here():
    assert kernels.fused_sgd("cpu") is not None
    assert all(kernels.fused_adam("cpu", decoupled=decoupled) is not None for decoupled in (False, True))


@pytest.mark.parametrize(
    "kernel",
    [
        lambda *_, **__: None,
        lambda weights, *_, **__: weights[0].add_(1e-3),
        lambda: None,
        "absent",
    ],
)
def test_a_kernel_that_changed_is_not_used(monkeypatch, kernel):
    for name in ("_fused_adam_", "_fused_sgd_"):
        if kernel == "absent":
            monkeypatch.delattr(torch, name)
        else:
            monkeypatch.setattr(torch, name, kernel)
    assert kernels.fused_adam.__wrapped__("cpu", decoupled=False) is None
    assert kernels.fused_sgd.__wrapped__("cpu") is None


@pytest.mark.parametrize("decoupled", [False, True])
def test_a_kernel_that_confuses_adam_with_adamw_is_not_used(monkeypatch, decoupled):
    other = torch._fused_adam_ if decoupled else torch._fused_adamw_
    monkeypatch.setattr(torch, "_fused_adamw_" if decoupled else "_fused_adam_", other)
    assert kernels.fused_adam.__wrapped__("cpu", decoupled=decoupled) is None


def test_no_training_loads_torch_s_compiler():
    code = (
        "import sys; from tests.training.small import MODELS, small; from auditor.training.train import train;"
        "from auditor.training.watch import Silent, Stop;"
        "[train(small(name, epochs=1), 0, Silent(), Stop()) for name in MODELS];"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(allocator.os, "confstr", lambda _: None)
    assert not allocator.keep_memory()
    monkeypatch.setattr(allocator.sys, "platform", "darwin")
    assert not allocator.keep_memory()
