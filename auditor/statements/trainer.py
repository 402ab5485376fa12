"""What the Trainer of transformers writes into a card: its hyperparameters, and the table of its log.

The names are those of transformers/modelcard.py, `extract_hyperparameters_from_trainer` (read in 5.x).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.forensics.printed import Printed, read
from auditor.model import Place
from auditor.records import dataclass
from auditor.statements.bullets import bullets
from auditor.statements.score import Quantity

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument, Table

MAX_LOG_ROWS = 20_000  # of one table; a longer log is not read to its end
# Name in the card: canonical name.
NUMBERS = {
    "learning_rate": "learning_rate",
    "train_batch_size": "train_batch_size",
    "eval_batch_size": "eval_batch_size",
    "seed": "seed",
    "num_devices": "devices",
    "gradient_accumulation_steps": "gradient_accumulation_steps",
    "total_train_batch_size": "total_train_batch_size",
    "total_eval_batch_size": "total_eval_batch_size",
    "lr_scheduler_warmup_steps": "warmup_steps",
    "lr_scheduler_warmup_ratio": "warmup_ratio",
    "num_epochs": "epochs",
    "training_steps": "steps",
    "label_smoothing_factor": "label_smoothing",
}
TEXTS = {
    "optimizer": "optimizer",
    "lr_scheduler_type": "schedule",
    "distributed_type": "distributed_type",
    "mixed_precision_training": "mixed_precision",
}
_LOG = frozenset({"epoch", "step"})
_NAN = re.compile(r"[-+]?(?:nan|inf(?:inity)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """One list of hyperparameters: numbers and texts by canonical name, each with its place."""

    group: str
    numbers: dict[str, tuple[Printed, Place]]
    texts: dict[str, tuple[str, Place]]

    def whole(self, name: str) -> int | None:
        """The positive integer of this name, or None."""
        found = self.numbers.get(name)
        if found is None or found[0].value.denominator != 1 or found[0].value < 1:
            return None
        return found[0].value.numerator

    def place(self, name: str) -> Place:
        """Where the number or text of this name stands; there must be one."""
        return self.numbers[name][1] if name in self.numbers else self.texts[name][1]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a log: epoch and step where they are numbers, and where losses that are none stand."""

    epoch: Printed | None
    step: int | None
    place: Place
    diverged: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """A table of a card with columns for epoch and step."""

    group: str
    line: int
    rows: tuple[Row, ...]


@lru_cache(maxsize=2)
def hyperparameters(card: MarkdownDocument) -> tuple[Hyperparameters, ...]:
    """Each list of hyperparameters under a heading that says so."""
    found: dict[int, Hyperparameters] = {}
    for bullet in bullets(card):
        number, text = NUMBERS.get(bullet.name), TEXTS.get(bullet.name)
        if (number is None and text is None) or "hyperparameter" not in bullet.heading.lower():
            continue
        group = f"{card.file} list {bullet.block}"
        one = found.setdefault(bullet.block, Hyperparameters(group, {}, {}))
        place = card.place(bullet.span)
        if text is not None:
            one.texts.setdefault(text, (bullet.text, place))
        elif number is not None and (value := read(bullet.text)) is not None:
            ratio = number == "warmup_steps" and 0 < value.value < 1  # transformers 5 takes both there
            one.numbers.setdefault("warmup_ratio" if ratio else number, (value, place))
    return tuple(found.values())


def of_hyperparameters(card: MarkdownDocument) -> Iterator[Quantity]:
    """The numbers among them."""
    for one in hyperparameters(card):
        for name, (value, place) in one.numbers.items():
            yield Quantity(place, "card", name, value, group=one.group)


@lru_cache(maxsize=2)
def logs(card: MarkdownDocument) -> tuple[Log, ...]:
    """Every table with columns named Epoch and Step."""
    found = []
    for table in card.tables:
        names = [cell.text.strip("*_` ").lower() for cell in table.header]
        if _LOG.issubset(names):
            rows = tuple(_rows(card, table, names))
            if rows:
                found.append(Log(f"{card.file} table {table.line}", table.line, rows))
    return tuple(found)


def of_logs(card: MarkdownDocument) -> Iterator[Quantity]:
    """How far the last row of each log is."""
    for log in logs(card):
        last = log.rows[-1]
        if last.epoch is not None:
            yield Quantity(last.place, "card log", "epochs_done", last.epoch, group=log.group)
        if last.step is not None:
            step = read(str(last.step))
            if step is not None:
                yield Quantity(last.place, "card log", "steps_done", step, group=log.group)


def _rows(card: MarkdownDocument, table: Table, names: list[str]) -> Iterator[Row]:
    epochs, steps = names.index("epoch"), names.index("step")
    losses = [index for index, name in enumerate(names) if name.endswith("loss")]
    for row in table.rows[:MAX_LOG_ROWS]:
        epoch, step = read(row[epochs].text), read(row[steps].text)
        whole = step is not None and step.value.denominator == 1 and 0 <= step.value < 10**15
        yield Row(
            epoch,
            step.value.numerator if step is not None and whole else None,
            card.place(row[steps].span),
            tuple(card.place(row[index].span) for index in losses if _NAN.fullmatch(row[index].text)),
        )
