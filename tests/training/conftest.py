"""A task small enough to train in a blink: striped 8x8 images whose label is the stripe's column."""

import numpy as np
import pytest
import torch

from auditor.formats.recipe import Recipe
from auditor.training import device
from auditor.training.data import Arrays
from auditor.training.task import task

RECIPE = {
    "format": 1,
    "model": {
        "reference": "cnn",
        "parameters": {"height": 8, "width": 8, "channels": 1, "classes": 4, "padding": "same"},
        "initialization": "keras",
    },
    "data": {
        "splits": {
            name: {
                "kind": "csv",
                "file": "x.csv",
                "first_row": 0,
                "rows": 1,
                "features": 64,
                "label_column": 64,
            }
            for name in ("train", "test")
        }
    },
    "optimizer": {"lr": 0.001},
    "training": {"epochs": 3, "batch_size": 16},
    "seeds": {"derive": 2},
}


def striped(n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, n)
    images = rng.random((n, 8, 8), np.float32)
    for image, label in zip(images, labels, strict=True):
        image[:, 2 * label] += 1
    return Arrays(images.reshape(n, 64), labels)


@pytest.fixture
def recipe():
    return Recipe.model_validate(RECIPE)


@pytest.fixture
def small_task(recipe):
    device.settle(recipe)
    return task(recipe, {"train": striped(90, 0), "test": striped(40, 1)}, torch.device("cpu"))


@pytest.fixture
def task_with():
    """A function of sections of the recipe: `task_with(training={"ema": 0.9})` is the small task with an EMA."""

    def make(**sections):
        recipe = Recipe.model_validate(
            RECIPE | {name: RECIPE.get(name, {}) | values for name, values in sections.items()}
        )
        device.settle(recipe)
        arrays = {"train": striped(90, 0), "test": striped(40, 1), "validation": striped(40, 2)}
        return task(recipe, arrays, torch.device("cpu"))

    return make
