"""Sizes of the model that a card states, against config.json, the weights and their index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from auditor.forensics.printed import EXPECTED, Printed, read, same
from auditor.model import Fault, Place
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.amounts import Amounts, ModelSize
from auditor.rules.edits import number_written
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

# A name's number may be off by a third: gemma-2b has 2.51e9 weights, gemma-2-2b 2.61e9, falcon-rw-1b 1.31e9.
NAME_SLACK = Fraction(35, 100)
# `Model-7B`, `opt-125m`, `Qwen-1_8B`; not `8x7B`, `A2.7B`, `E2B`, which name something else.
_SIZE = r"(?<![A-Za-z0-9.])(\d{1,4}(?:[._]\d{1,2})?)([BbMm])(?=[-_ .)]|$)"
_OTHER_SIZES = re.compile(r"\d+x\d|[-_ ][AE]\d+(?:\.\d)?[Bb]\b|moe|mixture", re.IGNORECASE)
_BINARY = 1024  # of the `k` of a context
PADDING = Fraction(105, 100)  # rows that config.json may have more than the vocabulary: Qwen2 0.2 %, T5 0.1 %
_PADDED_ROWS = 1024
ACTIVE_SLACK = Fraction(1, 10)  # publishers count the router, norms and embeddings in or out
# Families whose positions are relative: config.json bounds nothing (transformers: T5Config, MptConfig).
_UNBOUNDED = frozenset(
    {"t5", "mt5", "umt5", "mpt", "bloom", "xlnet", "longt5", "transfo-xl", "mamba", "rwkv"}
)
_CARD = ("card", "card prose")
_CLASSIFIES = ("ForSequenceClassification", "ForImageClassification", "ForAudioClassification")


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


@rule("CLM208", level="error", needs=("index", "model_size"), klass="inconsistent", since="2026.2")
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
    Fix: Write the number of the message, or leave the key out. Buffers and tied copies may be counted or not.
    Source: https://github.com/huggingface/huggingface_hub/issues/4221
    """
    stated = index.get("metadata", "total_parameters")
    if not isinstance(stated, int) or isinstance(stated, bool) or not size.source.startswith("the weights"):
        return
    if stated not in size.honest:
        path = ("metadata", "total_parameters")
        yield index.at(*path).says(
            f"`total_parameters` is {shown(index.printed(*path) or '')}, the weights hold {size.total}",
            size.place.labelled("counted here"),
            fix=number_written(index, path, str(size.total), "unsafe"),
        )


@rule("CLM209", level="warning", needs="amounts", klass="impossible", certainty="likely", since="2026.2")
def active_parameters_exceed_total(amounts: Amounts) -> Iterator[Fault]:
    """The card says that more parameters are active for a token than there are in all.

    Why: Active parameters decide how fast the model is, all of them how much memory it takes.
    Bad:
        # README.md
        | Total parameters | 18,946 |
        |---|---|
        | Active parameters | 46.7K |
    Good:
        # README.md
        | Total parameters | 18,946 |
        |---|---|
        | Active parameters | 18,946 |
    Fix: Exchange the two numbers, or correct the wrong one.
    """
    for active in amounts.of("params_active", *_CARD):
        beside = [one for one in amounts.of("params_total", *_CARD) if one.group == active.group]
        for total in beside[:1]:
            if active.value.value > total.value.value:
                yield active.place.says(
                    f"{active.value.text} parameters are active of {total.value.text} in all",
                    total.place.labelled("all of them"),
                )


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
    if limit is None or not stated or scaled or config.get("model_type") in _UNBOUNDED:
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
    "CLM214",
    level="warning",
    needs=("amounts", "model_size"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def active_parameters_differ(amounts: Amounts, size: ModelSize) -> Iterator[Fault]:
    """The card states another number of active parameters than the mixture's architecture gives.

    Why: It decides the cost of every token, and what the model is compared with.
    Bad:
        # README.md
        - Active parameters: 3 thousand
        # config.json, whole file
        {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "vocab_size": 10, "hidden_size": 8,
         "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
         "num_local_experts": 4, "num_experts_per_tok": 2, "max_position_embeddings": 16}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Good:
        # README.md
        - Active parameters: 1,240
        # config.json, whole file
        {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "vocab_size": 10, "hidden_size": 8,
         "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
         "num_local_experts": 4, "num_experts_per_tok": 2, "max_position_embeddings": 16}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Fix: Count the weights that one token meets: everything but the experts, and `num_experts_per_tok` of them.
        A tenth more or less is let pass, and embeddings may be left out. Not looked at: shared experts.
    """
    stated = amounts.one("params_active", *_CARD)
    experts, used = amounts.one("experts", "config"), amounts.one("experts_active", "config")
    if stated is None or experts is None or used is None or size.experts == 0 or not experts.value.value:
        return
    idle = size.experts * (1 - used.value.value / experts.value.value)
    width = stated.value.half_width(EXPECTED)
    if not any(
        abs(stated.value.value - (count - idle)) <= width + ACTIVE_SLACK * (count - idle)
        for count in size.honest
    ):
        yield stated.place.says(
            f"the card says {stated.value.text} active parameters, the architecture gives "
            f"{round(size.total - idle):,}",
            used.place.labelled(f"of {experts.value.text} experts"),
        )


def _least_context(stated: Printed) -> Fraction:
    """The smallest number of tokens that a print may mean, 8k being 8,000 or 8,192."""
    return stated.value - (stated.half_width(EXPECTED) if stated.unit > 1 else 0)


def _names(card: MarkdownDocument) -> Iterator[tuple[str, Place]]:
    """What the model is called: by `model-index`, and by the first heading."""
    for path, entry in card.items("model-index"):
        name = entry.get("name") if isinstance(entry, dict) else None
        if isinstance(name, str):
            yield name, card.at(*path, "name")
    for heading in card.headings[:1]:
        if heading.level == 1:
            yield heading.text, card.place(heading.span)


def _sizes(text: str) -> list[tuple[str, str]]:
    return _size_pattern().findall(text[:200])


@cache
def _size_pattern() -> re.Pattern[str]:
    return re.compile(_SIZE)
