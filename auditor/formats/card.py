"""Front matter of a Hugging Face model card, with `model-index`; unknown fields are kept.

Types are those that the hub's validator is known to insist on (`"model-index[0].results[0].dataset.config"
must be a string`), or that hub-docs and `huggingface_hub` state; rules look at what is more than a type.

Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from auditor.formats.strict import Foreign

# `datasets: [null]` stands in thousands of cards: https://github.com/huggingface/transformers/issues/13528
Texts = str | list[str | None]


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
    config: str | None = None
    """Configuration of the metric."""
    verified: bool | None = None
    """Whether the hub itself measured the value; set by the hub."""
    verify_token: Annotated[str | None, Field(alias="verifyToken")] = None
    """The hub's signature on a value that it measured."""


class CardSource(Foreign):
    """Where a result was published before."""

    name: str | None = None
    """Name for people."""
    url: str | None = None
    """Where it can be read."""


class CardResult(Foreign):
    """Metrics on one dataset."""

    task: CardTask
    """The task that was evaluated."""
    dataset: CardDataset | None = None
    """The data that was evaluated on."""
    metrics: Annotated[list[CardMetric], Field(min_length=1)]
    """The published values."""
    source: CardSource | None = None
    """Where the result was published before."""


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
    tags: str | list[str | bool | float] | None = None
    """Free tags; the hub asks for text, and old cards hold what YAML made of `false` or `2022`."""
    datasets: Texts | None = None
    """Training datasets."""
    metrics: Texts | None = None
    """Metrics reported."""
    base_model: Texts | None = None
    """Model this one starts from."""
    base_model_relation: str | None = None
    """How it starts from it: `adapter`, `finetune`, `merge` or `quantized`."""
    new_version: str | None = None
    """Model that replaces this one."""
    model_index: Annotated[list[CardModel] | None, Field(alias="model-index")] = None
    """Published results."""
