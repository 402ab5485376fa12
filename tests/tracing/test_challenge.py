"""Which segments are drawn, and how likely a bad one is among them."""

import math
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from auditor.tracing.challenge import Sample, challenge, chosen, detection, sample
from auditor.tracing.layout import layout


@pytest.mark.parametrize(
    ("text", "meant"),
    [("3", Sample(drawn=3)), ("0", Sample()), ("10%", Sample(share=0.1)), ("all", Sample(share=1))],
)
def test_what_can_be_asked_for(text, meant):
    assert sample(text) == meant


@pytest.mark.parametrize("text", ["", "-1", "0%", "101%", "1.5", "1e3", "%", "some", "٣", "9" * 30, "10 %"])
def test_what_cannot(text):
    with pytest.raises(ValueError, match=r"^"):
        sample(text)


@settings(max_examples=50, deadline=None)
@given(n=st.integers(1, 60), q=st.integers(0, 70), nonce=st.text(max_size=5))
def test_first_and_last_are_always_drawn_and_none_twice(n, q, nonce):
    found = chosen(n, [], Sample(drawn=q), challenge("0" * 64, nonce))
    assert {0, n - 1} <= set(found) <= set(range(n))
    assert len(found) == min(n, q + min(n, 2))


def test_a_share_counts_those_that_always_are_but_draws_one():
    drawn_by = challenge("0" * 64, "n")
    assert [len(chosen(n, [], Sample(share=0.1), drawn_by)) for n in (1, 2, 10, 20, 30, 50)] == [
        1,
        2,
        3,
        3,
        3,
        5,
    ]


def test_segments_at_a_change_of_the_schedule_are_always_audited():
    found = chosen(10, [4, 5], Sample(), challenge("0" * 64, "n"))
    assert found == {0: "first", 4: "boundary", 5: "boundary", 9: "last"}


def test_every_segment_is_drawn_as_often_as_any_other():
    counts = [0] * 12
    for nonce in range(2000):
        for number in chosen(12, [], Sample(drawn=2), challenge("0" * 64, str(nonce))):
            counts[number] += 1
    assert counts[0] == counts[-1] == 2000
    assert all(abs(count - 400) < 4 * math.sqrt(2000 * 0.2 * 0.8) for count in counts[1:-1])


@pytest.mark.parametrize(("n", "q", "bad"), [(50, 5, 1), (50, 5, 5), (50, 10, 12), (20, 2, 10), (7, 3, 2)])
def test_the_chance_is_that_of_drawing_without_replacement(n, q, bad):
    assert detection(n, 0, q, bad) == pytest.approx(1 - hypergeom(n, bad, q).pmf(0))


def test_the_chance_as_counted_by_hand():
    draws = list(combinations(range(6), 2))
    met = sum(1 for draw in draws if set(draw) & {0, 1})
    assert detection(8, 2, 2, 2) == pytest.approx(met / len(draws))
    assert detection(8, 2, 2, 7) == 1.0


@pytest.mark.parametrize(
    ("steps", "segments", "ends"),
    [(40, 4, (10, 20, 30, 40)), (3, 9, (1, 2, 3)), (1, None, (1,)), (450, None, (112, 225, 337, 450))],
)
def test_where_segments_end(steps, segments, ends):
    assert layout(steps, segments=segments).ends == ends


def test_a_run_of_itself_has_twenty_segments_at_most_of_a_hundred_steps_at_least():
    assert [len(layout(steps).ends) for steps in (50, 199, 200, 1999, 2000, 10**6)] == [1, 1, 2, 19, 20, 20]


def test_segments_of_cheap_steps_are_ten_times_as_long():
    assert [len(layout(steps, cheap=True).ends) for steps in (1999, 2000, 10**6)] == [1, 2, 20]


def test_a_segment_ends_where_the_schedule_changes():
    assert layout(100, boundaries=(0, 30, 100), segments=2).ends == (30, 50, 100)
