"""`adapter_config.json`, which says what an adapter changes and by how much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.checkpoint import listed
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle

ADAPTER_CONFIG = "adapter_config.json"
_LOCAL = re.compile(r"[/~\\]|\.\.?(?:[/\\]|$)|[A-Za-z]:[/\\]")
_PACKED = re.compile(
    r"(-unsloth)?-bnb-4bit$"
)  # what Unsloth adds to the name of a model that it has quantised


@provides("adapter config")
def adapter_config(bundle: Bundle) -> Document | Absent | Unread:
    """`adapter_config.json`."""
    return bundle.document(ADAPTER_CONFIG)


@rule("ARC311", level="warning", needs="adapter config", since="2026.2")
def adapter_without_base(config: Document) -> Iterator[Fault]:
    """The adapter does not name a base model that others can get.

    Why: An adapter is a change to one model and of no use without it.
    Bad:
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "/home/me/models/base"}
    Good:
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
    Fix: Name the repository of the base model under `base_model_name_or_path`, and its revision.
    """
    base = config.get("base_model_name_or_path")
    if not isinstance(base, str) or not base.strip():
        yield config.at("base_model_name_or_path").says("`base_model_name_or_path` names no base model")
    elif _LOCAL.match(base):
        yield config.at("base_model_name_or_path").says(
            f"`base_model_name_or_path` is `{shown(base)}`, a folder of one machine"
        )


@rule("ARC314", level="warning", needs="adapter config", since="2026.2")
def adapter_without_effect(config: Document) -> Iterator[Fault]:
    """The adapter is scaled by 0.

    Why: Every change is multiplied by `lora_alpha` / `r`; the base model runs as if it were alone.
    Bad:
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 0, "base_model_name_or_path": "example/base"}
    Good:
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
    Fix: Write the value that was trained with.
    """
    alpha = config.get("lora_alpha")
    if config.get("peft_type") == "LORA" and alpha in (0, 0.0) and not config.mapping("alpha_pattern"):
        yield config.at("lora_alpha").says("`lora_alpha` is 0, so that the adapter changes nothing")


@rule(
    "ARC315",
    level="warning",
    needs=("adapter config", "card"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def card_names_other_base(config: Document, card: Document) -> Iterator[Fault]:
    """The card names another base model than the adapter was trained on.

    Why: The adapter fits one set of weights; on another model of the same shapes it runs and gives nonsense.
    Bad:
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
        # README.md
        ---
        base_model: example/other
        ---
    Good:
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
        # README.md
        ---
        base_model: example/base
        ---
    Fix: Name the same repository in both.
    """
    base, named = config.get("base_model_name_or_path"), card.get("base_model")
    bases = [each for each in (named if isinstance(named, list) else [named]) if isinstance(each, str)]
    if isinstance(base, str) and base and not _LOCAL.match(base) and bases:
        same = any(_is_same(base, each) for each in bases)
        if not same:
            yield card.at("base_model").says(
                f"`base_model` is {listed(bases)}, the adapter was trained on `{shown(base)}`",
                config.at("base_model_name_or_path"),
            )


def _is_same(base: str, named: str) -> bool:
    """Whether two names are of one model: mirrors and quantised copies keep the last part of the name."""
    one, other = (_PACKED.sub("", name.rstrip("/").rpartition("/")[2].lower()) for name in (base, named))
    return one == other
