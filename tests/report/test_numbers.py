import json

import jsonschema
import pytest

from auditor.engine.numbers import Number
from auditor.forensics.printed import read
from auditor.formats.numbers import Claims
from auditor.model import Span
from auditor.report import numbers as report
from auditor.shipped import schema_path


@pytest.fixture
def numbers(result):
    clash = result.findings[0]
    return (
        Number(
            "score",
            Span("README.md", 6, 31, 6, 35),
            read("0.9100"),
            "model-index",
            "accuracy",
            "accuracy",
            dataset="digits|\u202e",
            split="test",
            contradicted=(clash,),
        ),
        Number(
            "score",
            Span("README.md", 9, 3, 9, 7),
            read("0.02"),
            "card table",
            "Macro F1 std",
            "f1",
            role="std",
            average="macro",
            label="@somebody",
            unit="proportion",
            n=1797,
            own=False,
        ),
        Number(
            "quantity",
            Span("config.json", 3, 17, 3, 20),
            read("512"),
            "config",
            "vocabulary",
            "vocabulary",
            supported=(
                Span("README.md", 12, 4, 12, 7),
                Span("config.json", 9, 1, 9, 4),
                Span("model.safetensors"),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("style", "name"), [("text", "claims.txt"), ("markdown", "claims.md"), ("json", "claims.json")]
)
def test_the_table_is_the_golden_one(style, name, numbers, golden):
    golden(name, report.render(style, numbers, bundle="digits"))


def test_a_release_without_numbers_says_so():
    text = "digits: 0 numbers in 0 files (0 scores), 0 also stated elsewhere, 0 contradicted\n"
    assert report.render("text", (), bundle="digits") == text
    assert "|---" not in report.render("markdown", (), bundle="digits")


def test_json_is_as_its_schema_and_its_model_say(numbers):
    value = json.loads(report.render("json", numbers, bundle="digits"))
    jsonschema.Draft202012Validator(json.loads(schema_path("claims").read_text())).validate(value)
    assert Claims.model_validate(value).numbers[0].value == "0.9100"


def test_hostile_names_are_shown_inert(numbers):
    for style in report.STYLES_OF_REPORT:
        assert "\u202e" not in report.render(style, numbers, bundle="a\x1b[31m")
        assert "\x1b" not in report.render(style, numbers, bundle="a\x1b[31m")


def test_colour_emphasises_heads_and_counts(numbers):
    assert "\x1b[1m" in report.render("text", numbers, bundle="digits", color=True)
