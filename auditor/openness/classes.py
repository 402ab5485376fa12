"""The class of a release, from its components and whether the licence of each is open.

Class III asks for six components, II for four more, I for four more again; three are optional. A technical
report may be left out where there is a research paper, and then class I asks for one component less.
Progress towards a class is the share of what it asks for that is there and open, and 0 until the class below
is complete.

Source: ModelEvaluator.php of the Model Openness Tool (as of 2026-11), and White et al. 2024, section 6,
arXiv:2403.13784. Not copied: `array_search(11, ...)` there gives 0 where the report stands first in the list,
which PHP takes for "not found", so that report and paper both count towards class III.

Two profiles. `mot` judges as the tool does. `spec` differs in one point, where they disagree: data sets may
be under any licence or none, as third-party copies of the specification have it; the tool fails class I
then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from auditor.openness.components import COMPONENTS, DATASETS, PAPER, REPORT, Component
from auditor.openness.licensing import is_open
from auditor.records import dataclass

Profile = Literal["mot", "spec"]
Reason = Literal["missing", "unlicensed", "not open"]
PROFILES: tuple[Profile, ...] = ("mot", "spec")


@dataclass(frozen=True, slots=True)
class Lack:
    """A component that keeps a release from a class, and why."""

    component: Component
    reason: Reason
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a release stands.

    Attributes:
        klass: 3, 2 or 1; 0 where not even class III is complete.
        progress: percent of what each class asks for, by class.
        lacks: for each class what is still lacking, classes below included.
        asked: how many components each class asks for.
    """

    klass: int
    progress: Mapping[int, float]
    lacks: Mapping[int, tuple[Lack, ...]]
    asked: Mapping[int, int]

    @property
    def next(self) -> int:
        """The class above, or 0 where there is none."""
        return {0: 3, 3: 2, 2: 1, 1: 0}[self.klass]


def classify(licences: Mapping[int, Sequence[str]], profile: Profile = "mot") -> Standing:
    """Where a release stands.

    Args:
        licences: for each component that is there, by number, the licences of its parts; an empty text stands
            for none. Each must be open: the most restrictive counts (model_openness_tool#90).
        profile: by whose reading.
    """
    lacks = [_lack(component, licences, profile) for component in COMPONENTS if component.required]
    lacking = {lack.component.id: lack for lack in lacks if lack is not None}
    by_paper = REPORT in lacking and PAPER not in lacking
    if by_paper:
        del lacking[REPORT]
    progress, open_lacks, asked = {}, {}, {}
    reached = 0
    for klass in (3, 2, 1):
        of_class = [c for c in COMPONENTS if c.required and c.klass >= klass]
        open_lacks[klass] = tuple(lacking[c.id] for c in of_class if c.id in lacking)
        asked[klass] = len(of_class) - (by_paper and klass == 1)
        whole = klass == 3 or reached == klass + 1
        share = 100 * (asked[klass] - len(open_lacks[klass])) / asked[klass]
        progress[klass] = share if whole else 0.0
        if whole and not open_lacks[klass]:
            reached = klass
    return Standing(reached, progress, open_lacks, asked)


def _lack(component: Component, licences: Mapping[int, Sequence[str]], profile: Profile) -> Lack | None:
    borne = licences.get(component.id)
    if borne is None:
        return Lack(component, "missing")
    if profile == "spec" and component.id == DATASETS:
        return None
    closed = [licence for licence in borne if not is_open(licence)]
    if not closed and borne:
        return None
    named = [licence for licence in closed if licence]
    return Lack(component, "not open", named[0]) if named else Lack(component, "unlicensed")
