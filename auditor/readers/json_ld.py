"""Names in JSON-LD: what the `@context` of a document makes of them, for the vocabularies of data manifests.

Of the standard only this: prefixes, terms, `@vocab`, `@base` and the types that terms give their values.
Contexts that lie elsewhere are not fetched.

Source: https://www.w3.org/TR/json-ld11/
"""

from __future__ import annotations

from typing import Any

# Namespaces by the short name that is used here. The first of each is the one that the specification and its
# loader use; the others are met in manifests (github.com/mlcommons/croissant/issues/1018).
NAMESPACES = {
    "https://schema.org/": "sc",
    "http://schema.org/": "sc",
    "http://mlcommons.org/croissant/RAI/": "rai",
    "https://mlcommons.org/croissant/RAI/": "rai",
    "http://mlcommons.org/croissant/": "cr",
    "https://mlcommons.org/croissant/": "cr",
    "http://mlcommons.org/schema/": "ml",
    "http://purl.org/dc/terms/": "dct",
    "http://www.w3.org/ns/prov#": "prov",
}
_PREFIXES = {"sc": "sc", "schema": "sc", "cr": "cr", "rai": "rai", "dct": "dct", "prov": "prov", "ml": "ml"}
_BARE = frozenset({"sc", "cr", "ml"})  # namespaces whose names need no prefix here
_STEPS = 8  # terms of a context that lead to terms; a longer way is a circle, or made to waste time


class Context:
    """What the names of one manifest mean.

    Attributes:
        terms: the `@context`, its mappings put together.
        remote: whether a part of it lies elsewhere, so that a name unknown here may be known there.
        is_mapping: whether it is one mapping, as the reference loader demands.
    """

    def __init__(self, value: Any) -> None:
        self.terms: dict[str, Any] = {}
        self.remote = False
        self.is_mapping = isinstance(value, dict)
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, dict):
                self.terms.update(one)
            elif isinstance(one, str):
                self.remote = True
        vocabulary = self.terms.get("@vocab")
        self._vocabulary = vocabulary if isinstance(vocabulary, str) else ""
        base = self.terms.get("@base")
        self.base = base if isinstance(base, str) else ""
        self._names: dict[str, str] = {}
        self._split: dict[str, tuple[str, str]] = {}

    def name(self, word: str) -> str:
        """A property's or type's name: bare for schema.org and Croissant, else with prefix or as written."""
        known = self._names.get(word)
        if known is None:
            space, rest = self.split(word)
            if space in _BARE or (space, rest) == ("dct", "conformsTo") or rest.startswith("@"):
                known = rest
            else:
                known = f"{space}:{rest}" if space else word
            self._names[word] = known
        return known

    def split(self, word: str) -> tuple[str, str]:
        """Short name of the namespace, and the name in it; an unknown namespace is empty."""
        if word not in self._split:
            self._split[word] = self._parted(word)
        return self._split[word]

    def expanded(self, word: str) -> str:
        """The IRI that a name stands for; the name itself where the context gives none."""
        for _ in range(_STEPS):
            meant = self._meant(word)
            if meant and meant != word:
                word = meant
                continue
            prefix, colon, rest = word.partition(":")
            if not colon:
                return self._vocabulary + word if not word.startswith("@") else word
            start = self._meant(prefix)
            if not start or rest.startswith("//"):
                return word
            word = start + rest
        return word

    def declares(self, word: str) -> bool:
        """Whether the context says what a name, or the prefix it begins with, stands for."""
        return bool(self.remote or self._meant(word) or self._meant(word.partition(":")[0]))

    def coerces(self, word: str) -> str:
        """How values of a property are read: `@vocab`, `@json`, another type, or as they are."""
        term = self.terms.get(word)
        kind = term.get("@type") if isinstance(term, dict) else None
        return kind if isinstance(kind, str) else ""

    def _parted(self, word: str) -> tuple[str, str]:
        iri = self.expanded(word)
        for space, short in NAMESPACES.items():
            if iri.startswith(space):
                return short, iri[len(space) :]
        prefix, colon, rest = iri.partition(":")
        if colon and prefix in _PREFIXES:
            return _PREFIXES[prefix], rest
        return ("sc", word) if not colon and not self._vocabulary else ("", iri)

    def _meant(self, word: str) -> str:
        term = self.terms.get(word)
        if isinstance(term, dict):
            term = term.get("@id")
        return term if isinstance(term, str) and not word.startswith("@") else ""
