"""Keys and passwords that were shipped by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.rules.paths import whole_file
from auditor.rules.registry import rule
from auditor.rules.texts import matches

if TYPE_CHECKING:
    from auditor.bundle import Bundle

# Tokens whose form alone gives them away: a fixed beginning and a fixed length.
_TOKENS = {
    "Hugging Face": rb"\bhf_[A-Za-z]{34}\b",
    "GitHub": rb"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{82}\b",
    "GitLab": rb"\bglpat-[A-Za-z0-9_-]{20}\b",
    "AWS": rb"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "Google": rb"\bAIza[A-Za-z0-9_-]{35}\b",
    "OpenAI": rb"\bsk-(?:proj-)?[A-Za-z0-9_-]{20,74}T3BlbkFJ[A-Za-z0-9_-]{20,74}\b",
    "Anthropic": rb"\bsk-ant-[a-z]{3}\d{2}-[A-Za-z0-9_-]{80,110}\b",
    "Slack": rb"\bxox[abprs]-\d{10,13}-[A-Za-z0-9-]{10,60}\b",
    "npm": rb"\bnpm_[A-Za-z0-9]{36}\b",
    "PyPI": rb"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,200}\b",
    "private key": rb"-----BEGIN (?:[A-Z]{2,8} )?PRIVATE KEY-----",
}
_ANY_TOKEN = re.compile(b"|".join(b"(" + pattern + b")" for pattern in _TOKENS.values()))
_HINTS = (
    *(b"hf_", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-", b"AKIA", b"ASIA"),
    *(b"AIza", b"T3BlbkFJ", b"sk-ant-", b"xox", b"npm_", b"pypi-AgE", b"PRIVATE KEY"),
)
_KEY_FILES = frozenset(
    {".env", ".netrc", ".pypirc", ".npmrc", "id_rsa", "id_ed25519", "credentials", ".htpasswd"}
)


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
    for match in matches(bundle, _ANY_TOKEN, hint=_HINTS):
        found = _ANY_TOKEN.fullmatch(match.text.encode())
        if found is not None and not match.text.endswith("EXAMPLE"):  # the documentation's own
            kind = list(_TOKENS)[(found.lastindex or 1) - 1]
            what = "a private key" if kind == "private key" else f"a token of {kind}"
            begins = "" if kind == "private key" else f", `{match.text[:4]}…`"
            yield match.place.says(f"{what}{begins}", help="revoke it, then remove it")


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
        if basename(file.path).lower() in _KEY_FILES:
            yield whole_file(file.path).says("a file that usually keeps passwords or keys")
