"""How weights move: one object a run, whose state is plain tensors that a checkpoint keeps.

SGD, Adam and AdamW are torch's fused kernels, called as torch.optim's `fused=True` calls them and bit for bit
the same; where a kernel fails its test (`auditor.training.kernels`), and for Adafactor and Lion, a class of
torch.optim's kind does the step. Weights and slots may be float32 or float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

from auditor.errors import CannotRun
from auditor.formats.recipe_learning import Adafactor, Adam, AdamW, Lion, Sgd
from auditor.formats.recipe_learning import Optimizer as Asked
from auditor.training.kernels import FusedStep, fused_adam, fused_sgd

if TYPE_CHECKING:
    from torch.optim.optimizer import Optimizer as TorchOptimizer

Slots = Mapping[str, list[Tensor]]


class Optimizer(Protocol):
    """Moves weights along their gradients.

    Attributes:
        slots: state by name, for example `exp_avg`: one tensor a weight, in the order of the weights; empty
            where a weight has no such state. All that the next step depends on besides the step's number.
    """

    slots: Slots

    def step(self, gradients: Sequence[Tensor], lr: float, number: int) -> None:
        """The weights after step `number` (from 1); the gradients have the weights' memory layout."""


def optimizer_for(asked: Asked, weights: Sequence[Tensor]) -> Optimizer:
    """The recipe's optimizer over these weights.

    Raises:
        CannotRun: the package that the optimizer comes from is not installed.
    """
    kernel = _kernel(asked, weights[0].device)
    plain = [weight.detach() for weight in weights]  # the same memory, of which autograd keeps no record
    if kernel is not None and isinstance(asked, Sgd):
        return FusedSgd(asked, plain, kernel)
    if kernel is not None and isinstance(asked, Adam | AdamW):
        return FusedAdam(asked, plain, kernel)
    return Wrapped(asked, plain)


def kernels(asked: Asked, device: torch.device) -> str:
    """What does the steps of this optimizer here, for the record: a kernel of torch, or a class by name."""
    if _kernel(asked, device) is not None:
        return f"torch._fused_{asked.kind}_"
    if isinstance(asked, Lion):
        from importlib.metadata import PackageNotFoundError, version

        try:
            return f"lion_pytorch.Lion {version('lion-pytorch')}"
        except PackageNotFoundError:
            return "lion_pytorch.Lion"
    return f"torch.optim.{type(asked).__name__.replace('Sgd', 'SGD')}"


def _kernel(asked: Asked, device: torch.device) -> FusedStep | None:
    if isinstance(asked, Sgd):
        return fused_sgd(device.type)
    if isinstance(asked, Adam | AdamW):
        return fused_adam(device.type, decoupled=isinstance(asked, AdamW))
    return None


class FusedAdam:
    """Adam or AdamW in one kernel a step."""

    def __init__(self, asked: Adam | AdamW, weights: list[Tensor], kernel: FusedStep) -> None:
        self._weights, self._kernel = weights, kernel
        self._first = [torch.zeros_like(weight) for weight in weights]
        self._second = [torch.zeros_like(weight) for weight in weights]
        self._number = torch.zeros((), device=weights[0].device)
        self._numbers = [self._number] * len(weights)
        self._options = {
            "beta1": asked.betas[0],
            "beta2": asked.betas[1],
            "weight_decay": asked.weight_decay,
            "eps": asked.eps,
            "amsgrad": False,
            "maximize": False,
        }
        self.slots: Slots = {"exp_avg": self._first, "exp_avg_sq": self._second}

    def step(self, gradients: Sequence[Tensor], lr: float, number: int) -> None:
        """The weights after step `number` (from 1)."""
        self._number.fill_(number)
        self._kernel(
            self._weights,
            gradients,
            self._first,
            self._second,
            [],
            self._numbers,
            lr=lr,
            **self._options,
        )


class FusedSgd:
    """SGD, with momentum or without, in one kernel a step."""

    def __init__(self, asked: Sgd, weights: list[Tensor], kernel: FusedStep) -> None:
        self._weights, self._kernel = weights, kernel
        self._momentum = [torch.zeros_like(weight) for weight in weights] if asked.momentum else []
        self._options = {
            "weight_decay": asked.weight_decay,
            "momentum": asked.momentum,
            "dampening": 0.0,
            "nesterov": asked.nesterov,
            "maximize": False,
        }
        self.slots: Slots = {"momentum_buffer": self._momentum} if asked.momentum else {}

    def step(self, gradients: Sequence[Tensor], lr: float, number: int) -> None:
        """The weights after step `number` (from 1)."""
        first = number == 1  # which overwrites the momentum, whatever it is
        self._kernel(self._weights, gradients, self._momentum, lr=lr, is_first_step=first, **self._options)


class Wrapped:
    """A class of torch.optim's kind, its state laid open as slots.

    The state is made here as the class makes it at its first step. Its counters are not kept: they say the
    step's number, which is set before each step.
    """

    def __init__(self, asked: Asked, weights: list[Tensor]) -> None:
        make, slots_of = _recipe_of(asked)
        self._weights = weights
        self._optimizer = make(weights)
        self._counters: list[Tensor] = []
        slots: dict[str, list[Tensor]] = {}
        for weight in weights:
            state = slots_of(weight)
            for name, value in state.items():
                slots.setdefault(name, []).append(value)
            kept: dict[str, Tensor] = {name: value for name, value in state.items() if value.numel()}
            if not isinstance(asked, Sgd | Lion):
                kept["step"] = torch.zeros(())
                self._counters.append(kept["step"])
            self._optimizer.state[weight].update(kept)
        self.slots: Slots = slots

    def step(self, gradients: Sequence[Tensor], lr: float, number: int) -> None:
        """The weights after step `number` (from 1)."""
        for weight, gradient in zip(self._weights, gradients, strict=True):
            weight.grad = gradient
        for counter in self._counters:
            counter.fill_(number - 1)
        self._optimizer.param_groups[0]["lr"] = lr
        self._optimizer.step()
        for weight in self._weights:
            weight.grad = None


def _recipe_of(
    asked: Asked,
) -> tuple[Callable[[list[Tensor]], TorchOptimizer], Callable[[Tensor], dict[str, Tensor]]]:
    """How to make the optimizer for some weights, and the state it begins a weight with."""
    from torch import optim  # imports torch._dynamo, which takes about a second

    zeros = torch.zeros_like
    shared: dict[str, Any] = {"lr": asked.lr, "weight_decay": asked.weight_decay}
    if isinstance(asked, Sgd):
        options = shared | {"momentum": asked.momentum, "nesterov": asked.nesterov}
        return (
            lambda weights: optim.SGD(weights, **options),
            lambda weight: {"momentum_buffer": zeros(weight)} if asked.momentum else {},
        )
    if isinstance(asked, Adafactor):
        # The first is torch's default for float32; for float64 it would take a smaller one.
        options = shared | {"eps": (torch.finfo(torch.float32).eps, 1e-3)}
        return lambda weights: optim.Adafactor(weights, **options), _variances
    if isinstance(asked, Lion):
        return (
            lambda weights: _lion()(weights, betas=asked.betas, **shared),
            lambda weight: {"exp_avg": zeros(weight)},
        )
    kind = optim.Adam if isinstance(asked, Adam) else optim.AdamW
    return (
        lambda weights: kind(weights, betas=asked.betas, eps=asked.eps, **shared),
        lambda weight: {"exp_avg": zeros(weight), "exp_avg_sq": zeros(weight)},
    )


def _variances(weight: Tensor) -> dict[str, Tensor]:
    """The state of torch.optim.Adafactor: of a matrix a row and a column, of a vector all of it."""
    none = weight.new_empty(0)
    if weight.dim() < 2:
        return {"row_var": none, "col_var": none.clone(), "variance": torch.zeros_like(weight)}
    *outer, rows, columns = weight.shape
    return {
        "row_var": weight.new_zeros([*outer, rows, 1]),
        "col_var": weight.new_zeros([*outer, 1, columns]),
        "variance": none,
    }


def _lion() -> Any:
    try:
        from lion_pytorch import Lion as Class
    except ImportError as error:
        raise CannotRun(
            "the recipe's optimizer `lion` comes from a package that is not installed",
            where="recipe.yaml",
            help="run `pip install lion-pytorch`",
        ) from error
    return Class
