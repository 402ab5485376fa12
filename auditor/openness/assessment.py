"""A whole bundle: each component with its evidence and licence, and the class that follows.

A component bears its own licence where one is given; else the one for its type, else that of the
distribution: `fmaudit.yaml`, `mof.yml`, the card, the licence file, in this order. What lies elsewhere and is
only linked from the card bears none of them: a licence covers what it is shipped with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.openness.classes import Profile, Standing, classify
from auditor.openness.components import COMPONENTS, Component
from auditor.openness.coverage import Coverage, covered
from auditor.openness.evidence import Evidence, collect, described
from auditor.openness.files import Piece
from auditor.openness.licensing import is_open, suits
from auditor.openness.mot import FIELDS, SCOPES, Model, Part
from auditor.readers.document import Document
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.bundle import Bundle


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence that holds, and on whose word: `component`, a type, or a file; empty where there is none."""

    name: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Assessed:
    """A component of the bundle.

    Attributes:
        component: which.
        pieces: the evidence for it; none where it is missing.
        licences: those of its pieces, each once.
        is_open: whether it is there and all of them are open.
        suits: whether all of them suit its type.
    """

    component: Component
    pieces: tuple[Piece, ...]
    licences: tuple[Licence, ...]
    is_open: bool
    suits: bool

    @property
    def state(self) -> str:
        """`found`, `elsewhere` where every piece lies outside of the bundle, or `missing`."""
        if not self.pieces:
            return "missing"
        return "elsewhere" if all(piece.outside for piece in self.pieces) else "found"


@dataclass(frozen=True, slots=True)
class Assessment:
    """How open a bundle is.

    Attributes:
        bundle: its name.
        profile: by whose reading of the framework.
        parts: the 17 components, in the tool's order.
        standing: the class that follows.
        evidence: what it was derived from.
        unread: each file that could not be read, and why: what it holds did not count.
    """

    bundle: str
    profile: Profile
    parts: tuple[Assessed, ...]
    standing: Standing
    evidence: Evidence
    unread: tuple[tuple[str, str], ...] = ()


def assess(bundle: Bundle, profile: Profile = "mot", licence_file: str = "") -> Assessment:
    """How open the bundle is.

    Args:
        bundle: looked at by names and small documents; nothing large is read.
        profile: by whose reading of the framework.
        licence_file: the licence that a text such as LICENSE is, where it is known.
    """
    evidence = collect(bundle)
    found = described(bundle)
    fallbacks = _fallbacks(bundle, found[1] if found else None, licence_file)
    parts = tuple(_assessed(component, evidence, fallbacks) for component in COMPONENTS)
    licences = {part.component.id: [one.name for one in part.licences] for part in parts if part.pieces}
    unread = tuple((file, error.what) for file, error in bundle.faults)
    return Assessment(bundle.name, profile, parts, classify(licences, profile), evidence, unread)


def coverage(bundle: Bundle, assessment: Assessment) -> tuple[Coverage, ...]:
    """How the bundle answers each published list."""
    return covered(bundle, assessment.evidence)


def as_mot(bundle: Bundle, assessment: Assessment) -> Model:
    """The release as the Model Openness Tool has it; what its own file says beside components is kept."""
    found = described(bundle)
    fields = dict(found[1].fields) if found else {}
    manifest = bundle.get("manifest")
    if isinstance(manifest, Document) and isinstance(manifest.get("release"), str):
        name, _, version = str(manifest.get("release")).partition(" ")
        fields = {"name": name, **({"version": version} if version else {}), **fields}
    fields.setdefault("name", bundle.name)
    parts = []
    for part in assessment.parts:
        if part.pieces:
            piece = part.pieces[0]
            location = piece.note if piece.outside and "://" in piece.note else piece.file
            parts.append(Part(part.component.name, _joined(part.licences), "", location))
    kept = {name: fields[name] for name in (*FIELDS, "repository", "github", "huggingface") if name in fields}
    return Model(kept, {}, tuple(parts))


def _joined(licences: tuple[Licence, ...]) -> str:
    """One name for the tool, which knows one a component: the first that is not open (tool's issue 90)."""
    names = [one.name for one in licences]
    return next((name for name in names if not is_open(name)), names[0] if names else "")


def _assessed(component: Component, evidence: Evidence, fallbacks: list[tuple[str, Licence]]) -> Assessed:
    pieces = tuple(evidence.get(component.id, ()))
    licences = tuple(dict.fromkeys(_licence(piece, component, fallbacks) for piece in pieces))
    is_all_open = bool(licences) and all(is_open(one.name) for one in licences)
    fits = is_all_open and all(suits(one.name, component.kind) for one in licences)
    return Assessed(component, pieces, licences, is_all_open, fits)


def _licence(piece: Piece, component: Component, fallbacks: list[tuple[str, Licence]]) -> Licence:
    if piece.licence is not None:
        return Licence(piece.licence, "component" if piece.licence else "")
    for scope, licence in fallbacks:
        if scope in (component.kind, "distribution"):
            return licence
    return Licence("")


def _fallbacks(bundle: Bundle, described_as: Model | None, licence_file: str) -> list[tuple[str, Licence]]:
    """The licences that hold where a component has none of its own, each with its scope, in their order."""
    found: list[tuple[str, Licence]] = []
    given = described_as.licences if described_as else {}
    found += [
        (scope, Licence(given[scope][0], f"mof.yml, {scope}")) for scope in SCOPES[1:] if scope in given
    ]
    manifest, card = bundle.get("manifest"), bundle.get("card")
    if (
        isinstance(manifest, Document)
        and isinstance(manifest.get("license"), str)
        and manifest.get("license")
    ):
        found.append(("distribution", Licence(str(manifest.get("license")), manifest.file)))
    if "distribution" in given:
        found.append(("distribution", Licence(given["distribution"][0], "mof.yml")))
    if isinstance(card, Document) and (name := _of_card(card)):
        found.append(("distribution", Licence(name, card.file)))
    if licence_file:
        found.append(("distribution", Licence(licence_file, "LICENSE")))
    return found


def _of_card(card: Document) -> str:
    """The card's licence; of several each must hold, since nothing says which part each is for."""
    value = card.get("license")
    names = [
        name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str) and name
    ]
    if names == ["other"]:
        name = card.get("license_name")
        return name if isinstance(name, str) and name else "other"
    return " AND ".join(names)
