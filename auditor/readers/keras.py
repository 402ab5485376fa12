"""The configuration of a Keras model: JSON that says which classes and functions are made on loading.

Every object of the JSON is given, also one whose key stands twice and that most readers therefore overlook.
"""

from __future__ import annotations

import json
from typing import Any

from auditor.model import Place, Span
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.records import dataclass

MAX_CONFIG_BYTES = 64 * 2**20
_MAX_COMMAS = 2_000_000  # each value but the first of its object or list follows one


@dataclass(frozen=True, slots=True)
class KerasConfig:
    """One configuration.

    Attributes:
        file: the file it is in.
        member: its name in an archive, or the attribute that holds it; empty where it is the file.
        objects: every object that names a class, the inner ones first.
        marks: texts that were found in a file that could not be taken apart.
    """

    file: str
    member: str
    objects: tuple[dict[str, Any], ...]
    marks: tuple[str, ...] = ()

    def at(self, name: str = "") -> Place:
        """The place of a layer, or of the configuration: it has no lines of its own."""
        path = tuple(part for part in (self.member, name) if part)
        return Place(self.file, path, span=Span(self.file))


def read_config(file: str, member: str, raw: bytes) -> KerasConfig:
    """The configuration in some bytes.

    Raises:
        Unreadable: they are no JSON, or more than the limits allow.
    """
    where = f"`{shown(member)}`" if member else "the configuration"
    if len(raw) > MAX_CONFIG_BYTES or raw.count(b",") > _MAX_COMMAS:
        raise Unreadable(f"{where} is too long to be read", Span(file))
    found: list[dict[str, Any]] = []

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        last = dict(pairs)
        if "class_name" in last:
            found.append(last)
            if len(last) < len(pairs):
                found.append(dict(reversed(pairs)))
        return last

    try:
        json.loads(raw, object_pairs_hook=keep)
    except UnicodeDecodeError as error:
        raise Unreadable(f"{where} is not UTF-8 at its byte {error.start:,}", Span(file)) from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"{where} is not JSON at its byte {error.pos:,}", Span(file)) from error
    except (RecursionError, ValueError) as error:
        raise Unreadable(f"{where} is not JSON that can be read", Span(file)) from error
    return KerasConfig(file, member, tuple(found))
