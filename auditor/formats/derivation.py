"""The digest that names a recipe, and the seeds that follow from it; no pydantic here, `check` uses both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

MOST_DERIVED = 1000  # seeds of one recipe


REMARKS = ("environment",)  # fields that say how it was run, in words that could be turned until seeds please


def recipe_digest(stated: Mapping[str, Any]) -> str:
    """Sha256 of the fields a recipe states about training, as canonical JSON of their values.

    Layout and comments do not count, and neither do the environment and defaults: a field that a later
    version adds must not change the seeds of recipes that never heard of it.
    """
    counted = {name: value for name, value in stated.items() if name not in REMARKS}
    text = json.dumps(counted, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def derived_seed(digest: str, index: int) -> int:
    """Seed number `index` of a recipe: the first four bytes of sha256("digest/index"), big-endian."""
    return int.from_bytes(hashlib.sha256(f"{digest}/{index}".encode()).digest()[:4], "big")


def derived_seeds(digest: str, n: int) -> tuple[int, ...]:
    """The first `n` seeds of a recipe."""
    return tuple(derived_seed(digest, index) for index in range(n))
