"""A signature file as a whole, and whether somebody who is trusted made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from auditor.records import dataclass
from auditor.signing import keys
from auditor.signing.envelope import Envelope, read_envelope
from auditor.signing.keys import Trusted
from auditor.signing.statement import Statement, read_statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.x509 import Certificate

State = Literal["verified", "invalid", "untrusted", "not judged"]


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature file that could be read; whether it may be believed is for `judge`."""

    file: str
    envelope: Envelope
    statement: Statement


@dataclass(frozen=True, slots=True)
class Verdict:
    """What trusted keys say of a signature.

    Attributes:
        state: made by somebody trusted; made by nobody although it names a trusted key; made by somebody else
            as far as can be told; not judged, because no key was given or its kind cannot be judged offline.
        why: in words, to be read after "the signature"; of `verified`, the file of the key.
    """

    state: State
    why: str


def read(file: str, raw: bytes) -> Signature:
    """The signature in the bytes of a file.

    Raises:
        Unsupported: as `read_statement`.
        Unreadable: as `read_envelope` and `read_statement`.
    """
    envelope = read_envelope(file, raw)
    return Signature(file, envelope, read_statement(file, envelope.payload))


def judge(envelope: Envelope, trusted: tuple[Trusted, ...]) -> Verdict:
    """Whether one of the trusted keys, or a certificate under a trusted one, made the signature.

    Raises:
        CannotRun: the package `cryptography` is not installed and there are keys to try.
    """
    if envelope.method == "sigstore":
        return Verdict("not judged", "is Sigstore's and needs its public log to be verified")
    if not trusted:
        return Verdict("not judged", "was not verified, because no trusted key was given")
    return _by_key(envelope, trusted) if envelope.method == "key" else _by_certificate(envelope, trusted)


def _by_key(envelope: Envelope, trusted: tuple[Trusted, ...]) -> Verdict:
    names = {}
    for one, key in _every_key(trusted):
        names[keys.fingerprint(key)] = one.name
        if keys.verifies(key, envelope.payload, envelope.signature):
            return Verdict("verified", one.name)
    if envelope.hint in names:
        return Verdict("invalid", f"does not verify with the key it names, `{names[envelope.hint]}`")
    named = f"names the key `{envelope.hint[:16]}…`" if envelope.hint else "names no key"
    return Verdict("untrusted", f"{named} and verifies with none that is trusted")


def _every_key(trusted: tuple[Trusted, ...]) -> Iterator[tuple[Trusted, Any]]:
    for one in trusted:
        for key in keys.public_keys(one):
            yield one, key
        for certificate in keys.certificates(one):
            key = _key_of(certificate)
            if keys.is_supported(key):
                yield one, key


def _by_certificate(envelope: Envelope, trusted: tuple[Trusted, ...]) -> Verdict:
    from auditor.signing.chain import ChainRefused, leads_to, load

    try:
        chain = load(envelope.certificates)
    except ChainRefused as error:
        return Verdict("invalid", f"has a certificate that {error}")
    if not keys.verifies(_key_of(chain[0]), envelope.payload, envelope.signature):
        return Verdict("invalid", "does not verify with the certificate that it carries")
    refused = ""
    for one in trusted:
        for key in keys.public_keys(one):
            if keys.fingerprint(key) == keys.fingerprint(chain[0].public_key()):  # type: ignore[arg-type]
                return Verdict("verified", one.name)
        for anchor in keys.certificates(one):
            try:
                leads_to(chain, anchor)
            except ChainRefused as error:
                refused = refused or f": {error}"
            else:
                return Verdict("verified", one.name)
    return Verdict("untrusted", f"has a certificate that leads to none that is trusted{refused}")


def _key_of(certificate: Certificate) -> Any:
    """The public key of a certificate, None where it is of an unknown kind."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return None
