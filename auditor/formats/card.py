"""Front matter of a Hugging Face model card, with `model-index`; unknown fields are kept.

Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from auditor.formats.strict import Foreign

Texts = str | list[str]


class CardTask(Foreign):
    """The task that was evaluated."""

    type: str
    """Task identifier, for example `image-classification`."""
    name: str | None = None
    """Name for people."""


class CardDataset(Foreign):
    """The data that was evaluated on."""

    type: str
    """Dataset identifier on the hub."""
    name: str
    """Name for people."""
    config: str | None = None
    """Configuration or subset."""
    split: str | None = None
    """Split that was evaluated."""
    revision: str | None = None
    """Commit of the dataset."""


class CardMetric(Foreign):
    """One published value."""

    type: str
    """Metric identifier, for example `accuracy`."""
    value: float | str | list[float] | dict[str, float]
    """The value."""
    name: str | None = None
    """Name for people."""


class CardResult(Foreign):
    """Metrics on one dataset."""

    task: CardTask
    """The task that was evaluated."""
    dataset: CardDataset | None = None
    """The data that was evaluated on."""
    metrics: Annotated[list[CardMetric], Field(min_length=1)]
    """The published values."""


class CardModel(Foreign):
    """One model's results."""

    name: str
    """Name of the model."""
    results: list[CardResult]
    """Its results."""


class Card(Foreign):
    """Front matter of a model card."""

    license: Texts | None = None
    """Licence identifier as the hub writes it, lower case."""
    license_name: str | None = None
    """Name of the licence where `license` is `other`."""
    license_link: str | None = None
    """Where that licence can be read."""
    language: Texts | None = None
    """Language codes."""
    library_name: str | None = None
    """Library that loads the model."""
    pipeline_tag: str | None = None
    """Task the model is for."""
    tags: list[str] | None = None
    """Free tags."""
    datasets: Texts | None = None
    """Training datasets."""
    metrics: Texts | None = None
    """Metrics reported."""
    base_model: Texts | None = None
    """Model this one starts from."""
    model_index: Annotated[list[CardModel] | None, Field(alias="model-index")] = None
    """Published results."""
