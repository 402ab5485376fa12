"""Every pickle and archive in a file, however deep: in zip and tar members, behind compression, in pickles.

What something is, its first bytes say and never its name; a name only decides whether bytes without a mark of
their own are tried as a pickle, and how much is made of what could not be looked into.
"""

from __future__ import annotations

import io
from dataclasses import field
from typing import BinaryIO, Literal

from auditor.readers.candidates import NUMPY, PICKLE_NAMES, STARTS, is_weights, tail_bytes
from auditor.readers.document import Unreadable
from auditor.readers.forward import Ended, Forward, Part, Stream, Stretch
from auditor.readers.packed import Unpacked, compression, foreign
from auditor.readers.pickle import Budget, Walk, walk
from auditor.readers.tar import Entry, TarWalk, is_tar
from auditor.readers.zip import END, LOCAL, Member, ends_as_zip, opened_member, read_member, read_zip
from auditor.records import dataclass

MAX_DEPTH = 5  # of archives in archives
MAX_HELD_BYTES = 2**26  # of a zip archive inside compressed data, which must be held to be read
MAX_CHECKED_BYTES = 2**28  # of all pickles in zip archives, whose checksums are computed
MAX_NUMPY_HEADER_BYTES = 2**16  # a longer one is taken for one of objects; numpy reads up to 10,000
MAX_MEMBERS = 200_000  # of one file, over all archives in it
BEGINNING_BYTES = 600  # as much as it takes to know any of the formats by


@dataclass(frozen=True, slots=True)
class FoundPickle:
    """A pickle.

    Attributes:
        where: where it lies in the file; empty where it is the file.
        walk: what it would do.
        around: the archive it is a member of.
        in_numpy: whether it is the content of an array of objects.
    """

    where: str
    walk: Walk
    around: FoundArchive | None = None
    in_numpy: bool = False


@dataclass(slots=True)
class FoundArchive:
    """A zip or tar archive.

    Attributes:
        where: where it lies in the file; empty where it is the file.
        members: name, kind (`file`, `symbolic link`, `hard link`, `device`, ...) and target of a link.
        oddities: where its headers contradict each other: a member's name or none, and what is odd.
        encrypted: names of members that say they are.
        start: how many bytes stand before it.
        packed_bytes: how much its members take.
        size_bytes: how much they say they unpack to.
    """

    where: str
    kind: Literal["zip", "tar"]
    members: list[tuple[str, str, str]] = field(default_factory=list)
    oddities: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[str] = field(default_factory=list)
    start: int = 0
    packed_bytes: int = 0
    size_bytes: int = 0

    @property
    def has_code(self) -> bool:
        """Whether it is a TorchScript archive: it holds the source of what is run."""
        names = [name for name, _, _ in self.members]
        has_program = any("code/" in name and name.endswith(".py") for name in names)
        return has_program and any(name.endswith("constants.pkl") for name in names)  # as torch.load asks


@dataclass(frozen=True, slots=True)
class Unseen:
    """What could not be looked into: where, why, and whether its name or place says that it is weights."""

    where: str
    why: str
    is_weights: bool


@dataclass(slots=True)
class Contents:
    """What was found in one file."""

    pickles: list[FoundPickle] = field(default_factory=list)
    archives: list[FoundArchive] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)


@dataclass(slots=True)
class Allowance:
    """How much may still be unpacked, and how much compared with its checksum."""

    unpacked_bytes: int
    checked_bytes: int = MAX_CHECKED_BYTES


def explore(file: str, stream: BinaryIO, size_bytes: int, allowance: Allowance) -> Contents:
    """Every pickle and archive in the file of this name and size.

    Raises:
        Unreadable: reading it fails.
    """
    explorer = _Explorer(file, allowance)
    explorer.stretch("", stream, 0, size_bytes, 0, None)
    return explorer.found


class _Explorer:
    """Goes through one file; `where` is the path inside it, `depth` how many archives lie around."""

    def __init__(self, file: str, allowance: Allowance) -> None:
        self._file = file
        self._allowance = allowance
        self._budget = Budget()
        self._members = 0
        self.found = Contents()

    def stretch(
        self, where: str, stream: BinaryIO, begin: int, end: int, depth: int, around: FoundArchive | None
    ) -> None:
        """Bytes `begin` to `end` of a stream that can be read anywhere."""
        forward = Forward(Stretch(self._file, stream, begin, end), begin)
        start = forward.peek(BEGINNING_BYTES)
        if start[:4] in {LOCAL, END}:
            self._zip(where, stream, begin, end, depth)
            return
        before = len(self.found.pickles)
        self._forward(where, forward, end - begin, depth, around, stream)
        packed = compression(start) or foreign(start) or is_tar(start)
        if packed and start[0] in STARTS:  # a tar archive begins with a name, which may be opcodes
            again = Forward(Stretch(self._file, stream, begin, end), begin)
            self._pickle(where, again, end - begin, around)
        if depth == 0 and self._ends_as_zip(where, stream, begin, end):
            self._zip(where, stream, begin, end, depth, certain=False)
        for pickle in self.found.pickles[before:]:
            for _, inner in pickle.walk.all() if pickle.where == where else ():
                for at, count in inner.archives:
                    self.stretch(f"{where}@{at}", stream, at, at + count, depth + 1, None)

    def _ends_as_zip(self, where: str, stream: BinaryIO, begin: int, end: int) -> bool:
        """Whether a zip archive ends it, of weights also one with a comment."""
        length = tail_bytes(where or self._file)
        tail = Forward(Stretch(self._file, stream, max(begin, end - length), end)).peek(length)
        return ends_as_zip(tail)

    def _forward(
        self,
        where: str,
        forward: Forward,
        size: int | None,
        depth: int,
        around: FoundArchive | None,
        stream: BinaryIO | None = None,
    ) -> None:
        """Bytes that are read once: their number and the stream they stand in, where these are known."""
        start = forward.peek(BEGINNING_BYTES)
        kind = compression(start)
        if depth > MAX_DEPTH:
            if kind or foreign(start) or is_tar(start):
                self._unseen(where, f"archives lie in each other deeper than {MAX_DEPTH}")
        elif kind:
            self._packed(where, kind, forward, depth)
        elif foreign(start):
            self._unseen(where, f"it is packed as {foreign(start)}, which is not unpacked here")
        elif is_tar(start):
            self._tar(where, forward, depth, stream)
        else:
            self._pickle(where, forward, size, around)
            last = self.found.pickles[-1:]
            if stream is None and any(one.where == where and _has_archives(one) for one in last):
                self._unseen(where, "an archive in the bytes of the pickle is not looked into here")

    def _pickle(self, where: str, forward: Forward, size: int | None, around: FoundArchive | None) -> None:
        named = (where or self._file).lower().endswith(PICKLE_NAMES)
        begin = forward.position
        in_numpy = forward.peek(6) == NUMPY
        if in_numpy and not self._enter_objects(forward):
            return
        found = walk(forward, known=named or in_numpy, budget=self._budget)
        if found is None:
            return
        harmless = not (found.imports or found.gaps or found.inner or found.archives)
        sure = in_numpy or (named and found.is_marked)
        if harmless and not sure and size is not None and found.end != begin + size:
            return  # other data that happen to begin so
        self.found.pickles.append(FoundPickle(where, found, around, in_numpy))

    def _enter_objects(self, forward: Forward) -> bool:
        """Whether an .npy file holds objects; their pickle is then next (numpy/lib/format.py)."""
        head = forward.peek(BEGINNING_BYTES)
        wide = len(head) > 6 and head[6] > 1
        length = int.from_bytes(head[8 : 12 if wide else 10], "little")
        header = forward.peek(min(length + 12, MAX_NUMPY_HEADER_BYTES))
        marks = (b"O", b"object", b"\\")  # no dtype of objects is spelt without; names of fields may be
        if length <= MAX_NUMPY_HEADER_BYTES and not any(mark in header for mark in marks):
            return False
        try:
            forward.pass_over((12 if wide else 10) + length)
        except Ended:
            return False
        return True

    def _packed(self, where: str, kind: str, forward: Forward, depth: int) -> None:
        limit = self._allowance.unpacked_bytes
        again = forward.again()
        try:
            unpacked = Unpacked(kind, forward, limit)
            inner = Forward(unpacked)
            start = inner.peek(BEGINNING_BYTES)
        except Ended as error:
            self._unseen(where, error.what)
            return
        if not start:
            if kind != "zlib":  # two bytes that other data begin with too
                self._unseen(where, f"the {kind} data are damaged")
            return
        path = f"{where}/" if where else ""
        inside = f"{path}({kind})"
        before = len(self.found.pickles) + len(self.found.archives)
        if start[:4] in {LOCAL, END}:
            self._held_zip(inside, inner, depth + 1)
        else:
            self._forward(inside, inner, None, depth + 1, None)
        self._allowance.unpacked_bytes -= unpacked.size_bytes
        if again is not None and start[0] in STARTS and is_tar(start):
            self._name_as_pickle(inside, Unpacked(kind, again, self._allowance.unpacked_bytes), None, None)
        if len(self.found.pickles) + len(self.found.archives) == before and self._is_weights(where):
            try:
                inner.skip(limit)
            except Ended as error:
                self._unseen(where, error.what)

    def _name_as_pickle(
        self, where: str, stream: Stream, size: int | None, around: FoundArchive | None
    ) -> None:
        """A tar archive begins with a name, which may be opcodes to who does not ask whether it is one."""
        self._pickle(where, Forward(stream), size, around)
        if isinstance(stream, Unpacked):
            self._allowance.unpacked_bytes -= stream.size_bytes

    def _held_zip(self, where: str, forward: Forward, depth: int) -> None:
        parts, held = [], 0
        try:
            while part := forward.read(2**16):
                parts.append(part)
                held += len(part)
                if held > MAX_HELD_BYTES:
                    self._unseen(
                        where, f"a zip archive of more than {MAX_HELD_BYTES:,} bytes is packed in it"
                    )
                    return
        except Ended as error:
            self._unseen(where, error.what)
            return
        self._zip(where, io.BytesIO(b"".join(parts)), 0, held, depth)

    def _zip(
        self, where: str, stream: BinaryIO, begin: int, end: int, depth: int, *, certain: bool = True
    ) -> None:
        """The archive is looked through; where it is not `certain` that there is one, none may be found."""
        if depth > MAX_DEPTH:
            self._unseen(where, f"archives lie in each other deeper than {MAX_DEPTH}")
            return
        try:
            archive = read_zip(self._file, stream, end - begin, begin)
        except Unreadable as error:
            if certain:
                self._unseen(where, error.what)
            return
        found = FoundArchive(where, "zip", oddities=archive.oddities, start=archive.start)
        self.found.archives.append(found)
        path = f"{where}/" if where else ""
        for member in archive.members:
            kind = "symbolic link" if member.is_link else "folder" if member.is_folder else "file"
            target = self._target(stream, member) if member.is_link else ""
            found.members.append((member.name, kind, target))
            found.packed_bytes += member.packed_bytes
            found.size_bytes += member.size_bytes
            if member.is_encrypted:
                found.encrypted.append(member.name)
        for member in archive.members:
            self._members += 1
            if self._members > MAX_MEMBERS:
                self._unseen(where, f"it holds more than {MAX_MEMBERS:,} members")
                return
            if not member.is_folder and member.packed_bytes:  # torch reads what is marked as a link, too
                self._zip_member(f"{path}{member.name}", stream, member, depth + 1, found)

    def _zip_member(
        self, where: str, stream: BinaryIO, member: Member, depth: int, archive: FoundArchive
    ) -> None:
        before = len(self.found.pickles)
        if member.method == 0:
            self.stretch(where, stream, member.begin, member.begin + member.packed_bytes, depth, archive)
        else:
            limit = self._allowance.unpacked_bytes
            try:
                unpacked = opened_member(self._file, stream, member, limit)
                forward = Forward(unpacked)
                start = forward.peek(BEGINNING_BYTES)
            except Ended as error:
                start, forward = b"", None
                self._unseen(where, error.what)
            if forward is not None and start[:4] in {LOCAL, END}:
                self._held_zip(where, forward, depth)
            elif forward is not None and start:
                self._forward(where, forward, member.size_bytes, depth, archive)
            elif forward is not None and (self._is_weights(where) or member.is_encrypted):
                self._unseen(where, "it is encrypted" if member.is_encrypted else "it is damaged")
            if forward is not None and isinstance(unpacked, Unpacked):
                self._allowance.unpacked_bytes -= unpacked.size_bytes
            if start[:1] and start[0] in STARTS and is_tar(start):
                second = opened_member(self._file, stream, member, self._allowance.unpacked_bytes)
                self._name_as_pickle(where, second, member.size_bytes, archive)
        found = self.found.pickles[before:]
        if member.is_encrypted and not found and member.method == 0:
            self._unseen(where, "it is encrypted")
        if found and member.crc:
            self._check(stream, member, archive)

    def _check(self, stream: BinaryIO, member: Member, archive: FoundArchive) -> None:
        """The checksum of a pickle is that of its bytes; torch may write 0 for none."""
        import zlib
        from dataclasses import replace

        if member.size_bytes > self._allowance.checked_bytes:
            return
        self._allowance.checked_bytes -= member.size_bytes
        plain = replace(member, is_encrypted=False)
        try:
            content = read_member(self._file, stream, plain, member.size_bytes)
        except Unreadable:
            return
        if zlib.crc32(content) != member.crc:
            archive.oddities.append((member.name, "its checksum is not that of its bytes"))

    def _target(self, stream: BinaryIO, member: Member) -> str:
        try:
            return read_member(self._file, stream, member, 4096).decode("utf-8", "backslashreplace")
        except Unreadable:
            return ""

    def _tar(self, where: str, forward: Forward, depth: int, stream: BinaryIO | None) -> None:
        found = FoundArchive(where, "tar")
        self.found.archives.append(found)
        path = f"{where}/" if where else ""
        members = TarWalk(forward)
        while entry := members.next():
            self._members += 1
            if self._members > MAX_MEMBERS:
                self._unseen(where, f"it holds more than {MAX_MEMBERS:,} members")
                return
            found.members.append((entry.name, entry.kind, entry.target))
            found.size_bytes += entry.size_bytes
            if entry.kind in {"file", "sparse file"} and entry.size_bytes:
                inside = f"{path}{entry.name}"
                if stream is not None:
                    end = entry.begin + entry.size_bytes
                    self.stretch(inside, stream, entry.begin, end, depth + 1, found)
                elif not self._tar_member(inside, forward, entry, depth + 1, found):
                    return
        if members.fault:
            self._unseen(where, members.fault)

    def _tar_member(
        self, where: str, forward: Forward, entry: Entry, depth: int, archive: FoundArchive
    ) -> bool:
        """A member of a tar archive that is read once; whether more can follow it."""
        part = Part(forward, entry.size_bytes)
        inner = Forward(part, entry.begin)
        try:
            if inner.peek(4) in {LOCAL, END}:
                self._held_zip(where, inner, depth)
            else:
                self._forward(where, inner, entry.size_bytes, depth, archive)
            forward.skip(part.left)
        except Ended as error:
            self._unseen(where, error.what)
            return False
        return True

    def _is_weights(self, where: str) -> bool:
        return is_weights(self._file) or is_weights(where)

    def _unseen(self, where: str, why: str) -> None:
        if len(self.found.unseen) < 100:
            self.found.unseen.append(Unseen(where, why, self._is_weights(where)))


def _has_archives(pickle: FoundPickle) -> bool:
    return any(walk.archives for _, walk in pickle.walk.all())
