"""The files of a signed model, held against what was signed of them."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault, Span
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.content import is_pointer
from auditor.rules.paths import whole_file
from auditor.rules.registry import needed, provides, rule
from auditor.rules.stated import attests, digest_of, looked_at

if TYPE_CHECKING:
    from auditor.bundle import Bundle, File
    from auditor.rules.signatures import Judged
    from auditor.signing.keys import Trusted
    from auditor.signing.signature import Signature
    from auditor.signing.statement import Resource

# What a release is used by: were it left out of a signature, the signature would say little.
_WEIGHTS = (
    *(".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".gguf", ".onnx", ".h5", ".keras", ".msgpack"),
    *(".npz", ".pb", ".tflite"),
)
_CODE = (".py", ".so", ".jinja")
# What people read and no loader does; vocabularies are `.txt` too, so that is not among them.
_DOCUMENTS = (
    *(".md", ".rst", ".pdf", ".html", ".bib", ".cff", ".csv", ".tsv", ".log"),
    *(".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"),
)
_DOCUMENT_NAMES = ("license", "licence", "notice", "authors", "copying")
_DOWNLOADS = ".cache/huggingface/"  # written by `hf download --local-dir`, never part of a release


@dataclass(frozen=True, slots=True)
class Compared:
    """A signed file that is there: how it differs in words, or why that could not be told."""

    signature: str
    path: str
    difference: str = ""
    error: Unreadable | None = None


@provides("signed files")
def signed_files(bundle: Bundle) -> tuple[Compared, ...] | Absent | Unread:
    """Every file that was signed and is there, held against what was signed of it."""
    judged = needed(bundle, "signatures")
    if not isinstance(judged, tuple):
        return judged if isinstance(judged, Absent | Unread) else Unread("")
    found = []
    for signature in _believed(judged):
        parts: dict[str, list[Resource]] = {}
        for resource in signature.statement.resources:
            parts.setdefault(resource.path, []).append(resource)
        for path, stretches in parts.items():
            file = bundle.file(path)
            if file is None:
                continue  # SEC306 tells
            try:
                found.append(Compared(signature.file, path, _difference(bundle, file, stretches)))
            except Unreadable as error:
                found.append(Compared(signature.file, path, error=error))
    return tuple(found)


@rule("SEC305", level="error", needs="signed files", klass="inconsistent", since="2026.2")
def signed_file_differs(compared: tuple[Compared, ...]) -> Iterator[Fault]:
    """A file is not the one that was signed.

    Why: It was changed, cut short or exchanged after the model was signed: by accident, or on purpose.
    Bad:
        # model.sig, signature
        {"files": {"config.json": "7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90"}}
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
    Good:
        # README.md
        The model is signed as the last step, after all files are written.
    Fix: Restore the file, or check the release and sign it again.
    """
    error: Unreadable | None = None
    for one in compared:
        error = error or one.error
        if one.difference:
            yield whole_file(one.path).says(one.difference, whole_file(one.signature).labelled("signed here"))
    if error is not None:
        raise error


@rule("SEC306", level="error", needs=("signatures", "bundle"), since="2026.2")
def signed_file_missing(judged: Judged, bundle: Bundle) -> Iterator[Fault]:
    """A file that was signed is not there.

    Why: What is left is not what was signed: somebody took the file away, or never shipped it.
    Bad:
        # model.sig, signature
        {"files": {"tokenizer.json": "7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90"}}
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
    Good:
        # README.md
        The model is signed as the last step, after all files are written.
    Fix: Restore the file, or check the release and sign it again.
    """
    for signature in _believed(judged):
        told: set[str] = set()
        for resource in signature.statement.resources:
            path = resource.path
            if path not in told and bundle.file(path) is None and looked_at(path):
                told.add(path)
                yield whole_file(signature.file).says(f"`{shown(path)}` was signed and is not in the bundle")


@rule("SEC307", level="warning", needs=("signatures", "bundle"), since="2026.2")
def file_not_signed(judged: Judged, bundle: Bundle) -> Iterator[Fault]:
    """A file is not among those that were signed.

    Why: The signature says nothing of it: it may have been added by anybody.
    Bad:
        # model.sig, signature
        {"files": {"LICENSE": null}}
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
    Good:
        # README.md
        The model is signed as the last step, after all files are written.
    Fix: Sign again, or take the file away.
    """
    trusted = any(verdict.state == "verified" for _, verdict in judged)
    for path in _uncovered(judged, bundle):
        if not trusted or _is_document(path):  # else SEC308 tells, as an error
            yield whole_file(path).says("the file is not among those that were signed")


@rule("SEC308", level="error", needs=("signatures", "trusted keys", "bundle"), since="2026.2")
def file_beside_trusted_signature(
    judged: Judged, trusted: tuple[Trusted, ...], bundle: Bundle
) -> Iterator[Fault]:
    """A file that a loader may take is not among those that a trusted key signed.

    Why: The owner signed the release as a whole. What lies beside it came from somebody else, and a loader
        that finds weights, code or a configuration there uses them.
    Bad:
        # model.sig, signature
        {"files": {"results/test.json": null}}
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
    Good:
        # README.md
        The model is signed as the last step, after all files are written.
    Fix: Take the file away, or ask the owner to sign it too.
    """
    del trusted
    if any(verdict.state == "verified" for _, verdict in judged):
        for path in _uncovered(judged, bundle):
            if not _is_document(path):
                yield whole_file(path).says("the file is not among those that the trusted key signed")


@rule("SEC309", level="warning", needs=("signatures", "bundle"), since="2026.2")
def weights_left_unsigned(judged: Judged, bundle: Bundle) -> Iterator[Fault]:
    """A signature says itself that it leaves out weights or code.

    Why: Every tool honours its list of ignored paths, so the release verifies whatever these files are.
    Bad:
        # model.sig, signature
        {"ignore": ["model.safetensors"]}
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
    Good:
        # model.sig, signature
        {"ignore": ["results"]}
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
    Fix: Sign again without leaving them out.
    """
    for signature in _believed(judged):
        signed = {resource.path for resource in signature.statement.resources}
        left = [
            file.path
            for file in bundle.files
            if file.path.lower().endswith(_WEIGHTS + _CODE)
            and file.path not in signed
            and signature.statement.leaves_out(file.path)
        ]
        if left:
            others = f" and {len(left) - 1} more" if len(left) > 1 else ""
            yield whole_file(signature.file).says(f"the signature leaves out `{shown(left[0])}`{others}")


@rule("SEC310", level="error", needs=("signed files", "trusted keys"), since="2026.2")
def signed_file_not_compared(compared: tuple[Compared, ...], trusted: tuple[Trusted, ...]) -> Iterator[Fault]:
    """Trusted keys were given, and a signed file could not be held against its digest.

    Why: Whoever asks for a trusted signature wants to know that every file is the signed one. A file that
        could not be read, or was exchanged for a link, may be any other.
    Bad:
        # model.sig, signature
        {}
        # LICENSE, absent
        # LICENSE, link to README.md
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
    Good:
        # model.sig, signature
        {}
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
    Fix: Ship the files themselves, make them readable, and sign them by sha256 (OMS, the default).
    """
    del trusted
    for one in compared:
        if one.error is not None:
            yield whole_file(one.path).says(
                f"not held against its signature: {one.error.what}", help=one.error.help
            )


def _believed(judged: Judged) -> list[Signature]:
    """The signatures to hold the files against: the verified ones or, where there are none, all."""
    verified = [signature for signature, verdict in judged if verdict.state == "verified"]
    return verified or [signature for signature, _ in judged]


def _difference(bundle: Bundle, file: File, stretches: list[Resource]) -> str:
    """In words, how a file differs from what was signed of it; empty where it does not."""
    if is_pointer(bundle, file.path):  # WGT020 tells
        raise Unreadable("it is a pointer, not the file", Span(file.path), "run `git lfs pull`")
    end = max(each.end or 0 for each in stretches)  # 0 where the file was signed as a whole
    if end and file.is_regular and end != file.size_bytes:
        return f"the file has {file.size_bytes:,} bytes, signed were {end:,}"
    for stretch in stretches:
        if stretch.algorithm == "blake3":
            raise Unreadable("its digest is stated by BLAKE3, which is not computed here", Span(file.path))
        actual = digest_of(bundle, file.path, stretch.algorithm, stretch.begin, stretch.end)
        if actual != stretch.digest:
            where = "" if not end else f" of bytes {stretch.begin:,} to {stretch.end:,}"
            return f"the {stretch.algorithm}{where} is {actual[:12]}…, signed was {stretch.digest[:12]}…"
    return ""


def _uncovered(judged: Judged, bundle: Bundle) -> Iterator[str]:
    """Each file that no signature lists or leaves out."""
    statements = [signature.statement for signature in _believed(judged)]
    signed = {resource.path for statement in statements for resource in statement.resources}
    in_shards = any(statement.in_shards for statement in statements)
    for file in bundle.files:
        path = file.path
        if path in signed or attests(path) or path.startswith(_DOWNLOADS):
            continue
        if in_shards and file.size_bytes == 0:
            continue  # has no stretch to sign
        if not any(statement.leaves_out(path) for statement in statements):
            yield path


def _is_document(path: str) -> bool:
    name = basename(path).lower()
    named = name.startswith(_DOCUMENT_NAMES) and not name.endswith(_WEIGHTS + _CODE)
    return named or name.endswith(_DOCUMENTS)
