"""Lists of known words, each a text file with its source and date, and near misses among them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

# Identifiers of the hub that SPDX writes differently; everything else differs in case only.
HUB_TO_SPDX = {
    "pddl": "pddl-1.0",
    "odbl": "odbl-1.0",
    "odc-by": "odc-by-1.0",
    "lgpl-lr": "lgpllr",
}
# Identifiers of the hub that name a family of licences with different terms.
FAMILIES = frozenset({"bsd", "cc", "gfdl", "gpl", "lgpl", "unknown"})


@cache
def hub_licences() -> frozenset[str]:
    """Licence identifiers that the Hugging Face Hub knows, lower case."""
    return frozenset(_lines("hub_licences.txt"))


@cache
def spdx_licences() -> dict[str, str]:
    """SPDX licence identifiers by their lower-case form."""
    identifiers = [line.split()[0] for line in _lines("spdx.txt")]
    return {identifier.lower(): identifier for identifier in identifiers}


def canonical_licence(identifier: str) -> str:
    """One spelling for the hub's and SPDX's names of a licence: lower case, without `-only` and the like."""
    lower = identifier.strip().lower()
    lower = HUB_TO_SPDX.get(lower, lower)
    for ending in ("-only", "-or-later", "+"):
        if lower != "openrail++":
            lower = lower.removesuffix(ending)
    return lower.removeprefix("licenseref-")


def near_miss(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """A help line that suggests the known word nearest to a mistyped one, or nothing."""
    from difflib import get_close_matches

    lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower()[:100], lower, n=1, cutoff=cutoff)
    return f"did you mean `{lower[close[0]]}`?" if close else ""


def _lines(file: str) -> list[str]:
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
