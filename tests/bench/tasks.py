"""Small tasks on drawn data that the benchmarks of training share, and the loops they are compared with.

Letters: N examples, B batch, C channels, H height, W width, T tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from auditor.formats.recipe import Recipe
from auditor.training.batches import order_of
from auditor.training.data import Arrays
from auditor.training.masking import hide, places
from auditor.training.task import Task, task

LR = 0.001
Forward = Callable[[nn.Module, Tensor], Tensor]
INITIAL = {"mlp": "torch", "cnn": "torch", "gpt": "gpt2", "bert": "gpt2"}
# name: parameters, loss, batch size, values an example, classes or vocabulary
TASKS: dict[str, tuple[dict[str, Any], str, int, int, int]] = {
    "mlp": ({"inputs": 30, "outputs": 2}, "cross-entropy", 64, 30, 2),
    "cnn": ({"height": 28, "width": 28, "classes": 10}, "cross-entropy", 128, 784, 10),
    "gpt": (
        {"vocabulary": 65, "block": 64, "layers": 4, "width": 128, "heads": 4},
        "cross-entropy",
        12,
        64,
        65,
    ),
    "bert": (
        {"vocabulary": 8000, "block": 64, "layers": 4, "width": 128, "heads": 4},
        "masked-cross-entropy",
        32,
        64,
        8000,
    ),
}


def made(name: str, steps: int, numerics: str = "exact-math", **parameters: int) -> Task:
    """The task of that name with one epoch of `steps` whole batches; nothing is set for the process."""
    given, loss, batch, width, classes = TASKS[name]
    split = {"kind": "csv", "file": "x", "first_row": 0, "rows": 1, "features": width, "label_column": 0}
    recipe = Recipe.model_validate(
        {
            "format": 1,
            "model": {"reference": name, "parameters": given | parameters, "initialization": INITIAL[name]},
            "data": {"splits": {"train": split}},
            "loss": {"kind": loss},
            "optimizer": {"lr": LR},
            "training": {"epochs": 1, "batch_size": batch},
            "evaluation": {"split": "train"},
            "seeds": {"derive": 1},
            "environment": {"numerics": numerics},
        }
    )
    rng = np.random.default_rng(0)
    n = steps * batch
    if name in ("mlp", "cnn"):
        inputs = rng.standard_normal((n, width)).astype(np.float32)
        arrays = Arrays(inputs, inputs[:, :classes].argmax(1))
    else:
        tokens = rng.integers(0, classes, (n, width + 1))
        arrays = Arrays(tokens[:, :-1].copy(), tokens[:, 1:].copy())
    return task(recipe, {"train": arrays}, torch.device("cpu"))


def as_taught(name: str) -> Forward:
    """The model's outputs for a batch's inputs, computed as tutorials do."""
    if name == "cnn":
        return _pooled_last
    if name == "bert":
        return lambda model, tokens: model(tokens, torch.arange(tokens.numel()))  # logits everywhere
    return lambda model, inputs: model(inputs)


def naive(name: str, work: Task, seed: int) -> Tensor:
    """The losses of a loop written by hand with torch.optim's defaults and batches by index."""
    model, forward = work.initial_model(seed), as_taught(name)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    examples, size = work.splits["train"], work.recipe.training.batch_size
    losses = []
    for step, index in enumerate(order_of(work, seed, 0).split(size)):  # type: ignore[no-untyped-call]
        inputs, targets = examples.inputs[index], examples.targets[index]
        if name == "bert":
            inputs, targets = masked(inputs, seed, step, work)
        logits = forward(model, inputs)
        loss = functional.cross_entropy(logits.flatten(0, -2), targets.flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def masked(tokens: Tensor, seed: int, step: int, work: Task) -> tuple[Tensor, Tensor]:
    """The tokens (B, T) with some hidden, and as targets what stood there, elsewhere -100."""
    share = work.recipe.loss.share  # type: ignore[union-attr]
    where = torch.from_numpy(places(seed, step, *tokens.shape, share))
    inputs, hidden, positions = hide(tokens, where, work.mask)
    targets = torch.full((tokens.numel(),), -100).index_copy(0, positions, hidden)
    return inputs, targets


def _pooled_last(model: nn.Module, images: Tensor) -> Tensor:
    """As https://keras.io/examples/vision/mnist_convnet/ writes it: convolution, ReLU, pooling."""
    x = images
    for layer in (model.conv1, model.conv2):
        x = functional.max_pool2d(functional.relu(layer(x)), 2)  # type: ignore[operator]
    logits: Tensor = model.head(x.flatten(1))  # type: ignore[operator]
    return logits


def write(name: str, work: Task, seed: int, folder: Path) -> None:
    """The seed's initial weights, and its examples in the order that its batches take them, as files."""
    from safetensors.torch import save_file

    examples, size = work.splits["train"], work.recipe.training.batch_size
    order = order_of(work, seed, 0)
    inputs, targets = examples.inputs[order], examples.targets[order]
    if name == "bert":
        parts = [masked(tokens, seed, step, work) for step, tokens in enumerate(inputs.split(size))]  # type: ignore[no-untyped-call]
        inputs = torch.cat([tokens for tokens, _ in parts])
        targets = torch.cat([hidden for _, hidden in parts]).view(inputs.shape)
    save_file(work.initial_weights(seed), folder / f"weights-{seed}.safetensors")
    save_file(
        {"inputs": inputs.contiguous(), "targets": targets.contiguous()}, folder / f"data-{seed}.safetensors"
    )
