"""Small files that grow when they are read: each check of one ends, in bounded memory, without a traceback."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

MEGABYTE = 2**20
MEMORY = 1_500 * MEGABYTE  # of addresses; 200 of them are Python's and its libraries'
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
)
BOMBS = {
    "a billion laughs": ("fmaudit.yaml", LAUGHS),
    "a billion laughs in a card": ("README.md", f"---\n{LAUGHS}---\n"),
    "merged mappings": ("recipe.yaml", "a: &a {x: 1}\nb:\n  <<: [" + "*a, " * 5_000 + "*a]\n"),
    "lists in lists": ("config.json", "[" * 200_000),
    "mappings in mappings": ("tokenizer_config.json", '{"a":' * 100_000 + "1" + "}" * 100_000),
    "a long number": ("config.json", '{"vocab_size": ' + "9" * 5_000_000 + "}"),
    "a long number in YAML": ("fmaudit.yaml", "release: " + "9" * 5_000_000),
    "a long key": ("config.json", '{"' + "k" * (20 * MEGABYTE) + '": 1}'),
    "a long key in YAML": ("fmaudit.yaml", "? " + "k" * (20 * MEGABYTE) + "\n: 1"),
    "a long value of a choice": ("fmaudit.yaml", "check: {for: " + "k" * (20 * MEGABYTE) + "}"),
    "many keys": ("tokenizer_config.json", json.dumps({f"k{n}": n for n in range(400_000)})),
    "many classes": ("config.json", json.dumps({"auto_map": {f"A{n}": f"m{n}.X" for n in range(100_000)}})),
    "a long template": ("tokenizer_config.json", json.dumps({"chat_template": "{{ a.b }}" * 2_000_000})),
    "many templates": (
        "tokenizer_config.json",
        json.dumps({"chat_template": [{"name": str(n), "template": "{{ a }}" * 500} for n in range(5_000)]}),
    ),
    "a deep signature": ("model.sig", "[" * 1_000_000),
    "a long signature": ("model.sig", '{"mediaType": "' + "x" * (30 * MEGABYTE)),
    "a long list of digests": ("SHA256SUMS", f"{'a' * 64}  some/file/name.bin\n" * 190_000),
    "a list without lines": ("SHA256SUMS", "a" * 30 * MEGABYTE),
    "one file in many lines": ("MD5SUMS", f"{'a' * 32}  README.md\n" * 50_000),
    "a long module": ("modeling_x.py", "a\n" * 500_000),
    "a deep expression": ("modeling_x.py", "-" * 100_000 + "1"),
    "a line of tokens": ("log.txt", "hf_" * 1_300_000),
    "a line of addresses": ("requirements.txt", "git+https://" * 300_000),
}


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.mark.parametrize(("name", "text"), BOMBS.values(), ids=BOMBS)
def test_it_ends_in_bounded_memory_without_a_traceback(tmp_path, name, text):
    (tmp_path / "README.md").write_text("# a model\n")
    (tmp_path / name).write_text(text)
    done = subprocess.run(
        [Path(sys.executable).with_name("fmaudit"), "check", tmp_path, "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=limited,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode in (0, 1), done.stderr[-500:]
    assert "Traceback" not in done.stderr
    found = {finding["code"] for finding in json.loads(done.stdout)["findings"]}
    assert "META001" not in found
