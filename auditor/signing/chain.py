"""Chains of certificates: whether a signer's certificate was issued under one that is trusted.

A small part of RFC 5280, section 6, and strict where it stops: a critical extension that is not understood,
a signature by another algorithm, or a certificate that may not issue others ends the chain. Revocation is
not looked at (that needs a network), and time is the moment the signer's certificate became valid, as in
model-signing 1.1.1 (`sign_certificate.py`): a signature outlives the certificate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


class ChainRefused(Exception):  # noqa: N818  reads as a sentence where it is raised
    """A certificate cannot be read or may not stand where it stands; the text says why."""


def load(encoded: tuple[bytes, ...]) -> list[Certificate]:
    """The certificates of a chain, from DER.

    Raises:
        ChainRefused: one cannot be read.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import load_der_x509_certificate

    try:
        found = [load_der_x509_certificate(each) for each in encoded]
        for certificate in found:  # both are parsed late
            certificate.public_key()
            list(certificate.extensions)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ChainRefused("cannot be read") from error
    return found


def leads_to(chain: list[Certificate], anchor: Certificate) -> None:
    """The first certificate of the chain may sign, and stands under the anchor or is the anchor itself.

    Raises:
        ChainRefused: it may not sign, or no step from certificate to issuer leads there.
    """
    signer, *others = chain
    _may_sign(signer)
    moment = signer.not_valid_before_utc
    current, left = signer, [anchor, *others]
    for issued_below in range(len(chain) + 1):
        _check_known(current)
        if current == anchor:
            return
        issuer = next((each for each in left if _issued(each, current)), None)
        if issuer is None:
            raise ChainRefused("the issuer of a certificate is missing")
        left.remove(issuer)
        _may_issue(issuer, issued_below)
        if not issuer.not_valid_before_utc <= moment <= issuer.not_valid_after_utc:
            raise ChainRefused("an issuer was not valid when the signer's certificate began")
        current = issuer
    raise ChainRefused("no step leads to the trusted certificate")


def _issued(issuer: Certificate, issued: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    if issued.issuer != issuer.subject:
        return False
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _may_sign(certificate: Certificate) -> None:
    """RFC 5280, 4.2.1.3 and 4.2.1.12, as model-signing reads them: either is enough."""
    from cryptography.x509 import ExtendedKeyUsage, KeyUsage
    from cryptography.x509.oid import ExtendedKeyUsageOID

    for extension in certificate.extensions:
        if isinstance(extension.value, KeyUsage) and extension.value.digital_signature:
            return
        if (
            isinstance(extension.value, ExtendedKeyUsage)
            and ExtendedKeyUsageOID.CODE_SIGNING in extension.value
        ):
            return
    raise ChainRefused("the signer's certificate may not be used to sign")


def _may_issue(certificate: Certificate, issued_below: int) -> None:
    """RFC 5280, 6.1.4 (k) to (n): an authority that may sign certificates, with not too many below it."""
    from cryptography.x509 import BasicConstraints, KeyUsage

    is_authority = False
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, BasicConstraints):
            is_authority = value.ca
            if value.path_length is not None and issued_below > value.path_length:
                raise ChainRefused("an issuer has more authorities below it than it may have")
        if isinstance(value, KeyUsage) and not value.key_cert_sign:
            raise ChainRefused("an issuer may not sign certificates")
    if not is_authority:
        raise ChainRefused("an issuer is no authority")


def _check_known(certificate: Certificate) -> None:
    """No critical extension is one that is not understood here, such as name constraints and policies."""
    from cryptography.x509 import BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName

    known = (BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName)
    if any(each.critical and not isinstance(each.value, known) for each in certificate.extensions):
        raise ChainRefused("a certificate has a critical extension that is not understood")
