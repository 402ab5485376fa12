"""`recipe.yaml`: everything needed to train and evaluate, declared; nothing in it is executed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from auditor.formats.derivation import MOST_DERIVED
from auditor.formats.strict import Number, Ours, RelativePath

# Bounds far beyond what a reference model is trained on: no field can ask for more than a machine has.
Count = Annotated[int, Field(ge=1, le=2**31)]
Row = Annotated[int, Field(ge=0, le=2**31)]
Epochs = Annotated[int, Field(ge=1, le=10**6)]
Threads = Annotated[int, Field(ge=1, le=1024)]


class Model(Ours):
    """Which network is trained."""

    reference: str
    """Name of a reference model that ships with fmaudit, for example `cnn`."""
    parameters: dict[str, int | float | str | bool] = {}
    """Arguments of the reference model; what is left out keeps the model's default."""
    initialization: Literal["keras", "torch"] = "torch"
    """Initial weights: `keras` is glorot-uniform with zero bias, `torch` the defaults of torch.nn."""


class CsvSplit(Ours):
    """Rows of a comma-separated file of numbers, gzip allowed."""

    kind: Literal["csv"]
    """How the split is stored."""
    file: str
    """`@id` of the FileObject in the data manifest."""
    first_row: Row
    """First row of the split, counted from 0."""
    rows: Count
    """Number of rows in the split."""
    features: Count
    """The first this many columns are the inputs, row-major."""
    label_column: Row
    """Column of the integer label, counted from 0."""
    has_header: bool = False
    """Whether the first line names the columns."""


class IdxSplit(Ours):
    """A pair of idx files (the format of MNIST), gzip allowed."""

    kind: Literal["idx"]
    """How the split is stored."""
    images: str
    """`@id` of the FileObject holding unsigned bytes of shape (n, height, width)."""
    labels: str
    """`@id` of the FileObject holding n unsigned bytes."""


Split = Annotated[CsvSplit | IdxSplit, Field(discriminator="kind")]


class Data(Ours):
    """Which data is read, and how it becomes tensors."""

    manifest: RelativePath = "data/croissant.json"
    """The Croissant manifest that names the files and their sha256."""
    divide_by: Number = "1"
    """Inputs are divided by this, for example 255 for bytes."""
    splits: dict[str, Split]
    """Splits by name; `train` is trained on."""


class Loss(Ours):
    """What is minimised."""

    kind: Literal["cross-entropy"] = "cross-entropy"
    """Softmax cross-entropy on integer labels, averaged over the batch, in nats."""


class Optimizer(Ours):
    """How weights move."""

    kind: Literal["adam"] = "adam"
    """Adam (Kingma and Ba 2015, algorithm 1)."""
    lr: Annotated[float, Field(gt=0)]
    """Learning rate."""
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.9, 0.999)
    """Decay rates of the two moments."""
    eps: Annotated[float, Field(gt=0)] = 1e-8
    """Added to the denominator: 1e-8 in torch, 1e-7 in Keras."""


class Schedule(Ours):
    """How the learning rate changes over steps."""

    kind: Literal["constant"] = "constant"
    """The learning rate stays what it is."""


class Training(Ours):
    """How long and in what batches."""

    epochs: Epochs
    """Passes over the train split."""
    batch_size: Count
    """Examples per step; the last batch of an epoch may be smaller."""
    shuffle: bool = True
    """Whether each epoch has its own order, drawn from (seed, epoch)."""
    precision: Literal["float32"] = "float32"
    """Number format of weights and arithmetic."""


Metric = Literal["accuracy", "loss"]


class Evaluation(Ours):
    """How the trained weights are measured."""

    split: str = "test"
    """Split that the published metrics are measured on."""
    batch_size: Count = 512
    """Examples per forward pass; changes speed and rounding only."""
    metrics: list[Metric] = ["accuracy", "loss"]
    """`accuracy` is a proportion; `loss` is the mean cross-entropy in nats."""


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
    loss: Loss = Loss()
    """What is minimised."""
    optimizer: Optimizer
    """How weights move."""
    schedule: Schedule = Schedule()
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
