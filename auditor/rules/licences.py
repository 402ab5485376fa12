"""Licences: whether there is one, and whether what the card and the manifest name is known to anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from auditor.bundle import Bundle, Unread
from auditor.model import Fault, Fix, Place
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.edits import rewritten
from auditor.rules.licence_sources import UNDECIDED, identifiers, is_known, licence_files, licences, stated
from auditor.rules.paths import escapes, is_url, other_case, resolved, sizes, whole_file
from auditor.rules.registry import rule
from auditor.rules.vocabulary import FAMILIES, hub_licences, near_miss, spdx_licences

_FILLERS = re.compile(r"\b(?:the|licen[cs]e|version)\b|\bv(?=\d)")


@rule("LIC001", level="warning", needs="bundle")
def no_licence(bundle: Bundle) -> Iterator[Fault]:
    """Neither card, manifest nor a licence file says under which terms the model may be used.

    Why: Without a licence nobody but the authors may use, change or pass on the model.
    Bad:
        # LICENSE, absent
        # README.md
        ---
        license: null
        ---
        # fmaudit.yaml
        license: null
        components: null
    Good:
        # README.md
        ---
        license: null
        ---
    Fix: Name one in the front matter (`license: apache-2.0`) and ship its text as LICENSE.
    Source: https://choosealicense.com/no-permission/
    """
    unread = any(isinstance(bundle.get(need), Unread) for need in ("card", "manifest"))
    if not (unread or any(stated(bundle)) or any(licence_files(bundle))):
        card = bundle.get("card")
        place = card.at() if isinstance(card, Document) else whole_file("README.md")
        yield place.says(
            "no licence is named anywhere", help="add `license:` to the front matter of README.md"
        )


@rule("LIC002", level="warning", needs="bundle", certainty="likely")
def unknown_licence(bundle: Bundle) -> Iterator[Fault]:
    """A licence is named by an identifier that neither the hub nor SPDX knows.

    Why: Machines that filter by licence pass over the model, and people must guess what was meant.
    Bad:
        # README.md
        ---
        license: apache2.0
        ---
    Good:
        # README.md
        ---
        license: apache-2.0
        ---
    Fix: Use the identifier of the hub in the card and that of SPDX in the manifest; `other` with a name
        and a link for a licence of your own.
    Source: https://huggingface.co/docs/hub/repositories-licenses and https://spdx.org/licenses/
    """
    for place, text in stated(bundle):
        for identifier in identifiers(text):
            if not is_known(identifier):
                known = hub_licences() if place.file == "README.md" else spdx_licences().values()
                yield place.says(
                    f"`{shown(identifier)}` is not a licence identifier",
                    help=near_miss(identifier, known),
                    fix=_respelled(bundle, place, text, identifier),
                )


@rule("LIC003", level="warning", needs="card")
def licence_of_its_own_unnamed(card: Document) -> Iterator[Fault]:
    """The licence is `other`, without a name or a link to its text.

    Why: `other` alone says that there are terms and keeps them secret.
    Bad:
        # README.md
        ---
        license: other
        ---
    Good:
        # README.md
        ---
        license: other
        license_name: house-licence-1
        license_link: LICENSE
        ---
    Fix: Add `license_name` and `license_link`.
    Source: https://huggingface.co/docs/hub/repositories-licenses
    """
    if "other" in licences(card, "license"):
        missing = [key for key in ("license_name", "license_link") if not card.get(key)]
        if missing:
            keys = " and ".join(f"`{key}`" for key in missing)
            verb = "is" if len(missing) == 1 else "are"
            yield card.at("license").says(f"the licence is `other`, and {keys} {verb} missing")


@rule("LIC006", level="note", needs="card")
def licence_family(card: Document) -> Iterator[Fault]:
    """The licence names a family whose members have different terms.

    Why: `gpl` may be version 2 or 3, `cc` may forbid commercial use or not: the reader has to guess.
    Bad:
        # README.md
        ---
        license: cc
        ---
        # fmaudit.yaml
        license: null
        components: null
        # LICENSE, absent
    Good:
        # README.md
        ---
        license: cc-by-4.0
        ---
        # fmaudit.yaml
        license: CC-BY-4.0
        components: null
        # LICENSE, absent
    Fix: Name the licence itself, for example `cc-by-4.0`.
    """
    for identifier in licences(card, "license"):
        if identifier.lower() in FAMILIES:
            named = (
                "no licence" if identifier.lower() == "unknown" else "a family of licences, not one of them"
            )
            yield card.at("license").says(f"`{identifier}` names {named}")


@rule("LIC007", level="warning", needs=("card", "bundle"))
def licence_link_broken(card: Document, bundle: Bundle) -> Iterator[Fault]:
    """`license_link` names a file that the bundle does not have.

    Why: The terms of a licence of its own cannot be read anywhere else.
    Bad:
        # README.md
        ---
        license_link: TERMS.md
        ---
    Good:
        # README.md
        ---
        license_link: LICENSE
        ---
    Fix: Ship the file, or link to where the text can be read.
    """
    link = card.get("license_link")
    if not isinstance(link, str) or not link or is_url(link) or escapes(link):
        return
    if resolved(link.split("#")[0]) not in sizes(bundle):
        there = other_case(link, bundle)
        yield card.at("license_link").says(
            f"`{shown(link)}` is not in the bundle",
            fix=rewritten(card, ("license_link",), there) if there else None,
        )


def _respelled(bundle: Bundle, place: Place, text: str, identifier: str) -> Fix | None:
    """The identifier is written as the hub or SPDX does, where it has the letters and digits of just one.

    What is only similar may be another licence, and stays as it is.
    """
    document = bundle.document(place.file)
    if not isinstance(document, Document) or text.count(identifier) != 1:
        return None
    found = _by_letters(hub=document.file == "README.md").get(_letters(identifier), [])
    name = found[0] if len(found) == 1 else ""
    return rewritten(document, place.path, text.replace(identifier, name)) if name else None


@cache
def _by_letters(*, hub: bool) -> dict[str, list[str]]:
    """The licences of the hub or of SPDX by what their names have of their own."""
    found: dict[str, list[str]] = {}
    for name in sorted(hub_licences() - FAMILIES - UNDECIDED) if hub else spdx_licences().values():
        found.setdefault(_letters(name), []).append(name)
    return found


def _letters(identifier: str) -> str:
    """A licence's name without what all of them have: `apache20` of `Apache License v2.0`."""
    words = _FILLERS.sub("", identifier[:100].lower())
    return "".join(char for char in words if char.isalnum() or char == "+")
