"""Rules about the check itself: its settings, what ignores findings, and what went wrong in it.

Those that need nothing are reported by the engine; no bundle can be written to break them.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.bundle import Bundle
from auditor.model import Fault, Place
from auditor.readers.document import Document, Unreadable
from auditor.rules import settings
from auditor.rules.ignoring import IgnoreComment, complaints
from auditor.rules.registry import rule

CHECK = ("check",)  # the table of fmaudit.yaml


@rule("META001", level="error", needs=())
def rule_crashed() -> Iterator[Fault]:
    """A rule ended in an error of its own, so what it looks for was not looked for.

    Why: This is a fault of fmaudit, not of the release. The other rules have run and their findings
        stand, but the check is not whole: it ends with exit code 2, never with 0.
    Bad:
        # any rule
        an exception leaves the rule
    Good:
        # any rule
        the rule yields its findings and ends
    Fix: Report it with the traceback that `fmaudit --verbose check` prints; until it is mended, `--ignore`
        the rule named in the message.
    """
    yield from ()


@rule("META002", level="note", needs=())
def findings_cut() -> Iterator[Fault]:
    """A rule found so much that the rest is not listed.

    Why: A generated or hostile file can break one rule a million times. The first thousand findings
        of each rule are listed and the rest are left out, but never in silence: this finding has the level of
        the rule that was cut off, because nobody has ignored what is not listed.
    Bad:
        # any file
        1,001 faults of one kind
    Good:
        # any file
        up to 1,000 faults of one kind
    Fix: Mend what is listed, most often one cause for all of it, and check again.
    """
    yield from ()


@rule("META003", level="error", needs=("bundle", "comments"), since="2026.2")
def unknown_rule(bundle: Bundle, comments: tuple[IgnoreComment, ...]) -> Iterator[Fault]:
    """Settings or a comment name a rule that does not exist.

    Why: The word has no effect: what was to be selected is not, and what was to be ignored counts. The
        rest of the settings holds. Codes and names are never used again, so a mistyped one means nothing.
    Bad:
        # fmaudit.yaml
        check: {ignore: [CARD1O2]}
    Good:
        # fmaudit.yaml
        check: {ignore: [CARD102]}
    Fix: Write the code or name as `fmaudit rule` lists it, or take the word away.
    """
    if isinstance(manifest := bundle.get("manifest"), Document):
        yield from settings.unknown_words(manifest, CHECK)
    yield from complaints(comments, "unknown")


@rule("META004", level="error", needs=("bundle", "comments"), since="2026.2")
def refused_ignore(bundle: Bundle, comments: tuple[IgnoreComment, ...]) -> Iterator[Fault]:
    """A comment or entry that should ignore findings gives no reason, names no single rule, or no real date.

    Why: Who reads the release must be able to tell why a finding does not count, and for how long. An
        ignore of everything, or of a whole family, hides faults that nobody has seen yet; one of a rule
        about the check itself would hide its own faults. Nothing is ignored by it.
    Bad:
        # README.md
        <!-- fmaudit: ignore[CARD] -->
    Good:
        # README.md
        <!-- an ignore is written so: `fmaudit: ignore[CARD102] until 2026-12-31: written in May` -->
    Fix: Name each rule, and say why behind a colon: `ignore[CODE]: reason`, or with a last day
        `ignore[CODE] until 2026-12-31: reason`.
    """
    if isinstance(manifest := bundle.get("manifest"), Document):
        yield from settings.refused_entries(manifest, CHECK)
    yield from complaints(comments, "refused")


@rule("META005", level="warning", needs=(), since="2026.2")
def expired_ignore() -> Iterator[Fault]:
    """The last day of an ignore has passed, and what it ignored counts again.

    Why: A date was set so that somebody looks again; that day has come. The day is that of the computer
        that runs the check, or of SOURCE_DATE_EPOCH where it is set.
    Bad:
        # any YAML file, on 1 March 2026
        value: 1e-1  # fmaudit: ignore[MET214] until 2026-02-28: the score is measured again
    Good:
        # any YAML file, on 1 March 2026
        value: 0.1
    Fix: Mend what was ignored and take the ignore away, or set a later day and say why in its reason.
    """
    yield from ()


@rule("META006", level="warning", needs=(), since="2026.2")
def unused_ignore() -> Iterator[Fault]:
    """Nothing is found where an ignore stands.

    Why: What it ignored has been mended, or it stands in the wrong place. Left there, it would hide the
        next fault of the kind. Only judged where the rule has run and could look.
    Bad:
        # any YAML file
        value: 0.1  # fmaudit: ignore[MET214]: the score is measured again
    Good:
        # any YAML file
        value: 0.1
    Fix: Take it away. A comment speaks of its own line where anything else stands on it, else of the next
        line that holds anything.
    """
    yield from ()


@rule("META007", level="note", needs=(), since="2026.2")
def stale_baseline() -> Iterator[Fault]:
    """The baseline lists findings that no longer occur.

    Why: They have been mended. Left in the baseline, they would hide the same fault when it comes back.
        Only judged for rules that have run and could look.
    Bad:
        # fmaudit-baseline.json
        a finding that was mended since
    Good:
        # fmaudit-baseline.json
        findings that still occur
    Fix: `fmaudit baseline BUNDLE FILE` drops them and takes nothing new in.
    """
    yield from ()


@rule("META008", level="error", needs=("bundle", "manifest"), since="2026.2")
def unusable_setting(bundle: Bundle, manifest: Document) -> Iterator[Fault]:
    """A setting of the release cannot be followed.

    Why: It has no effect, and the check is not the one that was asked for: the rule set is not one that
        this fmaudit knows, the baseline is not there or is none, or the release leaves out rules about
        the check itself. The rest of the settings holds.
    Bad:
        # fmaudit.yaml
        check: {rules: "2031.1"}
    Good:
        # fmaudit.yaml
        check: {rules: "2026.1"}
    Fix: Do what the message says.
    """
    yield from settings.unknown_rule_set(manifest, CHECK)
    yield from settings.silenced(manifest, CHECK)
    yield from settings.lost_baseline(bundle, manifest, CHECK)


@rule("META009", level="note", needs="bundle", since="2026.2")
def settings_not_read(bundle: Bundle) -> Iterator[Fault]:
    """A pyproject.toml inside the bundle holds settings, which are not read.

    Why: `[tool.fmaudit]` is the word of whoever runs the check and outranks the release. A file that comes
        with the release is not that, even where the check is run from inside of it.
    Bad:
        # pyproject.toml, whole file
        [tool.fmaudit]
        ignore = ["SEC"]
    Good:
        # fmaudit.yaml
        check: {fail-on: warning}
    Fix: Put the settings into `check:` of fmaudit.yaml, or into a pyproject.toml outside of the bundle.
    """
    try:
        raw = bundle.read_bytes("pyproject.toml") if bundle.has("pyproject.toml") else b""
    except Unreadable:
        return
    if b"tool.fmaudit" in raw:
        message = "`[tool.fmaudit]` inside the bundle is not read"
        yield Place("pyproject.toml").says(message, help="put its settings into `check:` of fmaudit.yaml")
