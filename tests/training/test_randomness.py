"""Counter-based draws: the same for the same purpose, on any machine, whatever was drawn before."""

import hashlib
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from auditor.training.initialization import fans, initial_weights
from auditor.training.randomness import order, uniform, words

SHAPES = {"conv.weight": (32, 3, 3, 3), "conv.bias": (32,), "head.weight": (10, 500), "head.bias": (10,)}


def test_the_bits_are_the_same_on_every_machine():
    digest = hashlib.sha256(words(7, "weights", "conv1.weight", n=1000).astype("<u8").tobytes()).hexdigest()
    assert digest[:16] == "bcdc3767adec85ac"


@given(st.integers(0, 2**63 - 1), st.integers(0, 1000), st.integers(1, 300))
def test_an_order_is_a_permutation(seed, epoch, n):
    assert sorted(order(seed, epoch, n)) == list(range(n))


def test_each_epoch_and_each_seed_has_its_own_order():
    orders = {tuple(order(seed, epoch, 50)) for seed in range(5) for epoch in range(5)}
    assert len(orders) == 25


@given(st.floats(1e-6, 10))
def test_uniform_values_stay_inside_their_bound(bound):
    values = uniform(0, "w", (1000,), bound)
    assert values.min() >= -np.float32(bound)
    assert values.max() <= np.float32(bound)


def test_uniform_values_have_the_moments_of_the_uniform_distribution():
    values = uniform(1, "w", (100_000,), 1.0).astype(np.float64)
    assert abs(values.mean()) < 4 / math.sqrt(3 * 100_000)  # four standard errors
    assert abs(values.var() - 1 / 3) < 0.005


def test_a_tensor_does_not_depend_on_its_neighbours():
    alone = initial_weights({"head.weight": (10, 500)}, "keras", 0)["head.weight"]
    among = initial_weights(SHAPES, "keras", 0)["head.weight"]
    assert (alone == among).all()


def test_keras_weights_are_glorot_uniform_with_zero_bias():
    drawn = initial_weights(SHAPES, "keras", 0)
    limit = math.sqrt(6 / (3 * 9 + 32 * 9))
    assert np.abs(drawn["conv.weight"]).max() <= limit
    assert np.abs(drawn["conv.weight"]).max() > 0.95 * limit
    assert not drawn["conv.bias"].any()


def test_torch_weights_and_biases_have_the_bound_of_torch_nn():
    drawn = initial_weights(SHAPES, "torch", 0)
    for name in ("head.weight", "head.bias"):
        assert np.abs(drawn[name]).max() <= 1 / math.sqrt(500)
    assert drawn["head.bias"].any()


def test_fans_count_the_kernel():
    assert fans((32, 3, 3, 3)) == (27, 288)
    assert fans((10, 500)) == (500, 10)
