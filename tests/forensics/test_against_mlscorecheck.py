"""The search for confusion tables agrees with mlscorecheck, the reference program of the method's authors."""

import random

import pytest

from auditor.forensics.confusion import search
from auditor.forensics.printed import ANY
from tests.forensics.tables import drawn, exact, printed

pytestmark = pytest.mark.slow  # importing it takes seconds

CASES = 2_000
NAMES = {
    "accuracy": "acc",
    "precision": "ppv",
    "recall": "sens",
    "specificity": "spec",
    "npv": "npv",
    "f1": "f1",
    "balancedaccuracy": "bacc",
    "mcc": "mcc",
}


def case(seed):
    """A table, four decimals of some of its scores, and perhaps one of them forged."""
    rng = random.Random(seed)
    table = drawn(seed, rng.randint(8, 300))
    scores = exact(*table)
    names = rng.sample(sorted(NAMES), rng.randint(2, 5))
    values = {name: printed(scores[name], 4) for name in names}
    if rng.random() < 0.6:
        forged = rng.choice(names)
        values[forged] = printed(
            min(max(scores[forged] + rng.choice((-1, 1)) * rng.randint(2, 300) * values[forged].unit, 0), 1),
            4,
        )
    return table, values


def test_two_thousand_random_cases_agree():
    check = pytest.importorskip("mlscorecheck.check.binary").check_1_testset_no_kfold
    differing, impossible = [], 0
    for seed in range(CASES):
        table, values = case(seed)
        ours = search(
            {name: value.interval(ANY) for name, value in values.items()}, sum(table), table[0] + table[2]
        )
        theirs = check(
            testset={"p": table[0] + table[2], "n": table[1] + table[3]},
            scores={NAMES[name]: float(value.value) for name, value in values.items()},
            eps=1e-4,
        )
        impossible += ours.exists is False
        if ours.exists is None or ours.exists is theirs["inconsistency"]:
            differing.append((seed, table, values, ours))
    assert differing == []
    assert 0.2 * CASES < impossible < 0.8 * CASES
