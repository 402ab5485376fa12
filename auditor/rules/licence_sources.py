"""Where a bundle states licences, and what an identifier, an expression or an address of a licence means.

No rules live here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.vocabulary import canonical_licence, hub_licences, phrases, spdx_licences

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.model import Place

OPERATORS = frozenset({"and", "or", "with"})
UNDECIDED = frozenset({"other", "unknown"})
_LICENCE_FILES = frozenset({"license", "licence", "copying", "unlicense"})  # with any ending, at the top
# Addresses that are the names of licences, up to the name.
_ADDRESS = (
    r"(?i)https?://(?:www\.)?(?:"
    r"creativecommons\.org/(?:licenses/(?P<cc>[a-z-]{2,8})/(?P<cc_version>\d\.\d)|publicdomain/(?P<zero>zero)/1\.0)"
    r"|(?:opensource|spdx)\.org/licen[cs]es?/(?P<spdx>[\w.+-]{2,60}?)(?:\.(?:html|json|php))?/?$"
    r"|apache\.org/licenses/(?P<apache>LICENSE-2\.0)"
    r"|opendatacommons\.org/licenses/(?P<odc>by|odbl|pddl)\b"
    r"|gnu\.org/licenses/(?P<gnu>a?gpl-3\.0|lgpl-3\.0|old-licenses/l?gpl-2\.[01]))"
)
MOST_LICENCES = 1_000  # of one list that are read: a release names a handful
_LONGEST = 1_000  # characters of a text that is still the name of a licence


def licences(document: Document, *path: str | int) -> list[str]:
    """The texts at `path`, one or the first MOST_LICENCES of a list of them."""
    value = document.get(*path)
    listed = value[:MOST_LICENCES] if isinstance(value, list) else [value]
    return [text for text in listed if isinstance(text, str)]


def stated(bundle: Bundle) -> Iterator[tuple[Place, str]]:
    """Every licence text of card and manifest, components included, with its place."""
    for need in ("card", "manifest"):
        document = bundle.get(need)
        if isinstance(document, Document):
            owners = [("license",), *((*path, "license") for path, _ in document.items("components"))]
            for path in owners:
                value = document.get(*path)
                listed = enumerate(value[:MOST_LICENCES]) if isinstance(value, list) else ((None, value),)
                for step, text in listed:
                    if isinstance(text, str):
                        yield document.at(*path) if step is None else document.at(*path, step), text


def of_data(bundle: Bundle) -> Iterator[tuple[Place, str]]:
    """Every licence that the release states for its data: in the data manifest, and for its component."""
    data, manifest = bundle.get("data"), bundle.get("manifest")
    if isinstance(data, Document):
        value = data.get("license")
        for one in value[:MOST_LICENCES] if isinstance(value, list) else [value]:
            text = one.get("url", one.get("@id", one.get("name"))) if isinstance(one, dict) else one
            if isinstance(text, str):
                yield data.at("license"), text
    if isinstance(manifest, Document):
        for path, part in manifest.items("components"):
            if isinstance(part, dict) and part.get("component") == "Datasets":
                for text in licences(manifest, *path, "license"):
                    yield manifest.at(*path, "license"), text


def identifiers(text: str) -> list[str]:
    """The licence identifiers in an SPDX expression (what follows WITH is an exception, no licence)."""
    words = text.replace("(", " ").replace(")", " ").split()
    parts = [
        word
        for before, word in zip(["", *words], words, strict=False)
        if word.lower() not in OPERATORS and before.lower() != "with"
    ]
    named = parts if len(parts) < len(words) or len(parts) == 1 else [text.strip()]
    return [name for name in named if name]


def canonical(texts: list[str]) -> set[str]:
    """The licences that texts name, each in one spelling."""
    return {canonical_licence(identifier) for text in texts for identifier in identifiers(text)}


def meant(text: str) -> set[str]:
    """The known licences that a text names, as identifier, expression or address; in one spelling."""
    if len(text) > _LONGEST:
        return set()
    named = [of_address(text) or text] if "://" in text else [text]
    return {canonical_licence(one) for each in named for one in identifiers(each) if is_known(one)}


def is_known(identifier: str) -> bool:
    """Whether the hub or SPDX know a licence by this name, or it is declared to be one of its own."""
    lower = identifier.lower()
    own = lower.startswith(("licenseref-", "documentref-"))
    return (
        own
        or lower in hub_licences()
        or lower in spdx_licences()
        or lower.removesuffix("+") in spdx_licences()
    )


def of_address(address: str) -> str:
    """The identifier of the licence whose own address this is; empty for any other."""
    match = re.match(_ADDRESS, address.strip()[:200])
    if match is None:
        return ""
    if match["cc"]:
        return f"cc-{match['cc'].lower()}-{match['cc_version']}"
    if match["gnu"]:
        return match["gnu"].lower().removeprefix("old-licenses/")
    if match["odc"]:
        return {"by": "odc-by", "odbl": "odbl", "pddl": "pddl"}[match["odc"].lower()]
    return "cc0-1.0" if match["zero"] else "apache-2.0" if match["apache"] else match["spdx"]


def licence_files(bundle: Bundle) -> Iterator[str]:
    """The files at the top that by their names hold the text of a licence."""
    for file in bundle.files:
        if file.path.lower().split(".")[0] in _LICENCE_FILES and file.is_regular:
            yield file.path


def terms(name: str) -> frozenset[str]:
    """The licences of vocabulary/licence_terms.txt that have these terms, in canonical spelling."""
    return _terms()[name]


def quoted(texts: list[str]) -> str:
    """Texts of a file as a message may name them."""
    return " and ".join(f"`{shown(text)}`" for text in texts[:3])


@cache
def _terms() -> dict[str, frozenset[str]]:
    return {
        name: frozenset(map(canonical_licence, words)) for name, words in phrases("licence_terms.txt").items()
    }
