"""The score of an example in every format, as its user sees it: golden files."""

import json
import os
from pathlib import Path

import pytest

from auditor.cli import run

ROOT = Path(__file__).parent.parent.parent
NAMES = {"text": "score.txt", "markdown": "score.md", "json": "score.json", "html": "score.html"}


@pytest.mark.parametrize("style", NAMES)
def test_the_example_is_scored_as_in_the_golden_file(style, capsys, monkeypatch, golden):
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")
    assert run(["score", "examples/digits-cnn", "--format", style]) == 0
    golden(NAMES[style], capsys.readouterr().out)


def test_every_list_is_told_with_its_source():
    told = json.loads((ROOT / "tests" / "golden" / "score.json").read_text())
    assert [one["name"] for one in told["lists"]] == ["fmti", "eu", "neurips", "code"]
