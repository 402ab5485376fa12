"""Lists of known words, each a text file with its source and date, and near misses among them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import islice
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
# Words among which a near miss is looked for. Comparing takes some 10 us a word (measured), a rule lists a
# thousand faults, and a hostile file may list a million names; SPDX has some 700 licences.
_MOST_KNOWN = 1_000
_SEPARATORS = str.maketrans("", "", " -_.")


@cache
def hub_licences() -> frozenset[str]:
    """Licence identifiers that the Hugging Face Hub knows, lower case."""
    return frozenset(_lines("hub_licences.txt"))


@cache
def spdx_licences() -> dict[str, str]:
    """SPDX licence identifiers by their lower-case form."""
    identifiers = [line.split()[0] for line in _lines("spdx.txt")]
    return {identifier.lower(): identifier for identifier in identifiers}


@cache
def words(file: str) -> frozenset[str]:
    """Every word of a list whose lines hold many."""
    return frozenset(word for line in _lines(file) for word in line.split())


@cache
def deprecated_licences() -> frozenset[str]:
    """SPDX licence identifiers that are withdrawn, lower case."""
    return frozenset(line.split()[0].lower() for line in _lines("spdx.txt") if line.endswith(" deprecated"))


@cache
def base_licences() -> dict[str, tuple[str, str]]:
    """The licence of base models, and its address, by the beginning of their names in lower case."""
    rows = (line.split() for line in _lines("base_licences.txt"))
    return {name: (licence, address) for name, licence, address in rows if licence != "-"}


@cache
def words_by_first(file: str) -> dict[str, frozenset[str]]:
    """The words of each line by its first word, of all lines that begin with the same word together."""
    found: dict[str, frozenset[str]] = {}
    for line in _lines(file):
        first, *others = line.split()
        found[first] = found.get(first, frozenset()) | frozenset(others)
    return found


@cache
def phrases(file: str) -> dict[str, frozenset[str]]:
    """What follows `name:` on the lines of a list, parted at commas, of all lines of that name together."""
    found: dict[str, frozenset[str]] = {}
    for line in _lines(file):
        name, _, listed = line.partition(":")
        found[name] = found.get(name, frozenset()) | {each.strip() for each in listed.split(",")}
    return found


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

    lower = {name.lower(): name for name in _few(known)}
    close = get_close_matches(word.lower()[:100], lower, n=1, cutoff=cutoff)
    return f"did you mean `{lower[close[0]]}`?" if close else ""


def spelling(word: str, known: Iterable[str]) -> str:
    """The one known word that this one is but for case, blanks and `-_.`; empty where none or several are."""
    letters = _letters(word)
    found = {name for name in _few(known) if _letters(name) == letters}
    return found.pop() if len(found) == 1 and letters else ""


def only_near(word: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """The one known word that a mistyped one can mean; empty where another is nearly as near (0.7)."""
    from difflib import get_close_matches

    close = get_close_matches(word[:100], _few(known), n=2, cutoff=0.7)
    return close[0] if len(close) == 1 and get_close_matches(word[:100], close, cutoff=cutoff) else ""


def _few(known: Iterable[str]) -> list[str]:
    """The words, or none where they are so many that comparing each with each of a thousand would not end."""
    words = [*islice(known, _MOST_KNOWN + 1)]
    return words if len(words) <= _MOST_KNOWN else []


def _letters(word: str) -> str:
    return word.lower().translate(_SEPARATORS)


def _lines(file: str) -> list[str]:
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
