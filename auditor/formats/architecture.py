"""`config.json` and the safetensors shard index, as far as fmaudit reads them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeInt

from auditor.formats.strict import Foreign


class Config(Foreign):
    """Architecture of the model, in the manner of transformers."""

    model_type: str | None = None
    """Family of the architecture; a reference model's name for reference models."""
    architectures: list[str] | None = None
    """Class names."""
    torch_dtype: str | None = None
    """Number format of the weights, for example `float32`."""
    dtype: str | None = None
    """Newer name of `torch_dtype`."""
    parameters: dict[str, int | float | str | bool] | None = None
    """Arguments of the reference model, where `model_type` names one."""


class IndexMetadata(Foreign):
    """Facts about all shards together."""

    total_size: NonNegativeInt | None = None
    """Bytes of all tensors."""


class Index(Foreign):
    """`model.safetensors.index.json`: which shard holds which tensor."""

    metadata: IndexMetadata = IndexMetadata()
    """Facts about all shards together."""
    weight_map: Annotated[dict[str, str], Field(min_length=1)]
    """File name by tensor name."""
