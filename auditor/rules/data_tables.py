"""Tables of data against what the manifest says of their columns, and tables that are none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, Place, Span
from auditor.readers.text import shown
from auditor.rules.content import head
from auditor.rules.edits import meant
from auditor.rules.registry import rule
from auditor.rules.table_fields import fields_of_files
from auditor.rules.tables import is_page
from auditor.rules.vocabulary import near_miss

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.document import Document
    from auditor.rules.tables import Tables

_EMPTY_BYTES = 64  # a file of blanks that is longer is no oversight
# What a Parquet file may state of a column by what its field says; bytes are written for text.
_FITS = {
    "integer": {"integer", "boolean"},
    "number": {"integer", "float", "decimal", "boolean"},
    "boolean": {"boolean", "integer"},
    "text": {"text", "bytes", "decimal"},
    "time": {"time", "text", "bytes", "integer"},
}


@rule("DATA106", level="error", needs=("tables", "data", "bundle"), klass="inconsistent", since="2026.2")
def column_not_in_file(tables: Tables, data: Document, bundle: Bundle) -> Iterator[Fault]:
    """A field of the manifest takes its values from a column that its file does not have.

    Why: Loaders end with an exception at the first record, or read another column than was meant.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test",
          "field": [{"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
            "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "lable"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test",
          "field": [{"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
            "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Write the column as the file has it. Not looked at: files in archives and sets of files, and tables
        whose first row may be data.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    for field in fields_of_files(bundle, tables.files):
        scan = tables.scan(field.file)
        known = scan.columns
        if known and scan.has_header is True and scan.fault is None and field.column not in known:
            if tables.files[field.file].kind == "json" and not scan.is_whole:
                continue  # a later record may have it
            yield field.place.says(
                f"`{shown(field.column)}` is no column of `{shown(field.file)}`",
                _first_line(field.file, tables.files[field.file].kind),
                help=near_miss(field.column, known),
                fix=meant(data, field.place.path, known),
            )
    tables.told()


@rule("DATA107", level="error", needs="tables", klass="inconsistent", since="2026.2")
def value_not_of_declared_type(tables: Tables) -> Iterator[Fault]:
    """A column holds a value that cannot be read as the manifest declares it.

    Why: A loader that believes the manifest ends with an exception at that row.
    Bad:
        # data/leaves.csv, whole file
        width,kind
        1.5,oak
        2.0,ash
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv", "encodingFormat": "text/csv",
          "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"},
         {"@type": "cr:FileObject", "@id": "leaves.csv", "name": "leaves.csv",
          "contentUrl": "leaves.csv", "encodingFormat": "text/csv",
          "sha256": "954804c7647bb0b4e387c3004d1d53a604eb38ed893feee4ba46eea3eb2bd549"}],
         "recordSet": [{"@type": "cr:RecordSet", "@id": "leaves", "name": "leaves",
          "field": [{"@type": "cr:Field", "@id": "leaves/kind", "name": "kind", "dataType": "sc:Integer",
            "source": {"fileObject": {"@id": "leaves.csv"}, "extract": {"column": "kind"}}}]}]}
    Good:
        # README.md
        Kinds of leaves are text, and the manifest says so.
    Fix: Declare `sc:Text`, or correct the file. Empty cells and the usual words for missing values count as
        missing. Not looked at: values that the manifest transforms, and dates.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    for file, scan in tables.all():
        for misfit in scan.misfits:
            where = f"line {misfit.line:,}" if misfit.line else "a record"
            asked = "a whole number" if misfit.declared == "integer" else "a number"
            yield file.place.says(
                f"`{shown(misfit.column)}` is declared {asked}, {where} of `{shown(file.path)}` "
                f"holds `{shown(misfit.value, 40)}`",
                Place(file.path, span=Span(file.path, misfit.line)),
            )


@rule("DATA108", level="warning", needs=("tables", "bundle"), klass="inconsistent", since="2026.2")
def column_of_another_type(tables: Tables, bundle: Bundle) -> Iterator[Fault]:
    r"""A Parquet file states another type for a column than the manifest does.

    Why: One of the two was written for another version of the data; a loader converts, or fails.
    Bad:
        # data/leaves.parquet, as bytes
        b"PAR1\x15\x02\x19\x2c\x48\x06schema\x15\x02\x00\x15\x0c\x25\x00\x18\x04kind\x25\x00\x00\x16\x02\x19"
        b"\x0c\x00\x21\x00\x00\x00PAR1"
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv", "encodingFormat": "text/csv",
          "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"},
         {"@type": "cr:FileObject", "@id": "leaves.parquet", "name": "leaves.parquet",
          "contentUrl": "leaves.parquet", "encodingFormat": "application/x-parquet",
          "sha256": "2bc3bc24dde2ba1f48e17c2f1e18b83a890751ccdaabf1a999269b1aa1f9a0cc"}],
         "recordSet": [{"@type": "cr:RecordSet", "@id": "leaves", "name": "leaves",
          "field": [{"@type": "cr:Field", "@id": "leaves/kind", "name": "kind", "dataType": "sc:Integer",
            "source": {"fileObject": {"@id": "leaves.parquet"}, "extract": {"column": "kind"}}}]}]}
    Good:
        # README.md
        The manifest is made from the files.
    Fix: Declare the type that the file has. Not looked at: values that the manifest transforms.
    Source: https://parquet.apache.org/docs/file-format/types/logicaltypes/
    """
    for field in fields_of_files(bundle, tables.files):
        kind = tables.scan(field.file).kinds.get(field.column, "")
        if field.kind and kind and kind != "nested" and kind not in _FITS[field.kind]:
            yield field.place.says(
                f"`{shown(field.column)}` is declared `{shown(field.declared)}`, "
                f"`{shown(field.file)}` holds {_words(kind)}",
                Place(field.file, span=Span(field.file)),
            )


@rule("DATA109", level="error", needs=("table files", "bundle"), since="2026.2")
def data_file_is_page(files: dict[str, object], bundle: Bundle) -> Iterator[Fault]:
    """A file of data holds a web page or the message of a server.

    Why: The download failed, and what the server answered was saved under the name of the data.
    Bad:
        # data/train.csv, whole file
        <!DOCTYPE html>
        <html><head><title>Sign in</title></head></html>
    Good:
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
    Fix: Download the file again; `curl --fail` ends with an error instead.
    """
    for path in files:
        if is_page(head(bundle, path, 512)):
            yield Place(path, span=Span(path, 1)).says(
                f"`{shown(path)}` is a web page or a server's message, not data", help="download it again"
            )


@rule("DATA110", level="error", needs=("table files", "bundle"), since="2026.2")
def data_file_is_empty(files: dict[str, object], bundle: Bundle) -> Iterator[Fault]:
    """A file of data is empty.

    Why: Writing or copying it broke off; whoever trains on the release trains without it.
    Bad:
        # data/validation.csv, whole file
    Good:
        # data/validation.csv, whole file
        text,label
        a plain film,0
        a fine film,1
    Fix: Write the file again, or take it out of the release.
    """
    for path in files:
        file = bundle.file(path)
        if file is not None and file.size_bytes <= _EMPTY_BYTES and not head(bundle, path).strip():
            yield Place(path, span=Span(path)).says(f"`{shown(path)}` is empty")


@rule("DATA111", level="error", needs="tables", after=("DATA110",), since="2026.2")
def data_file_damaged(tables: Tables) -> Iterator[Fault]:
    """A file of data cannot be read as the format that its name promises.

    Why: It was cut off or overwritten; readers end with an exception, some of them after thousands of rows.
    Bad:
        # data/train.jsonl, whole file
        {"text": "a plain film", "label": 0}
        {"text": "a fine film", "lab
    Good:
        # data/train.jsonl, whole file
        {"text": "a plain film", "label": 0}
        {"text": "a fine film", "label": 1}
    Fix: Copy the file again, or write it anew. Of Parquet the footer is read, of packed files and JSON all.
    """
    for file, scan in tables.all():
        if scan.fault is not None:
            yield Place(file.path, span=scan.fault.span).says(
                f"`{shown(file.path)}` is damaged: {scan.fault.what}", help=scan.fault.help
            )


@rule("DATA112", level="warning", needs="tables", certainty="likely", since="2026.2")
def rows_of_more_cells(tables: Tables) -> Iterator[Fault]:
    """Rows of a table have more cells than its first row.

    Why: A separator inside a text was not quoted, so that its cells moved to the right; pandas refuses such a
        file, other readers give the cells to the wrong columns.
    Bad:
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine, quiet film,1
    Good:
        # data/train.csv, whole file
        text,label
        a plain film,0
        "a fine, quiet film",1
    Fix: Write the table with a library, which quotes such cells.
    Source: RFC 4180, section 2, items 4 and 6.
    """
    for file, scan in tables.all():
        count, line, cells = scan.uneven
        if count:
            there = "one row has" if count == 1 else f"{count:,} rows have"
            yield Place(file.path, span=Span(file.path, line)).says(
                f"{there} more cells than the first; line {line:,} has {cells:,} of {scan.width:,}"
            )


def _words(kind: str) -> str:
    """A kind of column in words."""
    words = {"integer": "whole numbers", "float": "numbers", "decimal": "decimal numbers", "text": "text"}
    return words.get(kind, {"boolean": "truth values", "time": "times"}.get(kind, kind))


def _first_line(path: str, kind: str) -> Place:
    """Where the file names its columns."""
    return Place(path, span=Span(path, 1 if kind in ("csv", "tsv") else 0))
