"""A chain of a small run in a bundle, honest or forged, and its audit."""

import importlib.util
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from auditor.bundle import Bundle
from auditor.formats.recipe import Recipe
from auditor.tracing.audit import Release, trace
from auditor.tracing.chain import Bound, Chain
from auditor.tracing.challenge import sample
from auditor.training import device
from auditor.training.data import Arrays
from auditor.training.session import Session
from auditor.training.task import task
from auditor.training.watch import Silent, Stop

ROOT = Path(__file__).parent.parent.parent
SEED = 7
DATA = {"x.csv": "d" * 64}
MODELS = {
    "mlp": {"inputs": 16, "hidden": 12, "layers": 1, "outputs": 4},
    "cnn": {"height": 4, "width": 4, "channels": 1, "classes": 4, "padding": "same"},
}


def forging():
    """The script that makes tampered siblings of an example, as a module."""
    path = ROOT / "examples" / "build_tampered.py"
    spec = importlib.util.spec_from_file_location("build_tampered", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FORGING = forging()


def recipe_of(model="mlp", threads=1, epochs=4, **sections):
    split = {"kind": "csv", "file": "x.csv", "first_row": 0, "rows": 1, "features": 16, "label_column": 16}
    return Recipe.model_validate(
        {
            "format": 1,
            "model": {"reference": model, "parameters": MODELS[model]},
            "data": {"splits": {"train": split}},
            "optimizer": {"kind": "adam", "lr": 0.01},
            "training": {"epochs": epochs, "batch_size": 16},
            "seeds": {"values": [SEED]},
            "environment": {"threads": threads},
        }
        | sections
    )


def task_of(recipe):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 160)
    inputs = rng.random((160, 16), np.float32)
    inputs[np.arange(160), labels] += 1
    device.settle(recipe)
    return task(recipe, {"train": Arrays(inputs, labels)}, torch.device("cpu"))


@dataclass(frozen=True)
class Recorded:
    """A bundle of 40 steps with its chain; `audit` looks at it anew."""

    folder: Path
    task: object
    release: Release

    @property
    def chain(self):
        return self.folder / "training_chain.jsonl"

    def audit(self, segments="all", nonce="n", **changes):
        release = replace(self.release, bundle=Bundle.open(self.folder), **changes)
        return trace(release, self.task, sample(segments), nonce=nonce, stop=Stop(), watch=Silent())

    def lines(self):
        return self.chain.read_bytes().splitlines(keepends=True)

    def write(self, lines):
        self.chain.write_bytes(b"".join(lines))


def record(folder, work, session=None, **layout):
    """The chain of a session stands in the folder, with weights and checkpoints."""
    bound = Bound("a" * 64, DATA, device.environment(work.device, work.recipe))
    session = session or Session(work, SEED)
    FORGING.record(session, Chain(folder, bound, keep=True, **layout), folder)
    weights = {name: value.clone() for name, value in session.finished_model().state_dict().items()}
    release = Release(Bundle.open(folder), "a" * 64, DATA, (SEED,), SEED, weights)
    return Recorded(folder, work, release)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A function that records a run once a test session: `made("cnn", segments=5)`."""
    known = {}

    def make(model="mlp", forge=None, **layout):
        key = (model, forge, tuple(sorted(layout.items())))
        if key not in known:
            work = task_of(recipe_of(model))
            session = FORGING.FORGERIES[forge](work, SEED) if forge else None
            known[key] = record(tmp_path_factory.mktemp("chain"), work, session, **layout)
        device.settle(known[key].task.recipe)
        return known[key]

    return make


@pytest.fixture
def honest(made, tmp_path):
    """A copy of an honest bundle of 8 segments, to be damaged."""
    kept = made(segments=8)
    folder = tmp_path / "bundle"
    shutil.copytree(kept.folder, folder)
    return replace(kept, folder=folder)
