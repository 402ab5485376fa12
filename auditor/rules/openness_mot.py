"""The file of the Model Openness Tool in a bundle, `mof.yml`, against the files that are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault
from auditor.openness import MOT_FILES
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.edits import rewritten
from auditor.rules.paths import escapes
from auditor.rules.registry import provides, rule
from auditor.rules.vocabulary import near_miss, only_near

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.openness.mot import Model


@provides("mof.yml")
def mof_file(bundle: Bundle) -> tuple[Document, Model] | Absent | Unread:
    """The file of the Model Openness Tool in the bundle, and what it says."""
    for name in MOT_FILES:
        if bundle.has(name):
            from auditor.openness.mot import read

            document = bundle.document(name)
            return (document, read(document)) if isinstance(document, Document) else document
    return Absent("the bundle has no mof.yml")


@rule("OPEN008", level="error", needs=("mof.yml", "bundle"), klass="inconsistent", since="2026.2")
def mof_path_missing(mof: tuple[Document, Model], bundle: Bundle) -> Iterator[Fault]:
    """`mof.yml` says that a component lies at a path where the bundle has nothing but perhaps a placeholder.

    Why: The Model Openness Tool believes the file; the class it gives rests on what is not there. An empty
        file and a Git LFS pointer are no component.
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
    from auditor.openness.evidence import is_url
    from auditor.openness.files import is_there

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

    Why: Whoever wants the component is not told where it is. Not looked at: whether it is published
        elsewhere, and files whose names do not tell what they are.
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
    from auditor.openness.components import by_name
    from auditor.openness.evidence import collect

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
    from auditor.openness.components import by_name

    document, model = mof
    for part in model.parts:
        if part.name not in by_name():
            meant = only_near(part.name, by_name(), cutoff=0.85)
            yield document.at(*part.at, "name").says(
                f"`{shown(part.name)}` is none of the 17 components",
                help=near_miss(part.name, by_name()),
                fix=rewritten(document, (*part.at, "name"), meant) if meant else None,
            )


def _is_path(location: str) -> bool:
    """Whether a location is meant as a path: people also write sentences there."""
    return " " not in location and not location.startswith("www.")
