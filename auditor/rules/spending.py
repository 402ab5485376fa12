"""What a training needed and what its hardware offered, from the budget or the card, once for all rules."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.forensics.compute import needed as operations_needed
from auditor.forensics.training import Interval, counted, meant
from auditor.model import Place
from auditor.readers.document import Document
from auditor.records import dataclass
from auditor.rules.amounts import Amounts, ModelSize
from auditor.rules.chips import Chip, chip, how_many
from auditor.rules.registry import needed, provides

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.statements.score import Quantity

_CARD = ("card", "card prose")
_HARDWARE = ("hardwaretype", "hardware", "gpu", "gputype")  # names of list items, letters alone
_MOST_CHIPS = 10**6


@dataclass(frozen=True, slots=True)
class Spent:
    """Chips and their hours as one source states them.

    Attributes:
        source: `budget` or `card`.
        hours: chip-hours; where hours may be of one chip or of all, from the one to the other.
    """

    source: str
    chip: Chip
    hours: Interval
    place: Place


@dataclass(frozen=True, slots=True)
class Training:
    """A training with the operations it took and what offered them."""

    spent: Spent
    operations: Interval
    tokens: Quantity
    weights: Interval


@provides("spent")
def spent(bundle: Bundle) -> tuple[Spent, ...] | Absent:
    """What each source states of chips and hours, where the chip is known."""
    amounts = needed(bundle, "amounts")
    if not isinstance(amounts, Amounts):
        return Absent("the bundle states no chips and hours")
    found = [one for one in (_of_budget(bundle, amounts), _of_card(bundle, amounts)) if one is not None]
    return tuple(found) or Absent("the bundle states no chips and hours, or of chips that are not known")


@provides("trainings")
def trainings(bundle: Bundle) -> tuple[Training, ...] | Absent:
    """What can be compared of a training from scratch: weights, tokens, chips and hours."""
    amounts, offered = needed(bundle, "amounts"), needed(bundle, "spent")
    if not isinstance(offered, tuple) or not isinstance(amounts, Amounts):
        return Absent("the bundle does not state chips, hours and tokens of a training")
    card, config = bundle.get("card"), bundle.get("config")
    if isinstance(card, Document) and card.get("base_model"):
        return Absent("the model was made from another, whose tokens or hours may be counted in")
    if bundle.has("adapter_config.json") or (
        isinstance(config, Document) and config.get("is_encoder_decoder")
    ):
        return Absent(
            "6 N D holds for dense models that are trained whole and send each token through all of it"
        )
    found = []
    for one in offered:
        sources = ("budget",) if one.source == "budget" else _CARD
        tokens, weights = amounts.one("tokens_seen", *sources), _weights(bundle, amounts)
        if tokens is not None and weights is not None:
            operations = operations_needed(weights, meant(tokens.value))
            found.append(Training(one, operations, tokens, weights))
    return tuple(found) or Absent("the bundle does not state the tokens seen, or weights are in doubt")


def _of_budget(bundle: Bundle, amounts: Amounts) -> Spent | None:
    manifest = bundle.get("manifest")
    chips, hours = amounts.one("chips", "budget"), amounts.one("hours", "budget")
    if not isinstance(manifest, Document) or chips is None or hours is None:
        return None
    name = manifest.get("budget", "hardware", "chip")
    known = chip(name) if isinstance(name, str) else None
    if known is None or not 0 < chips.value.value <= _MOST_CHIPS:
        return None
    offered = meant(hours.value).times(counted(chips.value.value))
    return Spent("budget", known, offered, hours.place)


def _of_card(bundle: Bundle, amounts: Amounts) -> Spent | None:
    stated = amounts.one("chip_hours", *_CARD)
    if stated is not None and (known := chip(stated.unit)) is not None:
        return Spent("card", known, meant(stated.value), stated.place)
    chips, hours = amounts.one("chips", "card prose"), amounts.one("hours", "card prose")
    if chips is not None and hours is not None and chips.group == hours.group:
        known = chip(chips.unit)
        if known is not None and 0 < chips.value.value <= _MOST_CHIPS:
            return Spent("card", known, meant(hours.value).times(counted(chips.value.value)), hours.place)
    return _of_list(bundle, amounts)


def _of_list(bundle: Bundle, amounts: Amounts) -> Spent | None:
    """`Hardware Type` and `Hours used` of the template; hours of all chips, or of each."""
    from auditor.readers.markdown import MarkdownDocument
    from auditor.statements.bullets import bullets

    card = bundle.get("card")
    alone = amounts.one("chip_hours", "card")
    hours = alone or amounts.one("hours", "card")
    if not isinstance(card, MarkdownDocument) or hours is None:
        return None
    for bullet in bullets(card):
        name = "".join(letter for letter in bullet.name.lower() if letter.isalpha())
        known = chip(bullet.text) if name in _HARDWARE else None
        if known is not None and hours.group == f"{card.file} list {bullet.block}":
            times = meant(hours.value)
            number = 1 if alone is not None else how_many(bullet.text)
            return Spent("card", known, Interval(times.low, times.high * number), hours.place)
    return None


def _weights(bundle: Bundle, amounts: Amounts) -> Interval | None:
    """The weights that one token meets; embeddings left out below, as a look-up takes no operations."""
    size = needed(bundle, "model_size")
    active = amounts.one("params_active", *_CARD)
    if isinstance(size, ModelSize):
        if size.experts:
            return meant(active.value) if active is not None else None
        return Interval(Fraction(min(size.honest)), Fraction(size.total))
    if isinstance(size, Unread):
        return None
    stated = active or amounts.one("params_total")
    return meant(stated.value) if stated is not None else None
