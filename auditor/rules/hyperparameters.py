"""Hyperparameters of the card against the recipe and the files of the run, and these among themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.forensics.printed import same
from auditor.forensics.training import Interval
from auditor.model import Fault, Place
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.amounts import Amounts, ModelSize
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.forensics.printed import Printed
    from auditor.readers.markdown import MarkdownDocument
    from auditor.statements.trainer import Hyperparameters

_COMPARED = (
    "learning_rate",
    "epochs",
    "steps",
    "seed",
    "gradient_accumulation_steps",
    "warmup_steps",
    "warmup_ratio",
)
_FILES = ("training arguments", "trainer state", "mlflow")
FLOPS_SLACK = 3  # padding, a mask counted or not, a head of its own: the Trainer's count is a rule of thumb


@rule(
    "CLM310",
    level="warning",
    needs=("amounts", "model_size"),
    klass="implausible",
    certainty="hint",
    since="2026.2",
)
def operations_of_another_model(amounts: Amounts, size: ModelSize) -> Iterator[Fault]:
    """`total_flos` of trainer_state.json is far from six times the weights times the tokens.

    Why: The Trainer counts so; the file is of a run with another model, or with other data.
    Bad:
        # trainer_state.json
        {"global_step": 10, "num_input_tokens_seen": 1000000, "total_flos": 42000000000000}
    Good:
        # trainer_state.json
        {"global_step": 10, "num_input_tokens_seen": 1000000, "total_flos": 110000000000}
    Fix: Ship the trainer_state.json of the run that made the weights. A factor of 3 is let pass. Not looked
        at: runs that counted no tokens, adapters.
    Source: https://github.com/huggingface/transformers/blob/main/src/transformers/modeling_utils.py,
        floating_point_ops
    """
    flops, tokens = amounts.one("trainer_flops", "trainer state"), amounts.one("tokens_seen", "trainer state")
    if flops is None or tokens is None or tokens.value.value <= 0 or flops.value.value <= 0:
        return
    implied = flops.value.value / (6 * tokens.value.value)
    if not min(size.honest) / FLOPS_SLACK <= implied <= size.total * FLOPS_SLACK:
        yield flops.place.says(
            f"`total_flos` over 6 times the tokens is a model of {round(implied):,} parameters, "
            f"{size.source} {size.total:,}",
            tokens.place.labelled("tokens"),
            size.place.labelled("counted here"),
        )


@rule("CLM311", level="error", needs=("card", "recipe"), klass="inconsistent", since="2026.2")
def card_differs_from_recipe(card: MarkdownDocument, recipe: Document) -> Iterator[Fault]:
    """The card's hyperparameters are not those of the recipe.

    Why: Whoever retrains by the one does not get what the other describes.
    Bad:
        # README.md
        ### Training hyperparameters
        - learning_rate: 0.01
        - train_batch_size: 4
        - num_epochs: 10
    Good:
        # README.md
        ### Training hyperparameters
        - learning_rate: 1e-3
        - train_batch_size: 4
        - seed: 2
        - optimizer: Adam with betas=(0.9,0.999) and epsilon=1e-08
        - num_epochs: 10
    Fix: Bring both to what was run. Not looked at: cards with several lists of hyperparameters.
    """
    from auditor.statements.run_files import of_recipe
    from auditor.statements.trainer import hyperparameters

    lists = hyperparameters(card)
    if len(lists) != 1:
        return
    one, known = lists[0], {each.name: each for each in of_recipe(recipe)}
    for name in ("learning_rate", "epochs"):
        if name in one.numbers and name in known and not _same(one.numbers[name][0], known[name].value):
            yield _differs(one, name, known[name].value, known[name].place, "the recipe")
    yield from _batch_differs(one, recipe)
    seeds = [seed for _, seed in recipe.items("seeds", "values") if isinstance(seed, int)]
    seed = one.numbers.get("seed")
    if seeds and seed is not None and seed[0].value not in seeds:
        yield seed[1].says(
            f"seed {shown(seed[0].text)} is none of the recipe's", recipe.at("seeds", "values")
        )
    kind, stated = recipe.get("optimizer", "kind", default="adam"), one.texts.get("optimizer")
    # The Trainer's cards say "Adam" of its AdamW.
    name = "adam" if kind == "adamw" else kind
    if isinstance(name, str) and stated is not None and name not in stated[0].lower():
        yield stated[1].says(
            f"the optimizer is {shown(stated[0])}, `{shown(kind)}` in the recipe", recipe.key("optimizer")
        )


@rule(
    "CLM312",
    level="warning",
    needs=("card", "amounts"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def card_differs_from_run_files(card: MarkdownDocument, amounts: Amounts) -> Iterator[Fault]:
    """The card's hyperparameters are not those in the files of the run.

    Why: The files were written by the run itself; the card was not, or is of another run.
    Bad:
        # README.md
        ### Training hyperparameters
        - train_batch_size: 4
        - num_epochs: 10
        # trainer_state.json
        {"global_step": 12, "epoch": 4.0, "num_train_epochs": 4, "train_batch_size": 4}
    Good:
        # README.md
        ### Training hyperparameters
        - train_batch_size: 4
        - num_epochs: 10
        # trainer_state.json
        {"global_step": 30, "epoch": 10.0, "num_train_epochs": 10, "train_batch_size": 2}
    Fix: Ship the files of the run that the card describes. A batch of the files may be that of one of several
        devices. Not looked at: cards with several lists of hyperparameters.
    """
    from auditor.statements.trainer import hyperparameters

    lists = hyperparameters(card)
    if len(lists) != 1:
        return
    one = lists[0]
    for name in _COMPARED:
        for source in _FILES:
            there = amounts.one(name, source)
            if name not in one.numbers or there is None or _same(one.numbers[name][0], there.value):
                continue
            if there.value.value or not name.startswith("warmup"):  # of its steps and ratio one is unused
                yield _differs(one, name, there.value, there.place, f"`{shown(there.place.file)}`")
    batch = one.whole("train_batch_size")
    for there in (
        *amounts.of("train_batch_size", "trainer state"),
        *amounts.of("device_batch_size", *_FILES),
    ):
        device = there.value.value
        if batch is not None and device > 0 and batch % device:
            yield _differs(one, "train_batch_size", there.value, there.place, f"`{shown(there.place.file)}`")


@rule("CLM313", level="warning", needs="amounts", klass="impossible", certainty="likely", since="2026.2")
def speed_times_runtime_not_steps(amounts: Amounts) -> Iterator[Fault]:
    """Steps a second times the runtime are not the steps of the run.

    Why: The Trainer divides the one by the other, so the three are not of one run, or one was changed.
    Bad:
        # trainer_state.json
        {"global_step": 3000, "max_steps": 3000, "epoch": 3.0}
        # all_results.json
        {"epoch": 3.0, "train_runtime": 100.0, "train_steps_per_second": 3.0}
    Good:
        # trainer_state.json
        {"global_step": 300, "max_steps": 300, "epoch": 3.0}
        # all_results.json
        {"epoch": 3.0, "train_runtime": 100.0, "train_steps_per_second": 3.0}
    Fix: Ship the files of one run.
    Source: https://github.com/huggingface/transformers/blob/main/src/transformers/trainer_utils.py,
        speed_metrics
    """
    speed, seconds = amounts.one("steps_per_second", "results"), amounts.one("train_seconds", "results")
    planned, done = amounts.one("steps", "trainer state"), amounts.one("steps_done", "trainer state")
    if speed is None or seconds is None or planned is None or done is None or speed.value.value <= 0:
        return
    # At least three decimals of the rate and four of the time are kept; JSON drops zeros at their end.
    implied = _rounded(speed.value, 3).times(_rounded(seconds.value, 4))
    if not implied.holds(planned.value.value) and not implied.holds(done.value.value):
        yield speed.place.says(
            f"{speed.value.text} steps a second in {seconds.value.text} seconds are not "
            f"{planned.value.text} steps",
            planned.place,
        )


def _rounded(value: Printed, decimals: int) -> Interval:
    from fractions import Fraction

    width = Fraction(1, 10**decimals)
    return Interval(max(value.value - width, Fraction(0)), value.value + width)


def _same(one: Printed, other: Printed) -> bool:
    return one.value == other.value or same(one, other)


def _differs(one: Hyperparameters, name: str, there: Printed, place: Place, where: str) -> Fault:
    stated = one.numbers[name][0]
    return one.place(name).says(
        f"the card's `{name}` is {shown(stated.text, 30)}, {where} says {shown(there.text, 30)}", place
    )


def _batch_differs(one: Hyperparameters, recipe: Document) -> Iterator[Fault]:
    """The batch of a step, of all devices together, is not the recipe's."""
    there, device = recipe.get("training", "batch_size"), one.whole("train_batch_size")
    name = "total_train_batch_size" if "total_train_batch_size" in one.numbers else "train_batch_size"
    batch = one.whole("total_train_batch_size")
    if batch is None and device is not None:
        batch = device * (one.whole("devices") or 1) * (one.whole("gradient_accumulation_steps") or 1)
    if batch is not None and isinstance(there, int) and not isinstance(there, bool) and there != batch:
        yield one.place(name).says(
            f"a step of the card has {batch} examples, of the recipe {shown(str(there)[:20])}",
            recipe.at("training", "batch_size"),
        )
