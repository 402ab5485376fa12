"""What an OpenSSF model signature says: which files the model has, and the digest of each.

Format: an in-toto Statement v1 with the predicate of model signing 1.0, as the package model-signing 1.1.1
reads and writes it (`model_signing/_signing/signing.py`, `Payload`). Files are not looked at here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.json import JsonDocument, read_json
from auditor.readers.text import decode, shown
from auditor.records import dataclass

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"
EARLIER_PREDICATE_TYPE = (
    "https://model_signing/Digests/v0.1"  # of model-signing 0.2, before the format settled
)
# Bytes of a digest by the names that model-signing writes; of shards, `-sharded-SIZE` follows.
ALGORITHMS = {"sha256": 32, "blake2b": 64, "blake3": 32}
_SHARDED = re.compile(r"-sharded-[0-9]{1,20}")
_OFFSET = re.compile(r"[0-9]{1,19}")  # ASCII digits of a number below 2^63, the largest file


class Unsupported(Exception):  # noqa: N818  reads as a sentence where it is raised
    """The statement is of a kind that is not read here, which is no fault of it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One file, or the stretch of one from `begin` up to `end`, with its digest in lower-case hexadecimal."""

    path: str
    algorithm: str
    digest: str
    begin: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """The signed list of files.

    Attributes:
        model: what the signer called the model; only for people.
        resources: in the order of the statement, each path once (each stretch once where files are cut).
        ignored: files and folders that were left out, relative to the model.
        in_shards: whether files were signed stretch by stretch; empty files have none and are not listed.
    """

    model: str
    resources: tuple[Resource, ...]
    ignored: tuple[str, ...] = ()
    in_shards: bool = False

    def leaves_out(self, path: str) -> bool:
        """Whether the signer left this file out on purpose: it, or a folder that it lies in, is listed."""
        return any(each in (path, ".") or path.startswith(f"{each}/") for each in self.ignored)


def read_statement(file: str, payload: bytes) -> Statement:
    """The statement in the signed bytes of a signature file.

    Raises:
        Unsupported: it is in-toto, but not about a model, or older than version 1.0 of the format.
        Unreadable: it is no JSON, repeats a key or a path, names a path outside the model, or its digests do
            not add up to the digest of the model.
    """
    try:
        document = read_json(file, decode(file, payload))
    except Unreadable as error:
        raise _unreadable(file, f"the signed statement is not JSON: {error.what}") from error
    if document.duplicates:
        raise _unreadable(file, "a key stands twice in one object of the signed statement")
    if document.get("_type") != STATEMENT_TYPE:
        raise _wrong(document, "_type", f"`{STATEMENT_TYPE}`")
    kind = document.get("predicateType")
    if kind == EARLIER_PREDICATE_TYPE:
        raise Unsupported("its format is older than version 1.0 of model signing; sign anew")
    if kind != PREDICATE_TYPE:
        if isinstance(kind, str):
            raise Unsupported(f"it states `{shown(kind, 80)}`, which is no list of a model's files")
        raise _wrong(document, "predicateType", f"`{PREDICATE_TYPE}`")
    if len(document.mapping("predicate", "serialization")) == 0:
        raise _wrong(document, "predicate.serialization", "how the files were listed")
    method = document.get("predicate", "serialization", "method")
    if method not in ("files", "shards"):
        raise Unsupported(f"its files are listed by the method `{shown(str(method), 40)}`")
    in_shards = method == "shards"
    resources = tuple(_resources(document, in_shards=in_shards))
    if in_shards:
        _check_stretches(document.file, resources)
    _check_root(document, resources)
    name = document.get("subject", 0, "name")
    return Statement(name if isinstance(name, str) else "", resources, tuple(_ignored(document)), in_shards)


def written(model: str, resources: Iterable[Resource], ignored: Iterable[str]) -> bytes:
    """The bytes to sign for whole files and their sha256.

    The order is that of model-signing 1.1.1: by the folders and the name, each compared on its own.
    """
    ordered = sorted(resources, key=lambda resource: resource.path.split("/"))
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": model, "digest": {"sha256": root_digest(ordered)}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "serialization": {
                "method": "files",
                "hash_type": "sha256",
                "allow_symlinks": False,
                "ignore_paths": sorted(ignored),
            },
            "resources": [
                {"name": each.path, "algorithm": each.algorithm, "digest": each.digest} for each in ordered
            ],
        },
    }
    return json.dumps(statement, indent=1).encode()


def root_digest(resources: Iterable[Resource]) -> str:
    """The digest of a whole model: sha256 over the bytes of all digests in their order."""
    import hashlib

    root = hashlib.sha256()
    for resource in resources:
        root.update(bytes.fromhex(resource.digest))
    return root.hexdigest()


def _resources(document: JsonDocument, *, in_shards: bool) -> Iterator[Resource]:
    entries = document.get("predicate", "resources")
    if not isinstance(entries, list) or not entries:
        raise _wrong(document, "predicate.resources", "a list of files")
    seen: set[str] = set()
    for entry in entries:
        fields = entry if isinstance(entry, dict) else {}
        name, algorithm, digest = (fields.get(key) for key in ("name", "algorithm", "digest"))
        if not isinstance(name, str) or not isinstance(algorithm, str) or not isinstance(digest, str):
            raise _unreadable(document.file, "a signed file lacks `name`, `algorithm` or `digest` as text")
        if name in seen:
            raise _unreadable(document.file, f"`{shown(name)}` is signed twice")
        seen.add(name)
        path, begin, end = _stretch(document.file, name) if in_shards else (name, 0, None)
        if not _is_inside(path):
            raise _unreadable(document.file, f"`{shown(path)}` is no path inside the model")
        plain = _SHARDED.sub("", algorithm) if in_shards else algorithm
        size = ALGORITHMS.get(plain)
        if size is None:
            raise Unsupported(f"it states digests by `{shown(algorithm, 40)}`")
        if not re.fullmatch(rf"[0-9a-fA-F]{{{2 * size}}}", digest):
            raise _unreadable(
                document.file, f"the digest of `{shown(name)}` is not {2 * size} hexadecimal digits"
            )
        yield Resource(path, plain, digest.lower(), begin, end)


def _stretch(file: str, name: str) -> tuple[str, int, int]:
    """Path, begin and end of a shard's name, `PATH:BEGIN:END`."""
    path, *ends = name.rsplit(":", 2)
    if len(ends) != 2 or not all(_OFFSET.fullmatch(each) for each in ends) or int(ends[0]) >= int(ends[1]):
        raise _unreadable(file, f"`{shown(name)}` is not `PATH:BEGIN:END`")
    return path, int(ends[0]), int(ends[1])


def _check_stretches(file: str, resources: tuple[Resource, ...]) -> None:
    """Every file is signed from its first byte without a gap, and no byte twice.

    So what there is to hash is never more than the files themselves.
    """
    reached: dict[str, int | None] = {}
    for each in sorted(resources, key=lambda resource: resource.begin):
        if each.begin != reached.get(each.path, 0):
            raise _unreadable(file, f"the stretches of `{shown(each.path)}` leave a gap or overlap")
        reached[each.path] = each.end


def _is_inside(path: str) -> bool:
    """Whether a path is written as the format writes it: relative, forward slashes, no `.` or `..`."""
    return "\0" not in path and all(part not in ("", ".", "..") for part in path.split("/"))


def _check_root(document: JsonDocument, resources: tuple[Resource, ...]) -> None:
    subjects = document.get("subject")
    if not isinstance(subjects, list) or len(subjects) != 1:
        raise _wrong(document, "subject", "exactly one model")
    stated = document.get("subject", 0, "digest", "sha256")
    actual = root_digest(resources)
    if not isinstance(stated, str) or stated.lower() != actual:
        what = f"`{shown(stated, 70)}`" if isinstance(stated, str) else "missing"
        raise _unreadable(
            document.file, f"the digest of the model is {what}, its files give `{actual[:12]}…`"
        )


def _ignored(document: JsonDocument) -> Iterator[str]:
    """The paths left out, without a `/` at their end; absolute and climbing ones leave out nothing."""
    stated = document.get("predicate", "serialization", "ignore_paths")
    for path in stated if isinstance(stated, list) else ():
        if isinstance(path, str) and not path.startswith("/"):
            parts = [part for part in path.split("/") if part not in ("", ".")]
            if ".." not in parts:
                yield "/".join(parts) or "."


def _wrong(document: JsonDocument, name: str, expected: str) -> Unreadable:
    value: Any = document.get(*name.split("."))
    met = f"is `{shown(value, 40)}`" if isinstance(value, str) else "is missing or of another type"
    return _unreadable(document.file, f"`{name}` of the signed statement {met}, expected {expected}")


def _unreadable(file: str, what: str) -> Unreadable:
    return Unreadable(what, Span(file))  # the statement is base64 there: no line of the file shows it
