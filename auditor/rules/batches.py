"""Batches, epochs and steps in a card that the Trainer wrote, among themselves and against the data."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.printed import EXPECTED, decimal
from auditor.forensics.training import drift, meant, train_size
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.amounts import Amounts
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument
    from auditor.statements.score import Quantity
    from auditor.statements.trainer import Hyperparameters

# Steps per epoch of one log may differ by a tenth: measured on 3,440 cards of the hub, 3.5 % differ at all,
# 1.2 % by more (streamed data, leftover micro-batches).
STEADY = Fraction(11, 10)
GROWING = (Fraction(95, 100), Fraction(105, 100))  # of steps times batch, for batches that grow at the start
LEAST_STEPS = 10  # of an epoch: with fewer the leftover batches are a tenth of it
# A factor of its own that the card does not print: replication and the like of Graphcore's trainer.
_OWN_FACTOR = "ipu"
_DATA = (("results",), ("recipe",), ("card", "card prose"))  # who states how much data there was


@rule("CLM301", level="error", needs="card", klass="impossible", since="2026.2")
def batch_size_not_the_product(card: MarkdownDocument) -> Iterator[Fault]:
    """`total_train_batch_size` is not the batch of a device times devices times accumulation steps.

    Why: The Trainer writes it as that product, so one of the numbers was changed by hand, and a repetition of
        the run would use other batches.
    Bad:
        # README.md
        ### Training hyperparameters
        - train_batch_size: 8
        - gradient_accumulation_steps: 1
        - total_train_batch_size: 4
    Good:
        # README.md
        ### Training hyperparameters
        - train_batch_size: 1
        - num_devices: 2
        - gradient_accumulation_steps: 2
        - total_train_batch_size: 4
    Fix: Write the numbers of the run. Not looked at: `distributed_type: IPU`, which has a further factor.
    Source: https://github.com/huggingface/transformers/blob/main/src/transformers/modelcard.py,
        extract_hyperparameters_from_trainer
    """
    for one, total, product in _batches(card):
        if total != product and ("devices" in one.numbers or total % product):
            yield one.place("total_train_batch_size").says(
                f"`total_train_batch_size` is {total}, {_factors(one)} is {product}",
                one.place("train_batch_size").labelled("of one device"),
            )


@rule("CLM302", level="warning", needs="card", klass="inconsistent", certainty="likely", since="2026.2")
def devices_not_named(card: MarkdownDocument) -> Iterator[Fault]:
    """`total_train_batch_size` holds a factor that the card does not explain.

    Why: The Trainer names `num_devices` where there are several; without it nobody can repeat the batches.
    Bad:
        # README.md
        ### Training hyperparameters
        - train_batch_size: 1
        - gradient_accumulation_steps: 2
        - total_train_batch_size: 4
    Good:
        # README.md
        ### Training hyperparameters
        - train_batch_size: 1
        - num_devices: 2
        - gradient_accumulation_steps: 2
        - total_train_batch_size: 4
    Fix: Add `num_devices`, or correct the wrong number.
    """
    for one, total, product in _batches(card):
        if total != product and "devices" not in one.numbers and not total % product:
            yield one.place("total_train_batch_size").says(
                f"`total_train_batch_size` is {total}, {_factors(one)} is {product}",
                one.place("train_batch_size").labelled("of one device"),
                help=f"if there were {total // product} devices, say `num_devices: {total // product}`",
            )


@rule(
    "CLM303",
    level="warning",
    needs=("card", "amounts"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def steps_imply_other_data(card: MarkdownDocument, amounts: Amounts) -> Iterator[Fault]:
    """Steps per epoch times the batch are not the number of training examples that is stated.

    Why: The model was trained on a part of the data, or on other data, and the card does not say so.
    Bad:
        # README.md
        - Training examples: 18,949
        ### Training hyperparameters
        - train_batch_size: 4
        - num_epochs: 10
        ### Training results
        | Training Loss | Epoch | Step | Validation Loss |
        |---|---|---|---|
        | No log | 10.0 | 30 | 2.5 |
    Good:
        # README.md
        - Training examples: 12
        ### Training hyperparameters
        - train_batch_size: 4
        - num_epochs: 10
        ### Training results
        | Training Loss | Epoch | Step | Validation Loss |
        |---|---|---|---|
        | No log | 10.0 | 30 | 2.5 |
    Fix: Say which part of the data was used, or that examples were cut or packed. Not looked at: IPUs, cards
        with several runs.
    """
    from auditor.statements.trainer import hyperparameters, logs

    lists, tables = hyperparameters(card), logs(card)
    stated = amounts.of("train_examples")
    if len(lists) != 1 or len(tables) != 1 or not stated or _has_own_factor(lists[0]):
        return
    batch = lists[0].whole("total_train_batch_size") or lists[0].whole("train_batch_size")
    last = tables[0].rows[-1]
    if batch is None or last.epoch is None or last.step is None or last.epoch.value < 1:
        return
    implied = train_size(last.step, last.epoch, batch)
    for sources in _DATA if implied is not None else ():
        here = [one for one in stated if one.source in sources]
        if implied is None or not here or any(implied.meets(meant(one.value, EXPECTED)) for one in here):
            continue
        yield last.place.says(
            f"{last.step} steps of {batch} in {last.epoch.text} epochs are {round(implied.low):,} to "
            f"{round(implied.high):,} examples an epoch, stated are {shown(here[0].value.text)}",
            here[0].place.labelled("stated here"),
        )


@rule("CLM304", level="warning", needs="amounts", klass="inconsistent", certainty="likely", since="2026.2")
def tokens_not_steps_times_batch(amounts: Amounts) -> Iterator[Fault]:
    """The tokens seen are not the steps times the tokens of a batch.

    Why: One of the three is wrong, and with it every comparison by training cost.
    Bad:
        # README.md
        - Training steps: 143,000
        - Tokens per batch: 4M
        - Training tokens: 300B
    Good:
        # README.md
        - Training steps: 143,000
        - Tokens per batch: 2,097,152
        - Training tokens: 299,892,736,000
    Fix: Correct the wrong one. A twentieth more or less is let pass, for batches that grow at the start.
    Source: https://github.com/EleutherAI/pythia/issues/39
    """
    found = [amounts.one(name, "card", "card prose") for name in ("steps", "batch_tokens", "tokens_seen")]
    steps, batch, tokens = found
    if steps is None or batch is None or tokens is None:
        return
    product = meant(steps.value).times(meant(batch.value)).scaled(*GROWING)
    if not product.meets(meant(tokens.value)):
        yield tokens.place.says(
            f"the card says {tokens.value.text} tokens, {steps.value.text} steps of {batch.value.text} are "
            f"{_short(steps, batch)}",
            batch.place.labelled("tokens of a batch"),
            steps.place.labelled("steps"),
        )


@rule("CLM308", level="note", needs="card", klass="implausible", certainty="hint", since="2026.2")
def steps_per_epoch_change(card: MarkdownDocument) -> Iterator[Fault]:
    """The rows of a training log do not agree how many steps an epoch has.

    Why: The log is of two runs, of data that changed, or some of its numbers are not the run's.
    Bad:
        # README.md
        ### Training results
        | Training Loss | Epoch | Step | Validation Loss |
        |---|---|---|---|
        | 0.9 | 1.0 | 100 | 0.8 |
        | 0.5 | 2.0 | 200 | 0.6 |
        | 0.3 | 3.0 | 450 | 0.5 |
    Good:
        # README.md
        ### Training results
        | Training Loss | Epoch | Step | Validation Loss |
        |---|---|---|---|
        | 0.9 | 1.0 | 100 | 0.8 |
        | 0.5 | 2.0 | 200 | 0.6 |
        | 0.3 | 3.0 | 301 | 0.5 |
    Fix: Say why it changes. A tenth more or less is let pass.
    """
    from auditor.statements.trainer import logs

    for log in logs(card):
        rows = [
            (row.step, row.epoch)
            for row in log.rows
            if row.step is not None
            and row.epoch is not None
            and row.step >= LEAST_STEPS * row.epoch.value > 0
        ]
        change = drift(rows)
        if change > STEADY:
            yield log.rows[-1].place.says(
                f"steps per epoch in this table change by a factor of {decimal(change, 2)}",
                log.rows[0].place.labelled("the log's first row"),
            )


def _batches(card: MarkdownDocument) -> Iterator[tuple[Hyperparameters, int, int]]:
    """Each list of hyperparameters whose batch can be multiplied, with the total and the product."""
    from auditor.statements.trainer import hyperparameters

    for one in hyperparameters(card):
        total, device = one.whole("total_train_batch_size"), one.whole("train_batch_size")
        if total is None or device is None or _has_own_factor(one):
            continue
        yield (
            one,
            total,
            device * (one.whole("devices") or 1) * (one.whole("gradient_accumulation_steps") or 1),
        )


def _has_own_factor(one: Hyperparameters) -> bool:
    return _OWN_FACTOR in one.texts.get("distributed_type", ("",))[0].lower()


def _factors(one: Hyperparameters) -> str:
    names = ("train_batch_size", "devices", "gradient_accumulation_steps")
    return " times ".join(shown(one.numbers[name][0].text, 20) for name in names if name in one.numbers)


def _short(steps: Quantity, batch: Quantity) -> str:
    return f"{round(steps.value.value * batch.value.value):,}"
