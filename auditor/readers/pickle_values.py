"""What a pickle puts on its stack, as far as one must know it to tell what is imported, called and changed.

Most values are inert and look all alike. No value holds others without bound: tuples are flat and short, and
mappings keep a few plain entries, so that memory stays with the stack and the memo, which are bounded.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeGuard

from auditor.records import dataclass

MAX_NAME = 120  # bytes of a text that is kept; dotted names of real modules have at most about 70
MAX_ITEMS = 9  # of a tuple that is kept; torch names a storage with 5 or 6, numpy's dtypes have a state of 9
MAX_WORD = (
    32  # characters of a text in a tuple: `storage`, a codec, a dtype; only the first two are looked at
)
WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
_DTYPE_STATES = (8, 9)  # items of a state; with the ninth since numpy 1.7 for units of time
_HOLDS_OBJECTS = 1  # ndarraytypes.h, NPY_ITEM_REFCOUNT
FIELDS = frozenset({"shape", "dtype", "numpy_array_alignment_bytes"})  # of joblib's array wrapper

Use = Literal["called", "created", "changed"]


class Broken(Exception):  # noqa: N818  reads as a sentence where it is raised
    """The unpickler would stop here with an error.

    Attributes:
        is_limit: it would not, but we do: one of our bounds is reached.
        is_end: the bytes ended.
    """

    def __init__(self, why: str, *, is_limit: bool = False, is_end: bool = False) -> None:
        super().__init__(why)
        self.is_limit = is_limit
        self.is_end = is_end


@dataclass(slots=True, eq=False)
class Import:
    """A global that the pickle asks for.

    Attributes:
        module: as the pickle spells it.
        name: the same; may be dotted.
        at: byte at which it is first asked for.
        old_names: whether Python maps names of Python 2 first, as it does below protocol 3.
        uses: `called` as a function; `created`, by its `__new__` alone; `changed`, by BUILD or an item set.
    """

    module: str
    name: str
    at: int
    old_names: bool
    uses: set[Use] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Made:
    """What a call of an import gave; `hint` is its first argument where that was a text.

    `state` is what BUILD gave it, kept of numpy's dtypes and joblib's wrapper of arrays.
    """

    of: Import
    hint: str = ""
    state: Value | None = None


@dataclass(slots=True, eq=False)
class Constant:
    """Bytes or a text in which a pickle lies; `is_followed` says whether all of it could be followed."""

    is_followed: bool


@dataclass(slots=True, eq=False)
class Fields:
    """A mapping with those of its entries that are looked at."""

    entries: dict[str, Value] = field(default_factory=dict)

    def put(self, key: Value, value: Value) -> None:
        """An entry is kept, if its key is one of FIELDS."""
        if isinstance(key, str) and key in FIELDS:
            self.entries[key] = INERT if isinstance(value, Fields) else value


class Plain:
    """A value of which nothing is kept."""

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        self._what = what

    def __repr__(self) -> str:
        return self._what


INERT = Plain("a value that is nothing to call")
LONG_TEXT = Plain("a text too long to be a name")
FORGOTTEN = Plain("a text too many to be kept")
UNKNOWN = Plain("a value that could be anything")

Value = int | str | tuple[object, ...] | Import | Made | Constant | Fields | Plain


def is_wrapper(value: Value) -> TypeGuard[Made]:
    """Whether it is what joblib puts before the numbers of an array."""
    return isinstance(value, Made) and (value.of.module, value.of.name) == WRAPPER


def holds_objects(state: Value | None) -> bool:
    """Whether the state of a dtype says, or may say, that values of it are objects."""
    if not isinstance(state, tuple) or len(state) not in _DTYPE_STATES:
        return state is not None
    flags = state[7]
    return not isinstance(flags, int) or bool(flags & _HOLDS_OBJECTS)


def short_tuple(items: list[Value]) -> Value:
    """The tuple of these values, flat; a long one is inert, since no opcode takes an item out again."""
    if len(items) > MAX_ITEMS:
        return INERT
    return tuple([_item(place, item) for place, item in enumerate(items)])


def _item(place: int, item: Value) -> Value:
    if isinstance(item, str):
        return item if place < 2 and len(item) <= MAX_WORD else LONG_TEXT
    return INERT if isinstance(item, tuple | Fields) else item
