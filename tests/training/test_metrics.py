"""Metrics on outputs written by hand: values, and reasons where there is none."""

import math
import subprocess
import sys
from importlib.metadata import version

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.training.metrics import Seen, measure


def labels(predicted, targets, n):
    return Seen(n_classes=n, predicted=[torch.tensor(predicted)], targets=[torch.tensor(targets)])


def numbers(predicted, targets):
    return Seen(predicted=[torch.tensor(predicted)], targets=[torch.tensor(targets)])


def test_f1_is_counted_exactly():
    found = measure(["f1"], labels([0, 1, 1, 2, 0], [0, 1, 2, 2, 1], 3)).values
    # By class: tp 1, 1, 1; fp 1, 1, 0; fn 0, 1, 1; support 1, 2, 2.
    each = [2 / 3, 1 / 2, 2 / 3]
    assert found["f1 macro"] == pytest.approx(sum(each) / 3, abs=1e-16)
    assert found["f1 weighted"] == pytest.approx((each[0] + 2 * each[1] + 2 * each[2]) / 5, abs=1e-16)
    assert found["f1 micro"] == 3 / 5


@pytest.mark.parametrize(
    ("metric", "seen", "name", "told"),
    [
        ("f1", labels([0, 1], [0, 1], 3), "f1 macro", "class 2 has no example in the split"),
        ("f1", labels([0, 1], [0, 1], 3), "f1 binary", "does not exist for 3"),
        ("f1", labels([0, 0], [0, 0], 2), "f1 binary", "neither present nor predicted"),
        ("f1", numbers([[1.0]], [[1.0]]), "f1 macro", "F1 needs classes"),
        ("r2", numbers([[1.0], [2.0]], [[3.0], [3.0]]), "r2", "target 0 is the same in every example"),
        ("r2", numbers([[1.0]], [[3.0]]), "r2", "one example has no spread"),
        ("mse", labels([0], [0], 2), "mse", "needs a model that predicts numbers"),
        ("perplexity", Seen(negative_log_p=8000.0, n_items=10), "perplexity", "exceeds the largest number"),
        ("perplexity", Seen(), "perplexity", "labels or tokens"),
        ("bits_per_byte", Seen(negative_log_p=1.0, n_items=1), "bits_per_byte", "left to right"),
        ("wer", Seen(decoded=[([1], [])]), "wer", "no target of the split has a symbol"),
        ("cer", Seen(), "cer", "no target of the split has a symbol"),
        ("cer", Seen(decoded=[([65_001], [1])]), "cer", "more than 65,000 symbols"),
    ],
)
def test_a_metric_that_is_undefined_says_why(metric, seen, name, told):
    found = measure([metric], seen)
    assert name not in found.values
    assert told in found.undefined[name]


@pytest.mark.parametrize("metric", ["mse", "mae", "r2"])
def test_numbers_that_diverged_stay_what_they_are(metric):
    found = measure([metric], numbers([[math.nan], [1.0]], [[1.0], [2.0]]))
    assert math.isnan(found.values[metric])


def test_a_diverged_loss_gives_a_perplexity_that_is_no_number():
    assert math.isnan(measure(["perplexity"], Seen(negative_log_p=math.nan, n_items=1)).values["perplexity"])


def test_error_rates_count_edits():
    seen = Seen(decoded=[([1, 2], [1, 2]), ([1], [1, 2, 3]), ([], [4])])
    found = measure(["wer", "cer"], seen)
    assert found.values["cer"] == pytest.approx(3 / 6)
    assert found.values["wer"] == pytest.approx(2 / 3)
    assert found.measured_by["wer"] == f"jiwer {version('jiwer')}"


SYMBOLS = st.lists(st.integers(1, 3), max_size=6)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(SYMBOLS, SYMBOLS.filter(bool)), min_size=1, max_size=4))
def test_the_character_error_rate_is_levenshteins_distance(decoded):
    edits = sum(_distance(best, target) for best, target in decoded)
    expected = edits / sum(len(target) for _, target in decoded)
    assert measure(["cer"], Seen(decoded=decoded)).values["cer"] == pytest.approx(expected)


def _distance(one, other):
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def test_what_is_not_asked_for_is_not_imported():
    code = (
        "import sys; from auditor.training.metrics import Seen, measure;"
        "measure(['loss', 'accuracy', 'perplexity'], Seen(negative_log_p=1.0, n_items=1));"
        "sys.exit('torchmetrics' in sys.modules or 'jiwer' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
