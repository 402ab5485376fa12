"""What rules and `score` make of a bundle's openness, once: its components, its class, what it says of itself.

No rules here: `openness_claims.py` and others say what is wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.openness.assessment import Assessment, assess
from auditor.readers.document import Document, Unreadable
from auditor.rules.content import head
from auditor.rules.licence_text import recognised
from auditor.rules.registry import needed, provides

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.openness.classes import Profile

_TEXT_BYTES = 4096  # the title and first sentences of a licence
_LICENCE_FILES = ("LICENSE", "LICENCE", "LICENSE.txt", "LICENSE.md", "LICENCE.txt", "LICENCE.md", "COPYING")


@provides("openness")
def openness(bundle: Bundle) -> Assessment | Absent:
    """How open the bundle is, by the Model Openness Tool's reading, where it declares what it releases."""
    manifest = bundle.get("manifest")
    if not isinstance(manifest, Document) or not (manifest.get("components") or manifest.get("mof_class")):
        return Absent("fmaudit.yaml declares neither components nor a class")
    return assessed(bundle, "mot")


def assessed(bundle: Bundle, profile: Profile) -> Assessment:
    """How open the bundle is, by a profile; a licence file counts where nothing else names a licence."""
    return assess(bundle, profile, _licence_file(bundle))


def declared(bundle: Bundle) -> Assessment | None:
    """What `openness` provides, where there is something."""
    found = needed(bundle, "openness")
    return found if isinstance(found, Assessment) else None


def _licence_file(bundle: Bundle) -> str:
    for path in _LICENCE_FILES:
        if bundle.has(path):
            try:
                return recognised(head(bundle, path, _TEXT_BYTES).decode("utf-8", "replace"))
            except Unreadable:
                return ""
    return ""
