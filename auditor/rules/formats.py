"""Files of formats that our own readers take apart: which of them a bundle has, and what could not be read.

A file that is broken is told once, by SCH001, and every rule that should have looked at it ends as not
checked. So does a rule whose file is sound as far as we know but cannot be followed to its end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from auditor.bundle import Absent
from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.magic import kind_of
from auditor.readers.stand_ins import stand_in
from auditor.readers.window import Unfollowed, Window
from auditor.records import dataclass
from auditor.rules.content import beginnings
from auditor.rules.registry import needed, provides

if TYPE_CHECKING:
    from auditor.bundle import Bundle

T = TypeVar("T")
# The names of their providers. What reads HDF5 or Keras reads the archives in which those lie as well.
FORMATS = ("gguf", "onnx", "zips", "arrays", "msgpack", "hdf5", "saved models", "keras")
_AGAIN = "it is damaged, or not what its name says: copy or download it again"
START_BYTES = 512  # enough to know a format by


@dataclass(slots=True)
class Taken(Generic[T]):
    """The files of one format; going through them ends with an error if some of them could not be read.

    Attributes:
        read: what was made of each file.
        left: why the others are not among them; where SCH001 tells, that it does.
    """

    read: list[T] = field(default_factory=list)
    left: list[Unreadable] = field(default_factory=list)

    def __iter__(self) -> Iterator[T]:
        """Every file that was read.

        Raises:
            Unreadable: after them all, for the first that was not.
        """
        yield from self.read
        if self.left:
            raise self.left[0]


@provides("unreadable")
def unreadable(bundle: Bundle) -> tuple[tuple[str, Unreadable], ...]:
    """Every file of the bundle that could not be read, whichever reader tried."""
    for name in FORMATS:
        needed(bundle, name)
    bundle.read_all()
    return bundle.faults


def take(bundle: Bundle, paths: Iterable[str], read: Callable[[Window], T], words: str) -> Taken[T] | Absent:
    """Each file at the paths as its reader took it apart; what it could not is told.

    Args:
        bundle: what is checked.
        paths: of the files.
        read: what makes something of a file, and raises Unreadable.
        words: what the files are, for reasons: "GGUF files".
    """
    taken: Taken[T] = Taken()
    for path in paths:
        take_one(bundle, path, read, taken)
    return ended(taken, words)


def take_one(bundle: Bundle, path: str, read: Callable[[Window], T], taken: Taken[T]) -> None:
    """The file is among those read, or among those that are left."""
    file = bundle.file(path)
    if file is not None and file.is_link:
        taken.left.append(Unfollowed("it is a link, and links are not followed", Span(path)))
        return
    try:
        with bundle.opened(path) as stream:
            window = Window(path, stream, os.fstat(stream.fileno()).st_size)
            _refuse_stand_ins(window)
            taken.read.append(read(window))
    except Unreadable as error:
        leave(bundle, taken, error)


def leave(bundle: Bundle, taken: Taken[T], error: Unreadable, member: str = "") -> None:
    """A file, or a member of an archive, is among those left; unless it may be sound, it is told."""
    if isinstance(error, Unfollowed):
        taken.left.append(error)
        return
    what = f"{member}: {error.what}" if member else error.what
    bundle.tell(Unreadable(what, error.span, error.help or _AGAIN))
    taken.left.append(Unreadable("see SCH001", error.span))


def ended(taken: Taken[T], words: str) -> Taken[T] | Absent:
    """What a provider answers: the files, or that there are none to look at."""
    return taken if taken.read or taken.left else Absent(f"the bundle has no {words}")


def taken_of(bundle: Bundle, need: str) -> Taken[Any]:
    """What another provider took apart; nothing where the bundle has nothing of the kind."""
    found = needed(bundle, need)
    return found if isinstance(found, Taken) else Taken()


def named(bundle: Bundle, *endings: str) -> list[str]:
    """The paths of files whose names end so, whatever the case; links and devices are among them."""
    return [file.path for file in bundle.files if file.path.lower().endswith(endings)]


def of_kind(bundle: Bundle, kind: str, *endings: str) -> list[str]:
    """The paths of files that begin as that kind does, and of those that are named so."""
    kinds = needed(bundle, "kinds")
    assert isinstance(kinds, dict)
    return sorted({*named(bundle, *endings), *kinds.get(kind, ())})


@provides("kinds")
def kinds(bundle: Bundle) -> dict[str, list[str]]:
    """The paths of the files that begin as each kind does."""
    found: dict[str, list[str]] = {}
    try:
        for file, start in beginnings(bundle):
            found.setdefault(kind_of(start)[0], []).append(file.path)
    except Unreadable:  # a file that nobody may open: what looks at every file ends as not checked for it
        pass
    return found


def refuse_others(window: Window, *kinds: str) -> None:
    """The file does not begin as one of another kind; that it does, WGT347, SEC005 and SEC206 tell.

    Raises:
        Unfollowed: it does.
    """
    kind, words = kind_of(window.some(0, "the first bytes", START_BYTES))
    if kind and kind not in kinds:
        raise Unfollowed(f"it is {words}", Span(window.file))


def _refuse_stand_ins(window: Window) -> None:
    """The file is none that WGT020 to WGT022 tell of."""
    if not window.size_bytes:
        raise Unfollowed("the file is empty", Span(window.file))
    instead = stand_in(window.some(0, "the first bytes", START_BYTES))
    if instead is not None:
        raise Unfollowed(f"it is {instead.kind}", Span(window.file))
