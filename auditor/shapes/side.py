"""A length that remembers which fields of config.json it was worked out from."""

from __future__ import annotations

from typing import Self


class Side(int):
    """One side of a tensor.

    Attributes:
        formula: how it follows from the config, as a message says it: "`num_attention_heads` x `head_dim`".
        fields: the fields in the formula, as dotted paths, with their values.
    """

    formula: str
    fields: tuple[tuple[str, int], ...]

    def __new__(cls, value: int, formula: str, fields: tuple[tuple[str, int], ...] = ()) -> Self:
        """A side of this length; a formula of one name in back quotes is that field itself."""
        side = super().__new__(cls, value)
        side.formula = formula
        side.fields = fields
        return side

    def __mul__(self, other: int) -> Side:
        return _joined(int(self) * int(other), self, "x", other)

    def __rmul__(self, other: int) -> Side:
        return _joined(int(self) * int(other), other, "x", self)

    def __floordiv__(self, other: int) -> Side:
        return _joined(int(self) // int(other), self, "/", other)

    def __add__(self, other: int) -> Side:
        return _joined(int(self) + int(other), self, "+", other)

    def __sub__(self, other: int) -> Side:
        return _joined(int(self) - int(other), self, "-", other)


def of_field(name: str, value: int) -> Side:
    """The side that a field of the config is."""
    return Side(value, f"`{name}`", ((name, value),))


def _joined(value: int, left: int, sign: str, right: int) -> Side:
    fields = dict.fromkeys((*getattr(left, "fields", ()), *getattr(right, "fields", ())))
    return Side(value, f"{_bracketed(left, sign)} {sign} {_bracketed(right, sign)}", tuple(fields))


def _bracketed(side: int, sign: str) -> str:
    """A side as it stands in a longer formula: in brackets where it is a formula of other signs itself."""
    formula = side.formula if isinstance(side, Side) else str(int(side))
    signs = {word for word in formula.split() if word in "x/+-"}
    return formula if not signs or (signs == {sign} and sign in "x+") else f"({formula})"
