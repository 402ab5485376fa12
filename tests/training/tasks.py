"""The smallest task of each kind of loss, with drawn data."""

import numpy as np
import torch

from auditor.formats.recipe import Recipe
from auditor.training import device
from auditor.training.arrays import Arrays
from auditor.training.task import task

_RNG = np.random.default_rng(0)
_VECTORS = _RNG.random((20, 3), np.float32)
_LABELS = (_VECTORS[:, 0] > 0.5).astype(np.int64)
_TOKENS = _RNG.integers(0, 5, (6, 9))
_TEXT = Arrays(_TOKENS[:, :8].copy(), _TOKENS[:, 1:].copy(), np.array([1, 1, 2, 3, 4]))
_SEQUENCES = np.array([[1, 2, -1], [3, 3, 1], [2, -1, -1], [-1, -1, -1]])
_SMALL = {"vocabulary": 5, "block": 8, "layers": 1, "heads": 2, "width": 8}


def _mlp(outputs):
    return {"reference": "mlp", "parameters": {"inputs": 3, "hidden": 4, "layers": 1, "outputs": outputs}}


KINDS = {
    "cross-entropy": (_mlp(2), Arrays(_VECTORS, _LABELS), ["accuracy", "loss", "f1", "perplexity"]),
    "mse": (_mlp(2), Arrays(_VECTORS, _VECTORS[:, :2] * 3), ["loss", "mse", "mae", "r2"]),
    "huber": (_mlp(1), Arrays(_VECTORS, _VECTORS[:, :1] * 3), ["loss", "mae"]),
    "bce": (_mlp(2), Arrays(_VECTORS, (_VECTORS[:, :2] > 0.4).astype(np.int64)), ["accuracy", "f1"]),
    "contrastive": (_mlp(3), Arrays(_VECTORS, _LABELS), ["loss"]),
    "next token": (
        {"reference": "gpt", "parameters": _SMALL, "initialization": "gpt2"},
        _TEXT,
        ["accuracy", "perplexity", "bits_per_byte"],
    ),
    "masked-cross-entropy": (
        {"reference": "bert", "parameters": _SMALL, "initialization": "gpt2"},
        _TEXT,
        ["accuracy", "perplexity", "bits_per_byte", "f1"],
    ),
    "ctc": (
        {"reference": "tdnn", "parameters": {"features": 3, "width": 4, "layers": 1, "outputs": 4}},
        Arrays(_RNG.random((4, 30), np.float32), _SEQUENCES),
        ["wer", "cer"],
    ),
}


def recipe_of(kind, **change):
    model, _, metrics = KINDS[kind]
    loss = {"kind": "cross-entropy" if kind == "next token" else kind}
    plain = {
        "format": 1,
        "model": model,
        "data": {"splits": {}},
        "loss": loss,
        "optimizer": {"lr": 0.01},
        "training": {"epochs": 2, "batch_size": 4},
        "evaluation": {"metrics": metrics},
        "seeds": {"derive": 2},
    }
    return Recipe.model_validate(plain | change)


def task_of(kind, arrays=None, **change):
    recipe = recipe_of(kind, **change)
    device.settle(recipe)
    arrays = arrays or KINDS[kind][1]
    return task(recipe, {"train": arrays, "test": arrays}, torch.device("cpu"))
