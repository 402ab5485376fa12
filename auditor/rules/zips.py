"""The zip archives of a bundle by what lies in them: Keras models, arrays of NumPy, TorchScript."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from auditor.bundle import Absent
from auditor.model import Fault, Span
from auditor.readers.document import Unreadable
from auditor.readers.magic import kind_of
from auditor.readers.text import shown
from auditor.readers.window import Unfollowed, Window
from auditor.records import dataclass
from auditor.rules.formats import Taken, of_kind, take
from auditor.rules.paths import whole_file
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.zip import Archive, Member

NAMES = (".keras", ".npz")  # of files that are zip archives, whatever they begin with
_PACKAGE = "/.data/extern_modules"  # what torch.package writes into every archive
MAX_UNPACKED_BYTES = 64 * 2**20  # of a member that is looked into and not stored as it is


@dataclass(frozen=True, slots=True)
class Zipped:
    """One archive and what its headers say."""

    file: str
    archive: Archive

    @property
    def is_keras(self) -> bool:
        """Whether it is a model of Keras: by its name, or by what it holds."""
        names = {member.name for member in self.archive.members}
        holds = "config.json" in names and bool(names & {"model.weights.h5", "metadata.json"})
        return self.file.lower().endswith(".keras") or holds

    def named(self, *names: str) -> list[Member]:
        """Its members of these names: several where it lists or hides one twice."""
        return [member for member in self.archive.members if member.name in names]


Zips = Taken[Zipped]


@provides("zips")
def zips(bundle: Bundle) -> Zips | Absent:
    """The directories of all zip archives."""
    return take(bundle, of_kind(bundle, "zip", *NAMES), _read, "zip archives")


@rule("SEC419", level="warning", needs="zips", since="2026.2")
def torchscript_code(zips: Zips) -> Iterator[Fault]:
    """An archive of PyTorch brings a program along (TorchScript, torch.package).

    Why: Loading it runs what is written in it. TorchScript can do less than Python, yet can read and write
        files, and nobody reads it; a package is Python.
    Bad:
        # model.dat, zip of model/code/__torch__.py
        def forward(self, x):
          return x
    Good:
        # model.dat, zip of model/notes.txt
        Weights alone.
    Fix: Ship the weights as safetensors, and the code as Python.
    Source: https://pytorch.org/docs/stable/jit.html
    """
    for zipped in zips:
        names = [member.name for member in zipped.archive.members if member.name.endswith(".py")]
        code = [name for name in names if "/code/__torch__" in f"/{name}"]
        packaged = any(f"/{member.name}".endswith(_PACKAGE) for member in zipped.archive.members)
        found, what = (names, "torch.package") if packaged else (code, "TorchScript")
        if found:
            count = "one file" if len(found) == 1 else f"{len(found)} files"
            yield whole_file(zipped.file).says(
                f"{count} of code ({what}), first `{shown(found[0])}`", help="ship weights alone"
            )


def looked_into(path: str, stream: BinaryIO, member: Member, wanted: int = MAX_UNPACKED_BYTES) -> Window:
    """A member of an archive as a file of its own; of one that is packed, the first `wanted` bytes.

    Raises:
        Unfollowed: it is encrypted or damaged.
    """
    from auditor.readers.forward import Ended, Forward
    from auditor.readers.zip import opened_member

    if member.is_encrypted:
        raise Unfollowed(f"`{shown(member.name)}` in it is encrypted", Span(path))
    if member.method == 0:
        return Window(path, stream, member.packed_bytes, member.begin)
    parts, held = [], 0
    try:
        forward = Forward(opened_member(path, stream, member, wanted + 2**16))
        while held < wanted and (part := forward.read(min(2**16, wanted - held))):
            parts.append(part)
            held += len(part)
    except Ended as error:
        raise Unfollowed(f"`{shown(member.name)}` in it cannot be read: {error.what}", Span(path)) from error
    return Window(path, io.BytesIO(b"".join(parts)), held)


def _read(window: Window) -> Zipped:
    from auditor.readers.zip import read_zip

    kind, words = kind_of(window.some(0, "the first bytes", 512))
    if kind not in ("zip", ""):
        raise Unfollowed(f"it is {words}", Span(window.file))
    try:
        return Zipped(window.file, read_zip(window.file, window.stream, window.size_bytes))
    except Unreadable as error:
        if kind == "zip":  # what is wrong with archives has rules of its own
            raise Unfollowed(error.what, error.span) from error
        raise
