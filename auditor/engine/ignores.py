"""Which findings do not count, on whose word, and which of these words have lost their ground.

A comment goes before an entry of the settings, an entry before `per-file`, that before what the release
leaves out, and all of them before the baseline. Findings of rules about the check itself always count.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from typing import Literal

from auditor.bundle import Bundle
from auditor.engine.globs import Globs
from auditor.engine.settings import Entry, PerFile, Settings
from auditor.model import Fault, Finding, Ignored, Place, Rule, Span
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.ignoring import IgnoreComment
from auditor.rules.naming import meant
from auditor.rules.registry import needed
from auditor.rules.wording import dotted

EXPIRED, UNUSED = "META005", "META006"


@dataclass(slots=True)
class _Word:
    """A comment or an entry, while findings are held against it."""

    how: Literal["comment", "entry"]
    codes: tuple[str, ...]
    until: str
    reason: str
    place: Place
    by: Span
    ended: bool  # its last day has passed
    of_release: bool  # an entry of the checker's own is for many bundles, and may find nothing in one
    entry: Entry | None = None
    used: set[str] = field(default_factory=set)  # codes of which it ignored a finding

    def ignores(self, finding: Finding) -> Ignored:
        self.used.add(finding.code)
        return Ignored(finding, self.how, self.reason, self.until, self.by)


class Ignores:
    """All words of one check by which findings do not count, the baseline apart.

    Args:
        bundle: whose comments are heard, if the settings say so.
        settings: whose entries and patterns are.
        rules: all rules by code.
        today: the day of the check as `2026-12-31`; empty for one on which none has ended.
    """

    def __init__(self, bundle: Bundle, settings: Settings, rules: Mapping[str, Rule], today: str) -> None:
        comments = needed(bundle, "comments") if settings.comments else ()
        self._bundle = bundle
        self._words: list[_Word] = []
        self._comments: dict[tuple[str, str], list[tuple[int, _Word]]] = {}  # of a code in a file, by line
        self._entries: dict[str, list[_Word]] = {}
        self._left_out = settings.left_out
        self._globs = Globs()
        self._fitting: tuple[str, dict[str, bool]] = ("", {})  # a file, and whether it fits which glob
        self._per_file = [(each, _codes(rules, each.words)) for each in settings.per_file]
        self._in_file: dict[str, dict[str, PerFile]] = {}  # of a file: what does not count in it, by code
        for comment in comments if isinstance(comments, tuple) else ():
            self._hear_comment(comment, today)
        for lines in self._comments.values():
            lines.sort(key=_line)
        for entry in settings.ignores:
            self._hear_entry(entry, today)

    def of(self, finding: Finding) -> Ignored | None:
        """The word by which the finding does not count, or None."""
        if finding.code.startswith("META"):
            return None
        for span in finding.spans:
            lines = self._comments.get((finding.code, span.file), [])
            for index in range(bisect_left(lines, span.line, key=_line), len(lines)):
                line, word = lines[index]
                if line > max(span.line, span.end_line):
                    break
                if not word.ended:
                    return word.ignores(finding)
        for word in self._entries.get(finding.code, ()):
            if not word.ended and word.entry is not None and self._covers(word.entry, finding):
                return word.ignores(finding)
        pattern = self._patterns(finding.spans[0].file).get(finding.code)
        if pattern is not None:
            return Ignored(finding, "per-file", f"`per-file` of `{pattern.glob}`", "", pattern.by)
        if self._left_out is not None and finding.code in self._left_out.codes:
            return Ignored(finding, "release", self._left_out.reason, "", self._left_out.by)
        return None

    @property
    def is_worn_out(self) -> bool:
        """Whether the globs of the settings took so long that the last of them were not held against all."""
        return self._globs.left < 0

    def faults(self, judged: Collection[str]) -> Iterator[tuple[str, Fault]]:
        """What is to be said of the words after all findings were held against them, with the rule's code.

        Args:
            judged: codes of the rules that looked and listed all they found.
        """
        for word in self._words:
            named = ", ".join(f"`{code}`" for code in word.codes)
            if word.ended:
                message = f"the ignore of {named} ended on {word.until}"
                if not word.of_release:
                    message += f" ({word.by.file}:{word.by.line})"
                help_ = "mend what it ignored, or set a later day and say why"
                yield EXPIRED, word.place.says(message, help=help_)
            elif word.of_release:
                for code in word.codes:
                    if code in judged and code not in word.used:
                        take = f"take `{code}` out of it" if len(word.codes) > 1 else "take it away"
                        message = f"this ignores `{code}`, which finds nothing {self._where(word)}"
                        yield UNUSED, word.place.says(message, help=take)

    def _where(self, word: _Word) -> str:
        file = word.entry.file if word.entry else ""
        is_glob = "*" in file or "?" in file
        lost = file not in ("", ".") and not is_glob and self._bundle.file(file) is None
        return f"in `{shown(file)}`: the bundle has no such file" if lost else "here"

    def _hear_comment(self, comment: IgnoreComment, today: str) -> None:
        place, ended = comment.place, bool(comment.until) and comment.until < today
        by = place.span or Span(place.file)
        word = _Word(
            "comment", comment.codes, comment.until, comment.reason, place, by, ended, of_release=True
        )
        self._words.append(word)
        for code in comment.codes:
            at = self._comments.setdefault((code, place.file), [])
            at.extend((line, word) for line in comment.lines)

    def _hear_entry(self, entry: Entry, today: str) -> None:
        ended = bool(entry.until) and entry.until < today
        # What stands outside of the bundle is said of the bundle as a whole.
        place = Place(entry.by.file, span=entry.by) if entry.of_release else Place(".", span=Span("."))
        word = _Word(
            "entry", (entry.rule,), entry.until, entry.reason, place, entry.by, ended, entry.of_release, entry
        )
        self._words.append(word)
        self._entries.setdefault(entry.rule, []).append(word)

    def _patterns(self, file: str) -> dict[str, PerFile]:
        if file not in self._in_file:
            found: dict[str, PerFile] = {}
            for pattern, codes in self._per_file:
                if self._globs.fit(pattern.glob, file):
                    found = dict.fromkeys(codes, pattern) | found
            self._in_file[file] = found
        return self._in_file[file]

    def _covers(self, entry: Entry, finding: Finding) -> bool:
        """Whether the entry speaks of a place of the finding: of its file, and of its key or one above it."""
        for place, span in zip(finding.places, finding.spans, strict=True):
            if not self._fits(entry.file, span.file):
                continue
            path = dotted(place.path)
            if not entry.path or path == entry.path or path.startswith((f"{entry.path}.", f"{entry.path}[")):
                return True
        return False

    def _fits(self, glob: str, file: str) -> bool:
        """Whether the glob means the file; findings come sorted by file, so that one file is remembered."""
        if self._fitting[0] != file:
            self._fitting = (file, {})
        known = self._fitting[1]
        if glob not in known:
            known[glob] = self._globs.fit(glob, file)
        return known[glob]


def _line(at: tuple[int, _Word]) -> int:
    return at[0]


def _codes(rules: Mapping[str, Rule], words: tuple[str, ...]) -> set[str]:
    return {code for word in words for code in meant(rules, word)}
