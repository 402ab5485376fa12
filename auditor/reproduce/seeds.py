"""Which seeds a bundle published and which fresh ones an audit trains."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from auditor.formats.recipe import Recipe


def recipe_digest(recipe: Recipe) -> str:
    """Sha256 of the fields the recipe states, as canonical JSON.

    Layout and comments do not count, and neither do defaults: a field that a later version adds must not
    change the seeds of recipes that never heard of it.
    """
    stated = recipe.model_dump(mode="json", exclude_unset=True)
    text = json.dumps(stated, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def derived_seed(digest: str, index: int) -> int:
    """Seed number `index` of a recipe: the first four bytes of sha256("digest/index"), big-endian."""
    return int.from_bytes(hashlib.sha256(f"{digest}/{index}".encode()).digest()[:4], "big")


def published_seeds(recipe: Recipe) -> tuple[int, ...]:
    """The seeds behind the published runs, in their order."""
    if recipe.seeds.derive is not None:
        digest = recipe_digest(recipe)
        return tuple(derived_seed(digest, index) for index in range(recipe.seeds.derive))
    return tuple(recipe.seeds.values or ())


def fresh_seeds(recipe: Recipe) -> Iterator[int]:
    """Seeds nobody published, without end: the recipe's derived seeds that are not among the published ones.

    They follow from the recipe, so that two auditors of one bundle train the same runs.
    """
    digest, used = recipe_digest(recipe), set(published_seeds(recipe))
    index = 0
    while True:
        seed = derived_seed(digest, index)
        if seed not in used:
            used.add(seed)
            yield seed
        index += 1
