"""How open a bundle is, with the licence that a text such as LICENSE is: for rules and for `fmaudit score`.

No rules here: `openness_claims.py` says where the release claims more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.openness.assessment import Assessment, assess
from auditor.readers.document import Unreadable
from auditor.rules.content import head
from auditor.rules.licence_text import recognised

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.openness.classes import Profile

_TEXT_BYTES = 4096  # the title and first sentences of a licence
_LICENCE_FILES = ("LICENSE", "LICENCE", "LICENSE.txt", "LICENSE.md", "LICENCE.txt", "LICENCE.md", "COPYING")


def assessed(bundle: Bundle, profile: Profile) -> Assessment:
    """How open the bundle is, by a profile; a licence file counts where nothing else names a licence."""
    return assess(bundle, profile, _licence_file(bundle))


def _licence_file(bundle: Bundle) -> str:
    for path in _LICENCE_FILES:
        if bundle.has(path):
            try:
                return recognised(head(bundle, path, _TEXT_BYTES).decode("utf-8", "replace"))
            except Unreadable:
                return ""
    return ""
