"""The `@rule` decorator and the manual page it reads from a rule's docstring."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from auditor.model import Certainty, Fault, FindingClass, Level, Rule
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.bundle import Bundle

FAMILIES = {
    "SCH": "schemas and syntax",
    "CARD": "model card",
    "DATA": "data manifest",
    "LIC": "licences",
    "OPEN": "openness",
    "WGT": "weights",
    "ARC": "architecture",
    "REC": "recipe",
    "ENV": "environment",
    "MET": "metric arithmetic",
    "CLM": "claims across files",
    "PRV": "privacy",
    "SEC": "security",
    "META": "the check itself",
}
RULE_SETS = ("2026.1", "2026.2")  # rising; a gate that pins one meets no rule that entered later
SECTIONS = ("Why", "Bad", "Good", "Fix", "Source")  # Source only where there is one
Check = Callable[..., Iterator[Fault]]

Provider = Callable[["Bundle"], object]

_registered: dict[str, Rule] = {}
_providers: dict[str, Provider] = {}


def rule(
    code: str,
    *,
    level: Level,
    needs: str | tuple[str, ...],
    certainty: Certainty = "sure",
    klass: FindingClass | None = None,
    after: tuple[str, ...] = (),
    since: str = "2026.1",
) -> Callable[[Check], Check]:
    """Registers a generator of faults under `code`; its name is the function's, with dashes.

    Args:
        code: family letters and three digits, never used before.
        level: error (something is wrong), warning (missing or doubtful), note (worth knowing).
        needs: what the function takes, in order, by the names of `Bundle.get` and of `provides`.
        certainty: how far a finding may be wrong: sure, likely, hint.
        klass: for findings on numbers: impossible, inconsistent, implausible, unsupported.
        after: codes whose finding takes the ground from this rule, so that one cause gives one finding.
        since: one of RULE_SETS, the one that the rule entered with.

    Raises:
        TypeError: the code is taken or malformed, or the docstring lacks a section.
    """

    def register(check: Check) -> Check:
        name = check.__name__.replace("_", "-")
        match = re.fullmatch(r"([A-Z]+)\d{3}", code)
        if match is None or match[1] not in FAMILIES:
            raise TypeError(f"{code} is not a family and three digits")
        if code in _registered:
            raise TypeError(f"{code} is already `{_registered[code].name}`")
        if check.__doc__ is None:
            raise TypeError(f"{code} has no docstring (python -OO removes them; run without it)")
        missing = [part for part in SECTIONS[:4] if f" {part}:" not in check.__doc__]
        if missing:
            raise TypeError(f"{code} lacks {', '.join(missing)} in its docstring")
        if since not in RULE_SETS:
            raise TypeError(f"{code} entered with {since}, which is no rule set")
        wanted = (needs,) if isinstance(needs, str) else needs
        _registered[code] = Rule(code, name, level, certainty, klass, wanted, after, check, since)
        return check

    return register


def provides(need: str) -> Callable[[Provider], Provider]:
    """Registers what makes, of a bundle, the thing that rules need under this name, once a bundle.

    It answers as `Bundle.get` does: `Absent` where the bundle has nothing of the kind, `Unread` where it
    has and it could not be read.

    Raises:
        TypeError: the name is taken.
    """

    def register(make: Provider) -> Provider:
        if need in _providers:
            raise TypeError(f"`{need}` is already provided by {_providers[need].__module__}")
        _providers[need] = make
        return make

    return register


def needed(bundle: Bundle, need: str) -> object:
    """What a rule needs by this name, made by its provider when first asked for, or as `Bundle.get`."""
    make = _providers.get(need)
    if make is None:
        return bundle.get(need)
    if need not in bundle.memo:
        bundle.memo[need] = make(bundle)
    return bundle.memo[need]


def registered() -> dict[str, Rule]:
    """Every rule whose module has been imported, by code, in order of registration."""
    return _registered


@dataclass(frozen=True, slots=True)
class Manual:
    """A rule's docstring in parts; `bad` and `good` are runnable examples."""

    summary: str
    why: str
    bad: str
    good: str
    fix: str
    source: str


def manual(rule: Rule) -> Manual:
    """The manual page in a rule's docstring."""
    import textwrap

    text = textwrap.dedent("    " + (rule.run.__doc__ or ""))
    parts = re.split(rf"^({'|'.join(SECTIONS)}):[ \n]", text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    prose = {name: " ".join(found.get(name, "").split()) for name in ("Why", "Fix", "Source")}
    bad, good = (textwrap.dedent(found.get(name, "")).strip("\n") for name in ("Bad", "Good"))
    return Manual(" ".join(parts[0].split()), prose["Why"], bad, good, prose["Fix"], prose["Source"])
