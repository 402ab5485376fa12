"""Carbon and energy as tools write them: codecarbon's emissions.csv, and `co2_eq_emissions` of a card."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.forensics.printed import Printed, read
from auditor.model import Place, Span
from auditor.readers.document import Document, Unreadable
from auditor.records import dataclass
from auditor.statements.score import Quantity

if TYPE_CHECKING:
    from auditor.bundle import Bundle

FILES = ("emissions.csv", "codecarbon.csv")
MAX_BYTES = 2**20  # of emissions.csv, which grows by some 300 bytes a run
MAX_RUNS = 1_000  # rows of it
# Columns of codecarbon: emissions in kg, emissions_rate in kg/s, energies in kWh, duration in seconds.
COLUMNS = (
    "duration",
    "emissions",
    "emissions_rate",
    "cpu_energy",
    "gpu_energy",
    "ram_energy",
    "energy_consumed",
)
_QUANTITIES = {"emissions": ("co2_g", "g", 1000), "energy_consumed": ("energy_kwh", "kWh", 1)}


@dataclass(frozen=True, slots=True)
class Emission:
    """One row of emissions.csv: its numbers by column, and its place."""

    place: Place
    numbers: dict[str, Printed]


def emissions(bundle: Bundle) -> tuple[Emission, ...]:
    """The rows of codecarbon's table; none where there is none or it is not codecarbon's."""
    if "emissions" not in bundle.memo:
        path = next((path for path in FILES if bundle.has(path)), "")
        bundle.memo["emissions"] = tuple(_read(bundle, path)) if path else ()
    known = bundle.memo["emissions"]
    assert isinstance(known, tuple)
    return known


def of_emissions(bundle: Bundle) -> Iterator[Quantity]:
    """Carbon and energy of each run."""
    for one in emissions(bundle):
        for column, (name, unit, factor) in _QUANTITIES.items():
            if column in one.numbers:
                value = one.numbers[column].times(factor)
                yield Quantity(one.place, "codecarbon", name, value, unit, one.place.file)


def of_front_matter(card: Document) -> Iterator[Quantity]:
    """`co2_eq_emissions`, which is in grams (hub documentation, model cards, "Specifying emissions")."""
    stated = card.get("co2_eq_emissions")
    path = ("co2_eq_emissions", "emissions") if isinstance(stated, dict) else ("co2_eq_emissions",)
    value = card.get(*path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return
    printed = read(value if isinstance(value, str) else card.printed(*path))
    if printed is not None:
        yield Quantity(card.at(*path), "front matter", "co2_g", printed, "g", f"{card.file} front matter")


def _read(bundle: Bundle, path: str) -> Iterator[Emission]:
    try:
        text = bundle.read_bytes(path, MAX_BYTES).decode("utf-8", "replace").removeprefix("\ufeff")
    except Unreadable:
        return
    rows = csv.reader(text.splitlines())
    try:
        header = [name.strip() for name in next(rows, [])]
        if not {"duration", "emissions"}.issubset(header):
            return
        for count, row in enumerate(rows):
            if count == MAX_RUNS:
                return
            named = dict(zip(header, row, strict=False))
            numbers = {name: value for name in COLUMNS if (value := read(named.get(name, ""))) is not None}
            span = Span(path, rows.line_num, 1, rows.line_num, len(",".join(row)) + 1)
            yield Emission(Place(path, span=span), numbers)
    except csv.Error:  # a field beyond the module's own bound of 131,072 characters
        return
