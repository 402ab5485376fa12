"""Sizes of the model that a card states, against config.json."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.printed import EXPECTED, Printed, same
from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.released import FLOATS, released
from auditor.readers.text import shown
from auditor.rules.amounts import Amounts
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.model import Place
    from auditor.readers.markdown import MarkdownDocument

PADDING = Fraction(105, 100)  # rows that config.json may have more than the vocabulary: Qwen2 0.2 %, T5 0.1 %
_PADDED_ROWS = 1024
# Families whose positions are relative: config.json bounds nothing (transformers: T5Config, MptConfig).
_UNBOUNDED = frozenset(
    {"t5", "mt5", "umt5", "mpt", "bloom", "xlnet", "longt5", "transfo-xl", "mamba", "rwkv"}
)
_CARD = ("card", "card prose")
_MOST_ROWS = 200  # of a table of two columns; a longer one is data
_FORMAT_NAMES = frozenset({"tensortype", "tensortypes", "dtype", "torchdtype", "weightsdtype", "weightdtype"})
_FORMATS = {
    "f32": "F32",
    "fp32": "F32",
    "float32": "F32",
    "f16": "F16",
    "fp16": "F16",
    "float16": "F16",
    "bf16": "BF16",
    "bfloat16": "BF16",
}
_CLASSIFIES = ("ForSequenceClassification", "ForImageClassification", "ForAudioClassification")


@rule(
    "CLM210",
    level="warning",
    needs=("amounts", "config"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def context_exceeds_config(amounts: Amounts, config: Document) -> Iterator[Fault]:
    """The card promises a longer context than config.json provides for.

    Why: Beyond the positions of config.json the model fails, or answers with noise.
    Bad:
        # README.md
        - Context length: 8192
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 1024,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Good:
        # README.md
        - Context length: 1k
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 1024,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Fix: Correct the card, or ship the config of the extended model with its `rope_scaling`. Cards that name a
        length that fits anywhere are left alone; so are models with relative positions, and any
        `rope_scaling`.
    """
    limit = amounts.one("context_length", "config")
    stated = amounts.of("context_length", *_CARD)
    scaled = any(config.get(key) for key in ("rope_scaling", "rope_parameters", "text_config", "alibi"))
    family = config.get("model_type")  # of any type: only a text is looked up
    if limit is None or not stated or scaled or (isinstance(family, str) and family in _UNBOUNDED):
        return
    if all(_least_context(one.value) > limit.value.value for one in stated):
        yield stated[0].place.says(
            f"the card says a context of {stated[0].value.text}, "
            f"`{limit.place.path[-1]}` of config.json is {limit.value.text}",
            limit.place,
        )


@rule(
    "CLM211",
    level="warning",
    needs="amounts",
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def vocabulary_differs(amounts: Amounts) -> Iterator[Fault]:
    """The card states another size of the vocabulary than config.json.

    Why: The tokenizer of the one and the embedding of the other are of different models.
    Bad:
        # README.md
        - Vocabulary size: 50,257
        # config.json
        {"vocab_size": 32000}
    Good:
        # README.md
        - Vocabulary size: 50,257
        # config.json
        {"vocab_size": 50304}
    Fix: Correct the wrong one. Rows of padding in config.json, up to 5 % or 1,024, are let pass.
    """
    here = amounts.one("vocabulary", "config")
    if here is None:
        return
    for stated in amounts.of("vocabulary", *_CARD):
        width = stated.value.half_width(EXPECTED) if stated.value.unit > 1 else Fraction(0)
        least, most = stated.value.value - width, stated.value.value + width
        if not least <= here.value.value <= max(most * PADDING, most + _PADDED_ROWS):
            yield stated.place.says(
                f"the card says a vocabulary of {stated.value.text}, config.json {here.value.text}",
                here.place,
            )
            return


@rule(
    "CLM212",
    level="warning",
    needs=("amounts", "config"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def number_of_classes_differs(amounts: Amounts, config: Document) -> Iterator[Fault]:
    """The card states another number of classes than config.json names.

    Why: Scores over ten classes and over seven are not the same claim.
    Bad:
        # README.md
        - Number of classes: 10
        # config.json
        {"architectures": ["XForSequenceClassification"], "id2label": {"0": "zero", "1": "one"}}
    Good:
        # README.md
        - Number of classes: 2
        # config.json
        {"architectures": ["XForSequenceClassification"], "id2label": {"0": "zero", "1": "one"}}
    Fix: Correct the wrong one. Only models that classify whole inputs are looked at: taggers have more labels
        than classes.
    """
    named, here = config.get("architectures", 0), amounts.one("classes", "config")
    if here is None or not isinstance(named, str) or not named.endswith(_CLASSIFIES):
        return
    stated = amounts.of("classes", *_CARD)
    if stated and all(one.value.value != here.value.value for one in stated):
        yield stated[0].place.says(
            f"the card says {stated[0].value.text} classes, config.json names {here.value.text}", here.place
        )


@rule(
    "CLM213",
    level="warning",
    needs=("amounts", "config"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def dimension_in_card_differs(amounts: Amounts, config: Document) -> Iterator[Fault]:
    """A list or table of the card gives layers, heads or a width that config.json does not have.

    Why: It is the description of another model, often of the one the card was copied from.
    Bad:
        # README.md
        | Layers | 24 |
        |---|---|
        | Hidden size | 768 |
        # config.json
        {"num_hidden_layers": 12, "hidden_size": 768}
    Good:
        # README.md
        | Layers | 12 |
        |---|---|
        | Hidden size | 768 |
        # config.json
        {"num_hidden_layers": 12, "hidden_size": 768}
    Fix: Correct the card. Not looked at: models with an encoder and a decoder, models of several parts, and
        cards that state two values.
    """
    if config.get("is_encoder_decoder") is True or any(key.endswith("_config") for key in config.mapping()):
        return
    for name in ("layers", "hidden_size", "attention_heads", "key_value_heads"):
        here, stated = amounts.one(name, "config"), amounts.one(name, "card")
        if here is not None and stated is not None and not same(here.value, stated.value):
            yield stated.place.says(
                f"the card says {stated.value.text}, `{here.place.path[-1]}` is {here.value.text}",
                here.place,
            )


@rule(
    "CLM215",
    level="warning",
    needs=("card", "bundle"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def number_format_in_card_differs(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """A list or table of the card names a number format that no tensor has.

    Why: It decides the memory that the model takes, and how far others may trust its last digits.
    Bad:
        # README.md
        - Tensor type: BF16
    Good:
        # README.md
        - Tensor type: F32
    Fix: Name the format that the weights are stored in. Not looked at: `Precision`, which may be that of
        training, and quantised weights.
    """
    weights = bundle.get("weights")
    found = released(weights) if isinstance(weights, tuple) else {}
    floats, config = {tensor.dtype for _, tensor in found.values()}, bundle.get("config")
    packed = isinstance(config, Document) and "quantization_config" in config.mapping()
    if not floats or packed or not floats <= FLOATS:
        return
    for name, text, place in _stated_texts(card):
        known = _FORMATS.get(text.lower().removeprefix("torch."))
        if known and known not in floats and "".join(filter(str.isalpha, name.lower())) in _FORMAT_NAMES:
            yield place.says(
                f"the card says {shown(text)}, the weights are {' and '.join(sorted(floats))}",
                next(iter(found.values()))[0].at().labelled("the weights"),
            )


def _stated_texts(card: MarkdownDocument) -> Iterator[tuple[str, str, Place]]:
    """Name, text and place of list items and of rows of tables with two columns."""
    from auditor.statements.bullets import bullets

    for bullet in bullets(card):
        yield bullet.name, bullet.text, card.place(bullet.span)
    for table in card.tables:
        for row in table.rows[:_MOST_ROWS] if len(table.header) == 2 else ():
            yield row[0].text.strip("*_` "), row[1].text.strip("*_` "), card.place(row[1].span)


def _least_context(stated: Printed) -> Fraction:
    """The smallest number of tokens that a print may mean, 8k being 8,000 or 8,192."""
    return stated.value - (stated.half_width(EXPECTED) if stated.unit > 1 else 0)
