from hypothesis import given
from hypothesis import strategies as st

from auditor.model import Place, Span
from auditor.report.cells import cells, width
from auditor.report.snippet import MAX_CHARACTERS, MAX_SPANS, snippet


def drawn(lines, *entries, root=""):
    places = [Place(span.file, path, label=label) for span, path, label in entries]
    spans = [span for span, _, _ in entries]
    return snippet(places, spans, lines, lambda _, text: text, root)


def test_the_underline_stands_below_the_span_with_its_label():
    assert drawn({"a.yaml": ["one", "value: 1e-1"]}, (Span("a.yaml", 2, 8, 2, 12), (), "text")) == [
        " --> a.yaml:2:8",
        "  |",
        "2 | value: 1e-1",
        "  |        ^^^^ text",
        "  |",
    ]


def test_wide_characters_shift_the_underline_by_their_cells():
    lines = drawn({"a": ["数字: x"]}, (Span("a", 1, 5, 1, 6), (), ""))
    assert lines[3] == "  |       ^"


def test_a_tab_before_the_span_is_four_cells():
    lines = drawn({"a": ["\tx"]}, (Span("a", 1, 2, 1, 3), (), ""))
    assert lines[2:4] == ["1 |     x", "  |     ^"]


def test_a_control_character_is_shown_as_an_escape_and_counted_as_such():
    lines = drawn({"a": ["\x1b[31mred"]}, (Span("a", 1, 6, 1, 9), (), ""))
    assert lines[2:4] == ["1 | \\x1b[31mred", "  |         ^^^"]


def test_a_long_line_is_cut_around_the_span():
    text = "x" * 5_000 + "HERE" + "y" * 5_000
    lines = drawn({"a": [text]}, (Span("a", 1, 5_001, 1, 5_005), (), ""))
    assert lines[2].startswith("1 | ...xxx")
    assert lines[2].endswith("yyy...")
    assert lines[2].index("HERE") == lines[3].index("^^^^")
    assert len(lines[2]) < MAX_CHARACTERS + 20


def test_a_span_over_several_lines_is_underlined_to_the_end_of_its_first():
    lines = drawn({"a": ["key: [1,", "  2]"]}, (Span("a", 1, 6, 2, 5), (), ""))
    assert lines[3] == "  |      ^^^"


def test_a_windows_line_ending_is_not_shown():
    lines = drawn({"a": ["key: 1\r"]}, (Span("a", 1, 6, 1, 7), (), ""))
    assert lines[2] == "1 | key: 1"


def test_two_places_in_one_file_share_a_snippet_and_skipped_lines_are_marked():
    lines = ["a: 1", "b: 2", "c: 3", "d: 4"]
    assert drawn(
        {"f": lines}, (Span("f", 4, 4, 4, 5), (), "this"), (Span("f", 1, 4, 1, 5), (), "and that")
    ) == [
        " --> f:4:4",
        "  |",
        "1 | a: 1",
        "  |    - and that",
        "...",
        "4 | d: 4",
        "  |    ^ this",
        "  |",
    ]


def test_a_place_in_a_second_file_gets_its_own_snippet():
    lines = drawn(
        {"f": ["a: 1"], "g": ["b: 2"]}, (Span("f", 1, 4, 1, 5), (), ""), (Span("g", 1, 4, 1, 5), (), "x")
    )
    assert lines[5:] == [" ::: g:1:4", "  |", "1 | b: 2", "  |    - x", "  |"]


def test_two_spans_on_one_line_share_its_underline_and_the_left_label_hangs_below():
    lines = drawn(
        {"f": ["seeds: [0, 0]"]},
        (Span("f", 1, 12, 1, 13), (), ""),
        (Span("f", 1, 9, 1, 10), (), "first here"),
    )
    assert lines[2:6] == ["1 | seeds: [0, 0]", "  |         -  ^", "  |         |", "  |         first here"]


def test_three_labels_on_one_line_hang_below_each_other():
    spans = [(Span("f", 1, at, 1, at + 1), (), label) for at, label in ((1, "one"), (4, "two"), (7, "three"))]
    assert drawn({"f": ["a, b, c"]}, *spans)[2:7] == [
        "1 | a, b, c",
        "  | ^  -  - three",
        "  | |  |",
        "  | |  two",
        "  | one",
    ]


def test_spans_that_overlap_get_an_underline_each():
    lines = drawn({"f": ["a: [1]"]}, (Span("f", 1, 4, 1, 7), (), "all"), (Span("f", 1, 5, 1, 6), (), "part"))
    assert lines[3:5] == ["  |    ^^^ all", "  |     - part"]


def test_a_tensor_is_named_where_there_are_no_lines():
    lines = drawn({}, (Span("m.safetensors"), ("conv.weight",), "is empty"))
    assert lines == [" --> m.safetensors tensor conv.weight: is empty"]


def test_a_file_that_cannot_be_shown_is_still_named_with_its_position():
    assert drawn({}, (Span("a.yaml", 7, 2, 7, 3), (), "here")) == [" --> a.yaml:7:2: here"]


def test_a_position_past_the_end_is_shown_at_the_end():
    lines = drawn({"a": ["abc"]}, (Span("a", 1, 9, 1, 12), (), ""))
    assert lines[2:4] == ["1 | abc", "  |    ^"]


def test_a_line_past_the_end_is_shown_empty():
    lines = drawn({"a": ["abc"]}, (Span("a", 12, 1, 12, 1), (), ""))
    assert lines[2:4] == ["12 |", "   | ^"]


def test_the_typed_folder_stands_before_each_path():
    assert drawn({}, (Span("a.yaml"), (), ""), root="examples/x/") == [" --> examples/x/a.yaml"]


def test_places_beyond_a_dozen_are_counted():
    entries = [(Span("a", line, 1, line, 2), (), "") for line in range(1, MAX_SPANS + 4)]
    assert drawn({"a": ["x"] * 20}, *entries)[-1].strip() == "= and 3 more places"


@given(st.text(st.characters(exclude_characters="\n")), st.integers(1, 300), st.integers(0, 300))
def test_an_underline_never_leaves_its_line(text, column, length):
    lines = drawn({"a": [text]}, (Span("a", 1, column, 1, column + length), (), ""))
    mark = lines[3].removeprefix("  | ")
    assert mark.strip().strip("^") == ""
    assert len(mark) <= width("...") + width("".join(cells(text))) + 1
