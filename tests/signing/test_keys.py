"""Which keys are taken, which certificates lead to a trusted one, and what is said of the others."""

import base64
import json
import tempfile
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from auditor.errors import CannotRun, UsageError
from auditor.signing.envelope import pae, read_envelope, written
from auditor.signing.keys import PasswordNeeded, Trusted, public_keys, signer, trusted
from auditor.signing.signature import judge
from tests.signed import private_pem, public_pem, write_keys

PAYLOAD = b"what is signed"
START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "bundle").mkdir()
    return tmp_path / "bundle"


def signed(key=None, hint=None, payload=PAYLOAD):
    by = signer_of(key or private_pem())
    return read_envelope(
        "model.sig", written(payload, by.sign(PAYLOAD), by.fingerprint if hint is None else hint).encode()
    )


def signer_of(pem):
    with tempfile.NamedTemporaryFile() as file:
        file.write(pem)
        file.flush()
        return signer(file.name, None)


def pem_of(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


KEY = Trusted("a.pem", public_pem())
OTHER = Trusted("b.pem", public_pem(5))


def test_the_key_that_signed_verifies_among_others():
    assert judge(signed(), (OTHER, KEY)).state == "verified"
    assert judge(signed(), (Trusted("both.pem", public_pem(5) + public_pem()),)).state == "verified"


def test_another_payload_does_not_verify_with_the_key_that_is_named():
    verdict = judge(signed(payload=b"another"), (OTHER, KEY))
    assert verdict.state == "invalid"
    assert "a.pem" in verdict.why


def test_a_signature_by_another_key_is_not_trusted_whatever_it_names():
    assert judge(signed(), (OTHER,)).state == "untrusted"
    assert judge(signed(hint=""), (OTHER,)).state == "untrusted"
    assert judge(signed(private_pem(7), hint=signer_of(private_pem()).fingerprint), (KEY,)).state == "invalid"


def test_without_a_key_nothing_is_judged():
    assert judge(signed(), ()).state == "not judged"


def test_a_signature_on_another_curve_does_not_verify():
    assert judge(signed(private_pem(curve=ec.SECP384R1)), (KEY,)).state == "untrusted"


@pytest.mark.parametrize("signature", [b"x", b"\x30\x06\x02\x01\x00\x02\x01\x00", bytes(64), b"\x30\x80"])
def test_a_malformed_signature_does_not_verify(signature):
    envelope = read_envelope("model.sig", written(PAYLOAD, signature, "").encode())
    assert judge(envelope, (KEY,)).state == "untrusted"


NOT_KEYS = {
    "nothing": b"",
    "text": b"hello",
    "a private key": private_pem(),
    "a key cut short": public_pem()[:60],
    "a key of zeros": b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    "a key without an end": b"-----BEGIN PUBLIC KEY-----\nAAAA\n",
    "an RSA key": pem_of(rsa.generate_private_key(65537, 2048)),
    "an Ed25519 key": pem_of(ed25519.Ed25519PrivateKey.generate()),
    "another curve": pem_of(ec.derive_private_key(3, ec.SECP256K1())),
    "a certificate that is none": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "far too long": public_pem() + bytes(2**20),
}


@pytest.mark.parametrize("pem", NOT_KEYS.values(), ids=NOT_KEYS)
def test_what_is_no_public_key_is_refused_before_the_check(pem, tmp_path, root):
    (tmp_path / "key.pem").write_bytes(pem)
    with pytest.raises(UsageError):
        trusted((str(tmp_path / "key.pem"),), root)


@pytest.mark.parametrize("path", ["", "nowhere.pem", "."])
def test_what_is_no_file_is_refused_before_the_check(path, tmp_path, root):
    with pytest.raises(UsageError):
        trusted((path and f"{tmp_path}/{path}",), root)


def test_a_key_in_the_bundle_is_refused_also_by_a_link_or_a_detour(tmp_path, root):
    (root / "key.pem").write_bytes(public_pem())
    (tmp_path / "link.pem").symlink_to(root / "key.pem")
    for path in (root / "key.pem", tmp_path / "link.pem", tmp_path / "bundle" / ".." / "bundle" / "key.pem"):
        with pytest.raises(UsageError, match="lies in the bundle"):
            trusted((str(path),), root)


def test_a_neighbour_whose_name_begins_alike_is_not_in_the_bundle(tmp_path, root):
    (tmp_path / "bundle-key.pem").write_bytes(public_pem())
    assert len(public_keys(trusted((str(tmp_path / "bundle-key.pem"),), root)[0])) == 1


def test_without_the_package_the_remedy_is_told(monkeypatch, tmp_path, root):
    import sys

    monkeypatch.setitem(sys.modules, "cryptography", None)
    for name in [name for name in sys.modules if name.startswith("cryptography.")]:
        monkeypatch.setitem(sys.modules, name, None)
    (tmp_path / "key.pem").write_bytes(public_pem())
    with pytest.raises(CannotRun) as told:
        trusted((str(tmp_path / "key.pem"),), root)
    assert told.value.help == "pip install 'fmaudit[sign]'"


def test_an_encrypted_key_needs_its_password(tmp_path):
    private, _ = write_keys(tmp_path, password=b"secret")
    with pytest.raises(PasswordNeeded):
        signer(private, None)
    with pytest.raises(UsageError, match="password is wrong"):
        signer(private, b"public")
    assert signer(private, b"secret").fingerprint == signer_of(private_pem()).fingerprint


def test_a_password_that_is_not_needed_is_passed_over(tmp_path):
    private, _ = write_keys(tmp_path)
    assert signer(private, b"secret").fingerprint == signer_of(private_pem()).fingerprint


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048),
        ed25519.Ed25519PrivateKey.generate(),
        ec.derive_private_key(3, ec.SECP256K1()),
    ],
)
def test_a_private_key_of_another_kind_is_refused(key, tmp_path):
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "k").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    with pytest.raises(UsageError, match="curve"):
        signer(str(tmp_path / "k"), None)


# Certificates: a root, an authority under it, and the signer's.


def certificate(name, number, issuer=None, issuer_number=None, **about):
    """A certificate of the key `number`; `about` may exchange its extensions, times and authority."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer or name)])
    key = ec.derive_private_key(number, ec.SECP256R1())
    start = about.get("start", START)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(number + 1000)
        .not_valid_before(start)
        .not_valid_after(start + about.get("lasts", 10 * YEAR))
    )
    for extension, critical in about.get("extensions", ()):
        builder = builder.add_extension(extension, critical)
    return builder.sign(ec.derive_private_key(issuer_number or number, ec.SECP256R1()), hashes.SHA256())


def usage(**about):
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
    )
    more = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: about.get(name, False) for name in names + more})


AUTHORITY = [(x509.BasicConstraints(ca=True, path_length=None), True), (usage(key_cert_sign=True), True)]
SIGNS = [(usage(digital_signature=True), True)]


def chain(**changes):
    """Root, authority and leaf, each with its arguments exchanged by those under its name."""
    root = certificate("root", 11, **{"extensions": AUTHORITY} | changes.get("root", {}))
    middle = certificate("middle", 12, "root", 11, **{"extensions": AUTHORITY} | changes.get("middle", {}))
    leaf = certificate("leaf", 13, "middle", 12, **{"extensions": SIGNS} | changes.get("leaf", {}))
    return root, middle, leaf


def by_chain(*certificates, number=13, payload=PAYLOAD):
    key = ec.derive_private_key(number, ec.SECP256R1())
    parts = json.loads(written(payload, key.sign(pae(PAYLOAD), ec.ECDSA(hashes.SHA256())), ""))
    raw = [base64.b64encode(each.public_bytes(serialization.Encoding.DER)).decode() for each in certificates]
    parts["verificationMaterial"] = {
        "x509CertificateChain": {"certificates": [{"rawBytes": each} for each in raw]}
    }
    return read_envelope("model.sig", json.dumps(parts).encode())


def anchor(*certificates):
    return (
        Trusted("root.pem", b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)),
    )


def test_a_chain_leads_to_the_root_that_is_trusted():
    root, middle, leaf = chain()
    assert judge(by_chain(leaf, middle), anchor(root)).state == "verified"
    assert judge(by_chain(leaf, middle, root), anchor(root)).state == "verified"
    assert judge(by_chain(leaf), anchor(middle)).state == "verified"
    assert judge(by_chain(leaf), anchor(leaf)).state == "verified"
    assert judge(by_chain(leaf), (Trusted("leaf.pem", public_pem(13)),)).state == "verified"


def test_another_root_of_the_same_name_is_not_trusted():
    _, middle, leaf = chain()
    other = certificate("root", 99, extensions=AUTHORITY)
    assert judge(by_chain(leaf, middle), anchor(other)).state == "untrusted"
    assert judge(by_chain(leaf, middle, other), anchor(other)).state == "untrusted"


def test_a_gap_in_the_chain_is_not_trusted():
    root, _, leaf = chain()
    assert judge(by_chain(leaf), anchor(root)).state == "untrusted"


def test_a_signature_by_another_key_than_the_certificates_is_invalid():
    root, middle, leaf = chain()
    assert judge(by_chain(leaf, middle, number=14), anchor(root)).state == "invalid"
    assert judge(by_chain(leaf, middle, payload=b"another"), anchor(root)).state == "invalid"


NOT_AN_AUTHORITY = [
    (x509.BasicConstraints(ca=False, path_length=None), True),
    (usage(key_cert_sign=True), True),
]
NO_LENGTH = [(x509.BasicConstraints(ca=True, path_length=0), True), (usage(key_cert_sign=True), True)]
UNKNOWN = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"x"), True)
CONSTRAINED = (x509.NameConstraints([x509.DNSName("example.org")], None), True)
REFUSED = {
    "the authority is none": {"middle": {"extensions": NOT_AN_AUTHORITY}},
    "the authority does not say that it is one": {"middle": {"extensions": []}},
    "the authority may not sign certificates": {
        "middle": {"extensions": [AUTHORITY[0], (usage(digital_signature=True), True)]}
    },
    "the root allows no authority below it": {"root": {"extensions": NO_LENGTH}},
    "the signer may not sign": {"leaf": {"extensions": [(usage(key_agreement=True), True)]}},
    "the signer does not say what it may do": {"leaf": {"extensions": []}},
    "an extension that is not understood": {"middle": {"extensions": [*AUTHORITY, UNKNOWN]}},
    "constraints on names": {"middle": {"extensions": [*AUTHORITY, CONSTRAINED]}},
    "the authority had ended": {"middle": {"start": START - 2 * YEAR, "lasts": YEAR}},
    "the authority had not begun": {"middle": {"start": START + YEAR}},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_a_chain_with_a_fault_is_not_trusted(changes):
    root, middle, leaf = chain(**changes)
    assert judge(by_chain(leaf, middle), anchor(root)).state == "untrusted"


def test_the_right_to_sign_code_is_enough():
    code = [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)]
    root, middle, leaf = chain(leaf={"extensions": code})
    assert judge(by_chain(leaf, middle), anchor(root)).state == "verified"


def test_a_circle_of_certificates_ends():
    one = certificate(
        "one",
        21,
        "two",
        22,
        extensions=[*AUTHORITY[:1], (usage(key_cert_sign=True, digital_signature=True), True)],
    )
    two = certificate("two", 22, "one", 21, extensions=AUTHORITY)
    root, _, _ = chain()
    assert judge(by_chain(one, two, one, two, number=21), anchor(root)).state == "untrusted"


@pytest.mark.parametrize("raw", [b"x", b"0" * 500, bytes(3)])
def test_a_certificate_that_is_none_is_invalid(raw):
    envelope = by_chain(*chain()[:0:-1])
    broken = type(envelope)(envelope.payload, envelope.signature, "certificate", "", (raw,))
    assert judge(broken, anchor(chain()[0])).state == "invalid"


def test_sigstore_is_told_as_not_judged():
    envelope = by_chain(chain()[2])
    keyless = type(envelope)(envelope.payload, envelope.signature, "sigstore", "", envelope.certificates)
    assert judge(keyless, anchor(chain()[0])).state == "not judged"
