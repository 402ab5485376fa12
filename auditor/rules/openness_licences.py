"""Licences of components, as the Model Openness Framework asks: open, and made for what they are put on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.model import KeyPath
    from auditor.openness.components import Component
    from auditor.readers.document import Document

_WANTED = {
    "code": "a licence such as Apache-2.0 or MIT",
    "data": "a licence such as CDLA-Permissive-2.0 or CC-BY-4.0",
    "document": "a licence such as CC-BY-4.0",
}


@rule("OPEN011", level="note", needs="manifest", after=("LIC002",), since="2026.2")
def component_licence_not_open(manifest: Document) -> Iterator[Fault]:
    """A component is released under a licence that is not open.

    Why: The release may be useful and honest, and this part does not count towards a class of the Model
        Openness Framework: its licence is neither approved by OSI, nor free to FSF, nor a known one for open
        data. Not looked at: licences that the component only inherits, and the texts of `LicenseRef-`
        licences.
    Bad:
        # fmaudit.yaml
        components:
          - {component: Evaluation results, path: results/test.json, license: CC-BY-NC-4.0}
    Good:
        # fmaudit.yaml
        components:
          - {component: Evaluation results, path: results/test.json, license: CC-BY-4.0}
    Fix: Nothing, if this is what you want; else choose an open licence.
    Source: White et al. 2024, section 5, arXiv:2403.13784; https://spdx.org/licenses/
    """
    from auditor.openness.licensing import is_open

    for path, component, licence in _own(manifest):
        if not is_open(licence):
            yield manifest.at(*path, "license").says(
                f"`{component.name}` is under `{shown(licence)}`, which is not an open licence"
            )


@rule("OPEN012", level="note", needs="manifest", certainty="hint", since="2026.2")
def licence_for_another_type(manifest: Document) -> Iterator[Fault]:
    """A component is under an open licence that was made for something else.

    Why: A licence for programs says little about data: what is a derivative work of a data set, and who owns
        the outputs? The Model Openness Framework accepts it with a remark.
    Bad:
        # fmaudit.yaml
        components:
          - {component: Model parameters (Final), path: model.safetensors, license: BSD-3-Clause}
    Good:
        # fmaudit.yaml
        components:
          - {component: Model parameters (Final), path: model.safetensors, license: CDLA-Permissive-2.0}
    Fix: Choose a licence for its type, or one for all of them such as OpenMDW-1.0.
    Source: White et al. 2024, section 5, arXiv:2403.13784; https://spdx.org/licenses/OpenMDW-1.0.html
    """
    from auditor.openness.licensing import is_open, suits

    for path, component, licence in _own(manifest):
        if is_open(licence) and not suits(licence, component.kind):
            kind = "documents" if component.kind == "document" else component.kind
            yield manifest.at(*path, "license").says(
                f"`{shown(licence)}` was not made for {kind} such as `{component.name}`",
                help=f"choose {_WANTED[component.kind]}, or OpenMDW-1.0",
            )


def _own(manifest: Document) -> Iterator[tuple[KeyPath, Component, str]]:
    """Each component that names a licence of its own."""
    from auditor.openness.components import named

    for path, part in manifest.items("components"):
        component = named(part.get("component")) if isinstance(part, dict) else None
        licence = part.get("license") if isinstance(part, dict) else None
        if component is not None and isinstance(licence, str) and licence:
            yield path, component, licence
