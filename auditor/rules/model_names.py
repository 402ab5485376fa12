"""How many parameters the model has by its name and by the index of its shards, against what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from auditor.forensics.printed import read
from auditor.model import Fault, Place
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.amounts import ModelSize
from auditor.rules.edits import number_written
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

# A name's number may be off by a third: gemma-2b has 2.51e9 weights, gemma-2-2b 2.61e9, falcon-rw-1b 1.31e9
NAME_SLACK = Fraction(35, 100)
# `Model-7B`, `opt-125m`, `Qwen-1_8B`; not `8x7B`, `A2.7B`, `E2B`, which name something else.
_SIZE = r"(?<![A-Za-z0-9.])(\d{1,4}(?:[._]\d{1,3})?)([BbMm])(?=[-_ .)]|$)"
_OTHER_SIZES = re.compile(r"\d+x\d|[-_ ][AE]\d+(?:\.\d)?[Bb]\b|moe|mixture", re.IGNORECASE)
_OPENING = re.compile(r"^model card (?:for|of) ", re.IGNORECASE)
# Words of headings that say what a model was made of or for: the size is then that of another.
_ABOUT_OTHERS = re.compile(r"\b(?:from|for|with|based|on|distill?ed|vs|of|using|to)\b", re.IGNORECASE)
# transformers counts fixed positions that are not stored: 4 % of a tiny Marian model. Wrong numbers are so by
# orders of magnitude.
COUNT_SLACK = Fraction(1, 2)


@rule(
    "CLM207",
    level="warning",
    needs=("card", "model_size"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def size_in_name_differs(card: MarkdownDocument, size: ModelSize) -> Iterator[Fault]:
    """The model's name gives a number of parameters that it is far from having.

    Why: `7B` in a name is how people choose what fits their machine and what to compare it with.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn-7B
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn-0.02M
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
        ---
    Fix: Rename the model. A third more or less is let pass. Not looked at: names of mixtures (`8x7B`, `A3B`),
        adapters, quantised weights.
    """
    for text, place in _names(card):
        matches = [] if _OTHER_SIZES.search(text) else _sizes(text)
        if len(matches) == 1:
            digits, letter = matches[0]
            printed = read(digits.replace("_", "."))
            stated = printed.times(10**9 if letter in "Bb" else 10**6) if printed else None
            if stated is not None and stated.value and not size.is_met(stated, NAME_SLACK):
                yield place.says(
                    f"`{shown(text)}` names {digits}{letter} parameters, {size.source} {size.total:,}",
                    size.place.labelled("counted here"),
                )
                return


@rule(
    "CLM208",
    level="warning",
    needs=("index", "model_size"),
    klass="inconsistent",
    since="2026.2",
)
def total_parameters_differ(index: Document, size: ModelSize) -> Iterator[Fault]:
    """`total_parameters` of the index is not the number of weights in the shards.

    Why: The hub and download tools show this number without looking into the files.
    Bad:
        # model.safetensors.index.json
        {"metadata": {"total_parameters": 333312, "total_size": 75784},
         "weight_map": {"conv1.weight": "model.safetensors", "conv1.bias": "model.safetensors",
         "conv2.weight": "model.safetensors", "conv2.bias": "model.safetensors",
         "head.weight": "model.safetensors", "head.bias": "model.safetensors"}}
    Good:
        # model.safetensors.index.json
        {"metadata": {"total_parameters": 18946, "total_size": 75784},
         "weight_map": {"conv1.weight": "model.safetensors", "conv1.bias": "model.safetensors",
         "conv2.weight": "model.safetensors", "conv2.bias": "model.safetensors",
         "head.weight": "model.safetensors", "head.bias": "model.safetensors"}}
    Fix: Write the number of the message, or leave the key out. Buffers and tied copies may be counted or not,
        and a half is let pass. Trainers that split weights over devices write the number of one.
    Source: https://github.com/huggingface/huggingface_hub/issues/4221
    """
    stated = index.get("metadata", "total_parameters")
    if not isinstance(stated, int) or isinstance(stated, bool) or not size.source.startswith("the weights"):
        return
    if not any(abs(stated - count) <= COUNT_SLACK * count for count in size.honest):
        path = ("metadata", "total_parameters")
        yield index.at(*path).says(
            f"`total_parameters` is {shown(index.printed(*path) or '')}, the weights hold {size.total}",
            size.place.labelled("counted here"),
            fix=number_written(index, path, str(size.total), "unsafe"),
        )


def _names(card: MarkdownDocument) -> Iterator[tuple[str, Place]]:
    """What the model is called: by `model-index`, and by the first heading."""
    for path, entry in card.items("model-index"):
        name = entry.get("name") if isinstance(entry, dict) else None
        if isinstance(name, str):
            yield name, card.at(*path, "name")
    for heading in card.headings[:1]:
        if heading.level == 1 and not _ABOUT_OTHERS.search(_OPENING.sub("", heading.text[:200])):
            yield heading.text, card.place(heading.span)


def _sizes(text: str) -> list[tuple[str, str]]:
    return _size_pattern().findall(text[:200])


@cache
def _size_pattern() -> re.Pattern[str]:
    return re.compile(_SIZE)
