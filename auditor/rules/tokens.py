"""The forms of access tokens and private keys, and the search for them; the rules are in `secrets.py`.

Forms as in the configuration of gitleaks 8 and in the services' documentation. Only those with a fixed
beginning and a fixed length or ending are here: other random text cannot be told from a digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from auditor.records import dataclass

_KEY = rb"(?:[A-Za-z0-9+/]{16}|Proc-Type|Version)"  # how a private key goes on after its first line
# The service; with what its tokens begin, which is what is searched for; the token.
_FORMS = (
    ("Hugging Face", (b"hf_", b"api_org_"), rb"(?:hf|api_org)_[A-Za-z]{34}\b"),
    ("GitHub", (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_"), rb"gh[pousr]_[A-Za-z0-9]{36}\b"),
    ("GitHub", (b"github_pat_",), rb"github_pat_[A-Za-z0-9_]{82}\b"),
    ("GitLab", (b"glpat-", b"glptt-", b"gldt-", b"glrt-"), rb"gl\w{2,3}-[A-Za-z0-9_-]{20}(?![\w-])"),
    ("AWS", (b"AKIA", b"ASIA"), rb"A[KS]IA(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}\b"),
    ("Google", (b"AIza",), rb"AIza[A-Za-z0-9_-]{35}(?![\w-])"),
    ("Google", (b"GOCSPX-",), rb"GOCSPX-[A-Za-z0-9_-]{28}(?![\w-])"),
    ("OpenAI", (b"sk-",), rb"sk-[A-Za-z0-9_-]{20,84}?T3BlbkFJ[A-Za-z0-9_-]{20,74}(?![\w-])"),
    ("Anthropic", (b"sk-ant-",), rb"sk-ant-[a-z]{3,5}\d{2}-[A-Za-z0-9_-]{80,110}(?![\w-])"),
    ("Groq", (b"gsk_",), rb"gsk_[A-Za-z0-9]{52}\b"),
    ("xAI", (b"xai-",), rb"xai-[A-Za-z0-9]{80}\b"),
    ("Replicate", (b"r8_",), rb"r8_[A-Za-z0-9]{37}\b"),
    ("Perplexity", (b"pplx-",), rb"pplx-[A-Za-z0-9]{48}\b"),
    ("LangSmith", (b"lsv2_",), rb"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}\b"),
    ("Databricks", (b"dapi",), rb"dapi[a-f0-9]{32}\b"),
    ("Docker", (b"dckr_pat_",), rb"dckr_pat_[A-Za-z0-9_-]{27}(?![\w-])"),
    ("DigitalOcean", (b"dop_v1_", b"doo_v1_", b"dor_v1_"), rb"do[opr]_v1_[a-f0-9]{64}\b"),
    (
        "Slack",
        (b"xoxa-", b"xoxb-", b"xoxp-", b"xoxr-", b"xoxs-", b"xoxe-"),
        rb"xox[abprse]-\d{10,13}-[A-Za-z0-9-]{10,60}\b",
    ),
    (
        "Slack",
        (b"https://hooks.slack.com/services/",),
        rb"https://hooks\.slack\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}\b",
    ),
    (
        "Discord",
        (b"https://discord.com/api/webhooks/", b"https://discordapp.com/api/webhooks/"),
        rb"https://discord(?:app)?\.com/api/webhooks/\d{17,20}/[A-Za-z0-9_-]{60,70}",
    ),
    ("Stripe", (b"sk_live_", b"rk_live_"), rb"[rs]k_live_[A-Za-z0-9]{24,99}\b"),
    ("SendGrid", (b"SG.",), rb"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}(?![\w-])"),
    ("Azure", (b"AccountKey=",), rb"AccountKey=[A-Za-z0-9+/]{86}=="),
    ("npm", (b"npm_",), rb"npm_[A-Za-z0-9]{36}\b"),
    ("PyPI", (b"pypi-AgEIcHlwaS5vcmc",), rb"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,200}"),
    (  # followed by the key, or by the end of its line; code that looks for keys names the line alone
        "private key",
        (b"-----BEGIN ",),
        rb"-----BEGIN (?:[A-Z]{2,9} )?PRIVATE KEY(?: BLOCK)?-----(?=[ \t\r]*$|(?:\s|\\[nr])+" + _KEY + rb")",
    ),
)
# Not in the middle of a word, but after an escape such as the `\n` of JSON and notebooks.
_BEFORE = rb"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))"
_LAST = 16  # characters at the end of a token; the shortest has no more behind its beginning
_LEAST_DISTINCT = 4  # fewer: not one in 10^8 random tokens of hexadecimal digits, C(16,3) (3/16)^16
HINTS = tuple(dict.fromkeys(word for _, words, _ in _FORMS for word in words))


@dataclass(frozen=True, slots=True)
class Token:
    """A token between two offsets, and in words what it is."""

    begin: int
    end: int
    what: str


def tokens(raw: bytes) -> Iterator[Token]:
    """Every access token and private key in a piece of text, by kind."""
    for service, words, form in _FORMS:
        for word in words:
            place = raw.find(word)
            while place >= 0:
                found = _compiled(form).match(raw, place)
                if found and not _stands_for_one(found[0]):
                    begins = raw[place : place + 4].decode("ascii", "replace")
                    private = service == "private key"
                    what = "a private key" if private else f"a token of {service}, `{begins}…`"
                    yield Token(place, found.end(), what)
                place = raw.find(word, found.end() if found else place + 1)


def _stands_for_one(token: bytes) -> bool:
    """Whether documentation shows it for a token: `hf_xxxx...`; the lines of a private key are words."""
    return not token.startswith(b"-----") and len(set(token[-_LAST:].lower())) < _LEAST_DISTINCT


@cache
def _compiled(form: bytes) -> re.Pattern[bytes]:
    return re.compile(_BEFORE + form)
