"""What stands behind a claim: the files of evidence that the manifest names."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.bundle import Absent, Bundle, Unread
from auditor.forensics.printed import Printed, same
from auditor.model import Fault, KeyPath
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.edits import rewritten
from auditor.rules.paths import escapes, other_case, resolved, sizes
from auditor.rules.published import claims, number, same_in_some_unit
from auditor.rules.registry import rule


@rule("CLM101", level="warning", needs=("manifest", "bundle"), klass="unsupported")
def evidence_missing(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """A claim names a file of evidence that the bundle does not have.

    Why: Evidence that cannot be opened supports nothing.
    Bad:
        # results/test.json, absent
    Good:
        # results/test.json, whole file
        {"accuracy": 0.8333}
    Fix: Ship the file, or correct `path`.
    """
    known = sizes(bundle)
    for _, path, where in _evidence(manifest):
        if where not in known:
            there = other_case(manifest.get(*path, "path"), bundle)
            yield manifest.at(*path, "path").says(
                f"`{shown(where)}` is not in the bundle",
                fix=rewritten(manifest, (*path, "path"), there) if there else None,
            )


@rule("CLM102", level="error", needs=("manifest", "bundle"), klass="inconsistent")
def evidence_differs(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """The file of evidence holds another value than the claim.

    Why: The evaluation wrote one number, the release publishes another.
    Bad:
        # results/test.json, whole file
        {"accuracy": 0.9167}
    Good:
        # results/test.json, whole file
        {"accuracy": 0.83333333333333337}
    Fix: Publish what was measured.
    """
    by_path = {claim.path: claim for claim in claims(manifest)}
    for index, path, where in _evidence(manifest):
        claim = by_path.get(index)
        evidence = _read(bundle, where)
        if claim is None or not isinstance(evidence, Document):
            continue
        found = _pointed(evidence, manifest.get(*path, "pointer"))
        value = number(evidence, *found) if found is not None else None
        if value is not None and not same_claim(claim.unit, claim.value, value):
            yield manifest.at(*claim.path, "value").says(
                f"`{shown(claim.id)}` is {claim.value.text}, {shown(where)} has {shown(value.text)}",
                evidence.at(*(found or ())),
            )


@rule("CLM103", level="warning", needs=("manifest", "bundle"), klass="unsupported")
def evidence_points_nowhere(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """A file of evidence cannot be read, or the pointer into it leads to no number.

    Why: The file is there, and what it should prove is not in it.
    Bad:
        # results/test.json, whole file
        {"eval": {"accuracy": 0.8333}}
    Good:
        # results/test.json, whole file
        {"accuracy": 0.8333, "loss": 0.41}
    Fix: Correct `pointer`; `/eval/accuracy` means the key `accuracy` in the mapping under `eval`.
    Source: RFC 6901, JSON Pointer.
    """
    for _, path, where in _evidence(manifest):
        pointer = manifest.get(*path, "pointer")
        evidence = _read(bundle, where)
        if isinstance(evidence, Unread):
            yield manifest.at(*path, "path").says(f"`{shown(where)}` could not be read")
        elif isinstance(pointer, str) and isinstance(evidence, Document):
            found = _pointed(evidence, pointer)
            if found is None or number(evidence, *found) is None:
                yield manifest.at(*path, "pointer").says(
                    f"`{shown(pointer)}` leads to no number in {shown(where)}", evidence.at(*(found or ()))
                )


@rule("CLM104", level="note", needs=("manifest", "bundle"), klass="unsupported")
def claim_without_evidence(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """A claim has nothing behind it: no file, no values of runs, no recipe to measure it again.

    Why: Such a number can be believed or not, but not checked.
    Bad:
        # recipe.yaml, absent
        # data/croissant.json
        {"rai:dataPreprocessingProtocol": "Pixels were divided by 16."}
        # fmaudit.yaml
        components: null
        claims:
          - id: test-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: test, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: test-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: test, n: 6}
    Fix: Ship the file that the evaluation wrote and name it under `evidence`, or a recipe.
    """
    if bundle.file("recipe.yaml") is None:
        for claim in claims(manifest):
            if claim.values is None and not manifest.get(*claim.path, "evidence"):
                yield manifest.at(*claim.path).says(f"nothing supports `{shown(claim.id)}`")


def same_claim(unit: str, claimed: Printed, other: Printed) -> bool:
    """Whether another place can mean the claimed value; only proportions and percentages have two forms."""
    return same_in_some_unit(claimed, other) if unit in ("proportion", "percent") else same(claimed, other)


def _evidence(manifest: Document) -> Iterator[tuple[KeyPath, KeyPath, str]]:
    """Each piece of evidence inside the bundle: place of its claim, its own place, its path."""
    for claim, _ in manifest.items("claims"):
        for path, entry in manifest.items(*claim, "evidence"):
            where = entry.get("path") if isinstance(entry, dict) else None
            if isinstance(where, str) and where and "\0" not in where and not escapes(where):
                yield claim, path, resolved(where)


def _read(bundle: Bundle, path: str) -> Document | Absent | Unread | None:
    """The document that a path of evidence means; None for logs and other text without a structure."""
    structured = bundle.has(path) and path.endswith((".json", ".yaml", ".yml"))
    return bundle.document(path) if structured else None


def _pointed(document: Document, pointer: object) -> KeyPath | None:
    """The key path that a JSON pointer means in the document, or None where it leads nowhere."""
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        return None
    path: list[str | int] = []
    for token in pointer[1:].split("/")[:1000]:
        key = token.replace("~1", "/").replace("~0", "~")
        value = document.get(*path)
        if isinstance(value, list) and key.isascii() and key.isdigit() and int(key[:9]) < len(value):
            path.append(int(key[:9]))
        elif isinstance(value, dict) and key in value:
            path.append(key)
        else:
            return None
    return tuple(path)
