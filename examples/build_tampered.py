"""Writes siblings of an example bundle whose chain is not of an honest run, each tampered in its own way.

    python examples/build_tampered.py examples/digits-mlp FOLDER [--segments 30]

`fmaudit trace FOLDER/NAME --segments all` fails on every one of them. All but the last two are forged with
care: digests, losses and checkpoints are those of a run that really was done, only not by the recipe.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from auditor.bundle import Bundle
from auditor.formats.chain import CHAIN, CHECKPOINTS
from auditor.reproduce.plan import load_data, make_plan
from auditor.tracing.chain import Bound, Chain
from auditor.training import device as devices
from auditor.training.batches import Batch, Batches, gather
from auditor.training.session import Session
from auditor.training.task import Task, task

FACTOR = 1.01  # of the learning rate
DECAY = 0.01  # weight decay that the recipe does not have


class Swapped(Batches):
    """Batches of which one has one other example in it than the recipe says."""

    def __init__(self, honest: Task, seed: int, swapped: int) -> None:
        super().__init__(honest, seed)
        self._swapped = swapped

    def at(self, step: int) -> Batch:
        """The batch of a step; that of `swapped` shows another example in one place."""
        batch = super().at(step)
        if step != self._swapped:
            return batch
        # From a text without a hidden token nothing is learned.
        row = 0 if batch.positions is None else int(batch.positions[0]) // batch.inputs.shape[1]
        examples, index = self._task.splits["train"], self.indexes(step).clone()
        index[row] = next(
            n for n in range(len(examples)) if n not in index and self._differ(n, int(index[row]))
        )
        return gather(self._task, examples, index, (self._seed, step))

    def _differ(self, one: int, other: int) -> bool:
        examples = self._task.splits["train"]
        parts = examples.inputs, examples.targets
        return not any(torch.equal(part[one], part[other]) for part in parts)


class Skipping(Session):
    """A run that leaves the state as it was at one step."""

    skipped: int

    def advance(self) -> Tensor:
        """One step further, or none."""
        kept = {name: value.clone() for name, value in self.tensors().items()}
        loss = super().advance()
        if self.step - 1 == self.skipped:
            self.load(kept, self.step)
        return loss


class Posing(Session):
    """A run by another recipe that says it is by the honest one."""

    honest: Task
    own: Task

    def advance(self) -> Tensor:
        """One step of its own recipe."""
        self.task = self.own
        loss = super().advance()
        self.task = self.honest
        return loss


def swapped(honest: Task, seed: int, step: int) -> Session:
    """One example of one step is another one."""
    session = Session(honest, seed)
    session.batches = Swapped(honest, seed, step)
    return session


def skipped(honest: Task, seed: int, step: int) -> Session:
    """One step is left out."""
    session = Skipping(honest, seed)
    session.skipped = step
    return session


def posing(honest: Task, seed: int, **changes: float) -> Session:
    """The optimizer has other settings than the recipe says."""
    optimizer = honest.recipe.optimizer.model_copy(update=changes)
    own = replace(honest, recipe=honest.recipe.model_copy(update={"optimizer": optimizer}))
    session = Posing(own, seed)
    session.own, session.honest, session.task = own, honest, honest
    return session


def middle(honest: Task, seed: int) -> int:
    """A step (from 0) somewhere in a run, where no segment ends."""
    return Session(honest, seed).steps // 2 + 7


FORGERIES: dict[str, Callable[[Task, int], Session]] = {
    "one-sample-swapped": lambda honest, seed: swapped(honest, seed, middle(honest, seed)),
    "learning-rate": lambda honest, seed: posing(honest, seed, lr=honest.recipe.optimizer.lr * FACTOR),
    "weight-decay": lambda honest, seed: posing(honest, seed, weight_decay=DECAY),
    "one-step-skipped": lambda honest, seed: skipped(honest, seed, middle(honest, seed)),
}
NAMES = (*FORGERIES, "checkpoint-replaced", "line-edited")


def forge(bundle: Path, into: Path, names: Iterable[str] = NAMES, segments: int | None = None) -> None:
    """The tampered siblings of a bundle lie in the folder `into`, each by its name."""
    plan = make_plan(Bundle.open(bundle))
    devices.settle(plan.recipe)
    honest = task(plan.recipe, load_data(plan), torch.device("cpu"))
    data = {name: file.sha256 for name, file in plan.files.items()}
    bound = Bound(plan.digest, data, devices.environment(honest.device, plan.recipe))
    seed = plan.manifest.shipped_seed
    if seed is None:
        raise SystemExit(f"{bundle} does not say its `shipped_seed`")
    for name in names:
        folder = into / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(bundle, folder, ignore=shutil.ignore_patterns(CHAIN, CHECKPOINTS))
        make = FORGERIES.get(name, Session)
        record(make(honest, seed), Chain(folder, bound, keep=True, segments=segments), folder)
        if name == "checkpoint-replaced":
            other = into / "other"
            record(Session(honest, seed + 1), Chain(other, bound, keep=True, segments=segments), other)
            for place in sorted((folder / CHECKPOINTS).iterdir())[1:2]:
                shutil.copyfile(other / CHECKPOINTS / place.name, place)
            shutil.rmtree(other)
        if name == "line-edited":
            lines = (folder / CHAIN).read_bytes().splitlines(keepends=True)
            lines[3] = lines[3].replace(b'"lr":0.', b'"lr":1.')
            (folder / CHAIN).write_bytes(b"".join(lines))


def record(session: Session, chain: Chain, folder: Path) -> None:
    """The session has been run to its end, and its chain and its weights stand in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    losses = torch.zeros(session.steps)
    chain.begin(session, losses)
    while not session.ended:
        loss = session.advance()
        losses[session.step - 1] = loss
        chain.stepped(session, losses)
    chain.finished(session, losses)
    weights = {name: value.contiguous() for name, value in session.finished_model().state_dict().items()}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def main() -> None:
    """Writes the siblings named on the command line, all by default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument("--segments", type=int)
    asked = parser.parse_args()
    forge(asked.bundle, asked.folder, asked.names or NAMES, asked.segments)
    for name in asked.names or NAMES:
        print(asked.folder / name)


if __name__ == "__main__":
    main()
