"""The fields of config.json as numbers and switches, with the defaults that transformers gives them.

Defaults stand where a family asks for a field; they are those of transformers 4.57 and 5.23, which agree
wherever it is not said otherwise. What stands there in another type than transformers takes is never
guessed at: the whole model is then `Untold`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.readers.text import shown
from auditor.shapes.side import Side, of_field

MOST = 2**31 - 1  # of one side; sizes of tensors beyond it fit no index of torch
MOST_LAYERS = 10_000  # the deepest released transformers have some 130


class Untold(Exception):  # noqa: N818  reads as a sentence where it is raised
    """What tensors the model has does not follow from its config as far as it is known here; says why."""


class Fields:
    """A mapping of config.json, and where in the file it stands."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self.values = values
        self.path = path

    def size(self, name: str, default: int | None = None, *, also: str = "") -> Side:
        """The whole number above 0 under `name`, or under its other name `also`.

        Raises:
            Untold: something else stands there, or nothing does and there is no default.
        """
        found = self.given(name, default, also=also)
        if found is None:
            raise Untold(f"config.json has no `{self._full(name)}`")
        return found

    def given(self, name: str, default: int | None = None, *, also: str = "") -> Side | None:
        """As `size`, but None where null stands there, or nothing and there is no default."""
        key = also if also and name not in self.values and also in self.values else name
        value = self.values.get(key, default)
        if value is None:
            return None
        if type(value) is not int or not 0 < value <= MOST:
            raise Untold(f"`{self._full(key)}` is no whole number from 1 to {MOST:,}")
        return of_field(self._full(key), value)

    def layers(self, name: str, default: int | None = None, *, also: str = "") -> Side:
        """As `size`, for a number of layers, which may be 0.

        Raises:
            Untold: as `size`, or there would be more than MOST_LAYERS.
        """
        if self.values.get(name) == 0 and type(self.values[name]) is int:
            return of_field(self._full(name), 0)
        found = self.size(name, default, also=also)
        if found > MOST_LAYERS:
            raise Untold(f"`{self._full(name)}` is above {MOST_LAYERS:,}")
        return found

    def flag(self, name: str, default: bool) -> bool:
        """The truth value under `name`.

        Raises:
            Untold: something else stands there.
        """
        value = self.values.get(name, default)
        if type(value) is not bool:
            raise Untold(f"`{self._full(name)}` is neither true nor false")
        return value

    def word(self, name: str, default: str) -> str:
        """The text under `name`.

        Raises:
            Untold: something else stands there.
        """
        value = self.values.get(name, default)
        if not isinstance(value, str):
            raise Untold(f"`{self._full(name)}` is no text")
        return value

    def numbers(self, name: str, default: tuple[int, ...]) -> tuple[Side, ...]:
        """The list of whole numbers above 0 under `name`.

        Raises:
            Untold: something else stands there.
        """
        value = self.values.get(name, default)
        if not isinstance(value, list | tuple) or not all(
            type(each) is int and 0 < each <= MOST for each in value
        ):
            raise Untold(f"`{self._full(name)}` is no list of whole numbers above 0")
        return tuple(Side(each, f"`{self._full(name)}[{index}]`") for index, each in enumerate(value))

    def part(self, name: str) -> Fields:
        """The mapping under `name`; empty, so that all its fields have their defaults, where there is none.

        Raises:
            Untold: something else stands there.
        """
        value = self.values.get(name)
        if value is not None and not isinstance(value, dict):
            raise Untold(f"`{self._full(name)}` is no mapping")
        return Fields(value or {}, self._full(name))

    def labels(self) -> Side:
        """How many classes a head tells apart: of `id2label`, else `num_labels`, else 2."""
        named = self.values.get("id2label")
        if isinstance(named, dict) and named:
            return Side(len(named), "the number of labels in `id2label`", (("id2label", len(named)),))
        return self.size("num_labels", 2)

    def plain(self, name: str, *usual: object) -> None:
        """Nothing, where the field is absent or has one of the usual values.

        Raises:
            Untold: it has another, which would add or change tensors.
        """
        value = self.values.get(name)
        if value is not None and value not in usual:
            raise Untold(f"`{self._full(name)}` is {shown(str(value)[:60])}, which is not known here")

    def _full(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name
