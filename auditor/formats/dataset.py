"""The part of a Croissant 1.0/1.1 data manifest that fmaudit reads; the rest is kept.

Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from auditor.formats.strict import Foreign


class FileObject(Foreign):
    """One file, in the bundle or elsewhere."""

    type_: Annotated[str, Field(alias="@type")]
    """`cr:FileObject` or `cr:FileSet`."""
    id: Annotated[str, Field(alias="@id", min_length=1)]
    """Name that record sets and recipes refer to."""
    content_url: Annotated[str | None, Field(alias="contentUrl")] = None
    """Path beside the manifest, a URL, or `pkg:pypi/NAME#PATH` for a file of an installed package."""
    content_size: Annotated[str | None, Field(alias="contentSize")] = None
    """Size with unit, for example `57523 B`."""
    encoding_format: Annotated[str | list[str] | None, Field(alias="encodingFormat")] = None
    """Media type."""
    sha256: str | None = None
    """Digest of the file's bytes."""


class RecordSet(Foreign):
    """A table of records, for example one split."""

    type_: Annotated[str | None, Field(alias="@type")] = None
    """`cr:RecordSet`."""
    id: Annotated[str, Field(alias="@id", min_length=1)]
    """Name that claims refer to."""
    name: str | None = None
    """Name for people."""
    field: list[dict[str, Any]] | dict[str, Any] = []
    """Columns of the records."""


class Dataset(Foreign):
    """A Croissant data manifest."""

    context: Annotated[Any, Field(alias="@context")]
    """JSON-LD context."""
    type_: Annotated[str, Field(alias="@type")]
    """`sc:Dataset`."""
    name: str
    """Name of the dataset."""
    description: str | None = None
    """What it holds."""
    conforms_to: Annotated[str | list[str] | None, Field(alias="conformsTo")] = None
    """Version of Croissant."""
    license: str | list[str] | None = None
    """Licence of the data."""
    url: str | None = None
    """Home page."""
    cite_as: Annotated[str | None, Field(alias="citeAs")] = None
    """How to cite it."""
    version: str | int | float | None = None
    """Version of the dataset."""
    distribution: list[FileObject] = []
    """The files."""
    record_set: Annotated[list[RecordSet], Field(alias="recordSet")] = []
    """The tables."""
