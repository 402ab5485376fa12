"""All quantities of a bundle, collected once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.readers.document import Document
from auditor.statements.score import Quantity

if TYPE_CHECKING:
    from auditor.bundle import Bundle

MAX_QUANTITIES = 20_000  # of one bundle; what is beyond them is not compared


def quantities(bundle: Bundle) -> tuple[Quantity, ...]:
    """Every quantity that the bundle's files state, file by file; read once a bundle."""
    if "quantities" not in bundle.memo:
        found = []
        for quantity in _quantities(bundle):
            found.append(quantity)
            if len(found) == MAX_QUANTITIES:
                break
        bundle.memo["quantities"] = tuple(found)
    known = bundle.memo["quantities"]
    assert isinstance(known, tuple)
    return known


def _quantities(bundle: Bundle) -> Iterator[Quantity]:
    card, config, recipe, manifest = (bundle.get(need) for need in ("card", "config", "recipe", "manifest"))
    from auditor.statements.costs import of_emissions, of_front_matter
    from auditor.statements.model_facts import of_config, of_lists, of_tables
    from auditor.statements.run_files import of_budget, of_mlflow, of_recipe, of_run_files

    if isinstance(manifest, Document):
        yield from of_budget(manifest)
    if isinstance(config, Document):
        yield from of_config(config)
    if isinstance(recipe, Document):
        yield from of_recipe(recipe)
    yield from of_run_files(bundle)
    yield from of_mlflow(bundle)
    yield from of_emissions(bundle)
    if isinstance(card, Document):
        yield from of_front_matter(card)
        from auditor.readers.markdown import MarkdownDocument

        if isinstance(card, MarkdownDocument):
            from auditor.statements.prose import of_prose
            from auditor.statements.trainer import of_hyperparameters, of_logs

            yield from of_hyperparameters(card)
            yield from of_logs(card)
            yield from of_lists(card)
            yield from of_tables(card)
            yield from of_prose(card)
