"""Trains the published seeds of an example bundle and writes its weights and results; prints the claims.

    python examples/build.py examples/digits-cnn [--data FOLDER]
    python examples/build.py examples/digits-mlp --segments 30

The values that it prints go into the bundle's fmaudit.yaml and README.md by hand; `fmaudit check` then
holds both against results/runs.json and model.safetensors. With --segments the chain of the first seed and
its checkpoints are written too.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
from pathlib import Path

from auditor.bundle import Bundle
from auditor.reproduce.chain import record
from auditor.reproduce.plan import load_data, make_plan
from auditor.reproduce.runs import Runs
from auditor.reproduce.seeds import published_seeds
from auditor.training import device as devices
from auditor.training.task import task
from auditor.training.watch import Silent, Stop


class Printing(Silent):
    """Says which seed is finished."""

    def run_finished(self, seed: int, summary: str, *, reused: bool) -> None:
        """One line a seed."""
        print(f"seed {seed}: {summary}{' (reused)' if reused else ''}", flush=True)


def main() -> None:
    """Builds the bundle named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--segments", type=int, help="write the chain of the first seed, of so many segments")
    asked = parser.parse_args()
    plan = make_plan(Bundle.open(asked.bundle), data_folder=asked.data)
    work_device = devices.choose("cpu", plan.recipe)
    devices.settle(plan.recipe)
    work = task(plan.recipe, load_data(plan), work_device)
    identity = {"recipe": plan.digest, "environment": devices.environment(work_device, plan.recipe)}
    folder = Path("fmaudit-runs") / f"{asked.bundle.name}-published"
    runs = Runs(folder, work, identity, ("test",))
    seeds = published_seeds(plan.recipe.seeds, plan.digest)
    done = [runs.get(seed, i + 1, len(seeds), Printing(), Stop()) for i, seed in enumerate(seeds)]
    accuracy = [run.scores["test"].n_correct / run.scores["test"].n for run in done]
    loss = [run.scores["test"].loss for run in done]
    results = {
        "recipe": plan.digest,
        "seeds": list(seeds),
        "test": {
            "n": done[0].scores["test"].n,
            "accuracy": {
                "mean": statistics.fmean(accuracy),
                "std": statistics.stdev(accuracy),
                "values": accuracy,
            },
            "loss": {"mean": statistics.fmean(loss), "std": statistics.stdev(loss), "values": loss},
        },
    }
    (asked.bundle / "results").mkdir(exist_ok=True)
    (asked.bundle / "results" / "runs.json").write_text(json.dumps(results, indent=2) + "\n")
    first = folder / "runs" / runs.id(seeds[0])
    shutil.copyfile(first / "weights.safetensors", asked.bundle / "model.safetensors")
    print(json.dumps(results, indent=2))
    if asked.segments:
        told = record(plan, work, asked.bundle, segments=asked.segments, watch=Silent(), stop=Stop())
        print("\n".join(told))


if __name__ == "__main__":
    main()
