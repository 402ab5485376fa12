"""Archives that write where they should not, contradict themselves, or cannot be looked into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, Span
from auditor.readers.candidates import is_weights
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.rules.explored import Explored, InFile
from auditor.rules.paths import escapes
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.packages import FoundArchive

BOMB_BYTES = 2**30  # what an archive unpacks to before its ratio counts
BOMB_RATIO = 500  # deflate packs 1,032 times at best (zlib's FAQ); arrays of zeros about as much
_NAMED = 3  # members that one message names
_LINKS = ("symbolic link", "hard link")


@rule("SEC220", level="error", needs="archives", since="2026.2")
def archive_name_escapes(explored: Explored) -> Iterator[Fault]:
    """A member of an archive has a name that leads out of the folder it is unpacked to.

    Why: Unpacking writes over files of the user: their shell's start-up file, their keys.
    Bad:
        # extra.zip, zip of ../../outside.txt
        Text.
    Good:
        # extra.zip, zip of inside/notes.txt
        Text.
    Fix: Pack the files again, from inside their folder.
    Source: https://snyk.io/research/zip-slip-vulnerability
    """
    for archive in explored.archives:
        names = [name for name, _, _ in archive.found.members if _leads_out(name)]
        if names:
            listed = _listed(names)
            yield archive.at().says(f"{_words(archive)} would write {listed} out of where it is unpacked")


@rule("SEC221", level="error", needs="archives", since="2026.2")
def archive_link_escapes(explored: Explored) -> Iterator[Fault]:
    """An archive holds a link that leads out of the folder it is unpacked to.

    Why: What is unpacked through the link afterwards, or read through it, is a file of the user.
    Bad:
        # extra.tar, archive
        notes -> ../../elsewhere
    Good:
        # extra.tar, archive
        notes -> inside/elsewhere
    Fix: Pack the files themselves.
    Source: https://peps.python.org/pep-0706/
    """
    for archive in explored.archives:
        found = [
            (name, target)
            for name, kind, target in archive.found.members
            if kind in _LINKS and escapes(target, name if kind == _LINKS[0] else "")
        ]
        if found:
            name, target = found[0]
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            yield archive.at().says(
                f"`{shown(name)}` in {_words(archive)} is a link to `{shown(target)}`{more}"
            )


@rule("SEC222", level="error", needs="archives", since="2026.2")
def archive_holds_device(explored: Explored) -> Iterator[Fault]:
    """An archive holds a device or a pipe.

    Why: Reading it after unpacking never ends, or reads the machine's memory or disk. No release needs one.
    Bad:
        # extra.tar, archive
        null, device
    Good:
        # extra.tar, archive
        notes -> inside/elsewhere
    Fix: Pack plain files.
    Source: https://peps.python.org/pep-0706/
    """
    for archive in explored.archives:
        names = [name for name, kind, _ in archive.found.members if kind in {"device", "pipe"}]
        if names:
            listed = ", ".join(f"`{shown(name)}`" for name in names[:_NAMED])
            yield archive.at().says(f"{_words(archive)} holds devices or pipes: {listed}")


@rule("SEC223", level="error", needs="archives", since="2026.2")
def archive_contradicts_itself(explored: Explored) -> Iterator[Fault]:
    """A zip archive says two different things of its members.

    Why: A scanner reads one, the loader the other. PyTorch reads archives that Python's zipfile refuses, and
        that was used to get past scanners.
    Bad:
        # extra.zip, archive
        notes.txt, own header other.txt: Text.
    Good:
        # extra.zip, zip of notes.txt
        Text.
    Fix: Write the archive again with the library that reads it.
    Source: https://github.com/mmaitre314/picklescan/security/advisories/GHSA-7q5r-7gvp-wc82
    """
    with_pickles = {id(one.found.around) for one in explored.pickles}
    for archive in explored.archives:
        oddities = list(archive.found.oddities)
        if archive.found.start and (is_weights(archive.file) or id(archive.found) in with_pickles):
            oddities.append(("", f"{archive.found.start:,} bytes stand before it"))
        if oddities:
            name, what = oddities[0]
            more = f" (and {len(oddities) - 1} more)" if len(oddities) > 1 else ""
            member = f"`{shown(name)}` in {_words(archive)}" if name else _words(archive)
            yield archive.at().says(f"{member}: {what}{more}")


@rule("SEC224", level="error", needs="archives", certainty="likely", since="2026.2")
def archive_is_bomb(explored: Explored) -> Iterator[Fault]:
    """An archive of few bytes unpacks to very many.

    Why: Whoever unpacks it, a scanner first, runs out of disk or memory.
    Bad:
        # extra.zip, archive
        zeros.csv, 2000000000 bytes: 0
    Good:
        # extra.zip, zip of notes.txt
        Text.
    Fix: Ship the files as they are.
    Source: https://www.bamsoftware.com/hacks/zipbomb/
    """
    for archive in explored.archives:
        found = archive.found
        if found.kind == "zip" and found.size_bytes > max(BOMB_BYTES, BOMB_RATIO * found.packed_bytes):
            yield archive.at().says(
                f"{_words(archive)} unpacks {found.packed_bytes:,} bytes to {found.size_bytes:,}"
            )


@rule("SEC225", level="error", needs="archives", certainty="likely", since="2026.2")
def archive_not_followed(explored: Explored) -> Iterator[Fault]:
    """Weights are packed in a way that cannot be looked into.

    Why: Malicious models were uploaded as 7z and as encrypted or damaged archives because scanners give up on
        them while a user, or PyTorch, does not.
    Bad:
        # pytorch_model.bin, whole file, as hex
        37 7a bc af 27 1c 00 04 00 00 00 00
    Good:
        # notes.txt, whole file
        Text.
    Fix: Ship safetensors, unpacked.
    Source: https://www.reversinglabs.com/blog/rl-identifies-malware-ml-model-hosted-on-hugging-face
    """
    for one in explored.unseen:
        if one.found.is_weights:
            inside = f"`{shown(one.where)}` in it" if one.where else "the file"
            yield one.at().says(f"{inside} cannot be looked into: {one.found.why}", help="ship safetensors")
    for one in explored.unseen:
        if not one.found.is_weights:
            inside = f"`{shown(one.where)}` in it: " if one.where else ""
            raise Unreadable(f"{inside}{one.found.why}", Span(one.file))
    if explored.unread:
        raise explored.unread[0]


def _leads_out(name: str) -> bool:
    return escapes(name) or "\0" in name


def _listed(names: list[str]) -> str:
    listed = ", ".join(f"`{shown(name)}`" for name in names[:_NAMED])
    more = len(names) - _NAMED
    return f"{listed}{f' and {more} more' if more > 0 else ''}"


def _words(archive: InFile[FoundArchive]) -> str:
    return f"the archive `{shown(archive.where)}`" if archive.where else "the archive"
