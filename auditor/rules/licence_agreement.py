"""Whether the places that name a licence agree: card, manifests, licence file, config, bill of materials."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.bundle import Bundle
from auditor.model import Fault, KeyPath, Place
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.content import head
from auditor.rules.licence_sources import (
    UNDECIDED,
    canonical,
    identifiers,
    is_known,
    licence_files,
    licences,
    meant,
    of_address,
    of_data,
    quoted,
    stated,
)
from auditor.rules.licence_text import may_be, recognised
from auditor.rules.paths import whole_file
from auditor.rules.registry import rule
from auditor.rules.vocabulary import FAMILIES, base_licences

_TEXT_BYTES = 4096  # the title and first sentences of a licence
_PLAIN_ENDINGS = ("", "txt", "md", "rst", "html")  # `LICENSE.eigen` is the licence of a part (in ml-dtypes)
_BILLS = ("sbom.cdx.json", "bom.json", "bom.cdx.json", "sbom.json", "sbom.spdx.json")
_MOST_BILLS = 20  # files of other names that end in `.cdx.json` or `.spdx.json`
_MODEL_TYPES = ("machine-learning-model", "application", None)  # of the component that a bill is about


@rule("LIC004", level="error", needs=("card", "manifest"), klass="inconsistent")
def licences_disagree(card: Document, manifest: Document) -> Iterator[Fault]:
    """The card and the manifest name different licences for the model.

    Why: A user who follows one may break the other.
    Bad:
        # fmaudit.yaml
        license: MIT
        components: null
    Good:
        # fmaudit.yaml
        license: Apache-2.0
    Fix: Name the same licence in both. Names that nobody knows (LIC002) are not compared.
    """
    texts_by_path: dict[KeyPath, list[str]] = {("license",): licences(manifest, "license")}
    for path, part in manifest.items("components"):
        if isinstance(part, dict) and part.get("component") == "Model parameters (Final)":
            texts_by_path[(*path, "license")] = licences(manifest, *path, "license")
    in_card = _compared(licences(card, "license"))
    in_manifest = {path: named for path, texts in texts_by_path.items() if (named := _compared(texts))}
    agree = any(in_card & named for named in in_manifest.values())
    if in_card and in_manifest and not agree:
        path = next(iter(in_manifest))
        yield manifest.at(*path).says(
            f"the manifest says {quoted(texts_by_path[path])}, the card {quoted(licences(card, 'license'))}",
            card.at("license").labelled("the card's licence"),
        )


@rule("LIC005", level="error", needs="bundle", klass="inconsistent", certainty="likely")
def licence_text_differs(bundle: Bundle) -> Iterator[Fault]:
    """The licence file holds the text of another licence than the one that is named.

    Why: The text is what binds; the name is what people read.
    Bad:
        # LICENSE, whole file
        MIT License

        Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
        associated documentation files, to deal in the Software without restriction.
    Good:
        # README.md
        The terms are in LICENSE.
    Fix: Ship the text of the licence that is meant.
    """
    texts = list(stated(bundle))
    named = {identifier.lower() for _, text in texts for identifier in identifiers(text)}
    known = canonical([name for name in named if is_known(name)])
    unknown = [_letters(name) for name in named if not is_known(name)]
    if not known or canonical([*named]) & UNDECIDED:
        return
    for file in licence_files(bundle):
        if file.partition(".")[2].lower() not in _PLAIN_ENDINGS:
            continue
        found = recognised(head(bundle, file, _TEXT_BYTES).decode("utf-8", "replace"))
        family = any(found.startswith(f"{name}-") for name in FAMILIES & named)
        nearly = any(_letters(found) in name or name in _letters(found) for name in unknown)
        if found and not may_be(found, known) and not family and not nearly:
            place, text = next(each for each in texts if any(map(is_known, identifiers(each[1]))))
            yield whole_file(file).says(
                f"`{file}` holds the text of {found}, the release is said to be under `{shown(text)}`",
                place.labelled("the licence that is named"),
            )


@rule("LIC010", level="warning", needs="bundle", klass="inconsistent", certainty="likely", since="2026.2")
def licence_differs_elsewhere(bundle: Bundle) -> Iterator[Fault]:
    """The configuration or the bill of materials names another licence than the card or manifest.

    Why: Scanners read the bill of materials and the configuration, people the card: they act on
        different terms.
    Bad:
        # config.json
        {"license": "cc-by-nc-4.0"}
    Good:
        # config.json
        {"license": "Apache-2.0"}
    Fix: Name the same licence everywhere. Looked at are `license` in config.json and, in CycloneDX and SPDX
        files in JSON, what the bill itself is about; not what it is made of.
    Source: CycloneDX 1.7, `metadata.component.licenses`; SPDX 2.3, clause 7.15.
    """
    texts = [each for each in stated(bundle) if len(each[0].path) <= 2]  # of the whole, not of components
    main = set().union(*(_compared([text]) for _, text in texts)) if texts else set()
    if not main or any(UNDECIDED & canonical([text]) for _, text in texts):
        return
    for place, text in _elsewhere(bundle):
        found = meant(text) - UNDECIDED
        if found and not found & main:
            other, named = texts[0]
            yield place.says(
                f"`{shown(text)}` here, and `{shown(named)}` in `{other.file}`", other.labelled("stated here")
            )


@rule("LIC011", level="warning", needs="bundle", klass="inconsistent", certainty="likely", since="2026.2")
def data_licences_disagree(bundle: Bundle) -> Iterator[Fault]:
    """The data manifest and the release's manifest name different licences for the data.

    Why: A user who follows one may break the other.
    Bad:
        # data/croissant.json
        {"license": "https://creativecommons.org/publicdomain/zero/1.0/"}
    Good:
        # data/croissant.json
        {"license": "https://spdx.org/licenses/CC-BY-4.0"}
    Fix: Name the same licence in both. Addresses are known of Creative Commons, SPDX, OSI, Apache, GNU and
        Open Data Commons; others are not compared.
    """
    by_file: dict[str, list[tuple[Place, str]]] = {}
    for place, text in of_data(bundle):
        if meant(text) - UNDECIDED:
            by_file.setdefault(place.file, []).append((place, text))
    if len(by_file) > 1:
        (here, text), (there, other) = (entries[0] for entries in by_file.values())
        sides = [set().union(*(meant(each) for _, each in entries)) for entries in by_file.values()]
        if not sides[0] & sides[1]:
            yield here.says(
                f"`{shown(text)}` here, `{shown(other)}` in `{there.file}`",
                there.labelled("the other licence of the data"),
            )


@rule(
    "LIC018",
    level="warning",
    needs="card",
    klass="inconsistent",
    certainty="likely",
    after=("LIC012",),
    since="2026.2",
)
def licence_link_of_another(card: Document) -> Iterator[Fault]:
    """`license_link` leads to the text of another licence than `license` names.

    Why: The identifier is what people filter by, the text is what binds; mostly the link is the older one,
        and the licence of a base model was widened.
    Bad:
        # README.md
        ---
        license_link: https://mistral.ai/licenses/MNPL-0.1.md
        ---
    Good:
        # README.md
        ---
        license_link: https://www.apache.org/licenses/LICENSE-2.0
        ---
    Fix: Name the licence that the link leads to. Known are the addresses of LIC011, and those of base models'
        licences.
    Source: https://huggingface.co/docs/hub/repositories-licenses
    """
    link = card.get("license_link")
    named = _compared(licences(card, "license"))
    if not isinstance(link, str) or not named:
        return
    known = {address.rstrip("/"): licence for licence, address in base_licences().values()}
    found = meant(link) if of_address(link) else {known.get(link.strip().rstrip("/"), "")} - {""}
    if found and not found & named:
        yield card.at("license_link").says(
            f"the link leads to {next(iter(found))}, the licence is {quoted(licences(card, 'license'))}",
            card.at("license").labelled("the licence that is named"),
        )


def _compared(texts: list[str]) -> set[str]:
    """The licences that texts name, or none where one of them is of its own kind or known to nobody."""
    named = [identifier for text in texts for identifier in identifiers(text)]
    found = canonical(texts)
    return set() if found & UNDECIDED or not all(map(is_known, named)) else found


def _letters(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _elsewhere(bundle: Bundle) -> Iterator[tuple[Place, str]]:
    """What the configuration and bills of materials say of the model's licence."""
    config = bundle.get("config")
    if isinstance(config, Document):
        for text in licences(config, "license"):
            yield config.at("license"), text
    bills = [
        file.path
        for file in bundle.files
        if file.path in _BILLS or file.path.endswith((".cdx.json", ".spdx.json"))
    ]
    for path in bills[:_MOST_BILLS]:
        bill = bundle.document(path)
        if isinstance(bill, Document) and isinstance(bill.value, dict):
            yield from _of_bill(bill)


def _of_bill(bill: Document) -> Iterator[tuple[Place, str]]:
    """The licences of what a bill of materials is about."""
    about = ("metadata", "component")
    if bill.get(*about, "type") in _MODEL_TYPES:
        for path, entry in bill.items(*about, "licenses"):
            for key in (("license", "id"), ("license", "name"), ("expression",)):
                text = bill.get(*path, *key)
                if isinstance(entry, dict) and isinstance(text, str):
                    yield bill.at(*path, *key), text
    described = bill.get("documentDescribes")
    if isinstance(described, list):
        named = {one for one in described if isinstance(one, str)}
        for path, package in bill.items("packages"):
            text = package.get("licenseDeclared") if isinstance(package, dict) else None
            known = package.get("SPDXID") if isinstance(package, dict) else None
            if isinstance(text, str) and isinstance(known, str) and known in named:
                yield bill.at(*path, "licenseDeclared"), text
