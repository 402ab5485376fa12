"""Which seeds a bundle published and which fresh ones an audit trains."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from auditor.formats.derivation import derived_seed, derived_seeds
from auditor.formats.recipe import Seeds


def published_seeds(seeds: Seeds, digest: str) -> tuple[int, ...]:
    """The seeds behind the published runs of the recipe with this digest, in their order."""
    if seeds.derive is not None:
        return derived_seeds(digest, seeds.derive)
    return tuple(seeds.values or ())


def fresh_seeds(seeds: Seeds, digest: str, nonce: str = "") -> Iterator[int]:
    """Seeds nobody published, without end: the recipe's derived seeds that are not among the published ones.

    They follow from the recipe, so that two auditors of one bundle train the same runs. An auditor who does
    not trust the publisher to have left the recipe alone until they pleased adds a nonce of their own.
    """
    used = set(published_seeds(seeds, digest))
    source = f"{digest}/{nonce}" if nonce else digest
    for index in count():
        seed = derived_seed(source, index)
        if seed not in used:
            used.add(seed)
            yield seed
