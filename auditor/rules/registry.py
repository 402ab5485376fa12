"""The `@rule` decorator and the manual page it reads from a rule's docstring."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from auditor.model import Certainty, Fault, FindingClass, Level, Rule

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
SECTIONS = ("Why", "Bad", "Good", "Fix", "Source")  # Source only where there is one
Check = Callable[..., Iterator[Fault]]

_registered: dict[str, Rule] = {}


def rule(
    code: str,
    *,
    level: Level,
    needs: str | tuple[str, ...],
    certainty: Certainty = "sure",
    klass: FindingClass | None = None,
    after: tuple[str, ...] = (),
) -> Callable[[Check], Check]:
    """Registers a generator of faults under `code`; its name is the function's, with dashes.

    Args:
        code: family letters and three digits, never used before.
        level: error (something is wrong), warning (missing or doubtful), note (worth knowing).
        needs: what the function takes, in order; see `Bundle.get` for the names.
        certainty: how far a finding may be wrong: sure, likely, hint.
        klass: for findings on numbers: impossible, inconsistent, implausible, unsupported.
        after: codes whose finding takes the ground from this rule, so that one cause gives one finding.

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
        heads = {line.strip().partition(":")[0] for line in check.__doc__.splitlines()}
        missing = [part for part in SECTIONS[:4] if part not in heads]
        if missing:
            raise TypeError(f"{code} lacks {', '.join(missing)} in its docstring")
        wanted = (needs,) if isinstance(needs, str) else needs
        _registered[code] = Rule(code, name, level, certainty, klass, wanted, after, check)
        return check

    return register


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
    text = textwrap.dedent("    " + (rule.run.__doc__ or ""))
    parts = re.split(rf"^({'|'.join(SECTIONS)}):[ \n]", text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    prose = {name: " ".join(found.get(name, "").split()) for name in ("Why", "Fix", "Source")}
    bad, good = (textwrap.dedent(found.get(name, "")).strip("\n") for name in ("Bad", "Good"))
    return Manual(" ".join(parts[0].split()), prose["Why"], bad, good, prose["Fix"], prose["Source"])
