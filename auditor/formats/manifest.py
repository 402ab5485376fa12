"""`fmaudit.yaml`: what no other file of a release says: components, claims with conditions, budget."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from auditor.formats.settings import Check
from auditor.formats.strict import Number, Ours, RelativePath, text_like

Seed = Annotated[int, Field(ge=0, lt=2**63)]

# Names of the 17 components of the Model Openness Framework 1.0 (White et al. 2024, arXiv:2403.13784).
Component = Literal[
    "Model architecture",
    "Data preprocessing code",
    "Training code",
    "Inference code",
    "Evaluation code",
    "Supporting libraries and tools",
    "Model parameters (Final)",
    "Model parameters (Intermediate)",
    "Datasets",
    "Evaluation data",
    "Model metadata",
    "Model card",
    "Data card",
    "Technical report",
    "Research paper",
    "Evaluation results",
    "Sample model outputs",
]


class Part(Ours):
    """One released component."""

    component: Component
    """Name in the Model Openness Framework."""
    path: RelativePath | None = None
    """File or folder inside the bundle."""
    url: str | None = None
    """Where it lies if not in the bundle."""
    license: str | None = None
    """SPDX identifier of its licence."""


class Metric(Ours):
    """What was measured."""

    type: Annotated[str, Field(min_length=1)]
    """Name of the metric as the recipe's evaluation and the card write it, for example `accuracy`."""
    unit: Literal["proportion", "percent", "nats", "bits_per_byte", "count", "seconds", "score"]
    """Unit of the printed value."""
    average: Literal["binary", "micro", "macro", "weighted", "samples"] | None = None
    """How classes were averaged, where that matters."""
    lower_is_better: bool = False
    """Direction of improvement."""


class ClaimData(Ours):
    """What it was measured on."""

    ref: str | None = None
    """The record set: `data/croissant.json#test`."""
    split: Annotated[str, Field(min_length=1)]
    """Name of the split."""
    n: PositiveInt
    """Number of examples in it."""


class Runs(Ours):
    """The training runs behind the value."""

    n: PositiveInt
    """Number of runs."""
    seeds: list[Seed] | None = None
    """Their seeds."""
    values: list[Number] | None = None
    """The value of each run, in the order of the seeds."""
    statistic: Literal["single", "mean", "median", "max", "best"] = "single"
    """How the runs were summed up in the value."""
    std: Number | None = None
    """Standard deviation over the runs."""
    ddof: Literal[0, 1] = 1
    """Divisor of the standard deviation is n - ddof."""


class Selection(Ours):
    """How the checkpoint that was measured had been chosen."""

    split: str
    """Split that the choice looked at."""
    rule: Literal["last", "best", "early-stopping"]
    """Which checkpoint was taken."""


class Tolerance(Ours):
    """How far a reproduction may fall short; leave out to let the verdict derive it."""

    abs: Number
    """Absolute shortfall, in the unit of the value."""


class Evidence(Ours):
    """A file of the bundle that holds the number."""

    path: RelativePath
    """File inside the bundle."""
    pointer: str | None = None
    """JSON pointer (RFC 6901) to the value, where the file is JSON."""


class Predictions(Ours):
    """A file of the bundle that holds what the shipped weights predict, example by example."""

    path: RelativePath
    """JSON Lines of `index` and `predicted`, or a CSV with these columns; examples count from 0."""


class Claim(Ours):
    """One published metric value with its conditions."""

    id: Annotated[
        str, text_like(r"^[a-z0-9][a-z0-9._-]*$", "small letters, digits, `.`, `_` and `-`", "test-accuracy")
    ]
    """Stable name that findings and verdicts use."""
    metric: Metric
    """What was measured."""
    value: Number
    """The value as printed; quote it."""
    data: ClaimData
    """What it was measured on."""
    runs: Runs | None = None
    """The runs behind it; one run of unknown seed where left out."""
    selection: Selection | None = None
    """How the checkpoint was chosen."""
    tolerance: Tolerance | None = None
    """Declared tolerance."""
    evidence: list[Evidence] = []
    """Where the number can be read again."""
    predictions: Predictions | None = None
    """What the shipped weights predict on the split, compared item by item."""
    primary: bool = False
    """Whether this claim alone gates the release; without one, every claim does."""


class Hardware(Ours):
    """What it was trained on."""

    chip: str | None = None
    """Name of the chip."""
    count: PositiveInt | None = None
    """How many."""
    hours: Number | None = None
    """Wall-clock hours."""


class Budget(Ours):
    """Size and cost."""

    params_total: NonNegativeInt | None = None
    """Number of trainable weights, tied ones counted once."""
    tokens_seen: NonNegativeInt | None = None
    """Tokens consumed in training."""
    hardware: Hardware | None = None
    """What it was trained on."""


class Manifest(Ours):
    """The release manifest."""

    format: Literal[1]
    """Version of this format."""
    release: Annotated[str, Field(min_length=1)]
    """Name and version of the release."""
    license: str | None = None
    """SPDX identifier that holds where a component names none."""
    components: list[Part] = []
    """What is released, by the names of the Model Openness Framework."""
    mof_class: Literal["III", "II", "I"] | None = None
    """Class of the Model Openness Framework that the release claims to be of."""
    claims: list[Claim] = []
    """Published metric values."""
    shipped_seed: Seed | None = None
    """Seed of the run whose weights are shipped."""
    budget: Budget | None = None
    """Size and cost."""
    check: Check | None = None
    """How the release is checked, by its own word."""
