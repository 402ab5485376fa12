"""Counter-based draws: the same for the same purpose, on any machine, whatever was drawn before."""

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from auditor.training.initialization import fans, initial_weights
from auditor.training.randomness import logarithm, normal, on_circle, order, rising, uniform, words

SHAPES = {"conv.weight": (32, 3, 3, 3), "conv.bias": (32,), "head.weight": (10, 500), "head.bias": (10,)}


def test_the_bits_are_the_same_on_every_machine():
    digest = hashlib.sha256(words(7, "weights", "conv1.weight", n=1000).astype("<u8").tobytes()).hexdigest()
    assert digest[:16] == "bcdc3767adec85ac"


@given(st.integers(0, 2**63 - 1), st.integers(0, 1000), st.integers(1, 300))
def test_an_order_is_a_permutation(seed, epoch, n):
    assert sorted(order(seed, epoch, n)) == list(range(n))


@pytest.mark.parametrize("kinds", [2**64 - 1, 2**33, 300, 3, 1])
@pytest.mark.parametrize("n", [0, 1, 3999, 4000, 20_000])
def test_words_are_ordered_as_numpy_orders_them_whatever_agrees(n, kinds):
    drawn = words(1, n=n) % np.uint64(kinds) * np.uint64((2**64 - 1) // kinds)
    assert np.array_equal(rising(drawn), np.argsort(drawn, kind="stable"))


def test_words_that_agree_in_their_upper_half_are_ordered_by_the_lower():
    drawn = (words(1, n=9000) % np.uint64(70) << np.uint64(32)) | words(2, n=9000) % np.uint64(5)
    assert np.array_equal(rising(drawn), np.argsort(drawn, kind="stable"))


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


def test_normal_values_are_those_of_numpys_functions_and_normally_distributed():
    values = normal(3, "w", (50_001,), 2.0)
    unit = (words(3, "weights", "w", n=50_002) >> np.uint64(11)) * 2.0**-53
    radius = np.sqrt(-2 * np.log1p(-unit[:25_001]))
    expected = 2 * radius * np.cos(2 * np.pi * unit[25_001:])
    np.testing.assert_allclose(values[:25_001], expected, rtol=1e-6, atol=1e-12)
    assert stats.kstest(values / 2, "norm").pvalue > 0.01


def test_normal_values_have_the_same_bits_on_every_machine():
    digest = hashlib.sha256(normal(7, "w", (1001,), 0.02).astype("<f4").tobytes()).hexdigest()
    assert digest[:16] == "bea9a2d58276cedf"


@settings(max_examples=50)
@given(st.floats(2.0**-60, 1e6), st.floats(0, 1, exclude_max=True))
def test_logarithm_and_circle_are_as_exact_as_a_double_can_be(x, turns):
    assert logarithm(np.array([x]))[0] == pytest.approx(math.log(x), rel=1e-15, abs=1e-15)
    cosine, sine = on_circle(np.array([turns]))
    assert cosine[0] == pytest.approx(math.cos(2 * math.pi * turns), abs=3e-15)
    assert sine[0] == pytest.approx(math.sin(2 * math.pi * turns), abs=3e-15)


BLOCKS = {
    "token_embedding.weight": (50, 64),
    "blocks.0.norm1.weight": (64,),
    "blocks.0.norm1.bias": (64,),
    "blocks.0.attention.qkv.weight": (192, 64),
    "blocks.0.attention.qkv.bias": (192,),
    "blocks.0.attention.project.weight": (64, 64),
    "blocks.1.attention.project.weight": (64, 64),
    "head_bias": (50,),
}


@pytest.mark.parametrize("scheme", ["keras", "torch", "gpt2"])
def test_norms_start_as_the_identity_and_lone_biases_at_zero(scheme):
    drawn = initial_weights(BLOCKS, scheme, 0)
    assert (drawn["blocks.0.norm1.weight"] == 1).all()
    assert not drawn["blocks.0.norm1.bias"].any()
    assert not drawn["head_bias"].any()


def test_gpt2_weights_are_normal_and_smaller_where_a_branch_ends():
    drawn = initial_weights(BLOCKS, "gpt2", 0)
    for name, sd in (("token_embedding", 0.02), ("blocks.0.attention.project", 0.01)):  # 0.02 / sqrt(2 * 2)
        assert drawn[f"{name}.weight"].std() == pytest.approx(sd, rel=0.05)
    assert not drawn["blocks.0.attention.qkv.bias"].any()


def test_embeddings_have_the_spread_of_their_library():
    assert initial_weights(BLOCKS, "torch", 0)["token_embedding.weight"].std() == pytest.approx(1, rel=0.05)
    assert np.abs(initial_weights(BLOCKS, "keras", 0)["token_embedding.weight"]).max() <= 0.05


def test_fans_count_the_kernel():
    assert fans((32, 3, 3, 3)) == (27, 288)
    assert fans((10, 500)) == (500, 10)
