"""Forgeries that rules of the family MET are meant to find."""

from tests.forgeries.forging import Forgery

FORGERIES = [
    Forgery(
        "MET101",
        "an accuracy that no whole number of 6 examples gives",
        "good",
        swaps=(("fmaudit.yaml", '"0.8333"', '"0.8433"'),),
    ),
]
