"""The broken example in every format, as its user sees it: golden files.

They change with the rules; `FMAUDIT_WRITE_GOLDEN=1 python -m pytest tests/report` writes them anew.
"""

import json
import os
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.report.formats import FORMATS

ROOT = Path(__file__).parent.parent.parent
ENDINGS = {"json": "json", "gitlab": "gitlab.json", "junit": "junit.xml", "markdown": "md", "sarif": "sarif"}


def steady(style, text):
    """The report without its timing, and without the pages of rules, which have tests of their own."""
    if style not in ("json", "sarif"):
        return text
    report = json.loads(text)
    if style == "json":
        report["timing"] = {}
    else:
        (tool,) = (run["tool"]["driver"] for run in report["runs"])
        tool["rules"] = [rule["id"] for rule in tool["rules"]]
    return json.dumps(report, indent=2) + "\n"


@pytest.mark.parametrize("style", FORMATS)
def test_the_broken_example_is_told_as_in_the_golden_file(style, capsys, monkeypatch, golden):
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")
    assert run(["check", "examples/digits-cnn-broken", "--format", style]) == 1
    name = f"broken.{ENDINGS.get(style, f'{style}.txt')}".replace(".text.txt", ".txt")
    golden(name, steady(style, capsys.readouterr().out))
