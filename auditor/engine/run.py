"""Runs the rules on a bundle: what each one found, and how each one ended.

Rules yield faults at symbolic places; positions are looked up here, and only for the faults that
were found. This is the one place that keeps a crash of one rule from ending the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import TracebackType

from auditor.bundle import Absent, Bundle, Unread
from auditor.engine.baseline import STALE
from auditor.engine.identity import identities
from auditor.engine.ignores import EXPIRED, UNUSED
from auditor.engine.order import order_of
from auditor.engine.settings import EVERYTHING, Settings
from auditor.engine.sift import sift, without
from auditor.formats.conformance import is_to_fill
from auditor.model import (
    LEVELS,
    Edit,
    Fault,
    Finding,
    Fix,
    Ignored,
    KeyPath,
    Level,
    Outcome,
    Place,
    Rule,
    Span,
    State,
)
from auditor.readers.document import Document, Unreadable
from auditor.records import dataclass
from auditor.rules import load
from auditor.rules.contents import read_ahead
from auditor.rules.registry import needed

CRASHED, CUT, UNREADABLE, LEFT_TO_FILL = "META001", "META002", "SCH001", "SCH003"
MISHEARD = ("META003", "META004", "META008")  # what was said of the check and does not hold
REPORTED = (CRASHED, CUT, EXPIRED, UNUSED, STALE)  # by the engine itself
MAX_FAULTS = 1_000  # listed of one rule; a hostile document could hold two million
MAX_TEXT = 2_000  # characters of one message, help, label or key


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check of one bundle found: findings sorted by place, outcomes in registry order.

    `findings` count; those that are ignored are in `ignored` alone. `remarks` are lines on what the settings
    did: which the reader of a report must know to judge it.
    """

    bundle: str
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    ignored: tuple[Ignored, ...] = ()
    settings: Settings = EVERYTHING
    remarks: tuple[str, ...] = ()


def check(
    bundle: Bundle, settings: Settings = EVERYTHING, *, today: str = "", isolate: bool = True
) -> CheckResult:
    """Every selected rule has looked at the bundle, or its outcome says why it could not.

    A rule that others wait for runs with them even where it was not selected, but is not reported.

    Args:
        bundle: what is checked.
        settings: which rules run, and what does not count.
        today: the day, as `2026-12-31`, on which ignores hold or have ended; empty if none has.
        isolate: turn a crash of a rule into finding META001; otherwise it is raised.

    Raises:
        UsageError: the settings leave no rule to run, or name a baseline that is none.
    """
    if today:
        bundle.memo["today"] = today  # what rules about dates need
    if (settings.select, settings.ignore) == (EVERYTHING.select, EVERYTHING.ignore):
        read_ahead(bundle)
    every = load()
    left_out = settings.left_out.codes if settings.left_out else frozenset()
    order = order_of(every, settings)
    rules, selected = order.rules, set(order.selected)
    got: dict[str, object] = {}
    outcomes: dict[str, Outcome] = {}
    findings: list[Finding] = []
    for rule in order.running:
        found, remarks, outcomes[rule.code] = _look(rule, rules, bundle, got, outcomes, isolate=isolate)
        if rule.code in selected:
            findings += found
            findings += remarks if rule.code in left_out else (_as_grave(one, rule) for one in remarks)
    # What keeps a selected rule from looking, or a setting from holding, is told even where it was not
    # selected, unless it was ignored.
    blocked = any(
        outcome.reason and UNREADABLE in outcome.reason and code in selected
        for code, outcome in outcomes.items()
    )
    for code in (*([UNREADABLE] if blocked else []), *MISHEARD):
        if code in order.left - selected:
            found, remarks, outcomes[code] = _look(rules[code], rules, bundle, got, outcomes, isolate=isolate)
            findings += found + remarks
            selected |= {code} if found or code == UNREADABLE else set()
    findings.sort(key=Finding.order)
    names = [""] * len(findings)
    if settings.baseline:
        names = identities(findings, sources(bundle, (finding.spans[0] for finding in findings)))
    sifted = sift(findings, names, bundle, settings, every, judgeable(outcomes.values()), today)
    reported = [_finding(rules[code], fault, bundle) for code, fault in sifted.faults if code in selected]
    counting = sorted([*sifted.counting, *reported], key=Finding.order)
    for code in REPORTED:
        count = sum(finding.code == code for finding in counting)
        # A check may not hide that it is not whole: the first two are reported even where not selected.
        if count or code in selected:
            state: State = "found" if count else "passed"
            outcomes[code] = Outcome(code, rules[code].name, state, count)
            selected.add(code)
    ignored = Counter(one.finding.code for one in sifted.ignored)
    for code, number in ignored.items():
        if code in outcomes:
            outcomes[code] = without(outcomes[code], number)
    ended = tuple(outcomes[code] for code in rules if code in selected)
    remarked = (*settings.remarks, *sifted.remarks)
    return CheckResult(bundle.name, tuple(counting), ended, tuple(sifted.ignored), settings, remarked)


def exit_code(result: CheckResult, fail_on: Level = "error", *, complete: bool = False) -> int:
    """0, or 1 where something at or above `fail_on` was found, or 2 where a rule crashed.

    With `complete`, a rule that was not checked counts as found.
    """
    if any(finding.code == CRASHED for finding in result.findings):
        return 2
    gate = LEVELS.index(fail_on)
    failed = any(LEVELS.index(finding.level) >= gate for finding in result.findings)
    unchecked = complete and any(outcome.state == "not checked" for outcome in result.outcomes)
    return int(failed or unchecked)


def sources(bundle: Bundle, spans: Iterable[Span]) -> dict[str, str]:
    """The text of each file that a span lies in, for snippets; also of files that could not be parsed."""
    texts: dict[str, str] = {}
    for span in spans:
        if span.line and span.file not in texts:
            document = bundle.document(span.file)
            if isinstance(document, Document):
                texts[span.file] = document.source
                continue
            try:
                raw = bundle.read_bytes(span.file)
            except Unreadable:
                continue
            texts[span.file] = raw.decode("utf-8", "replace").removeprefix("\ufeff")
    return texts


def judgeable(outcomes: Iterable[Outcome]) -> set[str]:
    """The codes of the rules that looked and listed all they found, so that what they lack is not there."""
    looked = ("passed", "found", "not applicable")
    return {outcome.code for outcome in outcomes if outcome.state in looked and outcome.count < MAX_FAULTS}


def _look(
    rule: Rule,
    rules: Mapping[str, Rule],
    bundle: Bundle,
    got: dict[str, object],
    outcomes: Mapping[str, Outcome],
    *,
    isolate: bool,
) -> tuple[list[Finding], list[Finding], Outcome]:
    """What the rule found, what is to be said of its run, and how it ended; `got` is what others needed."""
    found: list[Finding] = []
    remarks: list[Finding] = []
    reason = _waits(rule, outcomes) if rule.after else ""
    if reason:
        return found, remarks, Outcome(rule.code, rule.name, "not checked", reason=reason)
    documents: list[object] = []
    try:
        unread = ""
        for need in rule.needs:
            if need not in got or need == "unreadable":  # rules that read more find more that cannot be read
                got[need] = needed(bundle, need)
            document = got[need]
            if isinstance(document, Absent):
                return found, remarks, _ended(rule.code, rule.name, "not applicable", document.reason)
            if isinstance(document, Unread):
                unread = unread or document.reason
            documents.append(document)
        if unread:
            return found, remarks, Outcome(rule.code, rule.name, "not checked", reason=unread)
        for fault in rule.run(*documents):
            if rule.code != LEFT_TO_FILL and any(_is_to_fill(place, bundle) for place in fault.places):
                continue  # what still has to be filled in is reported once, as that
            if len(found) == MAX_FAULTS:
                message = f"`{rule.code}` found more than the {MAX_FAULTS} faults that are listed"
                remarks.append(_finding(rules[CUT], Place(_first_file(documents)).says(message), bundle))
                break
            found.append(_finding(rule, fault, bundle))
    except Unreadable as error:
        reason = f"`{error.span.file}` could not be read: {error.what}"
    except Exception as error:
        if not isolate:
            raise
        reason = f"the rule crashed ({CRASHED})"
        file = _first_file(documents)
        fault = Fault(_crash(rule, error), (Place(file, span=Span(file)),), "this is a bug in fmaudit")
        remarks.append(_finding(rules[CRASHED], fault, bundle))
    if not found and not reason:
        return found, remarks, _ended(rule.code, rule.name, "passed", "")
    state: State = "found" if found else "not checked"
    return found, remarks, Outcome(rule.code, rule.name, state, len(found), reason)


@lru_cache(maxsize=4096)  # most rules end alike in most releases
def _ended(code: str, name: str, state: State, reason: str) -> Outcome:
    return Outcome(code, name, state, 0, reason)


def _first_file(documents: list[object]) -> str:
    """The file that a rule is mostly about."""
    return next((document.file for document in documents if isinstance(document, Document)), ".")


def _as_grave(remark: Finding, rule: Rule) -> Finding:
    """That a rule was cut off, at the level of the rule: nothing has ignored the findings cut off."""
    return replace(remark, level=rule.level) if remark.code == CUT else remark


def _waits(rule: Rule, outcomes: Mapping[str, Outcome]) -> str:
    """Why a rule that waits for others has no ground to stand on; empty where it has."""
    for code in rule.after:
        earlier = outcomes.get(code)
        if earlier is not None and earlier.state == "found":
            return f"waits for {earlier.code} {earlier.name}, which found something"
        if earlier is not None and earlier.state == "not checked":
            return earlier.reason
    return ""


def _finding(rule: Rule, fault: Fault, bundle: Bundle) -> Finding:
    spans = tuple(_span(place, bundle) for place in fault.places)
    return Finding(
        rule.code,
        rule.name,
        rule.level,
        rule.certainty,
        rule.klass,
        _short(fault.message),
        _short(fault.help),
        tuple(_bounded(place) for place in fault.places),
        tuple(replace(span, file=_short(span.file)) for span in spans),
        fault.fix and _settled(fault.fix, bundle),
    )


def _settled(fix: Fix, bundle: Bundle) -> Fix:
    """The fix with the span of every edit looked up."""
    edits = (Edit(replace(edit.place, span=_span(edit.place, bundle)), edit.text) for edit in fix.edits)
    return replace(fix, edits=tuple(edits))


def _span(place: Place, bundle: Bundle) -> Span:
    if place.span is not None:
        return place.span
    document = bundle.document(place.file)
    return document.locate(place) if isinstance(document, Document) else Span(place.file)


def _is_to_fill(place: Place, bundle: Bundle) -> bool:
    document = bundle.document(place.file) if place.span is None else None
    return isinstance(document, Document) and is_to_fill(document.get(*place.path))


def _bounded(place: Place) -> Place:
    """The place with no text in it longer than a page: keys come from the bundle."""
    path: KeyPath = tuple(_short(step) if isinstance(step, str) else step for step in place.path)
    return replace(place, file=_short(place.file), path=path, label=_short(place.label))


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}..."


def _crash(rule: Rule, error: Exception) -> str:
    """Which rule crashed, on what, and where in our code; memory addresses differ each time and are cut."""
    import re

    last: TracebackType | None = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = ""
    if last is not None:
        file = last.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
        where = f" ({file}:{last.tb_lineno})"
    text = re.sub(r"0x[0-9a-fA-F]{6,}", "0x...", str(error))
    return f"`{rule.code}` crashed: {type(error).__name__}{': ' if text else ''}{text}{where}"
