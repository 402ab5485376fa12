"""Each optimizer, held against the class that it stands for, and against formulas written out."""

import subprocess
import sys

import lion_pytorch
import pytest
import torch
from pydantic import TypeAdapter

from auditor.errors import CannotRun
from auditor.formats.recipe_learning import Optimizer as Asked
from auditor.training import kernels as kernel_tests
from auditor.training import optimizers
from auditor.training.optimizers import Wrapped, kernels, optimizer_for

CPU = torch.device("cpu")
STEPS = 20
SHAPES = ((4, 3, 3, 3), (5, 7), (37,), ())
KINDS = [
    {"kind": "sgd"},
    {"kind": "sgd", "weight_decay": 0.01},
    {"kind": "sgd", "momentum": 0.9},
    {"kind": "sgd", "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    {"kind": "adam"},
    {"kind": "adam", "betas": [0.8, 0.99], "eps": 1e-7, "weight_decay": 0.01},
    {"kind": "adamw"},
    {"kind": "adafactor", "weight_decay": 0.01},
    {"kind": "lion", "weight_decay": 0.01},
]
FUSED = [kind for kind in KINDS if kind["kind"] in ("sgd", "adam", "adamw")]
CLASSES = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adafactor": torch.optim.Adafactor,
    "lion": lion_pytorch.Lion,
}


def named(kind):
    return " ".join(map(str, kind.values()))


def asked(kind):
    return TypeAdapter(Asked).validate_python({"lr": 0.01} | kind)


def some(seed, dtype=torch.float32):
    """One tensor of each shape, the images' weights with channels last."""
    generator = torch.Generator().manual_seed(seed)
    tensors = [torch.randn(shape, generator=generator).to(dtype) for shape in SHAPES]
    return [tensors[0].contiguous(memory_format=torch.channels_last), *tensors[1:]]


def lr_of(step):
    return 0.01 / (1 + step)


def trained(optimizer, weights, steps):
    for step in steps:
        optimizer.step(some(step + 1, weights[0].dtype), lr_of(step), step + 1)
    return weights


def trained_by_torch(kind, dtype=torch.float32, **how):
    """What the class makes of the same weights and gradients."""
    weights = some(0, dtype)
    options = {name: value for name, value in kind.items() if name != "kind"}
    if "weight_decay" not in options:
        options["weight_decay"] = asked(kind).weight_decay
    if kind["kind"] == "adafactor" and dtype == torch.float64:
        how["eps"] = (torch.finfo(torch.float32).eps, 1e-3)  # a run in float64 stands for one in float32
    optimizer = CLASSES[kind["kind"]](weights, lr=0.01, **options, **how)
    for step in range(STEPS):
        for weight, gradient in zip(weights, some(step + 1, dtype), strict=True):
            weight.grad = gradient
        optimizer.param_groups[0]["lr"] = lr_of(step)
        optimizer.step()
    return weights


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_twenty_steps_have_the_bits_of_the_class(kind, dtype):
    weights = some(0, dtype)
    optimizer = optimizer_for(asked(kind), weights)
    fused = {"fused": True} if kind in FUSED else {}
    assert isinstance(optimizer, Wrapped) == (not fused)
    assert same(trained(optimizer, weights, range(STEPS)), trained_by_torch(kind, dtype, **fused))


@pytest.mark.parametrize("kind", FUSED, ids=named)
def test_without_the_kernel_the_plain_class_takes_the_steps(kind, monkeypatch):
    monkeypatch.setattr(optimizers, "_kernel", lambda asked, device: None)
    weights = some(0)
    optimizer = optimizer_for(asked(kind), weights)
    assert isinstance(optimizer, Wrapped)
    assert kernels(asked(kind), CPU) == f"torch.optim.{CLASSES[kind['kind']].__name__}"
    assert same(trained(optimizer, weights, range(STEPS)), trained_by_torch(kind))


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_the_slots_are_the_whole_state(kind, fused, monkeypatch):
    """Another optimizer with a copy of weights and slots goes on with the same bits, from any step."""
    if not fused:
        monkeypatch.setattr(optimizers, "_kernel", lambda asked, device: None)
    whole = some(0)
    trained(optimizer_for(asked(kind), whole), whole, range(6))
    for stop in range(6):
        weights = some(0)
        first = optimizer_for(asked(kind), weights)
        trained(first, weights, range(stop))
        copies = [weight.clone() for weight in weights]
        second = optimizer_for(asked(kind), copies)
        for name, tensors in first.slots.items():
            for kept, value in zip(second.slots[name], tensors, strict=True):
                kept.copy_(value)
        assert same(trained(second, copies, range(stop, 6)), whole)


def test_adam_takes_the_steps_of_its_paper():
    """Kingma and Ba 2015, algorithm 1, with numbers of Python; epsilon as Keras has it."""
    weight = torch.tensor([0.5])
    optimizer = optimizer_for(asked({"kind": "adam", "betas": [0.8, 0.99], "eps": 1e-7}), [weight])
    value, first, second = 0.5, 0.0, 0.0
    for number, slope in enumerate((0.3, -0.2, 1.5, 0.0), 1):
        first, second = 0.8 * first + 0.2 * slope, 0.99 * second + 0.01 * slope**2
        value -= 0.01 * (first / (1 - 0.8**number)) / ((second / (1 - 0.99**number)) ** 0.5 + 1e-7)
        optimizer.step([torch.tensor([slope])], 0.01, number)
        assert weight.item() == pytest.approx(value, rel=1e-6)


def test_lion_takes_the_steps_of_its_paper():
    """Chen et al. 2023, algorithm 2: the sign of an interpolation, decay times the learning rate."""
    weight = torch.tensor([0.5])
    optimizer = optimizer_for(asked({"kind": "lion", "weight_decay": 0.1}), [weight])
    value, momentum = 0.5, 0.0
    for number, slope in enumerate((0.3, -0.2, -1.5, 0.4), 1):
        update = 0.9 * momentum + 0.1 * slope
        value -= 0.01 * ((update > 0) - (update < 0) + 0.1 * value)
        momentum = 0.99 * momentum + 0.01 * slope
        optimizer.step([torch.tensor([slope])], 0.01, number)
        assert weight.item() == pytest.approx(value, rel=1e-6)


def test_adafactor_keeps_a_row_and_a_column_of_a_matrix():
    slots = optimizer_for(asked({"kind": "adafactor"}), some(0)).slots
    assert [tuple(one.shape) for one in slots["row_var"]] == [(4, 3, 3, 1), (5, 1), (0,), (0,)]
    assert [tuple(one.shape) for one in slots["col_var"]] == [(4, 3, 1, 3), (1, 7), (0,), (0,)]
    assert [tuple(one.shape) for one in slots["variance"]] == [(0,), (0,), (37,), ()]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("sgd", "torch._fused_sgd_"),
        ("adam", "torch._fused_adam_"),
        ("adamw", "torch._fused_adamw_"),
        ("adafactor", "torch.optim.Adafactor"),
        ("lion", "lion_pytorch.Lion "),
    ],
)
def test_the_record_says_what_takes_the_steps(kind, wanted):
    assert kernels(asked({"kind": kind}), CPU).startswith(wanted)


def without(*args, **kwargs):
    raise TypeError("takes other arguments")


def doing_nothing(*args, **kwargs):
    return None


@pytest.mark.parametrize("broken", [without, doing_nothing, None])
@pytest.mark.parametrize("name", ["_fused_adam_", "_fused_sgd_"])
def test_a_kernel_that_is_gone_or_does_something_else_is_not_used(name, broken, monkeypatch):
    if broken is None:
        monkeypatch.delattr(torch, name)
    else:
        monkeypatch.setattr(torch, name, broken)
    if name == "_fused_sgd_":
        assert kernel_tests.fused_sgd.__wrapped__("cpu") is None
    else:
        assert kernel_tests.fused_adam.__wrapped__("cpu", decoupled=False) is None


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "lion_pytorch", None)
    with pytest.raises(CannotRun, match="not installed") as caught:
        optimizer_for(asked({"kind": "lion"}), some(0))
    assert caught.value.help == "run `pip install lion-pytorch`"


def test_the_fused_kernels_come_without_the_second_that_torch_optim_takes_to_import():
    code = (
        "import sys, torch\n"
        "from auditor.formats.recipe_learning import Adam, Sgd\n"
        "from auditor.training.optimizers import optimizer_for\n"
        "optimizer_for(Adam(lr=0.1), [torch.zeros(3)])\n"
        "optimizer_for(Sgd(kind='sgd', lr=0.1), [torch.zeros(3)])\n"
        "sys.exit('torch._dynamo' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
