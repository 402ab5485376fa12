"""Scores in sentences of a card that speak of the released model: `it achieves an accuracy of 92.4 %`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.forensics.printed import read
from auditor.model import Span
from auditor.readers.text import Lines, split_lines
from auditor.statements.metrics import metric
from auditor.statements.score import Score

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

MAX_SENTENCES = 500  # of one card that are read for scores
MAX_SENTENCE = 400  # characters of one that is read; what is longer is a list
# What every such sentence holds; looked for first, as most cards have none.
_VERBS = ("achiev", "reach", "obtain", "attain", "scores ", "scored ")
_DOUBT = re.compile(
    r"\b(?:than|compared?|comparable|versus|vs|baselines?|outperform\w*|unlike|other|previous|original|teacher"
    r"|respectively|from|between|while|whereas|up to|at least|over|above|below|about|around|approximately"
    r"|nearly|almost|state-of-the-art|sota|authors?|paper|per|each|if|would|could|should|not|e\.g)\b|[~≈<>]",
    re.IGNORECASE,
)
# Words after `on` that name no data: splits, and what every split is of.
_NO_DATA = frozenset(
    (
        *(
            "the",
            "test",
            "testing",
            "validation",
            "val",
            "dev",
            "development",
            "evaluation",
            "eval",
            "training",
        ),
        *(
            "held-out",
            "heldout",
            "hold-out",
            "set",
            "sets",
            "split",
            "data",
            "dataset",
            "of",
            "examples",
            "samples",
        ),
        *("in", "with", "and", "after", "our", "own", "this", "unseen", "average"),
    )
)


def sentence_scores(card: MarkdownDocument) -> Iterator[Score]:
    """The one number of each sentence whose subject is this model and that names one metric.

    Not read: sentences that compare, name bounds or several numbers, and those in code, lists and tables.
    """
    lowered = card.source.lower()
    if not any(verb in lowered for verb in _VERBS):
        return
    lines = Lines(card.source)
    fences = [(fence.line, fence.line + len(split_lines(fence.text)) + 1) for fence in card.fences]
    for count, match in enumerate(_sentence().finditer(card.source)):
        if count == MAX_SENTENCES:
            return
        text = match[0]
        line, column = lines.position(match.start())
        fence = bisect_right(fences, (line, 1 << 60)) - 1
        if line < card.body_line or (fence >= 0 and line <= fences[fence][1]) or _DOUBT.search(text):
            continue
        found = list(_value().finditer(text))
        if len(found) != 1 or len(_number().findall(text)) != 1:
            continue
        one = found[0]
        before = one["before"] is not None
        name = metric(one["name"] if before else one["name2"])
        value = read(one["before"] if before else one["after"])
        percent = one["percent"] if before else one["percent2"]
        if not name.known or value is None:
            continue
        group = "before" if before else "after"
        start = column + one.start(group)
        yield Score(
            place=card.place(Span(card.file, line, start, line, start + len(one[group]))),
            source="card prose",
            text=one["name"] if before else one["name2"],
            metric=name,
            value=value,
            group=f"{card.file} sentence {line}.{column}",
            unit="percent" if percent else name.unit,
            dataset=_data_of(text),
            split=name.split or _split_of(text),
            average=name.average,
        )


def _data_of(text: str) -> str:
    """The words after `on` that may name data, or empty where they only name a split."""
    match = re.search(r"\bon (?:the |our |a |an )?((?:[\w./*`-]+ ?){1,5})", text)
    words = match[1].replace("*", "").replace("`", "").split() if match else []
    return " ".join(word for word in words if word.lower().strip(".") not in _NO_DATA)


def _split_of(text: str) -> str:
    """The one split that a sentence names, or empty."""
    found = {
        split
        for word, split in (
            ("test", "test"),
            ("validation", "validation"),
            ("dev", "validation"),
            ("training", "train"),
        )
        if re.search(rf"\b{word}\b", text, re.IGNORECASE)
    }
    return found.pop() if len(found) == 1 else ""


@lru_cache(maxsize=1)
def _sentence() -> re.Pattern[str]:
    """A stretch of one line from a subject that is this model over one of the verbs to the sentence's end."""
    return re.compile(
        r"\b(?:it|the model|this model|our model|the (?:final|fine-?tuned|released|resulting|trained) model)"
        r" (?:has |can |now )?(?:achiev(?:es|ed)|reach(?:es|ed)|obtain(?:s|ed)|attain(?:s|ed)|scor(?:es|ed))"
        r"\b"
        rf"(?:[^.\r\n|]|\.(?=\d)){{1,{MAX_SENTENCE}}}",
        re.IGNORECASE,
    )


@lru_cache(maxsize=1)
def _number() -> re.Pattern[str]:
    """Any number that may be a score; those of names such as F1 and top-5 do not stand alone."""
    return re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w-])")


@lru_cache(maxsize=1)
def _value() -> re.Pattern[str]:
    """A number and the metric's name before or after it."""
    name = (
        r"(?:(?:overall|test|validation|eval(?:uation)?|macro|micro|weighted|top-1|word|exact|matthews|bleu"
        r"|f1)[ -])*"
        r"(?:accuracy|f1(?:[ -]score)?|precision|recall|wer|cer|word error rate|error rate|exact match"
        r"|bleu(?: score)?|rouge-?[12l]|perplexity|loss|auc|roc[ -]auc|mcc|matthews correlation|miou|map"
        r"|f-score)"
    )
    digits = r"\d+(?:\.\d+)?(?![\d.]*\w)"
    return re.compile(
        rf"(?<![\w.-])\*{{0,2}}(?P<before>{digits})[ ]?(?P<percent>%)?\*{{0,2}} (?P<name>{name})\b"
        rf"|\b(?P<name2>{name})\*{{0,2}}(?: score| rate)?(?: \([^()]{{1,20}}\))?(?: of| is|:| =)?"
        r" ?(?:of )?\*{0,2}"
        rf"(?P<after>{digits})[ ]?(?P<percent2>%)?",
        re.IGNORECASE,
    )
