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
    Use,
    Value,
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
_CALLS_FIRST = {("torch._tensor", "_rebuild_from_type_v2"), ("numpy.random._pickle", "__bit_generator_ctor")}
_MAY_CALL_FIRST = ("collections", "defaultdict")
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
        is_loose: whether to go on where the stack or memo lacks something, for a second reading.
        result: the value that STOP gave.
        has_acted: whether an import was called, created or changed.
    """

    source: Forward
    imports: dict[tuple[str, str, bool], Import]
    gaps: list[Gap]
    budget: Budget
    look_into: LookInto
    skip_array: SkipArray
    is_loose: bool = False
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
            return self.source.line(KEPT_LINE, MAX_LINE)
        if form == LINES:
            module = self.source.line(KEPT_LINE, MAX_LINE)
            return module + b"\n" + self.source.line(KEPT_LINE, MAX_LINE)
        count = int.from_bytes(self.source.take(COUNTED[form]), "little", signed=form == "c-4")
        if not 0 <= count < 2**63:  # sys.maxsize
            raise Broken("a length is out of range")
        return count

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
            if self.is_loose:
                return UNKNOWN
            raise Broken("it takes a value where there is none")
        return self.stack.pop()

    def top(self) -> Value:
        """The topmost value."""
        value = self.pop()
        self.stack.append(value)
        return value

    def pop_to_mark(self) -> list[Value]:
        """All values above the topmost mark, which is taken away with them."""
        if not self.marks:
            if self.is_loose:
                return []
            raise Broken("it goes back to a mark where there is none")
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
        if index == len(self.memo) and index not in self.memo_apart:
            self.memo.append(value)
        elif index < len(self.memo):
            self.memo[index] = value
        else:
            self.memo_apart[index] = value
        if len(self.memo) > MAX_MEMO or len(self.memo_apart) > MAX_APART:
            raise Broken("it remembers more values than any pickler would number so", is_limit=True)

    def get(self, index: int) -> Value:
        """The value remembered by a number."""
        value = self.memo[index] if index < len(self.memo) else self.memo_apart.get(index)
        if value is None:
            if self.is_loose:
                return UNKNOWN
            raise Broken(f"it recalls value {index:,}, which it has not remembered")
        return value

    def call(self, called: Value, arguments: Value, use: Use) -> Value:
        """What a call gives, noted with what is called."""
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
        if isinstance(first, Import) and (name in _CALLS_FIRST or name == _MAY_CALL_FIRST):
            first.uses.add("called")
        elif name in _CALLS_FIRST and not isinstance(first, str):
            self.gap("it hands something to a function that calls it, and that is no import")
        if name == _LOADS_BYTES and not (isinstance(first, Constant) and first.is_followed):
            self.gap("it loads bytes in which no whole pickle could be followed")
        return Made(called, first if isinstance(first, str) else "")

    def change(self, target: Value) -> None:
        """State or an item is set; doing so to an import changes it for the whole program."""
        if isinstance(target, Import):
            target.uses.add("changed")
            self.has_acted = True

    def imported(self, module: str, name: str) -> Import:
        """The import of this name, noted when it is first asked for."""
        if len(module) > MAX_IMPORT_NAME or len(name) > MAX_IMPORT_NAME:
            raise Broken(
                f"the name of what it imports has more than {MAX_IMPORT_NAME:,} characters", is_limit=True
            )
        old_names = self.protocol < 3
        known = self.imports.get((module, name, old_names))
        if known is None:
            if len(self.imports) >= MAX_IMPORTS:
                raise Broken(f"it imports more than {MAX_IMPORTS:,} things", is_limit=True)
            known = Import(module, name, self.at, old_names)
            self.imports[module, name, old_names] = known
        return known


_STOP = ord(".")
_ROWS = {code: (form, ACTS[name]) for code, (name, form) in OPCODES.items()}
