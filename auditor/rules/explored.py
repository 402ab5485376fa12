"""The pickles and archives of a bundle, found once for all rules that judge them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Generic, TypeVar

from auditor.bundle import Absent, Unread
from auditor.model import Place, Span
from auditor.readers.candidates import may_hold, tail_bytes
from auditor.readers.document import Unreadable
from auditor.records import dataclass
from auditor.rules.content import beginnings
from auditor.rules.formats import Taken
from auditor.rules.registry import needed, provides

if TYPE_CHECKING:
    from auditor.bundle import Bundle, File
    from auditor.readers.packages import FoundArchive, FoundPickle, Unseen

T = TypeVar("T")
MAX_UNPACKED_BYTES = 2**30  # of all compressed files and members of a bundle together
MAX_UNPACKED_WITHOUT_CONTENT = 2**24  # with --no-content: enough for the pickle of a model, not its numbers
_TEXTS = (".md", ".txt", ".json", ".jsonl", ".yaml", ".yml", ".csv", ".tsv", ".py", ".toml", ".cff", ".html")


@dataclass(frozen=True, slots=True)
class InFile(Generic[T]):
    """Something found in a file of the bundle."""

    file: str
    found: T
    where: str

    def at(self) -> Place:
        """The file, with the path inside it for a key."""
        return Place(self.file, (self.where,) if self.where else (), span=Span(self.file))


@dataclass(slots=True)
class Explored:
    """All pickles, archives and what could not be looked into, file by file."""

    pickles: list[InFile[FoundPickle]] = field(default_factory=list)
    archives: list[InFile[FoundArchive]] = field(default_factory=list)
    unseen: list[InFile[Unseen]] = field(default_factory=list)
    unread: list[Unreadable] = field(default_factory=list)


@provides("explored")
def explored(bundle: Bundle) -> Explored:
    """What the files of the bundle hold."""
    found = Explored()
    left = MAX_UNPACKED_BYTES if bundle.content else MAX_UNPACKED_WITHOUT_CONTENT
    try:
        for file, beginning in beginnings(bundle):
            left = _explore(bundle, file, beginning, left, found)
    except Unreadable as error:  # of a file that could not even be begun
        found.unread.append(error)
    return found


@provides("pickles")
def pickles(bundle: Bundle) -> Taken[InFile[FoundPickle]] | Absent | Unread:
    """Every pickle, wherever it lies."""
    found = needed(bundle, "explored")
    assert isinstance(found, Explored)
    return Taken(found.pickles, found.unread) if found.pickles else _without(found, "pickles")


@provides("archives")
def archives(bundle: Bundle) -> Explored | Absent | Unread:
    """Everything, where the bundle has archives or something that could not be looked into."""
    found = needed(bundle, "explored")
    assert isinstance(found, Explored)
    return found if found.archives or found.unseen else _without(found, "archives")


def _without(found: Explored, words: str) -> Absent | Unread:
    if found.unread:
        return Unread(f"{found.unread[0].span.file} could not be read: {found.unread[0].what}")
    return Absent(f"the bundle has no {words}")


def _explore(bundle: Bundle, file: File, beginning: bytes, left: int, found: Explored) -> int:
    """What the file holds is among what was found; the answer is how much may still be unpacked."""
    path = file.path
    is_text = path.lower().endswith(_TEXTS)
    if is_text and not may_hold(beginning, b""):
        return left
    try:
        with bundle.opened(path) as stream:
            if not is_text:
                length = tail_bytes(path)
                stream.seek(max(0, file.size_bytes - length))
                if not may_hold(beginning, stream.read(length)):
                    return left
            from auditor.readers.packages import Allowance, explore

            allowance = Allowance(left)
            inside = explore(path, stream, file.size_bytes, allowance)
    except Unreadable as error:
        found.unread.append(error)
        return left
    found.pickles += [InFile(path, one, one.where) for one in inside.pickles]
    found.archives += [InFile(path, one, one.where) for one in inside.archives]
    found.unseen += [InFile(path, one, one.where) for one in inside.unseen]
    return allowance.unpacked_bytes
