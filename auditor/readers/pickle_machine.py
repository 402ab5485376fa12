"""The stack machine of pickle run on symbols: it imports, calls and builds nothing, and notes what would be.

It reads as CPython's unpickler in C does (Modules/_pickle.c); where the one in Python (Lib/pickle.py) reads
otherwise, or where nobody can tell what a value would be, that is noted as a gap and the walk goes on as far
as the lengths of arguments are known. Whoever judges must take a gap for the worst.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from auditor.readers.forward import Ended, Forward
from auditor.readers.pickle_acts import ACTS, KEPT_LINE
from auditor.readers.pickle_opcodes import COUNTED, FIXED, LINE, LINES, OPCODES
from auditor.readers.pickle_values import (
    FORGOTTEN,
    INERT,
    UNKNOWN,
    Broken,
    Constant,
    Fields,
    Import,
    Made,
    Plain,
    Use,
    Value,
    is_wrapper,
)
from auditor.records import dataclass

MAX_OPCODES = 5_000_000  # of one file; torch writes about 60 a tensor, so this is 80,000 tensors
MAX_STACK = 1_000_000  # values and marks
MAX_MEMO = 4_000_000  # entries; a pickled vocabulary has one a word
MAX_APART = 100_000  # of them that are not numbered in order, as no pickler does
MAX_KEPT = 500_000  # of them whose value is kept, which is some 170 bytes each
MAX_IMPORTS = 10_000  # different ones
MAX_IMPORT_NAME = 1_000  # characters; Python itself sets no limit, and real names have fewer than 100
MAX_GAPS = 100
MAX_LINE = 2**26  # bytes of a text that ends with a line feed

_PLAIN_CODECS = {"latin1", "latin-1", "latin_1", "iso-8859-1", "utf-8", "utf8", "ascii"}
# What calls one of its arguments, and which; the last three call it with what they are given besides.
_CALLS = {
    ("collections", "defaultdict"): 0,
    ("numpy.random._pickle", "__bit_generator_ctor"): 0,
    ("copyreg", "_reconstructor"): 1,
    ("copy_reg", "_reconstructor"): 1,
    ("torch._tensor", "_rebuild_from_type_v2"): 0,
    ("numpy.random._pickle", "__generator_ctor"): 1,
    ("numpy.random._pickle", "__randomstate_ctor"): 1,
}
_LOADS_BYTES = ("torch.storage", "_load_from_bytes")  # torch.load of bytes: how a tensor pickles itself


@dataclass(frozen=True, slots=True)
class Gap:
    """A place from which on the pickle could not be followed, and why."""

    at: int
    why: str


@dataclass(slots=True)
class Budget:
    """What all walks of one file may still take together."""

    opcodes: int = MAX_OPCODES
    inner: int = 10_000  # constants that look like a pickle themselves
    decoded_bytes: int = 2**26  # of them that must be held to be decoded, such as base64


LookInto = Callable[[Forward, int, bool], Constant | None]
SkipArray = Callable[["Machine", Made], None]


@dataclass(slots=True)
class Machine:
    """One run from the first opcode to STOP.

    Attributes:
        source: where the opcodes come from.
        imports: every global asked for, by its spelling; shared by the pickles of one file.
        gaps: where it could not be followed.
        look_into: looks at `count` bytes of a constant, of text or not, for a pickle in them.
        skip_array: passes over the numbers that joblib puts behind a wrapper.
        result: the value that STOP gave.
        has_acted: whether an import was called, created or changed.
        under: the run that this one goes on from, as a second reading that leaves the first as it is.
        lent: how many values of its stack are left to take.
        lent_marks: how many of its marks.
        fresh: how many numbers this one remembers values by that the other did not know.
    """

    source: Forward
    imports: dict[tuple[str, str, bool], Import]
    gaps: list[Gap]
    budget: Budget
    look_into: LookInto
    skip_array: SkipArray
    result: Value = INERT
    has_acted: bool = False
    at: int = 0
    protocol: int = 0
    frame_end: int = 0
    stack: list[Value] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    memo: list[Value | None] = field(default_factory=list)
    memo_apart: dict[int, Value] = field(default_factory=dict)
    kept: int = 0
    under: Machine | None = None
    lent: int = 0
    lent_marks: int = 0
    fresh: int = 0

    def go_on_from(self, under: Machine) -> None:
        """This run begins with the stack and memo of another, which it does not change."""
        self.under = under
        self.lent, self.lent_marks = len(under.stack), len(under.marks)
        self.protocol = under.protocol

    def run(self) -> None:
        """The pickle has been followed up to its STOP.

        Raises:
            Broken: there is no STOP that an unpickler would reach.
        """
        source, budget = self.source, self.budget
        try:
            while True:
                self.at = source.position
                if self.frame_end and self.at >= self.frame_end:
                    if self.at > self.frame_end:
                        self.gap("an opcode straddles the end of a frame")
                    self.frame_end = 0
                code = source.byte()
                row = _ROWS.get(code)
                if row is None:
                    raise Broken(f"0x{code:02x} is no opcode")
                budget.opcodes -= 1
                if budget.opcodes < 0:
                    raise Broken(f"it has more than {MAX_OPCODES:,} opcodes", is_limit=True)
                form, act = row
                act(self, self._argument(form) if form else 0)
                if code == _STOP:
                    break
        except Ended as error:
            raise Broken(f"it breaks off: {error.what}", is_limit=error.is_limit, is_end=True) from error
        if self.frame_end > source.position:
            self.gap("a frame goes on after STOP")

    def gap(self, why: str) -> None:
        """Something here could not be followed."""
        if len(self.gaps) < MAX_GAPS:
            self.gaps.append(Gap(self.at, why))

    def _argument(self, form: str) -> int | bytes:
        """The argument of an opcode; of counted ones the count, two lines with a line feed between."""
        if form in {"1", "c1"}:
            return self.source.byte()
        if form in FIXED:
            return int.from_bytes(self.source.take(FIXED[form]), "little")
        if form == LINE:
            return self._line()
        if form == LINES:
            return self._line() + b"\n" + self._line()
        count = int.from_bytes(self.source.take(COUNTED[form]), "little", signed=form == "c-4")
        if not 0 <= count < 2**63:  # sys.maxsize
            raise Broken("a length is out of range")
        return count

    def _line(self) -> bytes:
        line = self.source.line(KEPT_LINE, MAX_LINE)
        if self.under is not None:  # every array could begin one that ends far behind it
            self.budget.opcodes -= (self.source.position - self.at) // 64
        return line

    def push(self, value: Value) -> None:
        """A value lies on top."""
        if len(self.stack) + len(self.marks) > MAX_STACK:
            raise Broken(f"it holds more than {MAX_STACK:,} values at once", is_limit=True)
        self.stack.append(value)

    def mark(self) -> None:
        """A mark stands on top."""
        if len(self.stack) + len(self.marks) > MAX_STACK:
            raise Broken(f"it holds more than {MAX_STACK:,} values at once", is_limit=True)
        self.marks.append(len(self.stack))

    def pop(self) -> Value:
        """The topmost value, taken away; none below the topmost mark, where an unpickler stops too.

        Raises:
            Broken: there is none.
        """
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            if self.marks or self.under is None or self.lent <= self._lent_floor():
                raise Broken("it takes a value where there is none")
            self.lent -= 1
            return self.under.stack[self.lent]
        return self.stack.pop()

    def _lent_floor(self) -> int:
        return self.under.marks[self.lent_marks - 1] if self.under is not None and self.lent_marks else 0

    def top(self) -> Value:
        """The topmost value."""
        value = self.pop()
        self.stack.append(value)
        return value

    def pop_to_mark(self) -> list[Value]:
        """All values above the topmost mark, which is taken away with them."""
        if not self.marks:
            if self.under is None or not self.lent_marks:
                raise Broken("it goes back to a mark where there is none")
            floor = self._lent_floor()
            items = [*self.under.stack[floor : self.lent], *self.stack]
            self.lent, self.lent_marks = floor, self.lent_marks - 1
            self.stack.clear()
            return items
        mark = self.marks.pop()
        items = self.stack[mark:]
        del self.stack[mark:]
        return items

    def put(self, index: int, value: Value) -> None:
        """A value is remembered by a number; picklers number them in order, and others are held apart."""
        if isinstance(value, str | tuple | Constant | Fields | Made):
            self.kept += 1
            if self.kept > MAX_KEPT:
                value = FORGOTTEN
        if index == len(self.memo) and index not in self.memo_apart and self.under is None:
            self.memo.append(value)
        elif index < len(self.memo):
            self.memo[index] = value
        else:
            if self.under is not None and index not in self.memo_apart and not self.under.knows(index):
                self.fresh += 1
            self.memo_apart[index] = value
        if len(self.memo) > MAX_MEMO or len(self.memo_apart) > MAX_APART:
            raise Broken("it remembers more values than any pickler would number so", is_limit=True)

    def knows(self, index: int) -> bool:
        """Whether a value is remembered by a number."""
        return index < len(self.memo) or index in self.memo_apart

    def remembered(self) -> int:
        """How many numbers have a value: the next that MEMOIZE gives, as in both unpicklers."""
        if self.under is not None:
            return self.under.remembered() + self.fresh
        return len(self.memo) + len(self.memo_apart)

    def get(self, index: int) -> Value:
        """The value remembered by a number."""
        value = self.memo[index] if index < len(self.memo) else self.memo_apart.get(index)
        if value is None:
            if self.under is not None:
                return self.under.get(index)
            raise Broken(f"it recalls value {index:,}, which it has not remembered")
        return value

    def call(self, called: Value, arguments: Value, use: Use) -> Value:
        """What a call gives, noted with what is called."""
        if isinstance(arguments, str | int | Import | Fields | Constant) or is_wrapper(arguments):
            raise Broken("it calls something with what is no tuple")
        self.has_acted = True
        if not isinstance(called, Import):
            if called is not UNKNOWN and not isinstance(called, Made):
                raise Broken("it calls what cannot be called")
            self.gap("it calls what is no import, but came out of something else")
            return UNKNOWN
        called.uses.add(use)
        first = arguments[0] if isinstance(arguments, tuple) and arguments else None
        name = (called.module, called.name)
        if name == ("_codecs", "encode"):
            codec = arguments[1] if isinstance(arguments, tuple) and len(arguments) == 2 else UNKNOWN
            if codec not in _PLAIN_CODECS:
                self.gap("it recodes a text in a way that is not followed")
            return first if isinstance(first, Constant) else INERT
        if name in _CALLS:
            self._hand_on(arguments, _CALLS[name])
        if name == _LOADS_BYTES and not (isinstance(first, Constant) and first.is_followed):
            self.gap("it loads bytes in which no whole pickle could be followed")
        return Made(called, first if isinstance(first, str) else "")

    def _hand_on(self, arguments: Value, place: int) -> None:
        """A function is called that calls the argument at this place."""
        if not isinstance(arguments, tuple):
            self.gap("it hands arguments that cannot be told to a function that calls one of them")
            return
        handed = arguments[place] if place < len(arguments) else None
        if isinstance(handed, Import):
            handed.uses.add("called")
            if (handed.module, handed.name) in {_LOADS_BYTES, ("_codecs", "encode"), *_CALLS}:
                self.gap(f"it has `{handed.name}` called by another function")
        elif isinstance(handed, Made | Plain) and handed is not INERT:
            self.gap("it hands something to a function that calls it, and that is no import")

    def change(self, target: Value) -> None:
        """State or an item is set; doing so to an import changes it for the whole program."""
        if isinstance(target, Import):
            target.uses.add("changed")
            self.has_acted = True

    def imported(self, module: str, name: str) -> Import:
        """The import of this name, noted when it is first asked for."""
        if "\0" in module or "\0" in name:  # no module has such a name; a tar archive could be read so
            raise Broken("the name of what it imports has a zero byte")
        if len(module) > MAX_IMPORT_NAME or len(name) > MAX_IMPORT_NAME:
            raise Broken(
                f"the name of what it imports has more than {MAX_IMPORT_NAME:,} characters", is_limit=True
            )
        old_names = self.protocol < 3
        known = self.imports.get((module, name, old_names))
        if known is None and self.under is not None:
            known = self.under.imports.get((module, name, old_names))
        if known is None:
            if len(self.imports) >= MAX_IMPORTS:
                raise Broken(f"it imports more than {MAX_IMPORTS:,} things", is_limit=True)
            known = Import(module, name, self.at, old_names)
            self.imports[module, name, old_names] = known
        return known


_STOP = ord(".")
_ROWS = {code: (form, ACTS[name]) for code, (name, form) in OPCODES.items()}
