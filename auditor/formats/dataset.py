"""The part of a Croissant 1.0/1.1 data manifest that fmaudit reads; the rest is kept.

JSON-LD has several ways to write the same, so the schema asks for little: that parts are mappings or lists of
them. What a manifest must say is judged by the rules DATA003 to DATA049, which understand those ways.

Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from auditor.formats.strict import Foreign


class FileObject(Foreign):
    """One file, in the bundle or elsewhere."""

    type_: Annotated[str | list[str] | None, Field(alias="@type")] = None
    """`cr:FileObject` or `cr:FileSet`."""
    id: Annotated[str | None, Field(alias="@id", min_length=1)] = None
    """Name that record sets and recipes refer to."""
    content_url: Annotated[Any, Field(alias="contentUrl")] = None
    """Path beside the manifest, a URL, or `pkg:pypi/NAME#PATH` for a file of an installed package."""
    content_size: Annotated[Any, Field(alias="contentSize")] = None
    """Size with unit, for example `57523 B`."""
    encoding_format: Annotated[Any, Field(alias="encodingFormat")] = None
    """Media type."""
    sha256: Any = None
    """Digest of the file's bytes."""


class RecordSet(Foreign):
    """A table of records, for example one split."""

    type_: Annotated[str | list[str] | None, Field(alias="@type")] = None
    """`cr:RecordSet`."""
    id: Annotated[str | None, Field(alias="@id", min_length=1)] = None
    """Name that claims refer to."""
    name: Any = None
    """Name for people."""
    field: list[dict[str, Any]] | dict[str, Any] = []
    """Columns of the records."""


class Dataset(Foreign):
    """A Croissant data manifest."""

    context: Annotated[Any, Field(alias="@context")]
    """JSON-LD context."""
    type_: Annotated[str | list[str] | None, Field(alias="@type")] = None
    """`sc:Dataset`."""
    name: Any = None
    """Name of the dataset."""
    description: Any = None
    """What it holds."""
    conforms_to: Annotated[Any, Field(alias="conformsTo")] = None
    """Version of Croissant."""
    license: Any = None
    """Licence of the data."""
    url: Any = None
    """Home page."""
    cite_as: Annotated[Any, Field(alias="citeAs")] = None
    """How to cite it."""
    version: Any = None
    """Version of the dataset."""
    distribution: list[FileObject] | FileObject = []
    """The files."""
    record_set: Annotated[list[RecordSet] | RecordSet, Field(alias="recordSet")] = []
    """The tables."""
