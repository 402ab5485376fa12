"""The words of `fmaudit verdict` as numbers that can be tested, or an error about the first wrong one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from auditor.errors import CannotRun, UsageError
from auditor.readers.document import Unreadable
from auditor.readers.run_list import RunGroup, half_unit, load, number, read_groups, read_runs
from auditor.verdict.case import Case
from auditor.verdict.prediction import LOOKS, Claimed
from auditor.verdict.prior import Fit, fit_prior
from auditor.verdict.recorded import Group
from auditor.verdict.sequential import Evidence, decide

EXPECTED_ROUNDING = 0.55  # units in the last place: half, and a little for rounding twice
MOST_LOOKED_AT = 100  # runs; beyond it nothing is left to decide
MOST_RHO = 100.0
SHOWN_PLACES = 2  # beyond the claim's own


def case(options: Mapping[str, object], alpha: float) -> Case:
    """The case that the options describe, judged.

    Raises:
        UsageError: an option or a number in a file is wrong; with the file and line.
    """
    text = _required(options, "claim")
    with _told("--claim"):
        claim, half = number(text), half_unit(text)
    lower = bool(options["lower_is_better"])
    sign = -1.0 if lower else 1.0
    runs = [sign * value for value in _runs(options)]
    fit = _earlier(options, sign)
    notes = []
    if options["earlier"] and fit is None:
        notes.append("fewer than two earlier releases have runs that differ: they say nothing of the spread")
    published = _listed(options)
    count, best_of = _kind(options, claim, half, published, lower=lower)
    claimed = Claimed(
        value=sign * claim,
        half_unit=half,
        runs=float(count),
        best_of=best_of,
        tolerance=_positive(options, "tolerance"),
        rho=_rho(options),
    )
    quantum = _quantum(options, claim)
    prior = fit.prior if fit else None
    evidence = Evidence(claimed, tuple(runs), tuple(sign * value for value in published), quantum, prior)
    looks = _looks(options, least=2 if prior is None else 1)
    exponent = Decimal(text).as_tuple().exponent
    places = max(-exponent, 0) if isinstance(exponent, int) else 0
    decision = decide(evidence, looks, alpha)
    return Case(text, places + SHOWN_PLACES, lower, evidence, fit, decision, tuple(notes))


def recorded(folder: str) -> dict[str, list[Group]]:
    """The groups of runs in each JSON file of a folder, by the file's name; a list given twice counts once.

    Raises:
        CannotRun: there is no such folder, or no JSON file in it.
        UsageError: a file is no list of groups.
    """
    files = sorted(Path(folder).glob("*.json")) if Path(folder).is_dir() else []
    if not files:
        raise CannotRun("there are no JSON files of runs", where=f"--data {folder}", help="name their folder")
    sources = {}
    for file in files:
        with _told(str(file)):
            groups = read_groups(str(file), load(str(file)))
        distinct = {group.values: group for group in reversed(groups)}
        sources[file.stem] = [_group(group) for group in groups if distinct.get(group.values) is group]
    return sources


def _group(group: RunGroup) -> Group:
    sign = -1.0 if group.lower_is_better else 1.0
    exact = sorted({Decimal(text) for text in group.values})
    quantum = min((b - a for a, b in pairwise(exact)), default=Decimal(0))
    values = tuple(sign * number(text) for text in group.values)
    finest = min(map(half_unit, group.values))
    return Group(group.record, group.name, values, finest, float(quantum))


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Faults of a number or a file become errors of usage that say where."""
    try:
        yield
    except ValueError as error:
        raise UsageError(str(error), where=where, help="write plain decimal numbers") from error
    except Unreadable as error:
        span = error.span
        place = f"{span.file}:{span.line}:{span.column}" if span.line else span.file or where
        raise UsageError(error.what, where=place, help=error.help) from error


def _required(options: Mapping[str, object], name: str) -> str:
    given = options[name]
    if given is None:
        example = "fmaudit verdict --claim 0.975 --runs 0.971,0.974,0.969"
        raise UsageError(f"--{name} is missing", where="fmaudit verdict", help=f"as in: {example}")
    return str(given).strip()


def _numbers(text: str, where: str) -> list[float]:
    with _told(where):
        return [number(word.strip()) for word in text.split(",")]


def _runs(options: Mapping[str, object]) -> list[float]:
    path = options["runs_file"]
    if path is None:
        if options["column"] is not None:
            raise UsageError("a column needs a file", where="--column", help="add --runs-file FILE")
        return _numbers(_required(options, "runs"), "--runs")
    if options["runs"] is not None:
        raise UsageError("runs are given twice", where="--runs and --runs-file", help="leave one of them out")
    with _told(str(path)):
        return list(map(number, read_runs(str(path), load(str(path)), str(options["column"] or ""))))


def _earlier(options: Mapping[str, object], sign: float) -> Fit | None:
    path = options["earlier"]
    if path is None:
        return None
    with _told(str(path)):
        groups = read_groups(str(path), load(str(path)))
    return fit_prior([[sign * number(text) for text in group.values] for group in groups])


def _listed(options: Mapping[str, object]) -> list[float]:
    given = options["claim_values"]
    return [] if given is None else _numbers(str(given), "--claim-values")


def _kind(
    options: Mapping[str, object], claim: float, half: float, listed: Sequence[float], *, lower: bool
) -> tuple[int, int]:
    """How many runs the claim averages over, and of how many it is the best; listed values must agree."""
    count, best_of = options["claim_runs"], int(str(options["best_of"] or 1))
    runs = int(str(count)) if count is not None else 1 if best_of > 1 else max(len(listed), 1)
    if not listed:
        return runs, best_of
    best = min(listed) if lower else max(listed)
    mean = sum(listed) / len(listed)
    if best_of > 1:
        fits, expected = runs == 1 and best_of == len(listed), f"the best of {len(listed)} values, {best:g}"
        near = [best]
    elif runs == 1:
        fits, expected, near = True, "one of the values", list(listed)
    else:
        fits, expected, near = runs == len(listed), f"the mean of {len(listed)} values, {mean:g}", [mean]
    allowed = 2 * EXPECTED_ROUNDING * half + 1e-9 * abs(claim)
    if not fits or min(abs(value - claim) for value in near) > allowed:
        said = f"best of {best_of}" if best_of > 1 else "single run" if runs == 1 else f"mean of {runs}"
        raise UsageError(
            f"the claim of {options['claim']}, a {said}, is not {expected}",
            where="--claim-values",
            help="say what the claim is with --claim-runs or --best-of",
        )
    return runs, best_of


def _positive(options: Mapping[str, object], name: str) -> float | None:
    if options[name] is None:
        return None
    with _told(f"--{name}"):
        value = number(str(options[name]))
        if value <= 0:
            raise ValueError(f"`{options[name]}` is not above 0")
    return value


def _rho(options: Mapping[str, object]) -> float:
    if options["rho"] is None:
        return 0.0
    with _told("--rho"):
        value = number(str(options["rho"]))
        if not 0 <= value <= MOST_RHO:
            raise ValueError(f"`{options['rho']}` is not between 0 and {MOST_RHO:g}")
    return value


def _quantum(options: Mapping[str, object], claim: float) -> float:
    """The step of an accuracy on so many items: 1/n, or 100/n where the claim is in percent."""
    if options["items"] is None:
        return 0.0
    if not 0 <= claim <= 100:
        what = f"an accuracy lies between 0 and 100, not at {options['claim']}"
        raise UsageError(what, where="--items", help="leave it out for other metrics")
    return (1.0 if claim <= 1 else 100.0) / int(str(options["items"]))


def _looks(options: Mapping[str, object], least: int) -> tuple[int, ...]:
    if options["looks"] is None:
        return LOOKS
    words = str(options["looks"]).split(",")
    plan = [
        int(word) for word in words if word.strip().isascii() and word.strip().isdecimal() and len(word) < 9
    ]
    if (
        len(plan) != len(words)
        or plan != sorted(set(plan))
        or not least <= plan[0] <= plan[-1] <= MOST_LOOKED_AT
    ):
        what = f"looks are whole numbers from {least} to {MOST_LOOKED_AT} that rise"
        remedy = "write 3,5,10, or the one number of runs that was fixed beforehand"
        raise UsageError(what, where=f"--looks {options['looks']}", help=remedy)
    return tuple(plan)
