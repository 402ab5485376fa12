"""Secrets are found by their forms and names, wherever texts lie, and what only resembles them is not."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.rules.tokens import HINTS, tokens
from tests import made
from tests.layers import safetensors

A = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" * 8


def letters(count):
    return "".join(char for char in A if char.isalpha())[:count]


TOKENS = {  # none of them opens anything; each is put together so that no scanner stumbles over this file
    "Hugging Face": "hf_" + letters(34),
    "GitHub": "ghp_" + A[:36],
    "GitHub, fine-grained": "github_pat_" + A[:82],
    "GitLab": "glpat-" + A[:20],
    "AWS": "AKIA" + A[:16].upper(),
    "Google": "AIza" + A[:35],
    "Google, client": "GOCSPX-" + A[:28],
    "OpenAI": "sk-" + A[:20] + "T3BlbkFJ" + A[:20],
    "OpenAI, project": "sk-proj-" + A[:74] + "T3BlbkFJ" + A[:74],
    "Anthropic": "sk-ant-api03-" + A[:93] + "AA",
    "Groq": "gsk_" + A[:52],
    "xAI": "xai-" + A[:80],
    "Replicate": "r8_" + A[:37],
    "Perplexity": "pplx-" + A[:48],
    "LangSmith": "lsv2_pt_" + "0123456789abcdef" * 2 + "_0123456789",
    "Databricks": "dapi" + "0123456789abcdef" * 2,
    "Docker": "dckr_pat_" + A[:27],
    "DigitalOcean": "dop_v1_" + "0123456789abcdef" * 4,
    "Slack": "xoxb-123456789012-123456789012-" + A[:24],
    "Slack, hook": "https://hooks.slack.com/services/T" + "A1" * 5 + "/B" + "A1" * 5 + "/" + A[:24],
    "Discord, hook": "https://discord.com/api/webhooks/" + "1" * 18 + "/" + A[:68],
    "Stripe": "sk_live_" + A[:24],
    "SendGrid": "SG." + A[:22] + "." + A[:43],
    "Azure": "AccountKey=" + A[:86] + "==",
    "npm": "npm_" + A[:36],
    "PyPI": "pypi-AgEIcHlwaS5vcmc" + A[:100],
}
KEY = "-----BEGIN " + "PRIVATE KEY-----"
KEYS = {
    "alone in its line": f"{KEY}",
    "of RSA": KEY.replace("BEGIN", "BEGIN RSA") + "\r",
    "of OpenSSH": KEY.replace("BEGIN", "BEGIN OPENSSH"),
    "of PGP": KEY.replace("BEGIN", "BEGIN PGP").replace("KEY", "KEY BLOCK"),
    "in JSON": f'{{"private_key": "{KEY}\\nMIIEvQIBADANBgkqhkiG9w0BAQ"}}',
    "in one line": f"KEY='{KEY} MIIEvQIBADANBgkqhkiG9w0BAQ'",
    "over lines": f"{KEY}\nMIIEvQIBADANBgkqhkiG9w0BAQ",
    "encrypted": f"{KEY}\nProc-Type: 4,ENCRYPTED",
}


@pytest.mark.parametrize("text", KEYS.values(), ids=KEYS)
def test_a_private_key_is_found(text):
    assert [token.what for token in tokens(text.encode())] == ["a private key"]


@pytest.mark.parametrize(
    "text", [f'"{KEY}"', f"b'{KEY}' in raw", f"`{KEY}`", f'"{KEY}\\n"', f"{KEY} and then"]
)
def test_code_that_looks_for_private_keys_has_none(text):
    assert list(tokens(text.encode())) == []


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("around", ["{}", '"{}"', "x={} y", "a,{},b", '"\\n{}\\n"', "({})."])
def test_a_token_is_found_and_shown_in_part_alone(token, around):
    found = list(tokens(around.format(token).encode()))
    assert len(found) == 1
    assert token not in found[0].what
    assert len(found[0].what) < 40


@pytest.mark.parametrize("token", list(TOKENS.values()))
def test_in_the_middle_of_a_word_it_is_none(token):
    if not token.startswith("https"):
        assert list(tokens(f"abc{token}".encode())) == []


RESEMBLING = [
    "hf_hub_download", "hf_" + letters(33), "hf_" + letters(35), "hf_xxxxxxxxxx", "AKIAIOSFODNN7EXAMPLE",
    "sk-learn", "sk-" + A[:48], "task-" + A[:20] + "T3BlbkFJ" + A[:20], "npm_config_cache", "SG.", "xai-grok",
    "AIza", "ghp_" + A[:35], "-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "AccountKey=...",
    "hf_" + "x" * 34, "ghp_" + "X" * 36, "AKIA" + "X" * 16, "sk-ant-api03-" + "xX" * 46 + "AA", "AIza" + "." * 35,
    "AIza" + "x" * 35, "ghp_" + "0" * 36, "hf_" + "abc" * 11 + "a",
    "https://hooks.slack.com/services/T000/B000/XXXX", "dapi", "r8_" + A[:20], "pypi-AgEIcHlwaS5vcmc",
]  # fmt: skip


@pytest.mark.parametrize("text", RESEMBLING)
def test_what_resembles_a_token_is_none(text):
    assert list(tokens(f" {text} ".encode())) == []


def test_of_several_in_a_line_the_first_is_told(messages, good):
    line = json.dumps({"a": "AKIAIOSFODNN7EXAMPLE", "b": TOKENS["GitHub"], "c": TOKENS["AWS"]})
    (good / "results" / "run.json").write_text(line)
    assert messages("SEC101", "") == ["a token of GitHub, `ghp_…`"]


def test_notebooks_keys_and_files_of_settings_are_read(messages, good):
    cell = {"cells": [{"source": [f"login('{TOKENS['Hugging Face']}')\n"]}]}
    (good / "demo.ipynb").write_text(json.dumps(cell))
    (good / "server.pem").write_text(KEY)
    (good / ".env.local").write_text(f"TOKEN={TOKENS['GitLab']}")
    found = messages("SEC101", "")
    assert sorted(found) == [
        "a private key",
        "a token of GitLab, `glpa…`",
        "a token of Hugging Face, `hf_a…`",
    ]


def test_the_metadata_of_weights_is_read(messages, good):
    header = {"__metadata__": {"cmd": f"--key {TOKENS['OpenAI']}", "x" * 99: TOKENS["AWS"]}}
    header["x"] = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    (good / "extra.safetensors").write_bytes(safetensors(json.dumps(header), b"\0\0\x80\x3f"))
    found = messages("SEC105", "")
    assert sorted(found) == ["a token of AWS, `AKIA…`", "a token of OpenAI, `sk-a…`"]


def test_the_metadata_of_gguf_is_read_with_or_without_other_weights(messages, good):
    header = {"metadata": {"general.architecture": "llama", "general.source.url": TOKENS["AWS"]}}
    (good / "model.gguf").write_bytes(made.gguf(header))
    assert messages("SEC105", "") == ["a token of AWS, `AKIA…`"]
    (good / "model.safetensors").unlink()
    assert messages("SEC105", "") == ["a token of AWS, `AKIA…`"]


NAMED = [
    "WANDB_API_KEY=" + "0123456789" * 4,
    'wandb_api_key: "' + "0123456789" * 4 + '"',
    '{"WANDB_API_KEY": "' + "0123456789" * 4 + '"}',
    "aws_secret_access_key = " + A[:40],
    "AWS_SECRET_ACCESS_KEY='" + A[:40] + "'",
    "AZURE_OPENAI_API_KEY=" + "0123456789abcdef" * 2,
    "COMET_API_KEY=" + A[:25],
]
NOT_NAMED = [
    "WANDB_API_KEY=", "WANDB_API_KEY=$KEY", "wandb_api_key: null", "WANDB_API_KEY=" + "0" * 40,
    "WANDB_API_KEY=" + "x" * 40, "commit: " + "0123456789" * 4, "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "aws_secret_access_key = <your key>", "revision=" + "0123456789abcdef" * 2,
]  # fmt: skip


@pytest.mark.parametrize("text", NAMED)
def test_a_key_after_its_name_is_found(messages, good, text):
    (good / "run.sh").write_text(text)
    assert len(messages("SEC103", "")) == 1


@pytest.mark.parametrize("text", NOT_NAMED)
def test_a_name_without_a_key_and_a_digest_are_none(messages, good, text):
    (good / "run.sh").write_text(text)
    assert messages("SEC103", "") == []


@pytest.mark.parametrize(
    ("url", "count"),
    [
        ("https://jane:s3cr3tw0rd@host.org/x", 1),
        ("postgresql://app:Tr0ub4dor&3@db.host.org:5432/x", 1),
        ("https://user:password@host.org/", 0),
        ("https://user:<token>@host.org/", 0),
        ("https://user:$TOKEN@host.org/", 0),
        ("https://user:${{ secrets.X }}@host.org/", 0),
        ("https://user:********@host.org/", 0),
        ("https://oauth2:YOUR_KEY@host.org/", 0),
        ("https://host.org:8080/@x", 0),
        ("https://host.org/a:b@c", 0),
        ("git@github.com:owner/name.git", 0),
        (f"https://jane:{TOKENS['Hugging Face']}@huggingface.co/x", 0),
    ],
)
def test_passwords_in_urls(messages, good, url, count):
    (good / "results" / "log.txt").write_text(f"fetching {url} now\n")
    assert len(messages("SEC104", "")) == count


@pytest.mark.parametrize(
    "name",
    [
        ".netrc",
        "id_ed25519",
        ".aws/credentials",
        ".cache/huggingface/token",
        "key.p12",
        ".env.local",
        "kaggle.json",
    ],
)
def test_files_that_keep_keys_are_named(messages, good, name):
    (good / name).parent.mkdir(parents=True, exist_ok=True)
    (good / name).write_text("x")
    assert len(messages("SEC102", "")) == 1


@pytest.mark.parametrize(
    "name", [".env.example", "token", "credentials.md", "huggingface/token.py", "tokenizer.model"]
)
def test_files_with_such_names_that_keep_none_are_not(messages, good, name):
    (good / name).parent.mkdir(parents=True, exist_ok=True)
    (good / name).write_text("x")
    assert messages("SEC102", "") == []


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*HINTS, b"a", b"-", b"_", b"0", b"\xff", b"Zz9", b"."]), max_size=60).map(
        b"".join
    )
)
def test_no_bytes_raise_anything_and_every_token_lies_in_them(raw):
    for token in tokens(raw):
        assert 0 <= token.begin < token.end <= len(raw)
