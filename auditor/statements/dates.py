"""Days and months that a release names: cut-off of its data, training, evaluation, release."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from auditor.model import Place, Span
from auditor.readers.document import Document
from auditor.readers.text import Lines
from auditor.records import dataclass
from auditor.statements.bullets import bullets

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import MarkdownDocument

MAX_DATES = 500  # of one bundle
MAX_RESULTS = 50  # files of .eval_results that are looked at
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_DATE = (
    r"(?:(?P<y1>(?:19|20)\d\d)-(?P<m1>\d\d)(?:-(?P<d1>\d\d))?(?!\d)"
    rf"|(?P<m2>{_MONTH})\.?(?: (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?)? (?P<y2>(?:19|20)\d\d)(?!\d)"
    rf"|(?P<d3>\d{{1,2}}) (?P<m3>{_MONTH}),? (?P<y3>(?:19|20)\d\d)(?!\d))"
)
# Names of list items, without case, blanks and punctuation.
_NAMES = {
    "knowledgecutoff": "cutoff",
    "knowledgecutoffdate": "cutoff",
    "datacutoff": "cutoff",
    "trainingdatacutoff": "cutoff",
    "cutoffdate": "cutoff",
    "releasedate": "release",
    "modelreleasedate": "release",
    "datereleased": "release",
    "evaluationdate": "evaluation",
    "dateofevaluation": "evaluation",
    "trainingdate": "training",
    "trainingdates": "training",
}
_CUTOFF = rf"cut-?off(?: date)?(?: of| is| in|:)* {_DATE}"


@dataclass(frozen=True, slots=True)
class Dated:
    """A day, or a month from its first to its last: `2023-12-01` and `2023-12-31`."""

    name: str
    text: str
    first: str
    last: str
    place: Place


def dates(bundle: Bundle) -> tuple[Dated, ...]:
    """What the card, the data manifest, codecarbon's table and the results on the hub date."""
    if "dates" not in bundle.memo:
        found = []
        for one in _dates(bundle):
            found.append(one)
            if len(found) == MAX_DATES:
                break
        bundle.memo["dates"] = tuple(found)
    known = bundle.memo["dates"]
    assert isinstance(known, tuple)
    return known


def _dates(bundle: Bundle) -> Iterator[Dated]:
    from auditor.readers.markdown import MarkdownDocument

    card, data = bundle.get("card"), bundle.get("data")
    if isinstance(card, MarkdownDocument):
        yield from _of_lists(card)
        yield from _of_prose(card)
    if isinstance(data, Document):
        for key in ("rai:dataCollectionTimeframe", "dataCollectionTimeframe"):
            stated = data.get(key)
            steps = [path for path, _ in data.items(key)] if isinstance(stated, list) else [(key,)]
            for step in steps:
                yield from _whole("collection", data.get(*step), data.at(*step))
    paths = [f.path for f in bundle.files if f.path.startswith(".eval_results/") and f.path.endswith(".yaml")]
    for path in paths[:MAX_RESULTS]:
        document = bundle.document(path)
        if isinstance(document, Document):
            for entry, _ in document.items():  # noqa: PERF102  a list's places
                yield from _whole("evaluation", document.get(*entry, "date"), document.at(*entry, "date"))


def _of_lists(card: MarkdownDocument) -> Iterator[Dated]:
    for bullet in bullets(card):
        lowered = bullet.name.lower()
        if "date" not in lowered and "off" not in lowered:  # which all of the names hold
            continue
        name = _NAMES.get(re.sub(r"[^a-z]", "", lowered))
        if name is not None:
            for match in list(_compiled(_DATE).finditer(bullet.text))[-1:]:
                yield from _of_match(name, match, card.place(bullet.span))


def _of_prose(card: MarkdownDocument) -> Iterator[Dated]:
    """`knowledge cutoff of September 2022`, outside lists, whose items were read before."""
    if "cutoff" not in card.source and "cut-off" not in card.source:
        return
    lines = Lines(card.source)
    fences = [(fence.line, fence.line + fence.text.count("\n") + 1) for fence in card.fences]
    for match in _compiled(_CUTOFF).finditer(card.source):
        line, column = lines.position(match.start())
        if line >= card.body_line and not any(start <= line <= end for start, end in fences[:100]):
            span = Span(card.file, line, column, line, column + len(match[0]))
            yield from _of_match("cutoff", match, card.place(span))


def _whole(name: str, value: object, place: Place) -> Iterator[Dated]:
    text = str(value)[:10] if value is not None else ""
    match = _compiled(_DATE).fullmatch(text)
    if match is not None:
        yield from _of_match(name, match, place)


def _of_match(name: str, match: re.Match[str], place: Place) -> Iterator[Dated]:
    year = match["y1"] or match["y2"] or match["y3"]
    month = int(match["m1"]) if match["m1"] else _month(match["m2"] or match["m3"])
    day = match["d1"] or match["d2"] or match["d3"]
    if not 1 <= month <= 12 or (day and not 1 <= int(day) <= 31):
        return
    start = f"{year}-{month:02}"
    first, last = (f"{start}-{int(day):02}",) * 2 if day else (f"{start}-01", f"{start}-31")
    text = " ".join(part for part in (day, _MONTHS[month - 1].capitalize(), year) if part)
    yield Dated(name, text, first, last, place)


def _month(text: str) -> int:
    return next((index for index, name in enumerate(_MONTHS, 1) if name[:3] == text[:3].lower()), 0)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
