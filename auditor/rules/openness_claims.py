"""What a release says of its own openness, against what it ships: classes claimed, badges, the tool's own file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault, Place
from auditor.openness.components import by_name, numeral, rank
from auditor.openness.evidence import collect, is_there, is_url
from auditor.openness.mot import FILES, MAX_COMPONENTS, Model, read
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.edits import rewritten
from auditor.rules.open_release import assessed
from auditor.rules.paths import escapes
from auditor.rules.prose import matches
from auditor.rules.registry import provides, rule
from auditor.rules.vocabulary import near_miss, only_near

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.openness.assessment import Assessment
    from auditor.openness.classes import Standing
    from auditor.readers.markdown import MarkdownDocument

_KLASSES = {"III": 3, "II": 2, "I": 1}
_MOST_NAMED = 3  # components of a message; the rest are counted
_NOT_YET = ("not ", "toward", "aim", "goal", "next", "plan", "would", "could", "requires", "asks for")


@provides("mof.yml")
def mof_file(bundle: Bundle) -> tuple[Document, Model] | Absent | Unread:
    """The file of the Model Openness Tool in the bundle, and what it says."""
    for name in FILES:
        if bundle.has(name):
            document = bundle.document(name)
            return (document, read(document)) if isinstance(document, Document) else document
    return Absent("the bundle has no mof.yml")


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
    claimed = _KLASSES.get(str(manifest.get("mof_class")), 0)
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
    claimed = _KLASSES.get(str(manifest.get("mof_class")), 0)
    for klass, place in _classes_in(card) if claimed else ():
        if klass != claimed:
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
        standing = standing or assessed(bundle, "mot").standing
        if rank(klass) > rank(standing.klass):
            yield place.says(
                f"the card says Class {numeral(klass)}, and the files make {_reached(standing)}: "
                f"{_lacking(standing, klass)}",
                help="`fmaudit score` lists the components with their evidence",
            )


@rule("OPEN008", level="error", needs=("mof.yml", "bundle"), klass="inconsistent", since="2026.2")
def mof_path_missing(mof: tuple[Document, Model], bundle: Bundle) -> Iterator[Fault]:
    """`mof.yml` says that a component lies at a path where the bundle has nothing, or nothing but a placeholder.

    Why: The Model Openness Tool believes the file; the class it gives rests on what is not there. An empty file
        and a Git LFS pointer are no component.
    Bad:
        # mof.yml
        release:
          name: digits-cnn
          license: {distribution: {name: Apache-2.0, path: LICENSE}}
          components:
            - {name: Training code, component_path: code/train.py}
    Good:
        # mof.yml
        release:
          name: digits-cnn
          license: {distribution: {name: Apache-2.0, path: LICENSE}}
          components:
            - {name: Training code, component_path: recipe.yaml}
    Fix: Ship the file, correct the path, or take the component off the list.
    Source: https://github.com/lfai/model_openness_tool, schema/mof_schema.json
    """
    document, model = mof
    for part in model.parts:
        where = part.location
        if (
            where
            and not is_url(where)
            and _is_path(where)
            and not escapes(where)
            and not is_there(bundle, where)
        ):
            key = "component_path" if document.get(*part.at, "component_path") else "location"
            yield document.at(*part.at, key).says(f"`{shown(where)}` is not in the bundle, or empty")


@rule(
    "OPEN009",
    level="warning",
    needs=("mof.yml", "bundle"),
    klass="unsupported",
    certainty="likely",
    since="2026.2",
)
def mof_component_nowhere(mof: tuple[Document, Model], bundle: Bundle) -> Iterator[Fault]:
    """`mof.yml` lists a component without saying where it lies, and the bundle has nothing of the kind.

    Why: Whoever wants the component is not told where it is. Not looked at: whether it is published elsewhere,
        and files whose names do not tell what they are.
    Bad:
        # mof.yml
        release:
          name: digits-cnn
          license: {distribution: {name: Apache-2.0, path: LICENSE}}
          components:
            - {name: Data preprocessing code}
    Good:
        # mof.yml
        release:
          name: digits-cnn
          license: {distribution: {name: Apache-2.0, path: LICENSE}}
          components:
            - {name: Data preprocessing code, component_path: "https://example.org/prepare.py"}
    Fix: Add `component_path` with the path or the URL.
    Source: https://github.com/lfai/model_openness_tool, schema/mof_schema.json
    """
    document, model = mof
    bare = [part for part in model.parts if not part.location and part.name in by_name()]
    evidence = collect(bundle) if bare else {}
    for part in bare:
        if by_name()[part.name].id not in evidence:
            yield document.at(*part.at, "name").says(
                f"`{part.name}` is said to be released, and nothing in the bundle looks like it",
                help="say where it lies in `component_path`",
            )


@rule("OPEN010", level="error", needs="mof.yml", since="2026.2")
def mof_component_unknown(mof: tuple[Document, Model]) -> Iterator[Fault]:
    """`mof.yml` lists a component by a name that the Model Openness Framework does not have.

    Why: The Model Openness Tool knows 17 components by their exact names; another is dropped or refused, and
        the release counts for less than it is. One guide in circulation lists names that are not the tool's.
    Bad:
        # mof.yml
        release:
          name: digits-cnn
          license: {distribution: {name: Apache-2.0, path: LICENSE}}
          components:
            - {name: Model parameters (final), component_path: model.safetensors}
    Good:
        # mof.yml
        release:
          name: digits-cnn
          license: {distribution: {name: Apache-2.0, path: LICENSE}}
          components:
            - {name: Model parameters (Final), component_path: model.safetensors}
    Fix: Write one of the 17 names.
    Source: https://github.com/lfai/model_openness_tool, web/modules/mof/config/install/mof.settings.yml
    """
    document, model = mof
    for part in model.parts[:MAX_COMPONENTS]:
        if part.name not in by_name():
            meant = only_near(part.name, by_name(), cutoff=0.85)
            yield document.at(*part.at, "name").says(
                f"`{shown(part.name)}` is none of the 17 components",
                help=near_miss(part.name, by_name()),
                fix=rewritten(document, (*part.at, "name"), meant) if meant else None,
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


def _reached(standing: Standing) -> str:
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


def _is_path(location: str) -> bool:
    """Whether a location is meant as a path: people also write sentences there."""
    return " " not in location and not location.startswith("www.")
