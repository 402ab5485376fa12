"""How many examples the splits of well-known data sets hold."""

from __future__ import annotations

from functools import cache

from auditor.rules.vocabulary import phrases

_OF_GLUE = frozenset(("sst2", "mrpc", "cola", "qnli", "rte", "qqp"))  # published under their own names too


def sizes(dataset: str, config: str, split: str) -> dict[str, int]:
    """The splits that a score may have been measured on, with their sizes; empty where the data is not known.

    Where the split is named and the data has it, only splits that begin with its name.
    """
    name = _plain(dataset.rpartition("/")[2])
    config = _plain(config)
    if name in _OF_GLUE:
        name, config = "glue", name
    known = _known().get((name, config)) or _known().get((name, "-"))
    if known is None:
        return {}
    named = {one: size for one, size in known.items() if split and one.startswith(_plain(split))}
    return named or dict(known)


@cache
def _known() -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for key, splits in phrases("test_sets.txt").items():
        name, config = key.split()
        pairs = (pair.split("=") for pair in sorted(splits))
        found[name, config] = {split: int(size) for split, size in pairs}
    return found


def _plain(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())
