"""Tar archives by their own headers: every member with its type, name and target; nothing is unpacked.

POSIX ustar with the pax and GNU extensions that Python's tarfile knows; a header whose checksum is wrong
ends the walk, as it ends tarfile's. Every step goes forward by a block at least, so that it ends.
"""

from __future__ import annotations

import re
from dataclasses import field

from auditor.readers.forward import Ended, Forward
from auditor.records import dataclass

BLOCK = 512  # POSIX.1-1988, ustar interchange format
MAX_MEMBERS = 100_000
MAX_EXTENDED_BYTES = 2**20  # of one pax record or long name; tarfile has no limit, 4,096 is the longest path
MAX_EXTENSIONS = 16  # in a row before one member; each would be kept

KINDS = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"1": "hard link",
    b"2": "symbolic link",
    b"3": "device",
    b"4": "device",
    b"5": "folder",
    b"6": "pipe",
    b"S": "sparse file",
}
_PAX = {b"x", b"X", b"g"}
_LONG_NAME, _LONG_LINK = b"L", b"K"  # of GNU tar
_PAX_RECORD = re.compile(rb"(\d{1,8}) ([^=\n]{1,200})=")


@dataclass(frozen=True, slots=True)
class Entry:
    """One member.

    Attributes:
        kind: one of the values of KINDS, or `unknown`.
        begin: where its bytes begin in the tar stream.
        size_bytes: how many those are.
        target: what a link points at.
    """

    name: str
    kind: str
    begin: int
    size_bytes: int
    target: str = ""


@dataclass(slots=True)
class _Pending:
    """What extension headers say of the next member."""

    name: bytes | None = None
    target: bytes | None = None
    size_bytes: int | None = None
    count: int = 0
    always: dict[bytes, bytes] = field(default_factory=dict)  # of a global pax header


def is_tar(beginning: bytes) -> bool:
    """Whether a file that begins so is a tar archive: its first header has the right checksum."""
    return len(beginning) >= BLOCK and any(beginning[:100]) and _checks(beginning[:BLOCK])


class TarWalk:
    """The members of a tar archive one after the other, each to be read or not before the next.

    Attributes:
        fault: why the walk ended before the archive did; empty where it did not.
    """

    def __init__(self, source: Forward) -> None:
        self._source = source
        self._start = source.position
        self._after = source.position  # where the next header begins
        self._pending = _Pending()
        self.fault = ""

    def next(self) -> Entry | None:
        """The next member; the source stands at its first byte. None at the end."""
        try:
            while True:
                self._source.pass_over(self._after - self._source.position)
                header = self._source.take(BLOCK)
                if not any(header):
                    return None
                if not _checks(header):
                    self.fault = f"the header at byte {self._after:,} has a wrong checksum"
                    return None
                entry = self._read(header)
                if entry is not None or self.fault:
                    return entry
        except Ended:
            if self._source.position > self._start and self._after - self._source.position > 0:
                self.fault = "the archive is cut off"
            return None

    def _read(self, header: bytes) -> Entry | None:
        """The member that a header stands for; None where it only says something of the next."""
        size = _number(header[124:136])
        kind = header[156:157]
        extended = kind == b"S" and header[482]
        for _ in range(MAX_EXTENSIONS):
            if extended:  # GNU tar: further blocks list the pieces of a sparse file
                extended = self._source.take(BLOCK)[504]
        begin = self._source.position
        if size is None:
            self.fault = f"the header at byte {self._after:,} has no size"
            return None
        if kind in _PAX or kind in {_LONG_NAME, _LONG_LINK}:
            self._extend(kind, size)
            return None
        pending = self._pending
        self._pending = _Pending(always=pending.always)
        name = pending.name or pending.always.get(b"path")
        if name is None:
            prefix = (
                _text(header[345:500]) if header[257:262] == b"ustar" and header[263:265] == b"00" else b""
            )
            name = prefix + b"/" + _text(header[:100]) if prefix else _text(header[:100])
        if pending.size_bytes is not None:
            size = pending.size_bytes
        what = KINDS.get(kind, "unknown")
        stored = 0 if what in {"hard link", "symbolic link", "device", "folder", "pipe"} else size
        self._after = begin + -(-stored // BLOCK) * BLOCK
        target = pending.target or pending.always.get(b"linkpath") or _text(header[157:257])
        linked = _decoded(target) if "link" in what else ""
        return Entry(_decoded(name), what, begin, stored, linked)

    def _extend(self, kind: bytes, size: int) -> None:
        """An extension header has been read into what is pending."""
        self._pending.count += 1
        if size > MAX_EXTENDED_BYTES or self._pending.count > MAX_EXTENSIONS:
            self.fault = f"the header at byte {self._after:,} extends the next one by {size:,} bytes"
            return
        content = self._source.take(size)
        self._after = self._source.position + -size % BLOCK
        if kind == _LONG_NAME:
            self._pending.name = _text(content)
        elif kind == _LONG_LINK:
            self._pending.target = _text(content)
        else:
            self._pax(content, globally=kind == b"g")

    def _pax(self, content: bytes, *, globally: bool) -> None:
        at = 0
        while match := _PAX_RECORD.match(content, at):
            end = at + int(match[1])
            if end <= match.end() or end > len(content):
                return
            key, value = match[2], content[match.end() : end - 1]
            if globally:
                self._pending.always[key] = value
            elif key == b"path":
                self._pending.name = value
            elif key == b"linkpath":
                self._pending.target = value
            elif key == b"size" and value.isdigit() and len(value) < 20:
                self._pending.size_bytes = int(value)
            at = end


def _checks(header: bytes) -> bool:
    """Whether the checksum is that of the header, its own field taken for blanks."""
    stated = _number(header[148:156])
    if stated is None:
        return False
    rest = header[:148] + b" " * 8 + header[156:]
    signed = sum(rest) - 256 * sum(byte > 127 for byte in rest)  # as some old programs summed up
    return stated in {sum(rest), signed}


def _number(raw: bytes) -> int | None:
    """A number in octal digits, or in GNU's base 256 where the first bit is set; None where it is neither."""
    if raw[0] & 0x80:
        value = int.from_bytes(bytes([raw[0] & 0x7F]) + raw[1:], "big")
        return value if raw[0] == 0x80 and value < 2**63 else None
    digits = raw.split(b"\0")[0].strip(b" ")
    if not re.fullmatch(rb"[0-7]{0,12}", digits):
        return None
    return int(digits or b"0", 8)


def _text(raw: bytes) -> bytes:
    return raw.split(b"\0")[0]


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
