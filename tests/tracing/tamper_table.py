"""Prints how often `trace` flags runs, honest and tampered, by the arithmetic that replays them.

    python -m tests.tracing.tamper_table [--models mlp,cnn] [--recipes "adam;sgd"] [--batch 128]
    python -m tests.tracing.tamper_table --kinds honest --recipes all --length 60 --epochs 10

Chains are written here and replayed in a process of their own for each arithmetic. A line tells how many
runs were flagged, flagged in the segment that is bad, replayed to the last bit, and left open, and how far
the furthest segment of a run was off, as a multiple of what it may be: the least and the most over the runs.
"""

import argparse
import multiprocessing
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch

from auditor.bundle import Bundle
from auditor.tracing.audit import Release, trace
from auditor.tracing.chain import Bound, Chain
from auditor.tracing.challenge import sample
from auditor.training.watch import Silent, Stop
from tests.tracing.conftest import FORGING
from tests.tracing.tampering import RECIPES, forged, work_of

LOWEST = {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE", "ONEDNN_MAX_CPU_ISA": "SSE41"}
ARITHMETICS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {  # environment, options of the task
    "same": ({}, {}),
    "plain loop": ({}, {"numerics": "replay"}),
    "three threads": ({}, {"threads": 3, "numerics": "replay"}),
    "no oneDNN": ({"FMAUDIT_TABLE_ONEDNN": "off"}, {}),
    "no vectors": (LOWEST, {}),
}
KINDS = ("honest", "swapped", "skipped", "doubled", "rate", "seed", "test split", "loss")


class Seen(NamedTuple):
    """An audit: whether it failed, at the right place, all bits alike, stayed open, and the furthest segment."""

    flagged: bool
    placed: bool
    exact: bool
    open: bool
    furthest: float
    reason: str


def audited(model: str, options: Mapping[str, Any], folder: Path, seed: int, at: int) -> Seen:
    """The audit of all segments of the chain in `folder`, whose run first leaves its recipe in step `at`."""
    torch.backends.mkldnn.enabled = os.environ.get("FMAUDIT_TABLE_ONEDNN") != "off"
    release = Release(Bundle.open(str(folder)), "a" * 64, {}, (seed,), seed)
    work = work_of(model, **options)
    found = trace(release, work, sample("all"), nonce="n", stop=Stop(), watch=Silent())
    shares = [one.distance / one.tolerance for one in found.segments if one.tolerance and one.tolerance < 0.5]
    bad = [one.first < at + 1 <= one.last for one in found.segments if one.state == "failed"]
    exact, left = all(one.exact for one in found.segments), found.traced.state == "not attempted"
    return Seen(found.failed, any(bad), exact, left, max(shares, default=0.0), found.traced.reason)


def main() -> None:
    """Prints one line a model, kind of run and arithmetic."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--models", default="mlp,cnn,gpt,bert,tdnn")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float)
    for name in ("length", "epochs"):  # steps of a segment, epochs of a run
        parser.add_argument(f"--{name}", type=int, default=1)
    parser.add_argument("--recipes", default="adam")
    parser.add_argument("--arithmetics", default=";".join(ARITHMETICS))
    asked = parser.parse_args()
    recipes = RECIPES if asked.recipes == "all" else asked.recipes.split(";")
    print(f"{asked.seeds} seeds: flagged, in the right place, exact, open; furthest / allowed, least..most")
    for arithmetic in asked.arithmetics.split(";"):
        environment, options = ARITHMETICS[arithmetic]
        os.environ.update(environment)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            pool.submit(int).result()  # the process has started, with its environment
            for name in environment:
                del os.environ[name]
            for model, recipe in product(asked.models.split(","), recipes):
                if recipe == "dropout" and model not in ("gpt", "bert"):
                    continue
                for kind in asked.kinds.split(","):
                    told = measured(pool, model, kind, asked, RECIPES[recipe], options)
                    print(f"{arithmetic:<14}{model:<5}{recipe:<14}{kind:<11}{told}", flush=True)


def measured(
    pool: ProcessPoolExecutor,
    model: str,
    kind: str,
    asked: argparse.Namespace,
    recipe: Mapping[str, Any],
    options: dict[str, Any],
) -> str:
    """What the audits of this kind of run came to, over the seeds."""
    training = {"batch_size": asked.batch, "epochs": asked.epochs} | recipe.get("training", {})
    optimizer = {**recipe.get("optimizer", {}), **({"lr": asked.lr} if asked.lr else {})}
    changes = {**recipe, "training": training, "optimizer": optimizer}
    work, seen = work_of(model, **changes), []
    for seed in range(asked.seeds):
        session, at = forged(kind, work, seed, asked.length)
        with TemporaryDirectory() as name:
            layout = {"keep": True, "segments": session.steps // asked.length}
            FORGING.record(session, Chain(Path(name), Bound("a" * 64, {}, {}), **layout), Path(name))
            seen.append(pool.submit(audited, model, changes | options, Path(name), seed, at).result())
    flagged, placed, exact, left, furthest, _ = zip(*seen, strict=True)
    why = {one.reason for one in seen if one.flagged and kind == "honest"}
    counts = "".join(f"{sum(column):>4}" for column in (flagged, placed, exact, left))
    return f"{counts}   {min(furthest):.2g}..{max(furthest):.2g}   {' | '.join(sorted(why))}"


if __name__ == "__main__":
    main()
