import pytest

from auditor.model import Outcome
from auditor.report.summary import count, listed, position, unchecked


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["WGT001"], "WGT001"),
        (["WGT001", "WGT002"], "WGT001, WGT002"),
        (["WGT001", "WGT002", "WGT003"], "WGT001-003"),
        (["WGT008", "WGT009", "WGT010", "WGT012"], "WGT008-010, WGT012"),
        (["ARC999", "WGT001", "WGT002", "WGT003"], "ARC999, WGT001-003"),
        ([], ""),
    ],
)
def test_codes_in_a_row_are_shortened(codes, told):
    assert listed(codes) == told


def test_rules_that_share_a_reason_are_told_together():
    from auditor.engine.run import CheckResult

    reasons = {"MET001": "a", "MET002": "b", "MET003": "a"}
    outcomes = tuple(Outcome(code, "n", "not checked", reason=reason) for code, reason in reasons.items())
    assert unchecked(CheckResult("b", (), outcomes)) == [(["MET001", "MET003"], "a"), (["MET002"], "b")]


def test_numbers_agree_with_their_nouns():
    assert (count(0, "rule"), count(1, "rule"), count(2, "rule")) == ("0 rules", "1 rule", "2 rules")


def test_a_position_is_one_that_an_editor_opens():
    from auditor.model import Span

    assert position(Span("a.yaml", 3, 4, 3, 9), "x/") == "x/a.yaml:3:4"
    assert position(Span("m.safetensors"), "x/") == "x/m.safetensors"
    assert position(Span("."), "x/") == "x"
    assert position(Span(".")) == "."
