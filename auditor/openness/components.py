"""The 17 components of the Model Openness Framework 1.0: what each is, and the class that asks for it.

Read from the configuration of the Model Openness Tool (https://github.com/lfai/model_openness_tool,
web/modules/mof/config/install/mof.settings.yml, as of 2026-11). Its README and documents speak of 16
components, and one third-party guide lists 16 others; the configuration has 17, and it is what models are
judged by.

`Datasets` and `Sample model outputs` have three types each there. A licence for one type is looked up by a
single type, so that we take the one that the framework's paper names (White et al. 2024, arXiv:2403.13784).
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from auditor.records import dataclass

Kind = Literal["code", "data", "document"]

REPORT, PAPER, DATASETS, PARAMETERS = 11, 21, 15, 10


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a release.

    Attributes:
        id: its number in the Model Openness Tool.
        name: its exact name there.
        kind: what it is, by which licences are appropriate.
        klass: the lowest class that asks for it: 3, 2 or 1, written III, II, I.
        required: whether that class can be had without it.
        about: what it is, in a sentence.
    """

    id: int
    name: str
    kind: Kind
    klass: int
    required: bool
    about: str


# In the order in which the tool shows them: code, data, documents.
COMPONENTS = (
    Component(9, "Model architecture", "code", 3, True, "Well commented code for the model's architecture"),
    Component(16, "Data preprocessing code", "code", 1, True, "Code for cleaning and normalising data"),
    Component(7, "Training code", "code", 2, True, "Code used for training the model"),
    Component(8, "Inference code", "code", 2, True, "Code that runs the model to make predictions"),
    Component(18, "Evaluation code", "code", 2, True, "Code used for evaluating the model"),
    Component(22, "Supporting libraries and tools", "code", 2, False, "Libraries and tools used on the way"),
    Component(10, "Model parameters (Final)", "data", 3, True, "Trained weights and biases"),
    Component(24, "Model parameters (Intermediate)", "data", 1, True, "Checkpoints on the way there"),
    Component(15, "Datasets", "data", 1, True, "Data the model was trained, validated and tested on"),
    Component(19, "Evaluation data", "data", 2, True, "Data used for evaluating the model"),
    Component(17, "Model metadata", "data", 1, False, "Training configuration and optimizer states"),
    Component(20, "Sample model outputs", "document", 3, False, "Examples of what the model puts out"),
    Component(13, "Model card", "document", 3, True, "Performance, intended use and limitations"),
    Component(14, "Data card", "document", 3, True, "Sources, properties and preparation of the data"),
    Component(11, "Technical report", "document", 3, True, "What the model can do and how it is used"),
    Component(21, "Research paper", "document", 1, True, "How the model was developed"),
    Component(12, "Evaluation results", "document", 3, True, "What the evaluation gave"),
)
CLASSES = {3: "III", 2: "II", 1: "I"}
TITLES = {0: "Unclassified", 3: "Open Model", 2: "Open Tooling Model", 1: "Open Science Model"}


@cache
def by_name() -> dict[str, Component]:
    """Every component by its exact name."""
    return {component.name: component for component in COMPONENTS}


@cache
def by_id() -> dict[int, Component]:
    """Every component by its number."""
    return {component.id: component for component in COMPONENTS}


def named(value: object) -> Component | None:
    """The component that a value of a file names, which may be anything."""
    return by_name().get(value) if isinstance(value, str) else None


def numeral(klass: int) -> str:
    """`III`, `II` or `I`; empty for a release without a class."""
    return CLASSES.get(klass, "")


def rank(klass: int) -> int:
    """How much a class asks for: 3 for class I, 1 for class III, 0 for none."""
    return 4 - klass if klass else 0
