"""What the manifest says is released, against the files that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.markdown import MarkdownDocument
from auditor.readers.text import shown
from auditor.rules.edits import rewritten
from auditor.rules.paths import escapes, other_case, resolved, sizes
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.document import Document


@rule("OPEN001", level="error", needs=("manifest", "bundle"))
def component_missing(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """A component is said to be released at a path that the bundle does not have.

    Why: The openness of a release is counted from its components; one that is not there does not count.
    Bad:
        # fmaudit.yaml
        components:
          - {component: Training code, path: code/train.py, license: Apache-2.0}
    Good:
        # fmaudit.yaml
        components:
          - {component: Training code, path: recipe.yaml, license: Apache-2.0}
    Fix: Ship the file, correct the path, or take the component off the list.
    Source: White et al. 2024, The Model Openness Framework, arXiv:2403.13784.
    """
    known = sizes(bundle)
    for path, part in manifest.items("components"):
        where = part.get("path") if isinstance(part, dict) else None
        if isinstance(where, str) and where and not escapes(where) and resolved(where) not in known:
            there = other_case(where, bundle)
            yield manifest.at(*path, "path").says(
                f"`{shown(where)}` is not in the bundle",
                fix=rewritten(manifest, (*path, "path"), there) if there else None,
            )


@rule("OPEN002", level="warning", needs="manifest")
def component_without_licence(manifest: Document) -> Iterator[Fault]:
    """A component has no licence, neither its own nor the manifest's.

    Why: A component without a licence is not open, whatever else holds: nobody may use it.
    Bad:
        # fmaudit.yaml
        license: null
        components:
          - {component: Datasets, path: data}
    Good:
        # fmaudit.yaml
        license: null
        components:
          - {component: Datasets, path: data, license: CC-BY-4.0}
    Fix: Add `license` to the component, or to the manifest for all of them.
    Source: White et al. 2024, section 5, arXiv:2403.13784.
    """
    if manifest.get("license"):
        return
    for path, part in manifest.items("components"):
        if isinstance(part, dict) and not part.get("license"):
            yield manifest.at(*path).says(f"`{shown(_name(part))}` has no licence")


@rule("OPEN003", level="error", needs=("manifest", "bundle"))
def component_empty(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """A component is an empty file.

    Why: A placeholder of zero bytes opens nothing.
    Bad:
        # fmaudit.yaml
        components:
          - {component: Training code, path: train.py, license: Apache-2.0}
        # train.py, whole file
    Good:
        # fmaudit.yaml
        components:
          - {component: Training code, path: train.py, license: Apache-2.0}
        # train.py, whole file
        print("see recipe.yaml")
    Fix: Ship the content, or take the component off the list.
    """
    known = sizes(bundle)
    for path, part in manifest.items("components"):
        where = part.get("path") if isinstance(part, dict) else None
        if isinstance(where, str) and not escapes(where) and known.get(resolved(where)) == 0:
            yield manifest.at(*path, "path").says(f"`{shown(where)}` is empty")


@rule("OPEN004", level="warning", needs="manifest", klass="unsupported")
def component_nowhere(manifest: Document) -> Iterator[Fault]:
    """A component is listed without a path or a URL.

    Why: It is said to be released, and nobody is told where.
    Bad:
        # fmaudit.yaml
        components:
          - {component: Research paper, license: CC-BY-4.0}
    Good:
        # fmaudit.yaml
        components:
          - {component: Research paper, url: "https://arxiv.org/abs/1810.03993", license: CC-BY-4.0}
    Fix: Add `path` or `url`.
    """
    for path, part in manifest.items("components"):
        if isinstance(part, dict) and not part.get("path") and not part.get("url"):
            yield manifest.at(*path).says(f"`{shown(_name(part))}` has neither `path` nor `url`")


@rule("OPEN109", level="note", needs=("manifest", "bundle"), certainty="hint", since="2026.2")
def later_version_without_changelog(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """A later version is released, and nothing says what changed.

    Why: Who used the version before cannot tell whether its numbers, data or licence still hold. Not looked
        at: CITATION.cff and SECURITY.md, which a release may well do without.
    Bad:
        # fmaudit.yaml
        release: digits-cnn 1.2
    Good:
        # fmaudit.yaml
        release: digits-cnn 1.2
        # CHANGELOG.md, whole file
        # 1.2: trained on six more rows
    Fix: Ship a CHANGELOG.md, or a section of that name in the card.
    Source: https://keepachangelog.com; FMTI 2025, indicator "Change log".
    """
    release = manifest.get("release")
    version = (
        re.search(r"(?:^|[ v@-])(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?$", release)
        if isinstance(release, str)
        else None
    )
    if version is None or tuple(int(part or 0) for part in version.groups()) <= (1, 0, 0):
        return
    if any(
        basename(file.path).lower().startswith(("changelog", "changes", "history.md"))
        for file in bundle.files
    ):
        return
    card = bundle.get("card")
    words = ("changelog", "change log", "release notes", "what's new", "version history", "changes")
    if isinstance(card, MarkdownDocument) and any(
        word in h.text.lower() for h in card.headings for word in words
    ):
        return
    yield manifest.at("release").says("this is a later version, and nothing says what changed in it")


def _name(part: dict[str, object]) -> str:
    """The name of a component, which may be anything."""
    name = part.get("component")
    return name if isinstance(name, str) else "component"
