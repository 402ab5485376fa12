"""`recipe.yaml`: everything needed to train and evaluate, declared; nothing in it is executed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from auditor.formats.derivation import MOST_DERIVED
from auditor.formats.recipe_data import Data
from auditor.formats.recipe_learning import (
    Constant,
    CrossEntropy,
    Loss,
    Optimizer,
    Positive,
    Schedule,
    Share,
)
from auditor.formats.strict import Count, Ours

Epochs = Annotated[int, Field(ge=1, le=10**6)]
Threads = Annotated[int, Field(ge=1, le=1024)]


class Model(Ours):
    """Which network is trained."""

    reference: str
    """Name of a reference model that ships with fmaudit, for example `cnn`."""
    parameters: dict[str, int | float | str | bool] = {}
    """Arguments of the reference model; what is left out keeps the model's default."""
    initialization: Literal["keras", "torch", "gpt2"] = "torch"
    """Initial weights: `keras` is glorot-uniform with zero bias, `torch` the defaults of torch.nn, `gpt2` is
    normal with sd 0.02 and zero bias, those ending a residual branch divided by sqrt(2 layers)."""


Metric = Literal[
    "accuracy",
    "loss",
    "f1",
    "perplexity",
    "bits_per_byte",
    "mse",
    "mae",
    "r2",
    "wer",
    "cer",
]


class EarlyStopping(Ours):
    """Training ends when a split gets no better; the best epoch's weights are the run's."""

    split: str
    """Split that is looked at after every epoch; never the one that claims are measured on."""
    metric: Metric = "loss"
    """What is looked at."""
    patience: Annotated[int, Field(ge=1, le=10**6)]
    """Epochs without an improvement after which training ends."""


class Training(Ours):
    """How long and in what batches."""

    epochs: Epochs
    """Passes over the train split."""
    batch_size: Count
    """Examples per step; the last batch of an epoch may be smaller."""
    accumulate: Annotated[int, Field(ge=1, le=10**6)] = 1
    """Parts that each batch is cut into, whose gradients are added before the step."""
    shuffle: bool = True
    """Whether each epoch has its own order, drawn from (seed, epoch)."""
    precision: Literal["float32", "tf32", "bf16", "fp16"] = "float32"
    """Arithmetic of forward and backward passes; weights, optimizer and evaluation stay float32. `tf32` needs
    a CUDA device; `bf16` and `fp16` are torch's autocast, `fp16` with the loss scale of its GradScaler."""
    clip_norm: Positive | None = None
    """Gradients longer than this are scaled down to it (Pascanu et al. 2013, algorithm 1)."""
    ema: Share | None = None
    """Decay of an exponential moving average of the weights, which then are the run's weights; it starts at
    the initial ones."""
    early_stopping: EarlyStopping | None = None
    """When training ends before its last epoch; a declared selection. With `ema` it selects an average."""


class Evaluation(Ours):
    """How the trained weights are measured."""

    split: str = "test"
    """Split that the published metrics are measured on."""
    batch_size: Count = 512
    """Examples per forward pass; changes speed and rounding only."""
    metrics: list[Metric] = ["accuracy", "loss"]
    """`accuracy` is the share of labels, tokens or yes-or-nos that are right; `loss` the recipe's own;
    `perplexity` exp of the mean -ln p; `bits_per_byte` that sum over ln 2 and the text's bytes in UTF-8;
    `cer` edits over symbols, `wer` the share of targets not decoded exactly, both on CTC's best path."""


class Seeds(Ours):
    """Which seeds the published runs used: give exactly one of the two."""

    values: Annotated[list[Annotated[int, Field(ge=0, lt=2**63)]], Field(min_length=1)] | None = None
    """The seeds, listed."""
    derive: Annotated[int, Field(ge=1, le=MOST_DERIVED)] | None = None
    """This many seeds, derived from the recipe's digest, so that nobody chose them."""


class Environment(Ours):
    """What changes bits besides the recipe."""

    threads: Threads = 1
    """CPU threads per run; another number changes rounding."""
    python: str | None = None
    """Python version the claims were measured with."""
    torch: str | None = None
    """torch version the claims were measured with."""
    numpy: str | None = None
    """numpy version the claims were measured with."""
    numerics: Literal["exact-math", "replay"] = "exact-math"
    """`replay` rounds as a plain loop over torch's modules does; `exact-math` takes faster kernels of
    the same mathematics."""
    device: Literal["cpu", "cuda", "mps"] | None = None
    """Device class the claims were measured on."""


class Recipe(Ours):
    """Everything needed to train and evaluate one model, apart from the data itself."""

    format: Literal[1]
    """Version of this format."""
    model: Model
    """Which network is trained."""
    data: Data
    """Which data is read."""
    loss: Loss = CrossEntropy()
    """What is minimised."""
    optimizer: Optimizer
    """How weights move."""
    schedule: Schedule = Constant()
    """How the learning rate changes."""
    training: Training
    """How long and in what batches."""
    evaluation: Evaluation = Evaluation()
    """How the trained weights are measured."""
    seeds: Seeds
    """Which seeds the published runs used."""
    determinism: Literal["strict", "relaxed"] = "strict"
    """`strict` asks for deterministic algorithms and fails where there is none."""
    environment: Environment = Environment()
    """What changes bits besides the recipe."""
