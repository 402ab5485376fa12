"""The files of a tokenizer: how high the numbers go that they give to pieces of text; nothing is judged.

The files are read by the C reader of JSON, without places, and the rules of merging are left out: a tokenizer
may have 30 MB, of which they are two thirds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from auditor.model import Place, Span
from auditor.readers.document import MAX_NODES, Unreadable
from auditor.readers.text import split_lines
from auditor.records import dataclass

MAX_BYTES = 64 * 2**20  # twice Gemma 3's, the largest that is released today
FILES = ("tokenizer.json", "vocab.json", "vocab.txt", "added_tokens.json", "tokenizer_config.json")
# The list of merges, in either of its forms: "a b" or ["a", "b"]. Possessive, so that no text makes it slow.
_MERGES = re.compile(
    rb'"merges"\s*+:\s*+\[(?:\s*+(?:"(?:[^"\\]|\\.)*+"|\[(?:\s*+"(?:[^"\\]|\\.)*+"\s*+,?+)*+\s*+\])\s*+,?+)*+\s*+\]',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text and its number."""

    text: str
    number: int


@dataclass(frozen=True, slots=True)
class TokenFile:
    """The highest numbers in one file.

    Attributes:
        learned: the highest of the vocabulary itself; None where the file has none.
        added: the highest of those added to it by hand; None where there are none.
    """

    file: str
    learned: Token | None
    added: Token | None

    def at(self) -> Place:
        """The file as such: its places are not looked up, for it may be large."""
        return Place(self.file, span=Span(self.file))


def read_tokens(file: str, raw: bytes) -> TokenFile:
    """The highest numbers in one of FILES.

    Raises:
        Unreadable: it is not UTF-8, not JSON, or not the kind of JSON that such a file holds.
    """
    if file == "vocab.txt":
        text = _text(file, raw).rstrip("\r\n")
        lines = split_lines(text)
        return TokenFile(file, Token(lines[-1], len(lines) - 1) if text else None, None)
    value = _json(file, raw)
    if file == "vocab.json":
        return TokenFile(file, _highest(value.items()), None)
    if file == "added_tokens.json":
        return TokenFile(file, None, _highest(value.items()))
    if file == "tokenizer_config.json":
        decoder = value.get("added_tokens_decoder")
        return TokenFile(file, None, _highest(_decoded(decoder) if isinstance(decoder, dict) else ()))
    listed = value.get("added_tokens")
    added = {
        each["content"]: each.get("id")
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and isinstance(each.get("content"), str)
    }
    learned = _highest((text, number) for text, number in _vocabulary(value) if text not in added)
    return TokenFile(file, learned, _highest(added.items()))


def _text(file: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"byte {error.start:,} is not UTF-8", Span(file), "download the file again"
        ) from error


def _json(file: str, raw: bytes) -> dict[str, Any]:
    kept = _MERGES.sub(b'"merges":[]', raw) if file == "tokenizer.json" else raw
    if kept.count(b",") > MAX_NODES:
        raise Unreadable(f"the file holds more than {MAX_NODES:,} values", Span(file))
    try:
        value = json.loads(_text(file, kept))
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"the file is not JSON ({error.msg})", Span(file), "download the file again"
        ) from error
    except (RecursionError, ValueError) as error:
        raise Unreadable("the file is not JSON that can be read", Span(file)) from error
    if not isinstance(value, dict):
        raise Unreadable("the file is not a JSON object", Span(file), "download the file again")
    return value


def _vocabulary(value: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Text and number of each learned token: stated, or by place in a list of text and score."""
    model = value.get("model")
    words = model.get("vocab") if isinstance(model, dict) else None
    if isinstance(words, dict):
        yield from words.items()
    elif isinstance(words, list):
        for number, each in enumerate(words):
            yield (each[0] if isinstance(each, list) and each else ""), number


def _decoded(decoder: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The same of `added_tokens_decoder`, whose keys are the numbers."""
    for number, each in decoder.items():
        if number.isascii() and number.isdigit() and len(number) < 18 and isinstance(each, dict):
            yield each.get("content"), int(number)


def _highest(tokens: Iterable[tuple[Any, Any]]) -> Token | None:
    best: tuple[str, int] | None = None
    for text, number in tokens:
        if type(number) is int and isinstance(text, str) and (best is None or number > best[1]):
            best = text, number
    return None if best is None else Token(*best)
