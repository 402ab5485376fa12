"""What is wrong with settings beyond their schema: words that mean no rule, ignores that are refused.

Asked of the table `check` in fmaudit.yaml and of `[tool.fmaudit]` alike; `base` is the path to the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, KeyPath, Place, Rule
from auditor.readers.document import Document, Unreadable
from auditor.readers.text import decode, shown
from auditor.rules.ignoring import is_date, single_rule
from auditor.rules.naming import meant, similar
from auditor.rules.registry import RULE_SETS, registered

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.formats.baseline import Known

RULE_WORDS = ("select", "ignore")


def unknown_words(document: Document, base: KeyPath) -> Iterator[Fault]:
    """A fault for each word that should mean rules and means none."""
    for path, word in words(document, base):
        if not meant(registered(), word):
            message = f"`{shown(word)}` is no rule or family"
            yield document.at(*path).says(message, help=similar(registered(), word))
    for path, entry in document.items(*base, "ignores"):
        word = document.get(*path, "rule")
        if isinstance(entry, dict) and isinstance(word, str) and word:
            judged = single_rule(registered(), word, document.at(*path, "rule"))
            if not isinstance(judged, Rule) and judged[0] == "unknown":
                yield judged[1]


def refused_entries(document: Document, base: KeyPath) -> Iterator[Fault]:
    """A fault for each entry of `ignores` that names no single rule, gives no reason or no real date."""
    for path, entry in document.items(*base, "ignores"):
        if not isinstance(entry, dict):
            continue
        word, reason, until = (entry.get(name) for name in ("rule", "reason", "until"))
        if isinstance(word, str) and word:
            judged = single_rule(registered(), word, document.at(*path, "rule"))
            if not isinstance(judged, Rule) and judged[0] == "refused":
                yield judged[1]
        if isinstance(reason, str) and reason and not reason.strip():
            yield document.at(*path, "reason").says("`reason` is blank", help="say why")
        if isinstance(until, str) and until[:1].isdigit() and not is_date(until):
            message = f"`until` is `{shown(until)}`, which is no day of the calendar"
            yield document.at(*path, "until").says(message, help="write a date such as `2026-12-31`")


def unknown_rule_set(document: Document, base: KeyPath) -> Iterator[Fault]:
    """A fault where the pinned rule set is not one of ours."""
    pinned = document.get(*base, "rules")
    if isinstance(pinned, str) and pinned[:1].isdigit() and pinned not in RULE_SETS:
        known = " or ".join(f"`{name}`" for name in RULE_SETS)
        message = f"`rules` is `{shown(pinned)}`, expected {known}"
        help_ = "a newer fmaudit may know it" if pinned > RULE_SETS[-1] else ""
        yield document.at(*base, "rules").says(message, help=help_)


def silenced(document: Document, base: KeyPath) -> Iterator[Fault]:
    """A fault for each word by which a release leaves out rules about the check itself."""
    for path, word in words(document, base):
        if path[len(base)] == "select" or word.upper() == "ALL":
            continue
        if any(registered()[code].family == "META" for code in meant(registered(), word)):
            message = f"`{shown(word)}` is about the check itself, and a release cannot leave that out"
            yield document.at(*path).says(message, help="whoever runs the check can: `--ignore META`")


def deaf_patterns(document: Document, base: KeyPath) -> Iterator[Fault]:
    """A fault for each word of `per-file` that means but rules about the check itself, which always count."""
    for path, word in words(document, base):
        codes = meant(registered(), word) if path[len(base)] == "per-file" else ()
        if codes and all(registered()[code].family == "META" for code in codes):
            message = f"`{shown(word)}` is about the check itself, and `per-file` does not reach it"
            yield document.at(*path).says(message, help="`ignore` leaves it out everywhere")


def lost_baseline(bundle: Bundle, document: Document, base: KeyPath) -> Iterator[Fault]:
    """A fault where the release names a baseline that is not there, or that is none."""
    file = document.get(*base, "baseline")
    if not isinstance(file, str) or not file:
        return
    place = document.at(*base, "baseline")
    if not bundle.has(file):
        yield place.says(f"the bundle has no file `{shown(file)}`", help="give its path inside the bundle")
        return
    known = released_baseline(bundle, file)
    if isinstance(known, Unreadable):
        message = f"the baseline cannot be read: {known.what}"
        yield Place(file, span=known.span).says(message, place.labelled("named here"), help=known.help)


def released_baseline(bundle: Bundle, file: str) -> tuple[Known, ...] | Unreadable:
    """The findings that a file of the bundle lists as known, or why it is no baseline; read once."""
    from auditor.formats.baseline import read_baseline

    name = f"baseline {file}"
    if name not in bundle.memo:
        try:
            bundle.memo[name] = read_baseline(file, decode(file, bundle.read_bytes(file)))
        except Unreadable as error:
            bundle.memo[name] = error
    known = bundle.memo[name]
    assert isinstance(known, tuple | Unreadable)
    return known


def words(document: Document, base: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Each word of `select`, `ignore` and `per-file` with its path."""
    lists: list[KeyPath] = [(*base, name) for name in RULE_WORDS]
    lists += [(*base, "per-file", glob) for glob in document.mapping(*base, "per-file")]
    for each in lists:
        yield from ((path, word) for path, word in document.items(*each) if isinstance(word, str) and word)
