import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.formats.baseline import Known, baseline_text, read_baseline
from auditor.readers.document import Unreadable

ONE = Known("0123456789abcdef:1", "CARD101", "README.md", "no licence")
TWO = Known("0123456789abcdef:2", "CARD101", "README.md", "no licence")


def test_each_finding_stands_on_a_line_of_its_own_in_order():
    assert baseline_text([TWO, ONE, ONE]).splitlines() == [
        "{",
        '  "version": 1,',
        '  "findings": [',
        '    {"id": "0123456789abcdef:1", "code": "CARD101", "file": "README.md", "message": "no licence"},',
        '    {"id": "0123456789abcdef:2", "code": "CARD101", "file": "README.md", "message": "no licence"}',
        "  ]",
        "}",
    ]


def test_an_empty_baseline_is_one():
    assert read_baseline("b", baseline_text([])) == ()


@given(
    st.lists(
        st.builds(
            Known, st.from_regex(r"[0-9a-f]{16}:[1-9]", fullmatch=True), st.text(), st.text(), st.text()
        )
    )
)
def test_what_is_written_is_read_again(known):
    text = baseline_text(known)
    assert text.isascii()
    assert all(char == "\n" or char.isprintable() for char in text)
    read = read_baseline("b", text)
    assert {(k.id, k.code, k.file, k.message) for k in read} == {
        (k.id, k.code, k.file, k.message) for k in known
    }
    assert [one.line for one in read] == list(range(4, 4 + len(read)))


@pytest.mark.parametrize(
    ("value", "what", "line"),
    [
        ([], "no baseline of fmaudit", 1),
        ({"version": 1}, "no baseline of fmaudit", 1),
        ({"version": 2, "findings": []}, "`version` is 2, expected 1", 2),
        ({"version": True, "findings": []}, "`version` is true", 2),
        ({"version": 1, "findings": {}}, "not a list", 3),
        ({"version": 1, "findings": [1]}, "`id` must be text", 4),
        ({"version": 1, "findings": [{"id": "x", "code": "", "file": "", "message": ""}]}, "no identity", 5),
        ({"version": 1, "findings": [{"id": "0" * 16 + ":1", "code": "", "file": 3}]}, "`file` must be", 7),
    ],
)
def test_what_is_no_baseline_says_where(value, what, line):
    with pytest.raises(Unreadable) as caught:
        read_baseline("b", json.dumps(value, indent=2))
    assert what in caught.value.what
    assert caught.value.span.line == line


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["version", "findings", "id", "code", "file", "message"]), inner)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_any_json_is_read_or_refused(value):
    with suppress(Unreadable):
        read_baseline("b", json.dumps(value))
