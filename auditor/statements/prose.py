"""Sizes and costs that sentences of a card state: parameters, context, tokens, chips, hours, energy, carbon.

Half of the numbers in sentences belong to something else: models compared with, bounds, parts. A sentence
with a word that says so is passed over whole, so what is read here is little but of this model.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from auditor.forensics.printed import Printed, read
from auditor.model import Span
from auditor.readers.text import Lines, split_lines
from auditor.statements.amount import MAGNITUDE, NUMBER, scaled
from auditor.statements.score import Quantity

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

MAX_LINE = 4_000  # characters; a longer line is data, or a page without a line's end
MAX_SENTENCE = 600  # characters of one that is read; what is longer is a list
MAX_QUANTITIES = 1_000  # of one card's sentences
_END = re.compile(r"[.!?;](?:\s|\Z)|<br|\s[-–—]\s")
# Words of sentences that speak of other models, of bounds, of parts or of plans.
_DOUBT = re.compile(
    r"\b(?:than|compared?|comparable|comparison|versus|vs|baselines?|outperform\w*|unlike|similar|others?"
    r"|teacher|student|original(?:ly)?|larger|smaller|largest|smallest|bigger|each|per|every|family"
    r"|rang(?:e|ing|es)|sizes|variants?|versions|series|models|upcoming|future|previous|instead|up to"
    r"|at least|at most|more than|less than|over|fewer|equivalent|offset\w*|estimates?|would|could|if"
    r"|only|additional|first|second|phase|stage|additionally|another|both|respectively|frozen"
    r"|adapters?|lora|batch(?:es)? of|embedding|base model|encoder|the decoder|reduc\w+|without"
    r"|excluding|not|example|e\.g)\b",
    re.IGNORECASE,
)
_CHIP = (
    r"(?:nvidia |tesla |amd |google |cloud |instinct |geforce |quadro )*"
    r"([VPATLH]\d{1,3}[SG]?|[AHBL]\d{3}|GH200|RTX ?\d{4}(?: Ti)?|RTX A6000|A6000|MI\d{3}X?|TPU ?v\d[ep]?)\b"
)
_TIMES_TEN = r"[x×*·][ ]?10\^?\{?"
_FLOPS = r"(?:FLOPs?\b(?!/)|floating)"
_KINDS = "(?:trainable|learnable|model|total|active|activated)"
_N, _M = rf"[*_]{{0,2}}({NUMBER})", rf"(?:[ ]?({MAGNITUDE}))?[*_]{{0,2}}"
# Keyword in lower case: what is looked for on lines that hold it
_PATTERNS = {
    "param": (
        (
            "params",
            rf"(?<![\w.,$/]){_N}{_M}(?:[ -]|\b)(?:{_KINDS} )*param(?:eter)?s?\b",
        ),
    ),
    "context": (
        ("context_length", rf"(?<![\w.,]){_N}{_M}[ -](?:tokens? )?context\b"),
        ("context_length", rf"context (?:length|window|size)(?: of| is|:)? {_N}{_M}\b"),
    ),
    "vocab": (
        ("vocabulary", rf"vocab(?:ulary)?(?: size)?(?: of| is|:) (?:size )?{_N}{_M}\b"),
        ("vocabulary", rf"(?<![\w.,]){_N}{_M}[ -](?:tokens? |words? |entry )?vocab"),
    ),
    "class": (("classes", r"\b(?:into|has|of|with|between|the) (\d{1,4})() (?:\w+ )?classes\b"),),
    "token": (
        ("tokens", rf"(?<![\w.,]){_N}{_M} (?:\w+ )?tokens\b"),
        ("batch_tokens", rf"batch(?: size)? (?:of|is) {_N}{_M} tokens\b"),
    ),
    "steps": (("steps", rf"\bfor {_N}{_M} (?:training |gradient |optimi[sz]er |update )?steps\b"),),
    "train": (
        ("train_examples", rf"(?<![\w.,]){_N}{_M} (?:training|train) (?:examples|samples|instances)\b"),
        ("chips", rf"(?<![\w.,-])(\d[\d,]{{0,6}})()[ ]?[x×*]?[ ]?{_CHIP}"),
    ),
    "hours": (
        ("chip_hours", rf"(?<![\w.,]){_N}{_M} (?:{_CHIP}[ -](?:GPU[ -])?|(?:GPU|TPU|chip)[ -])hours\b"),
    ),
    "flop": (
        (
            "flops",
            rf"(?<![\w.,])(\d+(?:\.\d+)?)[ ]?(?:e\+?|{_TIMES_TEN})(\d{{1,2}})\}}?[ ]?{_FLOPS}",
        ),
    ),
    "wh": (("energy_kwh", rf"(?<![\w.,]){_N}[ ]?(k|M|G)Wh\b"),),
    "co": (
        (
            "co2_g",
            rf"(?<![\w.,]){_N}[ ]?(kg|g|grams|kilograms|t|tons|tonnes)[ ]?(?:of )?CO(?:2|₂|<sub>2)",
        ),
    ),
}
_SPAN = re.compile(
    r"\b(?:for|in|took|takes|over|during) (?:about |around |approximately |roughly |~|≈)?"
    r"(\d+(?:\.\d+)?) (hours?|days?|weeks?)\b",
    re.IGNORECASE,
)
_TRAINED_ON = re.compile(
    r"\b(?:pre-?)?train(?:ed|ing)?\b.{0,60}?\b(?:on|for|with|using)\b[^,]{0,40}$", re.IGNORECASE
)
_DATA = re.compile(
    r"\b(?:dataset|corpus|data)\b[^,]{0,40}(?:of|contain\w*|with|compris\w*)[^,]{0,12}$", re.IGNORECASE
)
_HOURS = {"h": 1, "d": 24, "w": 168}
_WATT_HOURS = {"k": Fraction(1), "m": Fraction(10**3), "g": Fraction(10**6)}
_GRAMS = {"k": 10**3, "g": 1, "t": 10**6}
_CONTEXTS = {"params": 1000, "tokens": 1000, "train_examples": 50}  # smaller numbers are of something else


def of_prose(card: MarkdownDocument) -> Iterator[Quantity]:
    """What sentences outside code and tables state without a doubt."""
    lowered = card.source.lower()
    if len(lowered) != len(card.source):  # some capitals become two letters, and offsets would differ
        lowered = card.source
    lines = Lines(card.source)
    fences = [(fence.line, fence.line + len(split_lines(fence.text))) for fence in card.fences]
    count = 0
    for keyword, patterns in _PATTERNS.items():
        for start, end in _lines_with(card.source, lowered, keyword):
            line = lines.position(start)[0]
            fence = bisect_right(fences, (line, 1 << 60)) - 1
            inside = fence >= 0 and line <= fences[fence][1]
            if line < card.body_line or inside or card.source[start : start + 80].lstrip()[:1] == "|":
                continue
            for name, pattern in patterns:
                for quantity in _found(card, line, start, end, name, pattern):
                    yield quantity
                    count += 1
                    if count == MAX_QUANTITIES:
                        return


def _lines_with(source: str, lowered: str, keyword: str) -> Iterator[tuple[int, int]]:
    """The bounds of each line that holds the keyword, overlong ones left out; each line is met once."""
    after = 0
    while (found := lowered.find(keyword, after)) >= 0:
        start = source.rfind("\n", after, found) + 1 or after
        end = source.find("\n", found)
        end = len(source) if end < 0 else end
        if end - start <= MAX_LINE:
            yield start, end
        after = end + 1


def _found(
    card: MarkdownDocument, line: int, start: int, end: int, name: str, pattern: str
) -> Iterator[Quantity]:
    text = card.source[start:end]
    stops: list[re.Match[str]] | None = None
    looked, doubtful = (-1, -1), False  # the sentence before: one with many numbers is looked at once
    for match in _compiled(pattern).finditer(text):
        if stops is None:  # once a line, however many numbers it holds
            stops = list(_END.finditer(text))
        left, right = _sentence(stops, match.start(), match.end(), len(text))
        sentence = text[left:right]
        if looked != (left, right):
            looked = (left, right)
            doubtful = len(sentence) > MAX_SENTENCE or bool(_DOUBT.search(sentence.replace("**", "")))
        if doubtful:
            continue
        place = card.place(Span(card.file, line, match.start() + 1, line, match.end() + 1))
        group = f"{card.file} line {line} sentence {left}"
        for called, value, unit in _values(name, match, text[left : match.start()]):
            if value.value >= _CONTEXTS.get(name, 0):
                yield Quantity(place, "card prose", called, value, unit, group)
        after = _SPAN.search(sentence) if name == "chips" else None
        if after is not None and (hours := read(after[1])) is not None:
            factor = _HOURS[after[2][0].lower()]
            spent = Printed(f"{after[1]} {after[2]}", hours.value * factor, hours.unit * factor, full=False)
            at = Span(card.file, line, left + after.start(1) + 1, line, left + after.end() + 1)
            yield Quantity(card.place(at), "card prose", "hours", spent, "h", group)


def _values(name: str, match: re.Match[str], before: str) -> Iterator[tuple[str, Printed, str]]:
    """The canonical name, value and unit of a match; nothing where it is not clear what was counted."""
    if name == "flops":
        value = read(f"{match[1]}e{match[2]}")
        if value is not None:
            yield name, value, "FLOP"
        return
    if name in ("energy_kwh", "co2_g"):
        value, factor = read(match[1].replace(",", "")), _factor(name, match[2])
        if value is not None:
            text = f"{match[1]} {match[2]}{'Wh' if name == 'energy_kwh' else ''}"
            yield name, Printed(text, value.value * factor, value.unit * factor, value.full), ""
        return
    value = scaled(match[1], match[2])
    if value is None:
        return
    if name == "params":
        active = "activ" in match[0].lower() or before.rstrip().endswith(("activates", "active"))
        yield "params_active" if active else "params_total", value, ""
    elif name == "tokens":
        if _DATA.search(before):
            yield "dataset_tokens", value, "tokens"
        elif _TRAINED_ON.search(before):
            yield "tokens_seen", value, "tokens"
    elif name in ("chips", "chip_hours"):
        yield name, value, (match[3] or "").upper().replace("TPUV", "TPU V")
    else:
        yield name, value, ""


def _factor(name: str, unit: str) -> Fraction:
    if name == "energy_kwh":
        return _WATT_HOURS[unit.lower()]
    return Fraction(_GRAMS[unit[0].lower()])


def _sentence(stops: list[re.Match[str]], start: int, end: int, length: int) -> tuple[int, int]:
    """The bounds of the sentence around a stretch of a line whose sentences end at `stops`."""
    before = bisect_right(stops, start, key=lambda stop: stop.end()) - 1
    after = bisect_left(stops, end, key=lambda stop: stop.start())
    return stops[before].end() if before >= 0 else 0, stops[after].start() if after < len(stops) else length


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
