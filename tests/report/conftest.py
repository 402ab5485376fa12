"""One made-up check with every shape of finding, and one made-up reproduction, for all formats."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.engine.run import CheckResult
from auditor.model import (
    ClaimVerdict,
    Edit,
    Finding,
    Fix,
    Ignored,
    LevelStep,
    Outcome,
    Place,
    Reproduction,
    Rule,
    RunValue,
    Span,
)

GOLDEN = Path(__file__).parent.parent / "golden"

CARD = """---
model-index:
- name: 数字 classifier
  results:
  - metrics:
    - {type: accuracy, value: 1e-1, n: 360}
---
"""


def _page():
    """A made-up fault, for the tests of the reports.

    Why: It shows how a page is laid out.
    Bad:
        # README.md
        value: 1e-1
    Good:
        # README.md
        value: 0.1
    Fix: Write `0.1`.
    Source: https://yaml.org/type/float.html
    """
    yield from ()


SPAN = Span("README.md", 6, 31, 6, 35)
RULES = {
    rule.code: rule
    for rule in (
        Rule("MET901", "number-is-text", "error", "sure", "inconsistent", ("card",), (), _page),
        Rule("WGT901", "tensor-is-odd", "warning", "likely", None, ("weights",), (), _page),
        Rule("SEC901", "name-is-hostile", "note", "hint", None, ("bundle",), (), _page),
        Rule("REC901", "seed-missing", "warning", "sure", None, ("recipe",), (), _page),
        Rule("REC902", "steps-missing", "warning", "sure", None, ("recipe",), ("REC901",), _page),
        Rule("LIC901", "licence-missing", "error", "sure", None, ("card",), (), _page),
    )
}


def finding(code, message, places, spans, advice="", fix=None):
    rule = RULES[code]
    kind = (rule.name, rule.level, rule.certainty, rule.klass)
    return Finding(code, *kind, message, advice, tuple(places), tuple(spans), fix)


@pytest.fixture
def sources():
    return {"README.md": CARD, "results/test.json": '{\n  "accuracy": 0.89\n}\n'}


@pytest.fixture
def result():
    path = ("model-index", 0, "results", 0, "metrics", 0, "value")
    findings = (
        finding(
            "MET901",
            "`value` is text, and another file has 0.89",
            [
                Place("README.md", path, label="text"),
                Place("results/test.json", ("accuracy",), label="0.89 here"),
            ],
            [SPAN, Span("results/test.json", 2, 15, 2, 19)],
            advice="write `1.0e-1`",
            fix=Fix("write `1.0e-1`", (Edit(Place("README.md", path, span=SPAN), "1.0e-1"),)),
        ),
        finding(
            "WGT901",
            "tensor `conv1.weight` has shape [3, 0]",
            [Place("model.safetensors", ("conv1.weight",))],
            [Span("model.safetensors")],
        ),
        finding(
            "SEC901",
            "a name holds \x1b[31m and [a link](https://evil.example)",
            [Place("evil\x1b[2J\u202e.txt")],
            [Span("evil\x1b[2J\u202e.txt")],
            fix=Fix("take it away", (Edit(Place("a.md", span=Span("a.md", 1, 1, 1, 4)), ""),), "unsafe"),
        ),
    )
    reason = "recipe.yaml could not be read (SCH001)"
    outcomes = (
        Outcome("MET901", "number-is-text", "found", 1),
        Outcome("WGT901", "tensor-is-odd", "found", 1),
        Outcome("SEC901", "name-is-hostile", "found", 1),
        Outcome("REC901", "seed-missing", "not checked", reason=reason),
        Outcome("REC902", "steps-missing", "not checked", reason=reason),
        Outcome("LIC901", "licence-missing", "passed"),
    )
    return CheckResult("digits", findings, outcomes)


@pytest.fixture
def ignoring(result):
    """The same check with an error ignored by a comment, a warning by an entry, and a note in the baseline."""
    ignored = (
        Ignored(
            result.findings[0],
            "comment",
            "the score is run again",
            "2026-12-31",
            Span("README.md", 5, 3, 5, 60),
        ),
        Ignored(
            result.findings[1], "entry", "by <design> of @somebody", "", Span("fmaudit.yaml", 9, 5, 12, 1)
        ),
        Ignored(result.findings[2], "baseline", "known", "", Span("baseline.json")),
    )
    return replace(result, findings=(), ignored=ignored, remarks=("audit: 2 ignores of <the release>",))


@pytest.fixture
def clean():
    outcomes = (
        Outcome("MET901", "number-is-text", "passed"),
        Outcome("WGT901", "tensor-is-odd", "not applicable", reason="the bundle has no *.safetensors"),
    )
    return CheckResult("digits", (), outcomes)


@pytest.fixture
def reproduction():
    claims = (
        ClaimVerdict(
            "test-accuracy",
            "0.9750",
            "reproduced",
            "the recipe's mean is 0.9736 with sd 0.0039",
            shipped="0.975",
            runs=(RunValue(0, "0.9722222222222222"), RunValue(1, "0.975")),
            statistics={"mean": 0.9736, "sd": 0.0039, "t": float("inf")},
        ),
        ClaimVerdict(
            "test-f1",
            "0.9990",
            "not reproduced",
            "0.9990 lies 6.5 sd above the recipe's mean",
            span=Span("fmaudit.yaml", 3, 10, 3, 18),
        ),
        ClaimVerdict("train-loss", "0.01", "inconclusive", "4 more seeds would decide", gates=False),
    )
    steps = (
        LevelStep("L0", "documented", "passed"),
        LevelStep("L1", "evaluated", "failed", "test-f1: the shipped weights give 0.9612"),
        LevelStep("L2", "started", "not attempted", "the bundle has no checkpoints"),
    )
    environment = {"device": "cpu", "threads": 2, "deterministic": True}
    return Reproduction(claims, "L0", steps, environment, "ab" * 32, {"data/test.csv": "cd" * 32})


@pytest.fixture
def golden():
    """Compares text with a file of tests/golden; FMAUDIT_WRITE_GOLDEN=1 writes the file instead."""

    def compare(name, text):
        path = GOLDEN / name
        if os.environ.get("FMAUDIT_WRITE_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
