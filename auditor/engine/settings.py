"""What shapes a check: which rules run, what does not count, and what fails. Who says so is in `sources`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from auditor.model import Level, Span
from auditor.records import dataclass
from auditor.rules.registry import RULE_SETS

Profile = Literal["draft", "release", "audit"]
# Of the release's own table, as its schema says too: each is held against each file that has a finding.
MAX_PATTERNS = 100
MAX_ENTRIES = 1_000

PROFILES: tuple[Profile, ...] = ("draft", "release", "audit")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of `ignores`: findings of this rule in this file do not count.

    Attributes:
        rule: code of the rule.
        file: glob on the path inside the bundle.
        reason: why, in the words of whoever wrote it.
        until: last day on which it holds, as `2026-12-31`; empty where it has none.
        path: dotted key path, or name of a tensor; empty for the whole file.
        by: where it stands.
        of_release: whether the release says so itself.
    """

    rule: str
    file: str
    reason: str
    until: str
    path: str
    by: Span
    of_release: bool


@dataclass(frozen=True, slots=True)
class PerFile:
    """Words for rules whose findings do not count in the files that a glob means, and where that is said."""

    glob: str
    words: tuple[str, ...]
    by: Span


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rules that only the release leaves out: they look, and what they find is listed and does not count.

    Attributes:
        codes: of these rules; those about the check itself among them count all the same.
        reason: where the release says so.
        by: the first of these places.
    """

    codes: frozenset[str]
    reason: str
    by: Span


@dataclass(frozen=True, slots=True)
class Settings:
    """What a check does; `sources.effective` makes it of all that was said.

    Attributes:
        select: rules to run: codes, families, names or ALL.
        ignore: rules to leave out even where they are selected.
        profile: `draft` runs what is surely an error, `release` all but hints, `audit` everything.
        rules: the rule set; rules that entered later do not run.
        per_file: what does not count in which files.
        ignores: findings that do not count, one by one.
        comments: whether comments in the bundle's files may ignore findings.
        baseline: the file of findings that are known; empty for none.
        baseline_inside: whether that is a path inside the bundle, not from the current folder.
        fail_on: level from which on a finding makes the exit code 1.
        complete: whether a rule that could not look does so too.
        trust_keys: files with the public keys that the checker trusts.
        isolated: whether nothing but the flags was asked.
        left_out: what the release leaves out by `select`, `ignore`, `profile` and `rules`.
        unheard: in an audit, what would hold if the release were heard.
        remarks: what is to be said of them in a report, a line each.
        origins: where each was said, by its name in the files.
    """

    select: tuple[str, ...] = ("ALL",)
    ignore: tuple[str, ...] = ()
    profile: Profile = "release"
    rules: str = RULE_SETS[-1]
    per_file: tuple[PerFile, ...] = ()
    ignores: tuple[Entry, ...] = ()
    comments: bool = True
    baseline: str = ""
    baseline_inside: bool = False
    fail_on: Level = "error"
    complete: bool = False
    trust_keys: tuple[str, ...] = ()
    isolated: bool = False
    left_out: LeftOut | None = None
    unheard: Settings | None = None
    remarks: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)


EVERYTHING = Settings(profile="audit")
