import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model import Place, Span
from auditor.readers.document import MAX_DEPTH, MAX_DUPLICATES, MAX_NODES, Unreadable
from auditor.readers.json import read_json
from tests.readers.marks import attempt, met, refusal, underlined

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**300), 10**300)
    | st.floats(allow_nan=False, allow_infinity=False)
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
NEARLY_JSON = st.text(alphabet='[]{}:,"\\u0d8aeE+-.1 \t\n\rtrfalsnNI', max_size=40)


def at(text, *path, on="value"):
    return underlined(text, read_json("a.json", text).locate(Place("a.json", path, on)))


# Values


def test_values_are_those_of_the_standard_library():
    text = '{"a": [1, -2.5, 1e3, true, null, "x\\u00e9\\n"], "b": {}}'
    assert read_json("a", text).value == json.loads(text)


def test_escaped_pairs_are_one_character():
    assert read_json("a", '["\\ud83d\\ude00", "\\\\ud800"]').value == ["😀", "\\ud800"]


def test_words_that_json_does_not_know_are_values_and_reported():
    document = read_json("a", '{"a": [1, NaN], "b": -Infinity}')
    assert math.isnan(document.get("a", 1))
    assert document.get("b") == -math.inf
    assert document.constants == (Place("a", ("a", 1)), Place("a", ("b",)))
    assert document.locate(document.constants[0]) == Span("a", 1, 11, 1, 14)


def test_a_constant_alone_is_at_the_root():
    assert read_json("a", "Infinity").constants == (Place("a"),)


@given(VALUES, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_the_text_at_the_place_of_each_scalar_is_the_scalar(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = read_json("a", text)
    assert document.value == value
    for path, scalar in document.scalars():
        if scalar in ({}, []):
            continue
        assert json.loads(underlined(text, document.locate(document.at(*path)))) == scalar
        assert document.plain(*path) is not isinstance(scalar, str)
        written = document.printed(*path)
        assert written == scalar if isinstance(scalar, str) else json.loads(written) == scalar


@given(VALUES)
def test_the_text_at_the_place_of_each_key_is_the_key(value):
    text = json.dumps({"outer": value}, indent=1)
    document = read_json("a", text)
    for path, _ in document.scalars():
        if path and isinstance(path[-1], str):
            assert json.loads(underlined(text, document.locate(document.key(*path)))) == path[-1]


# Printed digits


@pytest.mark.parametrize("digits", ["0.9750", "1E5", "-0", "1.0", "100000000000000000000000.10"])
def test_the_digits_are_kept_as_printed(digits):
    assert read_json("a", f'{{"v": [{digits}]}}').printed("v", 0) == digits


def test_a_text_is_printed_without_quotes():
    document = read_json("a", '{"v": "a\\"b"}')
    assert (document.printed("v"), document.plain("v")) == ('a"b', False)


def test_only_scalars_are_printed():
    document = read_json("a", '{"v": [1]}')
    assert (document.printed("v"), document.printed("w"), document.plain("v")) == (None, None, False)


# Places


def test_a_list_on_one_line_is_underlined_itself():
    assert at('{"seeds": [0, 1]}', "seeds") == "[0, 1]"


def test_a_mapping_over_lines_is_underlined_at_its_key():
    assert at('{"model": {\n  "size": 1\n}}', "model") == '"model"'


def test_a_mapping_in_a_list_is_underlined_where_it_opens():
    assert at('[{\n  "id": 1\n}]', 0) == "{"


def test_a_missing_path_is_its_nearest_parent():
    text = '{\n  "model": {\n    "name": "cnn"\n  }\n}'
    assert at(text, "model", "size", 0) == '"model"'
    assert at(text, "model", "name", "x") == '"cnn"'
    assert at(text, "other") == "{"


def test_a_known_span_is_kept():
    assert read_json("a", "1").locate(Place("a", span=Span("a", 0))) == Span("a", 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_move_places(end):
    text = f'{{{end}\t"é": "语",{end}\t"b": [{end}\t\t1]{end}}}'
    document = read_json("a", text)
    assert document.locate(document.at("é")) == Span("a", 2, 7, 2, 10)
    assert document.locate(document.at("b", 0)) == Span("a", 4, 3, 4, 4)


def test_brackets_and_commas_in_texts_are_text():
    assert at('{"a,:[{": ["}]\\"", 1], "b": 2}', "b") == "2"


# Repeated keys


def test_the_second_of_two_equal_keys_is_reported_and_wins():
    document = read_json("a", '{"a": 1, "b": [{"c": 1,\n"\\u0063": 2}], "a": 3}')
    assert document.value == {"a": 3, "b": [{"c": 2}]}
    assert document.duplicates == (
        Place("a", ("b", 0, "c"), "key", "first set on line 1", Span("a", 2, 1, 2, 9)),
        Place("a", ("a",), "key", "first set on line 1", Span("a", 2, 16, 2, 19)),
    )


def test_equal_keys_in_different_mappings_are_not_repeated():
    assert read_json("a", '[{"a": 1}, {"a": {"a": 2}}]').duplicates == ()


# Refusals


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("", 1, 1, "the file is empty"),
        (" \n", 1, 1, "the file is empty"),
        ('{"a": 1,}', 1, 8, "a comma stands before the closing `}`"),
        ("[1,\n]", 1, 3, "a comma stands before the closing `]`"),
        ("{a: 1}", 1, 2, "expected a key in double quotes, met `a`"),
        ("{'a': 1}", 1, 2, "expected a key in double quotes, met `'`"),
        ('{"a": True}', 1, 7, "expected a value, met `True`"),
        ('{"a": 1\n "b": 2}', 2, 2, 'expected `,` or the closing bracket, met `"`'),
        ('{"a" 1}', 1, 6, "expected `:` after the key, met `1`"),
        ('{"a": [1', 1, 9, "expected `,` or the closing bracket, met the end of the file"),
        ('{"a": 1} // x', 1, 10, "`/` stands after the end of the document"),
        ('"abc', 1, 1, "the text that starts here never ends"),
        ('"a\nb"', 1, 3, "a line ends inside a text"),
        ('"a\tb"', 1, 3, "a tab stands inside a text"),
        ('"a\x01"', 1, 3, "the character U+0001 stands inside a text"),
        ('"\\q"', 1, 2, "this escape is unknown"),
        ('"\\u12"', 1, 3, "this escape lacks digits"),
        ("\ufeff1", 1, 1, "a second byte-order mark"),
        ('["\\ud800"]', 1, 2, "this text holds half of a surrogate pair"),
        ('{"\\udc00\\ud800": 1}', 1, 2, "this text holds half of a surrogate pair"),
        ("[" + "9" * 309 + "]", 1, 2, "an integer of 309 digits is too long to read"),
        ("[-" + "9" * 5000 + "]", 1, 2, "an integer of 5,000 digits is too long to read"),
    ],
)
def test_a_fault_is_one_message_at_its_place(text, line, column, what):
    assert met(read_json, text) == (line, column, what)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("[1,]", "remove the comma"),
        ("[None]", "write `null`"),
        ("[1] # x", "remove the comment: JSON has none"),
        ("{'a': 1}", "use double quotes"),
        ('"a\tb"', "write `\\t`"),
        ("{}\n{}", "keep one document in a file"),
    ],
)
def test_a_remedy_is_named(text, remedy):
    assert refusal(read_json, "a", text).help == remedy


@given(st.text() | NEARLY_JSON)
def test_any_text_is_read_or_refused(text):
    document = attempt(read_json, "a", text)
    if isinstance(document, Unreadable):
        assert document.what.isprintable()
        return
    for path, _ in document.scalars():
        assert document.locate(document.at(*path)).line
        assert document.locate(document.key(*path, "missing")).line
        document.printed(*path).encode()


# Bounds


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("times", [20_000, 200_000])
def test_too_many_levels_are_refused_where_they_begin(opening, times):
    column = MAX_DEPTH * len(opening) + 1
    what = f"objects and arrays nest more than {MAX_DEPTH} deep"
    assert met(read_json, opening * times) == (1, column, what)


def test_too_many_levels_are_refused_where_all_are_closed():
    text = "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)
    assert met(read_json, text) == (1, MAX_DEPTH + 1, f"objects and arrays nest more than {MAX_DEPTH} deep")


def test_as_many_levels_as_allowed_are_read():
    assert read_json("a", "[" * MAX_DEPTH + "]" * MAX_DEPTH).value


def test_too_many_values_are_refused_before_they_are_built():
    text = "[" + "0," * MAX_NODES + "0]"
    assert refusal(read_json, "a", text).what == f"the document holds more than {MAX_NODES:,} values"


def test_commas_in_texts_are_not_counted_as_values():
    assert read_json("a", '["' + "," * (MAX_NODES + 1) + '"]').value


def test_a_long_row_of_digits_in_a_text_is_a_text():
    assert read_json("a", '["' + "9" * 5000 + '"]').value == ["9" * 5000]


def test_ten_megabytes_are_read_and_located():
    text = json.dumps({"pad": "x" * 8_500_000, "list": [{"id": n, "v": n / 8} for n in range(60_000)]})
    document = read_json("a", text)
    assert len(text) > 10_000_000
    assert underlined(text, document.locate(document.at("list", 59_999, "id"))) == "59999"


def test_of_very_many_repeated_keys_the_first_are_told_apart():
    document = read_json("a", "{" + ", ".join(['"a": 1'] * (MAX_DUPLICATES + 10)) + "}")
    assert len(document.duplicates) == len(document.repeated) == MAX_DUPLICATES


def test_the_entry_before_a_repeated_key_is_known():
    document = read_json("a", '{"b": {"a": 12, "a": 3}}')
    ((key_start, key_end, node),) = document.repeated
    assert (document.source[key_start:key_end], node[2]) == ('"a"', "12")
    assert document.extent(document.duplicates[0]) == (16, 19)
    assert document.source[slice(*document.extent(Place("a", ("b",))))] == '{"a": 12, "a": 3}'
    assert document.extent(Place("a", ("c",))) is None


@pytest.mark.parametrize(
    "text",
    ['{"a": %s²}}}', '{"a": %s²]', '[%s², "\\q"]', "%s²}", '{"a": %s², "b": 1, "b" 2}', '[%s², "x": 1]'],
)
def test_a_long_number_in_broken_json_is_refused(text):
    for digits in (500, 5_000):
        with pytest.raises(Unreadable):
            read_json("config.json", text % ("9" * digits))
