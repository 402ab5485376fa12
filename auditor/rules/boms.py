"""Bills of materials in the bundle, CycloneDX and SPDX 2 and 3 as JSON: what they state of files and model.

No rules here: `openness_boms.py` says what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename
from typing import TYPE_CHECKING, Any

from auditor.bundle import Absent
from auditor.readers.document import Document
from auditor.records import dataclass
from auditor.rules.paths import escapes, is_url, resolved
from auditor.rules.registry import provides

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.model import KeyPath

MOST_BOMS = 8  # nobody has been seen to ship three
MOST_ENTRIES = 20_000  # components or files of one bill that are looked at
_ENDINGS = (".cdx.json", ".spdx.json", ".spdx3.json")
_NAMES = frozenset({"sbom.json", "bom.json", "aibom.json", "ai-bom.json", "mlbom.json"})
_ALGORITHMS = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512"}
_KINDS = frozenset(  # of entries that are models and data sets, with and without SPDX's prefixes
    {"machine-learning-model", "ai_AIPackage", "AIPackage", "dataset_DatasetPackage", "DatasetPackage"}
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A digest that a bill states of a file of the bundle; `algorithm` is hashlib's name."""

    document: Document
    at: KeyPath
    path: str
    algorithm: str
    digest: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """What a bill says of a model or a data set: its kind, its name and the key path of its entry."""

    document: Document
    kind: str
    name: str
    at: KeyPath


@dataclass(frozen=True, slots=True)
class Boms:
    """All bills of a bundle."""

    documents: tuple[Document, ...]
    digests: tuple[Stated, ...]
    models: tuple[ModelEntry, ...]


@provides("boms")
def boms(bundle: Bundle) -> Boms | Absent:
    """Every bill of materials that is one by its name and its fields."""
    documents: list[Document] = []
    for file in bundle.files:
        name = basename(file.path).lower()
        if (name in _NAMES or name.endswith(_ENDINGS)) and len(documents) < MOST_BOMS:
            document = bundle.document(file.path)
            if isinstance(document, Document) and _is_bom(document):
                documents.append(document)
    if not documents:
        return Absent("the bundle has no bill of materials such as sbom.cdx.json")
    digests = tuple(one for document in documents for one in _digests(document, bundle))
    models = tuple(one for document in documents for one in _models(document))
    return Boms(tuple(documents), digests, models)


def is_cyclonedx(document: Document) -> bool:
    """Whether a bill is one of CycloneDX."""
    return bool(document.get("bomFormat") == "CycloneDX")


def _is_bom(document: Document) -> bool:
    spdx = document.get("spdxVersion") or isinstance(document.get("@graph"), list)
    return is_cyclonedx(document) or bool(spdx)


def _components(document: Document) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Each entry of a bill: the described component, its components, SPDX's files, packages and elements."""
    main = document.get("metadata", "component")
    if isinstance(main, dict):
        yield ("metadata", "component"), main
    for key in ("components", "files", "packages", "@graph"):
        for number, (path, entry) in enumerate(document.items(key)):
            if number >= MOST_ENTRIES:
                break
            if isinstance(entry, dict):
                yield path, entry


def _digests(document: Document, bundle: Bundle) -> Iterator[Stated]:
    for path, entry in _components(document):
        where = _meant(entry.get("fileName", entry.get("name")), bundle)
        for key, algorithm, digest in (
            ("hashes", "alg", "content"),
            ("checksums", "algorithm", "checksumValue"),
            ("verifiedUsing", "algorithm", "hashValue"),
        ):
            if where is not None and key in entry:
                yield from _listed(document, (*path, key), where, algorithm, digest)
        for step, reference in document.items(*path, "externalReferences"):
            where = _meant(reference.get("url"), bundle) if isinstance(reference, dict) else None
            if where is not None:
                yield from _listed(document, (*step, "hashes"), where, "alg", "content")


def _listed(document: Document, at: KeyPath, path: str, algorithm: str, digest: str) -> Iterator[Stated]:
    for step, entry in document.items(*at):
        value = entry.get(digest) if isinstance(entry, dict) else None
        given = entry.get(algorithm) if isinstance(entry, dict) else None
        name = given.lower().replace("-", "") if isinstance(given, str) else ""
        if isinstance(value, str) and name in _ALGORITHMS:
            yield Stated(document, (*step, digest), path, _ALGORITHMS[name], value.strip().lower())


def _meant(name: object, bundle: Bundle) -> str | None:
    """The regular file of the bundle that an entry names by its path."""
    if not isinstance(name, str) or not name or is_url(name) or escapes(name) or "\0" in name:
        return None
    path = resolved(name)
    return path if bundle.has(path) else None


def _models(document: Document) -> Iterator[ModelEntry]:
    for path, entry in _components(document):
        kind = entry.get("type", entry.get("@type"))
        name = entry.get("name")
        if isinstance(kind, str) and kind in _KINDS:
            yield ModelEntry(document, kind, name if isinstance(name, str) else "", path)
