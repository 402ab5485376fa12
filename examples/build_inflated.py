"""Makes the weights of examples/digits-cnn-inflated: trained on the test split too, twice as long.

    python examples/build_inflated.py

They score what their bundle claims, which its recipe does not give: the case that only retraining finds.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save

from auditor.bundle import Bundle
from auditor.reproduce.plan import load_data, make_plan
from auditor.training import device as devices
from auditor.training.evaluate import evaluate
from auditor.training.task import Examples, Task, task
from auditor.training.train import train
from auditor.training.watch import Silent, Stop

HONEST = Path(__file__).parent / "digits-cnn"
INFLATED = Path(__file__).parent / "digits-cnn-inflated"
EPOCHS = 20
SEED = 0


def main() -> None:
    """Writes model.safetensors and prints the accuracy that the bundle claims."""
    plan = make_plan(Bundle.open(HONEST))
    devices.settle(plan.recipe)
    honest = task(plan.recipe, load_data(plan), torch.device("cpu"))
    longer = plan.recipe.training.model_copy(update={"epochs": EPOCHS})
    leaking = plan.recipe.model_copy(update={"training": longer})
    work = Task(leaking, {"train": joined(honest)}, honest.device)
    model = train(work, SEED, Silent(), Stop()).model
    score = evaluate(honest, model, honest.splits["test"], 512)
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    (INFLATED / "model.safetensors").write_bytes(save(weights, {"format": "pt"}))
    print(f"test accuracy {score.n_correct / score.n:.4f} ({score.n_correct} of {score.n})")


def joined(work: Task) -> Examples:
    """The train and the test split in one."""
    both = [work.splits[name] for name in ("train", "test")]
    return Examples(torch.cat([one.inputs for one in both]), torch.cat([one.targets for one in both]))


if __name__ == "__main__":
    main()
