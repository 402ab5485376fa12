"""Forgeries of claims' values and of what is said of their runs: MET001 to MET102, MET201 to MET206."""

from tests.forgeries.forging import Forgery

CLAIM = '"0.8333"\n    data: {ref'

FORGERIES = [
    Forgery(
        "MET001",
        "a proportion of more than one",
        "good",
        swaps=(("fmaudit.yaml", CLAIM, CLAIM.replace("0.8333", "8.333")),),
    ),
    Forgery(
        "MET002",
        "all of the examples are right",
        "good",
        swaps=(("fmaudit.yaml", CLAIM, CLAIM.replace("0.8333", "1.0000")),),
    ),
    Forgery(
        "MET003",
        "a loss that is said to be better when larger",
        "good",
        swaps=(
            (
                "fmaudit.yaml",
                "{type: accuracy, unit: proportion}",
                "{type: accuracy, unit: proportion, lower_is_better: true}",
            ),
        ),
    ),
    Forgery(
        "MET101",
        "an accuracy that no whole number of 6 examples gives",
        "good",
        swaps=(("fmaudit.yaml", '"0.8333"', '"0.8433"'),),
    ),
    Forgery(
        "MET102",
        "an accuracy rounded up in its last digit",
        "good",
        parts=(
            "# fmaudit.yaml\nclaims:\n  - id: test-accuracy\n    metric: {type: accuracy, unit: proportion}\n"
            '    value: "0.8334"\n    data: {split: test, n: 6}\n    runs: null\n'
        ),
    ),
    Forgery(
        "MET201",
        "the mean is that of better runs",
        "good",
        swaps=(("fmaudit.yaml", '"0.6667", "1.0000"]', '"0.6667", "0.8333"]'),),
    ),
    Forgery(
        "MET202",
        "half of the deviation",
        "good",
        swaps=(("fmaudit.yaml", 'std: "0.1667"', 'std: "0.0833"'),),
    ),
    Forgery(
        "MET203",
        "five runs are promised and three are listed",
        "good",
        swaps=(("fmaudit.yaml", "{n: 3, seeds", "{n: 5, seeds"),),
    ),
    Forgery(
        "MET204",
        "the deviation with divisor n is said to have divisor n - 1",
        "good",
        swaps=(("fmaudit.yaml", 'std: "0.1667"', 'std: "0.1361"'),),
    ),
    Forgery(
        "MET205",
        "one run with a deviation",
        "good",
        swaps=(("fmaudit.yaml", "runs: {n: 1, seeds: [0]}", 'runs: {n: 1, seeds: [0], std: "0.0100"}'),),
    ),
    Forgery(
        "MET206",
        "a deviation larger than any three proportions can have",
        "good",
        parts=(
            "# fmaudit.yaml\nclaims:\n  - id: test-accuracy\n    metric: {type: accuracy, unit: proportion}\n"
            '    value: "0.8333"\n    data: {split: test, n: 6}\n'
            '    runs: {n: 3, statistic: mean, std: "0.8165", ddof: 1}\n'
        ),
    ),
]
