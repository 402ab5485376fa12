"""What a release says of its own openness, against what it ships: classes, badges, the tool's own file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.model import Fault, Place
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.prose import matches
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.openness.assessment import Assessment
    from auditor.openness.classes import Standing
    from auditor.readers.markdown import MarkdownDocument

_KLASSES = {"III": 3, "II": 2, "I": 1}
_MOST_NAMED = 3  # components of a message; the rest are counted
_NOT_YET = ("not ", "toward", "aim", "goal", "next", "plan", "would", "could", "requires", "asks for")


@provides("openness")
def openness(bundle: Bundle) -> Assessment | Absent:
    """How open the bundle is, by the Model Openness Tool's reading, where it claims a class."""
    manifest = bundle.get("manifest")
    if not isinstance(manifest, Document) or not manifest.get("mof_class"):
        return Absent("fmaudit.yaml claims no class of the Model Openness Framework")
    from auditor.rules.open_release import assessed

    return assessed(bundle, "mot")


@rule(
    "OPEN005",
    level="error",
    needs=("manifest", "openness"),
    klass="inconsistent",
    since="2026.2",
    after=("OPEN001",),
)
def class_not_reached(manifest: Document, openness: Assessment) -> Iterator[Fault]:
    """The release claims a class of the Model Openness Framework that its components do not make.

    Why: The class says in a word what a user may expect: with Class II that the model can be trained again.
        What a component needs to count is a file or URL under its name, and an open licence.
    Bad:
        # fmaudit.yaml
        mof_class: II
    Good:
        # fmaudit.yaml
        mof_class: null
    Fix: Ship or declare what is missing, put it under an open licence, or claim the class that is reached;
        `fmaudit score` lists what each class still asks for.
    Source: White et al. 2024, section 6, arXiv:2403.13784; https://isitopen.ai
    """
    from auditor.openness.components import numeral, rank

    claimed = _claimed(manifest)
    standing = openness.standing
    if rank(claimed) > rank(standing.klass):
        yield manifest.at("mof_class").says(
            f"the release claims Class {numeral(claimed)}, and the files make {_reached(standing)}: "
            f"{_lacking(standing, claimed)}",
            help="`fmaudit score` lists the components with their evidence",
        )


@rule(
    "OPEN006",
    level="error",
    needs=("card", "manifest"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def classes_disagree(card: MarkdownDocument, manifest: Document) -> Iterator[Fault]:
    """The card names another class of the Model Openness Framework than `fmaudit.yaml`.

    Why: One of the two is out of date, and readers see the card.
    Bad:
        # README.md
        This is a Class I release by the Model Openness Framework.
        # fmaudit.yaml
        mof_class: III
        components:
          - {component: Model architecture, path: config.json}
          - {component: Model parameters (Final), path: model.safetensors}
          - {component: Model card, path: README.md}
          - {component: Data card, path: data/croissant.json}
          - {component: Technical report, url: "https://example.org/report.pdf", license: CC-BY-4.0}
          - {component: Evaluation results, path: results/test.json}
    Good:
        # README.md
        This is a Class III release by the Model Openness Framework.
        # fmaudit.yaml
        mof_class: III
        components:
          - {component: Model architecture, path: config.json}
          - {component: Model parameters (Final), path: model.safetensors}
          - {component: Model card, path: README.md}
          - {component: Data card, path: data/croissant.json}
          - {component: Technical report, url: "https://example.org/report.pdf", license: CC-BY-4.0}
          - {component: Evaluation results, path: results/test.json}
    Fix: Write the same class in both.
    Source: White et al. 2024, arXiv:2403.13784.
    """
    claimed = _claimed(manifest)
    for klass, place in _classes_in(card) if claimed else ():
        if klass != claimed:
            from auditor.openness.components import numeral

            yield place.labelled(f"Class {numeral(klass)}").says(
                f"the card says Class {numeral(klass)}, and `fmaudit.yaml` says Class {numeral(claimed)}",
                manifest.at("mof_class").labelled(f"Class {numeral(claimed)}"),
            )


@rule(
    "OPEN007",
    level="warning",
    needs=("card", "bundle"),
    klass="unsupported",
    certainty="likely",
    after=("OPEN005", "OPEN006"),
    since="2026.2",
)
def badge_above_class(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """The card names a higher class of the Model Openness Framework than the files of the bundle make.

    Why: A badge is believed. Components may well lie elsewhere; then the bundle should say where, so that the
        class can be derived. Not looked at: pictures without words, and sentences about aims.
    Bad:
        # README.md
        This is a Class I release by the Model Openness Framework.
    Good:
        # README.md
        We aim at Class I of the Model Openness Framework.
    Fix: Declare where the components lie in `fmaudit.yaml` or `mof.yml`, with their licences; or name the
        class that is reached.
    Source: White et al. 2024, arXiv:2403.13784; https://isitopen.ai
    """
    standing: Standing | None = None
    for klass, place in _classes_in(card):
        from auditor.openness.components import numeral, rank
        from auditor.rules.open_release import assessed

        standing = standing or assessed(bundle, "mot").standing
        if rank(klass) > rank(standing.klass):
            yield place.says(
                f"the card says Class {numeral(klass)}, and the files make {_reached(standing)}: "
                f"{_lacking(standing, klass)}",
                help="`fmaudit score` lists the components with their evidence",
            )


def _classes_in(card: MarkdownDocument) -> Iterator[tuple[int, Place]]:
    """Each class of the framework that a sentence or badge of the card claims, with its place."""
    if "class" not in card.source.lower() or not re.search(
        r"\bMOF\b|[Mm]odel [Oo]penness [Ff]ramework", card.source
    ):
        return
    gap = r"[^.\n]{0,80}?"
    framework = r"(?:model openness framework|\bmof\b)"
    klass = r"\bclass(?:%20|[ _-])*(i{1,3})(?![a-z])"
    pattern = re.compile(rf"{framework}{gap}{klass}|{klass}{gap}{framework}", re.IGNORECASE)
    for match, place in matches(card, pattern):
        line = match.string.lower()
        if not any(word in line for word in _NOT_YET):
            yield len(match[1] or match[2]), place


def _claimed(manifest: Document) -> int:
    """The class that `fmaudit.yaml` claims, 0 for none."""
    klass = manifest.get("mof_class")
    return _KLASSES.get(klass, 0) if isinstance(klass, str) else 0


def _reached(standing: Standing) -> str:
    from auditor.openness.components import numeral

    return f"Class {numeral(standing.klass)}" if standing.klass else "none"


def _lacking(standing: Standing, klass: int) -> str:
    """What keeps the release from a class, the first few by name."""
    lacks = standing.lacks[klass]
    told = [
        f"`{lack.component.name}` is {lack.reason}"
        + (f" (`{shown(lack.licence, 30)}`)" if lack.licence else "")
        for lack in lacks[:_MOST_NAMED]
    ]
    more = [f"{len(lacks) - _MOST_NAMED} more"] if len(lacks) > _MOST_NAMED else []
    return ", ".join([*told, *more])
