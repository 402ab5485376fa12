"""Bills of materials against the bundle that they are of: digests, values of metrics, fields.

Their licences are compared with all others by the rules of family LIC.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.forensics.printed import read
from auditor.model import Fault
from auditor.readers.document import Document, Unreadable
from auditor.readers.markdown import MarkdownDocument
from auditor.readers.text import shown
from auditor.rules.boms import Boms, ModelEntry, is_cyclonedx
from auditor.rules.published import metric_name, results, same_in_some_unit
from auditor.rules.registry import rule
from auditor.rules.stated import differs

if TYPE_CHECKING:
    from auditor.bundle import Bundle

MOST_FILES = 1_000  # of one bill whose digests are compared; more would read the bundle many times over
_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
# What the AI and Dataset profiles of SPDX 3.0 ask for, by the names of its JSON-LD context.
_ASKED = {
    "AIPackage": ("releaseTime", "suppliedBy", "software_downloadLocation", "software_packageVersion"),
    "DatasetPackage": (
        *("builtTime", "originatedBy", "releaseTime", "dataset_datasetType", "software_downloadLocation"),
        "software_primaryPurpose",
    ),
}


@rule("OPEN105", level="error", needs=("boms", "bundle"), klass="inconsistent", since="2026.2")
def bom_digest_differs(boms: Boms, bundle: Bundle) -> Iterator[Fault]:
    """A bill of materials states another digest of a file than the file has.

    Why: The bill is what scanners and buyers compare with; it is of other files than these.
    Bad:
        # notes.txt, whole file
        six rows
        # sbom.cdx.json
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "file", "name": "notes.txt",
         "hashes": [{"alg": "SHA-256", "content":
         "0000000000000000000000000000000000000000000000000000000000000000"}]}]}
    Good:
        # notes.txt, whole file
        six rows
        # sbom.cdx.json
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "file", "name": "notes.txt",
         "hashes": [{"alg": "SHA-256", "content":
         "b628e2652b02687de6c87368f57cb601e982dfb63acd2a352418c2e1248c09fa"}]}]}
    Fix: Make the bill anew from the files that are released.
    Source: https://cyclonedx.org/docs/1.6/json/#components_items_hashes; SPDX 3.0.1, Core/Hash
    """
    for stated in boms.digests[:MOST_FILES]:
        if len(stated.digest) != _LENGTHS[stated.algorithm]:
            continue
        try:
            true = differs(bundle, stated.path, stated.digest, (stated.algorithm,))
        except Unreadable:
            continue
        if true is not None:
            yield stated.document.at(*stated.at).says(
                f"`{shown(stated.path)}` has the {stated.algorithm} `{true[:12]}…`, and this says "
                f"`{shown(stated.digest[:12])}…`"
            )


@rule("OPEN106", level="warning", needs=("boms", "bundle"), certainty="likely", since="2026.2")
def bom_of_another_model(boms: Boms, bundle: Bundle) -> Iterator[Fault]:
    """A bill of materials is of a model of another name than the release.

    Why: A bill that was copied from another release vouches for that one. A name counts as the same if one
        has the letters and digits of the other in it; bills with several models are not looked at.
    Bad:
        # sbom.cdx.json
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {
         "type": "machine-learning-model", "name": "house-prices", "modelCard": {}}}}
    Good:
        # sbom.cdx.json
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {
         "type": "machine-learning-model", "name": "somebody/digits-cnn", "modelCard": {}}}}
    Fix: Make the bill anew for this release, or correct its name.
    Source: https://cyclonedx.org/docs/1.6/json/#metadata_component_name
    """
    models = [model for model in boms.models if not model.kind.endswith("DatasetPackage")]
    known = list(_names(bundle))
    if len(models) != 1 or not known:
        return
    name = _letters(models[0].name.rpartition("/")[2])
    others = [_letters(one) for one in (*known, bundle.name)]
    if name and not any(name in one or one in name for one in others if one):
        yield (
            models[0]
            .document.at(*models[0].at, "name")
            .says(f"this is of `{shown(models[0].name)}`, and the release is `{shown(known[0])}`")
        )


@rule(
    "OPEN107",
    level="warning",
    needs=("boms", "card"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def bom_metric_differs(boms: Boms, card: MarkdownDocument) -> Iterator[Fault]:
    """A bill of materials gives another value of a metric than the card.

    Why: Neither CycloneDX nor SPDX checks these values: they are free text there. Compared only where both
        sides have the metric once and the bill names no slice of the data.
    Bad:
        # sbom.cdx.json
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {
         "type": "machine-learning-model", "name": "digits-cnn", "modelCard": {"quantitativeAnalysis":
         {"performanceMetrics": [{"type": "accuracy", "value": "0.91"}]}}}}}
    Good:
        # sbom.cdx.json
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {
         "type": "machine-learning-model", "name": "digits-cnn", "modelCard": {"quantitativeAnalysis":
         {"performanceMetrics": [{"type": "accuracy", "value": "0.8333"}]}}}}}
    Fix: Take the bill's value from the results, or name the slice that it is of.
    Source: https://cyclonedx.org/docs/1.6/json/#components_items_modelCard_quantitativeAnalysis
    """
    for model in boms.models:
        at = (*model.at, "modelCard", "quantitativeAnalysis", "performanceMetrics")
        entries = [(path, entry) for path, entry in model.document.items(*at) if isinstance(entry, dict)]
        names = [metric_name(entry.get("type")) for _, entry in entries]
        for (path, entry), name in zip(entries, names, strict=True):
            own = [result for result in results(card).get(name, ()) if result.value is not None]
            if names.count(name) != 1 or len(own) != 1 or entry.get("slice"):
                continue
            value = read(model.document.printed(*path, "value") or "")
            other = own[0].value
            if value is not None and other is not None and not same_in_some_unit(value, other):
                yield (
                    model.document.at(*path, "value")
                    .labelled("in the bill")
                    .says(
                        f"`{shown(name)}` is {shown(value.text)} here and {shown(other.text)} in the card",
                        card.at(*own[0].path, "value").labelled("in the card"),
                    )
                )


@rule("OPEN108", level="note", needs="boms", since="2026.2")
def bom_incomplete(boms: Boms) -> Iterator[Fault]:
    """A bill of materials lacks what its standard asks of a model or a data set.

    Why: Validators refuse it, and what is missing is what buyers look for. Looked at: `specVersion` and the
        name of a model in CycloneDX, and the fields of the AI and Dataset profiles of SPDX 3.0.
    Bad:
        # sbom.cdx.json
        {"bomFormat": "CycloneDX", "metadata": {"component": {"type": "machine-learning-model",
         "name": "digits-cnn", "modelCard": {}}}}
    Good:
        # sbom.cdx.json
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {
         "type": "machine-learning-model", "name": "digits-cnn", "modelCard": {}}}}
    Fix: Add the fields.
    Source: https://cyclonedx.org/docs/1.6/json/; SPDX 3.0.1, profiles AI and Dataset
    """
    for document in boms.documents:
        if is_cyclonedx(document) and not document.get("specVersion"):
            yield document.at().says("`specVersion` is missing")
    for model in boms.models:
        missing = list(_missing(model))
        if missing:
            fields = ", ".join(f"`{name}`" for name in missing)
            name = shown(model.name) if model.name else "an entry"
            yield model.document.at(*model.at).says(f"`{name}` lacks {fields}")


def _names(bundle: Bundle) -> Iterator[str]:
    """What the release calls itself: in its manifest, in `model-index`, in the card's title."""
    manifest, card = bundle.get("manifest"), bundle.get("card")
    if isinstance(manifest, Document) and isinstance(manifest.get("release"), str):
        yield str(manifest.get("release")).partition(" ")[0]
    if isinstance(card, MarkdownDocument):
        for _, model in card.items("model-index"):
            if isinstance(model, dict) and isinstance(model.get("name"), str):
                yield model["name"].rpartition("/")[2]
        yield from (heading.text for heading in card.headings[:1] if heading.level == 1)


def _letters(name: str) -> str:
    return "".join(char for char in name[:200].lower() if char.isalnum())


def _missing(model: ModelEntry) -> Iterator[str]:
    entry = model.document.mapping(*model.at)
    kind = model.kind.rpartition("_")[2]
    for name in _ASKED.get(kind, ("name",)):
        if entry.get(name) in (None, "", []) and entry.get(name.rpartition("_")[2]) in (None, "", []):
            yield name
