"""What is known of a table of data after one pass over it, and what that pass was asked for.

Nothing is kept of a row but its digest and the code of its label, and the text of a few that are compared.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import field

from auditor.readers.document import Unreadable
from auditor.records import dataclass
from auditor.rules.grams import Sample
from auditor.rules.traces import Traces


@dataclass(frozen=True, slots=True)
class Asked:
    """What a scan is to look for.

    Attributes:
        has_header: as a recipe says it, None where nobody does.
        label: the column of classes by its number, None where its name tells it.
        types: what each column is declared as: integer or number.
        sampled: whether some texts are kept, to be looked for in other files.
        watched: the word sequences of such texts, to be looked for here.
        most_rows: how many rows are read.
    """

    has_header: bool | None = None
    label: int | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    sampled: bool = False
    watched: frozenset[int] = frozenset()
    most_rows: int = 0


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that cannot be read as its column is declared."""

    column: str
    declared: str
    line: int
    value: str


@dataclass(slots=True)
class Scan:
    """What is known of one file.

    Attributes:
        columns: their names; of records in JSON every key that was met.
        kinds: of the columns, where the file itself states them.
        has_header: None where the first row may as well be data.
        width: cells of the first row.
        digests: one of each row.
        codes: of each row's label, the place in `labels`, or -1 without one.
        labels: the different ones; None where there are none, or so many that they are no classes.
        uneven: how many rows have more cells than the first; line and cells of the first of them.
        met: of the watched word sequences.
        reason: why the file was not read to its end; empty where it was.
        fault: what is damaged in it.
    """

    file: str
    columns: tuple[str, ...] = ()
    kinds: dict[str, str] = field(default_factory=dict)
    has_header: bool | None = True
    width: int = 0
    n_rows: int = 0
    digests: array[int] = field(default_factory=lambda: array("Q"))
    codes: array[int] = field(default_factory=lambda: array("i"))
    labels: list[str] | None = None
    misfits: list[Misfit] = field(default_factory=list)
    uneven: tuple[int, int, int] = (0, 0, 0)
    traces: Traces = field(default_factory=Traces)
    sample: Sample = field(default_factory=Sample)
    met: set[int] = field(default_factory=set)
    reason: str = ""
    fault: Unreadable | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every row was seen."""
        return not self.reason and self.fault is None

    def counts(self, first: int, end: int | None) -> dict[str, int] | None:
        """How often each label stands in a range of rows; None where there are none, or too many."""
        if self.labels is None or not self.codes:
            return None
        from collections import Counter

        counted = Counter(self.codes[first:end])
        return {self.labels[code]: count for code, count in sorted(counted.items()) if code >= 0}
