"""Forgeries that rules of the family CLM are meant to find."""

from tests.forgeries.forging import Forgery

FORGERIES = [
    Forgery(
        "CLM001",
        "the manifest claims more than the hub shows",
        "pretraining",
        swaps=(("fmaudit.yaml", 'value: "43.81"', 'value: "45.81"'),),
    ),
]
