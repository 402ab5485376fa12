"""Mixtures of experts: how many parameters are active for a token."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from auditor.forensics.printed import EXPECTED
from auditor.model import Fault
from auditor.rules.amounts import Amounts, ModelSize
from auditor.rules.registry import rule

ACTIVE_SLACK = Fraction(1, 10)  # publishers count the router, norms and embeddings in or out
_CARD = ("card", "card prose")


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
    Fix: Count the weights that one token meets: all but the experts, and `num_experts_per_tok` of those.
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
