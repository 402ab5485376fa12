"""What the bits of a tensor's numbers tell: how many are not finite, how large they are, if all are alike.

Bits are taken as integers and never converted. Floats of one sign order as their bits do, so the largest
magnitude is the larger of two maxima, of the bits read with and without a sign: two passes over a block that
lies in the cache. A block may end anywhere, also inside a number.
"""

from __future__ import annotations

from math import hypot, ldexp, nan, sqrt
from struct import pack, unpack

from auditor.readers.bits import Look, Plain
from auditor.records import dataclass

HEAD_BYTES = 64  # of a tensor, kept to tell which tensors may be copies of each other
SAMPLE = 64  # numbers at the start of a block whose squares stand for those of the whole block
MIN_VECTOR_BYTES = 2048  # numpy's four calls take 8 us however short a block is; so do 2 kB in plain Python
_PLAIN = Plain()


@dataclass(frozen=True, slots=True)
class Kind:
    """How the numbers of a format lie in their bits.

    Attributes:
        width: bytes of one number; of a complex number, of each of its two.
        infinity: the bits of a magnitude from which on it is not finite; None where all numbers are finite.
        signed: whether the highest bit is a sign and the others are the magnitude.
    """

    width: int
    infinity: int | None = None
    signed: bool = True


# Exponent all ones: infinity or not a number (IEEE 754). Formats of eight bits: OCP 8-bit Floating Point
# Specification 1.0, section 5; E8M0: OCP Microscaling Formats 1.0, section 5.4.
KINDS = {
    "F64": Kind(8, 0x7FF0_0000_0000_0000),
    "F32": Kind(4, 0x7F80_0000),
    "C64": Kind(4, 0x7F80_0000),
    "F16": Kind(2, 0x7C00),
    "BF16": Kind(2, 0x7F80),
    "F8_E5M2": Kind(1, 0x7C),
    "F8_E4M3": Kind(1, 0x7F),
    "F8_E8M0": Kind(1, 0xFF, signed=False),
    "F8_E5M2FNUZ": Kind(1),
    "F8_E4M3FNUZ": Kind(1),
}
_LONE_NAN = (
    0x80  # of the FNUZ formats: what would be minus zero is not a number (arXiv:2206.02915, section 3)
)
_INTEGERS = {"I16": 2, "U16": 2, "I32": 4, "U32": 4, "I64": 8, "U64": 8}  # all else is looked at by bytes


class Tally:
    """The running account of one tensor.

    Attributes:
        n_bad: how many numbers are not finite.
        first_bad: the index of the first of them; -1 where there is none.
        largest: the bits of the largest finite magnitude; of integers, the largest pattern of bits.
        is_constant: whether all numbers have the same bits.
        head: the first HEAD_BYTES.
    """

    __slots__ = ("_count", "_dtype", "_first", "_kind", "_n_sampled", "_rest", "_squares",
                 "first_bad", "head", "is_constant", "largest", "n_bad")  # fmt: skip

    def __init__(self, dtype: str) -> None:
        self.n_bad = 0
        self.first_bad = -1
        self.largest = 0
        self.is_constant = True
        self.head = b""
        self._dtype = dtype
        self._kind = KINDS.get(dtype) or Kind(_INTEGERS.get(dtype, 1), signed=False)
        self._first = -1
        self._count = 0
        self._rest = b""
        self._squares = 0.0
        self._n_sampled = 0

    @property
    def is_zero(self) -> bool:
        """Whether every number is zero, of either sign."""
        return self.largest == 0 and self.n_bad == 0

    @property
    def magnitude(self) -> float:
        """The largest finite magnitude."""
        return magnitude(self._dtype, self.largest)

    @property
    def rms(self) -> float | None:
        """The root mean square of sampled numbers; None where none were sampled, or some are not finite."""
        return sqrt(self._squares / self._n_sampled) if self._n_sampled and not self.n_bad else None

    def add(self, block: memoryview, look: Look) -> None:
        """The tensor's next bytes are counted."""
        if len(self.head) < HEAD_BYTES:
            self.head += bytes(block[: HEAD_BYTES - len(self.head)])
        width = self._kind.width
        if self._rest:
            short = width - len(self._rest)
            self._rest += bytes(block[:short])
            block = block[short:]
            if len(self._rest) < width:
                return
            whole, self._rest = self._rest, b""
            self._count_in(memoryview(whole), _PLAIN)
        odd = len(block) % width
        if odd:
            self._rest = bytes(block[-odd:])
            block = block[:-odd]
        if block:
            self._count_in(block, look if len(block) >= MIN_VECTOR_BYTES else _PLAIN)

    def add_zeros(self, n_bytes: int) -> None:
        """The tensor's next bytes are zeros, which nobody has to read."""
        begun = HEAD_BYTES - len(self._rest) % self._kind.width  # fills the head, and ends a begun number
        self.add(memoryview(bytes(min(n_bytes, begun))), _PLAIN)
        count, odd = divmod(max(0, n_bytes - begun), self._kind.width)
        self._count += count
        self.is_constant = self.is_constant and (self._first == 0 or not count)
        self.add(memoryview(bytes(odd)), _PLAIN)

    def _count_in(self, block: memoryview, look: Look) -> None:
        """A block of whole numbers is counted."""
        kind, width = self._kind, self._kind.width
        highest, lowest = look.maxima(block, width)
        largest = highest
        if kind.signed:
            sign = 1 << (8 * width - 1)  # set in `highest` if any number is negative
            largest = max(lowest, highest ^ sign) if highest & sign else lowest
        if kind.infinity is not None and largest >= kind.infinity:
            mask = (1 << (8 * width - 1)) - 1 if kind.signed else (1 << 8 * width) - 1
            bad, first, largest = look.beyond(block, width, mask, kind.infinity)
            self._note(bad, first)
        elif self._dtype.endswith("FNUZ") and highest >= _LONE_NAN:
            raw = bytes(block)
            self._note(raw.count(_LONE_NAN), raw.find(_LONE_NAN))
        elif self._dtype in ("F32", "BF16", "F16", "F64"):
            self._sample(block[: SAMPLE * width])
        self.largest = max(self.largest, largest)
        if self.is_constant:
            if self._first < 0:
                self._first = int.from_bytes(block[:width], "little")
            ends = int.from_bytes(block[-width:], "little")
            self.is_constant = ends == self._first and look.alike(block, width, self._first)
        self._count += len(block) // width

    def _note(self, bad: int, first: int) -> None:
        if bad and self.first_bad < 0:
            self.first_bad = self._count + first
        self.n_bad += bad

    def _sample(self, block: memoryview) -> None:
        if self._dtype == "BF16":  # the upper half of an F32
            wide = bytearray(2 * len(block))
            wide[2::4], wide[3::4] = block[::2], block[1::2]
            numbers = unpack(f"<{len(block) // 2}f", wide)
        else:
            kind = {"F64": "d", "F32": "f", "F16": "e"}[self._dtype]
            numbers = unpack(f"<{len(block) // self._kind.width}{kind}", block)
        length = hypot(*numbers)
        self._squares += length * length
        self._n_sampled += len(numbers)


def magnitude(dtype: str, bits: int) -> float:
    """The number that the bits of a magnitude mean; the bits themselves for integers."""
    if dtype in ("F64", "F32", "C64", "F16"):
        to, kind = {"F64": ("Q", "d"), "F16": ("H", "e")}.get(dtype, ("I", "f"))
        value: float = unpack(f"<{kind}", pack(f"<{to}", bits))[0]
        return value
    if dtype == "BF16":
        return magnitude("F32", bits << 16)
    if dtype == "F8_E8M0":
        return ldexp(1.0, bits - 127)
    layouts = {"F8_E5M2": (2, 15), "F8_E4M3": (3, 7), "F8_E5M2FNUZ": (2, 16), "F8_E4M3FNUZ": (3, 8)}
    if dtype not in layouts:
        return nan if dtype.startswith("F") else float(bits)
    mantissa, bias = layouts[dtype]
    exponent, fraction = divmod(bits, 1 << mantissa)
    lead = 1 << mantissa if exponent else 0  # numbers below the smallest exponent have no leading one
    return ldexp(lead + fraction, max(exponent, 1) - bias - mantissa)
