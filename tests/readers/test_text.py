import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model import Span
from auditor.readers import text as text_module
from auditor.readers.text import Lines, decode, shown, split_lines
from tests.readers.marks import refusal

LINES = st.text(alphabet="aé😀 \t\n\r", max_size=40)


def position(text, offset):
    """Line and column, counted one character at a time."""
    line = column = 1
    for index in range(offset):
        after = text[index + 1 : index + 2]
        if text[index] == "\n" or (text[index] == "\r" and after != "\n"):
            line, column = line + 1, 1
        elif text[index] != "\r":
            column += 1
    return line, column


def test_an_empty_file_is_an_empty_text():
    assert decode("a", b"") == ""


def test_a_byte_order_mark_is_not_part_of_the_text():
    assert decode("a", b"\xef\xbb\xbfa: 1") == "a: 1"


def test_only_the_first_byte_order_mark_is_removed():
    assert decode("a", b"\xef\xbb\xbf\xef\xbb\xbfa") == "\ufeffa"


def test_the_byte_that_is_not_utf8_is_shown_by_line_and_column():
    error = refusal(decode, "a.md", "é: 1\r\nnaïv".encode() + b"\xe9")
    assert error.what == "byte 0xe9 is not UTF-8"
    assert error.span == Span("a.md", 2, 5, 2, 6)


def test_a_cut_off_character_is_not_utf8():
    assert refusal(decode, "a", "😀".encode()[:3]).span.column == 1


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_named_where_it_marks_itself(codec):
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(codec, b"")
    assert refusal(decode, "a", mark + "a: é".encode(codec)).what == "the text is UTF-16, not UTF-8"


def test_only_lf_crlf_and_cr_end_a_line():
    assert split_lines("a\nb\r\nc\rd\x0be\x0cf\x85g\u2028h") == ["a", "b", "c", "d\x0be\x0cf\x85g\u2028h"]


def test_a_tab_is_one_column():
    assert Lines("\ta").position(1) == (1, 2)


def test_a_wide_character_is_one_column():
    assert Lines("😀语a").position(2) == (1, 3)


def test_an_offset_inside_a_crlf_ends_the_line_before():
    assert Lines("ab\r\nc").position(3) == (1, 3)


def test_an_offset_beyond_the_end_is_the_end():
    assert Lines("ab\nc").position(99) == (2, 2)


def test_a_part_of_a_file_counts_from_its_first_line():
    assert Lines("a\nb", first=7).position(2) == (8, 1)


def test_a_span_ends_with_its_first_line():
    assert Lines("key: |\r\n  text").span("a", 5, 14) == Span("a", 1, 6, 1, 7)


def test_blanks_at_the_end_of_a_line_are_no_content():
    assert Lines("ab \t\ncd").end_of_line(0) == 2


@given(LINES, st.integers(0, 40))
def test_lines_and_columns_are_those_counted_one_by_one(text, offset):
    assert Lines(text).position(offset) == position(text, min(offset, len(text)))


@given(LINES, st.integers(1, 5))
def test_blocks_of_any_size_give_the_same_positions(text, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_module, "BLOCK", block)
        lines = Lines(text)
        assert [lines.position(at) for at in range(len(text) + 1)] == [
            position(text, at) for at in range(len(text) + 1)
        ]


@given(st.text())
def test_every_text_comes_back_from_its_bytes(text):
    assert decode("a", text.encode()) == text.removeprefix("\ufeff")


@given(LINES)
def test_there_are_as_many_lines_as_ends_and_one(text):
    assert Lines(text).count_ends(0, len(text)) == len(split_lines(text)) - 1


def test_a_million_positions_in_one_line_of_ten_megabytes_take_no_walk_each():
    text = "a" * 10_000_000
    lines = Lines(text)
    assert all(lines.position(at) == (1, at + 1) for at in range(0, len(text), 100))


def test_a_long_text_is_shown_cut():
    assert shown("a" * 99, 5) == "aaaa…"


def test_control_characters_are_shown_escaped():
    assert shown("a\x1b[31m\n") == "a\\u001b[31m\\u000a"


@given(LINES, st.data())
def test_a_stretch_goes_on_over_lines(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = Lines(text).stretch("a", start, end)
    assert (span.line, span.column) == position(text, start)
    assert (span.end_line, span.end_column) == position(text, end)
