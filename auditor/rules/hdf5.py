"""HDF5 files, also those in a Keras archive: whether they are whole, and which other files they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.model import Fault
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.readers.window import Window
from auditor.rules.formats import Taken, ended, leave, of_kind, refuse_others, take_one, taken_of
from auditor.rules.paths import escapes, is_url
from auditor.rules.registry import provides, rule
from auditor.rules.zips import looked_into

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.hdf5 import Elsewhere, Hdf5File
    from auditor.rules.zips import Zipped

    Hdf5s = Taken[Hdf5File]

_WEIGHTS = ".h5"  # of members of a Keras archive


@provides("hdf5")
def hdf5_files(bundle: Bundle) -> Hdf5s | Absent:
    """What every HDF5 file says of itself, also one that stands behind a block of the user's."""
    taken: Hdf5s = Taken()
    for path in of_kind(bundle, "hdf5", ".h5", ".hdf5"):
        take_one(bundle, path, _read, taken)
    for zipped in taken_of(bundle, "zips").read:
        if zipped.is_keras:
            _take_members(bundle, zipped, taken)
    taken.left += [file.gaps[0] for file in taken.read if file.gaps]
    return ended(taken, "HDF5 files")


@rule("WGT341", level="error", needs="hdf5", klass="impossible", since="2026.2")
def hdf5_truncated(files: Hdf5s) -> Iterator[Fault]:
    r"""An HDF5 file is shorter than it says it is.

    Why: The download or copy broke off; the library refuses the file.
    Bad:
        # model.h5, as bytes
        b"\x89HDF\r\n\x1a\n\2\x08\x08\0" b"\0\0\0\0\0\0\0\0" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\0\0\1\0\0\0\0\0" b"\x30\0\0\0\0\0\0\0" b"\x67\xc8\xc8\x6e"
        b"OHDR\2\0\x1c" b"\x02\x12\0\0" b"\0\0"
        b"\xff\xff\xff\xff\xff\xff\xff\xff" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x0a\2\0\0" b"\0\0" b"\xbd\x94\x06\x14"
    Good:
        # model.h5, as bytes
        b"\x89HDF\r\n\x1a\n\2\x08\x08\0" b"\0\0\0\0\0\0\0\0" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x57\0\0\0\0\0\0\0" b"\x30\0\0\0\0\0\0\0" b"\x42\x1f\x0a\x6e"
        b"OHDR\2\0\x1c" b"\x02\x12\0\0" b"\0\0"
        b"\xff\xff\xff\xff\xff\xff\xff\xff" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x0a\2\0\0" b"\0\0" b"\xbd\x94\x06\x14"
    Fix: Copy or download the file again and compare digests.
    Source: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html (superblock)
    """
    for file in files:
        missing = file.end - file.size_bytes
        if missing > 0:
            yield file.at().says(
                f"{_in(file)}the file says that it has {file.end:,} bytes, and has {file.size_bytes:,}: "
                f"{missing:,} are missing"
            )


@rule("SEC425", level="error", needs="hdf5", since="2026.2")
def hdf5_leads_out(files: Hdf5s) -> Iterator[Fault]:
    r"""An HDF5 file takes data from a file outside of the bundle.

    Why: Whoever loads the weights reads that file of theirs into them.
    Bad:
        # model.h5, as bytes
        b"\x89HDF\r\n\x1a\n\2\x08\x08\0" b"\0\0\0\0\0\0\0\0" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x72\0\0\0\0\0\0\0" b"\x30\0\0\0\0\0\0\0" b"\x1a\xaf\xb1\x9a"
        b"OHDR\2\0\x37" b"\x02\x12\0\0" b"\0\0"
        b"\xff\xff\xff\xff\xff\xff\xff\xff" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x0a\2\0\0" b"\0\0" b"\x06\x17\0\0" b"\1\x08\x40\1w" b"\x10\0" b"\0../../secret\0/\0"
        b"\xba\xcf\xef\x25"
    Good:
        # model.h5, as bytes
        b"\x89HDF\r\n\x1a\n\2\x08\x08\0" b"\0\0\0\0\0\0\0\0" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x57\0\0\0\0\0\0\0" b"\x30\0\0\0\0\0\0\0" b"\x42\x1f\x0a\x6e"
        b"OHDR\2\0\x1c" b"\x02\x12\0\0" b"\0\0"
        b"\xff\xff\xff\xff\xff\xff\xff\xff" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x0a\2\0\0" b"\0\0" b"\xbd\x94\x06\x14"
    Fix: Copy the data into the file: `h5repack`, or h5py with `expand_external=True`.
    Source: https://docs.h5py.org/en/stable/high/group.html#external-links
    """
    for file in files:
        for other in file.elsewhere:
            if _leads_out(other, file):
                yield file.at(other.owner).says(f"{_told(other, file)}, out of the bundle")


@rule("SEC426", level="warning", needs="hdf5", since="2026.2")
def hdf5_names_another_file(files: Hdf5s) -> Iterator[Fault]:
    r"""An HDF5 file takes data from another file.

    Why: The weights are not all in the file that one checks, signs and loads; Keras refuses such files.
    Bad:
        # model.h5, as bytes
        b"\x89HDF\r\n\x1a\n\2\x08\x08\0" b"\0\0\0\0\0\0\0\0" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x72\0\0\0\0\0\0\0" b"\x30\0\0\0\0\0\0\0" b"\x1a\xaf\xb1\x9a"
        b"OHDR\2\0\x37" b"\x02\x12\0\0" b"\0\0"
        b"\xff\xff\xff\xff\xff\xff\xff\xff" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x0a\2\0\0" b"\0\0" b"\x06\x17\0\0" b"\1\x08\x40\1w" b"\x10\0" b"\0weights_2.h5\0/\0"
        b"\xa2\x5a\x44\xa9"
    Good:
        # model.h5, as bytes
        b"\x89HDF\r\n\x1a\n\2\x08\x08\0" b"\0\0\0\0\0\0\0\0" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x57\0\0\0\0\0\0\0" b"\x30\0\0\0\0\0\0\0" b"\x42\x1f\x0a\x6e"
        b"OHDR\2\0\x1c" b"\x02\x12\0\0" b"\0\0"
        b"\xff\xff\xff\xff\xff\xff\xff\xff" b"\xff\xff\xff\xff\xff\xff\xff\xff"
        b"\x0a\2\0\0" b"\0\0" b"\xbd\x94\x06\x14"
    Fix: Copy the data into the file: `h5repack`, or h5py with `expand_external=True`.
    """
    for file in files:
        for other in file.elsewhere:
            if not _leads_out(other, file):
                yield file.at(other.owner).says(_told(other, file))


def _read(window: Window) -> Hdf5File:
    from auditor.readers.hdf5 import find_signature, read_hdf5

    if find_signature(window) is None:
        refuse_others(window)
    return read_hdf5(window)


def _take_members(bundle: Bundle, zipped: Zipped, taken: Hdf5s) -> None:
    """The weights in a Keras archive are among those read."""
    from auditor.readers.hdf5 import read_hdf5

    for member in zipped.archive.members:
        if member.name.endswith(_WEIGHTS):
            try:
                with bundle.opened(zipped.file) as stream:
                    found = read_hdf5(looked_into(zipped.file, stream, member))
            except Unreadable as error:
                leave(bundle, taken, error, f"`{shown(member.name)}` in it")
            else:
                found.member = member.name
                taken.read.append(found)


def _leads_out(other: Elsewhere, file: Hdf5File) -> bool:
    return is_url(other.path) or escapes(other.path, file.file)


def _told(other: Elsewhere, file: Hdf5File) -> str:
    how = {"link": "leads to", "storage": "keeps its data in"}.get(other.kind, "takes its data from")
    return f"{_in(file)}`{shown(other.owner)}` {how} `{shown(other.path)}`"


def _in(file: Hdf5File) -> str:
    return f"in `{shown(file.member)}`: " if file.member else ""
