"""Our `dataclass` behaves as the standard library's does, in all that the project uses of it."""

import dataclasses
from dataclasses import field

import pytest

from auditor import records

BOTH = pytest.mark.parametrize(
    "dataclass", [records.dataclass, dataclasses.dataclass], ids=["ours", "standard"]
)


def point(dataclass, **options):
    @dataclass(slots=True, **options)
    class Point:
        """A point."""

        x: int
        y: int = 0
        name: str = field(default="", compare=False)
        hidden: int = field(default=1, repr=False)

    return Point


@BOTH
def test_a_record_prints_its_fields(dataclass):
    assert repr(point(dataclass, frozen=True)(1)).endswith(".Point(x=1, y=0, name='')")


@BOTH
def test_records_are_equal_by_what_is_compared(dataclass):
    Point = point(dataclass, frozen=True)
    assert Point(1, 2, "a") == Point(1, 2, "b")
    assert Point(1, 2) != Point(2, 1)
    assert Point(1, 2) != (1, 2)


@BOTH
def test_a_frozen_record_can_be_a_key(dataclass):
    Point = point(dataclass, frozen=True)
    assert {Point(1): "a"}[Point(1)] == "a"


@BOTH
def test_a_record_that_is_not_frozen_can_not(dataclass):
    with pytest.raises(TypeError, match="unhashable"):
        hash(point(dataclass)(1))


@BOTH
def test_a_record_without_equality_is_equal_to_itself_alone(dataclass):
    Point = point(dataclass, eq=False)
    one = Point(1)
    assert one == one
    assert one != Point(1)
    assert hash(one) == hash(one)


@BOTH
def test_a_record_has_no_other_attributes(dataclass):
    with pytest.raises((AttributeError, TypeError)):
        point(dataclass, frozen=True)(1).z = 3


@BOTH
def test_a_record_can_be_replaced_in_part(dataclass):
    Point = point(dataclass, frozen=True)
    assert dataclasses.replace(Point(1, 2), y=3) == Point(1, 3)


@BOTH
def test_methods_of_its_own_are_kept(dataclass):
    @dataclass(frozen=True, slots=True)
    class Named:
        name: str

        def __repr__(self):
            return f"<{self.name}>"

        def __eq__(self, other):
            return self.name.lower() == other.name.lower()

        def __hash__(self):
            return hash(self.name.lower())

    assert repr(Named("A")) == "<A>"
    assert Named("A") == Named("a")
