"""Rules about the check itself. The engine reports them; no bundle can be written to break them."""

from collections.abc import Iterator

from auditor.model import Fault
from auditor.rules.registry import rule


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
        of each rule are listed and the rest are left out, but never in silence.
    Bad:
        # any file
        1,001 faults of one kind
    Good:
        # any file
        up to 1,000 faults of one kind
    Fix: Mend what is listed, most often one cause for all of it, and check again.
    """
    yield from ()
