"""The identity of each finding of a report, the same in every format and in the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.engine.identity import identities
from auditor.engine.run import CheckResult
from auditor.model import Finding


def names(
    result: CheckResult, found: Sequence[Finding], sources: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """The identities of what was found, and those of what is ignored, each in order.

    Ordinals among equals are given as if nothing were ignored, so that ignoring one renames no other.
    """
    everything = [*found, *(one.finding for one in result.ignored)]
    order = sorted(range(len(everything)), key=lambda number: everything[number].order())
    given = [""] * len(everything)
    for number, name in zip(order, identities([everything[at] for at in order], sources), strict=True):
        given[number] = name
    return given[: len(found)], given[len(found) :]
