import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.cells import cells, inert, visible, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\tc\r", "a\\nb\\x09c\\x0d"),
        ("safe\u202etxt.exe", "safe\\u202etxt.exe"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("全角\u3000空白", "全角\u3000空白"),
        ("é数😀", "é数😀"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_spelled_out(text, shown):
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_visible_text_can_be_sent_to_any_terminal(text):
    shown = visible(text)
    shown.encode("utf-8")
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in shown)
    assert visible(shown) == shown


@given(st.text())
def test_there_is_one_cell_text_for_each_character(text):
    assert len(cells(text)) == len(text)


def test_wide_characters_take_two_cells_and_marks_none():
    assert width("数字") == 4
    assert width("e\u0301") == 1
    assert width("ascii") == 5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("##[error]x", "\\x23#[error]x"),
        ("a ###[group]", "a #\\x23#[group]"),
        ("##vso[task.setvariable]", "\\x23#vso[task.setvariable]"),
        ("##teamcity[x]", "\\x23#teamcity[x]"),
        ("## [a heading](b)", "## [a heading](b)"),
        ("#[a]", "#[a]"),
    ],
)
def test_an_order_to_a_ci_service_is_spelled_out_wherever_it_stands(text, shown):
    assert visible(text) == shown
    assert "".join(cells(text)) == shown


@given(st.text(st.sampled_from("#[]va \n\x1b")))
def test_no_visible_text_holds_an_order(text):
    for shown in (visible(text), "".join(cells(text))):
        assert not re.search(r"##\w*\[", shown)


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("::error::x", "\\x3a:error::x"),
        ("  ::add-path::/x", "  \\x3a:add-path::/x"),
        (" ::: results/test.json:2:15", " ::: results/test.json:2:15"),
        ("a ::error::x", "a ::error::x"),
        ("", ""),
    ],
)
def test_a_line_is_no_command_to_github(line, printed):
    assert inert(line) == printed
