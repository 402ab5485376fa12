"""Applies the fixes of findings, in memory: round by round, each tried on the whole bundle before it is kept.

A fix is taken back where its file can no longer be read, where its fault is still found, or where an error
is found that was not there before. What is written to disk, and whether, is for the caller to say.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from auditor.bundle import Bundle
from auditor.engine import run
from auditor.engine.patch import Change, Text, offsets
from auditor.engine.run import MAX_FAULTS, CheckResult
from auditor.model import Finding, KeyPath
from auditor.readers.document import Document, Unreadable
from auditor.records import dataclass
from auditor.rules import load

__all__ = ["Look", "Mended", "Refused", "mend", "offsets"]

MAX_ROUNDS = 10  # fixes that overlap, or that others make possible, wait for the next round; ruff takes 100
# Whole checks for all rounds together. Fixes that break something are searched for by halves, which takes
# some 2 log2(n) checks for each; a file made to break a thousand of them must not keep the check busy.
MAX_TRIALS = 100

Look = Callable[[Bundle], CheckResult]
_Key = tuple[str, str, KeyPath]


@dataclass(frozen=True, slots=True)
class Refused:
    """A finding whose fix was taken back, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Mended:
    """What the fixes came to.

    Attributes:
        bundle: the bundle as it is with them.
        result: what is found in it then.
        before: the bytes of each file that they change, as it was read.
        after: its bytes with them.
        fixed: the findings that they mend, in the order in which they were mended.
        refused: those whose fix was tried and taken back.
    """

    bundle: Bundle
    result: CheckResult
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    fixed: tuple[Finding, ...]
    refused: tuple[Refused, ...]


def mend(bundle: Bundle, look: Look, *, unsafe: bool = False) -> Mended:
    """The bundle with the fixes of its findings applied; nothing is written.

    Args:
        bundle: what is mended.
        look: the check whose findings are mended; what it ignores stays as it is.
        unsafe: also apply fixes that may change what the release says.
    """
    mending = _Mending(bundle, look, unsafe=unsafe)
    for _ in range(MAX_ROUNDS):
        if not mending.round():
            break
    return mending.done()


@dataclass(frozen=True, slots=True)
class _Offer:
    """A finding with the changes that mend it."""

    finding: Finding
    changes: tuple[Change, ...]

    @property
    def key(self) -> tuple[_Key, str]:
        return _key(self.finding), self.finding.fix.title if self.finding.fix else ""


@dataclass(frozen=True, slots=True)
class _Trial:
    """The bundle with some changes, and what the check of the user and that of all errors find in it."""

    bundle: Bundle
    texts: Mapping[str, Text]
    result: CheckResult
    guarded: CheckResult


class _Mending:
    """The bundle between two rounds."""

    def __init__(self, bundle: Bundle, look: Look, *, unsafe: bool) -> None:
        self._look = look
        self._safeties = ("safe", "unsafe") if unsafe else ("safe",)
        self._before: dict[str, bytes] = {}
        self._fixed: list[Finding] = []
        self._refused: dict[tuple[_Key, str], Refused] = {}
        self._trials = 0
        result = look(bundle)
        self._guard = None if _sees_all_errors(result) else run.check
        guarded = result if self._guard is None else self._guard(bundle)
        self._now = _Trial(bundle, {}, result, guarded)

    def done(self) -> Mended:
        """What all rounds came to."""
        raw = {file: text.raw() for file, text in self._now.texts.items()}
        after = {file: raw[file] for file in sorted(raw) if raw[file] != self._before[file]}
        before = {file: self._before[file] for file in after}
        refused = tuple(self._refused.values())
        return Mended(self._now.bundle, self._now.result, before, after, tuple(self._fixed), refused)

    def round(self) -> bool:
        """Whether at least one fix was applied."""
        pending = [self._offers()]
        accepted: list[_Offer] = []
        best = self._now
        while pending and pending[-1]:
            group = pending.pop()
            trial = self._try([*accepted, *group])
            why = self._complaint(trial, [*accepted, *group])
            if not why:
                accepted += group
                best = trial
            elif len(group) == 1 or self._trials >= MAX_TRIALS:
                why = why if len(group) == 1 else "too many fixes had to be tried one by one"
                self._refused.update((offer.key, Refused(offer.finding, why)) for offer in group)
            else:
                middle = len(group) // 2
                pending += [group[middle:], group[:middle]]
        self._now = best
        self._fixed += [offer.finding for offer in accepted]
        return bool(accepted)

    def _offers(self) -> list[_Offer]:
        """The fixes that may be applied at once: none touches what another changes."""
        texts = dict(self._now.texts)
        found: list[_Offer] = []
        for finding in self._now.result.findings:
            if finding.fix is None or finding.fix.safety not in self._safeties:
                continue
            for edit in finding.fix.edits:
                text = self._text(edit.place.file, texts) if _can_be_written(edit.text) else None
                if text is not None:
                    texts[edit.place.file] = text
            offer = _Offer(finding, offsets(finding.fix, {file: text.text for file, text in texts.items()}))
            if offer.key not in self._refused and _does_something(offer.changes, texts):
                found.append(offer)
        self._now = _Trial(self._now.bundle, texts, self._now.result, self._now.guarded)
        return _apart(found)

    def _text(self, file: str, texts: Mapping[str, Text]) -> Text | None:
        """The file's text; None where it cannot be read, or is no longer what was checked."""
        if file in texts:
            return texts[file]
        try:
            raw = self._now.bundle.read_bytes(file)
            text = Text.of(file, raw)
        except Unreadable:
            return None
        document = self._now.bundle.document(file)
        if isinstance(document, Document) and document.source != text.text:
            return None
        self._before[file] = raw
        return text

    def _try(self, offers: Iterable[_Offer]) -> _Trial:
        self._trials += 1
        texts = dict(self._now.texts)
        for file, changes in _by_file(offers).items():
            texts[file] = texts[file].changed(changes)
        changed_files = {file: text.raw() for file, text in texts.items() if text != self._now.texts[file]}
        bundle = self._now.bundle.with_contents(changed_files)
        result = self._look(bundle)
        return _Trial(bundle, texts, result, result if self._guard is None else self._guard(bundle))

    def _complaint(self, trial: _Trial, offers: list[_Offer]) -> str:
        """Why these fixes may not stand; empty where they may."""
        for file in _by_file(offers):
            was, now = self._now.bundle.document(file), trial.bundle.document(file)
            if isinstance(was, Document) and not isinstance(now, Document):
                return f"`{file}` could not be read any more"
        cut = _cut(self._now.guarded)  # what is not listed of these may come to light
        known = Counter(_key(finding) for finding in self._now.guarded.findings if finding.level == "error")
        for finding in trial.guarded.findings:
            if finding.level == "error" and finding.code not in cut:
                known[_key(finding)] -= 1
                if known[_key(finding)] < 0:
                    return f"it would bring {finding.code}: {finding.message}"
        cut = _cut(self._now.result)
        left = Counter(_key(finding) for finding in trial.result.findings)
        left.subtract(_key(finding) for finding in self._now.result.findings)
        left.update(_key(offer.finding) for offer in offers if offer.finding.code not in cut)
        stays = next((offer for offer in offers if left[_key(offer.finding)] > 0), None)
        return "" if stays is None else f"{stays.finding.code} would still be found"


def _sees_all_errors(result: CheckResult) -> bool:
    """Whether every rule that gives errors has run."""
    ran = {outcome.code for outcome in result.outcomes}
    return all(code in ran for code, rule in load().items() if rule.level == "error" and rule.needs)


def _cut(result: CheckResult) -> set[str]:
    """The rules that found more than is listed."""
    return {outcome.code for outcome in result.outcomes if outcome.count >= MAX_FAULTS}


def _key(finding: Finding) -> _Key:
    """What a finding is known by while the text around it moves."""
    return finding.code, finding.places[0].file, finding.places[0].path


def _can_be_written(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _does_something(changes: Iterable[Change], texts: Mapping[str, Text]) -> bool:
    return any(start < 0 or texts[file].text[start:end] != text for file, start, end, text in changes)


def _apart(offers: list[_Offer]) -> list[_Offer]:
    """In the order of their first changes, those that no earlier one touches."""
    taken: dict[str, list[tuple[int, int]]] = {}
    chosen: list[_Offer] = []
    for offer in sorted(offers, key=lambda offer: (offer.changes, offer.finding.order())):
        if all(_is_free(change, taken.get(change.file, [])) for change in offer.changes):
            chosen.append(offer)
            for change in offer.changes:
                held = taken.setdefault(change.file, [])
                held.insert(bisect(held, (change.start, change.end)), (change.start, change.end))
    return chosen


def _is_free(change: Change, taken: list[tuple[int, int]]) -> bool:
    """Whether a change touches none of these, which do not touch each other and are in order."""
    at = bisect(taken, (change.start, change.end))
    before, after = taken[at - 1 : at], taken[at : at + 1]
    return not any(
        start == change.start or (start < change.end and change.start < end) for start, end in before + after
    )


def _by_file(offers: Iterable[_Offer]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for offer in offers:
        for change in offer.changes:
            found.setdefault(change.file, []).append(change)
    return found
