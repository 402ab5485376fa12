"""The acoustic model: size, reach, starting loss, and against loops in numpy."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from reference_models import catalogue
from tests.reference_models.drawn import drawn, overfitted

TINY = {"features": 3, "width": 8, "layers": 2, "outputs": 5}


def test_the_number_of_weights_is_the_stated_one():
    shapes = catalogue.shapes("tdnn", {"features": 20, "outputs": 11})
    assert sum(map(math.prod, shapes.values())) == 29_323


def test_each_frame_starts_near_guessing():
    torch.manual_seed(0)
    logits = drawn("tdnn", TINY)(torch.rand(16, 20, 3))
    assert functional.cross_entropy(logits.flatten(0, 1), torch.arange(320) % 5).item() == pytest.approx(
        math.log(5), abs=0.15
    )


def test_logits_agree_with_loops_in_numpy():
    model = drawn("tdnn", TINY, seed=3).double()
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    x = frames = np.random.default_rng(0).random((9, 3))
    for number in range(2):
        kernel, bias = weights[f"layers.{number}.weight"], weights[f"layers.{number}.bias"]
        out = np.tile(bias, (9, 1))
        for time in range(9):
            for tap in range(3):
                seen = time + (tap - 1) * 2**number
                if 0 <= seen < 9:
                    out[time] += kernel[:, :, tap] @ x[seen]
        x = np.maximum(out, 0)
    expected = x @ weights["head.weight"].T + weights["head.bias"]
    found = model(torch.from_numpy(frames[None])).detach().numpy()[0]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_one_batch_can_be_overfitted():
    torch.manual_seed(0)
    frames, targets = torch.rand(2, 12, 3), torch.tensor([[1, 2], [3, 4]])
    lengths = torch.full((2,), 12), torch.full((2,), 2)

    def loss(logits):
        return functional.ctc_loss(logits.log_softmax(-1).transpose(0, 1), targets, *lengths)

    assert overfitted(drawn("tdnn", TINY), loss, (frames,), 200, 1e-2) < 0.05


def test_numbers_that_make_no_whole_frames_are_refused():
    assert catalogue.example_shape("tdnn", TINY, 12) == (4, 3)
    with pytest.raises(ValueError, match="make no whole frames of 3"):
        catalogue.example_shape("tdnn", TINY, 13)


@pytest.mark.parametrize(("change", "told"), [({"outputs": 1}, "the blank"), ({"layers": 11}, "at most 10")])
def test_parameters_that_make_no_network_are_refused_in_words(change, told):
    with pytest.raises(ValueError, match=told):
        catalogue.shapes("tdnn", TINY | change)
