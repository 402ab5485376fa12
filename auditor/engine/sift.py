"""Parts what was found into what counts and what does not, and says what the words that ignore came to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace

from auditor.bundle import Bundle
from auditor.engine.baseline import baseline_of
from auditor.engine.ignores import Ignores
from auditor.engine.select import wanted_codes
from auditor.engine.settings import Settings
from auditor.model import Fault, Finding, Ignored, Outcome, Rule
from auditor.records import dataclass


@dataclass(slots=True)
class Sifted:
    """Findings that count and those that do not.

    Attributes:
        counting: those that count.
        ignored: those that do not, each with the word by which.
        faults: what is to be said of these words, with the code of the rule that says it.
        remarks: lines for the end of the report.
    """

    counting: list[Finding] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def sift(
    findings: Sequence[Finding],
    names: Sequence[str],
    bundle: Bundle,
    settings: Settings,
    rules: Mapping[str, Rule],
    judged: Collection[str],
    today: str,
) -> Sifted:
    """The findings parted by what the settings and the bundle's comments say.

    Args:
        findings: in their order.
        names: their identities, if there is a baseline.
        bundle: whose comments are heard.
        settings: what does not count.
        rules: all rules by code.
        judged: codes of the rules that looked and listed all they found.
        today: as for `check`.

    Raises:
        UsageError: the checker's baseline is none.
    """
    sifted = Sifted()
    ignores, baseline = Ignores(bundle, settings, rules, today), baseline_of(settings, bundle)
    for finding, name in zip(findings, names, strict=True):
        word = ignores.of(finding) or (baseline.of(finding, name) if baseline else None)
        if word is None:
            sifted.counting.append(finding)
        else:
            sifted.ignored.append(word)
    sifted.faults += ignores.faults(judged)
    sifted.faults += baseline.faults(judged, {*names}) if baseline else ()
    if ignores.is_worn_out:
        sifted.remarks.append("the patterns of the settings take too long; what they did not reach counts")
    if settings.unheard is not None:
        unheard = Ignores(bundle, settings.unheard, rules, today)
        wanted = wanted_codes(rules, replace(settings.unheard, profile="audit"))
        number = sum(finding.code not in wanted or unheard.of(finding) is not None for finding in findings)
        if number:
            counts = f"{number} finding{'s count' if number > 1 else ' counts'}"
            sifted.remarks.append(f"{counts} here that the release ignores")
    return sifted


def without(outcome: Outcome, number: int) -> Outcome:
    """The outcome less the number of findings that do not count."""
    if not number:
        return outcome
    reason = f"{number} finding{'s' if number > 1 else ''} ignored"
    left = outcome.count - number
    return replace(outcome, state="found" if left else "passed", count=left, reason=outcome.reason or reason)
