r"""Lists of digests as `sha256sum` and its siblings write and check them (coreutils 9.4, src/cksum.c).

Forms: `DIGEST  NAME`, `DIGEST *NAME` (a mark of Windows), `ALGORITHM (NAME) = DIGEST` (BSD, openssl), and a
file named after another that holds its digest alone. A backslash at the start of a line says that `\\`, `\n`
and `\r` in the name are escaped.
"""

from __future__ import annotations

import re
from posixpath import basename

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.text import decode, split_lines
from auditor.records import dataclass

MAX_BYTES = 32 * 2**20  # 100,000 files, the most a bundle has, of 330 bytes a line
MAX_ENTRIES = 200_000  # twice the files of the largest bundle
MAX_NAME = 4096  # bytes of a path on Linux (limits.h, PATH_MAX)
# Hexadecimal digits of a digest, and the algorithms whose digests have as many; the usual one first.
ALGORITHMS = {
    32: ("md5",),
    40: ("sha1",),
    56: ("sha224",),
    64: ("sha256", "sha3_256", "blake2s"),
    96: ("sha384", "sha3_384"),
    128: ("sha512", "sha3_512", "blake2b"),
}
_NAMED = {  # as they are written in names of lists and in lines of the BSD form, lower case, without - and _
    "md5": "md5",
    "sha1": "sha1",
    "sha224": "sha224",
    "sha256": "sha256",
    "sha2256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "sha2512": "sha512",
    "sha3256": "sha3_256",
    "sha3512": "sha3_512",
    "b2": "blake2b",
    "blake2": "blake2b",
    "blake2b": "blake2b",
    "blake2b512": "blake2b",
}
_LIST = re.compile(  # SHA256SUMS, sha256sum.txt, manifest-sha256.txt (RFC 8493), MANIFEST.sha256, x.bin.md5
    r"(?P<sums>md5|sha-?1|sha-?224|sha-?256|sha-?384|sha-?512|b2)(?:_?sums?|_?checksums?)?(?:\.txt)?"
    r"|(?:tag)?manifest-(?P<bag>md5|sha1|sha256|sha512)\.txt"
    r"|.+\.(?P<after>md5|sha1|sha224|sha256|sha384|sha512)(?:sums?)?(?:\.txt)?"
    r"|checksums?(?:\.txt)?",
    re.IGNORECASE,
)
_GNU = re.compile(r"(?P<escaped>\\?)(?P<digest>[0-9A-Fa-f]{32,128})[ \t][ \t*]?(?P<name>.+)")
_BSD = re.compile(
    r"(?P<escaped>\\?)(?P<named>[A-Za-z][A-Za-z0-9-]{1,15}) ?"
    r"\((?P<name>.+)\) ?= ?(?P<digest>[0-9A-Fa-f]{32,128})"
)
_ALONE = re.compile(r"([0-9A-Fa-f]{32,128})[ \t]?")
_MEANT = re.compile(r"\\?[0-9A-Fa-f]{24}|[A-Za-z0-9-]{2,16} ?\(.*\) ?=")  # how a line with a digest begins
_CLEARSIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line states of a file: its digest in lower case, by one of these algorithms."""

    name: str
    digest: str
    algorithms: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Checksums:
    """A list of digests; `malformed` are the lines that should state one and do not."""

    file: str
    entries: tuple[Entry, ...]
    malformed: tuple[Span, ...]


def is_list(path: str) -> bool:
    """Whether a file is by its name a list of digests."""
    return _LIST.fullmatch(basename(path)) is not None


def read_checksums(file: str, raw: bytes) -> Checksums:
    """The list in a file that is one by its name; without entries where it turns out to be something else.

    Raises:
        Unreadable: it is not UTF-8, or too long.
    """
    stated = _stated(file)
    entries: list[Entry] = []
    malformed: list[Span] = []
    lines = split_lines(decode(file, raw))
    begin, end = _signed_part(lines)
    for number, line in enumerate(lines[begin:end], begin + 1):
        text = line.removeprefix("- ") if begin else line
        if not text.strip() or text.startswith(("#", ";")):
            continue
        span = Span(file, number, 1, number, len(line) + 1)
        entry = _entry(file, text, span, stated)
        if entry is not None:
            if len(entries) == MAX_ENTRIES:
                raise Unreadable(f"the list has more than {MAX_ENTRIES:,} lines", span)
            entries.append(entry)
        elif stated or _MEANT.match(text):
            malformed.append(span)
    if len(malformed) > len(entries):  # prose, or another format under such a name
        return Checksums(file, (), ())
    return Checksums(file, tuple(entries), tuple(malformed))


def _entry(file: str, text: str, span: Span, stated: str) -> Entry | None:
    """What one line states, None where it states nothing that can be understood."""
    alone = _ALONE.fullmatch(text)
    if alone:
        of = re.fullmatch(r"(.+)\.(?:md5|sha\d{1,3})(?:sums?)?(?:\.txt)?", basename(file), re.IGNORECASE)
        return _made(of[1], alone[1], stated, span) if of else None
    match = _BSD.fullmatch(text.rstrip()) or _GNU.fullmatch(text)
    if match is None or len(match["name"]) > MAX_NAME:
        return None
    name = match["name"]
    if match["escaped"]:
        name = re.sub(r"\\[\\nr]", lambda found: _ESCAPES[found[0]], name)
    named = match.groupdict().get("named")
    if named is not None:
        stated = _NAMED.get(named.lower().replace("-", ""), "")
        if not stated:
            return None
    return _made(name, match["digest"], stated, span)


def _made(name: str, digest: str, stated: str, span: Span) -> Entry | None:
    """The entry, None where no algorithm, or not the stated one, gives digests of this length."""
    possible = ALGORITHMS.get(len(digest), ())
    if stated and stated not in possible:
        return None
    return Entry(name, digest.lower(), (stated,) if stated else possible, span) if possible else None


def _stated(file: str) -> str:
    """The algorithm that the name of a list gives away, or empty."""
    match = _LIST.fullmatch(basename(file))
    found = next((word for word in match.groups() if word), "") if match else ""
    return _NAMED.get(found.lower().replace("-", ""), "")


def _signed_part(lines: list[str]) -> tuple[int, int]:
    """From and up to which line the text lies that an OpenPGP signature encloses (RFC 9580, section 7)."""
    if not lines or lines[0].strip() != _CLEARSIGNED:
        return 0, len(lines)
    begin = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    end = next((n for n, line in enumerate(lines) if line.startswith("-----BEGIN PGP SIGNATURE")), len(lines))
    return begin, max(begin, end)
