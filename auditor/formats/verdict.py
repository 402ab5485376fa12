"""The JSON that `fmaudit verdict` prints with `--format json`, version 1, and with `--calibrate`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from auditor.formats.report import Printed, Tool

Answer = Literal["reproduced", "not reproduced", "inconclusive"]
Share = Annotated[float, Field(ge=0, le=1)]


class VerdictLook(Printed):
    """The test after some of the runs."""

    n: PositiveInt
    """Number of fresh runs."""
    verdict: Answer
    """The answer at this look."""
    mean: float
    """Mean of the fresh runs, in the unit of the claim."""
    sd: PositiveFloat
    """Standard deviation of the fresh runs, never below the floor; it decides what counts as reproduced."""
    sd_pooled: PositiveFloat
    """The same with published values pooled in; it decides what counts as not reproduced."""
    df: PositiveFloat
    """Degrees of freedom of sd_pooled."""
    t: float
    """Student's t of the claim against the fresh runs; large where the claim is too good."""
    p: Share
    """Chance that an honest claim is as good as this one, one-sided."""
    shortfall_sd: float
    """How many sd the claim lies above the mean, its printed rounding added."""
    limit_sd: float
    """Up to how many of them it counts as reproduced."""
    within_tolerance: bool | None
    """Whether the shortfall is surely within the declared tolerance; null where none was declared."""


class VerdictPrior(Printed):
    """What earlier releases say of the spread between seeds."""

    df: PositiveFloat
    """As much as so many degrees of freedom."""
    sd: PositiveFloat
    """The standard deviation they say."""


class Verdict(Printed):
    """A published number against fresh runs; the same for the same numbers and options."""

    version: Literal[1]
    """Version of this format; it changes where a field changes its meaning or goes."""
    tool: Tool
    """What printed it."""
    claim: str
    """The published value as it was printed."""
    claim_runs: PositiveInt
    """How many runs it averages over."""
    best_of: PositiveInt
    """Of how many it is the best; 1 where nothing was chosen."""
    lower_is_better: bool
    """Whether lower is better."""
    verdict: Answer
    """The answer of the last look that the runs reach; inconclusive where they reach none."""
    n: PositiveInt
    """Number of fresh runs given."""
    plan: list[PositiveInt]
    """After how many runs there are looks."""
    alpha: Share
    """Chance of failing an honest claim over all looks."""
    level: Share
    """Below this p a look says not reproduced."""
    rho: NonNegativeFloat
    """Spread between laboratories that was allowed for, in units of that between seeds."""
    tolerance: PositiveFloat | None
    """Shortfall that was declared not to matter; null where none was."""
    looks: list[VerdictLook]
    """Each look that the runs reach."""
    elsewhere: VerdictLook | None
    """The last look with rho turned round: 1 for 0, and 0 for any other; null where no look was reached."""
    prior: VerdictPrior | None
    """What earlier releases say of the spread; null where none were given."""
    next_look: PositiveInt | None
    """The next look; null after the last."""
    runs_to_decide: PositiveInt | None
    """About how many runs in all would decide; null where that is done, or a hundred would not."""
    notes: list[str]
    """What is to be said beside it."""


class Shares(Printed):
    """How cases ended."""

    reproduced: Share
    """Share that ended so."""
    inconclusive: Share
    """Share that ended so."""
    not_reproduced: Share
    """Share that ended so."""
    mean_n: PositiveFloat
    """Fresh runs that a case took, on average."""
    cases: PositiveInt
    """Number of cases."""
    standard_error: NonNegativeFloat
    """The largest standard error of the three shares, by the binomial of the different claims among them."""


class CalibrationRow(Shares):
    """One kind of claim under one kind of test."""

    claim: str
    """What the claim is."""
    test: str
    """How it was tested."""
    alpha: Share
    """Chance of failing an honest claim that was allowed."""


class CalibrationTable(Printed):
    """Rows about one matter."""

    title: str
    """What they are about."""
    rows: list[CalibrationRow]
    """The rows."""


class RecordedRow(Shares):
    """One rule on recorded runs, where each rejection is a false one."""

    source: str
    """File of the runs."""
    rule: str
    """The rule."""
    n: PositiveInt | None
    """Number of fresh runs; null where looks decide it."""
    promised: Share | None
    """How often it promises to reject an honest claim; null where it promises nothing."""
    groups: NonNegativeInt
    """How many groups of runs had enough of them."""


class PowerRow(Shares):
    """Claims that are runs of a better recipe than the one audited."""

    source: str
    """File of the runs."""
    claimed: str
    """Group that the claims are from."""
    audited: str
    """Group that was audited."""
    apart_sd: float
    """How far the means of the two lie apart, in pooled sd."""
    alpha: Share
    """Chance of failing an honest claim that was allowed."""


class Calibration(Printed):
    """How often the test errs; the same for the same options."""

    version: Literal[1]
    """Version of this format; it changes where a field changes its meaning or goes."""
    tool: Tool
    """What printed it."""
    draws: PositiveInt
    """Simulated cases for each row."""
    rng_seed: NonNegativeInt
    """What they were drawn from."""
    simulated: list[CalibrationTable]
    """Simulated tables; the first is of one published number."""
    recorded: list[RecordedRow]
    """Every rule on recorded runs."""
    power: list[PowerRow]
    """Claims from a better recipe."""
