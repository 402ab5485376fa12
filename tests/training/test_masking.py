"""Which tokens are hidden: how many, always the same ones, and what a masked batch holds."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.training import masking
from auditor.training.masking import hide, places, places_of_split


@settings(max_examples=50)
@given(
    st.integers(0, 2**63 - 1), st.integers(0, 9), st.integers(1, 9), st.integers(1, 40), st.floats(0.01, 0.99)
)
def test_every_block_hides_the_same_number_of_different_places(seed, step, n_blocks, length, share):
    where = places(seed, step, n_blocks, length, share)
    assert where.shape == (n_blocks, min(length, max(1, round(share * length))))
    assert (np.diff(where, axis=1) > 0).all()
    assert where.min() >= 0
    assert where.max() < length


def test_each_step_hides_others_and_the_same_step_the_same():
    assert (places(1, 2, 8, 64, 0.15) == places(1, 2, 8, 64, 0.15)).all()
    assert (places(1, 2, 8, 64, 0.15) != places(1, 3, 8, 64, 0.15)).any()


def test_every_place_is_hidden_about_equally_often():
    times = np.bincount(places(0, 0, 4000, 16, 0.25).ravel(), minlength=16)
    assert abs(times - 1000).max() < 5 * np.sqrt(4000 * 0.25 * 0.75)  # five standard deviations


def test_a_split_is_masked_in_chunks_of_its_own(monkeypatch):
    monkeypatch.setattr(masking, "CHUNK", 3)
    where = places_of_split(0, 7, 10, 0.3)
    assert where.shape == (7, 3)
    assert (where[3:6].numpy() == places(0, 1, 3, 10, 0.3)).all()


def test_hidden_tokens_become_the_mask_and_are_what_is_asked_for():
    tokens = torch.arange(12).view(3, 4)
    inputs, targets, positions = hide(tokens, torch.tensor([[0, 3], [1, 2], [2, 3]]), 99)
    assert inputs.tolist() == [[99, 1, 2, 99], [4, 99, 99, 7], [8, 9, 99, 99]]
    assert targets.tolist() == positions.tolist() == [0, 3, 5, 6, 10, 11]
    assert tokens.tolist() == torch.arange(12).view(3, 4).tolist()
