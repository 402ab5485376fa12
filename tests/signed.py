"""Keys for tests, and bundles signed with them."""

import hashlib
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from auditor.signing import envelope, statement
from auditor.signing.keys import signer
from auditor.signing.statement import Resource

SECRET = 2  # of the key in the manual's examples: a private key is a number, and this one is no secret


@cache
def private_pem(secret=SECRET, curve=ec.SECP256R1, password=None):
    """A private key; the same number gives the same key."""
    key = ec.derive_private_key(secret, curve())
    form = serialization.PrivateFormat.PKCS8
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, hidden)


@cache
def public_pem(secret=SECRET, curve=ec.SECP256R1):
    """Its public half."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return ec.derive_private_key(secret, curve()).public_key().public_bytes(serialization.Encoding.PEM, form)


def write_keys(folder, name="signer", **about):
    """The two halves of a key as files; returns their paths."""
    pair = folder / f"{name}.key", folder / f"{name}.pem"
    pair[0].write_bytes(private_pem(**about))
    about.pop("password", None)
    pair[1].write_bytes(public_pem(**about))
    return tuple(map(str, pair))


def digests(folder):
    """The sha256 of every file in a folder by its path, signatures and what git keeps left out."""
    paths = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in paths.items()
        if not name.startswith((".git/", "model.sig"))
    }


def lay(folder, path, *, files=None, ignore=(), damaged=False, key=None):
    """A signature over the folder at `path`: `files` states other digests, None takes a file off the list."""
    listed = {**digests(folder), **(files or {})}
    left_out = tuple(f"{name}/" for name in ignore)
    resources = [
        Resource(name, "sha256", digest)
        for name, digest in listed.items()
        if digest and name not in ignore and not name.startswith(left_out)
    ]
    payload = statement.written(folder.name, resources, ["model.sig", *ignore])
    lay_payload(path, payload, damaged=damaged, key=key)


def lay_payload(path, payload, *, damaged=False, key=None):
    """A signature file over a statement."""
    if key is None:
        key = path.parent.parent / ".signer.key"
        key.write_bytes(private_pem())
    by = signer(str(key), None)
    made = by.sign(payload + b" " if damaged else payload)
    path.write_text(envelope.written(payload, made, by.fingerprint), encoding="utf-8")
