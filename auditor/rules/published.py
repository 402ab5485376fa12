"""Every claim and every entry of `model-index`, as far as its types are right.

What a schema already refuses is left out here, so that one mistake gives one finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeGuard

from auditor.forensics.printed import Printed, read, same
from auditor.model import KeyPath
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.readers.document import Document

MAX_EXAMPLES = 10**12  # a split or a number of runs beyond this is a slip of the pen
# Short and long names of one metric, without case, spaces and punctuation.
_SYNONYMS = {"acc": "accuracy", "em": "exactmatch", "ppl": "perplexity", "evalaccuracy": "accuracy"}
_SPLITS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
_ABSENT = frozenset({"na", "n/a", "nan", "none", "null", "tbd", "-", "--", "?"})


@dataclass(frozen=True, slots=True)
class Claim:
    """One entry of `claims` in `fmaudit.yaml`; `path` leads to it."""

    path: KeyPath
    id: str
    metric: str
    unit: str
    average: str
    lower_is_better: bool
    value: Printed
    split: str
    n: int | None
    statistic: str
    n_runs: int | None
    values: tuple[Printed, ...] | None  # of each run; None where not given or not all numbers
    seeds: tuple[int, ...] | None
    std: Printed | None
    ddof: int


@dataclass(frozen=True, slots=True)
class Result:
    """One metric of `model-index`; `path` leads to its mapping."""

    path: KeyPath
    metric: str
    split: str
    dataset: dict[str, Any]
    value: Printed | None


def metric_name(text: object) -> str:
    """One spelling for a metric's names: `Exact Match` and `exact_match` are the same."""
    letters = "".join(c for c in text.lower() if c.isalnum()) if isinstance(text, str) else ""
    return _SYNONYMS.get(letters, letters)


def split_name(text: object) -> str:
    """One spelling for a split's names, `val` for `validation` and so on; unknown ones stay."""
    return _SPLITS.get(text.lower(), text.lower()) if isinstance(text, str) else ""


def number(document: Document, *path: str | int) -> Printed | None:
    """The number at `path` with the digits it is printed with, quoted or not; None for anything else."""
    value = document.get(*path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return read(value if isinstance(value, str) else document.printed(*path))


# Some fifteen rules ask for the numbers of the same two documents one after another.
@lru_cache(maxsize=2)
def claims(manifest: Document) -> tuple[Claim, ...]:
    """The claims whose value is a number."""
    return tuple(_claims(manifest))


@lru_cache(maxsize=2)
def results(card: Document) -> dict[str, list[Result]]:
    """Every metric in the card's `model-index`, by the metric's name."""
    found: dict[str, list[Result]] = {}
    for result in _results(card):
        found.setdefault(metric_name(result.metric), []).append(result)
    return found


def same_in_some_unit(one: Printed, other: Printed) -> bool:
    """Whether both print one number, either of them perhaps as a percentage of the other."""
    return same(one, other) or same(one.times(100), other) or same(one, other.times(100))


def is_absent(value: object) -> bool:
    """Whether a text in the place of a number says that there is none: trainers write `NA` into cards."""
    return isinstance(value, str) and value.strip().lower() in _ABSENT


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a parsed value is an integer (a boolean is none)."""
    return isinstance(value, int) and not isinstance(value, bool)


def whole(value: object) -> int | None:
    """A positive integer of sensible size, or None."""
    return value if is_whole(value) and 0 < value <= MAX_EXAMPLES else None


def _claims(manifest: Document) -> Iterator[Claim]:
    for path, entry in manifest.items("claims"):
        value = number(manifest, *path, "value")
        if not isinstance(entry, dict) or value is None:
            continue
        metric, data, runs = (_mapping(entry.get(key)) for key in ("metric", "data", "runs"))
        values = [number(manifest, *step) for step, _ in manifest.items(*path, "runs", "values")]
        seeds = _listed(runs.get("seeds"))
        yield Claim(
            path=path,
            id=_text(entry.get("id")) or f"claim {path[-1]}",
            metric=_text(metric.get("type")),
            unit=_text(metric.get("unit")),
            average=_text(metric.get("average")),
            lower_is_better=metric.get("lower_is_better") is True,
            value=value,
            split=_text(data.get("split")),
            n=whole(data.get("n")),
            statistic=_text(runs.get("statistic")) or "single",
            n_runs=whole(runs.get("n")),
            values=tuple(v for v in values if v is not None) if values and None not in values else None,
            seeds=tuple(seeds) if all(is_whole(seed) for seed in seeds) and seeds else None,
            std=number(manifest, *path, "runs", "std"),
            ddof=0 if runs.get("ddof") == 0 and runs.get("ddof") is not False else 1,
        )


def _results(card: Document) -> Iterator[Result]:
    for model, _ in card.items("model-index"):
        for path, entry in card.items(*model, "results"):
            dataset = _mapping(_mapping(entry).get("dataset"))
            for step, metric in card.items(*path, "metrics"):
                if isinstance(metric, dict):
                    name = metric.get("type")
                    value = number(card, *step, "value")
                    yield Result(step, _text(name), _text(dataset.get("split")), dataset, value)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
