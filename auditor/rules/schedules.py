"""Schedule and log of a training run: warm-up, length, order of steps, losses that are no numbers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.printed import ANY
from auditor.model import Fault
from auditor.rules.amounts import Amounts
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import MarkdownDocument
    from auditor.statements.score import Score
    from auditor.statements.trainer import Hyperparameters, Log

OVERRUN = Fraction(5, 100)  # of an epoch: the Trainer prints 3.01 where leftover batches end a run late


@rule("CLM305", level="warning", needs="card", klass="implausible", certainty="likely", since="2026.2")
def warmup_longer_than_training(card: MarkdownDocument) -> Iterator[Fault]:
    """The learning rate was still rising when training ended.

    Why: The stated learning rate was never reached; often the default of 500 warm-up steps met a small set.
    Bad:
        # README.md
        ### Training hyperparameters
        - learning_rate: 0.001
        - train_batch_size: 4
        - lr_scheduler_warmup_steps: 500
        - training_steps: 100
    Good:
        # README.md
        ### Training hyperparameters
        - learning_rate: 0.001
        - train_batch_size: 4
        - lr_scheduler_warmup_steps: 10
        - training_steps: 100
    Fix: Say so in the card, or train with fewer warm-up steps.
    """
    for one, log in _runs(card):
        warmup, steps = one.whole("warmup_steps"), one.whole("steps")
        place = one.place("steps") if steps is not None else None
        if steps is None and log is not None and log.rows[-1].step is not None and _ran_out(one, log):
            steps, place = log.rows[-1].step, log.rows[-1].place
        if warmup is not None and steps is not None and place is not None and warmup >= steps:
            yield one.place("warmup_steps").says(
                f"{warmup} warm-up steps, and training ended after {steps}", place.labelled("the last step")
            )


@rule("CLM306", level="warning", needs="card", klass="inconsistent", since="2026.2")
def log_beyond_end(card: MarkdownDocument) -> Iterator[Fault]:
    """The training log goes on after the epochs or steps that the hyperparameters give.

    Why: Log and hyperparameters are of two runs, and the scores can be of only one of them.
    Bad:
        # README.md
        ### Training hyperparameters
        - train_batch_size: 4
        - num_epochs: 10
        ### Training results
        | Training Loss | Epoch | Step | Validation Loss |
        |---|---|---|---|
        | 0.9 | 6.0 | 18 | 0.8 |
        | 0.5 | 12.0 | 36 | 0.6 |
    Good:
        # README.md
        ### Training hyperparameters
        - train_batch_size: 4
        - num_epochs: 10
        ### Training results
        | Training Loss | Epoch | Step | Validation Loss |
        |---|---|---|---|
        | 0.9 | 6.0 | 18 | 0.8 |
        | 0.5 | 10.0 | 30 | 0.6 |
    Fix: Write the hyperparameters of the run whose log is shown.
    """
    for one, log in _runs(card):
        if log is None:
            continue
        last = log.rows[-1]
        epochs, steps = one.numbers.get("epochs"), one.whole("steps")
        if epochs is not None and last.epoch is not None:
            slack = max(OVERRUN, epochs[0].half_width(ANY) if epochs[0].unit < 1 else OVERRUN)
            if (
                last.epoch.value - last.epoch.half_width(ANY) * (last.epoch.unit < 1)
                > epochs[0].value + slack
            ):
                yield last.place.says(
                    f"the log goes to epoch {last.epoch.text}, `num_epochs` is {epochs[0].text}",
                    epochs[1],
                )
        elif steps is not None and last.step is not None and last.step > steps:
            yield last.place.says(
                f"the log goes to step {last.step}, `training_steps` is {steps}", one.place("steps")
            )


@rule("CLM307", level="warning", needs="card", klass="inconsistent", since="2026.2")
def steps_not_rising(card: MarkdownDocument) -> Iterator[Fault]:
    """A training log goes back in its steps.

    Why: Rows of several runs stand in one table, or rows were put in by hand.
    Bad:
        # README.md
        ### Training results
        | Training Loss | Epoch | Step | Validation Loss |
        |---|---|---|---|
        | 0.9 | 1.0 | 100 | 0.8 |
        | 0.5 | 2.0 | 200 | 0.6 |
        | 0.4 | 1.5 | 150 | 0.5 |
    Good:
        # README.md
        ### Training results
        | Training Loss | Epoch | Step | Validation Loss |
        |---|---|---|---|
        | 0.9 | 1.0 | 100 | 0.8 |
        | 0.5 | 2.0 | 200 | 0.6 |
    Fix: Give each run a table of its own.
    """
    from auditor.statements.trainer import logs

    for log in logs(card):
        before = None
        for row in log.rows:
            if row.step is not None:
                if before is not None and before.step is not None and row.step < before.step:
                    yield row.place.says(
                        f"step {row.step} follows step {before.step}", before.place.labelled("the row above")
                    )
                    break
                before = row


@rule(
    "CLM309",
    level="warning",
    needs=("card", "bundle"),
    klass="implausible",
    certainty="likely",
    since="2026.2",
)
def score_of_diverged_run(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """The last loss of a training log is no number, and scores are published.

    Why: A model whose loss is not a number mostly answers one class; a score may still look like something.
    Bad:
        # README.md
        ### Training results
        | Training Loss | Epoch | Step | Validation Loss |
        |---|---|---|---|
        | 0.9 | 1.0 | 100 | 0.8 |
        | 0.0 | 2.0 | 200 | nan |
    Good:
        # README.md
        ### Training results
        | Training Loss | Epoch | Step | Validation Loss |
        |---|---|---|---|
        | 0.9 | 1.0 | 100 | 0.8 |
        | 0.0 | 2.0 | 200 | 0.6 |
    Fix: Publish the checkpoint before the loss was lost, or say which one was scored.
    """
    from auditor.statements.collected import scores
    from auditor.statements.trainer import logs

    for log in logs(card):
        diverged = log.rows[-1].diverged
        if diverged and (score := _published(scores(bundle))) is not None:
            yield diverged[0].says(
                "the loss of the last row is no number, and scores are published",
                score.place.labelled("a score"),
            )


@rule("CLM315", level="warning", needs="amounts", klass="impossible", certainty="likely", since="2026.2")
def steps_beyond_last(amounts: Amounts) -> Iterator[Fault]:
    """trainer_state.json has done more steps or epochs than it was to do.

    Why: The Trainer stops at `max_steps`; the file is put together of two runs, or was edited.
    Bad:
        # trainer_state.json
        {"global_step": 500, "max_steps": 300, "epoch": 3.0, "num_train_epochs": 3}
    Good:
        # trainer_state.json
        {"global_step": 300, "max_steps": 300, "epoch": 3.0, "num_train_epochs": 3}
    Fix: Ship the file of the run that made the weights.
    """
    done, planned = (amounts.one(name, "trainer state") for name in ("steps_done", "steps"))
    if done is not None and planned is not None and done.value.value > planned.value.value > 0:
        yield done.place.says(
            f"`global_step` is {done.value.text}, `max_steps` is {planned.value.text}", planned.place
        )


@rule("CLM314", level="warning", needs="amounts", klass="inconsistent", certainty="likely", since="2026.2")
def results_of_another_run(amounts: Amounts) -> Iterator[Fault]:
    """The results file tells of another number of epochs or operations than trainer_state.json.

    Why: The scores are of one run, the weights and the log of another.
    Bad:
        # trainer_state.json
        {"global_step": 300, "max_steps": 300, "epoch": 3.0, "total_flos": 6000000000000}
        # all_results.json
        {"epoch": 5.0, "train_runtime": 61.5}
    Good:
        # trainer_state.json
        {"global_step": 300, "max_steps": 300, "epoch": 3.0, "total_flos": 6000000000000}
        # all_results.json
        {"epoch": 3.0, "train_runtime": 61.5, "total_flos": 6000000000000}
    Fix: Ship the files of one run.
    """
    for name in ("epochs_done", "trainer_flops"):
        state, results = amounts.one(name, "trainer state"), amounts.one(name, "results")
        if state is not None and results is not None:
            allowed = state.value.half_width(ANY) + results.value.half_width(ANY)
            if abs(state.value.value - results.value.value) > allowed + results.value.value / 1000:
                key = results.place.path[-1]
                yield results.place.says(
                    f"`{key}` is {results.value.text}, {state.value.text} in trainer_state.json", state.place
                )


def _runs(card: MarkdownDocument) -> Iterator[tuple[Hyperparameters, Log | None]]:
    """The hyperparameters of the card's only run and its log; of several runs the hyperparameters alone."""
    from auditor.statements.trainer import hyperparameters, logs

    lists, tables = hyperparameters(card), logs(card)
    for one in lists:
        yield one, tables[0] if len(lists) == len(tables) == 1 else None


def _ran_out(one: Hyperparameters, log: Log) -> bool:
    """Whether the last row of the log stands at the end of the run, so that no later step is missing."""
    epochs, last = one.numbers.get("epochs"), log.rows[-1].epoch
    return epochs is not None and last is not None and abs(epochs[0].value - last.value) <= OVERRUN


def _published(scores: tuple[Score, ...]) -> Score | None:
    """The first published score that is no loss."""
    found = (one for one in scores if one.source in ("model-index", "card list", "card table", "manifest"))
    return next((one for one in found if one.metric.base not in ("loss", "perplexity")), None)
