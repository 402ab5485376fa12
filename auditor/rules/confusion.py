"""Scores of two classes on a known number of examples: whether one table of counts gives them all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.forensics.confusion import SCORES, search
from auditor.forensics.printed import ANY, Interval
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.blocks import Block, examples, readings, single
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.statements.score import Score

_OF_ONE_CLASS = ("precision", "recall", "f1")  # which are of two classes only where they are called binary
_MAX_EXAMPLES = 1_000_000  # beyond them six printed digits pin down nothing
_MAX_SEARCHES = 20  # of one bundle; each takes at most 0.1 s (measured)


@rule("MET308", level="error", needs="blocks", klass="impossible", after=("MET302", "MET101"), since="2026.2")
def no_confusion_table(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """No table of true and false positives and negatives gives all the scores.

    Why: Accuracy, precision, recall and F1 of two classes are shares of four whole numbers that add up to the
        number of examples. All tables are tried; none prints these scores, even if each was rounded or cut
        off in its last digit.
    Bad:
        # README.md
        Measured on the held-out rows:

        - Accuracy: 0.8333 (n = 60)
        - Binary F1: 0.8801 (n = 60)
    Good:
        # README.md
        Measured on the held-out rows:

        - Accuracy: 0.8333 (n = 60)
        - Binary F1: 0.8780 (n = 60)
    Fix: Correct the score that is wrong, or the number of examples. Not looked at: scores that are not called
        `binary`, means of several runs, and searches of more than 50,000 tables.
    Source: Fazekas and Kovács 2024, doi:10.1016/j.knosys.2024.111556; its reference program agrees on 2,000
        random cases.
    """
    searches = 0
    for block in blocks:
        found = None if block.several else _scores(block)
        n = _examples(found) if found else None
        if found is None or n is None or searches == _MAX_SEARCHES:
            continue
        searches += 1
        if search({score.metric.base: _interval(score) for score in found}, n).exists is False:
            told = [f"`{shown(score.text)}` {shown(score.value.text)}" for score in found]
            yield found[0].place.says(
                f"no confusion table of {n:,} examples gives {', '.join(told[:-1])} and {told[-1]}",
                *(score.place for score in found[1:]),
            )


def _scores(block: Block) -> list[Score] | None:
    """At least two scores of two classes, one of which is called binary."""
    found = []
    for name in SCORES:
        average = "binary" if name in _OF_ONE_CLASS else None
        score = block.one(name, average) if name in block.scores else None
        if score is not None and single(score) and score.average in ("", "binary"):
            found.append(score)
    binary = any(score.average == "binary" for score in found)
    return found if binary and len(found) > 1 else None


def _examples(found: list[Score]) -> int | None:
    sizes = {examples(score) for score in found}
    n = next(iter(sizes)) if len(sizes) == 1 else None
    return n if n is not None and n <= _MAX_EXAMPLES else None


def _interval(score: Score) -> Interval:
    if score.metric.base == "mcc" and score.unit != "percent":
        return score.value.interval(ANY)
    return readings(score)[0][0].interval(ANY)
