"""NumPy's `.npy` headers: shape and type of the one array in a file; the array is not read.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. The header is a Python
literal; it is taken apart by a parser of its own that knows nothing but texts, numbers, True, False, None,
mappings, tuples and lists.
"""

from __future__ import annotations

import re

from auditor.model import Place, Span
from auditor.readers.document import Unreadable
from auditor.readers.numel import numel
from auditor.readers.window import Window
from auditor.records import dataclass

MAGIC = b"\x93NUMPY"
MAX_HEADER_BYTES = 10_000  # numpy refuses to read longer ones unless told otherwise (format.py)
MAX_DEPTH = 20  # of structured types
MAX_SIDES = 64  # NPY_MAXDIMS
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>\d+)L?|(?P<word>True|False|None)|(?P<sign>[\[\](){},:]))"
)
_TYPE = re.compile(r"[<>|=]?([?bBhHiIuefcSUVmMOa])(\d{0,12})(\[[^\]]{1,40}\])?")
_LETTERS = {"?": 1, "b": 1, "B": 1, "h": 2, "H": 2, "e": 2, "c": 1}  # types without a width of their own


@dataclass(frozen=True, slots=True)
class NpyArray:
    """One array.

    Attributes:
        file: the file it is in, and `member` where that is an archive.
        descr: its type as the header has it.
        item_bytes: bytes of one value; None where the type is not understood.
        has_objects: whether it holds Python objects, which are stored as a pickle.
        data_start: where its data begins, counted from its own start.
        size_bytes: how long it is with its header.
    """

    file: str
    member: str
    version: tuple[int, int]
    descr: str
    item_bytes: int | None
    has_objects: bool
    is_fortran: bool
    shape: tuple[int, ...]
    data_start: int
    size_bytes: int

    @property
    def needed_bytes(self) -> int | None:
        """How long it must be for its shape and type; None where that is not known, or beyond any file."""
        count = numel(self.shape)
        if self.item_bytes is None or self.has_objects or count is None:
            return None
        return self.data_start + count * self.item_bytes

    def at(self) -> Place:
        """The place of the array: it has no lines."""
        return Place(self.file, (self.member,) if self.member else (), span=Span(self.file))


def read_npy(window: Window, member: str = "", size_bytes: int | None = None) -> NpyArray:
    """The header of an array.

    Args:
        window: shows it, or its beginning.
        member: its name in the archive that the window's file is.
        size_bytes: its length, where the window shows only the beginning.

    Raises:
        Unreadable: it is no array, is cut off, or its header is not as NumPy writes it.
    """
    if window.some(0, "an array", 6) != MAGIC:
        raise window.fault(0, "this is no NumPy array: `\\x93NUMPY` is missing")
    major, minor = window.at(6, 2, "the version")
    if major not in (1, 2, 3):
        raise window.beyond(6, f"the version of the array is {major}, and 1, 2 and 3 are known")
    wide = 2 if major == 1 else 4
    length = window.number(8, wide, "the length of the header")
    if length > MAX_HEADER_BYTES:
        raise window.fault(
            8, f"the header would have {length:,} bytes, NumPy reads at most {MAX_HEADER_BYTES:,},"
        )
    text = window.at(8 + wide, length, "the header").decode("latin-1" if major < 3 else "utf-8", "replace")
    header = _Literal(window, 8 + wide, text).value()
    if not isinstance(header, dict) or set(header) != {"descr", "fortran_order", "shape"}:
        raise window.fault(8 + wide, "the header is no mapping of `descr`, `fortran_order` and `shape`")
    shape = header["shape"]
    sides = tuple(side for side in shape if type(side) is int) if isinstance(shape, tuple) else ()
    if shape != sides or len(sides) > MAX_SIDES:
        raise window.fault(
            8 + wide, f"`shape` in the header is no tuple of at most {MAX_SIDES} whole numbers"
        )
    if not isinstance(header["fortran_order"], bool):
        raise window.fault(8 + wide, "`fortran_order` in the header is neither True nor False")
    item, has_objects = _size(header["descr"], 0)
    return NpyArray(
        window.file,
        member,
        (major, minor),
        str(header["descr"]),
        item,
        has_objects,
        header["fortran_order"],
        sides,
        8 + wide + length,
        window.size_bytes if size_bytes is None else size_bytes,
    )


def _size(descr: object, depth: int) -> tuple[int | None, bool]:
    """Bytes of a value of the type, None where it is not understood; and whether it holds objects."""
    if depth > MAX_DEPTH:
        return None, False
    if isinstance(descr, str):
        match = _TYPE.fullmatch(descr)
        if match is None:
            return None, "O" in descr
        letter, width = match[1], match[2]
        if letter == "O":
            return None, True
        if not width:
            return _LETTERS.get(letter), False
        return int(width) * (4 if letter == "U" else 1), False
    if isinstance(descr, tuple) and len(descr) == 2:  # a type and the shape of its part
        item, objects = _size(descr[0], depth + 1)
        sides = descr[1] if isinstance(descr[1], tuple) else (descr[1],)
        count = numel([side if isinstance(side, int) else -1 for side in sides])
        return (None if item is None or count is None else item * count), objects
    if not isinstance(descr, list):
        return None, False
    total: int | None = 0
    objects = False
    for part in descr:  # the fields of a structured type: name, type, and a shape where there is one
        fields = part[1:] if isinstance(part, tuple) else ()
        inner = fields[0] if len(fields) == 1 else fields
        item, holds = _size(inner, depth + 1)
        objects = objects or holds
        total = None if total is None or item is None else total + item
    return total, objects


class _Literal:
    """A Python literal, read from left to right."""

    __slots__ = ("_at", "_begin", "_text", "_window")

    def __init__(self, window: Window, begin: int, text: str) -> None:
        self._window = window
        self._begin = begin
        self._text = text
        self._at = 0

    def value(self) -> object:
        """The value that is all of the text.

        Raises:
            Unreadable: there is none, or something follows.
        """
        found = self._one(0)
        if self._text[self._at :].strip(" \n\0"):
            raise self._fault("something follows")
        return found

    def _one(self, depth: int) -> object:
        if depth > MAX_DEPTH:
            raise self._fault(f"it nests more than {MAX_DEPTH} deep")
        kind, word = self._token()
        if kind == "text":
            return self._unescaped(word)
        if kind == "number":
            return int(word[:30])
        if kind == "word":
            return {"True": True, "False": False, "None": None}[word]
        if word == "{":
            return self._mapping(depth)
        if word in ("(", "["):
            return self._list(word, depth)
        raise self._fault(f"`{word}` stands where a value should")

    def _list(self, opening: str, depth: int) -> object:
        closing = ")" if opening == "(" else "]"
        found: list[object] = []
        while not self._closes(closing):
            found.append(self._one(depth + 1))
            if self._closes(closing):
                return found[0] if len(found) == 1 and opening == "(" else self._made(found, opening)
            self._expect(",")
        return self._made(found, opening)

    def _made(self, found: list[object], opening: str) -> object:
        return tuple(found) if opening == "(" else found

    def _mapping(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        while not self._closes("}"):
            kind, key = self._token()
            name = self._unescaped(key) if kind == "text" else ""
            if kind != "text" or name in found:
                raise self._fault("a key is no text, or stands twice")
            self._expect(":")
            found[name] = self._one(depth + 1)
            if self._closes("}"):
                break
            self._expect(",")
        return found

    def _closes(self, sign: str) -> bool:
        """Whether the sign comes next; then it is passed."""
        match = _TOKEN.match(self._text, self._at)
        if match is None or match["sign"] != sign:
            return False
        self._at = match.end()
        return True

    def _expect(self, sign: str) -> None:
        if not self._closes(sign):
            raise self._fault(f"`{sign}` is missing")

    def _token(self) -> tuple[str, str]:
        match = _TOKEN.match(self._text, self._at)
        if match is None or match.lastgroup is None:
            raise self._fault("it is not written as Python writes it")
        self._at = match.end()
        return match.lastgroup, match[match.lastgroup]

    def _unescaped(self, quoted: str) -> str:
        """A text without its quotes: an escape may stand for the very letter that makes an array a pickle."""
        if "\\" not in quoted:
            return quoted[1:-1]
        import warnings

        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # Python keeps a backslash that escapes nothing, and complains
                return quoted[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
        except UnicodeDecodeError as error:
            raise self._fault("an escape is cut off") from error

    def _fault(self, what: str) -> Unreadable:
        return self._window.fault(self._begin + self._at, f"the header of the array cannot be read: {what}")
