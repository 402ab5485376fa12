"""Order of the days that a release names: data before release, evaluation and training before today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.model import Fault
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.statements.dates import Dated

_BEFORE_RELEASE = {"cutoff": "data up to", "collection": "data collected up to", "training": "training in"}
_PAST = {"cutoff": "data up to", "collection": "data collected in", "evaluation": "an evaluation on"}
_NEXT_DAY = 1  # somewhere it is tomorrow already


@provides("dates")
def dates(bundle: Bundle) -> tuple[Dated, ...] | Absent:
    """Every day and month that the release names for something known."""
    from auditor.statements.dates import dates as collected

    return collected(bundle) or Absent("the release dates nothing")


@provides("today")
def today(_bundle: Bundle) -> Absent:
    """The day of the check, which the check leaves in the bundle's memory where it was given one."""
    return Absent("the check was given no day")


@rule("CLM413", level="warning", needs="dates", klass="inconsistent", certainty="likely", since="2026.2")
def data_newer_than_release(dates: tuple[Dated, ...]) -> Iterator[Fault]:
    """The model knows data from after the day on which it was released.

    Why: One of the two dates is wrong, and questions of contamination are decided by them.
    Bad:
        # README.md
        - Knowledge cutoff: November 2026
        - Release date: October 18, 2026
    Good:
        # README.md
        - Knowledge cutoff: March 2026
        - Release date: October 18, 2026
    Fix: Correct the wrong date, or say which version was released when. Not looked at: cards that name two
        release dates.
    """
    released = [one for one in dates if one.name == "release"]
    for one in dates if len(released) == 1 else ():
        if one.name in _BEFORE_RELEASE and one.first > released[0].last:
            yield one.place.says(
                f"{_BEFORE_RELEASE[one.name]} {one.text}, and a release on {released[0].text}",
                released[0].place.labelled("released"),
            )


@rule(
    "CLM414",
    level="warning",
    needs=("dates", "today"),
    klass="impossible",
    certainty="likely",
    since="2026.2",
)
def date_in_future(dates: tuple[Dated, ...], today: str) -> Iterator[Fault]:
    """Data or an evaluation is dated after the day of this check.

    Why: Nothing can have been measured or collected then.
    Bad:
        # README.md
        - Knowledge cutoff: March 2095
    Good:
        # README.md
        - Knowledge cutoff: March 2024
    Fix: Correct the date. The day is that of the machine, or of SOURCE_DATE_EPOCH where it is set.
    """
    for one in dates:
        if one.name in _PAST and one.first > _tomorrow(today):
            yield one.place.says(f"{_PAST[one.name]} {one.text}, this check was made on {today}")


def _tomorrow(day: str) -> str:
    from datetime import date, timedelta

    try:
        return (date.fromisoformat(day) + timedelta(days=_NEXT_DAY)).isoformat()
    except (ValueError, OverflowError):  # SOURCE_DATE_EPOCH may lie beyond the year 9999
        return day
