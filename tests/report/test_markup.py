import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from auditor.report.markup import cell, code, prose

PARSER = MarkdownIt("commonmark").enable("table")
# What GitHub and GitLab make of text that is in no code span, beyond CommonMark: mentions, issues and merge
# requests, labels and milestones, commits, addresses, pictures by name.
SERVICE = re.compile(
    r"@\w|#\w|(?<!\w)[!~%$&^]\w|\b(?=\d*[a-f0-9]{7,}\b)[a-f0-9]+\b|://|\bwww\.|\w\.[a-z]{2,}|:\w+:|GH-\d"
)


def bare(markdown):
    """The text outside of code spans, and the kinds of everything that is more than text."""
    texts, kinds = [], set()
    for token in PARSER.parseInline(markdown)[0].children:
        if token.type == "text":
            texts.append(token.content)
        elif token.type != "code_inline":
            kinds.add(token.type)
    return " ".join(texts), kinds


@pytest.mark.parametrize(
    ("message", "markdown"),
    [
        ("`value` is text, expected a number", "`value` is text, expected a number"),
        ("the card's table says 0.9111", "the card's table says 0.9111"),
        (
            "1591/1750 is 0.9091 (and 3 of its other values)",
            "1591/1750 is 0.9091 (and 3 of its other values)",
        ),
        ("did you mean `license`?", "did you mean `license`?"),
        ("results/runs.json has it", "`results/runs.json` has it"),
        ("see [a link](https://evil.example)", "see `[a link](https://evil.example)`"),
        ("ask @somebody about #12", "ask `@somebody` about `#12`"),
        ("<img src=x> and <b>", "`<img src=x>` and `<b>`"),
        ("*all* of __it__", "`*all*` of `__it__`"),
        ("commit deadbeefcafe is", "commit `deadbeefcafe` is"),
        ("a `quote without its fellow", "``a `quote without its fellow``"),
        ("`a``b`", "`a` `b`"),
        ("`` empty", "empty"),
        ("", ""),
        ("line\nbreak", "`line\\nbreak`"),
        ("数字 é", "数字 é"),
    ],
)
def test_plain_words_stay_and_all_else_is_code(message, markdown):
    assert prose(message) == markdown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("a b", "`a b`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("``x", "``` ``x ```"),
        ("a\x1b", "`a\\x1b`"),
        (" ", ""),
    ],
)
def test_a_code_span_holds_any_text(text, markdown):
    assert code(text) == markdown


def test_a_bar_does_not_end_a_cell():
    (table,) = (
        token for token in PARSER.parse(f"|a|\n|-|\n|{cell(code('x|y'))}|") if token.type == "tbody_open"
    )
    cells = [token for token in PARSER.parse(f"|a|\n|-|\n|{cell(code('x|y'))}|") if token.type == "inline"]
    assert table
    assert cells[-1].children[0].content == "x|y"


hostile = st.text(st.one_of(st.sampled_from(list("`[]()<>!@#:/.*_~|\\&;%$^-= awx12ef")), st.characters()))


@given(hostile)
def test_no_message_becomes_markup_or_a_mention(text):
    outside, kinds = bare(prose(text))
    assert kinds == set()
    assert not SERVICE.search(outside), outside


@given(hostile)
def test_no_name_becomes_markup(text):
    outside, kinds = bare(code(text))
    assert (outside.strip(), kinds) == ("", set())


@given(st.lists(hostile, min_size=1, max_size=4))
def test_no_cell_breaks_its_table(texts):
    row = "|".join(cell(prose(text)) or " " for text in texts)
    heads = "|".join("h" * len(texts))
    tokens = PARSER.parse(f"|{heads}|\n|{'-|' * len(texts)}\n|{row}|\n")
    assert [token.type for token in tokens].count("td_open") == len(texts)
    assert {token.type for token in tokens if token.type.endswith("_open")} == {
        *("table_open", "thead_open", "tr_open", "th_open", "tbody_open", "td_open")
    }
