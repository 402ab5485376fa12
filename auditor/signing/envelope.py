"""The file that an OpenSSF model signature is: a Sigstore bundle in JSON around a DSSE envelope.

Formats: https://github.com/sigstore/protobuf-specs (sigstore_bundle.proto, sigstore_common.proto) and
https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md. Nothing is verified here, and nothing in
such a file is believed before it is.
"""

from __future__ import annotations

import binascii
import json
import re
from typing import Any, Literal

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.json import JsonDocument, read_json
from auditor.readers.text import decode, shown
from auditor.records import dataclass

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_CERTIFICATES = 10  # of one chain; the public chains of the web have three or four
MAX_FIELD_BYTES = 64 * 2**10  # of one signature or certificate; those met have 72 to 3,000 bytes
_MEDIA_TYPES = re.compile(
    r"application/vnd\.dev\.sigstore\.bundle(?:\.v0\.[0-9]+\+json|\+json;version=0\.[0-9]+)"
)
_MATERIALS = ("publicKey", "x509CertificateChain", "certificate")

Method = Literal["key", "certificate", "sigstore"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was signed, the signature over it, and what the file says about the signer.

    Attributes:
        payload: the signed bytes; `statement.py` reads them.
        signature: over `pae(payload)`.
        method: a bare key, a chain of certificates, or Sigstore's short-lived certificate and public log.
        hint: the fingerprint of the key as the file states it, or empty.
        certificates: in DER, the signer's first; empty for a bare key.
    """

    payload: bytes
    signature: bytes
    method: Method
    hint: str = ""
    certificates: tuple[bytes, ...] = ()


def read_envelope(file: str, raw: bytes) -> Envelope:
    """The envelope in the bytes of a signature file.

    Raises:
        Unreadable: it is no JSON, repeats a key, or is not the one envelope with one signature that the
            format asks for.
    """
    document = read_json(file, decode(file, raw))
    if document.duplicates:  # two readers could see two different signatures
        span = document.locate(document.duplicates[0])
        raise Unreadable("a key stands twice in one object", span)
    media_type = document.get("mediaType")
    if not isinstance(media_type, str) or not _MEDIA_TYPES.fullmatch(media_type):
        raise _wrong(document, "mediaType", f"expected `{MEDIA_TYPE}`")
    payload_type = document.get("dsseEnvelope", "payloadType")
    if payload_type != PAYLOAD_TYPE:
        raise _wrong(document, "dsseEnvelope", "payloadType", f"expected `{PAYLOAD_TYPE}`")
    signatures = document.get("dsseEnvelope", "signatures")
    if not isinstance(signatures, list) or len(signatures) != 1:
        # sigstore_bundle.proto: "DSSE envelopes in a bundle MUST have exactly one signature"
        raise _wrong(document, "dsseEnvelope", "signatures", "expected exactly one")
    payload = _bytes(document, "dsseEnvelope", "payload", limit=len(raw))
    signature = _bytes(document, "dsseEnvelope", "signatures", 0, "sig")
    return _with_material(document, Envelope(payload, signature, "key"))


def written(payload: bytes, signature: bytes, hint: str) -> str:
    """The text of a signature file by a bare key, as model-signing 1.1.1 writes it."""
    return json.dumps(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {"publicKey": {"hint": hint}, "tlogEntries": []},
            "dsseEnvelope": {
                "payload": _base64(payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": _base64(signature), "keyid": ""}],
            },
        },
        separators=(",", ":"),
    )


def pae(payload: bytes) -> bytes:
    """What is signed for a payload (DSSE 1.0.0, protocol.md, "Signature Definition")."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def _with_material(document: JsonDocument, envelope: Envelope) -> Envelope:
    """The envelope with what the file says about the signer."""
    material = document.mapping("verificationMaterial")
    named = [name for name in _MATERIALS if material.get(name) is not None]
    if len(named) != 1:  # a `oneof` of the format
        raise _wrong(document, "verificationMaterial", f"expected one of {', '.join(_MATERIALS)}")
    where = ("verificationMaterial", named[0])
    if named[0] == "publicKey":
        hint = document.get(*where, "hint")
        if hint is not None and not isinstance(hint, str):
            raise _wrong(document, *where, "hint", "expected text")
        return Envelope(envelope.payload, envelope.signature, "key", hint or "")
    if named[0] == "certificate":
        alone = (_bytes(document, *where, "rawBytes"),)
        return Envelope(envelope.payload, envelope.signature, "sigstore", certificates=alone)
    chain = document.get(*where, "certificates")
    if not isinstance(chain, list) or not 1 <= len(chain) <= MAX_CERTIFICATES:
        raise _wrong(document, *where, "certificates", f"expected 1 to {MAX_CERTIFICATES}")
    found = tuple(_bytes(document, *where, "certificates", place, "rawBytes") for place in range(len(chain)))
    method: Method = "sigstore" if material.get("tlogEntries") else "certificate"
    return Envelope(envelope.payload, envelope.signature, method, certificates=found)


def _bytes(document: JsonDocument, *path: str | int, limit: int = MAX_FIELD_BYTES) -> bytes:
    """The bytes that a field holds in base64: the standard letters or those for URLs, DSSE takes both."""
    text = document.get(*path)
    if not isinstance(text, str) or not text:
        raise _wrong(document, *path, "expected base64")
    if len(text) > 4 * limit // 3 + 4:
        raise _wrong(document, *path, f"expected at most {limit:,} bytes")
    try:
        return binascii.a2b_base64(text.translate({45: 43, 95: 47}), strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong(document, *path, "expected base64") from error


def _base64(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).decode()


def _wrong(document: JsonDocument, *path_and_expected: Any) -> Unreadable:
    """What is raised for the value at a key path; the last argument says what was expected."""
    *path, expected = path_and_expected
    value = document.get(*path)
    name = ".".join(str(step) for step in path)
    if isinstance(value, str):
        met = f"`{name}` is `{shown(value, 40)}`"
    elif isinstance(value, list):
        met = f"`{name}` has {len(value)} entries"
    elif isinstance(value, dict) and path == ["verificationMaterial"]:
        met = f"`{name}` names {sum(value.get(each) is not None for each in _MATERIALS)} signers"
    else:
        met = f"`{name}` is missing" if value is None else f"`{name}` is of another type"
    place = document.at(*path)
    return Unreadable(
        f"{met}, {expected}", document.locate(place) if value is not None else Span(document.file)
    )
