"""Sums and means of printed cells."""

import random
import statistics

import pytest

from auditor.forensics.totals import amount, holds, mean, total


@pytest.mark.parametrize("seed", range(50))
def test_printed_sums_and_means_hold(seed):
    rng = random.Random(seed)
    values = [rng.uniform(0, 1000) for _ in range(rng.randint(2, 20))]
    cells = [amount(f"{value:.2f}") for value in values]
    assert holds(total(cells), amount(f"{sum(values):.2f}"))
    assert holds(mean(cells), amount(f"{statistics.mean(values):.2f}"))
    assert not holds(total(cells), amount(f"{sum(values) + 0.02 * len(values) + 0.02:.2f}"))


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,720,320", 1_720_320), ("86k", 86_000), ("**1.7B**", 1_700_000_000), ("-", None), ("3 m", None)],
)
def test_amounts_of_cells(cell, value):
    assert (amount(cell) and amount(cell).value) == value


def test_whole_numbers_are_exact_and_thousands_are_not():
    assert not holds(total([amount("120"), amount("130")]), amount("251"))
    assert holds(total([amount("120000"), amount("130000")]), amount("251000"))
