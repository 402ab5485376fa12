"""Scores that a model card states in its `model-index` and its lists, and how a short text is a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from auditor.forensics.printed import Printed, read
from auditor.model import KeyPath, Span
from auditor.readers.text import Lines
from auditor.statements.bullets import bullets
from auditor.statements.metrics import Metric, metric
from auditor.statements.score import Score

if TYPE_CHECKING:
    from auditor.readers.document import Document
    from auditor.readers.markdown import MarkdownDocument

MAX_DIGITS = 100  # letters of a number in a cell or an item; float64 in full has 24
MAX_SHOTS = 100  # no prompt holds more solved examples
MAX_EXAMPLES = 10**12  # of a piece of data; a larger number is a slip of the pen
# A number at the start of a cell or of an item's text, perhaps emphasised, with a percent sign, a deviation,
# a remark in brackets, or a mark of a footnote or of a direction.
_NUMBER = re.compile(
    r"[*_`\s~]*([-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)[*_`\s]*(%?)[*_`\s]*"
    r"(?:(?:±|\+/-|\+-|\(|<br|<su|\[\^|[†‡↑↓⬆⬇]).*)?",
    re.DOTALL,
)
_AUTOTRAIN = "\n## Validation Metrics"
MAX_SECTION = 4_000  # characters of what AutoTrain writes below it; it has some 400
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_N = re.compile(r"\bn\s*=\s*(\d[\d,]{0,15})(?![\d.])", re.IGNORECASE)


def number(text: str) -> tuple[Printed, bool] | None:
    """The number that a short text is, and whether a percent sign follows; None for anything else."""
    match = _NUMBER.fullmatch(text[:200])
    if match is None or len(match[1]) > MAX_DIGITS:
        return None
    digits = match[1]
    if "," in digits and _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    value = read(digits)
    return None if value is None else (value, match[2] == "%")


def examples(text: str) -> int | None:
    """The number of examples that a short text gives as `n = 1,797`, or None."""
    match = _N.search(text[:200]) if "=" in text else None
    return counted(match[1].replace(",", "")) if match else None


def counted(digits: str) -> int | None:
    """A positive number of examples of sensible size, or None."""
    n = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 13 else 0
    return n if 0 < n <= MAX_EXAMPLES else None


def counted_shots(value: object) -> int | None:
    """How many solved examples a prompt held, as files of evaluations write it, or None."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and 0 <= value <= MAX_SHOTS else None  # type: ignore[operator, return-value]


def model_index_scores(card: Document) -> Iterator[Score]:
    """The values of `model-index`; those of one entry of `results` are one group."""
    for model, entry in card.items("model-index"):
        label = entry.get("name") if isinstance(entry, dict) else ""
        for path, result in card.items(*model, "results"):
            dataset = result.get("dataset") if isinstance(result, dict) else None
            about = dataset if isinstance(dataset, dict) else {}
            group = f"{card.file} {path}"
            source = result.get("source") if isinstance(result, dict) else None
            elsewhere = isinstance(source, dict) and bool(source.get("url"))
            for step, one in card.items(*path, "metrics"):
                if isinstance(one, dict):
                    yield from _of_index(card, step, one, about, group, _text(label), elsewhere=elsewhere)


def _of_index(
    card: Document,
    path: KeyPath,
    entry: dict[str, Any],
    about: dict[str, Any],
    group: str,
    label: str,
    *,
    elsewhere: bool,
) -> Iterator[Score]:
    value = entry.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return
    found = number(value if isinstance(value, str) else card.printed(*path, "value") or "")
    if found is None:
        return
    named, typed = metric(_text(entry.get("name"))), metric(_text(entry.get("type")))
    chosen = named if named.known and (_family(named) == _family(typed) or not typed.known) else typed
    args, given = entry.get("args"), about.get("args")  # the leaderboard's shots stand with the data
    average = _text(args.get("average")) if isinstance(args, dict) else ""
    yield Score(
        place=card.at(*path, "value"),
        source="model-index",
        text=_text(entry.get("type")) or _text(entry.get("name")),
        metric=chosen,
        value=found[0],
        group=group,
        unit="percent" if found[1] else named.unit or typed.unit,
        dataset=_text(about.get("type")) or _text(about.get("name")),
        config=_text(about.get("config")) or _text(about.get("args")),
        split=metric(_text(about.get("split"))).split or _text(about.get("split")).lower(),
        average=average or named.average or typed.average,
        label=label,
        own=not _with_language_model(_text(entry.get("name"))),
        verified=entry.get("verified") is True or elsewhere,
        shots=counted_shots(given.get("num_few_shot")) if isinstance(given, dict) else None,
    )


def _with_language_model(name: str) -> bool:
    """Whether the name says that another model helped: `Test WER With LM` of a recogniser of speech."""
    words = name.lower().replace("(", " ").replace(")", " ").replace("+", " ").split()
    return "lm" in words or "language" in words


def _family(one: Metric) -> str:
    """The metric without what stood in brackets: a name may say more than its type."""
    return one.base.partition(" (")[0]


def list_scores(card: MarkdownDocument) -> Iterator[Score]:
    """The numbers in lists whose items are named as a known metric; one list is one group."""
    for bullet in bullets(card):
        if not _has_digit(bullet.text):
            continue
        name = metric(bullet.name)
        found = number(bullet.text) if name.known else None
        if found is not None:
            yield Score(
                place=card.place(bullet.span),
                source="card list",
                text=bullet.name,
                metric=name,
                value=found[0],
                group=f"{card.file} list {bullet.block}",
                unit="percent" if found[1] else name.unit,
                split=name.split,
                average=name.average,
                n=examples(bullet.text),
            )


def plain_scores(card: MarkdownDocument) -> Iterator[Score]:
    """The lines `name: number` below the heading `Validation Metrics`, as newer AutoTrain writes them."""
    start = card.source.find(_AUTOTRAIN)
    if start < 0:
        return
    end = card.source.find("\n#", start + len(_AUTOTRAIN))
    section = card.source[start : end if end >= 0 else len(card.source)][:MAX_SECTION]
    lines = Lines(card.source)
    pattern = r"^([A-Za-z_][\w ]{0,40}): *([-\d.eE]{1,40})[ \t]*$"
    for match in re.finditer(pattern, section, re.MULTILINE):
        name, found = metric(match[1]), number(match[2])
        if name.known and found is not None:
            line, column = lines.position(start + match.start(2))
            yield Score(
                place=card.place(Span(card.file, line, column, line, column + len(match[2]))),
                source="card list",
                text=match[1],
                metric=name,
                value=found[0],
                group=f"{card.file} validation metrics",
                split=name.split,
                average=name.average,
            )


def _has_digit(text: str) -> bool:
    """Whether a number can start here: at the first sign, or after emphasis, a point or a minus."""
    return any(char.isdigit() for char in text[:6])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
