"""How often honest, chosen and inflated claims end in each state: the operating characteristic, simulated.

Runs are normal with mean 0 and sd 1; the test is blind to both. An honest claim is one more run. `main_table`
is what the test promises; `further_tables` are the cases around it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from auditor.records import dataclass
from auditor.verdict.looks import ALPHAS, look_level
from auditor.verdict.prediction import LOOKS
from auditor.verdict.prior import fit_prior
from auditor.verdict.several import holm
from auditor.verdict.states import Plan, Rates, States, joined, states

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST = LOOKS[-1]  # runs of a case
SHIFTS = (2, 3, 5, 8)
CHOSEN = (5, 20)
D0 = 9.3  # how alike the spread of recipes is: fit_prior of recorded runs of a language-model speed run
RELEASES = (2, 5, 20)  # earlier releases a prior is fitted on
REFITS = 100  # priors that are fitted; the cases are shared out among them
ITEMS = 360  # test items of the quantised metric
ACCURACY = 0.975
SDS_OF_ITEMS = (0.2, 0.5, 1.0, 3.0)  # sd between seeds, in items


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of claim under one kind of test.

    Attributes:
        claim: what the claim is.
        test: how it was tested.
        alpha: total chance that is allowed for failing an honest claim.
        rates: what came of it.
    """

    claim: str
    test: str
    alpha: float
    rates: Rates


@dataclass(frozen=True, slots=True)
class Table:
    """Rows about one matter."""

    title: str
    rows: tuple[Row, ...]


def main_table(draws: int, seed: int) -> Table:
    """Single published numbers against the looks 3, 5 and 10, at 5 % and at 1 %."""
    import numpy as np

    runs = np.random.default_rng([seed, 0]).normal(size=(draws, MOST))
    rows = []
    for alpha in ALPHAS:
        plan = Plan(LOOKS, look_level(LOOKS, alpha))
        for number, (name, count, shift) in enumerate(claims()):
            rng = np.random.default_rng([seed, 1, number])
            claim = rng.normal(size=(draws, count)).max(axis=1) + shift
            rows.append(Row(name, _words(LOOKS), alpha, states(plan, claim, runs).rates()))
    return Table("one published number, simulated", tuple(rows))


def claims() -> Iterator[tuple[str, int, float]]:
    """Each kind of claim: its name, of how many runs it is the best, and by how many sd it is too high."""
    yield "honest", 1, 0.0
    for count in CHOSEN:
        yield f"best of {count}", count, 0.0
    for shift in SHIFTS:
        yield f"+{shift} sd", 1, float(shift)


def further_tables(draws: int, seed: int) -> Iterator[Table]:
    """What the main table leaves out; each with seeds of its own."""
    import numpy as np

    for number, (title, table) in enumerate(
        (
            ("other plans of looks", _plans),
            ("means of 5 runs whose values are published", _pooled),
            ("claims that say to be the best of B", _declared),
            ("quantised accuracy on 360 items", _quantised),
            ("spread between laboratories", _laboratories),
            ("a prior from earlier releases of 5 runs each", _moderated),
            ("several claims at once, n = 5", _several),
        )
    ):
        yield Table(title, tuple(table(np.random.default_rng([seed, 2, number]), draws)))


def _plans(rng: np.random.Generator, draws: int) -> Iterator[Row]:
    runs, honest = rng.normal(size=(draws, MOST)), rng.normal(size=draws)
    for looks in ((3,), (5,), (10,), (5, 10), (3, 6, 10), tuple(range(3, 11))):
        for alpha in ALPHAS:
            plan = Plan(looks, look_level(looks, alpha))
            yield Row("honest", _words(looks), alpha, states(plan, honest, runs).rates())
            yield Row("+5 sd", _words(looks), alpha, states(plan, honest + 5, runs).rates())


def _pooled(rng: np.random.Generator, draws: int) -> Iterator[Row]:
    """The published values spread as the recipe does, or three times as much to widen the tolerance."""
    runs, values = rng.normal(size=(draws, MOST)), rng.normal(size=(draws, 5))
    mean = values.mean(axis=1)
    for alpha in ALPHAS:
        plan = Plan(LOOKS, look_level(LOOKS, alpha, runs=5), runs=5)
        for name, shift, stretch in (
            ("honest", 0.0, 1.0),
            ("+2 sd", 2.0, 1.0),
            ("+3 sd", 3.0, 1.0),
            ("+2 sd, listed three times as wide", 2.0, 3.0),
        ):
            listed = shift + mean[:, None] + stretch * (values - mean[:, None])
            claim = mean + shift
            yield Row(name, "fresh runs alone", alpha, states(plan, claim, runs).rates())
            yield Row(name, "with the listed values", alpha, states(plan, claim, runs, listed).rates())
        single = Plan(LOOKS, look_level(LOOKS, alpha))
        told = states(single, values[:, 0], runs, values)
        yield Row("honest, one of the five listed", "with the listed values", alpha, told.rates())


def _declared(rng: np.random.Generator, draws: int) -> Iterator[Row]:
    runs = rng.normal(size=(draws, MOST))
    for count in CHOSEN:
        values = rng.normal(size=(draws, count))
        best = values.max(axis=1)
        for alpha in ALPHAS:
            plan = Plan(LOOKS, look_level(LOOKS, alpha, best_of=count), best_of=count)
            name = f"best of {count}"
            yield Row(name, f"as best of {count}", alpha, states(plan, best, runs).rates())
            told = states(plan, best, runs, values).rates()
            yield Row(name, f"as best of {count}, with its values", alpha, told)
            yield Row(f"{name}, +3 sd", f"as best of {count}", alpha, states(plan, best + 3, runs).rates())
            yield Row(f"{name}, +5 sd", f"as best of {count}", alpha, states(plan, best + 5, runs).rates())


def _quantised(rng: np.random.Generator, draws: int) -> Iterator[Row]:
    """Accuracies in steps of one item, printed to four places: runs are often equal."""
    import numpy as np

    latent = rng.normal(size=(draws, MOST + 1))
    for sd in SDS_OF_ITEMS:
        measured = np.minimum(np.round(ITEMS * ACCURACY + sd * latent), ITEMS) / ITEMS
        claim, runs = np.round(measured[:, 0], 4), measured[:, 1:]
        for alpha in ALPHAS:
            level = look_level(LOOKS, alpha)
            name = f"honest, sd {sd:g} items"
            bare = Plan(LOOKS, level)
            floored = Plan(LOOKS, level, half_unit=0.00005, quantum=1 / ITEMS)
            yield Row(name, "without the floor", alpha, states(bare, claim, runs).rates())
            yield Row(name, "with the floor", alpha, states(floored, claim, runs).rates())


def _laboratories(rng: np.random.Generator, draws: int) -> Iterator[Row]:
    """The audit differs from the claim's laboratory by a shift of as much sd as seeds have, or by none."""
    runs, honest, shift = (rng.normal(size=size) for size in ((draws, MOST), draws, draws))
    for alpha in ALPHAS:
        for rho in (0.0, 1.0):
            plan = Plan(LOOKS, look_level(LOOKS, alpha), rho=rho)
            for name, claim in (
                ("honest, same laboratory", honest),
                ("honest, another laboratory", honest + shift),
                ("+5 sd, same laboratory", honest + 5),
            ):
                yield Row(name, f"ρ = {rho:g}", alpha, states(plan, claim, runs).rates())


def _moderated(rng: np.random.Generator, draws: int) -> Iterator[Row]:
    """Variances of recipes scatter as s0² d0/χ²(d0); each prior is fitted anew from a few releases."""
    each = max(draws // REFITS, 1)
    for releases in RELEASES:
        for looks in ((1,), LOOKS):
            for alpha in ALPHAS:
                for shift in (0, 5):
                    rates = _with_priors(rng, releases, looks, alpha, shift, each).rates()
                    name = f"+{shift} sd" if shift else "honest"
                    yield Row(name, f"{releases} releases, {_words(looks)}", alpha, rates)


def _with_priors(
    rng: np.random.Generator, releases: int, looks: tuple[int, ...], alpha: float, shift: int, each: int
) -> States:
    import numpy as np

    parts: list[States] = []
    level = look_level(looks, alpha)
    while len(parts) < REFITS:
        sds = np.sqrt(D0 / rng.chisquare(D0, size=releases))
        fit = fit_prior((rng.normal(size=(releases, 5)) * sds[:, None]).tolist())
        assert fit is not None  # drawn from a density: no two runs are equal
        sd = np.sqrt(D0 / rng.chisquare(D0, size=each))
        claim = (rng.normal(size=each) + shift) * sd
        runs = rng.normal(size=(each, looks[-1])) * sd[:, None]
        parts.append(states(Plan(looks, level, prior=fit.prior), claim, runs))
    return joined(parts)


def _several(rng: np.random.Generator, draws: int) -> Iterator[Row]:
    """Independent metrics, all honest, or one of them 5 sd too high: shares of releases, not of metrics."""
    import numpy as np

    draws = max(draws // 5, 1)
    for count in (3, 5, 10):
        runs, claim = rng.normal(size=(count, draws, 5)), rng.normal(size=(count, draws))
        for name, shift in (("honest", 0.0), ("one is +5 sd", 5.0)):
            moved = np.concatenate([claim[:1] + shift, claim[1:]])
            for alpha in ALPHAS:
                p, good = _each(moved, runs)
                adjusted = np.array([holm(one) for one in p.T.tolist()]).T
                for test, tried in (("each by itself", p), ("Holm", adjusted)):
                    failed = np.any(tried < alpha, axis=0)
                    passed = np.all(good & (tried >= alpha), axis=0)
                    ended = States(passed, failed, np.full(draws, 5.0))
                    yield Row(f"{count} metrics, {name}", test, alpha, ended.rates())


def _each(claim: Floats, runs: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """The p of each metric and case, and whether it would be reproduced; (metrics, cases)."""
    import numpy as np
    from scipy.special import stdtr

    n = runs.shape[2]
    good = np.array([states(Plan((n,), 0.0), *pair).reproduced for pair in zip(claim, runs, strict=True)])
    t = (claim - runs.mean(axis=2)) / (runs.std(axis=2, ddof=1) * math.sqrt(1 + 1 / n))
    return stdtr(n - 1, -t), good


def _words(looks: Sequence[int]) -> str:
    plan = tuple(looks)
    if len(plan) == 1:
        return f"n = {plan[0]}"
    if len(plan) > 3:
        return f"looks {plan[0]} to {plan[-1]}"
    return f"looks {', '.join(map(str, plan))}"
