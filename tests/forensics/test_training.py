"""Arithmetic of training runs: what generated runs print never lies outside of what is computed from it."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.forensics.printed import read
from auditor.forensics.training import Interval, counted, drift, meant, steps_per_epoch, train_size

COUNTS = st.integers(1, 10**6)


def test_the_steps_of_an_epoch_follow_from_the_last_row():
    found = steps_per_epoch(62, read("1.0"))
    assert found.low <= 62 <= found.high
    assert found == Interval(Fraction(620, 11), Fraction(620, 9))


def test_an_epoch_printed_as_nought_tells_nothing():
    assert steps_per_epoch(5, read("0.0")) is None
    assert train_size(5, read("0.0"), 8) is None


def test_62_steps_of_16_are_no_18949_examples():
    assert not train_size(62, read("1.0"), 16).holds(18_949)
    assert train_size(62, read("1.0"), 16).holds(989)


@given(COUNTS, st.integers(1, 512), st.integers(1, 20), st.integers(1, 4), st.booleans())
@settings(max_examples=50, deadline=None)
def test_an_honest_run_implies_its_data(n, device, epochs, accumulation, drops_last):
    """As the Trainer counts: whole micro-batches, then steps of `accumulation` of them, leftovers dropped."""
    batches = n // device if drops_last else -(-n // device)
    steps = max(batches // accumulation, 1) * epochs
    found = train_size(steps, read(f"{epochs}.0"), device * accumulation)
    assert found.holds(n) or batches < accumulation


@given(st.integers(10, 10**5), st.lists(st.integers(1, 40), min_size=2, max_size=20, unique=True))
@settings(max_examples=50, deadline=None)
def test_a_steady_log_does_not_drift(per_epoch, quarters):
    rows = [(per_epoch * q // 4, read(f"{q / 4:.2f}")) for q in sorted(quarters)]
    assert drift([(step, epoch) for step, epoch in rows if step >= 10]) <= Fraction(115, 100)


def test_a_log_of_two_runs_drifts():
    rows = [(100, read("1.0")), (200, read("2.0")), (450, read("3.0"))]
    assert drift(rows) > Fraction(13, 10)
    assert drift([]) == 1


@given(st.decimals("0.001", "1000", places=3), st.decimals("0.001", "1000", places=3))
@settings(max_examples=50, deadline=None)
def test_a_product_of_prints_holds_the_product_of_what_was_printed(one, other):
    prints = [read(str(round(value, 2))) for value in (one, other)]
    assert meant(prints[0]).times(meant(prints[1])).holds(Fraction(one) * Fraction(other))


def test_a_counted_number_is_exact():
    assert counted(8) == Interval(Fraction(8), Fraction(8))
    assert meant(read("8")) == Interval(Fraction(7), Fraction(9))
