"""Small tasks on real data, and runs of them that do something else than the recipe says."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from auditor.bundle import Bundle
from auditor.formats.recipe import Recipe
from auditor.reproduce.plan import load_data, make_plan
from auditor.training import device
from auditor.training.arrays import Arrays
from auditor.training.session import Session
from auditor.training.task import Task, task
from tests.tracing.conftest import FORGING, ROOT

TOKENS = {"block": 16, "layers": 2, "width": 32, "heads": 4}
MODELS: dict[str, tuple[str, dict[str, Any], str]] = {  # data, parameters, loss
    "mlp": ("digits", {"inputs": 64, "hidden": 24, "layers": 1, "outputs": 10}, "cross-entropy"),
    "cnn": ("digits", {"height": 8, "width": 8, "classes": 10, "padding": "same"}, "cross-entropy"),
    "gpt": ("text", TOKENS, "cross-entropy"),
    "bert": ("text", TOKENS, "masked-cross-entropy"),
    "tdnn": ("strips", {"features": 8, "width": 16, "layers": 2, "outputs": 11}, "ctc"),
}
RECIPES: dict[str, Mapping[str, Any]] = {
    "adam": {},
    "adamw, ema": {"optimizer": {"kind": "adamw"}, "training": {"ema": 0.99}},
    "sgd": {"optimizer": {"kind": "sgd", "lr": 0.1}},
    "momentum": {"optimizer": {"kind": "sgd", "lr": 0.05, "momentum": 0.9}},
    "wild": {"optimizer": {"kind": "sgd", "lr": 0.3, "momentum": 0.9}, "training": {"clip_norm": 1.0}},
    "adafactor": {"optimizer": {"kind": "adafactor", "lr": 0.01}},
    "lion, clipped": {"optimizer": {"kind": "lion", "lr": 0.001}, "training": {"clip_norm": 1.0}},
    "accumulated": {"training": {"accumulate": 2}},
    "dropout": {"model": {"dropout": 0.1}},
}
N = 192  # examples


@cache
def arrays(kind: str) -> dict[str, Arrays]:
    """Splits of the digits of examples/digits-mlp, of strips of three of them, or of the licence's text."""
    if kind == "text":
        text = Path(ROOT, "LICENSE").read_text()
        symbols = {symbol: number for number, symbol in enumerate(sorted(set(text)))}
        tokens = np.array([symbols[symbol] for symbol in text])[: 2 * N * 17].reshape(-1, 17)
        both = Arrays(tokens[:, :-1].copy(), tokens[:, 1:].copy())
    else:
        plan = make_plan(Bundle.open(ROOT / "examples" / "digits-mlp"))
        both = load_data(plan)["train"]
    if kind == "strips":  # images row by row: three are 24 frames of 8 numbers, whose symbols are 1 to 10
        both = Arrays(both.inputs.reshape(-1, 192), both.targets.reshape(-1, 3) + 1)
    inputs, targets = both.inputs, both.targets
    return {"train": Arrays(inputs[:N], targets[:N]), "test": Arrays(inputs[N : 2 * N], targets[N : 2 * N])}


def work_of(name: str, numerics: str = "exact-math", threads: int = 1, **changes: Mapping[str, Any]) -> Task:
    """The task of a model; `changes` go into the tables of its recipe, those of `model` into its parameters."""
    kind, parameters, loss = MODELS[name]
    given = parameters | ({"vocabulary": 80} if kind == "text" else {}) | dict(changes.get("model", {}))
    split = {"kind": "csv", "file": "x", "first_row": 0, "rows": 1, "features": 1, "label_column": 0}
    recipe = Recipe.model_validate(
        {
            "format": 1,
            "model": {"reference": name, "parameters": given},
            "data": {"splits": {"train": split}},
            "loss": {"kind": loss},
            "optimizer": {"kind": "adam", "lr": 0.003} | changes.get("optimizer", {}),
            "training": {"epochs": 1, "batch_size": 16} | changes.get("training", {}),
            "seeds": {"values": [0]},
            "environment": {"threads": threads, "numerics": numerics},
        }
    )
    device.settle(recipe)
    return task(recipe, arrays(kind), torch.device("cpu"))


@dataclass(frozen=True)
class Other:
    """What a forged run does: the steps (from 0) in which it does it, and how one step then goes."""

    steps: range
    advance: Callable[[Session], Tensor]


class Forged(Session):
    """A run that does something else in some of its steps."""

    other: Other

    def advance(self) -> Tensor:
        """One step further."""
        return self.other.advance(self) if self.step in self.other.steps else super().advance()


def honestly(session: Session) -> Tensor:
    """A step by the recipe."""
    return Session.advance(session)


def skipped(session: Session) -> Tensor:
    """A step that leaves all as it was."""
    kept = {name: value.clone() for name, value in session.tensors().items()}
    loss = honestly(session)
    session.load(kept, session.step)
    return loss


def doubled(session: Session) -> Tensor:
    """A step that is done twice."""
    loss = honestly(session)
    session.step -= 1
    honestly(session)
    return loss


def faster(session: Session) -> Tensor:
    """A step with a learning rate that is 1 % higher."""
    honest, optimizer = session.task, session.task.recipe.optimizer
    quick = optimizer.model_copy(update={"lr": optimizer.lr * FORGING.FACTOR})
    session.task = replace(honest, recipe=honest.recipe.model_copy(update={"optimizer": quick}))
    loss = honestly(session)
    session.task = honest
    return loss


def misreported(session: Session) -> Tensor:
    """A step by the recipe whose loss is told to be 1 % lower."""
    return honestly(session) * 0.99


def forged(name: str, work: Task, seed: int, length: int) -> tuple[Session, int]:
    """A run forged in one way, and the step (from 0) where that begins; segments have `length` steps."""
    steps = Session(work, seed).steps
    at = random.Random(f"{name} {seed}").randrange(steps)
    if name == "seed":
        weights = Session(work, seed + 1).tensors()
        session = Session(work, seed)
        session.load(weights, 0)
        return session, 0
    if name == "test split":
        other = replace(work, splits={**work.splits, "train": work.splits["test"]})
        return Session(other, seed), 0
    if name == "swapped":
        return FORGING.swapped(work, seed, at), at
    session = Forged(work, seed)
    first = at // length * length
    ways = {"skipped": (range(at, at + 1), skipped), "doubled": (range(at, at + 1), doubled)}
    ways |= {"loss": (range(at, at + 1), misreported)}
    ways |= {"rate": (range(first, first + length), faster), "honest": (range(0), honestly)}
    session.other = Other(*ways[name])
    return session, session.other.steps.start
