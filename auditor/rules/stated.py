"""What a release states of its files' digests, in signatures and lists such as SHA256SUMS, and what holds.

No rules here: `signatures.py` and `digests.py` say what is wrong with it.
"""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Place, Span
from auditor.readers.document import Unreadable
from auditor.records import dataclass
from auditor.rules.content import SKIPPED, blocks, is_pointer, sha256
from auditor.rules.paths import escapes, resolved, whole_file
from auditor.rules.registry import needed, provides

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.checksums import Checksums, Entry
    from auditor.signing.signature import Signature
    from auditor.signing.statement import Unsupported

    Statements = dict[str, Signature | Unsupported | Unreadable]

SIGNATURE = "model.sig"
SIGNATURE_ENDINGS = (".sig", ".sigstore", ".sigstore.json")
MAX_SIGNATURE_BYTES = 32 * 2**20  # 100,000 files, the most a bundle has, of 330 bytes in base64
MAX_SIGNATURES = 8  # each may ask for other digests of every file; nobody has been seen to ship three
# Signatures of other kinds: OpenPGP armoured and packed (RFC 9580, 4.2), ssh-keygen, minisign.
_OTHER_KINDS = (b"-----BEGIN ", b"untrusted comment:", b"\x88", b"\x89", b"\x8a", b"\xc2")
# What a list of digests has in its name, so that the reader is loaded only where there may be one.
_LIST_WORDS = ("sum", "md5", "sha", "b2")


@provides("signature files")
def signature_files(bundle: Bundle) -> Statements | Absent:
    """What each signature of the model says, by its file; those of single files are left out."""
    found: Statements = {}
    for file in bundle.files:
        path = file.path
        if "/" in path or not (file.is_regular and path.endswith(SIGNATURE_ENDINGS)):
            continue
        read = _signature(bundle, path) if len(found) < MAX_SIGNATURES else None
        if read is not None:
            found[path] = read
    return found or Absent(f"the bundle is not signed: it has no {SIGNATURE}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of digests: its file, what it states of which file, and the lines that state nothing.

    Attributes:
        entries: each with the path of the file that it means; None for the list itself and what lies outside.
        outside: those of the entries that lead out of the bundle.
    """

    file: str
    entries: tuple[tuple[Entry, str | None], ...]
    outside: tuple[Entry, ...]
    malformed: tuple[Span, ...]


@provides("checksums")
def checksums(bundle: Bundle) -> tuple[Listed, ...] | Absent | Unread:
    """Every list of digests that is one by its name and its lines."""
    found: list[Checksums] = []
    unread = ""
    for file in bundle.files:
        if file.is_regular and is_list(file.path):
            from auditor.readers.checksums import MAX_BYTES, read_checksums

            try:
                found.append(read_checksums(file.path, bundle.read_bytes(file.path, MAX_BYTES)))
            except Unreadable as error:
                unread = unread or f"{file.path} could not be read: {error.what}"
    kept = tuple(_listed(bundle, one) for one in found if one.entries or one.malformed)
    if unread and not kept:
        return Unread(unread)
    return kept or Absent("the bundle has no list of digests such as SHA256SUMS")


@provides("stated digests")
def stated_digests(bundle: Bundle) -> dict[str, list[tuple[str, Place]]]:
    """For each file that anything states a sha256 of: the digests, and where they stand."""
    stated: dict[str, list[tuple[str, Place]]] = {}
    for signature in readable(needed(bundle, "signature files")):
        for resource in signature.statement.resources:
            if resource.algorithm == "sha256" and resource.end is None:
                stated.setdefault(resource.path, []).append((resource.digest, whole_file(signature.file)))
    lists = needed(bundle, "checksums")
    for checksum_list in lists if isinstance(lists, tuple) else ():
        for entry, path in checksum_list.entries:
            if path is not None and entry.algorithms[0] == "sha256":
                place = Place(checksum_list.file, span=entry.span)
                stated.setdefault(path, []).append((entry.digest, place))
    return {path: stated[path] for path in sorted(stated) if bundle.has(path)}


def _listed(bundle: Bundle, found: Checksums) -> Listed:
    """The list with the files of the bundle that it means."""
    outside = tuple(
        entry for entry in found.entries if escapes(entry.name, found.file) and escapes(entry.name)
    )
    entries = tuple((entry, _listed_path(bundle, found.file, entry)) for entry in found.entries)
    return Listed(found.file, entries, outside, found.malformed)


def _listed_path(bundle: Bundle, file: str, entry: Entry) -> str | None:
    """The path of what a line of a list means; None where it means something outside, or the list itself.

    Names are relative to the list or, where nothing lies there, to the bundle; Windows writes backslashes.
    """
    if escapes(entry.name, file) and escapes(entry.name):
        return None
    tried = [name for name in (entry.name, entry.name.replace("\\", "/")) if "\0" not in name]
    paths = [resolved(name, beside) for beside in (file, "") for name in tried if not escapes(name, beside)]
    there = next((path for path in paths if bundle.file(path) is not None), paths[0] if paths else None)
    return None if there == file else there


def looked_at(path: str) -> bool:
    """Whether a bundle would list the path if the file were there: what git keeps is never looked at."""
    return ".git" not in path.split("/")


def differs(bundle: Bundle, path: str, digest: str, algorithms: tuple[str, ...]) -> str | None:
    """The file's true digest where it is not the stated one by any of the algorithms; None where it is.

    A Git LFS pointer is not the file and has no say; other rules tell of it.

    Raises:
        Unreadable: as `Bundle.opened`.
    """
    if is_pointer(bundle, path):
        return None
    first = digest_of(bundle, path, algorithms[0])
    if digest == first or any(digest == digest_of(bundle, path, other) for other in algorithms[1:]):
        return None
    return first


def digest_of(bundle: Bundle, path: str, algorithm: str, begin: int = 0, end: int | None = None) -> str:
    """The digest of a file, or of a stretch of it, in lower-case hexadecimal digits.

    Raises:
        Unreadable: as `Bundle.opened`.
    """
    if algorithm == "sha256" and begin == 0 and end is None:
        return sha256(bundle, path)
    if not bundle.content:
        raise Unreadable(SKIPPED, Span(path))
    name = f"{algorithm} of {path} {begin} {end}"  # a list may name a large file a thousand times
    if name not in bundle.memo:
        import hashlib

        digest = hashlib.new(algorithm, usedforsecurity=False)
        for block in blocks(bundle, path, begin, end):
            digest.update(block)
        bundle.memo[name] = digest.hexdigest()
    return str(bundle.memo[name])


def attests(path: str) -> bool:
    """Whether a file speaks about the model and may come after its signature (OMS, Multiple Attestations)."""
    name = basename(path).lower()
    return name.endswith(
        (*SIGNATURE_ENDINGS, ".intoto.jsonl", ".cdx.json", ".spdx.json", ".asc", ".minisig")
    ) or is_list(path)


def is_list(path: str) -> bool:
    """Whether a file is by its name a list of digests."""
    name = basename(path).lower()
    if not any(word in name for word in _LIST_WORDS):
        return False
    from auditor.readers import checksums

    return checksums.is_list(path)


def readable(files: object) -> list[Signature]:
    """Those of the signature files that could be read."""
    if not isinstance(files, dict):
        return []
    from auditor.signing.signature import Signature

    return [one for one in files.values() if isinstance(one, Signature)]


def _signature(bundle: Bundle, path: str) -> Signature | Unsupported | Unreadable | None:
    """The signature in a file, or why it could not be read; None where it is not one of the model."""
    from auditor.signing.signature import read
    from auditor.signing.statement import Unsupported

    try:
        raw = bundle.read_bytes(path, MAX_SIGNATURE_BYTES)
        if path != SIGNATURE and b'"dsseEnvelope"' not in raw:
            return None
        if raw.startswith(_OTHER_KINDS):
            return Unsupported("it is no Sigstore bundle but a signature of another kind")
        return read(path, raw)
    except Unreadable as error:
        return error
    except Unsupported as error:
        return error if path == SIGNATURE else None
