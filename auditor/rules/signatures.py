"""OpenSSF model signatures: whether they can be read, and whether somebody who is trusted made them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault, Place
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.rules.paths import whole_file
from auditor.rules.registry import needed, provides, rule
from auditor.rules.stated import SIGNATURE, readable

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.rules.stated import Statements
    from auditor.signing.keys import Trusted
    from auditor.signing.signature import Signature, Verdict

    Judged = tuple[tuple[Signature, Verdict], ...]


@provides("signatures")
def signatures(bundle: Bundle) -> Judged | Absent | Unread:
    """Every signature that can be read, with what the trusted keys say of it."""
    files = needed(bundle, "signature files")
    if not isinstance(files, dict):
        return Absent(f"the bundle is not signed: it has no {SIGNATURE}")
    read = readable(files)
    if read:
        from auditor.signing.signature import judge

        return tuple((one, judge(one.envelope, bundle.trusted_keys)) for one in read)
    path, problem = next(iter(files.items()))
    why = "(SEC301)" if isinstance(problem, Unreadable) else f"as a signature: {problem}"
    return Unread(f"{path} could not be read {why}")


@provides("trusted keys")
def trusted_keys(bundle: Bundle) -> tuple[Trusted, ...] | Absent:
    """The keys that the caller trusts."""
    return bundle.trusted_keys or Absent("no trusted key was given (`--trust-key`)")


@rule("SEC301", level="error", needs="signature files", since="2026.2")
def signature_malformed(files: Statements) -> Iterator[Fault]:
    """The signature of the model cannot be read, or contradicts itself.

    Why: A signature that no tool accepts protects nobody, and looks as if it did.
    Bad:
        # model.sig, whole file
        {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": {"signatures": []}}
    Good:
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
        # model.sig, signature
        {}
    Fix: Sign again: `fmaudit sign BUNDLE --key key.pem`.
    Source: https://github.com/ossf/model-signing-spec; https://docs.sigstore.dev/about/bundle/
    """
    for problem in files.values():
        if isinstance(problem, Unreadable):
            place = Place(problem.span.file, span=problem.span)
            yield place.says(problem.what, help="sign again with `fmaudit sign`")


@rule("SEC302", level="error", needs="signatures", since="2026.2")
def signature_invalid(judged: Judged) -> Iterator[Fault]:
    """A signature names a trusted key or carries a certificate, and was not made with it.

    Why: The list of files was changed after it was signed, or somebody signs in another's name.
    Bad:
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
        # model.sig, signature, damaged
        {}
    Good:
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
        # model.sig, signature
        {}
    Fix: Do not use the release before its owner has explained it and signed again.
    Source: https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md
    """
    for signature, verdict in judged:
        if verdict.state == "invalid":
            yield whole_file(signature.file).says(f"the signature {shown(verdict.why, 300)}")


@rule("SEC303", level="error", needs=("trusted keys", "bundle"), since="2026.2")
def signer_not_trusted(trusted: tuple[Trusted, ...], bundle: Bundle) -> Iterator[Fault]:
    """Trusted keys were given, and none of them signed the release.

    Why: Whoever exchanges the files of a release can also sign them anew, with a key of their own, or take
        the signature away.
    Bad:
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
    Good:
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
        # model.sig, signature
        {}
    Fix: Get the release from where its owner publishes it, or the owner's current public key.
    """
    del trusted
    judged = needed(bundle, "signatures")
    if isinstance(judged, tuple):
        if any(verdict.state in ("verified", "invalid") for _, verdict in judged):
            return  # of an invalid one SEC302 tells
        signature, verdict = judged[0]
        yield whole_file(signature.file).says(f"the signature {shown(verdict.why, 300)}")
    elif isinstance(judged, Unread):
        yield whole_file(SIGNATURE).says(
            f"there is no signature by a trusted key: {shown(judged.reason, 300)}"
        )
    else:
        yield whole_file(SIGNATURE).says("the release is not signed, and a trusted key was given")


@rule("SEC304", level="note", needs="signatures", since="2026.2")
def signature_not_verified(judged: Judged) -> Iterator[Fault]:
    """The release is signed, and nothing told whose signature to believe.

    Why: Anybody can sign anything. Without the signer's public key from elsewhere, a signature shows only
        that the files are those that somebody listed.
    Bad:
        # model.sig, signature
        {}
    Good:
        # ../signer.pem, whole file
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfPJ7GI0DT36KUjgDBLUaw8CJaeJ3
        8hs1pgtI/EdmmXgHd1UQ247QQCk9msafdDDbun2t5jzpgimeBLedInhz0Q==
        -----END PUBLIC KEY-----
        # model.sig, signature
        {}
    Fix: Give the signer's public key: `fmaudit check BUNDLE --trust-key signer.pem`.
    """
    for signature, verdict in judged:
        if verdict.state == "not judged":
            hint = signature.envelope.hint
            key = f" by the key `{shown(hint, 17)}`" if hint else ""
            sigstore = signature.envelope.method == "sigstore"
            yield whole_file(signature.file).says(
                f"the signature{key} {verdict.why}",
                help="verify it with `model_signing verify sigstore`"
                if sigstore
                else "give the signer's public key with `--trust-key`",
            )
