"""What rules on front matter share: values that are one text or a list of texts, names of the hub, tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.model import KeyPath
    from auditor.readers.document import Document

MOST = 1_000  # entries of one list that are looked at; multilingual models name some hundred languages


def texts(document: Document, *path: str | int) -> Iterator[tuple[KeyPath, str]]:
    """Each text at `path`, be it one or a list of them, with its own path; other types are the schema's."""
    value = document.get(*path)
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value[:MOST]):
            if isinstance(item, str):
                yield (*path, index), item


def listed_results(card: Document) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every result of every model in `model-index` that is a mapping, with its path."""
    for model, _ in card.items("model-index"):
        for path, result in card.items(*model, "results"):
            if isinstance(result, dict):
                yield path, result


def is_hub_id(text: str) -> bool:
    """Whether a text has the form of a repository's name on the hub, with or without its owner.

    https://github.com/embeddings-benchmark/mteb/issues/1111 quotes the pattern of the hub's validator, which
    asks for an owner without dots; `huggingface_hub` allows them.
    """
    return _pattern().fullmatch(text) is not None


def is_web_token(text: str) -> bool:
    """Whether a text has the form of a JSON Web Token (RFC 7519): its header says how it was signed.

    Nothing is verified: that takes the hub's key.
    """
    import json
    from base64 import urlsafe_b64decode

    parts = text.split(".", 3)
    head = parts[0]
    if len(parts) != 3 or not all(parts) or len(head) > MOST or not head.isascii():
        return False
    try:
        header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and isinstance(header.get("alg"), str)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile(r"(?:\w[\w.-]*/)?[\w.-]+", re.ASCII)
