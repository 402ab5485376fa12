"""The data manifest against itself and against the files beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.model import Fault, Fix, KeyPath
from auditor.readers.text import shown
from auditor.rules.content import is_pointer, sha256
from auditor.rules.distribution import (
    distribution,
    file_references,
    identifiers,
    local_files,
    size_agrees,
)
from auditor.rules.edits import added, meant, rewritten
from auditor.rules.paths import other_case
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss

__all__ = ["distribution", "local_files"]

if TYPE_CHECKING:
    from auditor.bundle import Bundle, File
    from auditor.readers.croissant import Croissant
    from auditor.readers.document import Document

_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_QUICKLY_HASHED = 2**20  # bytes of a file that is hashed only to offer a fix: a rule lists a thousand faults


@rule("DATA001", level="error", needs=("data", "croissant"))
def dangling_file_reference(data: Document, croissant: Croissant) -> Iterator[Fault]:
    """A field or file of the manifest refers to a file that the manifest does not list.

    Why: Loaders follow these references to find the bytes of a record; a dangling one ends in an exception.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test",
          "field": [{"@type": "cr:Field", "@id": "test/label", "dataType": "sc:Integer",
            "source": {"fileObject": {"@id": "digit.csv"}, "extract": {"column": "label"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test",
          "field": [{"@type": "cr:Field", "@id": "test/label", "dataType": "sc:Integer",
            "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Use the `@id` of an entry of `distribution`, or add the entry.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    known = {item["@id"] for _, item in distribution(data) if isinstance(item.get("@id"), str)}
    if "distribution" not in data.mapping() or croissant.legacy:
        return  # under another name DATA013 understands it; before 1.0 files went by name
    for path, target in file_references(data):
        if target not in known:
            yield data.at(*path).says(
                f"`{shown(target)}` is not in `distribution`",
                help=near_miss(target, known),
                fix=meant(data, path, known),
            )


@rule("DATA002", level="error", needs="data")
def identifier_given_twice(data: Document) -> Iterator[Fault]:
    """Two parts of the manifest have the same `@id`.

    Why: In JSON-LD they are one thing; a reference to it means both, and their properties are mixed.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test"},
                       {"@type": "cr:RecordSet", "@id": "test", "name": "more"}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test"},
                       {"@type": "cr:RecordSet", "@id": "more", "name": "more"}]}
    Fix: Give each file, record set and field an `@id` of its own.
    Source: https://www.w3.org/TR/json-ld11/#node-identifiers
    """
    seen: dict[str, KeyPath] = {}
    for path, identifier in identifiers(data):
        first = seen.setdefault(identifier, path)
        if first != path:
            yield data.at(*path).says(
                f"`{shown(identifier)}` is already the `@id` of something else",
                data.at(*first).labelled("first used here"),
            )


@rule("DATA101", level="error", needs=("data", "bundle"))
def data_file_missing(data: Document, bundle: Bundle) -> Iterator[Fault]:
    """The manifest names a file beside it that the bundle does not have.

    Why: Nobody can train or evaluate on a file that was not shipped, and nothing tells where else it lies.
    Bad:
        # data/digits.csv, absent
    Good:
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "https://example.org/digits.csv", "encodingFormat": "text/csv",
          "sha256": "7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90"}]}
    Fix: Ship the file, or give the URL it can be fetched from and its sha256.
    """
    for path, _, local in local_files(data):
        if bundle.file(local) is None:
            there = other_case(data.get(*path, "contentUrl"), bundle, data.file)
            yield data.at(*path, "contentUrl").says(
                f"`{shown(local)}` is not in the bundle",
                fix=rewritten(data, (*path, "contentUrl"), there) if there else None,
            )


@rule("DATA102", level="error", needs=("data", "bundle"))
def data_file_is_pointer(data: Document, bundle: Bundle) -> Iterator[Fault]:
    """A data file is a Git LFS pointer, not the data.

    Why: The repository was copied without `git lfs pull`; the three lines of text name the data and are
        not it.
    Bad:
        # data/digits.csv, whole file
        version https://git-lfs.github.com/spec/v1
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
        size 12345
    Good:
        # README.md
        The data is small and shipped as it is.
    Fix: Run `git lfs pull` before publishing.
    Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    """
    for path, _, local in local_files(data):
        if is_pointer(bundle, local):
            yield data.at(*path, "contentUrl").says(
                f"`{shown(local)}` is a Git LFS pointer, not the data", help="run `git lfs pull`"
            )


@rule("DATA103", level="error", needs=("data", "bundle"), klass="inconsistent", after=("DATA102",))
def size_differs(data: Document, bundle: Bundle) -> Iterator[Fault]:
    """A data file has another size than the manifest says.

    Why: The file was changed, cut short or exchanged after the manifest was written.
    Bad:
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv", "encodingFormat": "text/csv", "contentSize": "12 B",
          "sha256": "7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90"}]}
    Good:
        # README.md
        Sizes and digests are written by a script, after the data.
    Fix: Write `contentSize` anew, or restore the file.
    """
    for path, item, local in local_files(data):
        file = bundle.file(local)
        if file is not None and file.is_regular and size_agrees(item, file.size_bytes) is False:
            yield data.at(*path, "contentSize").says(
                f"`{shown(local)}` has {file.size_bytes} bytes, "
                f"`contentSize` says {shown(item['contentSize'], 40)}",
                fix=_of_this_file(data, bundle, path, file),
            )


@rule("DATA104", level="error", needs=("data", "bundle"), klass="inconsistent", after=("DATA102",))
def digest_differs(data: Document, bundle: Bundle) -> Iterator[Fault]:
    """A data file's sha256 is not the one in the manifest.

    Why: What was measured on one file is claimed for another; every number of the release is then in doubt.
    Bad:
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv", "encodingFormat": "text/csv",
          "sha256": "7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90"}]}
    Good:
        # README.md
        Sizes and digests are written by a script, after the data.
    Fix: Find out which of the two is right; `sha256sum FILE` prints the digest.
    """
    for path, item, local in local_files(data):
        file = bundle.file(local)
        stated = str(item.get("sha256")).lower()
        if file is None or not file.is_regular or not _DIGEST.fullmatch(stated):
            continue
        if size_agrees(item, file.size_bytes) is False:
            continue  # DATA103 tells
        actual = sha256(bundle, local)
        if actual != stated:
            yield data.at(*path, "sha256").says(
                f"the sha256 of `{shown(local)}` is {actual[:12]}…, the manifest says {stated[:12]}…",
                fix=rewritten(data, (*path, "sha256"), actual, "unsafe"),
            )


@rule("DATA105", level="warning", needs=("data", "bundle"))
def no_digest(data: Document, bundle: Bundle) -> Iterator[Fault]:
    """A file of the manifest has no sha256.

    Why: Without a digest nobody can tell whether the file that is read today is the one that was trained on.
    Bad:
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv", "encodingFormat": "text/csv"}]}
    Good:
        # README.md
        Every file has its digest in the manifest.
    Fix: Add `sha256` with the 64 hexadecimal digits that `sha256sum FILE` prints.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    for path, item in distribution(data):
        is_file = str(item.get("@type")).endswith("FileObject") and "containedIn" not in item
        if not is_file or "git" in str(item.get("encodingFormat")):
            continue  # a file set or a repository has no bytes of its own
        stated = item.get("sha256")
        if stated is None:
            yield data.at(*path).says(
                f"`{shown(str(item.get('@id')))}` has no `sha256`", fix=_with_digest(data, bundle, path)
            )
        elif not isinstance(stated, str) or not _DIGEST.fullmatch(stated):
            yield data.at(*path, "sha256").says(
                f"`{shown(str(stated), 70)}` is no sha256, expected 64 hexadecimal digits",
                fix=_bare_digest(data, (*path, "sha256")),
            )


def _of_this_file(data: Document, bundle: Bundle, path: KeyPath, file: File) -> Fix | None:
    """Size and, where that is soon known, digest in the manifest are those of the file as it is here."""
    size = rewritten(data, (*path, "contentSize"), f"{file.size_bytes} B", "unsafe")
    if size is None or file.size_bytes > _QUICKLY_HASHED or not bundle.content:
        return size
    digest = rewritten(data, (*path, "sha256"), sha256(bundle, file.path), "unsafe")
    return size if digest is None else replace(size, edits=(*size.edits, *digest.edits))


def _with_digest(data: Document, bundle: Bundle, path: KeyPath) -> Fix | None:
    """The digest of the file as it is here stands in the manifest; that of a large one is left to people."""
    local = next((local for owner, _, local in local_files(data) if owner == path), "")
    file = bundle.file(local)
    if file is None or not file.is_regular or file.size_bytes > _QUICKLY_HASHED or not bundle.content:
        return None
    if is_pointer(bundle, local):
        return None
    return added(data, (*path, "contentUrl"), "sha256", sha256(bundle, local), "unsafe")


def _bare_digest(data: Document, path: KeyPath) -> Fix | None:
    """The digest stands without blanks around it and without the name of its kind."""
    stated = data.get(*path)
    digits = stated.strip().lower().removeprefix("sha256:").strip() if isinstance(stated, str) else ""
    return rewritten(data, path, digits) if _DIGEST.fullmatch(digits) else None
