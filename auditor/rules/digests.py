"""Lists of digests such as SHA256SUMS, held against the files they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, Place
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.rules.registry import rule
from auditor.rules.stated import differs, looked_at

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.checksums import Entry
    from auditor.rules.stated import Listed

WEAK = ("md5", "sha1")


@rule("SEC311", level="error", needs=("checksums", "bundle"), klass="inconsistent", since="2026.2")
def checksum_differs(lists: tuple[Listed, ...], bundle: Bundle) -> Iterator[Fault]:
    """A file's digest is not the one that a list such as SHA256SUMS states.

    Why: The file was changed, cut short or exchanged after the list was written. Whoever follows the list
        throws the release away, and whoever does not cannot tell an accident from an attack.
    Bad:
        # SHA256SUMS, whole file
        7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90  model.safetensors
    Good:
        # notes.txt, whole file
        hello
        # SHA256SUMS, whole file
        5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  notes.txt
    Fix: Find out which of the two is right, then write the list anew: `sha256sum FILE... > SHA256SUMS`.
    Source: https://www.gnu.org/software/coreutils/manual/html_node/cksum-common-options.html
    """
    error: Unreadable | None = None
    for one, entry, path in _entries(lists):
        if bundle.file(path) is None:
            continue  # SEC312 tells
        try:
            actual = differs(bundle, path, entry.digest, entry.algorithms)
        except Unreadable as unreadable:
            error = error or unreadable
            continue
        if actual is not None:
            yield _at(one, entry).says(
                f"the {_called(entry)} of `{shown(path)}` is {actual[:12]}…, "
                f"the list says {entry.digest[:12]}…"
            )
    if error is not None:
        raise error


@rule("SEC312", level="warning", needs=("checksums", "bundle"), since="2026.2")
def checksummed_file_missing(lists: tuple[Listed, ...], bundle: Bundle) -> Iterator[Fault]:
    """A list such as SHA256SUMS states the digest of a file that is not there.

    Why: Either the file was forgotten, or the list is of another version of the release.
    Bad:
        # SHA256SUMS, whole file
        7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90  model-00002-of-00002.safetensors
    Good:
        # notes.txt, whole file
        hello
        # SHA256SUMS, whole file
        5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  notes.txt
    Fix: Ship the file, or write the list anew over what is shipped.
    """
    for one, entry, path in _entries(lists):
        if bundle.file(path) is None and looked_at(path):
            yield _at(one, entry).says(f"`{shown(path)}` is not in the bundle")


@rule("SEC313", level="warning", needs="checksums", since="2026.2")
def checksum_malformed(lists: tuple[Listed, ...]) -> Iterator[Fault]:
    """A line of a list such as SHA256SUMS states no digest.

    Why: A digest that lost a digit, or a message of the tool among its output, is passed over by whoever
        checks the list, and the file it meant goes unchecked.
    Bad:
        # notes.txt, whole file
        hello
        # SHA256SUMS, whole file
        5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  notes.txt
        5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be  README.md
    Good:
        # notes.txt, whole file
        hello
        # SHA256SUMS, whole file
        # written by sha256sum
        5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 *notes.txt
    Fix: Write the list anew: `sha256sum FILE... > SHA256SUMS`.
    """
    for one in lists:
        for span in one.malformed:
            yield Place(one.file, span=span).says("a line that states no digest of a file")


@rule("SEC314", level="error", needs="checksums", since="2026.2")
def checksum_out_of_bundle(lists: tuple[Listed, ...]) -> Iterator[Fault]:
    """A list such as SHA256SUMS names a file outside the bundle.

    Why: On any other machine the path means nothing, or another file: `sha256sum -c` opens what it is told.
    Bad:
        # SHA256SUMS, whole file
        7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90  ../elsewhere/model.safetensors
    Good:
        # notes.txt, whole file
        hello
        # SHA256SUMS, whole file
        5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  ./notes.txt
    Fix: Write the list inside the folder, over names relative to it: `cd FOLDER && sha256sum *`.
    """
    for one in lists:
        for entry in one.outside:
            yield _at(one, entry).says(f"`{shown(entry.name)}` leads out of the bundle")


@rule("SEC315", level="warning", needs="checksums", since="2026.2")
def checksum_weak(lists: tuple[Listed, ...]) -> Iterator[Fault]:
    """A file's digest is stated by MD5 or SHA-1 alone.

    Why: Two files with the same MD5 are made in seconds, with the same SHA-1 for a few thousand dollars. The
        list finds accidents and no attacks.
    Bad:
        # notes.txt, whole file
        hello
        # MD5SUMS, whole file
        b1946ac92492d2347c6235b4d2611184  notes.txt
    Good:
        # notes.txt, whole file
        hello
        # SHA256SUMS, whole file
        5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  notes.txt
    Fix: State the sha256 as well.
    Source: NIST SP 800-131A revision 2, section 9; https://shattered.io
    """
    strong = {path for _, entry, path in _entries(lists) if entry.algorithms[0] not in WEAK}
    for one in lists:
        weak = [(entry, path) for entry, path in one.entries if path is not None and path not in strong]
        if weak:
            entry, path = weak[0]
            others = f" and {len(weak) - 1} more" if len(weak) > 1 else ""
            yield _at(one, entry).says(f"`{shown(path)}`{others}: only the {_called(entry)} is stated")


def _entries(lists: tuple[Listed, ...]) -> Iterator[tuple[Listed, Entry, str]]:
    """Each line that means a file of the bundle, with the file's path."""
    for one in lists:
        for entry, path in one.entries:
            if path is not None:
                yield one, entry, path


def _at(one: Listed, entry: Entry) -> Place:
    return Place(one.file, span=entry.span)


def _called(entry: Entry) -> str:
    return entry.algorithms[0].replace("_", "-")  # hashlib's `sha3_256` is SHA3-256 in its standard
