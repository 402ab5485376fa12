"""Digests and sketches of weights."""

import math

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.formats.chain import BUCKETS
from auditor.tracing.state import Sketcher, rest_digest, weights_digest, weights_of


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(1, 3000))
def test_a_sketch_is_linear(seed, n):
    a, b = np.random.default_rng(seed).standard_normal((2, n))
    sketch = Sketcher(seed, n)
    assert np.allclose(sketch(a) - sketch(b), sketch(a - b), atol=1e-12)


def test_the_length_of_a_sketch_is_that_of_the_vector_within_its_error():
    lengths = []
    for seed in range(200):
        vector = np.random.default_rng(seed).standard_normal(20_000)
        lengths.append(np.linalg.norm(Sketcher(seed, len(vector))(vector)) / np.linalg.norm(vector))
    assert abs(np.mean(np.square(lengths)) - 1) < 4 * math.sqrt(2 / BUCKETS / 200)
    assert math.isclose(np.std(np.square(lengths)), math.sqrt(2 / BUCKETS), rel_tol=0.25)


def test_a_vector_shorter_than_its_buckets_keeps_its_length_exactly():
    vector = np.arange(100.0)
    assert np.linalg.norm(Sketcher(1, 100)(vector)) == np.linalg.norm(vector)


def test_weights_are_read_in_their_order_whatever_their_layout():
    plain = torch.arange(24.0).reshape(1, 2, 3, 4)
    last = plain.to(memory_format=torch.channels_last)
    first, second = (weights_of({"model.w": value, "exp_avg.w": value}) for value in (plain, last))
    assert weights_digest(first) == weights_digest(second)
    assert first.tolist() == list(range(24))


def test_the_rest_of_a_state_counts_with_names_types_and_shapes():
    state = {
        "model.w": torch.zeros(2),
        "exp_avg.w": torch.zeros(2),
        "count": torch.zeros((), dtype=torch.int64),
    }
    same = {name: value.clone() for name, value in reversed(state.items())}
    assert rest_digest(state) == rest_digest(same)
    assert rest_digest(state | {"model.w": torch.ones(2)}) == rest_digest(state)
    for other in ({"exp_avg.w": torch.zeros(1, 2)}, {"count": torch.zeros(())}, {"more": torch.zeros(1)}):
        assert rest_digest(state | other) != rest_digest(state)
