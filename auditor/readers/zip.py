"""Zip archives by their own headers: every member, and where the two copies of its header disagree.

A zip file says twice what it holds: in its directory at the end, and in a header before each member. Readers
believe one or the other (Python's the directory, torch's skips checks that Python's makes), so what only one
of them says is told here. Nothing is unpacked but what `read_member` and `opened_member` are asked for.

Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections by number.
"""

from __future__ import annotations

import struct
from dataclasses import field
from typing import BinaryIO

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.forward import Ended, Forward, Stream, Stretch
from auditor.readers.packed import Unpacked
from auditor.readers.text import shown
from auditor.readers.window import Window
from auditor.records import dataclass

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"  # 4.3.7, 4.3.12, 4.3.16
MAX_MEMBERS = 100_000  # torch writes one a tensor and a few more; large models have some thousand tensors
MAX_DIRECTORY_BYTES = 64 * 2**20
MAX_ODDITIES = 100  # told of one archive
MAX_BETWEEN_BYTES = 2**24  # of what lies between members, searched for hidden ones
METHODS = {
    0: "stored",
    8: "deflate",
    12: "bzip2",
    14: "lzma in zip",
    95: "xz",
}  # 4.4.5, as far as unpacked here

_END_BYTES = 22
_MAX_COMMENT_BYTES = 2**16 - 1
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 1, 8, 1 << 11  # 4.4.4
_SYMLINK = (
    0o120000  # the file type of a symbolic link in the upper half of the external attributes, as stat.h
)
_TYPE = 0o170000
_FOLLOWS = 2**32 - 1  # 4.4.8: the number is in the zip64 field


@dataclass(frozen=True, slots=True)
class Member:
    """One member.

    Attributes:
        name: as the directory spells it.
        header: where its header begins in the file.
        begin: where its bytes begin, as they are stored.
        packed_bytes: how many those are.
        size_bytes: how many they say they unpack to.
        method: number of the compression, see METHODS.
        crc: checksum of the unpacked bytes; torch writes 0 where it is told to compute none.
        is_encrypted: whether its flags say so.
        is_link: whether it stands for a symbolic link; its bytes are the target.
        is_listed: whether the directory knows it.
    """

    name: str
    header: int
    begin: int
    packed_bytes: int
    size_bytes: int
    method: int
    crc: int
    is_encrypted: bool = False
    is_link: bool = False
    is_listed: bool = True

    @property
    def is_folder(self) -> bool:
        """Whether it stands for a folder."""
        return self.name.endswith(("/", "\\")) and not self.size_bytes


@dataclass(slots=True)
class Archive:
    """A zip file.

    Attributes:
        members: in the order of the directory, then those that it hides.
        oddities: where its headers contradict each other: the member's name or none, and what is odd.
        start: how many bytes stand before the first header.
    """

    members: list[Member] = field(default_factory=list)
    oddities: list[tuple[str, str]] = field(default_factory=list)
    start: int = 0

    def odd(self, name: str, what: str) -> None:
        """Something is odd about a member, or about the archive where no name is given."""
        if len(self.oddities) < MAX_ODDITIES:
            self.oddities.append((name, what))


@dataclass(frozen=True, slots=True)
class _End:
    """The record at the end: where it stands and what it says of the directory."""

    at: int
    count: int
    size_bytes: int
    begin: int


def read_zip(file: str, stream: BinaryIO, size_bytes: int, begin: int = 0) -> Archive:
    """The members of a zip archive of `size_bytes` bytes that begins at `begin` of the file.

    Raises:
        Unreadable: it has no directory, or one that is cut off, too large or made of something else.
    """
    window = Window(file, stream, size_bytes, begin)
    archive = Archive()
    end = _end(window, archive)
    shift = _shift(window, end)
    archive.start = shift
    _list(window, archive, end, shift)
    _look_between(window, archive, end.begin + shift)
    if begin:
        archive.members = [_moved(member, begin) for member in archive.members]
    return archive


def opened_member(file: str, stream: BinaryIO, member: Member, limit: int) -> Stream:
    """The member's bytes unpacked, read forward; encryption is overlooked, as torch does.

    Raises:
        Ended: its compression has no decoder here.
    """
    raw = Stretch(file, stream, member.begin, member.begin + member.packed_bytes)
    if member.method == 0:
        return raw
    kind = METHODS.get(member.method)
    if kind is None:
        raise Ended(f"`{shown(member.name)}` is packed with method {member.method}, unknown here")
    return Unpacked(kind, raw, limit)


def read_member(file: str, stream: BinaryIO, member: Member, limit: int) -> bytes:
    """The member's bytes unpacked.

    Raises:
        Unreadable: it is encrypted, damaged, packed in a way unknown here, or has more than `limit` bytes.
    """
    name = shown(member.name)
    if member.is_encrypted:
        raise Unreadable(f"`{name}` in it is encrypted", Span(file))
    parts, held = [], 0
    try:
        forward = Forward(opened_member(file, stream, member, limit))
        while part := forward.read(2**16):
            held += len(part)
            if held > limit:
                raise Unreadable(f"`{name}` in it has more than {limit:,} bytes", Span(file))
            parts.append(part)
    except Ended as error:
        raise Unreadable(f"`{name}` in it cannot be read: {error.what}", Span(file)) from error
    return b"".join(parts)


def ends_as_zip(tail: bytes) -> bool:
    """Whether bytes end as a zip archive does, with its comment reaching to the last of them."""
    at = tail.rfind(END)
    while at >= 0:
        if at + _END_BYTES + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
            return True
        at = tail.rfind(END, 0, at)
    return False


def _end(window: Window, archive: Archive) -> _End:
    """The last record that may be the end of a directory, as Python's zipfile and miniz find it."""
    tail_at = max(0, window.size_bytes - _END_BYTES - _MAX_COMMENT_BYTES)
    tail = window.at(tail_at, window.size_bytes - tail_at, "the end of a zip archive")
    found: list[_End] = []
    last = at = tail.rfind(END)
    while at >= 0 and len(found) < 2:
        if at + _END_BYTES <= len(tail):
            number, first, here, count, size, begin, comment = struct.unpack_from("<4H2LH", tail, at + 4)
            plausible = number == first == 0 and here == count and tail_at + at >= size
            covers = not found or at + _END_BYTES + comment > last  # the later one is in its comment
            if plausible and covers:
                found.append(_zip64(window, _End(tail_at + at, count, size, begin), archive))
        at = tail.rfind(END, 0, at)
    if not found:
        raise Unreadable("the zip archive has no directory at its end", Span(window.file))
    if len(found) > 1 and _is_directory(window, found[1]):
        archive.odd("", "it has two directories, and readers differ in which they take")
    return found[0]


def _zip64(window: Window, end: _End, archive: Archive) -> _End:
    """The same with the numbers of the zip64 record, where one stands before it (4.3.14, 4.3.15).

    Python's zipfile takes the record right before the locator, miniz the one that the locator names.
    """
    locator = window.at(end.at - 20, 20, "a zip64 record") if end.at >= 76 else b""
    if locator[:4] != b"PK\x06\x07":
        return end
    found = []
    for at in dict.fromkeys((end.at - 76, int.from_bytes(locator[8:16], "little"))):
        record = window.at(at, 56, "a zip64 record") if at <= end.at - 76 else b""
        if record[:4] == b"PK\x06\x06":
            count, size, begin = struct.unpack_from("<3Q", record, 32)
            if size <= at:
                found.append(_End(at, count, size, begin))
    if not found:
        return end
    wide = found[0]
    said = ((end.count, 2**16 - 1, wide.count), (end.begin, _FOLLOWS, wide.begin))
    if len(found) > 1 or any(short not in {full, long} for short, full, long in said):
        archive.odd("", "its ends name different directories")
    return wide


def _shift(window: Window, end: _End) -> int:
    """How far everything lies behind where it says it does: something was put before the archive."""
    where = end.at - end.size_bytes
    if end.count and window.some(where, "the zip directory", 4)[:4] != CENTRAL:
        where = end.begin  # zip64 with data between the directory and its end
    return max(0, where - end.begin)


def _is_directory(window: Window, end: _End) -> bool:
    starts = (end.begin, end.at - end.size_bytes)
    return any(at >= 0 and window.some(at, "the zip directory", 4) == CENTRAL for at in starts)


def _list(window: Window, archive: Archive, end: _End, shift: int) -> None:
    """Every member of the directory is listed and compared with its own header."""
    if end.count > MAX_MEMBERS or end.size_bytes > MAX_DIRECTORY_BYTES:
        what = f"the zip archive lists {end.count:,} members, and at most {MAX_MEMBERS:,} are read"
        raise Unreadable(what, Span(window.file))
    at = end.begin + shift
    directory = window.at(at, end.size_bytes, "the zip directory")
    place, seen = 0, set()
    while len(archive.members) < end.count or directory[place : place + 4] == CENTRAL:
        if directory[place : place + 4] != CENTRAL or place + 46 > len(directory):
            raise window.fault(at + place, "the zip directory holds no entry")
        member, place = _entry(window, archive, directory, place, shift)
        if member.name in seen:
            archive.odd(member.name, "it is listed twice, and readers differ in which they take")
        seen.add(member.name)
        archive.members.append(member)
        if len(archive.members) > MAX_MEMBERS:
            raise window.fault(at + place, f"the zip directory lists more than {MAX_MEMBERS:,} members")
    if len(archive.members) > end.count:
        what = f"its end counts {end.count:,} members, its directory lists {len(archive.members):,}"
        archive.odd("", what)


def _entry(window: Window, archive: Archive, directory: bytes, place: int, shift: int) -> tuple[Member, int]:
    """One entry of the directory (4.3.12), and where the next begins."""
    flags, method = struct.unpack_from("<2H", directory, place + 8)
    crc, packed, size, name_bytes, extra_bytes, comment_bytes = struct.unpack_from(
        "<3L3H", directory, place + 16
    )
    attributes, header = struct.unpack_from("<2L", directory, place + 38)
    raw = directory[place + 46 : place + 46 + name_bytes]
    extra = directory[place + 46 + name_bytes :][:extra_bytes]
    size, packed, header = _wide(extra, [size, packed, header])
    name = _decoded(raw, flags)
    is_link = attributes >> 16 & _TYPE == _SYMLINK
    encrypted = bool(flags & _ENCRYPTED)
    said = Member(name, header + shift, 0, packed, size, method, crc, encrypted, is_link)
    return _compared(window, archive, said, raw), place + 46 + name_bytes + extra_bytes + comment_bytes


def _compared(window: Window, archive: Archive, said: Member, raw: bytes) -> Member:
    """The member with the place of its bytes, its own header compared with what the directory says."""
    header = window.some(said.header, "a zip header", 30) if said.header < window.size_bytes else b""
    if header[:4] != LOCAL or len(header) < 30:
        archive.odd(said.name, "no header stands where the directory says")
        return _with(said, begin=min(said.header, window.size_bytes), packed_bytes=0)
    flags, method = struct.unpack_from("<2H", header, 6)
    crc, packed, size, name_bytes, extra_bytes = struct.unpack_from("<3L2H", header, 14)
    own = window.some(said.header + 30, "a zip header", name_bytes + extra_bytes)
    size, packed = _wide(own[name_bytes:], [size, packed])
    begin = said.header + 30 + name_bytes + extra_bytes
    if own[:name_bytes] != raw:
        other = shown(_decoded(own[:name_bytes], flags))
        archive.odd(said.name, f"its own header calls it `{other}`")
    pairs = [("method of compression", method, said.method)]
    pairs.append(("flag of encryption", flags & _ENCRYPTED, int(said.is_encrypted)))
    if not flags & _SIZES_FOLLOW or crc or packed or size:
        pairs += [("size", size, said.size_bytes), ("packed size", packed, said.packed_bytes)]
        pairs += [("checksum", crc, said.crc)]
    for what, mine, theirs in pairs:
        if mine != theirs:
            archive.odd(said.name, f"its own header has {mine:,} as {what}, the directory {theirs:,}")
    if not said.method and said.size_bytes != said.packed_bytes and not said.is_encrypted:
        what = f"it is stored in {said.packed_bytes:,} bytes and has {said.size_bytes:,}"
        archive.odd(said.name, f"{what}, and readers differ in which they take")
    beyond = begin + said.packed_bytes - window.size_bytes
    if beyond > 0:
        archive.odd(said.name, f"it would end {beyond:,} bytes after the file")
        return _with(
            said, begin=min(begin, window.size_bytes), packed_bytes=max(0, window.size_bytes - begin)
        )
    return _with(said, begin=begin, packed_bytes=said.packed_bytes)


def _look_between(window: Window, archive: Archive, directory: int) -> None:
    """What lies between members and belongs to none is searched for the headers of hidden ones."""
    budget = MAX_BETWEEN_BYTES
    reached = 0
    hidden: list[Member] = []
    for member in sorted(archive.members, key=lambda one: (one.header, one.begin)):
        if member.header < reached and member.packed_bytes:
            archive.odd(member.name, "it overlaps the member before it")
        budget -= _hidden(window, reached, min(member.header, reached + budget), hidden)
        reached = max(reached, member.begin + member.packed_bytes)
    _hidden(window, reached, min(directory, reached + budget), hidden)
    for member in hidden:
        archive.odd(member.name, "the directory does not list it")
    archive.members += hidden


def _hidden(window: Window, begin: int, end: int, found: list[Member]) -> int:
    """The headers that stand between two places are added; the answer is how many bytes were read."""
    at = begin
    while at + 30 <= end and len(found) < MAX_ODDITIES:
        block = window.some(at, "what lies between members", min(2**16, end - at))
        inside = block.find(LOCAL)
        if inside < 0 or at + inside + 30 > end:
            at += max(1, len(block) - 3)
            continue
        here = at + inside
        header = window.at(here, 30, "a zip header")
        flags, method = struct.unpack_from("<2H", header, 6)
        crc, packed, size, name_bytes, extra_bytes = struct.unpack_from("<3L2H", header, 14)
        begins = here + 30 + name_bytes + extra_bytes
        if begins > end:
            at = here + 4
            continue
        if not packed and flags & _SIZES_FOLLOW:
            packed = end - begins
        name = _decoded(window.at(here + 30, name_bytes, "a zip header"), flags)
        packed = min(packed, end - begins)
        found.append(
            Member(name, here, begins, packed, size, method, crc, bool(flags & _ENCRYPTED), is_listed=False)
        )
        at = max(begins + packed, here + 4)
    return max(0, end - begin)


def _wide(extra: bytes, numbers: list[int]) -> list[int]:
    """The numbers, those that do not fit 32 bits taken from the zip64 field (4.5.3)."""
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, place)
        if kind == 1:
            values = extra[place + 4 : place + 4 + length]
            starts = range(0, len(values) - 7, 8)
            wide = iter([int.from_bytes(values[at : at + 8], "little") for at in starts])
            return [next(wide, number) if number == _FOLLOWS else number for number in numbers]
        place += 4 + length
    return numbers


def _decoded(raw: bytes, flags: int) -> str:
    """A name: UTF-8 where the flag or the bytes say so, else of the old PC (appendix D)."""
    if flags & _UTF8 or raw.isascii():
        return raw.decode("utf-8", "backslashreplace")
    return raw.decode("cp437")


def _with(member: Member, *, begin: int, packed_bytes: int) -> Member:
    return Member(
        *(member.name, member.header, begin, packed_bytes, member.size_bytes, member.method, member.crc),
        *(member.is_encrypted, member.is_link, member.is_listed),
    )


def _moved(member: Member, by: int) -> Member:
    from dataclasses import replace

    return replace(member, header=member.header + by, begin=member.begin + by)
