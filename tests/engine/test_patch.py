"""Changes of a text, and patches that the tools of every system take."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.engine.patch import MAX_COMPARED, Change, Text, changed, offsets, unified
from auditor.model import Edit, Fix, Place, Span

TOOLS = [
    pytest.param(tool, marks=pytest.mark.skipif(shutil.which(tool[0]) is None, reason=f"no {tool[0]} here"))
    for tool in (("patch", "-p1", "--no-backup-if-mismatch"), ("git", "apply", "-"))
]
BY_TOOL = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool[0])
LINES = st.lists(
    st.sampled_from([b"a", b"b", b"c: 1", b"c: 1\r", b"", b"---", b"\xef\xbb\xbfx", b"-", b"\\ x"])
)


def applied(folder, tool, name, before, patch):
    """What the file holds after the tool has applied the patch in the folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(before)
    subprocess.run(
        tool, input=patch, cwd=folder, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin"}
    )
    return path.read_bytes()


@BY_TOOL
@settings(deadline=None, max_examples=25)
@given(LINES, LINES, LINES, st.booleans(), st.booleans())
def test_a_patch_gives_the_same_bytes(tool, tmp_path_factory, one, other, around, cut_before, cut_after):
    before, after = (b"\n".join([*around, *middle, *around, b"z"]) for middle in (one, other))
    before, after = (raw if cut else raw + b"\n" for raw, cut in ((before, cut_before), (after, cut_after)))
    if before != after:
        folder = tmp_path_factory.mktemp("patched")
        assert applied(folder, tool, "a.yaml", before, unified(b"a.yaml", before, after)) == after


@BY_TOOL
@pytest.mark.parametrize("name", ["data/b c.json", 'a"b.yaml', "ä.md", "back\\slash.md", "tab\tin.json"])
def test_odd_names_are_written_as_git_writes_them(tool, tmp_path, name):
    before, after = b"x\ny\n", b"x\nz\n"
    assert applied(tmp_path, tool, name, before, unified(name.encode(), before, after)) == after


@BY_TOOL
def test_distant_changes_are_hunks_of_their_own(tool, tmp_path):
    before = b"".join(b"%d\n" % number for number in range(100))
    after = before.replace(b"\n10\n", b"\nten\n").replace(b"\n90\n", b"\nninety\nor so\n")
    patch = unified(b"a", before, after)
    assert patch.count(b"@@ -") == 2
    assert b"\n@@ -88,7 +88,8 @@\n" in patch
    assert applied(tmp_path, tool, "a", before, patch) == after


@BY_TOOL
def test_far_more_lines_than_can_be_compared_are_one_change(tool, tmp_path):
    lines = [b"same\n"] * (MAX_COMPARED + 10)
    before = b"".join([b"first\n", *lines, b"last\n"])
    after = b"".join([b"1\n", *lines, b"2\n"])
    assert applied(tmp_path, tool, "a", before, unified(b"a", before, after)) == after


def at(*span):
    return Place("a.yaml", span=Span("a.yaml", *span))


def test_edits_become_changes_in_order():
    fix = Fix("two", (Edit(at(2, 3, 2, 4), "B"), Edit(at(1, 1, 1, 3), "")))
    assert offsets(fix, {"a.yaml": "ab\ncdef\n"}) == (Change("a.yaml", 0, 2, ""), Change("a.yaml", 5, 6, "B"))


def test_a_whole_line_and_the_end_of_the_text_can_be_named():
    fix = Fix("cut", (Edit(at(2, 1, 3, 1), ""),))
    assert changed("a\r\nb\r\n", offsets(fix, {"a.yaml": "a\r\nb\r\n"})) == "a\r\n"


@pytest.mark.parametrize(
    "span",
    [(0, 0, 0, 0), (9, 1, 9, 2), (1, 9, 1, 10), (2, 1, 1, 1), (2, 0, 2, 1)],
    ids=str,
)
def test_an_edit_outside_the_text_has_no_changes(span):
    fix = Fix("no", (Edit(at(*span), "x"),))
    assert offsets(fix, {"a.yaml": "ab\ncd\n"}) == ()


def test_an_edit_of_a_text_that_is_not_known_has_no_changes():
    assert offsets(Fix("no", (Edit(at(1, 1, 1, 2), "x"),)), {}) == ()


def test_edits_that_overlap_have_no_changes():
    fix = Fix("no", (Edit(at(1, 1, 1, 3), "x"), Edit(at(1, 2, 1, 4), "y")))
    assert offsets(fix, {"a.yaml": "abcd"}) == ()


@given(st.binary(), st.booleans())
def test_text_is_the_same_bytes_again(raw, mark):
    raw = (b"\xef\xbb\xbf" if mark else b"") + raw.decode("utf-8", "ignore").encode()
    assert raw.startswith((b"\xff\xfe", b"\xfe\xff")) or Text.of("a", raw).raw() == raw


@given(st.text(st.sampled_from("ab\r\n")), st.data())
def test_offsets_are_those_of_the_lines_and_columns_that_readers_give(text, data):
    from auditor.readers.text import Lines

    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    lines = Lines(text)
    span = lines.stretch("a.yaml", start, end)
    found = offsets(Fix("x", (Edit(Place("a.yaml", span=span), "x"),)), {"a.yaml": text})
    inside = [text[offset - 1 : offset + 1] == "\r\n" for offset in (start, end)]
    assert found == (Change("a.yaml", start - inside[0], end - inside[1], "x"),)


def test_a_million_lines_are_placed_quickly():
    text = "a\n" * 1_000_000
    fixes = [Fix("x", (Edit(at(line, 1, line, 2), "b"),)) for line in range(1, 1_000_000, 1000)]
    assert [offsets(fix, {"a.yaml": text})[0].start for fix in fixes] == [
        2 * line for line in range(0, 999_999, 1000)
    ]
