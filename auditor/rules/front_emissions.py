"""`co2_eq_emissions` of the front matter: a number of grams, and what it was measured on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

_KEY = "co2_eq_emissions"
_FACTS = ("source", "training_type", "geographical_location", "hardware_used")


@rule("CARD032", level="warning", needs="card", since="2026.2")
def emissions_without_number(card: MarkdownDocument) -> Iterator[Fault]:
    """The emissions of training are not a number of grams.

    Why: The hub reads grams of CO2 equivalent; `1.2 kg` or `low` is shown to nobody and sorted nowhere.
    Bad:
        # README.md
        ---
        co2_eq_emissions: {emissions: 1.2 kg, source: codecarbon, training_type: pre-training,
          geographical_location: Bern, hardware_used: one core}
        ---
    Good:
        # README.md
        ---
        co2_eq_emissions: {emissions: 1200, source: codecarbon, training_type: pre-training,
          geographical_location: Bern, hardware_used: one core}
        ---
    Fix: Write the number of grams, without a unit.
    Source: https://huggingface.co/docs/hub/model-cards-co2
    """
    given = card.get(_KEY)
    path: tuple[str | int, ...] = (_KEY, "emissions") if isinstance(given, dict) else (_KEY,)
    value = given.get("emissions") if isinstance(given, dict) else given
    if given is None or (isinstance(value, int | float) and not isinstance(value, bool) and value >= 0):
        return
    what = "missing" if value is None else f"`{shown(str(value), 40)}`"
    yield card.at(*path).says(f"the emissions are {what}, expected a number of grams of CO2 equivalent")


@rule("CARD033", level="note", needs="card", since="2026.2")
def emissions_without_source(card: MarkdownDocument) -> Iterator[Fault]:
    """The emissions are given without how, where or on what they were measured.

    Why: A number of grams cannot be checked or compared without the hardware, the place and the source of it.
    Bad:
        # README.md
        ---
        co2_eq_emissions: 12.5
        ---
    Good:
        # README.md
        ---
        co2_eq_emissions: {emissions: 12.5, source: codecarbon, training_type: pre-training,
          geographical_location: Bern, hardware_used: one core}
        ---
    Fix: Add `source`, `training_type`, `geographical_location` and `hardware_used`.
    Source: https://huggingface.co/docs/hub/model-cards-co2
    """
    given = card.get(_KEY)
    if given is None:
        return
    missing = [fact for fact in _FACTS if not card.get(_KEY, fact)]
    if missing:
        listed = ", ".join(f"`{fact}`" for fact in missing)
        yield card.at(_KEY).says(f"the emissions are given without {listed}")
