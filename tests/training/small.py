"""Tiny tasks of the reference models on drawn data, for tests of how training computes."""

import numpy as np
import torch

from auditor.formats.recipe import Recipe
from auditor.training import device
from auditor.training.data import Arrays
from auditor.training.task import task

CNN = {"height": 8, "width": 8, "classes": 3, "padding": "same"}
TOKENS = {"vocabulary": 7, "block": 6, "layers": 1, "width": 8, "heads": 2}
MODELS = {
    "mlp": ({"inputs": 5, "hidden": 8, "outputs": 3}, "cross-entropy"),
    "cnn": (CNN, "cross-entropy"),
    "gpt": (TOKENS, "cross-entropy"),
    "bert": (TOKENS, "masked-cross-entropy"),
}


def small(name, *, n=23, batch=7, epochs=3, numerics="exact-math", where="cpu", **change):
    """A task of `n` examples; `change` replaces tables of the recipe."""
    parameters, loss = MODELS[name]
    width = {"mlp": 5, "cnn": 64}.get(name, 6)
    split = {"kind": "csv", "file": "x", "first_row": 0, "rows": 1, "features": width, "label_column": 0}
    recipe = {
        "format": 1,
        "model": {"reference": name, "parameters": parameters},
        "data": {"splits": {"train": split}},
        "loss": {"kind": loss},
        "optimizer": {"lr": 0.01},
        "training": {"epochs": epochs, "batch_size": batch},
        "evaluation": {"split": "train"},
        "seeds": {"derive": 1},
        "environment": {"numerics": numerics},
    }
    recipe = Recipe.model_validate(recipe | change)
    rng = np.random.default_rng(0)
    if name in ("mlp", "cnn"):
        inputs = rng.random((n, width), np.float32)
        targets = inputs[:, :3].argmax(1)
        if recipe.loss.kind in ("mse", "huber"):
            targets = inputs[:, :3] ** 2
    else:
        tokens = rng.integers(0, 7, (n, width + 1))
        inputs, targets = tokens[:, :-1].copy(), tokens[:, 1:].copy()
    device.settle(recipe)
    return task(recipe, {"train": Arrays(inputs, targets)}, torch.device(where))
