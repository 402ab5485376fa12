"""What lies in the place of a file that was to be fetched: pointers of Git tools, pages, servers' errors."""

from __future__ import annotations

import re

from auditor.records import dataclass

MAX_POINTER_BYTES = 1024  # Git LFS: "less than 1024 bytes" (docs/spec.md); the others' are shorter
_AGAIN = "download the file again"


@dataclass(frozen=True, slots=True)
class StandIn:
    """Something that stands in for a file.

    Attributes:
        kind: what it is, with its article: "a Git LFS pointer".
        remedy: how the file itself is had.
        is_pointer: whether it names the file; else it is what a server gave instead.
    """

    kind: str
    remedy: str
    is_pointer: bool


_POINTERS = (  # by their first bytes
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer", "fetch it with `git lfs pull`"),
    (b"version https://hawser.github.com/spec/", "a Git LFS pointer", "fetch it with `git lfs pull`"),
    (b"/annex/objects/", "a git-annex pointer", "fetch it with `git annex get`"),
    (b"# xet version ", "a Xet pointer", "fetch it with `git xet checkout`"),
)
_ANNEX_LINK = re.compile(rb"(\.\./)*\.git/annex/objects/\S+\s*")  # copied by a tool that knows no links
# What servers answer instead of a file: pages, the XML of object stores, the Hub's words for a file that is
# not there or may not be had.
_PAGES = (
    (rb"(?is)\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b", "an HTML page"),
    (rb"(?s)\s*<\?xml\b.*?<Error>", "the error message of an object store"),
    (rb"\s*(Entry|Repository|Revision) not found|\s*Access to model \S+ is restricted", "a server's refusal"),
    (rb"\s*Invalid (username or password|rev id)|\s*(404|403|401):? [A-Z]", "a server's refusal"),
    (rb'\s*\{\s*"(error|message|detail)"\s*:\s*"', "a server's error message"),
)


def stand_in(start: bytes) -> StandIn | None:
    """What the first bytes of a file say that it is instead of the file; None where it may be the file."""
    for prefix, kind, remedy in _POINTERS:
        if start.startswith(prefix):
            return StandIn(kind, remedy, is_pointer=True)
    if _ANNEX_LINK.fullmatch(start):
        return StandIn("a link of git-annex as text", "fetch it with `git annex get`", is_pointer=True)
    start = start.removeprefix(b"\xef\xbb\xbf")
    if start[:64].lstrip()[:1].isalnum() or start[:64].lstrip()[:1] in (b"<", b"{"):
        for pattern, kind in _PAGES:
            if re.match(pattern, start):
                return StandIn(kind, _AGAIN, is_pointer=False)
    return None
