"""Forgeries that rules of the family DATA are meant to find."""

from tests.forgeries.forging import Forgery

FORGERIES = [
    Forgery(
        "DATA104",
        "a row was changed after the manifest was written",
        "croissant",
        swaps=(("data/test.csv", "leaf-0108,", "leaf-0109,"),),
    ),
]
