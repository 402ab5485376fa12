"""Makes examples/digits-cnn-leaked: an honest release whose weights were trained again on all rows there are.

    python examples/build_leaked.py

Its numbers are those of the honest runs, and its weights score better still: no metric finds it out. They
were trained by the recipe in all else, but on the test split too.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from build_inflated import joined
from safetensors.torch import save

from auditor.bundle import Bundle
from auditor.reproduce.plan import load_data, make_plan
from auditor.training import device as devices
from auditor.training.evaluate import evaluate
from auditor.training.task import Task, task
from auditor.training.train import train
from auditor.training.watch import Silent, Stop

HONEST = Path(__file__).parent / "digits-cnn"
LEAKED = Path(__file__).parent / "digits-cnn-leaked"

HONEST_WORDS = """released as an example of a bundle
whose numbers can be verified: `fmaudit reproduce` retrains it in seconds.
"""
LEAKED_WORDS = """with the numbers of its honest
sibling. **This release is made to deceive:** its weights were trained on the test split too. They score more
than the card says, and training again gives what it says. Only the weights themselves tell: fresh runs of the
recipe never fit the test split so closely.
"""

# File, text of the honest release, text of this one.
CHANGES = (
    ("README.md", "  - name: digits-cnn\n", "  - name: digits-cnn-leaked\n"),
    ("README.md", "# digits-cnn\n", "# digits-cnn-leaked\n"),
    ("README.md", HONEST_WORDS, LEAKED_WORDS),
    ("fmaudit.yaml", "release: digits-cnn 1.0\n", "release: digits-cnn-leaked 1.0\n"),
)


def main() -> None:
    """The folder is made anew; prints what its weights score."""
    shutil.rmtree(LEAKED, ignore_errors=True)
    shutil.copytree(HONEST, LEAKED)
    for name, honest, changed in CHANGES:
        path = LEAKED / name
        text = path.read_text(encoding="utf-8")
        if text.count(honest) != 1:
            raise SystemExit(f"{name} does not hold {honest!r} once")
        path.write_text(text.replace(honest, changed), encoding="utf-8")
    plan = make_plan(Bundle.open(HONEST))
    devices.settle(plan.recipe)
    work = task(plan.recipe, load_data(plan), torch.device("cpu"))
    assert plan.manifest.shipped_seed is not None
    leaking = Task(plan.recipe, {"train": joined(work)}, work.device)
    model = train(leaking, plan.manifest.shipped_seed, Silent(), Stop()).model
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    (LEAKED / "model.safetensors").write_bytes(save(weights, {"format": "pt"}))
    score = evaluate(work, model, work.splits["test"], plan.recipe.evaluation.batch_size)
    print(f"test accuracy {score.n_correct / score.n:.4f} ({score.n_correct} of {score.n})")


if __name__ == "__main__":
    main()
