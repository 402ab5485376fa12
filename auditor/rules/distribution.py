"""The files that a data manifest lists, and what in it refers to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from auditor.forensics.printed import ANY, read
from auditor.model import KeyPath
from auditor.rules.paths import escapes, is_url, resolved

if TYPE_CHECKING:
    from auditor.readers.document import Document

_SIZE = r"([\d.]+)\s*([kKmMgGtT]?)(i?)([bB]?)(?:ytes?)?"
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def distribution(data: Document) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Each file or file set of the manifest that is a mapping, with its place."""
    for path, item in data.items("distribution"):
        if isinstance(item, dict):
            yield path, item


def local_files(data: Document) -> Iterator[tuple[KeyPath, dict[str, Any], str]]:
    """Each file of the manifest that lies beside it, with its path in the bundle."""
    for path, item in distribution(data):
        url = item.get("contentUrl")
        if not isinstance(url, str) or "containedIn" in item or is_url(url) or escapes(url, data.file):
            continue
        if url and "\0" not in url:
            yield path, item, resolved(url, data.file)


def file_references(data: Document) -> Iterator[tuple[KeyPath, str]]:
    """Every reference to a file or file set, with the place it stands at."""
    for path, item in distribution(data):
        yield from _targets(path, "containedIn", item)
    for record_set, _ in data.items("recordSet"):
        for field, item in data.items(*record_set, "field"):
            source = item.get("source") if isinstance(item, dict) else None
            if isinstance(source, dict):
                yield from _targets((*field, "source"), "fileObject", source)
                yield from _targets((*field, "source"), "fileSet", source)


def identifiers(data: Document) -> Iterator[tuple[KeyPath, str]]:
    """Every `@id` that is given to a file, record set or field, with its place."""
    for part in ("distribution", "recordSet"):
        for path, item in data.items(part):
            if isinstance(item, dict) and isinstance(item.get("@id"), str):
                yield (*path, "@id"), item["@id"]
            for field, column in data.items(*path, "field"):
                if isinstance(column, dict) and isinstance(column.get("@id"), str):
                    yield (*field, "@id"), column["@id"]


def size_agrees(item: dict[str, Any], size_bytes: int) -> bool | None:
    """Whether `contentSize` can mean this size; None where it says nothing that can be read."""
    stated = item.get("contentSize")
    match = re.fullmatch(_SIZE, stated.strip()) if isinstance(stated, str) else None
    printed = read(match[1]) if match else None
    if match is None or printed is None:
        return None
    power = _POWERS[match[2].lower()]
    if power == 0:
        return printed.value == size_bytes
    # `kB` is 1000 or 1024 bytes, depending on who writes it.
    return any(
        abs(printed.value * base**power - size_bytes) <= printed.half_width(ANY) * base**power
        for base in (Fraction(1000), Fraction(1024))
    )


def _targets(path: KeyPath, key: str, owner: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    value = owner.get(key)
    for step, item in enumerate(value) if isinstance(value, list) else ((None, value),):
        place = (*path, key) if step is None else (*path, key, step)
        if isinstance(item, str):
            yield place, item
        elif isinstance(item, dict) and isinstance(item.get("@id"), str):
            yield (*place, "@id"), item["@id"]
