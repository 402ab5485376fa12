"""Energy and carbon of a training: card, front matter and codecarbon's table against each other."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.forensics.compute import (
    GRAMS,
    LEAST_CARBON,
    MOST_CARBON,
    carbon_intensity,
    energy,
    short,
    slip,
)
from auditor.forensics.printed import EXPECTED, decimal, same
from auditor.forensics.training import Interval, meant
from auditor.model import Fault
from auditor.rules.amounts import Amounts
from auditor.rules.registry import provides, rule
from auditor.rules.spending import Spent

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.statements.costs import Emission
    from auditor.statements.score import Quantity

SUM_SLACK = Fraction(1, 100)  # of a sum in codecarbon's table; its own rows meet it to 1e-9
LEAST_KWH = Fraction(1, 10**6)  # below it the parts of a sum are noise
_CARD = ("card", "card prose")
_RATE_SLIP = 1000  # codecarbon before 2.0 wrote the rate in grams (codecarbon #346)


@provides("emissions_table")
def emissions_table(bundle: Bundle) -> tuple[Emission, ...] | Absent:
    """The rows of codecarbon's table."""
    from auditor.statements.costs import emissions

    return emissions(bundle) or Absent("the bundle has no emissions.csv of codecarbon")


@rule("CLM407", level="warning", needs="amounts", klass="implausible", certainty="likely", since="2026.2")
def carbon_of_no_grid(amounts: Amounts) -> Iterator[Fault]:
    """Carbon over energy is more or less than any electricity grid emits.

    Why: Mostly kilograms were written as grams or tonnes, and the sum of reports that copy it is wrong.
    Bad:
        # README.md
        The training used 400 kWh. It emitted 150 tonnes of CO2.
    Good:
        # README.md
        The training used 400 kWh. It emitted 150 kg of CO2.
    Fix: Correct the unit. From 1 to 1,300 g a kWh is let pass, and nought, which is meant as offset.
    Source: IPCC AR5 WG3, annex III, table A.III.2
    """
    carbon, used = amounts.one("co2_g", *_CARD), amounts.one("energy_kwh", *_CARD)
    if carbon is None or used is None or carbon.value.value <= 0 or used.value.value <= 0:
        return
    stated = carbon_intensity(meant(carbon.value), meant(used.value))
    likely = Interval(LEAST_CARBON, MOST_CARBON)
    if stated is not None and not likely.meets(stated):
        yield carbon.place.says(
            f"{carbon.value.text} for {used.value.text} are "
            f"{decimal(carbon.value.value / used.value.value, 1)} g a kWh, grids emit 1 to 1,300",
            used.place.labelled("energy"),
            help=_slipped(slip(stated, likely)),
        )


@rule("CLM408", level="warning", needs="amounts", klass="inconsistent", since="2026.2")
def carbon_in_front_matter_differs(amounts: Amounts) -> Iterator[Fault]:
    """`co2_eq_emissions` of the front matter is not what the card's text says.

    Why: The hub ranks and filters models by the front matter, people read the text.
    Bad:
        # README.md
        ---
        co2_eq_emissions: {emissions: 3.5123, source: codecarbon, training_type: fine-tuning,
          geographical_location: Bern, hardware_used: one core}
        ---
        - CO2 Emissions (in grams): 35.1230
    Good:
        # README.md
        ---
        co2_eq_emissions: {emissions: 3.512345678901234, source: codecarbon, training_type: fine-tuning,
          geographical_location: Bern, hardware_used: one core}
        ---
        - CO2 Emissions (in grams): 3.5123
    Fix: Write grams in the front matter, and the same amount in the text.
    Source: https://huggingface.co/docs/hub/model-cards-co2
    """
    front, stated = amounts.one("co2_g", "front matter"), amounts.of("co2_g", "card")
    if front is not None and stated and not any(_may_be_one(front, one) for one in stated):
        first = stated[0]
        factor = slip(meant(front.value), meant(first.value, EXPECTED))
        yield front.place.says(
            f"`co2_eq_emissions` is {front.value.text} g, the card says {first.value.text}",
            first.place,
            help=_slipped(factor),
        )


@rule("CLM409", level="error", needs="emissions_table", klass="impossible", since="2026.2")
def codecarbon_energy_not_the_sum(table: tuple[Emission, ...]) -> Iterator[Fault]:
    """`energy_consumed` of codecarbon's table is not the sum of its parts.

    Why: codecarbon adds CPU, GPU and RAM; a row where that does not hold was changed by hand.
    Bad:
        # emissions.csv, whole file
        timestamp,duration,emissions,emissions_rate,cpu_energy,gpu_energy,ram_energy,energy_consumed
        2024-05-27T11:31:35,300.0,0.0166,0.0000553,0.0035,0.0277,0.0026,0.0138
    Good:
        # emissions.csv, whole file
        timestamp,duration,emissions,emissions_rate,cpu_energy,gpu_energy,ram_energy,energy_consumed
        2024-05-27T11:31:35,300.0,0.0166,0.0000553,0.0035,0.0277,0.0026,0.0338
    Fix: Ship the file that codecarbon wrote.
    Source: https://mlco2.github.io/codecarbon/output.html
    """
    for one in table:
        parts = [one.numbers.get(name) for name in ("cpu_energy", "gpu_energy", "ram_energy")]
        total = one.numbers.get("energy_consumed")
        known = [part for part in parts if part is not None]
        if total is None or len(known) != len(parts) or total.value <= LEAST_KWH:
            continue
        added = sum((part.value for part in known), Fraction(0))
        allowed = sum((part.unit for part in known), total.unit) + SUM_SLACK * total.value
        if abs(added - total.value) > allowed:
            yield one.place.says(
                f"`energy_consumed` is {total.text}, its parts add up to {decimal(added, 6)}",
                one.place.labelled("the parts"),
            )


@rule(
    "CLM410",
    level="warning",
    needs="emissions_table",
    klass="inconsistent",
    after=("CLM409",),
    since="2026.2",
)
def codecarbon_rate_differs(table: tuple[Emission, ...]) -> Iterator[Fault]:
    """Emissions over duration in codecarbon's table are not its rate, or over energy those of no grid.

    Why: The row does not come out of one measurement.
    Bad:
        # emissions.csv, whole file
        timestamp,duration,emissions,emissions_rate,cpu_energy,gpu_energy,ram_energy,energy_consumed
        2024-05-27T11:31:35,300.0,0.0066,0.0000553,0.0035,0.0277,0.0026,0.0338
    Good:
        # emissions.csv, whole file
        timestamp,duration,emissions,emissions_rate,cpu_energy,gpu_energy,ram_energy,energy_consumed
        2024-05-27T11:31:35,300.0,0.0166,0.0553,0.0035,0.0277,0.0026,0.0338
    Fix: Ship the file that codecarbon wrote. A rate in grams, as early versions wrote it, is let pass.
    Source: https://github.com/mlco2/codecarbon/issues/346
    """
    for one in table:
        emitted, seconds, rate = (
            one.numbers.get(name) for name in ("emissions", "duration", "emissions_rate")
        )
        if emitted is None or seconds is None or emitted.value <= 0 or seconds.value <= 0:
            continue
        implied = emitted.value / seconds.value
        if rate is not None and rate.value > 0:
            near = [
                abs(implied * factor - rate.value) <= rate.unit + rate.value / 20
                for factor in (1, _RATE_SLIP)
            ]
            if not any(near):
                yield one.place.says(
                    f"`emissions` over `duration` are {short(implied)}, `emissions_rate` is {rate.text}",
                    one.place.labelled("emissions and duration"),
                )
                continue
        used = one.numbers.get("energy_consumed")
        grams = carbon_intensity(meant(emitted.times(GRAMS)), meant(used)) if used is not None else None
        if grams is not None and grams.low > MOST_CARBON and used is not None:
            yield one.place.says(
                f"{emitted.text} kg for {used.text} kWh are more than any grid emits",
                one.place.labelled("energy_consumed"),
            )


@rule("CLM411", level="warning", needs="amounts", klass="inconsistent", certainty="likely", since="2026.2")
def carbon_differs_from_codecarbon(amounts: Amounts) -> Iterator[Fault]:
    """`co2_eq_emissions` is neither a run of codecarbon's table nor the sum of its runs.

    Why: The measured value lies beside the published one; kilograms are often taken for grams.
    Bad:
        # README.md
        ---
        co2_eq_emissions: {emissions: 0.0166, source: codecarbon, training_type: fine-tuning,
          geographical_location: Bern, hardware_used: one core}
        ---
        # emissions.csv, whole file
        timestamp,duration,emissions,emissions_rate
        2024-05-27T11:31:35,300.0,0.0166,0.0000553
    Good:
        # README.md
        ---
        co2_eq_emissions: {emissions: 16.6, source: codecarbon, training_type: fine-tuning,
          geographical_location: Bern, hardware_used: one core}
        ---
        # emissions.csv, whole file
        timestamp,duration,emissions,emissions_rate
        2024-05-27T11:31:35,300.0,0.0166,0.0000553
    Fix: Publish grams: the table has kilograms. Say in the text where the number covers more than the table.
    Source: https://huggingface.co/docs/hub/model-cards-co2
    """
    front, measured = amounts.one("co2_g", "front matter"), amounts.of("co2_g", "codecarbon")
    if front is None or not measured:
        return
    total = sum((one.value.value for one in measured), Fraction(0))
    stated = meant(front.value).scaled(Fraction(99, 100), Fraction(101, 100))
    if stated.holds(total) or any(stated.meets(meant(one.value)) for one in measured):
        return
    everything = Interval(total * Fraction(99, 100), total * Fraction(101, 100))
    yield front.place.says(
        f"`co2_eq_emissions` is {front.value.text} g, codecarbon measured {short(total)} g",
        measured[0].place.labelled("measured"),
        help=_slipped(slip(stated, everything)),
    )


@rule(
    "CLM416",
    level="warning",
    needs=("amounts", "spent"),
    klass="implausible",
    certainty="likely",
    after=("CLM407",),
    since="2026.2",
)
def carbon_not_of_the_chips(amounts: Amounts, spent: tuple[Spent, ...]) -> Iterator[Fault]:
    """The stated carbon is more than the stated chips can cause in the stated hours.

    Why: Even on coal the energy of the chips does not emit as much: a unit or a number of hours is off.
    Bad:
        # README.md
        - **Hardware Type:** A100
        - **Hours used:** 100
        - **Carbon Emitted:** 12 tonnes
    Good:
        # README.md
        - **Hardware Type:** A100
        - **Hours used:** 100
        - **Carbon Emitted:** 12 kg
    Fix: Correct the wrong number. Twice the rated power and 1,300 g a kWh are let pass.
    Source: https://mlco2.github.io/impact
    """
    carbon = amounts.one("co2_g", *_CARD)
    for one in spent if carbon is not None else ():
        if one.source != "card" or one.chip.watts is None or carbon is None or carbon.value.value <= 0:
            continue
        likely = energy(one.hours, one.chip.watts).scaled(LEAST_CARBON, MOST_CARBON)
        if meant(carbon.value).low > likely.high:
            yield carbon.place.says(
                f"the card says {carbon.value.text}, {one.chip.name} at {one.chip.watts} W cause at most "
                f"{decimal(likely.high / GRAMS, 1)} kg in these hours",
                one.place.labelled("hours of its chips"),
                help=_slipped(slip(meant(carbon.value), likely)),
            )


def _may_be_one(front: Quantity, stated: Quantity) -> bool:
    """Whether both may be one amount; the text may round as it likes."""
    width = stated.value.half_width(EXPECTED) + front.value.half_width(EXPECTED)
    return same(front.value, stated.value) or abs(front.value.value - stated.value.value) <= width


def _slipped(factor: int) -> str:
    if not factor:
        return ""
    return "the number seems to be in kg" if factor == GRAMS else "the unit seems a thousand times too large"
