import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.readers import comments
from auditor.readers.comments import MAX_COMMENTS, MAX_LENGTH, find_comments
from auditor.readers.document import Unreadable
from auditor.readers.markdown import read_markdown
from auditor.readers.yaml import read_yaml


def yaml(text):
    return [(found.text, *found.lines) for found in find_comments(read_yaml("a.yaml", text))]


def markdown(text):
    return [(found.text, *found.lines) for found in find_comments(read_markdown("README.md", text))]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a: 1 # fmaudit: x\nb: 2\n", [1]),
        ("# fmaudit: x\na: 1\n", [2]),
        ("a: 1\n\n#fmaudit: x\n# another\n\nb: 2\n", [6]),
        ("a:\n  - # fmaudit: x\n    b: 1\n", [3]),
        ("a: | # fmaudit: x\n  text\n", [1]),
        ("a: !!str # fmaudit: x\n  text\n", [1]),
        ("a: &b # fmaudit: x\n  c: 1\n", [1]),
        ("a: [1, # fmaudit: x\n  2]\n", [1]),
        ("a: 1\n# fmaudit: x", [2]),
        ("a: 1\r\n# fmaudit: x\r\nb: 2\r\n", [3]),
        ("--- # fmaudit: x\na: 1\n", [2]),
        ("a: 1 # because # fmaudit: x\n", [1]),
        ("a: 1 # fmaudit: x", [1]),
        ("# fmaudit: x\n", [1]),
    ],
)
def test_a_yaml_comment_speaks_of_its_line_or_of_the_next_that_holds_anything(text, lines):
    assert yaml(text) == [("x", *lines)]


@pytest.mark.parametrize(
    "text",
    [
        "a: 'x # fmaudit: x'\n",
        'a: "x\n  # fmaudit: x"\n',
        "a: |\n  # fmaudit: x\n",
        "a: >-\n  text\n   # fmaudit: x\n",
        "a: x# fmaudit:x\n",
        "'# fmaudit: x': 1\n",
        "a: 1 #fmaudit x\n",
        "a: 'y'\na: '# fmaudit: x'\n",
    ],
)
def test_what_is_no_yaml_comment_is_not_heard(text):
    assert yaml(text) == []


def test_a_comment_behind_block_text_is_heard():
    assert yaml("a: |\n  # text\n# fmaudit: x\nb: 2\n") == [("x", 4)]


def test_two_comments_above_each_other_speak_of_the_same_line():
    assert yaml("# fmaudit: x\n# fmaudit: y\n\na: 1\n") == [("x", 4), ("y", 4)]


def test_a_comment_knows_where_it_stands():
    (found,) = find_comments(read_yaml("a.yaml", "a: 1  # fmaudit:  ignore \nb: 2\n"))
    span = found.span
    assert (found.text, span.file, span.line, span.column, span.end_column) == ("ignore", "a.yaml", 1, 7, 25)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("---\na: 1 # fmaudit: x\n---\n", [2]),
        ("---\n# fmaudit: x\na: 1\n---\n", [1, 3]),
        ("---\na: 1\n# fmaudit: x\nb: 1\n---\n", [4]),
        ("# Title <!-- fmaudit: x -->\n", [1]),
        ("<!-- fmaudit: x -->\n\n# Title\n", [3]),
        ("<!-- fmaudit: x -->\n<!-- another -->\n", [2]),
        ("<!--\nfmaudit:\nx\n--> # Title\n", [1, 2, 3, 4]),
        ("- <!-- fmaudit: x -->\n- item\n", [2]),
        ("- a\n    - b <!-- fmaudit: x -->\n", [2]),
        ("| a |\n|---|\n| 1 | <!-- fmaudit: x -->\n", [3]),
        ("`code` <!-- fmaudit: x --> `code`\n", [1]),
        ("``` is no fence ``` <!-- fmaudit: x -->\n", [1]),
        ("```\ncode\n```\n<!-- fmaudit: x -->\ntext\n", [5]),
        ("text\n\n<!-- fmaudit: x -->\n", [3]),
    ],
)
def test_a_markdown_comment_speaks_of_its_lines_or_of_the_next_that_holds_anything(text, lines):
    assert markdown(text) == [("x", *lines)]


@pytest.mark.parametrize(
    "text",
    [
        "```\n<!-- fmaudit: x -->\n```\n",
        "~~~yaml\n# fmaudit: x\n<!-- fmaudit: x -->\n",
        "    <!-- fmaudit: x -->\n",
        "\t<!-- fmaudit: x -->\n",
        "write `<!-- fmaudit: x -->` there\n",
        "write `` `<!-- fmaudit: x -->` `` there\n",
        "# fmaudit: x\n",
        "---\na: '<!-- fmaudit: x -->'\n---\n",
        "<!-- -- fmaudit: x -->\n",
    ],
)
def test_what_is_no_markdown_comment_is_not_heard(text):
    assert markdown(text) == []


def test_an_open_comment_and_an_endless_one_cannot_be_read():
    (open_one,) = find_comments(read_markdown("README.md", "<!-- fmaudit: x\n"))
    (endless,) = find_comments(read_yaml("a.yaml", "a: 1 # fmaudit:" + "x" * MAX_LENGTH))
    assert "not closed" in open_one.fault
    assert "more than 2,000 characters" in endless.fault
    assert open_one.lines == endless.lines == ()


@pytest.mark.parametrize(
    "make", [lambda n: "# fmaudit: x\n" * n + "a: 1\n", lambda n: "- 1 # fmaudit: x\n" * n]
)
def test_a_file_is_read_up_to_a_number_of_comments(make):
    assert len(find_comments(read_yaml("a.yaml", make(MAX_COMMENTS)))) == MAX_COMMENTS
    *_, last = found = find_comments(read_yaml("a.yaml", make(MAX_COMMENTS + 5)))
    assert len(found) == MAX_COMMENTS + 1
    assert "more than 1,000 comments" in last.fault


def test_both_loaders_of_pyyaml_agree_on_where_comments_are(monkeypatch):
    import yaml as pyyaml

    from auditor.readers import yaml_tree

    text = 'a: !!str |  # fmaudit: x\n  # fmaudit: y\nb: "# fmaudit: z" # fmaudit: w\n'
    found = yaml(text)
    monkeypatch.setattr(yaml_tree, "LOADER", pyyaml.SafeLoader)
    assert yaml(text) == found == [("x", 1), ("w", 3)]


PIECES = st.lists(
    st.sampled_from(
        [
            *("# fmaudit: x", "<!-- fmaudit: x -->", "<!--", "-->", "```", "~~~", "`", "a: ", "b: 1", "- "),
            *(
                "|",
                ">",
                "'",
                '"',
                "#",
                "\n",
                "\r\n",
                "\r",
                " ",
                "    ",
                "\t",
                "---",
                "[",
                "]",
                "{",
                "}",
                "&a ",
            ),
            *("!!str ", "*a", ":", ",", "é数", "\x85", "\u2028"),
        ]
    ),
    max_size=30,
).map("".join)


@given(PIECES)
def test_the_search_never_raises_and_names_lines_that_exist(text):
    for read in (lambda: read_yaml("a.yaml", text), lambda: read_markdown("README.md", text)):
        try:
            document = read()
        except Unreadable:
            continue
        n_lines = len(comments.split_lines(document.source))
        for found in find_comments(document):
            assert bool(found.lines) != bool(found.fault)
            assert all(1 <= line <= n_lines for line in found.lines)
            assert 1 <= found.span.line <= n_lines


@given(st.text(max_size=60))
def test_the_search_never_raises_on_any_text(text):
    for prefix in ("", "# fmaudit: ", "<!-- fmaudit: ", "---\n# fmaudit: x\n"):
        for read in (read_yaml, read_markdown):
            try:
                find_comments(read("x", prefix + text))
            except Unreadable:
                continue


def test_what_only_looks_like_comments_is_looked_at_up_to_a_number(monkeypatch):
    monkeypatch.setattr(comments, "MAX_LOOKED_AT", 3)
    text = "```\n" + "<!-- fmaudit: x -->\n" * 5 + "```\n"
    (last,) = find_comments(read_markdown("README.md", text))
    assert "more than 3 times" in last.fault
    assert last.span.line == 5
