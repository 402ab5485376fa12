"""One batched model of several seeds, with the interface of a `Session`.

Its state is that of the sessions it stands for, each tensor with a first axis of one entry a seed.

Letters: K networks, B batch, N examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from auditor.training.batches import Batch, ahead, cut, gather, order_of, steps_per_epoch
from auditor.training.gradients import by_hand
from auditor.training.linear_stack import LinearStack
from auditor.training.losses import loss_function
from auditor.training.optimizers import optimizer_for
from auditor.training.schedules import rate
from auditor.training.session import WEIGHT
from auditor.training.task import Task

ALIGNED = 64  # a multiple of every vector's width in values


class BatchedSession:
    """Runs of several seeds, all at the same step.

    Attributes:
        step: steps done.
        steps: steps of the whole run.
    """

    def __init__(self, task: Task, seeds: Sequence[int]) -> None:
        """At step 0, each with its seed's initial weights; the same seed may stand twice."""
        self.task, self.seeds = task, tuple(seeds)
        models = [task.initial_model(seed) for seed in seeds]
        self._model = models[0]
        self.names = [name for name, _ in self._model.named_parameters()]
        columns = zip(*(model.parameters() for model in models), strict=True)
        weights = [torch.stack([one.detach() for one in column]) for column in columns]  # (K, ...)
        self._parts = Parts(weights)
        self._flat = self._parts.joined(weights)
        self._weights = self._parts.of(self._flat)
        self._batches = BatchedBatches(task, seeds)
        self.step, self.steps = 0, self._batches.steps
        self._optimizer = optimizer_for(task.recipe.optimizer, [self._flat])
        slopes = torch.zeros_like(self._flat)
        self._slopes = [slopes]
        into = self._parts.of(slopes)
        # Views of memory that only ever changes in place.
        self._state = {WEIGHT + name: weight for name, weight in zip(self.names, self._weights, strict=True)}
        for slot, (flat,) in self._optimizer.slots.items():
            tensors = self._parts.of(flat)
            self._state |= {f"{slot}.{name}": value for name, value in zip(self.names, tensors, strict=True)}
        self._losses: Callable[..., Tensor] = (
            LinearStack(self._weights, task.recipe.loss, into)  # type: ignore[arg-type]
            if by_hand(task.recipe)
            else Vmapped(task, self._model, self.names, self._weights, into)
        )

    @property
    def ended(self) -> bool:
        """Whether no step is left."""
        return self.step >= self.steps

    def advance(self) -> Tensor:
        """One step further; returns the mean losses of the batches, new (K) float32 on the device."""
        recipe = self.task.recipe
        batch = self._batches.at(self.step)
        positions = () if batch.positions is None else (batch.positions,)
        losses = self._losses(batch.inputs, batch.targets, *positions)
        lr = rate(recipe.schedule, recipe.optimizer.lr, self.step, self.steps)
        self.step += 1
        self._optimizer.step(self._slopes, lr, self.step)
        return losses

    def tensors(self) -> dict[str, Tensor]:
        """The whole state by name, as a session names it."""
        return dict(self._state)

    def order(self, epoch: int, slot: int) -> Tensor:
        """As `Session.order`, of the run in the slot."""
        return self._batches.order(epoch, slot)

    def load(self, stored: Mapping[str, Tensor], step: int) -> None:
        """Afterwards the session stands after `step` steps with this state.

        Raises:
            ValueError: a tensor is missing, left over or of another shape.
        """
        load_in_place(self.tensors(), stored)
        self.step = step

    def slot(self, number: int) -> Slot:
        """One of the runs, as it stands at any moment."""
        return Slot(self, number)


class StartOver(Exception):  # noqa: N818  not an error: one run needs a step at which the others do not stand
    """A run that lost what it keeps beside its state must begin again, and with it all of its group."""


class Slot:
    """One run of a batched session, seen as a `Session` that only the whole can move on."""

    def __init__(self, whole: BatchedSession, number: int) -> None:
        self._whole, self._number = whole, number
        self.task, self.seed, self.steps = whole.task, whole.seeds[number], whole.steps
        self._state = {name: value[number] for name, value in whole.tensors().items()}

    @property
    def step(self) -> int:
        """Steps done."""
        return self._whole.step

    @property
    def ended(self) -> bool:
        """Whether no step is left."""
        return self._whole.ended

    @property
    def model(self) -> nn.Module:
        """The network as it stands now."""
        tensors = self.tensors()
        return self.task.model({name: tensors[WEIGHT + name].clone() for name in self._whole.names})

    def finished_model(self) -> nn.Module:
        """The model that the run is measured by."""
        return self.model

    def tensors(self) -> dict[str, Tensor]:
        """The run's whole state by name, as a session names it."""
        return dict(self._state)

    def order(self, epoch: int) -> Tensor:
        """The order in which the epoch (from 0) visits the train split, (N) int64 on the CPU."""
        return self._whole.order(epoch, self._number)

    def load(self, stored: Mapping[str, Tensor], step: int) -> None:
        """Afterwards the run has this state; it stands where all stand.

        Raises:
            StartOver: `step` is another than that of all.
            ValueError: a tensor is missing, left over or of another shape.
        """
        if step != self.step:
            raise StartOver
        load_in_place(self.tensors(), stored)


class BatchedBatches:
    """The batches of several seeds, stacked."""

    def __init__(self, task: Task, seeds: Sequence[int]) -> None:
        self._task, self._seeds = task, seeds
        self._examples = task.splits["train"]
        self._size = task.recipe.training.batch_size
        self.per_epoch = steps_per_epoch(len(self._examples), self._size)
        self.steps = self.per_epoch * task.recipe.training.epochs
        self._ahead = max(1, ahead(task) // len(seeds))
        self._epoch, self._order = -1, torch.empty(0)
        self._drawn: list[Tensor] = []
        self._held: tuple[int, int] | None = None
        self._batches: list[Batch] = []

    def at(self, step: int) -> Batch:
        """The batches of step `step`, from 0: (K, B, ...)."""
        epoch, place = divmod(step, self.per_epoch)
        part, place = divmod(place, self._ahead)
        if (epoch, part) != self._held:
            if epoch != self._epoch:
                self._drawn = [order_of(self._task, seed, epoch) for seed in self._seeds]
                self._epoch, self._order = epoch, torch.stack(self._drawn, 1).to(self._task.device)  # (N, K)
            first = part * self._ahead * self._size
            rows = self._order[first : first + self._ahead * self._size]
            self._held = (epoch, part)
            self._batches = [
                self._stacked(index, step - place + number)
                for number, index in enumerate(cut(rows, self._size))
            ]
        return self._batches[place]

    def order(self, epoch: int, slot: int) -> Tensor:
        """As `order_of` of the slot's seed; that of the epoch of the last batch is at hand."""
        if epoch == self._epoch:
            return self._drawn[slot]
        return order_of(self._task, self._seeds[slot], epoch)

    def _stacked(self, index: Tensor, step: int) -> Batch:
        """The batch of the examples at `index`, (B, K)."""
        if self._task.recipe.loss.kind != "masked-cross-entropy":  # nothing is drawn for each seed
            rows = gather(self._task, self._examples, index.T.flatten(), (self._seeds[0], step))
            first = (len(self._seeds), len(index))
            inputs, targets = rows.inputs, rows.targets
            return Batch(inputs.view(*first, *inputs.shape[1:]), targets.view(*first, *targets.shape[1:]))
        each = [
            gather(self._task, self._examples, column, (seed, step))
            for seed, column in zip(self._seeds, index.T.contiguous(), strict=True)
        ]
        positions = [one.positions for one in each if one.positions is not None]
        return Batch(
            torch.stack([one.inputs for one in each]),
            torch.stack([one.targets for one in each]),
            torch.stack(positions) if positions else None,
        )


class Parts:
    """Where each weight lies in one flat tensor of all of them.

    Each begins at a multiple of 64 values and so ends before one. A kernel works through a tensor in vectors
    and does the rest one by one, rounding otherwise there; so which values are the rest would depend on K
    (measured: torch's fused Adam on biases of two numbers).
    """

    def __init__(self, weights: Sequence[Tensor]) -> None:
        self._places: list[tuple[int, int, torch.Size]] = []
        self._size = 0
        for weight in weights:
            self._places.append((self._size, weight.numel(), weight.shape))
            self._size += -(-weight.numel() // ALIGNED) * ALIGNED

    def joined(self, weights: Sequence[Tensor]) -> Tensor:
        """A flat copy of all, with zeros between them."""
        flat = weights[0].new_zeros(self._size)
        for part, weight in zip(self.of(flat), weights, strict=True):
            part.copy_(weight)
        return flat

    def of(self, flat: Tensor) -> list[Tensor]:
        """The parts of a flat tensor, sharing its memory."""
        return [flat[first : first + n].view(shape) for first, n, shape in self._places]


class Vmapped:
    """Losses and gradients of any model by torch.func.vmap over the seeds."""

    def __init__(
        self,
        task: Task,
        model: nn.Module,
        names: Sequence[str],
        weights: Sequence[Tensor],
        gradients: Sequence[Tensor],
    ) -> None:
        """Gradients of `weights`, (K, ...) each, go into `gradients`."""
        from torch.func import functional_call, vmap

        self._weights = [weight.detach().requires_grad_() for weight in weights]  # the same memory
        self._gradients = gradients
        loss = loss_function(task.recipe.loss)

        def one(held: Sequence[Tensor], inputs: Tensor, targets: Tensor, *positions: Tensor) -> Tensor:
            outputs = functional_call(model, dict(zip(names, held, strict=True)), (inputs, *positions))
            return loss(outputs, targets)

        self._losses = vmap(one)

    def __call__(self, inputs: Tensor, targets: Tensor, *positions: Tensor) -> Tensor:
        """The mean losses of the batches, (K)."""
        from torch.nn.attention import SDPBackend, sdpa_kernel

        with sdpa_kernel(SDPBackend.MATH):  # the kernel that vmap can batch on every device
            losses: Tensor = self._losses(self._weights, inputs, targets, *positions)
        for into, gradient in zip(
            self._gradients, torch.autograd.grad(losses.sum(), self._weights), strict=True
        ):
            into.copy_(gradient)
        return losses.detach()


def load_in_place(state: Mapping[str, Tensor], stored: Mapping[str, Tensor]) -> None:
    """Copies the stored tensors into those of `state`, whose memory layout stays.

    Raises:
        ValueError: a tensor is missing, left over or of another shape; the text says which.
    """
    for name in sorted(state.keys() ^ stored.keys()):
        raise ValueError(f"the state {'lacks' if name in state else 'has an unknown'} tensor `{name}`")
    for name, value in state.items():
        if stored[name].shape != value.shape:
            met, wanted = list(stored[name].shape), list(value.shape)
            raise ValueError(f"tensor `{name}` of the state is {met}, the run's is {wanted}")
    with torch.no_grad():
        for name, value in state.items():
            value.copy_(stored[name])
