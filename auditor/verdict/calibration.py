"""All tables of error rates in one: simulated, and on recorded runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.records import dataclass
from auditor.verdict.characteristic import Table, further_tables, main_table
from auditor.verdict.recorded import FalseRejects, Group, Power, false_rejects, power

MOST_PAIRS = 8  # of a better and a worse recipe, for each source


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the test does, and to how many cases.

    Attributes:
        draws: simulated cases for each row.
        seed: what they were drawn from.
        tables: simulated ones; the first is that of one published number.
        false_rejects: every rule on recorded runs.
        power: claims of a better recipe.
    """

    draws: int
    seed: int
    tables: tuple[Table, ...]
    false_rejects: tuple[FalseRejects, ...]
    power: tuple[Power, ...]


def calibrate(
    *, draws: int, seed: int, sources: Mapping[str, Sequence[Group]], further: bool = False
) -> Calibration:
    """The tables; the same for the same arguments.

    Args:
        draws: simulated cases for each row.
        seed: of the cases.
        sources: recorded groups of runs by their name.
        further: whether to simulate the cases around the main table as well.
    """
    tables = [main_table(draws, seed), *(further_tables(draws, seed) if further else ())]
    rejects = [row for name, groups in sources.items() for row in false_rejects(name, groups, seed)]
    powers = [row for name, groups in sources.items() for row in power(name, groups, seed, MOST_PAIRS)]
    return Calibration(draws, seed, tuple(tables), tuple(rejects), tuple(powers))
