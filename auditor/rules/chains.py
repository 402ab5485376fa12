"""The training chain, as far as it can be judged without training: its links, recipe and seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from auditor.bundle import Absent, Unread
from auditor.formats.derivation import MOST_DERIVED, derived_seeds, recipe_digest
from auditor.model import Fault, Place, Span
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.published import is_whole
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.document import Document

CHAIN = "training_chain.jsonl"
MOST_BYTES = 2**23  # of links that are followed: 1,400 lines; `fmaudit trace` follows all
MOST_HEAD_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Links:
    """The head of a chain, and where its links break.

    Attributes:
        head: the first line's values; empty where it is no JSON object.
        broken: number of the first line that does not follow from the one before, 0 where all do.
        reason: why it does not.
    """

    head: dict[str, Any]
    broken: int = 0
    reason: str = ""

    def at(self, line: int) -> Place:
        """The place of a line."""
        return Place(CHAIN, span=Span(CHAIN, line, 1, line, 2))


@provides("chain")
def _chain(bundle: Bundle) -> Links | Absent | Unread:
    if bundle.file(CHAIN) is None:
        return Absent(f"the bundle has no {CHAIN}")
    try:
        with bundle.opened(CHAIN) as stream:
            raw = stream.read(MOST_BYTES + 1)
    except (Unreadable, OSError):
        return Unread(f"{CHAIN} could not be read")
    whole = len(raw) <= MOST_BYTES
    first, _, rest = raw.partition(b"\n")
    head = _object(first) if len(first) <= MOST_HEAD_BYTES else {}
    if "recipe" not in head:
        return Links({}, 1, "the line is no head of a chain")
    before = hashlib.sha256(first).hexdigest()
    lines = rest.split(b"\n")
    cut = lines.pop()
    for number, line in enumerate(lines, 2):
        prev = _object(line).get("prev")
        if prev != before:
            said = f"{shown(prev, 13)}" if isinstance(prev, str) else "no digest"
            return Links(head, number, f"`prev` is {said}, the line before has {before[:12]}…")
        before = hashlib.sha256(line).hexdigest()
    if cut and whole:
        return Links(head, len(lines) + 2, "the line is cut off")
    return Links(head)


@rule("REC120", level="error", needs="chain", since="2026.2")
def broken_chain(chain: Links) -> Iterator[Fault]:
    """A line of the training chain does not follow from the line before it.

    Why: Each line holds the digest of the one before. Where they disagree, a line was changed, moved, added
        or taken out after the run, and the chain proves nothing.
    Bad:
        # training_chain.jsonl, whole file
        {"format":1,"recipe":"1d46260077ca21b74fe3b11fceb992787f1f890067f2398c31357da9ab415364","seed":0}
        {"prev":"b01094b95b8e3e801667b6caf123e41e4a9f8e4c74fd2aa6af4f989bd3062273","step":0}
    Good:
        # training_chain.jsonl, whole file
        {"format":1,"recipe":"1d46260077ca21b74fe3b11fceb992787f1f890067f2398c31357da9ab415364","seed":0}
        {"prev":"a01094b95b8e3e801667b6caf123e41e4a9f8e4c74fd2aa6af4f989bd3062273","step":0}
    Fix: Ship the chain as the run wrote it, or record it again with `fmaudit trace BUNDLE --record FOLDER`.
    """
    if chain.broken:
        yield chain.at(chain.broken).says(chain.reason, help="ship the file as the run wrote it")


@rule("REC121", level="error", needs=("chain", "recipe"), klass="inconsistent", since="2026.2")
def chain_of_another_recipe(chain: Links, recipe: Document) -> Iterator[Fault]:
    """The training chain is of a run by another recipe than the release's.

    Why: The chain names the digest of the recipe that was run. Where the recipe was changed afterwards, the
        run says nothing about it.
    Bad:
        # training_chain.jsonl, whole file
        {"format":1,"recipe":"2d46260077ca21b74fe3b11fceb992787f1f890067f2398c31357da9ab415364","seed":0}
    Good:
        # training_chain.jsonl, whole file
        {"format":1,"recipe":"1d46260077ca21b74fe3b11fceb992787f1f890067f2398c31357da9ab415364","seed":0}
    Fix: Ship the recipe that was run, or record the chain again.
    """
    said, own = chain.head.get("recipe"), recipe_digest(recipe.value) if recipe.mapping() else ""
    if isinstance(said, str) and own and said != own:
        yield chain.at(1).says(
            f"the chain is of recipe {shown(said, 13)}, recipe.yaml has {own[:12]}…",
            help="`environment` does not count; every other field of the recipe does",
        )


@rule(
    "REC122",
    level="error",
    needs=("chain", "recipe"),
    klass="inconsistent",
    since="2026.2",
    after=("REC121",),
)
def chain_of_unpublished_seed(chain: Links, recipe: Document) -> Iterator[Fault]:
    """The training chain is of a seed that the recipe does not publish.

    Why: The chain is to show how a published run came about, not one that was chosen beside them.
    Bad:
        # training_chain.jsonl, whole file
        {"format":1,"recipe":"1d46260077ca21b74fe3b11fceb992787f1f890067f2398c31357da9ab415364","seed":7}
    Good:
        # training_chain.jsonl, whole file
        {"format":1,"recipe":"1d46260077ca21b74fe3b11fceb992787f1f890067f2398c31357da9ab415364","seed":2}
    Fix: Record the chain of the shipped seed, or publish that seed's run with the others.
    """
    seed, published = chain.head.get("seed"), _published(recipe)
    if published and seed not in published:
        said = f"seed {seed}" if is_whole(seed) else "no whole seed"
        listed = ", ".join(map(str, published[:5])) + (", …" if len(published) > 5 else "")
        yield chain.at(1).says(f"the chain is of {said}, the recipe publishes {listed}")


def _published(recipe: Document) -> list[int]:
    """The seeds that the recipe lists or derives; none where it does neither properly."""
    n = recipe.get("seeds", "derive")
    if is_whole(n) and 1 <= n <= MOST_DERIVED:
        return list(derived_seeds(recipe_digest(recipe.value), n))
    return [seed for _, seed in recipe.items("seeds", "values") if is_whole(seed)]


def _object(line: bytes) -> dict[str, Any]:
    """The JSON object in a line, or an empty one."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
