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
    manifest, card = bundle.get("manifest"), bundle.get("card")
    if isinstance(manifest, Document):
        from auditor.statements.evaluations import manifest_scores

        yield from manifest_scores(manifest)
    if isinstance(card, Document):
        from auditor.readers.markdown import MarkdownDocument
        from auditor.statements.card import list_scores, model_index_scores, plain_scores

        yield from model_index_scores(card)
        if isinstance(card, MarkdownDocument):
            from auditor.statements.benchmark_tables import benchmark_scores
            from auditor.statements.card_tables import table_scores
            from auditor.statements.sentences import sentence_scores

            yield from list_scores(card)
            yield from plain_scores(card)
            yield from table_scores(card)
            yield from benchmark_scores(card)
            yield from sentence_scores(card)
    yield from _of_other_files(bundle)


def _of_other_files(bundle: Bundle) -> Iterator[Score]:
    """The scores of files beside the card, whose modules are loaded only where there are such files."""
    paths = [file.path for file in bundle.files if file.path.endswith((".json", ".yaml", ".yml"))]
    if any(path.startswith(".eval_results/") for path in paths) or any("metafile" in path for path in paths):
        from auditor.statements.evaluations import hub_scores, metafile_scores

        yield from hub_scores(bundle)
        yield from metafile_scores(bundle)
    if any(path.endswith(".json") for path in paths):
        from auditor.statements.results import result_scores

        yield from result_scores(bundle)
    if any(file.path.startswith("mlruns/") for file in bundle.files):
        from auditor.statements.evaluations import mlflow_scores

        yield from mlflow_scores(bundle)
