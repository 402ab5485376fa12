"""Several runs behind one value: counts, mean and standard deviation against the values of each run."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics import runs
from auditor.forensics.printed import ANY, decimal, places
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.edits import number_written
from auditor.rules.metrics import bounds
from auditor.rules.published import Claim, claims
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.document import Document

_MAX_RUNS = 10_000  # beyond this the exact sums would take longer than the check may


@rule("MET201", level="error", needs="manifest", klass="impossible", after=("MET203",))
def summary_differs_from_runs(manifest: Document) -> Iterator[Fault]:
    """The claimed value is not the statistic of the runs' values that it says it is.

    Why: The values of the runs stand beside it; a reader who adds them up gets another number.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8889"
            data: {split: validation, n: 6}
            runs: {n: 3, seeds: [0, 1, 2], values: ["0.8333", "0.6667", "1.0000"], statistic: mean}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            runs: {n: 3, seeds: [0, 1, 2], values: ["0.8333", "0.6667", "1.0000"], statistic: mean}
    Fix: Correct the value, the values of the runs, or `statistic`.
    """
    for claim in _with_values(manifest):
        interval = _summary(claim)
        if interval is not None and not runs.contains(interval, claim.value):
            middle = decimal((interval[0] + interval[1]) / 2, min(places(claim.value), 20))
            yield manifest.at(*claim.path, "value").says(
                f"`{shown(claim.id)}` is {claim.value.text}, the {_statistic(claim)} of its runs is {middle}",
                manifest.at(*claim.path, "runs", "values"),
            )


@rule("MET202", level="error", needs="manifest", klass="impossible", after=("MET203",))
def deviation_differs_from_runs(manifest: Document) -> Iterator[Fault]:
    """The standard deviation is not that of the runs' values, whichever divisor is used.

    Why: The spread over seeds decides whether a difference between two models means anything.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            runs: {n: 3, values: ["0.8333", "0.6667", "1.0000"], statistic: mean, std: "0.0167"}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            runs: {n: 3, values: ["0.8333", "0.6667", "1.0000"], statistic: mean, std: "0.1667"}
    Fix: Compute it anew: `statistics.stdev(values)`.
    Source: measured: 2 of 20 published deviations fit neither divisor.
    """
    for claim in _with_values(manifest):
        if claim.std is not None and not _fits(claim, claim.ddof) and not _fits(claim, 1 - claim.ddof):
            yield manifest.at(*claim.path, "runs", "std").says(
                f"`std` is {claim.std.text}, that of the values is {_deviation(claim, 1)} "
                f"(divisor n - 1) or {_deviation(claim, 0)} (divisor n)",
                manifest.at(*claim.path, "runs", "values"),
            )


@rule("MET203", level="error", needs="manifest", klass="inconsistent")
def number_of_runs_differs(manifest: Document) -> Iterator[Fault]:
    """A claim lists more or fewer values or seeds than it says there were runs.

    Why: Either runs were left out of the list, or the number of runs is not true.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            runs: {n: 5, values: ["0.8333", "0.6667", "1.0000"], statistic: mean}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            runs: {n: 3, values: ["0.8333", "0.6667", "1.0000"], statistic: mean}
    Fix: List every run, or correct `n`.
    """
    for claim in claims(manifest):
        for key in ("values", "seeds"):
            listed = manifest.get(*claim.path, "runs", key)
            if isinstance(listed, list) and claim.n_runs is not None and len(listed) != claim.n_runs:
                yield manifest.at(*claim.path, "runs", key).says(
                    f"{claim.n_runs} runs are claimed, {len(listed)} {key} are listed",
                    manifest.at(*claim.path, "runs", "n"),
                )


@rule("MET204", level="error", needs="manifest", klass="inconsistent", after=("MET203",))
def divisor_differs(manifest: Document) -> Iterator[Fault]:
    """The standard deviation was computed with another divisor than `ddof` says.

    Why: numpy divides by n, most papers by n - 1; with three runs the two differ by a fifth.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            runs: {n: 3, values: ["0.8333", "0.6667", "1.0000"], statistic: mean, std: "0.1361", ddof: 1}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            runs: {n: 3, values: ["0.8333", "0.6667", "1.0000"], statistic: mean, std: "0.1361", ddof: 0}
    Fix: Set `ddof: 0` for `numpy.std(values)`, or print `statistics.stdev(values)`.
    """
    for claim in _with_values(manifest):
        if claim.std is not None and not _fits(claim, claim.ddof) and _fits(claim, 1 - claim.ddof):
            yield manifest.at(*claim.path, "runs", "std").says(
                f"`std` is {claim.std.text}, which is right for `ddof: {1 - claim.ddof}`; "
                f"for `ddof: {claim.ddof}` it is {_deviation(claim, claim.ddof)}",
                help=f"write `ddof: {1 - claim.ddof}`",
                fix=number_written(manifest, (*claim.path, "runs", "ddof"), str(1 - claim.ddof), "unsafe"),
            )


@rule("MET205", level="error", needs="manifest", klass="impossible")
def deviation_of_one_run(manifest: Document) -> Iterator[Fault]:
    """A standard deviation over runs is given for a single run.

    Why: One value has no spread; the number is that of something else, often of single examples.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            runs: {n: 1, statistic: single, std: "0.0100"}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            runs: {n: 1, statistic: single}
    Fix: Remove `std`, or give the number of runs that it was computed from.
    """
    for claim in claims(manifest):
        if claim.n_runs == 1 and claim.std is not None and (claim.ddof or claim.std.value):
            yield manifest.at(*claim.path, "runs", "std").says(
                f"`std` is {claim.std.text}, and there was one run", manifest.at(*claim.path, "runs", "n")
            )


@rule("MET206", level="error", needs="manifest", klass="impossible")
def deviation_too_large(manifest: Document) -> Iterator[Fault]:
    """The standard deviation is larger than values within the metric's range can have.

    Why: Values between 0 and 1 with a mean near one end lie close together; this spread would need values
        outside.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.9667"
            data: {split: validation, n: 6}
            runs: {n: 5, statistic: mean, std: "0.2500"}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.9667"
            data: {split: validation, n: 6}
            runs: {n: 5, statistic: mean, std: "0.0745"}
    Fix: Check the unit of `std`; it is that of the value, not percent.
    Source: Bhatia and Davis 2000, variance ≤ (b - m)(m - a), doi:10.1080/00029890.2000.12005203.
    """
    for claim in claims(manifest):
        low, high = bounds(claim)
        if claim.std is None or claim.statistic != "mean" or low is None or high is None:
            continue
        n, width = claim.n_runs or 0, claim.value.half_width(ANY)
        centre = (claim.value.value - width, claim.value.value + width)
        most = runs.largest_deviation(centre, (Fraction(low), Fraction(high)), n, claim.ddof)
        if most is not None and n > 1 and claim.std.value - claim.std.half_width(ANY) > most:
            yield manifest.at(*claim.path, "runs", "std").says(
                f"`std` is {claim.std.text}; {n} values from {low} to {high} with the mean "
                f"{claim.value.text} have at most {decimal(most, min(places(claim.std) + 1, 20))}",
                manifest.at(*claim.path, "value"),
            )


def _with_values(manifest: Document) -> Iterator[Claim]:
    for claim in claims(manifest):
        if claim.values is not None and len(claim.values) <= _MAX_RUNS:
            yield claim


def _summary(claim: Claim) -> runs.Interval | None:
    """Where the statistic of the listed values lies; None where the claim names none that they decide."""
    values = claim.values or ()
    if claim.statistic == "mean":
        return runs.mean(values)
    if claim.statistic == "median":
        return runs.median(values)
    if claim.statistic == "max":
        return runs.extreme(values, largest=True)
    if claim.statistic == "best":
        return runs.extreme(values, largest=not claim.lower_is_better)
    return runs.mean(values) if len(values) == 1 else None


def _statistic(claim: Claim) -> str:
    return {"single": "value", "max": "largest", "best": "best"}.get(claim.statistic, claim.statistic)


def _fits(claim: Claim, ddof: int) -> bool:
    """Whether `std` can be the deviation of the listed values with this divisor; yes where none is listed."""
    if claim.std is None or claim.values is None or len(claim.values) == 1:
        return True
    interval = runs.deviation(claim.values, ddof)
    return interval is None or runs.contains(interval, claim.std)


def _deviation(claim: Claim, ddof: int) -> str:
    """The deviation of the listed values, with one digit more than `std` has."""
    interval = runs.deviation(claim.values or (), ddof, Fraction(0))
    digits = min(places(claim.std) + 1, 20) if claim.std else 4
    return decimal(interval[0], digits) if interval else ""
