"""Trains the same by HF Trainer, logging and checkpoints off; a process of its own, timed whole.

python tests/bench/trainer.py NAME SEEDS FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import Dataset, SequentialSampler
from transformers import Trainer, TrainingArguments

from reference_models import catalogue

SIZES: dict[str, tuple[dict[str, Any], int]] = {
    "mlp": ({"inputs": 30, "outputs": 2}, 64),
    "cnn": ({"height": 28, "width": 28, "classes": 10}, 128),
    "gpt": ({"vocabulary": 65, "block": 64, "layers": 4, "width": 128, "heads": 4}, 12),
    "bert": ({"vocabulary": 8000, "block": 64, "layers": 4, "width": 128, "heads": 4}, 32),
}


class Rows(Dataset[dict[str, Tensor]]):
    """Examples in the order they are trained on."""

    def __init__(self, inputs: Tensor, targets: Tensor) -> None:
        self.inputs, self.targets = inputs, targets

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"inputs": self.inputs[index], "labels": self.targets[index]}


class WithLoss(nn.Module):
    """A reference model as Trainer wants it: labels in, loss out."""

    def __init__(self, name: str, model: nn.Module) -> None:
        super().__init__()
        self.name, self.model = name, model

    def forward(self, inputs: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """The loss of a batch."""
        if self.name == "bert":
            logits = self.model(inputs, torch.arange(inputs.numel()))
        elif self.name == "cnn":
            x = inputs
            for layer in (self.model.conv1, self.model.conv2):
                x = functional.max_pool2d(functional.relu(layer(x)), 2)  # type: ignore[operator]
            logits = self.model.head(x.flatten(1))  # type: ignore[operator]
        else:
            logits = self.model(inputs)
        return {"loss": functional.cross_entropy(logits.flatten(0, -2), labels.flatten())}


class InOrder(Trainer):
    """Takes the rows as they lie, and keeps the last loss."""

    def _get_train_sampler(self, *_: Any) -> Any:
        return SequentialSampler(self.train_dataset)

    def training_step(self, *arguments: Any, **named: Any) -> Tensor:
        """As Trainer's."""
        self.last: Tensor = super().training_step(*arguments, **named)
        return self.last


def main(name: str, n_seeds: int, folder: Path) -> None:
    """Writes the last loss of each seed."""
    torch.set_num_threads(1)
    given, size = SIZES[name]
    last = []
    for seed in range(n_seeds):
        model = catalogue.build(name, given)
        model.load_state_dict(load_file(folder / f"weights-{seed}.safetensors"), assign=True)
        data = load_file(folder / f"data-{seed}.safetensors")
        arguments = TrainingArguments(
            output_dir=str(folder / "out"), num_train_epochs=1, per_device_train_batch_size=size,
            learning_rate=0.001, lr_scheduler_type="constant", max_grad_norm=0.0, weight_decay=0.0,
            logging_strategy="no", save_strategy="no", report_to=[], disable_tqdm=True, use_cpu=True,
        )  # fmt: skip
        trainer = InOrder(
            model=WithLoss(name, model), args=arguments, train_dataset=Rows(data["inputs"], data["targets"])
        )
        trainer.train()
        last.append(float(trainer.last))
    (folder / "losses-theirs.txt").write_text(" ".join(map(repr, last)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
