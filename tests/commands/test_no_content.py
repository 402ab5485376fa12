"""`fmaudit check --no-content`: headers are looked at, and what was not read is said."""

import json

import pytest

from auditor.cli import run
from tests.layers import safetensors


@pytest.fixture
def nan(tmp_path):
    """A release whose weights are not finite."""
    header = {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    (tmp_path / "model.safetensors").write_bytes(safetensors(json.dumps(header), b"\xff" * 8))
    (tmp_path / "README.md").write_text("---\nlicense: apache-2.0\n---\n# model\n")
    return str(tmp_path)


@pytest.mark.parametrize(
    ("options", "code"),
    [((), 1), (("--no-content",), 0), (("--no-content", "--complete"), 1)],
)
def test_contents_gate_only_where_they_are_read(nan, capsys, options, code):
    assert run(["check", nan, *options]) == code
    assert ("contents are not read with --no-content" in capsys.readouterr().out) == bool(options)


def test_headers_are_read_all_the_same(nan, tmp_path, capsys):
    raw = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(raw[:-3])
    assert run(["check", nan, "--no-content"]) == 1
    assert "WGT005" in capsys.readouterr().out
