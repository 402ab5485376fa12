"""All scores of a bundle, collected once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.readers.document import Document
from auditor.statements.score import Score

if TYPE_CHECKING:
    from auditor.bundle import Bundle

MAX_SCORES = 50_000  # of one bundle; what is beyond them is not compared


def scores(bundle: Bundle) -> tuple[Score, ...]:
    """Every score that the bundle's files state, file by file; read once a bundle."""
    if "scores" not in bundle.memo:
        found = []
        for score in _scores(bundle):
            found.append(score)
            if len(found) == MAX_SCORES:
                break
        bundle.memo["scores"] = tuple(found)
    known = bundle.memo["scores"]
    assert isinstance(known, tuple)
    return known


def _scores(bundle: Bundle) -> Iterator[Score]:
    card = bundle.get("card")
    if isinstance(card, Document):
        from auditor.readers.markdown import MarkdownDocument
        from auditor.statements.card import list_scores, model_index_scores, table_scores

        yield from model_index_scores(card)
        if isinstance(card, MarkdownDocument):
            yield from list_scores(card)
            yield from table_scores(card)
