"""A score: the value of a metric that a release publishes somewhere; and a quantity: any other number."""

from __future__ import annotations

from typing import Literal

from auditor.forensics.printed import Printed
from auditor.model import Place
from auditor.records import dataclass
from auditor.statements.metrics import Metric

Source = Literal[
    "manifest",
    "model-index",
    "eval-results",
    "card list",
    "card table",
    "card prose",
    "benchmark table",
    "results",
    "training log",
]


@dataclass(frozen=True, slots=True)
class Score:
    """A published value of a metric.

    Attributes:
        place: where it stands.
        source: what kind of place that is.
        text: the metric's name as it is written there.
        metric: that name taken apart.
        value: the number as printed.
        unit: `percent`, `proportion` and so on where the place says so, else empty; never guessed.
        dataset: name of the data as written, empty where the place names none.
        config: configuration or subset of the data, likewise.
        split: canonical name of the split, likewise.
        average: how classes were averaged, likewise.
        n: number of examples, where the same place says it.
        shots: how many solved examples the prompt held, likewise.
        group: equal for scores of one model measured together on one piece of data: a row, a block of a list,
            an entry of `model-index`; no two files share a group.
        label: the class or model that the row or column is about, empty where it has none.
        own: whether the place speaks of the released model as a whole: false in rows of a table that lists
            several models or classes, and in sentences that may be about another.
        verified: whether somebody else than the author says to have measured it.
    """

    place: Place
    source: Source
    text: str
    metric: Metric
    value: Printed
    group: str
    unit: str = ""
    dataset: str = ""
    config: str = ""
    split: str = ""
    average: str = ""
    n: int | None = None
    label: str = ""
    own: bool = True
    verified: bool = False
    shots: int | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A published number that is no score: a size, a setting, a cost.

    Attributes:
        place: where it stands.
        source: the file's kind, as a reader would say it: `card`, `config`, `recipe`, `log`, `weights` ...
        name: canonical name, one for one idea in all sources: `learning_rate`, `params_total`, `steps` ...
        value: the number as printed.
        unit: canonical unit, empty where the number has none.
        group: equal for quantities that one place states together.
        label: the model that a row of a table is about; empty where it is the released one.
    """

    place: Place
    source: str
    name: str
    value: Printed
    unit: str = ""
    group: str = ""
    label: str = ""
