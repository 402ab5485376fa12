"""Prints what fmaudit costs as ratios to what one would use instead, each measured in one run.

python tests/bench/run.py [NAME...] [--pairs 15] [--peers .venv-bench/bin]
"""

from __future__ import annotations

import argparse
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from pairs import Amount, Ratio, command, ratio

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sysconfig.get_path("scripts"))
DIGITS = ROOT / "examples" / "digits-cnn"
FMAUDIT = str(BIN / "fmaudit")

Figures = Iterator[tuple[str, float, Ratio | Amount]]  # what was measured, its target, how it came out


def start(pairs: int) -> Figures:
    """Start-up: the help against importing the libraries that a validator is made of."""
    imports = "import click, rich, pydantic, jsonschema, yaml"
    yield (
        f"fmaudit --help  /  python -c '{imports}'",
        0.35,
        ratio(command([FMAUDIT, "--help"]), command([sys.executable, "-c", imports]), pairs),
    )


def check(pairs: int) -> Figures:
    """The whole check of a bundle against a schema check of its manifest alone."""
    schema = ROOT / "schemas" / "fmaudit.schema.json"
    other = [str(BIN / "check-jsonschema"), "--schemafile", str(schema), str(DIGITS / "fmaudit.yaml")]
    yield (
        "fmaudit check digits-cnn  /  check-jsonschema of its fmaudit.yaml",
        0.8,
        ratio(command([FMAUDIT, "check", str(DIGITS)]), command(other), pairs),
    )


def train(pairs: int) -> Figures:
    """One seed of digits-cnn against a loop written by hand with the same batches and the same losses."""
    import torch
    from torch.nn import functional

    from auditor.bundle import Bundle
    from auditor.reproduce.plan import load_data, make_plan
    from auditor.training import device
    from auditor.training.batches import gather
    from auditor.training.checkpoint import Checkpoints
    from auditor.training.randomness import order
    from auditor.training.task import task
    from auditor.training.train import Trained
    from auditor.training.train import train as trained
    from auditor.training.watch import Silent, Stop

    plan = make_plan(Bundle.open(DIGITS))
    device.settle(plan.recipe)
    work = task(plan.recipe, load_data(plan), torch.device("cpu"))
    examples, training = work.splits["train"], plan.recipe.training
    kept: dict[str, torch.Tensor] = {}

    def ours() -> None:
        checkpoints = Checkpoints(plan.run_dir / "bench.safetensors")
        checkpoints.remove()
        run: Trained = trained(work, 0, Silent(), Stop(), checkpoints)
        kept["ours"] = run.losses

    def bare() -> None:
        model = work.initial_model(0)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, fused=True)
        losses = []
        for epoch in range(training.epochs):
            for index in torch.from_numpy(order(0, epoch, len(examples))).split(training.batch_size):
                batch = gather(work, examples, index, (0, 0))
                loss = functional.cross_entropy(model(batch.inputs), batch.targets)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                losses.append(loss.detach())
        kept["bare"] = torch.stack(losses)

    measured = ratio(ours, bare, pairs)
    if not torch.equal(kept["ours"], kept["bare"]):
        raise RuntimeError("the losses differ, so the two did not do the same work")
    yield "training digits-cnn  /  bare PyTorch loop, losses equal to the last bit", 1.05, measured


def main() -> None:
    """Runs the benchmarks named on the command line, all of them by default."""
    import cards
    import tracing
    import training
    import weights

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    benchmarks = {
        "start": start,
        "check": check,
        "cards": cards.cards,
        "train": train,
        **training.benchmarks,
        "chain": tracing.chain,
        "trace": tracing.audit,
        **weights.benchmarks(FMAUDIT, DIGITS),
    }
    names = ", ".join(benchmarks)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {names}; all by default")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument(
        "--peers", type=Path, default=ROOT / ".venv-bench" / "bin", help="where modelscan and mlcroissant are"
    )
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(benchmarks) - {"peers"}:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    benchmarks["peers"] = weights.peers(FMAUDIT, DIGITS, asked.peers)
    for name in asked.names or benchmarks:
        for title, target, measured in benchmarks[name](asked.pairs):
            print(title)
            print(
                f"  {measured}, target {target:g}: {'met' if measured.median <= target else 'missed'}",
                flush=True,
            )


if __name__ == "__main__":
    main()
