"""Elliptic-curve keys: signing with a private one, and whom the caller trusts by public keys or certificates.

The one module that needs the package `cryptography`, and loads it when first asked for something.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from auditor.errors import CannotRun, UsageError
from auditor.readers.folder import reason
from auditor.records import dataclass
from auditor.signing.envelope import pae

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.x509 import Certificate

MAX_KEY_BYTES = 2**20  # of a PEM file; the trust store of a whole system has 220,000
# The hash that goes with each curve (sigstore_common.proto, PublicKeyDetails, PKIX_ECDSA_*).
CURVES = {"secp256r1": "SHA256", "secp384r1": "SHA384", "secp521r1": "SHA512"}
MAKE_ONE = "openssl ecparam -name prime256v1 -genkey -noout -out key.pem"


@dataclass(frozen=True, slots=True)
class Trusted:
    """A PEM file of public keys or certificates that the caller trusts.

    Attributes:
        name: the path as it was typed.
        pem: its bytes.
    """

    name: str
    pem: bytes


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key that can sign, and the fingerprint of its public key."""

    fingerprint: str
    _key: EllipticCurvePrivateKey

    def sign(self, payload: bytes) -> bytes:
        """The signature over a payload, in DER."""
        return self._key.sign(pae(payload), _ecdsa(self._key.public_key()))


class PasswordNeeded(Exception):  # noqa: N818  reads as a sentence where it is raised
    """The private key is encrypted and no password was given."""


def trusted(paths: tuple[str, ...], root: Path) -> tuple[Trusted, ...]:
    """The keys in these files, none of which may lie in the bundle at `root`.

    Raises:
        UsageError: a file is missing, lies in the bundle, or holds no public key or certificate in PEM.
        CannotRun: the package `cryptography` is not installed.
    """
    found = []
    inside = os.path.realpath(root)
    for path in paths:
        if os.path.realpath(path) == inside or os.path.realpath(path).startswith(inside + os.sep):
            raise UsageError(
                "the key lies in the bundle that it is to vouch for",
                where=path,
                help="whoever changes the bundle can change that key too: take it from its owner",
            )
        one = Trusted(path, _pem(path))
        if not public_keys(one) and not certificates(one):
            private = b"PRIVATE KEY-----" in one.pem
            what = "this is a private key" if private else "the file holds no public key and no certificate"
            raise UsageError(what, where=path, help="`openssl ec -in key.pem -pubout` prints the public key")
        found.append(one)
    return tuple(found)


def public_keys(trusted: Trusted) -> tuple[EllipticCurvePublicKey, ...]:
    """The public keys in a PEM file that stand there as such.

    Raises:
        UsageError: one is malformed, or of a kind that model signing does not use.
    """
    return tuple(_public_key(trusted.name, block) for block in _blocks(trusted.pem, b"PUBLIC KEY"))


def certificates(trusted: Trusted) -> tuple[Certificate, ...]:
    """The certificates in a PEM file.

    Raises:
        UsageError: one is malformed.
    """
    blocks = _blocks(trusted.pem, b"CERTIFICATE")
    if not blocks:
        return ()
    x509 = _package("x509")
    try:
        return tuple(x509.load_pem_x509_certificate(block) for block in blocks)
    except ValueError as error:
        raise UsageError("the certificate cannot be read", where=trusted.name) from error


def fingerprint(key: EllipticCurvePublicKey) -> str:
    """How a signature names its key: sha256 of the PEM text, as model-signing 1.1.1 makes it."""
    import hashlib

    serialization = _package("hazmat.primitives.serialization")
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_bytes(serialization.Encoding.PEM, form)).hexdigest()


def verifies(key: Any, payload: bytes, signature: bytes) -> bool:
    """Whether the signature over the payload was made with this key's private half."""
    exceptions = _package("exceptions")
    if not is_supported(key):
        return False
    try:
        key.verify(signature, pae(payload), _ecdsa(key))
    except exceptions.InvalidSignature:
        return False
    return True


def is_supported(key: Any) -> bool:
    """Whether it is an elliptic-curve key on a curve that model signing uses."""
    return getattr(getattr(key, "curve", None), "name", "") in CURVES


def signer(path: str, password: bytes | None) -> Signer:
    """The private key in a PEM file, ready to sign.

    Raises:
        PasswordNeeded: it is encrypted and no password was given.
        UsageError: it is missing, malformed, of another kind, or the password is wrong.
        CannotRun: the package `cryptography` is not installed.
    """
    serialization, exceptions = _package("hazmat.primitives.serialization"), _package("exceptions")
    pem = _pem(path)
    try:
        key = serialization.load_pem_private_key(pem, password)
    except TypeError as error:  # a password where none is needed, or none where one is
        if password is None:
            raise PasswordNeeded from error
        return signer(path, None)
    except (ValueError, exceptions.UnsupportedAlgorithm) as error:
        what = "the password is wrong, or the key is damaged" if password else "no private key can be read"
        raise UsageError(what, where=path, help=f"make one with `{MAKE_ONE}`") from error
    if not is_supported(key):
        raise UsageError(
            "the key is not on the curve P-256, P-384 or P-521",
            where=path,
            help=f"make one with `{MAKE_ONE}`",
        )
    return Signer(fingerprint(key.public_key()), key)


def _public_key(name: str, block: bytes) -> EllipticCurvePublicKey:
    serialization, exceptions = _package("hazmat.primitives.serialization"), _package("exceptions")
    try:
        key = serialization.load_pem_public_key(block)
    except (ValueError, exceptions.UnsupportedAlgorithm) as error:
        raise UsageError("the public key cannot be read", where=name) from error
    if not is_supported(key):
        raise UsageError(
            "the public key is not on the curve P-256, P-384 or P-521",
            where=name,
            help="model signing uses elliptic-curve keys",
        )
    found: EllipticCurvePublicKey = key
    return found


def _pem(path: str) -> bytes:
    """The bytes of a key file that the caller named.

    Raises:
        UsageError: it cannot be read, or is longer than any key.
    """
    try:
        with open(path, "rb") as stream:  # noqa: PTH123  a path as it was typed
            if stat.S_ISDIR(os.fstat(stream.fileno()).st_mode):
                raise UsageError("this is a folder, not a key", where=path)
            pem = stream.read(MAX_KEY_BYTES + 1)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "no path"
        remedy = "name a file in PEM that you may read"
        raise UsageError(f"the key cannot be read ({why})", where=path, help=remedy) from error
    if len(pem) > MAX_KEY_BYTES:
        raise UsageError(f"the file has more than {MAX_KEY_BYTES:,} bytes, which no key has", where=path)
    return pem


def _blocks(pem: bytes, label: bytes) -> list[bytes]:
    """The parts of a PEM text with this label (RFC 7468), in order; one that does not end runs on."""
    begin, end = b"-----BEGIN %s-----" % label, b"-----END %s-----" % label
    return [begin + rest.partition(end)[0] + end + b"\n" for rest in pem.split(begin)[1:]]


def _ecdsa(key: EllipticCurvePublicKey) -> Any:
    hashes = _package("hazmat.primitives.hashes")
    algorithm = getattr(hashes, CURVES[key.curve.name])()
    return _package("hazmat.primitives.asymmetric.ec").ECDSA(algorithm)


def _package(name: str) -> ModuleType:
    """A module of the package `cryptography`.

    Raises:
        CannotRun: it is not installed.
    """
    from importlib import import_module

    try:
        return import_module(f"cryptography.{name}")
    except ImportError as error:
        raise CannotRun(
            "keys and signatures need the package `cryptography`",
            where="fmaudit[sign]",
            help="pip install 'fmaudit[sign]'",
        ) from error
