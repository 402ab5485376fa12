import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model import Place, Span
from auditor.readers.document import MAX_NODES, Unreadable
from auditor.readers.markdown import read_markdown
from tests.readers.marks import met, refusal, underlined

NEARLY_MARKDOWN = st.text(alphabet="#-=|`~<>!-[]()\\: \t\n\rab*1.é\"'/&", max_size=80)
FRONT = "---\nlicense: mit\nmetrics: [accuracy]\n---\n"


def read(text):
    return read_markdown("README.md", text)


def headings(text):
    return [(heading.level, heading.text, heading.line) for heading in read(text).headings]


def links(text):
    return [(link.target, link.text) for link in read(text).links]


def table(text):
    (only,) = read(text).tables
    return [[cell.text for cell in row] for row in (only.header, *only.rows)]


# Front matter


@pytest.mark.parametrize("text", ["", "\n", "# Title\n", " ---\na: 1\n---\n", "----\na: 1\n---\n"])
def test_without_front_matter_the_value_is_empty(text):
    document = read(text)
    assert (document.value, document.front, document.body_line) == ({}, None, 1)


def test_the_front_matter_is_the_value():
    document = read(FRONT + "# Title\n")
    assert document.value == {"license": "mit", "metrics": ["accuracy"]}
    assert document.body_line == 5


@pytest.mark.parametrize("text", ["---\n---\n", "---\n# nothing\n---\nbody", "---\n\n---"])
def test_empty_front_matter_is_an_empty_mapping(text):
    document = read(text)
    assert document.value == {}
    assert document.front is not None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_front_matter_is_located_in_the_file(end):
    document = read(f"---  {end}a: é{end}b:{end}  c: 语 1{end}---\t{end}{end}# T{end}")
    assert document.locate(document.at("b", "c")) == Span("README.md", 4, 6, 4, 9)
    assert document.locate(document.key("a")) == Span("README.md", 2, 1, 2, 2)
    assert (document.body_line, document.headings[0].line) == (6, 7)


def test_what_the_front_matter_lacks_is_placed_at_its_opening():
    document = read(FRONT)
    assert document.locate(document.at("tags", 0)) == Span("README.md", 1, 1, 1, 4)
    assert document.locate(document.at()) == Span("README.md", 1, 1, 1, 4)


def test_without_front_matter_the_first_line_is_the_place():
    assert read("# Title\n").locate(Place("README.md", ("license",))) == Span("README.md", 1, 1, 1, 8)
    assert read("").locate(Place("README.md")) == Span("README.md", 1, 1, 1, 1)


def test_printed_and_plain_are_those_of_the_front_matter():
    document = read("---\nv: 0.9750\n---\n")
    assert (document.printed("v"), document.plain("v")) == ("0.9750", True)
    assert (read("").printed("v"), read("").plain("v")) == (None, False)


def test_repeated_keys_are_placed_in_the_file():
    (place,) = read("---\na: 1\na: 2\n---\n").duplicates
    assert place == Place("README.md", ("a",), "key", "first set on line 2", Span("README.md", 3, 1, 3, 2))


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("---\na: 1\n", 1, 1, "the front matter that starts here has no closing `---`"),
        ("---", 1, 1, "the front matter that starts here has no closing `---`"),
        ("---\na: 1\n --- \n", 1, 1, "the front matter that starts here has no closing `---`"),
        ("---\na:\n\tb: 1\n---\n", 3, 1, "a tab is used for indentation"),
        ("---\r\na: b: c\r\n---\r\n", 2, 5, "`:` is not expected here"),
        ("---\n- a\n---\n", 2, 1, "the front matter is a list, not a mapping"),
        ("---\njust text\n---\n", 2, 1, "the front matter is a scalar, not a mapping"),
    ],
)
def test_broken_front_matter_is_refused_at_its_place(text, line, column, what):
    assert met(read_markdown, text) == (line, column, what)


# Headings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n", [(1, "A", 1)]),
        ("###### A ##\n", [(6, "A", 1)]),
        ("# A#\n", [(1, "A#", 1)]),
        ("#\tA\n", [(1, "A", 1)]),
        ("## ##\n#\n", [(2, "", 1), (1, "", 2)]),
        ("   # A\n", [(1, "A", 1)]),
        ("    # code\n", []),
        ("#tag\n####### seven\n\\# no\n", []),
        ("A\n===\n", [(1, "A", 1)]),
        ("A\nB  \n--\n", [(2, "A B", 1)]),
        ("\n---\n", []),
        ("- a\n---\n", []),
        ("> a\n---\n", []),
        ("a\n\n---\n", []),
        ("text\n# A\nmore\n", [(1, "A", 2)]),
        ("<!-- # no\n# no\n-->\n# A\n", [(1, "A", 4)]),
        ("<!-- # no -->\n# A\n", [(1, "A", 2)]),
        ("```\n# no\n```\n# A\n", [(1, "A", 4)]),
    ],
)
def test_headings_are_found(text, expected):
    assert headings(text) == expected


def test_a_heading_is_underlined_without_its_indentation():
    text = FRONT + "  ## Usé\n"
    assert underlined(text, read(text).headings[0].span) == "## Usé"


def test_a_section_ends_at_the_next_heading_of_its_level():
    text = "intro\n# A\na\n## B\nb\n### C\n# D\n"
    assert [(heading.text, body) for heading, body in read(text).sections()] == [
        ("A", "a\n## B\nb\n### C\n"),
        ("B", "b\n### C\n"),
        ("C", ""),
        ("D", ""),
    ]


def test_a_section_begins_after_the_underline():
    assert [body for _, body in read("A\r\n---\r\na\r\n").sections()] == ["a\r\n"]


# Fenced code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python x\na\n```\n", [("python", "a\n", 1)]),
        ("~~~\na\n```\n~~~~\n", [("", "a\n```\n", 1)]),
        ("````\n```\n````\n", [("", "```\n", 1)]),
        ("```\n```\n", [("", "", 1)]),
        ("```\na", [("", "a", 1)]),
        ("```", [("", "", 1)]),
        ("``` no ` info\n", []),
        ("text ```\n", []),
        ("- a\n\n  ```sh\n  ls\n  ```\n", [("sh", "  ls\n", 3)]),
        ("1. ```sh\n   ls\n   ```\n", [("sh", "   ls\n", 1)]),
        ("> ```\n> a\n> ```\n", [("", "> a\n", 1)]),
        ("```\r\n\r\na\r\n```\r\n", [("", "\r\na\r\n", 1)]),
        ("<!--\n```\n-->\n", []),
    ],
)
def test_fenced_code_is_found(text, expected):
    assert [(fence.language, fence.text, fence.line) for fence in read(text).fences] == expected


# Tables


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| a | b |\n|---|:-:|\n| 1 | 2 |\n", [["a", "b"], ["1", "2"]]),
        ("a | b\n- | -\n1 | 2\n", [["a", "b"], ["1", "2"]]),
        ("| a |\n| - |\n| 1 | 2 |\n|\n", [["a"], ["1"], [""]]),
        ("|a|b|\n|-|-|\n|1|\n", [["a", "b"], ["1", ""]]),
        ("|a|b|\n|-|-|\n| x\\|y | `z` |\n", [["a", "b"], ["x|y", "`z`"]]),
        ("text\n|a|b|\n|-|-|\n", [["a", "b"]]),
        ("|a|b|\n|-|-|\n|1|2|\n\n|3|4|\n", [["a", "b"], ["1", "2"]]),
        ("|a|b|\n|-|-|\n|1|2|\n# H\n", [["a", "b"], ["1", "2"]]),
        ("|a|b|\n|-|-|\n|1|2|\n> q\n", [["a", "b"], ["1", "2"]]),
        ("- a\n\n  | a | b |\n  |---|---|\n  | 1 | 2 |\n", [["a", "b"], ["1", "2"]]),
        ("|a||\n|-|-|\n||2|\n", [["a", ""], ["", "2"]]),
    ],
)
def test_a_table_is_found(text, expected):
    assert table(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n|---|\n",
        "|---|---|\n",
        "| a |\n\n|---|\n",
        "a\n---\n",
        "```\n|a|\n|-|\n```\n",
        "|a|\n|-x|\n",
        "    |a|\n    |-|\n",
    ],
)
def test_what_is_no_table_is_none(text):
    assert read(text).tables == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_cells_are_underlined_without_blanks(end):
    text = FRONT.replace("\n", end) + f"| métric | 语 |{end}|---|---|{end}|\t**0.975** |{end}"
    (found,) = read(text).tables
    assert found.line == 5
    assert [underlined(text, cell.span) for row in (found.header, *found.rows) for cell in row] == [
        "métric",
        "语",
        "**0.975**",
        "",
    ]


# Links


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](b.md)", [("b.md", "a")]),
        ('![a b](<c d.png> "title")', [("c d.png", "a b")]),
        ("[a](b 'x')[c](d)", [("b", "a"), ("d", "c")]),
        ("[a](https://x/y_(z))", [("https://x/y_(z)", "a")]),
        ("[![alt](i.svg)](t)", [("i.svg", "alt"), ("t", "![alt](i.svg)")]),
        ("[a]()", [("", "a")]),
        ("[over\nlines](t)", [("t", "over\nlines")]),
        ("[`a]`](t)", [("t", "`a]`")]),
        ("# [a](t)\n", [("t", "a")]),
        ("|[a](t)|\n|-|\n", [("t", "a")]),
        ("> - [a](t)\n", [("t", "a")]),
        ("[a]: t.md 'x'\n[b]: <u>\n", [("t.md", "a"), ("u", "b")]),
        ("<https://x.org/y> <mailto:a@b>", [("https://x.org/y", ""), ("mailto:a@b", "")]),
        ("<img alt='x' src=\"i.png\"><a href='t'>", [("i.png", ""), ("t", "")]),
        ("- a\n\n    [b](t)\n", [("t", "b")]),
        ("`[a](b)` ``[c] ` (d)``", []),
        ("`[a](b)", [("b", "a")]),
        ("\\[a](b) \\`[c](d)`", [("d", "c")]),
        ("[a] (b) [c] [^1]: d", []),
        ("[a\n\nb](c)", []),
        ("<!-- [a](b) --> [c](d)", []),
        ("x <!-- [a](b) --> [c](d)", [("d", "c")]),
        ("```\n[a](b)\n```\n", []),
        ("    [a](b)\n", []),
    ],
)
def test_links_are_found(text, expected):
    assert links(text) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_target_of_a_link_is_underlined(end):
    text = f"# 😀{end}{end}é [a](b.md){end}[c](<d e>){end}"
    document = read(text)
    assert [underlined(text, link.span) for link in document.links] == ["b.md", "d e"]
    assert document.links[0].span.line == 3


def test_a_stretch_of_the_body_has_a_place():
    document = read("[a](b)")
    place = document.place(document.links[0].span, "here")
    assert document.locate(place) == Span("README.md", 1, 5, 1, 6)
    assert (place.file, place.label) == ("README.md", "here")


# Anything


@given(st.text() | NEARLY_MARKDOWN, st.booleans())
def test_any_text_is_read_or_refused(body, with_front):
    text = FRONT + body if with_front else body
    try:
        document = read(text)
    except Unreadable:
        assert text.startswith("---")
        return
    cells = [cell for found in document.tables for row in (found.header, *found.rows) for cell in row]
    for cell in cells:
        assert underlined(text, cell.span).replace("\\|", "|") == cell.text
    for link in document.links:
        assert link.target.startswith(underlined(text, link.span))
    for heading in document.headings:
        assert underlined(text, heading.span)
    assert all(len(row) == len(found.header) for found in document.tables for row in found.rows)
    assert len(list(document.sections())) == len(document.headings)


@given(NEARLY_MARKDOWN.map(lambda text: text.replace("\r", "")))
def test_line_ends_do_not_change_what_is_found(text):
    text = "\n" + text
    unix, windows = read(text), read(text.replace("\n", "\r\n"))
    assert windows.headings == unix.headings
    assert windows.tables == unix.tables
    assert [(fence.language, fence.line) for fence in windows.fences] == [
        (f.language, f.line) for f in unix.fences
    ]
    assert [link.span for link in windows.links] == [link.span for link in unix.links]


# Bounds


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5_000_000,
        "[a](" * 1_000_000,
        "![" * 2_000_000,
        "[" + "[a]" * 1_000_000,
        "".join("`" * length + " " for length in range(1, 3000)),
        "x <!--" * 500_000,
        "<a href" * 500_000,
        "# a" + " " * 5_000_000 + "x",
        "\n" * 5_000_000,
        " " * 5_000_000 + "\n",
        "|" * 5_000_000 + "\n" + "|" * 1_000_000,
        "- " * 2_000_000,
    ],
    ids=lambda text: text[:8].strip() or "blanks",
)
def test_megabytes_of_openings_are_read_in_one_pass(text):
    assert len(read(text).links) == 0


def test_short_rows_under_a_wide_header_are_counted_as_shown():
    text = "|a" * 5000 + "\n" + "|-" * 5000 + "\n" + "x\n" * 1000
    assert refusal(read_markdown, "a", text).what == (
        f"the body holds more than {MAX_NODES:,} headings, cells, fences and links"
    )


def test_ten_megabytes_are_read():
    line = "plain words of a card that go on and on " * 3
    text = FRONT + f"## Part\n\n{line}\n{line}\n\n" * 40_000 + "[a](b)\n"
    assert len(text) > 9_900_000
    document = read(text)
    assert len(document.headings) == 40_000
    assert document.links[0].span.line == 200_005
