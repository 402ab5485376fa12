"""A signature file is read strictly: it comes from whoever made the bundle."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers.document import Unreadable
from auditor.signing.envelope import MAX_CERTIFICATES, pae, read_envelope, written
from auditor.signing.signature import read
from auditor.signing.statement import Unsupported

PAYLOAD = b'{"a": 1}'


def good(**changes):
    """The text of a signature with some of its parts exchanged; None takes one away."""
    parts = json.loads(written(PAYLOAD, b"signature", "ab" * 32))
    for path, value in changes.items():
        *owners, last = path.split("__")
        owner = parts
        for step in owners:
            owner = owner[int(step) if step.isdigit() else step]
        if value is None:
            owner.pop(last)
        else:
            owner[last] = value
    return json.dumps(parts).encode()


def b64(raw):
    return base64.b64encode(raw).decode()


def test_what_was_written_is_read_back():
    envelope = read_envelope("model.sig", good())
    assert (envelope.payload, envelope.signature) == (PAYLOAD, b"signature")
    assert (envelope.method, envelope.hint, envelope.certificates) == ("key", "ab" * 32, ())


def test_the_bytes_signed_are_those_of_the_protocol():  # its own example, protocol.md of DSSE 1.0.0
    assert pae(b"hello world") == b"DSSEv1 28 application/vnd.in-toto+json 11 hello world"


MATERIAL = "verificationMaterial"
REFUSED = {
    "no JSON": b"{",
    "not UTF-8": b"\xff\xfe",
    "nothing": b"",
    "a list": b"[]",
    "a number": b"7",
    "nested deep": b"[" * 100_000,
    "a key twice": b'{"mediaType": "a", "mediaType": "b"}',
    "another media type": good(mediaType="application/json"),
    "a media type that is longer": good(mediaType="application/vnd.dev.sigstore.bundle.v0.3+json\n"),
    "no envelope": good(dsseEnvelope=None),
    "another payload type": good(dsseEnvelope__payloadType="text/plain"),
    "a payload type with blanks": good(dsseEnvelope__payloadType="application/vnd.in-toto+json "),
    "a payload type in capitals": good(dsseEnvelope__payloadType="Application/vnd.in-toto+json"),
    "no payload": good(dsseEnvelope__payload=None),
    "a payload of another type": good(dsseEnvelope__payload=7),
    "a payload that is no base64": good(dsseEnvelope__payload="e!0="),
    "a payload with a line break": good(dsseEnvelope__payload="e3\n0="),
    "a payload without padding": good(dsseEnvelope__payload="e30"),
    "a payload beyond ASCII": good(dsseEnvelope__payload="é30="),
    "no signature": good(dsseEnvelope__signatures=[]),
    "signatures of another type": good(dsseEnvelope__signatures={"sig": "e30="}),
    "two signatures": good(dsseEnvelope__signatures=[{"sig": "e30="}, {"sig": "e30="}]),
    "an empty signature": good(dsseEnvelope__signatures=[{"sig": ""}]),
    "a signature of another type": good(dsseEnvelope__signatures=["e30="]),
    "a huge signature": good(dsseEnvelope__signatures=[{"sig": b64(bytes(100_000))}]),
    "nobody named": good(**{f"{MATERIAL}__publicKey": None}),
    "two named": good(**{f"{MATERIAL}__certificate": {"rawBytes": "e30="}}),
    "a hint of another type": good(**{f"{MATERIAL}__publicKey": {"hint": 7}}),
    "an empty chain": good(**{MATERIAL: {"x509CertificateChain": {"certificates": []}}}),
    "a chain without end": good(
        **{
            MATERIAL: {
                "x509CertificateChain": {"certificates": [{"rawBytes": "e30="}] * (MAX_CERTIFICATES + 1)}
            }
        }
    ),
    "a certificate without bytes": good(**{MATERIAL: {"x509CertificateChain": {"certificates": [{}]}}}),
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(raw):
    with pytest.raises(Unreadable) as refused:
        read_envelope("model.sig", raw)
    assert refused.value.span.file == "model.sig"
    assert len(refused.value.what) < 300


def test_the_letters_for_urls_are_read_too():
    sig = base64.urlsafe_b64encode(b"\xff\xfe\xfd").decode()
    assert (
        read_envelope("model.sig", good(dsseEnvelope__signatures=[{"sig": sig}])).signature == b"\xff\xfe\xfd"
    )


def test_chains_and_sigstore_are_told_apart():
    chain = {"x509CertificateChain": {"certificates": [{"rawBytes": "e30="}]}}
    assert read_envelope("s", good(**{MATERIAL: chain})).method == "certificate"
    assert read_envelope("s", good(**{MATERIAL: {**chain, "tlogEntries": [{}]}})).method == "sigstore"
    assert read_envelope("s", good(**{MATERIAL: {"certificate": {"rawBytes": "e30="}}})).method == "sigstore"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just("e30=") | st.just(b64(PAYLOAD)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = [
    ("mediaType",),
    ("dsseEnvelope",),
    ("dsseEnvelope", "payload"),
    ("dsseEnvelope", "signatures"),
    ("dsseEnvelope", "payloadType"),
    ("verificationMaterial",),
    ("verificationMaterial", "publicKey"),
    ("verificationMaterial", "x509CertificateChain"),
]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3))
def test_no_exchange_of_parts_raises_anything_else(changes):
    parts = json.loads(good())
    for path, value in changes.items():
        owner = parts
        for step in path[:-1]:
            owner = owner.get(step) if isinstance(owner, dict) else None
        if isinstance(owner, dict):
            owner[path[-1]] = value
    with suppress(Unreadable, Unsupported):
        read("model.sig", json.dumps(parts).encode())


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(raw):
    with pytest.raises(Unreadable):
        read_envelope("model.sig", raw)
