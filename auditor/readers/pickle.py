"""Pickles as programs: what each would import, call and change, without running any of it.

A file may hold several pickles in a row (torch's old format holds five and then raw numbers), and a pickle
may hold others in its texts and bytes; all are followed, within the bounds of `Budget`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from itertools import pairwise
from math import prod

from auditor.readers.candidates import STARTS
from auditor.readers.forward import Ended, Forward, Held, Part
from auditor.readers.packed import compression, foreign
from auditor.readers.pickle_acts import SUSPECTS
from auditor.readers.pickle_machine import Budget, Gap, Machine
from auditor.readers.pickle_opcodes import OPCODES
from auditor.readers.pickle_values import INERT, Broken, Constant, Fields, Import, Made, Value, holds_objects
from auditor.records import dataclass

__all__ = ["Budget", "Gap", "Import", "Inner", "Walk", "may_begin", "may_go_on", "walk"]

TORCH_MAGIC = 0x1950A86A20F9469CFC6C  # torch/serialization.py, MAGIC_NUMBER; four more pickles follow it
TORCH_PICKLES = 5
MAX_PICKLES = 10_000  # in a row
MAX_INNER_DEPTH = 3  # of pickles in the texts of pickles
MAX_INNER_BYTES = 2**24  # of a text that must be decoded to be looked into
MAX_ARCHIVES = 100  # archives in the bytes of pickles
MAX_AGAIN = 2_000_000  # opcodes, and lines of 64 bytes, in arrays of joblib that are read as opcodes too

_HELD_ARRAY = 2**16  # bytes of an array in packed data that are read as opcodes too; they are held
_PROTO = 0x80
_DTYPE = re.compile(r"[<>|=]?([biufcmMSUVO])(\d{1,9})")  # as numpy's dtypes pickle themselves
_DOTTED = re.compile(rb"[A-Za-z_][\w.]*")
_NAME_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
_BASE64 = re.compile(rb"gA[I-X][A-Za-z0-9+/]{8}")  # of a PROTO opcode with 2 to 5
_HEX = re.compile(rb"80(?:0[2-5])[0-9a-fA-F]{8}")


@dataclass(frozen=True, slots=True)
class Inner:
    """A pickle in a text or bytes of another: where that stands, what it is written as, and its walk."""

    at: int
    written: str
    walk: Walk


@dataclass(slots=True)
class Walk:
    """What the pickles in a row would do.

    Attributes:
        imports: everything they import, in order; positions count from the start of the file.
        gaps: where they could not be followed; to be taken for the worst.
        inner: pickles in their texts and bytes.
        archives: stretches of bytes in them that begin like an archive: place and length.
        count: how many were followed to their STOP.
        end: where the last of those ended.
        has_acted: whether an import was called, created or changed.
        is_torch: whether this is torch's old format, without zip.
        is_marked: whether one of them says that it is of protocol 2 or later.
    """

    imports: tuple[Import, ...] = ()
    gaps: list[Gap] = field(default_factory=list)
    inner: list[Inner] = field(default_factory=list)
    archives: list[tuple[int, int]] = field(default_factory=list)
    count: int = 0
    end: int = 0
    has_acted: bool = False
    is_torch: bool = False
    is_marked: bool = False

    def all(self) -> Iterator[tuple[str, Walk]]:
        """This walk and those inside, each with the words for where it lies in the file."""
        yield "", self
        for inner in self.inner:
            for where, walk in inner.walk.all():
                yield f"{where}in the {inner.written} at byte {inner.at:,}, ", walk


def may_begin(beginning: bytes) -> bool:
    """Whether bytes begin as a pickle of protocol 2 or later does."""
    return len(beginning) > 2 and beginning[0] == _PROTO and beginning[1] <= 5 and beginning[2] in OPCODES


def may_go_on(beginning: bytes) -> bool:
    """Whether bytes that begin so may be a pickle without a mark, of protocol 0 or 1.

    They are not if the unpickler would stop within them before it had called or changed anything.
    """
    if not beginning or beginning[0] not in STARTS:
        return False
    machine = Machine(Forward(Held(beginning)), {}, [], Budget(), _pass_over, lambda *_: None)
    try:
        machine.run()
    except Broken as error:
        return machine.has_acted or error.is_end
    return True


def walk(
    source: Forward, *, known: bool = False, budget: Budget | None = None, depth: int = 0
) -> Walk | None:
    """What the pickles from here on would do; None where there is no pickle.

    Bytes are a pickle if one can be followed to its end that says so itself (protocol 2 and later), is known
    to be one, or uses what it imports; and if one breaks off after it has used or imported something.

    Args:
        source: stands at the first byte.
        known: whether its name or place says that this is a pickle.
        budget: what the walk may still take.
        depth: how many pickles this one lies in.
    """
    follower = _Follower(source, budget or Budget(), depth)
    return follower.follow(known=known)


class _Follower:
    """Follows the pickles of one source and those inside them."""

    def __init__(self, source: Forward, budget: Budget, depth: int) -> None:
        self._source = source
        self._budget = budget
        self._again = Budget(opcodes=MAX_AGAIN)
        self._depth = depth
        self._found = Walk(end=source.position)

    def follow(self, *, known: bool) -> Walk | None:
        found = self._found
        imports: dict[tuple[str, str, bool], Import] = {}
        is_pickle = False
        for index in range(MAX_PICKLES):
            beginning = self._source.peek(3)
            if not beginning or beginning[0] not in STARTS:
                break
            marked = may_begin(beginning)
            machine = self._machine(dict(imports))
            try:
                machine.run()
            except Broken as error:
                fresh = marked and len(machine.imports) > len(imports)
                awaited = found.is_torch or (index == 0 and known and marked)
                if awaited or fresh or machine.has_acted or error.is_limit:
                    machine.gap(str(error))
                    self._keep(machine, imports)
                    is_pickle = True
                break
            self._keep(machine, imports)
            found.count += 1
            found.end = self._source.position
            is_pickle = is_pickle or marked or known or machine.has_acted
            found.is_marked = found.is_marked or marked
            if index == 0:
                found.is_torch = machine.result == TORCH_MAGIC
            if found.is_torch and found.count == TORCH_PICKLES:
                break
        else:
            found.gaps.append(Gap(self._source.position, f"more than {MAX_PICKLES:,} pickles stand in a row"))
        found.imports = tuple(imports.values())
        return found if is_pickle or found.inner or found.gaps else None

    def _machine(self, imports: dict[tuple[str, str, bool], Import]) -> Machine:
        return Machine(self._source, imports, [], self._budget, self._look_into, self._skip_array)

    def _keep(self, machine: Machine, imports: dict[tuple[str, str, bool], Import]) -> None:
        """What a pickle did is part of the walk."""
        imports.update(machine.imports)
        self._found.gaps += machine.gaps
        self._found.has_acted = self._found.has_acted or machine.has_acted

    # Pickles in the texts and bytes of a pickle.

    def _look_into(self, source: Forward, count: int, is_text: bool) -> Constant | None:
        """The next `count` bytes have been passed; what is known of a pickle in them."""
        at = source.position
        first = source.peek(min(count, 1))
        suspect = first and first[0] in SUSPECTS
        written = _written(source.peek(min(count, 1024)), is_text) if suspect else ""
        if not written:
            source.pass_over(count)
            return None
        if written == "archive":
            source.pass_over(count)
            self._found.archives.append((at, count))
            if len(self._found.archives) > MAX_ARCHIVES:
                raise Broken(f"more than {MAX_ARCHIVES} archives stand in its bytes", is_limit=True)
            return Constant(is_followed=False)
        self._budget.inner -= 1
        if self._budget.inner < 0 or self._depth >= MAX_INNER_DEPTH:
            raise Broken(
                "pickles stand in texts of pickles deeper or more often than is followed", is_limit=True
            )
        return self._inner(source, count, written, at)

    def _inner(self, source: Forward, count: int, written: str, at: int) -> Constant | None:
        if written in {"bytes", "text"}:
            part = Part(source, count)
            walked = walk(Forward(part, at), budget=self._budget, depth=self._depth + 1)
            if part.left and source.skip(part.left) < part.left:
                raise Ended("the bytes end")
        elif count > min(MAX_INNER_BYTES, self._budget.decoded_bytes):
            source.pass_over(count)
            walked = Walk(gaps=[Gap(at, "a text too long to be decoded could hold a pickle")])
        else:
            self._budget.decoded_bytes -= count
            content = _decoded(source.take(count), written)
            walked = walk(Forward(Held(content)), budget=self._budget, depth=self._depth + 1)
            for _, one in walked.all() if walked else ():
                if one.archives:  # their places count from the start of the decoded text
                    one.archives.clear()
                    one.gaps.append(Gap(at, "an archive in a text is not looked into"))
        if not walked:
            return None
        if walked.imports or walked.gaps or walked.inner:
            self._found.inner.append(Inner(at, written, walked))
        is_same = written in {"bytes", "characters of a text"}  # as what an encoding by latin-1 gives
        return Constant(is_followed=is_same and not any(one.gaps for _, one in walked.all()))

    # Numbers that joblib writes between the opcodes.

    def _skip_array(self, machine: Machine, wrapper: Made) -> None:
        """The bytes of an array are passed, after a look at what they would be to a plain unpickler."""
        entries = wrapper.state.entries if isinstance(wrapper.state, Fields) else {}
        size, has_objects = _array_bytes(entries)
        if machine.frame_end == self._source.position:
            machine.frame_end = 0  # joblib ends the frame before an array
        if has_objects:  # a pickle of its own, read with a new memo
            nested = self._machine(machine.imports)
            nested.gaps = machine.gaps
            nested.run()
            machine.has_acted = machine.has_acted or nested.has_acted
            return
        if size is None:
            machine.gap("the array that joblib puts here has no length that can be told")
            return
        if entries.get("numpy_array_alignment_bytes", INERT) is not INERT:
            size += 1 + (self._source.peek(1) or b"\0")[0]
        self._read_plainly(machine, size)
        self._source.pass_over(size)

    def _read_plainly(self, machine: Machine, size: int) -> None:
        """An array of `size` bytes comes next: what its bytes are to an unpickler that knows no joblib.

        That goes on with the stack and the memo as they are, and past the end of the array.
        """
        source = self._source.again()
        if source is None:  # packed, and cannot be unpacked twice
            source = Forward(Held(self._source.peek(min(size, _HELD_ARRAY))), self._source.position)
        other = Machine(source, {}, [], self._again, _pass_over, lambda *_: None)
        other.go_on_from(machine)
        try:
            other.run()
        except Broken as error:
            if error.is_limit:
                machine.gap("its arrays would be read as opcodes for longer than is followed")
        if other.has_acted:
            machine.imports.update(other.imports)
            if other.gaps:
                machine.gap("to an unpickler without joblib, an array in it calls what cannot be told")


def _pass_over(source: Forward, count: int, _: bool) -> None:
    source.pass_over(count)


def _written(beginning: bytes, is_text: bool) -> str:
    """How a pickle is written that a text or bytes begin with, and empty where none does."""
    first = beginning[:1]
    if first == b"\x80":
        return "bytes" if may_begin(beginning) else ""
    if first == b"\xc2" and is_text:
        return "characters of a text" if beginning[1:2] == b"\x80" else ""
    if first in b"c(VSUI" and _imports_by_lines(beginning):
        return "text" if is_text else "bytes"
    if first == b"g" and _BASE64.match(beginning):
        return "base64 text"
    if first == b"8" and _HEX.match(beginning):
        return "hexadecimal text"
    packed = beginning.startswith(b"PK\x03\x04") or compression(beginning) or foreign(beginning)
    return "archive" if packed and not is_text else ""


def _imports_by_lines(beginning: bytes) -> bool:
    """Whether GLOBAL or INST may stand in it: `c` or `i`, a name, a line feed, a name, a line feed.

    Without a regular expression, which would take time in the square of the length.
    """
    lines = beginning.split(b"\n", 20)
    for module, name in pairwise(lines[:-1]):
        if _DOTTED.fullmatch(name):
            start = len(module)
            while start > 0 and module[start - 1] in _NAME_BYTES:
                start -= 1
            if b"c" in module[start:-1] or b"i" in module[start:-1]:
                return True
    return False


def _decoded(raw: bytes, written: str) -> bytes:
    """The bytes that a text stands for; none where it stands for none."""
    from binascii import a2b_base64, unhexlify

    try:
        if written == "base64 text":
            return a2b_base64(raw)
        if written == "hexadecimal text":
            return unhexlify(raw)
        return raw.decode().encode("latin-1")
    except ValueError:
        return b""


def _array_bytes(entries: dict[str, Value]) -> tuple[int | None, bool]:
    """How many bytes a joblib array takes, None where that cannot be told; and whether it holds objects."""
    shape, dtype = entries.get("shape"), entries.get("dtype")
    if not isinstance(shape, tuple) or not isinstance(dtype, Made) or dtype.of.name != "dtype":
        return None, False
    spelt = _DTYPE.fullmatch(dtype.hint)
    sides = [side for side in shape if isinstance(side, int) and side >= 0]
    if spelt is None or len(sides) < len(shape):
        return None, False
    kind, digits = spelt[1], spelt[2]
    if kind == "O" or holds_objects(dtype.state):  # numpy believes the flags of a state
        return None, True
    size = int(digits or 0) * (4 if kind == "U" else 1)
    if kind in "SUV" and isinstance(dtype.state, tuple):  # and its size
        stated = dtype.state[5]
        if not isinstance(stated, int):
            return None, False
        size = stated
    total = prod(sides) * size
    is_told = size > 0 and 0 <= total < 2**63  # numpy multiplies in 64 bits
    return total if is_told else None, False
