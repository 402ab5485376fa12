"""Keys and passwords that were shipped by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.formats import Taken
from auditor.rules.paths import whole_file
from auditor.rules.registry import needed, provides, rule
from auditor.rules.texts import lines, matches
from auditor.rules.tokens import HINTS, tokens

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.gguf import GgufFile
    from auditor.readers.safetensors import TensorFile

    Headers = tuple[tuple[TensorFile, ...], Taken[GgufFile] | tuple[()]]

# Secrets without a form of their own, after the name that such a one is given.
_NAMED = (
    rb"(?i)(?P<wandb>wandb_?api_?key)['\"]?\s{0,4}[:=]\s{0,4}['\"]?[0-9a-f]{40}\b"
    rb"|(?P<aws>aws_?secret_?(?:access_?)?key)['\"]?\s{0,4}[:=]\s{0,4}['\"]?(?![A-Za-z0-9/+]{0,33}EXAMPLE)"
    rb"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
    rb"|(?P<azure>azure_?(?:openai_?)?(?:api_?)?key)['\"]?\s{0,4}[:=]\s{0,4}['\"]?[0-9a-f]{32}\b"
    rb"|(?P<comet>comet_?api_?key)['\"]?\s{0,4}[:=]\s{0,4}['\"]?[A-Za-z0-9]{25}\b"
)
_SERVICES = {"wandb": "Weights & Biases", "aws": "AWS", "azure": "Azure", "comet": "Comet"}
_IN_URL = rb"\b[a-z][a-z0-9+.-]{1,14}://(?P<user>[^\s:/@'\"<>]{1,64}):(?P<password>[^\s:/@'\"<>]{6,128})@[A-Za-z0-9.-]{4,}"
# What stands where a password would be, in documentation and scripts.
_NO_PASSWORD = rb"(?i)[*x.]+|.*(?:pass|secret|token|key|example|your|changeme|redacted|hidden|[${}()%\[\]]).*"
_KEY_FILES = frozenset(
    {
        ".env",
        ".netrc",
        ".pypirc",
        ".npmrc",
        ".htpasswd",
        ".git-credentials",
        ".dockercfg",
        ".pgpass",
        ".s3cfg",
    }
    | {"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "credentials", "kaggle.json", ".env.local", ".boto"}
    | {".env.production", ".env.development"}
)
_KEY_ENDINGS = (".p12", ".pfx", ".jks", ".keystore", ".ppk")
_KEY_PATHS = (".aws/credentials", ".docker/config.json", ".cache/huggingface/token", ".ssh/config")


@rule("SEC101", level="error", needs="bundle", certainty="likely")
def secret_in_text(bundle: Bundle) -> Iterator[Fault]:
    """A text file holds what looks like an access token or a private key.

    Why: Scrapers find published tokens within minutes; deleting the file later does not call it back.
    Bad:
        # results/log.txt, whole file
        export AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE0000
    Good:
        # results/log.txt, whole file
        export AWS_ACCESS_KEY_ID=$KEY
    Fix: Revoke the token first, then remove it from the files and their history.
    """
    for line in lines(bundle, hint=HINTS):
        found = min(tokens(line.raw), key=lambda token: token.begin, default=None)
        if found is not None:
            place = line.match(found.begin, found.end).place
            yield place.says(found.what, help="revoke it, then remove it")


@rule("SEC102", level="warning", needs="bundle")
def key_file(bundle: Bundle) -> Iterator[Fault]:
    """A file is shipped that by its name keeps passwords or keys.

    Why: `.env`, `.netrc` and the like are written for one machine and hold what opens others.
    Bad:
        # .env, whole file
        WANDB_MODE=offline
    Good:
        # .env.example, whole file
        WANDB_API_KEY=
    Fix: Remove the file; revoke what it holds.
    """
    for file in bundle.files:
        path = file.path.lower()
        if basename(path) in _KEY_FILES or path.endswith(_KEY_ENDINGS) or f"/{path}".endswith(_KEY_PATHS):
            yield whole_file(file.path).says("a file that usually keeps passwords or keys")


@rule("SEC103", level="error", needs="bundle", certainty="likely", since="2026.2")
def named_secret_in_text(bundle: Bundle) -> Iterator[Fault]:
    """A text file gives a key of a service after the name of such a key.

    Why: The key has no form of its own, but the name beside it says what it opens.
    Bad:
        # results/run.sh, whole file
        export WANDB_API_KEY=0123456789abcdef0123456789abcdef01234567
    Good:
        # results/run.sh, whole file
        export WANDB_API_KEY=$(cat ~/.wandb-key)
    Fix: Revoke the key first, then remove it from the files and their history.
    """
    for match in matches(bundle, _NAMED, hint=_of_any_case(b"wandb", b"secret", b"azure", b"comet")):
        found = re.fullmatch(_NAMED, match.text.encode())
        if found is not None and len(set(match.text[-25:])) > 3:  # not `xxxx` or `0000`
            yield match.place.says(
                f"a key of {_SERVICES[found.lastgroup or '']}", help="revoke it, then remove it"
            )


@rule("SEC104", level="warning", needs="bundle", certainty="likely", since="2026.2")
def password_in_url(bundle: Bundle) -> Iterator[Fault]:
    """A URL in a text file holds a user's name and password.

    Why: Whoever reads the file can use them, and tools write such addresses into further logs.
    Bad:
        # results/log.txt, whole file
        fetching https://jane:correct-horse-9@data.uni-x.org/digits.csv
    Good:
        # results/log.txt, whole file
        fetching https://user:password@data.uni-x.org/digits.csv
    Fix: Change the password, then remove it from the files and their history.
    """
    for match in matches(bundle, _IN_URL, hint=(b"://",)):
        found = re.fullmatch(_IN_URL, match.text.encode())
        if found is None or re.fullmatch(_NO_PASSWORD, found["password"]) or any(tokens(found["password"])):
            continue  # of a token SEC101 tells
        yield match.place.says("a URL with a password in it", help="change the password, then remove it")


@rule("SEC105", level="error", needs="metadata", certainty="likely", since="2026.2")
def secret_in_weights(headers: Headers) -> Iterator[Fault]:
    """The metadata of a file of weights holds what looks like an access token or a private key.

    Why: Trainers write their whole configuration there, and hardly anybody looks.
    Bad:
        # extra.safetensors, header
        {"__metadata__": {"args": "--token AKIAFAKEFAKEFAKE0000"},
         "x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"__metadata__": {"format": "pt"}, "x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Revoke the token first, then write the file anew without it.
    """
    for file, key, text in _texts(headers):
        for token in tokens(text.encode("utf-8", "replace")):
            place = whole_file(file).labelled(shown(key, 40))
            yield place.says(token.what, help="revoke it, then write the file anew without it")
            break


@provides("metadata")
def metadata(bundle: Bundle) -> Headers | Absent | Unread:
    """The headers whose metadata is text: of all safetensors files, and of all GGUF files."""
    weights, ggufs = bundle.get("weights"), needed(bundle, "gguf")
    if isinstance(weights, Unread):
        return weights
    if isinstance(weights, Absent) and isinstance(ggufs, Absent):
        return Absent(f"{weights.reason}, and no GGUF files")
    return (
        weights if isinstance(weights, tuple) else (),
        ggufs if isinstance(ggufs, Taken) else (),
    )


def _texts(headers: Headers) -> Iterator[tuple[str, str, str]]:
    """File, key and text of all metadata in the headers of weights."""
    for files in headers:
        for file in files:
            for key, value in file.metadata.items():
                if isinstance(value, str):
                    yield file.file, key, value


def _of_any_case(*words: bytes) -> tuple[bytes, ...]:
    """Each word in the cases that people write names in."""
    return tuple(form for word in words for form in (word, word.upper(), word.capitalize()))
