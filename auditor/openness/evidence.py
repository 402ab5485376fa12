"""Which components a bundle holds: what it declares, and what its files are by their names and content.

A component that `fmaudit.yaml` or `mof.yml` declares counts where they say it lies; the others are looked
for. An empty file and a Git LFS pointer are no evidence. Names decide for most, so that a file of another
name has to be declared; each piece of evidence is shown with its place, for people to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.openness import MOT_FILES
from auditor.openness.card import CardText, card_text
from auditor.openness.components import PAPER, REPORT, by_name, named
from auditor.openness.files import MOST_SHOWN, Piece, by_path, is_there
from auditor.openness.mot import Model, read
from auditor.readers.document import Document

if TYPE_CHECKING:
    from auditor.bundle import Bundle

LEAST_CARD = 200  # characters of a model card; the Open LLM Leaderboard asks as many
_LINKED = {
    PAPER: re.compile(
        r"arxiv\.org/|doi\.org/|aclanthology\.org/|openreview\.net/|proceedings\.|papers\.", re.ASCII
    ),
    REPORT: re.compile(r"https?://", re.ASCII),
}
_SAYS = {
    PAPER: ("paper", "citation", "cite", "@article", "@inproceedings", "@misc", "url"),
    REPORT: ("technical report",),
}


Evidence = dict[int, list[Piece]]


def collect(bundle: Bundle) -> Evidence:
    """For each component of which there is evidence, by number, the first MOST_SHOWN pieces of it."""
    declared: Evidence = {}
    for number, piece in (*_declared(bundle), *_described(bundle)):
        declared.setdefault(number, []).append(piece)
    found: Evidence = {}
    for number, piece in (*by_path(bundle), *_by_documents(bundle), *_by_card(bundle)):
        if number not in declared and len(found.setdefault(number, [])) < MOST_SHOWN:
            found[number].append(piece)
    return {number: pieces[:MOST_SHOWN] for number, pieces in sorted({**found, **declared}.items())}


def described(bundle: Bundle) -> tuple[Document, Model] | None:
    """The bundle's file of the Model Openness Tool, if there is one that can be read."""
    for name in MOT_FILES:
        if bundle.has(name):
            document = bundle.document(name)
            return (document, read(document)) if isinstance(document, Document) else None
    return None


def _declared(bundle: Bundle) -> Iterator[tuple[int, Piece]]:
    """The components of `fmaudit.yaml` that are where it says."""
    manifest = bundle.get("manifest")
    if not isinstance(manifest, Document):
        return
    for path, part in manifest.items("components"):
        component = named(part.get("component")) if isinstance(part, dict) else None
        if component is None:
            continue
        licence = part.get("license")
        own = licence if isinstance(licence, str) and licence else None
        where, url = part.get("path"), part.get("url")
        if isinstance(where, str) and where and is_there(bundle, where):
            yield component.id, Piece(where, 0, "declared", own)
        elif isinstance(url, str) and url:
            line = manifest.locate(manifest.at(*path)).line
            yield component.id, Piece(manifest.file, line, url, own, outside=True)


def _described(bundle: Bundle) -> Iterator[tuple[int, Piece]]:
    """The components of the tool's file that lie at a path of the bundle or at a URL."""
    found = described(bundle)
    manifest = bundle.get("manifest")
    listed = [part for _, part in manifest.items("components")] if isinstance(manifest, Document) else []
    taken = {named(part.get("component")) for part in listed if isinstance(part, dict)}
    for part in found[1].parts if found else ():
        component = by_name().get(part.name)
        if found is None or component is None or component in taken:
            continue
        document = found[0]
        line = document.locate(document.at(*part.at)).line
        if is_url(part.location):
            yield component.id, Piece(document.file, line, part.location, part.licence, outside=True)
        elif part.location and is_there(bundle, part.location):
            yield component.id, Piece(part.location, 0, "declared", part.licence)


def is_url(location: str) -> bool:
    """Whether a location is one outside of the bundle."""
    return "://" in location[:12]


def _by_documents(bundle: Bundle) -> Iterator[tuple[int, Piece]]:
    """What config, recipe, data manifest and claims are evidence of."""
    config, recipe, data, manifest = (bundle.get(need) for need in ("config", "recipe", "data", "manifest"))
    if isinstance(config, Document) and (config.get("model_type") or config.get("architectures")):
        key = "architectures" if config.get("architectures") else "model_type"
        yield 9, Piece(config.file, _line(config, key), key)
    if isinstance(recipe, Document) and recipe.get("model"):
        yield 7, Piece(recipe.file, _line(recipe, "training"), "recipe")
        yield 17, Piece(recipe.file, 0, "recipe")
        if recipe.get("evaluation"):
            yield 18, Piece(recipe.file, _line(recipe, "evaluation"), "recipe")
    if isinstance(manifest, Document) and manifest.get("claims"):
        yield 12, Piece(manifest.file, _line(manifest, "claims"), "claims")
    if isinstance(data, Document):
        yield from _by_data(bundle, data)


def _by_data(bundle: Bundle, data: Document) -> Iterator[tuple[int, Piece]]:
    """A data manifest is a data card where it describes, and evidence of the files that it names."""
    licence = data.get("license")
    licence = licence[0] if isinstance(licence, list) and len(licence) == 1 else licence
    own = _licence_name(licence) if isinstance(licence, str) else None
    if data.get("description"):
        yield 14, Piece(data.file, _line(data, "description"), "description")
    files = [(path, entry) for path, entry in data.items("distribution") if isinstance(entry, dict)]
    if not files or not all(_is_available(bundle, data, entry) for _, entry in files):
        return
    outside = all(_lies_elsewhere(_text(entry, "contentUrl")) for _, entry in files)
    place = (data.file, data.locate(data.at(*files[0][0])).line)
    names = [
        (_text(e, "@id") or _text(e, "name")).lower()
        for _, e in data.items("recordSet")
        if isinstance(e, dict)
    ]
    names += [_text(e, "@id").lower() for _, e in files]
    if not names or any("train" in name for name in names) or not any(_is_evaluation(n) for n in names):
        yield 15, Piece(*place, "data files with digests", own, outside)
    if any(_is_evaluation(name) for name in names):
        yield 19, Piece(*place, "data files with digests", own, outside)


def _lies_elsewhere(location: str) -> bool:
    return "://" in location or location.startswith("pkg:")


def _text(entry: dict[str, object], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _is_evaluation(name: str) -> bool:
    return any(word in name for word in ("test", "valid", "eval", "dev"))


def _is_available(bundle: Bundle, data: Document, entry: dict[str, object]) -> bool:
    """Whether a FileObject is in the bundle, or can be had and known again by its digest."""
    where = entry.get("contentUrl")
    if not isinstance(where, str):
        return "includes" in entry or "fileSet" in _text(entry, "@type")
    if _lies_elsewhere(where):
        return bool(entry.get("sha256"))
    beside = data.file.rpartition("/")[0]
    return is_there(bundle, f"{beside}/{where}" if beside else where)


def _licence_name(licence: str) -> str:
    """The identifier in a licence's address, as Croissant writes licences; else the text itself."""
    known = re.match(
        r"https?://(?:www\.)?(?:spdx\.org/licenses|opensource\.org/licenses?)/([\w.+-]+?)(?:\.html)?/?$",
        licence,
    )
    if known:
        return known[1]
    commons = re.match(
        r"https?://creativecommons\.org/(?:licenses/([a-z-]+)|publicdomain/(zero))/([\d.]+)", licence
    )
    if commons:
        return f"CC-{commons[1]}-{commons[3]}".upper() if commons[1] else f"CC0-{commons[3]}"
    return licence


def _by_card(bundle: Bundle) -> Iterator[tuple[int, Piece]]:
    card = card_text(bundle)
    if card is None:
        return
    if card.said >= LEAST_CARD:
        yield 13, Piece(card.file, card.first_line)
    if card.has_results:
        yield 12, Piece(card.file, card.results_line, "model-index")
    else:
        yield from _section(card, 12, ("evaluation", "results", "performance", "benchmark"), digits=True)
    yield from _section(card, 14, ("training data", "training dataset", "dataset", "data card", "data"))
    yield from _section(
        card, 20, ("sample output", "example output", "generated sample", "samples", "example")
    )
    snippet = card.snippet_line
    if snippet:
        yield 8, Piece(card.file, snippet, "code in the card")
    for number in (PAPER, REPORT):
        line = card.linked(_LINKED[number], _SAYS[number])
        if line:
            yield number, Piece(card.file, line, "link", "", outside=True)
    if card.paper_tag:
        yield PAPER, Piece(card.file, card.paper_tag, "tag", "", outside=True)


def _section(
    card: CardText, number: int, names: tuple[str, ...], *, digits: bool = False
) -> Iterator[tuple[int, Piece]]:
    found = card.section(names)
    if found is not None and (not digits or any(char.isdigit() for char in found.text)):
        yield number, Piece(card.file, found.line, "section")


def _line(document: Document, *path: str | int) -> int:
    return document.locate(document.at(*path)).line
