"""No rule that says *impossible* speaks of an honest report, however it was averaged, rounded and printed.

`FMAUDIT_HONEST=10000` looks at that many.
"""

import os
import random
import re

import pytest

from auditor.readers.markdown import read_markdown
from auditor.rules import load
from auditor.rules.blocks import gathered
from auditor.rules.f1_scores import paired
from auditor.statements.card import list_scores, model_index_scores
from auditor.statements.card_tables import table_scores
from auditor.statements.reports import reports
from tests.forensics.honest import MEASURES, _confusion, averaged, report

N = int(os.environ.get("FMAUDIT_HONEST", "2000"))
IMPOSSIBLE = [
    rule
    for rule in load().values()
    if rule.family == "MET"
    and rule.level == "error"
    and {*rule.needs} <= {"blocks", "triples", "class reports", "card"}
]


def faults(text):
    card = read_markdown("README.md", text)
    blocks = gathered((*model_index_scores(card), *list_scores(card), *table_scores(card)))
    given = {"blocks": blocks, "triples": paired(blocks), "class reports": reports(card), "card": card}
    return [
        (rule.code, fault.message) for rule in IMPOSSIBLE for fault in rule.run(*map(given.get, rule.needs))
    ]


def test_the_rules_that_are_tried_are_those_that_prove():
    assert {"MET301", "MET302", "MET305", "MET306", "MET308", "MET309", "MET310", "MET312"} <= {
        rule.code for rule in IMPOSSIBLE
    }


def test_honest_reports_give_no_error():
    wrong = {}
    for seed in range(N):
        found = faults(report(seed))
        if found:
            wrong[seed] = found
    assert wrong == {}


def test_the_same_reports_with_one_number_changed_are_found():
    """So that silence above is not that of rules that never look."""
    found = 0
    for seed in range(200):
        text = report(seed)
        number = re.search(r"(?<=- F1: )\d\.\d+", text)
        if number is not None:
            changed = f"{0.999 if float(number[0]) < 0.5 else 0.001:.4f}"
            found += bool(faults(text.replace(f"- F1: {number[0]}", f"- F1: {changed}")))
    assert found >= 50


def test_honest_reports_are_read():
    texts = [report(seed) for seed in range(100)]
    cards = [read_markdown("README.md", text) for text in texts]
    assert sum(bool(reports(card)) for card in cards) >= 20
    assert all(list(list_scores(card)) for card in cards)


@pytest.mark.slow  # importing sklearn takes seconds
@pytest.mark.parametrize("how", ["macro", "weighted", "micro", "binary"])
@pytest.mark.parametrize("zero_division", [0, 1])
def test_the_generator_agrees_with_sklearn(how, zero_division):
    metrics = pytest.importorskip("sklearn.metrics")
    for seed in range(20):
        table = _confusion(random.Random(seed))
        labels = list(range(len(table)))
        pairs = [(i, j) for i in labels for j in labels for _ in range(table[i][j])]
        chosen = (
            {"labels": [labels[-1]], "average": "macro"}
            if how == "binary"
            else {"labels": labels, "average": how}
        )
        expected = metrics.precision_recall_fscore_support(
            [i for i, _ in pairs], [j for _, j in pairs], zero_division=zero_division, **chosen
        )
        got = averaged(table, how, zero_division)
        for name, one, other in zip(MEASURES, got, expected, strict=False):
            assert abs(float(one) - other) < 1e-12, (seed, name)
