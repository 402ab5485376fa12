"""Edits of YAML and JSON keep what stands around them, and are not made where they might not."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from auditor.engine.patch import changed, offsets
from auditor.formats.yaml_text import quoted
from auditor.readers.json import read_json
from auditor.readers.markdown import read_markdown
from auditor.readers.yaml import read_yaml
from auditor.rules.edits import (
    added,
    meant,
    number_written,
    quoted_as_printed,
    renamed,
    rewritten,
    without_repetition,
    word_written,
)

READERS = {"yaml": read_yaml, "json": read_json, "md": read_markdown}


def read(text, kind="yaml"):
    return READERS[kind](f"a.{kind}", text)


def after(document, fix):
    """The document's text with the fix, or None where there is no fix."""
    return None if fix is None else changed(document.source, offsets(fix, {document.file: document.source}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {licence: mit} # licence\n", "a: {license: mit} # licence\n"),
        ("a:\n  'licence' : mit\n", "a:\n  'license' : mit\n"),
        ('a:\r\n  "licence": mit\r\n', 'a:\r\n  "license": mit\r\n'),
        ("a: {? licence : mit}\n", "a: {? license : mit}\n"),
        ("a: {licence: mit, license: mit}\n", None),
        ("b: &x {licence: mit}\na: *x\n", "b: &x {license: mit}\na: *x\n"),
        ("b: &x {licence: mit}\na: {<<: *x, c: 1}\n", "b: &x {license: mit}\na: {<<: *x, c: 1}\n"),
        ("a: mit\n", None),
    ],
)
def test_a_key_is_renamed_in_its_own_quotes(text, expected):
    document = read(text)
    assert after(document, renamed(document, ("a", "licence"), "license")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: old\n", "a: new\n"),
        ("a: 'old' # old\n", "a: 'new' # old\n"),
        ('a: "old"\n', 'a: "new"\n'),
        ('a: "o\\x6Cd"\n', 'a: "new"\n'),
        ("a: !!str old\n", "a: !!str new\n"),
        ("b: &x old\na: *x\n", None),
        ("a: &x old\nb: *x\n", "a: &x new\nb: *x\n"),
        ("a: |-\n  old\n", None),
        ("a: >-\n  old\n", None),
        ("a: 'old\n\n  and more'\n", None),
        ("a: 7\n", None),
        ("b: old\n", None),
        ("a: [old]\n", None),
    ],
)
def test_a_text_is_rewritten_in_its_own_quotes(text, expected):
    document = read(text)
    assert after(document, rewritten(document, ("a",), "new")) == expected


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(NAMES, NAMES, st.sampled_from(["plain", "single", "double"]))
def test_any_text_in_any_quotes_reads_back(old, new, style):
    written = {
        "plain": "old",
        "single": "'" + "".join(char for char in old if char.isprintable()).replace("'", "''") + "'",
        "double": quoted(old),
    }[style]
    document = read(f"x: 1\na: {written} # end\nb: 2\n")
    text = after(document, rewritten(document, ("a",), new))
    if text is not None:
        assert read(text).value == {"x": 1, "a": new, "b": 2}
        assert text.endswith(" # end\nb: 2\n")
        if new.isascii():
            assert yaml.safe_load(text)["a"] == new


@given(NAMES, NAMES)
def test_any_text_in_json_reads_back(old, new):
    document = read(json.dumps({"x": [1], "a": old, "b": 2}), "json")
    assert json.loads(after(document, rewritten(document, ("a",), new))) == {"x": [1], "a": new, "b": 2}


@pytest.mark.parametrize(
    "word", ["no", "null", "yes", "on", "True", "1.0", "-", "a: b", "a #b", "[a", "~", ""]
)
def test_a_text_that_readers_take_for_something_else_gets_quotes(word):
    document = read("a: old\n")
    text = after(document, rewritten(document, ("a",), word))
    assert yaml.safe_load(text) == read(text).value == {"a": word}
    assert '"' in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [no, x]\n", 'a: ["no", x]\n'),
        ("a: ['no']\n", None),
        ('a: ["no"]\n', None),
        ("a: [0.10]\n", 'a: ["0.10"]\n'),
    ],
)
def test_what_stands_without_quotes_gets_them(text, expected):
    document = read(text)
    assert after(document, quoted_as_printed(document, ("a", 0))) == expected


@pytest.mark.parametrize(
    ("kind", "text", "digits", "expected"),
    [
        ("yaml", "a: '1e-4'\n", "1e-4", "a: 1.0e-4\n"),
        ("yaml", "a: 1e5 # x\n", "1e5", "a: 1.0e+5 # x\n"),
        ("yaml", "a: '10'\n", "10", "a: 10\n"),
        ("yaml", "a: ten\n", "ten", None),
        ("yaml", "a: 10\n", "10", None),
        ("json", '{"a": "1e-4"}', "1e-4", '{"a": 1e-4}'),
        ("json", '{"a": ".5"}', ".5", None),
        ("json", '{"a": "010"}', "010", None),
        ("json", '{"a": "+1"}', "+1", None),
    ],
)
def test_a_number_is_written_as_its_format_has_numbers(kind, text, digits, expected):
    document = read(text, kind)
    assert after(document, number_written(document, ("a",), digits)) == expected


def test_a_word_is_written_without_quotes():
    document = read('{"a": NaN}', "json")
    assert after(document, word_written(document, ("a",), "null")) == '{"a": null}'


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("json", '{"a": {"b": 1}}', '{"a": {"b": 1, "c": "x"}}'),
        (
            "json",
            '{"a": {\r\n  "z": 0,\r\n  "b": 1\r\n}}',
            '{"a": {\r\n  "z": 0,\r\n  "b": 1,\r\n  "c": "x"\r\n}}',
        ),
        ("json", '{"a": {"b": 1, "c": 2}}', None),
        ("yaml", "a: {b: 1, z: 2}\n", 'a: {b: 1, "c": "x", z: 2}\n'),
        ("yaml", "a: {z: 2, # first\n  b: 1}\n", None),
        ("yaml", "a:\n  b: 1\n", None),
    ],
)
def test_an_entry_is_added_in_the_manner_of_its_sibling(kind, text, expected):
    document = read(text, kind)
    assert after(document, added(document, ("a", "b"), "c", "x", "unsafe")) == expected


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("json", '{"a": 1, "a": 1}', '{"a": 1}'),
        ("json", '{"b": {"a": "x",\n "c": 2,\n "a": "x"}}', '{"b": {"c": 2,\n "a": "x"}}'),
        ("json", '{"a": 1, "a": 1.0}', None),
        ("json", '{"a": {"b": [1]}, "a": {"b": [1]}}', '{"a": {"b": [1]}}'),
        ("json", '{"a": {\n}, "a": {\n}}', None),
        ("yaml", "a: 1\na: 1\n", "a: 1\n"),
        ("yaml", "- a: 1\n  a: 1\n", "- a: 1\n"),
        ("yaml", "a: 1\n\nb: 2\na: 1\n", "b: 2\na: 1\n"),
        ("yaml", "{a: 1, a: 1}\n", "{a: 1}\n"),
        ("yaml", "a: 1 # why\na: 1\n", None),
        ("yaml", "a: 1\n# why\na: 1\n", None),
        ("yaml", "a: 1\na: 1.0\n", None),
        ("yaml", "a: 1\na: '1'\n", None),
        ("yaml", "a: &x 1\na: 1\nb: *x\n", None),
        ("yaml", "a:\n  b: 1\na:\n  b: 1\n", None),
        ("yaml", "a:\na:\n", None),
        ("md", "---\na: 1\na: 1\n---\nText\n", "---\na: 1\n---\nText\n"),
    ],
)
def test_of_two_equal_entries_one_is_removed(kind, text, expected):
    document = read(text, kind)
    assert len(document.duplicates) == 1
    assert after(document, without_repetition(document, 0)) == expected


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=2, max_size=8),
    st.lists(st.integers(0, 1), min_size=8),
)
def test_a_repetition_that_is_removed_changes_no_value(keys, values):
    text = (
        json.dumps([0])
        if not keys
        else "{" + ", ".join(f'"{key}": {value}' for key, value in zip(keys, values, strict=False)) + "}"
    )
    document = read(text, "json")
    for number in range(len(document.duplicates)):
        fixed = after(document, without_repetition(document, number))
        if fixed is not None:
            assert json.loads(fixed) == document.value
            assert len(read(fixed, "json").duplicates) == len(document.duplicates) - 1


@pytest.mark.parametrize(
    ("word", "safety"),
    [
        ("TEST", "safe"),
        ("vali-dation", "safe"),
        ("tset", "unsafe"),
        ("validaton", "unsafe"),
        ("dev", None),
        ("", None),
    ],
)
def test_a_known_name_is_meant_surely_or_perhaps(word, safety):
    document = read(f"a: '{word}'\n")
    fix = meant(document, ("a",), ["train", "test", "validation"])
    assert (fix and fix.safety) == safety


def test_where_two_names_are_near_none_is_meant():
    document = read("a: test_c\n")
    assert meant(document, ("a",), ["test_a", "test_b"]) is None


def test_a_place_without_exact_ends_has_no_edit():
    assert renamed(read("# A card\n", "md"), ("licence",), "license") is None
    assert rewritten(read("---\n---\n", "md"), ("licence",), "license") is None
