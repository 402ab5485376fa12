"""What ignores a finding: comments in the bundle's files, and what both they and the settings may say.

# fmaudit: ignore[MET214, CARD101] until 2026-12-31: the score is measured again in May
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from auditor.model import Fault, Place, Rule
from auditor.readers.document import Document, Unreadable
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.naming import meant, named, similar
from auditor.rules.registry import provides, registered

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.comments import Comment

COMMENTED = (".yaml", ".yml", ".md")  # endings of files that have comments we can read
# Of all files together. A release has a handful of such files; what lies beyond is not searched for comments.
MAX_FILES = 1_000
MAX_BYTES = 16 * 2**20
FORM = "ignore[CODE] until DATE: reason"

_MARK = re.compile(rb"(?:#|<!--)\s*+fmaudit:")  # a file without it holds no such comment and is not parsed
_FORM = re.compile(r"ignore\s*(?:\[([^\]]*)\])?\s*(?:until\s+([^\s:]+))?\s*(?::\s*(.*))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Complaint = tuple[Literal["unknown", "refused"], Fault]


@dataclass(frozen=True, slots=True)
class IgnoreComment:
    """A comment that ignores findings.

    Attributes:
        codes: rules whose findings do not count.
        lines: where they do not.
        until: last day on which that holds, or empty.
        reason: why.
        place: the comment.
        complaints: what of it is not heard, and why.
    """

    codes: tuple[str, ...]
    lines: tuple[int, ...]
    until: str
    reason: str
    place: Place
    complaints: tuple[Complaint, ...] = ()


@provides("comments")
def ignore_comments(bundle: Bundle) -> tuple[IgnoreComment, ...]:
    """Every comment for fmaudit in the bundle's YAML and Markdown files that can be read."""
    found: list[IgnoreComment] = []
    left = MAX_BYTES
    for file in [file for file in bundle.files if file.path.endswith(COMMENTED)][:MAX_FILES]:
        if not file.is_regular or file.size_bytes > left:
            continue
        try:
            raw = bundle.read_bytes(file.path, left)
        except Unreadable:
            continue
        left -= len(raw)
        document = bundle.document(file.path) if _MARK.search(raw) else None
        if isinstance(document, Document):
            from auditor.readers.comments import find_comments

            found += [_read(comment) for comment in find_comments(document)]
    return tuple(found)


def single_rule(rules: Mapping[str, Rule], word: str, place: Place) -> Rule | Complaint:
    """The rule that an ignore names, or why there is none."""
    rule = named(rules, word)
    if rule is None and (many := meant(rules, word)):
        message = f"`{shown(word)}` means {len(many)} rules, and an ignore names single ones"
        return "refused", place.says(message, help="name each rule by its code or name")
    if rule is None:
        return "unknown", place.says(f"`{shown(word)}` is no rule", help=similar(rules, word, families=False))
    if rule.family == "META":
        message = f"`{rule.code}` is about the check itself and cannot be ignored"
        return "refused", place.says(message, help="mend what it finds")
    return rule


def is_date(text: str) -> bool:
    """Whether the text is a day of the calendar, as `2026-12-31`."""
    from datetime import date

    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _read(comment: Comment) -> IgnoreComment:
    """What a comment says; the parts that cannot be heard are among its complaints."""
    place = Place(comment.span.file, span=comment.span)
    if comment.fault:
        return _refused(place, comment.fault, "")
    said = _FORM.fullmatch(comment.text)
    if said is None:
        return _refused(place, f"`{shown(comment.text)}` is not understood, expected `{FORM}`", "")
    words = [word.strip() for word in (said[1] or "").split(",") if word.strip()]
    until, reason = said[2] or "", (said[3] or "").strip()
    if not words:
        message = "this ignores everything, and only named rules can be ignored"
        return _refused(place, message, f"name them: `{FORM}`")
    if not reason:
        help_ = f"write it behind a colon: `{FORM}`"
        return _refused(place, "this ignores findings without a reason", help_)
    if until and not is_date(until):
        message = f"`{shown(until)}` is no date, expected one such as `2026-12-31`"
        return _refused(place, message, "")
    judged = [single_rule(registered(), word, place) for word in dict.fromkeys(words)]
    codes = tuple(dict.fromkeys(one.code for one in judged if isinstance(one, Rule)))
    complaints = tuple(one for one in judged if not isinstance(one, Rule))
    return IgnoreComment(codes, comment.lines, until, reason, place, complaints)


def _refused(place: Place, message: str, help_: str) -> IgnoreComment:
    return IgnoreComment((), (), "", "", place, (("refused", place.says(message, help=help_)),))


def complaints(comments: tuple[IgnoreComment, ...], kind: Literal["unknown", "refused"]) -> Iterator[Fault]:
    """The complaints of one kind, in order."""
    for comment in comments:
        yield from (fault for kind_of, fault in comment.complaints if kind_of == kind)
