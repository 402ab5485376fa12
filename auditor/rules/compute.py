"""What a training is said to have taken, against what the stated hardware can do."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.compute import capacity, energy, short, utilisation
from auditor.forensics.printed import decimal, same
from auditor.forensics.training import Interval, counted, meant
from auditor.model import Fault
from auditor.rules.amounts import Amounts
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument
    from auditor.rules.spending import Spent, Training

# Of 37 models in Epoch's database whose compute was not estimated from their hardware, half used 30 % of it
# and all but two at most 56 %.
MOST_USED = Fraction(65, 100)
LEAST_USED = Fraction(1, 100)
FLOPS_SLACK = 3  # of 231 dense models there, 20 state more or less than 6 N D by more
HOURS_SLACK = Fraction(1, 10)
_CARD = ("card", "card prose")


@rule("CLM401", level="error", needs="trainings", klass="impossible", since="2026.2")
def compute_beyond_hardware(trainings: tuple[Training, ...]) -> Iterator[Fault]:
    """The budget's tokens could not have been trained on in the hours of its chips.

    Why: 6 operations a weight and token are more than the chips can do at their highest rate without pause.
    Bad:
        # fmaudit.yaml
        budget:
          params_total: 18946
          tokens_seen: 1000000000000
          hardware: {chip: A100, count: 1, hours: "0.01"}
    Good:
        # fmaudit.yaml
        budget:
          params_total: 18946
          tokens_seen: 100000000000
          hardware: {chip: A100, count: 1, hours: "0.12"}
    Fix: Correct tokens, chips or hours. Embeddings are left out of the weights, and the rate is the fastest
        dense one, 8-bit where there is one. Not looked at: models made from others (`base_model`), adapters,
        models with an encoder and a decoder, mixtures whose active parameters are not stated, unknown chips.
    Source: Kaplan et al. 2020, section 2.1 (https://arxiv.org/abs/2001.08361)
    """
    for one in trainings:
        if one.spent.source == "budget" and _is_impossible(one):
            yield one.tokens.place.says(_impossible(one), one.spent.place.labelled("hours of its chips"))


@rule("CLM402", level="warning", needs="trainings", klass="impossible", certainty="likely", since="2026.2")
def stated_compute_beyond_hardware(trainings: tuple[Training, ...]) -> Iterator[Fault]:
    """The tokens that the card states could not have been trained on in the hours it states.

    Why: 6 operations a weight and token are more than the chips can do at their highest rate without pause.
    Bad:
        # README.md
        It was trained on 900 trillion tokens with 8 A100 GPUs for 2 hours.
    Good:
        # README.md
        It was trained on 40 trillion tokens with 8 A100 GPUs for 2 hours.
    Fix: Correct tokens, chips or hours; say which are of the whole training. Not looked at: as CLM401.
    Source: Kaplan et al. 2020, section 2.1 (https://arxiv.org/abs/2001.08361)
    """
    for one in trainings:
        if one.spent.source == "card" and _is_impossible(one):
            yield one.tokens.place.says(_impossible(one), one.spent.place.labelled("hours of its chips"))


@rule(
    "CLM403",
    level="warning",
    needs=("trainings", "card"),
    klass="implausible",
    certainty="likely",
    after=("CLM401", "CLM402"),
    since="2026.2",
)
def utilisation_too_high(trainings: tuple[Training, ...], card: MarkdownDocument) -> Iterator[Fault]:
    """The stated training used a larger share of its chips than any training is known to.

    Why: Hours, chips or tokens are off, or hours of all chips were taken for hours of one.
    Bad:
        # fmaudit.yaml
        budget:
          params_total: 18946
          tokens_seen: 8000000000000
          hardware: {chip: A100, count: 1, hours: "1.00"}
    Good:
        # fmaudit.yaml
        budget:
          params_total: 18946
          tokens_seen: 4000000000000
          hardware: {chip: A100, count: 1, hours: "1.00"}
    Fix: Correct the numbers. The share is of the dense 16-bit rate; cards that speak of FP8 are left alone.
    """
    if "fp8" in card.source or "FP8" in card.source:
        return
    for one in trainings:
        share = utilisation(one.operations, capacity(one.spent.hours, one.spent.chip.tflops))
        if share is not None and share.low > MOST_USED and not _is_impossible(one):
            yield one.tokens.place.says(
                f"the training used {_percent(share)} of its {one.spent.chip.name} at "
                f"{decimal(one.spent.chip.tflops, 0)} TFLOPS, 30 % are common and 60 % rare",
                one.spent.place.labelled("hours of its chips"),
            )


@rule("CLM404", level="note", needs="trainings", klass="implausible", certainty="hint", since="2026.2")
def utilisation_too_low(trainings: tuple[Training, ...]) -> Iterator[Fault]:
    """The stated training used less than a hundredth of its chips.

    Why: Hours may be of several trainings, or tokens of one pass over the data where there were many.
    Bad:
        # fmaudit.yaml
        budget:
          params_total: 18946
          tokens_seen: 1000000000
          hardware: {chip: A100, count: 8, hours: "100"}
    Good:
        # fmaudit.yaml
        budget:
          params_total: 18946
          tokens_seen: 4000000000000
          hardware: {chip: A100, count: 1, hours: "1.00"}
    Fix: Say what the hours cover. Small models use little of a large chip.
    """
    for one in trainings:
        share = utilisation(one.operations, capacity(one.spent.hours, one.spent.chip.tflops))
        if share is not None and share.high < LEAST_USED:
            yield one.tokens.place.says(
                f"the training used {_percent(share)} of its {one.spent.chip.name}",
                one.spent.place.labelled("hours of its chips"),
            )


@rule(
    "CLM405",
    level="warning",
    needs=("amounts", "trainings"),
    klass="implausible",
    certainty="likely",
    since="2026.2",
)
def operations_not_six_n_d(amounts: Amounts, trainings: tuple[Training, ...]) -> Iterator[Fault]:
    """The operations that the card states are far from 6 times weights times tokens.

    Why: Laws that regulate models by their training compute read this number.
    Bad:
        # README.md
        It was trained on 40 trillion tokens with 8 A100 GPUs for 2 hours. This took 1.1e20 FLOPs.
    Good:
        # README.md
        It was trained on 40 trillion tokens with 8 A100 GPUs for 2 hours. This took 4.5e18 FLOPs.
    Fix: Correct the number, or say how it was counted. A factor of 3 is let pass.
    Source: Kaplan et al. 2020, section 2.1 (https://arxiv.org/abs/2001.08361)
    """
    stated = amounts.one("flops", "card prose")
    for one in trainings if stated is not None else ():
        allowed = one.operations.scaled(Fraction(1, FLOPS_SLACK), FLOPS_SLACK)
        if one.spent.source == "card" and stated is not None and not allowed.meets(meant(stated.value)):
            yield stated.place.says(
                f"the card says {stated.value.text} operations, 6 times weights times tokens are "
                f"{short(one.operations.high)}",
                one.tokens.place.labelled("tokens"),
            )


@rule(
    "CLM406",
    level="warning",
    needs=("amounts", "spent"),
    klass="implausible",
    certainty="likely",
    since="2026.2",
)
def energy_not_of_the_chips(amounts: Amounts, spent: tuple[Spent, ...]) -> Iterator[Fault]:
    """The stated energy is not what the stated chips take in the stated hours.

    Why: Energy is chip-hours times power; mostly hours of all chips and of one were confused, or kWh and MWh.
    Bad:
        # README.md
        The training took 1000 A100 GPU hours. It used 400 MWh.
    Good:
        # README.md
        The training took 1000 A100 GPU hours. It used 400 kWh.
    Fix: Correct the wrong number. From a tenth of the rated power to twice as much is let pass.
    """
    stated = amounts.one("energy_kwh", *_CARD)
    for one in spent if stated is not None else ():
        if one.source != "card" or one.chip.watts is None or stated is None:
            continue
        likely = energy(one.hours, one.chip.watts)
        if not likely.meets(meant(stated.value)):
            yield stated.place.says(
                f"the card says {stated.value.text}, {one.chip.name} at {one.chip.watts} W take "
                f"{_kwh(likely.low)} to {_kwh(likely.high)} kWh in these hours",
                one.place.labelled("hours of its chips"),
            )


@rule("CLM412", level="warning", needs="amounts", klass="inconsistent", certainty="likely", since="2026.2")
def chip_hours_not_the_product(amounts: Amounts) -> Iterator[Fault]:
    """The stated chip-hours are not the stated chips times the stated hours.

    Why: Cost, energy and carbon are all counted from chip-hours.
    Bad:
        # README.md
        It was trained with 64 A100 GPUs for 12 days. In all it took 180k A100 GPU hours.
    Good:
        # README.md
        It was trained with 64 A100 GPUs for 12 days. In all it took 18k A100 GPU hours.
    Fix: Correct the wrong number. A tenth more or less is let pass.
    """
    stated = amounts.one("chip_hours", *_CARD)
    chips, hours = amounts.one("chips", "card prose"), amounts.one("hours", "card prose")
    if stated is None or chips is None or hours is None or chips.group != hours.group:
        return
    product = meant(hours.value).times(counted(chips.value.value))
    if not product.scaled(1 - HOURS_SLACK, 1 + HOURS_SLACK).meets(meant(stated.value)):
        yield stated.place.says(
            f"the card says {stated.value.text} chip-hours, {chips.value.text} chips for {hours.value.text} "
            f"are {decimal(hours.value.value * chips.value.value, 0)}",
            chips.place,
            hours.place,
        )


@rule("CLM415", level="warning", needs="amounts", klass="inconsistent", certainty="likely", since="2026.2")
def card_differs_from_budget(amounts: Amounts) -> Iterator[Fault]:
    """The card states other tokens, chips or hours than the budget of fmaudit.yaml.

    Why: Whoever works out the cost from the one cannot confirm the other.
    Bad:
        # README.md
        - Training tokens: 20B
        # fmaudit.yaml
        budget: {params_total: 18946, tokens_seen: 1000000000}
    Good:
        # README.md
        - Training tokens: 1B
        # fmaudit.yaml
        budget: {params_total: 18946, tokens_seen: 1000000000}
    Fix: Correct the wrong one. Not looked at: cards that state two values.
    """
    for name in ("tokens_seen", "chips", "hours"):
        planned, stated = amounts.one(name, "budget"), amounts.one(name, *_CARD)
        if planned is not None and stated is not None and not same(stated.value, planned.value):
            yield stated.place.says(
                f"the card says {stated.value.text}, `{planned.place.path[-1]}` of the budget is "
                f"{planned.value.text}",
                planned.place,
            )


def _is_impossible(one: Training) -> bool:
    return one.operations.low > capacity(one.spent.hours, one.spent.chip.most).high


def _impossible(one: Training) -> str:
    most = capacity(one.spent.hours, one.spent.chip.most).high
    return (
        f"{one.tokens.value.text} tokens through {round(one.weights.low):,} weights are "
        f"{short(one.operations.low)} operations, the {one.spent.chip.name} of these hours can do "
        f"{short(most)} at {decimal(one.spent.chip.most, 0)} TFLOPS"
    )


def _percent(share: Interval) -> str:
    return f"{decimal(share.low * 100, 1)} to {decimal(share.high * 100, 1)} %"


def _kwh(value: Fraction) -> str:
    return f"{round(value):,}"
