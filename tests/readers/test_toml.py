import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model import Place
from auditor.readers.document import Unreadable
from auditor.readers.toml import read_toml

TEXT = """\
# [tool.fmaudit] in a comment
title = "[tool.fmaudit]" # and in text
[tool.fmaudit]
fail-on = 'warning'
"select" = [
  "MET", # a comment, with a comma
  'CARD',
]
per-file = { "docs/*" = ["CARD101"], x.y = 1 }
until = 2026-12-31
at = 2026-12-31 07:32:00
long = \"""
a [b] = "c"
""\"""
[[tool.fmaudit.ignores]]
rule = "A"
[[tool.fmaudit.ignores]]
rule = "B"
[tool.fmaudit.ignores.deep]
k = 1
[tool]
other.fine = true
"""


def span(path, on="value", text=TEXT):
    found = read_toml("p", text).locate(Place("p", path, on))
    return found.line, found.column, text.split("\n")[found.line - 1][found.column - 1 : found.end_column - 1]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("title",), (2, 9, '"[tool.fmaudit]"')),
        (("tool", "fmaudit", "fail-on"), (4, 11, "'warning'")),
        (("tool", "fmaudit", "select", 1), (7, 3, "'CARD'")),
        (("tool", "fmaudit", "per-file", "docs/*", 0), (9, 26, '"CARD101"')),
        (("tool", "fmaudit", "per-file", "x", "y"), (9, 44, "1")),
        (("tool", "fmaudit", "until"), (10, 9, "2026-12-31")),
        (("tool", "fmaudit", "at"), (11, 6, "2026-12-31 07:32:00")),
        (("tool", "fmaudit", "ignores", 0, "rule"), (16, 8, '"A"')),
        (("tool", "fmaudit", "ignores", 1, "rule"), (18, 8, '"B"')),
        (("tool", "fmaudit", "ignores", 1, "deep", "k"), (20, 5, "1")),
        (("tool", "other", "fine"), (22, 14, "true")),
        (("tool", "fmaudit", "ignores", 0, "reason"), (15, 1, "[[tool.fmaudit.ignores]]")),
    ],
)
def test_a_value_is_found_where_it_stands(path, expected):
    assert span(path) == expected


def test_a_key_is_found_where_it_stands():
    assert span(("tool", "fmaudit", "select"), "key") == (5, 1, '"select"')


def test_a_table_is_a_document_of_its_own():
    table = read_toml("p", TEXT).table("tool", "fmaudit")
    assert table.get("fail-on") == "warning"
    assert table.locate(table.at("fail-on")).line == 4
    assert read_toml("p", TEXT).table("title") is None


def test_dates_are_text():
    document = read_toml("p", TEXT)
    assert document.get("tool", "fmaudit", "until") == "2026-12-31"
    assert document.printed("tool", "fmaudit", "long") == 'a [b] = "c"\n""'


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a = ", 1, 5), ("a = 1\nb = = 2\n", 2, 5), ("[a]\n[a]\n", 2, 3), ('a = "x\n', 1, 7)],
)
def test_a_syntax_error_says_where(text, line, column):
    with pytest.raises(Unreadable) as caught:
        read_toml("p", text)
    assert (caught.value.span.line, caught.value.span.column) == (line, column)
    assert "(at" not in caught.value.what


def test_deep_nesting_is_refused():
    with pytest.raises(Unreadable):
        read_toml("p", "a = " + "[" * 20_000 + "]" * 20_000)


@pytest.mark.parametrize("text", ["", "\ufeff", "a=1\r\n[b]\r\nc=2\r\n", "a.b.c=1\n[a.d]\nx=[[1,[2]],{y=3}]"])
def test_small_and_odd_texts(text):
    try:
        assert read_toml("p", text).value == tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        pytest.fail("read, and not TOML")
    except Unreadable:
        with pytest.raises(tomllib.TOMLDecodeError):
            tomllib.loads(text)


_word = st.text("ab'\"\\#=[]{},. é", max_size=4)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(st.dictionaries(_word, st.dictionaries(_word, st.lists(_word, max_size=3), max_size=3), max_size=3))
def test_every_value_of_a_document_is_found(tables):
    text = "".join(
        f"[{quoted(name)}] # [x]\n"
        + "".join(f"{quoted(key)} = [{', '.join(map(quoted, words))}]\n" for key, words in table.items())
        for name, table in tables.items()
    )
    document = read_toml("p", text)
    assert document.value == tables
    for name, table in tables.items():
        for key, words in table.items():
            for index, word in enumerate(words):
                assert document.printed(name, key, index) == word
                where = document.locate(document.at(name, key, index))
                line = text.split("\n")[where.line - 1]
                assert line[where.column - 1 : where.end_column - 1] == quoted(word)


@given(st.text("a=[]{}\"'\n#.,1 \\", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        document = read_toml("p", text)
    except Unreadable:
        return
    for path, value in document.scalars():
        if not isinstance(value, dict | list):
            document.locate(document.at(*path))
