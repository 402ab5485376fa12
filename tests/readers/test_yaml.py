import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from auditor.model import Place, Span
from auditor.readers import yaml_tree
from auditor.readers.document import MAX_DEPTH, MAX_DUPLICATES, MAX_NODES, Unreadable
from auditor.readers.yaml import read_yaml
from tests.readers.marks import attempt, met, refusal, underlined

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**300), 10**300)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
NEARLY_YAML = st.text(alphabet="[]{}:-? &*!|>'\"#%@`,\\\n\t ab1<.x\r\ufeff\x85", max_size=60)


def value(text):
    return read_yaml("a.yaml", text).value


def at(text, *path, on="value"):
    return underlined(text, read_yaml("a.yaml", text).locate(Place("a.yaml", path, on)))


@pytest.fixture
def pure(monkeypatch):
    """The parser written in Python, as where PyYAML came without the C library."""
    monkeypatch.setattr(yaml_tree, "LOADER", yaml.SafeLoader)
    monkeypatch.setattr(yaml_tree, "_PURE", True)


# Values


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "---\n...\n", "~"])
def test_an_empty_document_is_none(text):
    assert value(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(word, None) for word in ("null", "Null", "NULL", "~")],
        *[(word, True) for word in ("true", "True", "TRUE")],
        *[(word, False) for word in ("false", "False", "FALSE")],
        *[("0", 0), ("-12", -12), ("+3", 3), ("012", 12), ("0x1F", 31), ("0o17", 15)],
        *[("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("3e-4", 0.0003), ("1E5", 100000.0), ("-0.0", -0.0)],
        *[(".inf", math.inf), ("-.INF", -math.inf), ("1e999", math.inf)],
        *[(word, word) for word in ("yes", "No", "on", "off", "1:30", "1_000", "2024-01-01", "1.2.3", "0b1")],
        *[(word, word) for word in ("nan", "inf", "TrUe", "-x", "+", ".", "0x", "1e", "１２", "=", "<<")],
        *[("'1'", "1"), ('"true"', "true"), ("|-\n  1", "1"), (">-\n  a\n  b", "a b"), ("'<<'", "<<")],
    ],
)
def test_scalars_are_typed_by_the_core_schema(text, expected):
    got = value(f"- {text}\n")[0]
    assert got == expected
    assert type(got) is type(expected)


def test_not_a_number_is_a_float():
    assert math.isnan(value(".nan"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!!str 1", "1"),
        ("! 1", "1"),
        ("!!int '1'", 1),
        ("!!float 1", 1),
        ("!!null ''", None),
        ("!!bool true", True),
    ],
)
def test_tags_of_the_core_schema_give_the_type(text, expected):
    assert value(f"- {text}\n") == [expected]


def test_keys_are_text():
    assert value("1: a\ntrue: b\n~: c\n? \n: d\n1.10: e\n") == {
        "1": "a",
        "true": "b",
        "~": "c",
        "": "d",
        "1.10": "e",
    }


def test_tabs_between_tokens_and_in_text_are_read():
    assert value("a:\t1\t# note\nb: 'x\ty'\n") == {"a": 1, "b": "x\ty"}


def test_an_alias_stands_for_its_anchor():
    assert value("a: &x [1, {b: 2}]\nc: *x\n") == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}


def test_an_alias_may_be_a_key():
    assert value("a: &x name\n*x : 1\n") == {"a": "name", "name": 1}


@pytest.mark.parametrize(
    "text",
    [
        "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n",
        "a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc:\n  <<: [*a, *b]\n  w: 0\n",
        "a: &a {x: 1}\nb: {y: 2, <<: *a, x: 5}\n",
        "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n",
        "b: {<<: {x: 1}, y: 2}\n",
        "a: &a {x: 1}\nb: &b {x: 2}\nc: {<<: *a, <<: *b}\n",
        "a: &a []\nb: {<<: *a, x: 1}\n",
    ],
)
def test_merge_keys_mean_what_pyyaml_means(text):
    assert value(text) == yaml.safe_load(text)


def test_a_merged_entry_is_located_where_it_is_written():
    text = "base: &a\n  lr: 0.1\nrun:\n  <<: *a\n  n: 2\n"
    assert read_yaml("a", text).locate(Place("a", ("run", "lr"))) == Span("a", 2, 7, 2, 10)


@given(VALUES)
def test_what_pyyaml_writes_in_quotes_is_read_back(written):
    text = yaml.safe_dump(written, default_style='"', sort_keys=False)
    assert value(text) == written


@given(VALUES)
def test_a_plain_text_is_printed_as_it_is_read(written):
    text = yaml.safe_dump(written, default_flow_style=True, sort_keys=False)
    document = read_yaml("a", text)
    for path, scalar in document.scalars():
        if isinstance(scalar, str) and document.plain(*path):
            assert document.printed(*path) == scalar


# Printed digits


def test_the_digits_are_kept_as_printed():
    document = read_yaml("a", "v: 0.9750\nq: '1.10'\nl: [1e-3]\n")
    assert [document.printed("v"), document.printed("q"), document.printed("l", 0)] == [
        "0.9750",
        "1.10",
        "1e-3",
    ]


def test_only_scalars_are_printed():
    document = read_yaml("a", "l: [1]\n")
    assert document.printed("l") is None
    assert document.printed("m") is None
    assert document.printed("l", 1) is None


@pytest.mark.parametrize(("text", "plain"), [("1", True), ("'1'", False), ('"1"', False), ("|\n  1", False)])
def test_plain_says_whether_there_are_quotes(text, plain):
    assert read_yaml("a", f"v: {text}\n").plain("v") is plain


def test_an_alias_is_printed_as_its_anchor():
    document = read_yaml("a", "a: &x 0.10\nb: *x\n")
    assert (document.printed("b"), document.plain("b")) == ("0.10", True)


# Places


def test_a_scalar_is_underlined_whole():
    assert at("a:\n  - b: some text # note\n", "a", 0, "b") == "some text"


def test_quotes_are_underlined_too():
    assert at('a: "x y"\n', "a") == '"x y"'


def test_a_key_is_underlined_as_a_token():
    assert at("a:\n  'long key': 1\n", "a", "long key", on="key") == "'long key'"


def test_a_list_item_has_no_key():
    assert at("a: [x, y]\n", "a", 1, on="key") == "y"


def test_an_anchor_and_a_tag_are_not_part_of_the_scalar():
    assert at("a: &x !!str 12\n", "a") == "12"


def test_the_first_line_of_a_folded_text_is_underlined():
    assert at("a: |\n  one\n  two\n", "a") == "|"
    assert at("a: one\n  two\n", "a") == "one"


def test_a_block_mapping_is_underlined_at_its_key():
    assert at("model:\n  name: cnn\n  size: 2\n", "model") == "model"


def test_a_collection_on_one_line_is_underlined_itself():
    assert at("seeds: [0, 1, 2] # five\n", "seeds") == "[0, 1, 2]"


def test_a_collection_over_lines_is_underlined_at_its_key():
    assert at("seeds: [0,\n  1]\n", "seeds") == "seeds"


def test_a_mapping_in_a_list_is_underlined_to_the_end_of_its_first_line():
    assert at("claims:\n  - id: a\n    value: 1\n", "claims", 0) == "id: a"


def test_a_value_that_is_not_written_is_underlined_at_its_key():
    assert at("a:\nb: 1\n", "a") == "a"


def test_a_missing_path_is_its_nearest_parent():
    assert at("model:\n  name: cnn\n", "model", "size", "x") == "model"
    assert at("model:\n  name: cnn\n", "model", "name", "x") == "cnn"
    assert at("model: 1\n", "x") == "model: 1"


def test_the_root_is_the_first_line_with_content():
    assert read_yaml("a", "# note\n\nmodel: cnn\n").locate(Place("a")) == Span("a", 3, 1, 3, 11)


def test_an_empty_document_has_a_place():
    assert read_yaml("a", "").locate(Place("a", ("x",))) == Span("a", 1, 1, 1, 1)


def test_a_known_span_is_kept():
    span = Span("a", 9, 9, 9, 9)
    assert read_yaml("a", "").locate(Place("a", span=span)) == span


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_move_places(end):
    text = f"# é{end}a:{end}  b: 语 x{end}  c: '1{end}    2'{end}d: 3{end}"
    document = read_yaml("a", text)
    assert document.value == {"a": {"b": "语 x", "c": "1 2"}, "d": 3}
    assert document.locate(document.at("a", "b")) == Span("a", 3, 6, 3, 9)
    assert document.locate(document.key("d")) == Span("a", 6, 1, 6, 2)


def test_line_separators_of_unicode_end_no_line():
    document = read_yaml("a", "a: 'x\u2028y\x85z'\nb: 1\n")
    assert document.locate(document.at("b")) == Span("a", 2, 4, 2, 5)


def test_wide_characters_are_one_column_each():
    assert at("a: [😀, 语言, é, x]\n", "a", 3) == "x"


def test_a_part_of_a_file_is_located_in_the_file():
    document = read_yaml("a", "a: 1\nb: 2\n", first_line=11)
    assert document.locate(document.at("b")) == Span("a", 12, 4, 12, 5)


@given(VALUES)
def test_every_plain_or_quoted_scalar_is_found_at_its_place(written):
    text = yaml.safe_dump(written, default_style='"', width=10**9, sort_keys=False)
    document = read_yaml("a", text)
    for path, scalar in document.scalars():
        assert value("- " + underlined(text, document.locate(document.at(*path)))) == [
            document.printed(*path)
        ]
        assert document.printed(*path) is not None
        assert scalar == document.get(*path)


# Repeated keys


def test_the_second_of_two_equal_keys_is_reported_and_wins():
    document = read_yaml("a", "a: 1\nb: {c: 1, c: 2}\n'a': 3\n")
    assert document.value == {"a": 3, "b": {"c": 2}}
    assert document.duplicates == (
        Place("a", ("b", "c"), "key", "first set on line 2", Span("a", 2, 11, 2, 12)),
        Place("a", ("a",), "key", "first set on line 1", Span("a", 3, 1, 3, 4)),
    )


def test_the_path_of_a_repeated_key_goes_through_lists():
    document = read_yaml("a", "- x\n- - {a: 1}\n  - {a: 1, a: 2}\n")
    assert [place.path for place in document.duplicates] == [(1, 1, "a")]


def test_a_key_that_overrides_a_merged_one_is_not_repeated():
    assert read_yaml("a", "a: &a {x: 1}\nb: {<<: *a, x: 2}\n").duplicates == ()


# Refusals


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("a:\n\tb: 1\n", 2, 1, "a tab is used for indentation"),
        ("\ta: 1\n", 1, 1, "a tab is used for indentation"),
        ("a: b: c\n", 1, 5, "`:` is not expected here"),
        ("a: - b\n", 1, 4, "`-` is not expected here"),
        ("a: [1, 2\nb: 3\n", 2, 2, "expected `,` or the end of the `[` on line 1, met `:`"),
        ("a: [1, 2\n", 1, 4, "`[` is never closed"),
        ("a: {b: 1\n", 1, 4, "`{` is never closed"),
        ("a: 'it\nb: 1\n", 1, 4, "the quoted text that starts here never ends"),
        ('a: "\\q"\n', 1, 5, "this escape is unknown"),
        ('a: "\\u12"\n', 1, 7, "this escape lacks digits"),
        ('a: "\\ud83d\\ude00"\n', 1, 7, "this escape is half of a character"),
        ("a: @x\n", 1, 4, "a value cannot start with `@`"),
        ("a: `x`\n", 1, 4, "a value cannot start with a backquote"),
        ("a: *.txt\n", 1, 5, "no name follows `*`"),
        ("a: *x\n", 1, 4, "the anchor `&x` is not set"),
        ("a: &x [*x]\n", 1, 8, "`*x` stands inside its own anchor"),
        ("a: 'x' y\n", 1, 8, "neither a key nor the end of the mapping that starts on line 1"),
        ("- a\nb: 1\n", 2, 1, "neither `- ` nor the end of the list that starts on line 1"),
        ("a: }\n", 1, 4, "a value is missing before `}`"),
        ("{a: b}}\n", 1, 7, "`}` stands after the end of the document"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document starts here"),
        ("a: \x07\n", 1, 4, "the character U+0007 is not allowed in YAML"),
        ("a: 1\nb: \x00\n", 2, 4, "the character U+0000 is not allowed in YAML"),
        ("? [a]\n: 1\n", 1, 3, "a key is a mapping or list, and must be text"),
        ("a: &x [1]\n*x : 1\n", 2, 1, "a key is a mapping or list, and must be text"),
        ("a: {<<: 1}\n", 1, 9, "`<<` must name a mapping or a list of mappings"),
        ("a: {<<: [{}, 1]}\n", 1, 9, "`<<` must name a mapping or a list of mappings"),
        ("a: !!int x\n", 1, 10, "`x` is not a `!!int`"),
        (
            "a: !!python/object/apply:os.system [ls]\n",
            1,
            4,
            "the tag `!!python/object/apply:os.system` is refused",
        ),
        ("a: !!binary aGk=\n", 1, 4, "the tag `!!binary` is refused"),
        ("a: !mine {}\n", 1, 4, "the tag `!mine` is refused"),
        ("!!python/name:os.system a: 1\n", 1, 1, "the tag `!!python/name:os.system` is refused"),
        ("a: " + "9" * 309, 1, 4, "an integer of 309 digits is too long to read"),
        ("a: 0x" + "f" * 256, 1, 4, "an integer of 256 digits is too long to read"),
        ("%YAML 2.0\n---\na\n", 1, 1, "this is not YAML 1"),
    ],
)
def test_a_fault_is_one_message_at_its_place(text, line, column, what):
    assert met(read_yaml, text) == (line, column, what)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("a:\n\tb: 1\n", "indent with spaces"),
        ("a: *.txt\n", "quote a value that begins with `*`"),
        ("a: b: c\n", "quote a value that holds `: `, and indent the keys of one mapping alike"),
        ("a: !x 1\n", "remove the tag: only plain data is read, because tags can name code to run"),
        ("a: 1\n---\nb: 2\n", "keep one document in a file"),
    ],
)
def test_a_remedy_is_named(text, remedy):
    assert refusal(read_yaml, "a", text).help == remedy


@pytest.mark.usefixtures("pure")
@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("a:\n\tb: 1\n", 2, 1, "a tab is used for indentation"),
        ("a: b: c\n", 1, 5, "`:` is not expected here"),
        ("a: 'it\nb: 1\n", 1, 4, "the quoted text that starts here never ends"),
        ("a: [1, 2\n", 1, 4, "`[` is never closed"),
        ("a: *.txt\n", 1, 5, "no name follows `*`"),
        ("a: \x07\n", 1, 4, "the character U+0007 is not allowed in YAML"),
        ('a: "\\ud800"\n', 1, 4, "this text holds half of a character"),
    ],
)
def test_the_pure_parser_gives_the_same_messages(text, line, column, what):
    assert met(read_yaml, text) == (line, column, what)


@pytest.mark.usefixtures("pure")
@pytest.mark.parametrize("text", ['a: "\\UFFFFFFFF"\n', "%YAML 1." + "1" * 5000 + "\n---\na\n"])
def test_what_the_pure_parser_stumbles_over_is_refused(text):
    assert "\n" not in refusal(read_yaml, "a", text).what


@pytest.mark.usefixtures("pure")
@given(VALUES)
def test_the_pure_parser_gives_the_same_values(written):
    assert value(yaml.safe_dump(written, default_style='"')) == written


@given(st.text(), st.text())
def test_any_text_is_read_or_refused(text, more):
    for source in (text, f"a: {text}\n- {more}"):
        document = attempt(read_yaml, "a", source)
        assert not isinstance(document, Unreadable) or document.what.isprintable()


@given(NEARLY_YAML)
def test_whatever_is_read_can_be_located(text):
    document = attempt(read_yaml, "a", text)
    if isinstance(document, Unreadable):
        assert document.span.line >= 1
        return
    for path, _ in document.scalars():
        for place in (document.at(*path), document.key(*path), document.at(*path, "missing", 3)):
            span = document.locate(place)
            assert len(underlined(text, span)) == span.end_column - span.column
    assert [document.locate(place).line >= 1 for place in document.duplicates] == [True] * len(
        document.duplicates
    )


# Bounds


@pytest.mark.parametrize("opening", ["[", "- ", "{a: ", "[a: "])
def test_two_hundred_thousand_open_brackets_end_at_the_limit(opening):
    assert f"nest more than {MAX_DEPTH} deep" in refusal(read_yaml, "a", opening * 200_000).what


@pytest.mark.parametrize("opening", ["{", "? ", "[{", "[? "])
def test_two_hundred_thousand_keys_in_keys_end_at_the_first(opening):
    assert refusal(read_yaml, "a", opening * 200_000).what == "a key is a mapping or list, and must be text"


def test_as_many_levels_as_allowed_are_read():
    assert value("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert refusal(read_yaml, "a", "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


def test_levels_behind_aliases_count():
    nest = "[" * 150 + "]" * 150
    text = f"a: &a {nest}\nb: [[*a]]\n" + "c: " + "[" * 60 + "*a" + "]" * 60
    assert met(read_yaml, text) == (3, 64, f"aliases nest more than {MAX_DEPTH} deep")


def test_levels_behind_aliases_behind_aliases_count():
    text = "".join(f"a{n}: &a{n} [{'*a' + str(n - 1) if n else 0}]\n" for n in range(MAX_DEPTH + 1))
    assert refusal(read_yaml, "a", text).what == f"aliases nest more than {MAX_DEPTH} deep"


def test_a_billion_laughs_are_counted_and_not_built():
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert refusal(read_yaml, "a", text).what == f"the document holds more than {MAX_NODES:,} values"


def test_merging_one_large_mapping_many_times_is_counted():
    large = ", ".join(f"k{n}: 0" for n in range(3000))
    text = f"a: &a {{{large}}}\nb: {{<<: [{', '.join(['*a'] * 1000)}]}}\n"
    assert refusal(read_yaml, "a", text).what == f"the document holds more than {MAX_NODES:,} values"


def test_many_directives_are_refused_at_once():
    assert (
        "directives"
        in refusal(read_yaml, "a", "".join(f"%TAG !a{n}! b\n" for n in range(100_000)) + "---\n").what
    )


def test_ten_megabytes_of_text_are_read():
    line = "word " * 25
    text = "a: |\n" + f"  {line}\n" * 40_000 + "b: '" + "y" * 5_000_000 + "'\nlist:\n" + "- 0.125\n" * 50_000
    document = read_yaml("a", text)
    assert len(text) > 10_000_000
    assert document.locate(document.at("list", 49_999)) == Span("a", 90_003, 3, 90_003, 8)


def test_of_very_many_repeated_keys_the_first_are_told_apart():
    document = read_yaml("a", "a: 1\n" * (MAX_DUPLICATES + 10))
    assert len(document.duplicates) == len(document.repeated) == MAX_DUPLICATES


def test_exact_ends_are_known_of_scalars_keys_and_what_stands_in_brackets():
    document = read_yaml("a", "a: [1,\n  2]\nb:\n  c: x # y\n")
    ends = [document.extent(Place("a", path)) for path in (("a",), ("b",), ("b", "c"))]
    assert [end and document.source[slice(*end)] for end in ends] == ["[1,\n  2]", None, "x"]
    assert document.extent(Place("a", ("b", "c"), "key")) == (17, 18)
    assert document.stretch(3, 11) == Span("a", 1, 4, 2, 5)
