from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from auditor.model import Ignored, Place, Span
from auditor.report import markdown
from tests.report.conftest import finding

PARSER = MarkdownIt("commonmark").enable("table")


def rows(text):
    """The cells of every row of every table, heads among them."""
    told, row = [], []
    for token in PARSER.parse(text):
        if token.type == "tr_open":
            row = []
        elif token.type == "inline" and token.level > 3:
            row.append(token.content)
        elif token.type == "tr_close":
            told.append(row)
    return told


def many(number):
    return tuple(
        finding(
            "LIC901" if at % 2 else "SEC901",
            f"fault {at}",
            [Place("f.yaml")],
            [Span("f.yaml", at + 1, 1, at + 1, 2)],
        )
        for at in range(number)
    )


def test_the_report_is_the_golden_one(result, golden):
    golden("check.md", markdown.render(result, root="examples/digits/"))


def test_the_report_of_a_reproduction_is_the_golden_one(clean, reproduction, golden):
    golden("reproduce.md", markdown.render(clean, reproduction))


def test_what_is_ignored_is_the_golden_report(ignoring, golden):
    golden("ignoring.md", markdown.render(ignoring))


def test_a_finding_is_a_row(result):
    assert rows(markdown.render(result, root="a/"))[:2] == [
        ["level", "rule", "where", "what"],
        [
            "error",
            "MET901 [*] number-is-text",
            "`a/README.md:6:31`",
            "`value` is text, and another file has 0.89<br>help: write `1.0e-1`",
        ],
    ]


def test_errors_come_first(result):
    told = rows(markdown.render(replace(result, findings=result.findings[::-1])))
    assert [row[0] for row in told[1:4]] == ["error", "warning", "note"]


def test_a_clean_bundle_says_so(clean):
    assert markdown.render(clean) == (
        "### fmaudit: `digits`: nothing found\n\n2 rules: 1 passed, 1 not applicable.\n"
    )


def test_an_ignored_finding_is_listed_and_notifies_nobody(ignoring):
    text = markdown.render(ignoring)
    assert "<details><summary>2 findings ignored</summary>" in text
    assert ["WGT901", "`model.safetensors`", "entry", "no end", "by `<design>` of `@somebody`"] in rows(text)
    assert "In the baseline: 1 finding: SEC901 1." in text
    assert "Audit: 2 ignores of `<the release>`." in text


def test_a_bundle_cannot_plant_a_link_or_a_picture(result):
    name = "x](https://evil.example)![p](https://evil.example/p.png)<img src=//evil.example>.txt"
    odd = finding("SEC901", f"`{name}` {name}", [Place(name)], [Span(name)], advice=name)
    text = markdown.render(replace(result, bundle=name, findings=(odd,)), root=f"{name}/")
    kinds = {child.type for token in PARSER.parse(text) for child in token.children or ()}
    assert kinds == {"text", "code_inline", "html_inline"}
    html = {c.content for t in PARSER.parse(text) for c in t.children or () if c.type == "html_inline"}
    assert html == {"<br>"}
    assert {t.content.strip().split("\n")[0] for t in PARSER.parse(text) if t.type == "html_block"} == {
        "<details><summary>2 rules not checked</summary>",
        "</details>",
    }


@pytest.mark.parametrize("limit", [2_000, 10_000, markdown.MAX_BYTES])
def test_what_does_not_fit_is_counted_and_errors_go_last(result, limit):
    text = markdown.render(replace(result, findings=many(5_000)), max_bytes=limit)
    assert len(text.encode()) <= limit
    told = [row for row in rows(text) if row[0] in ("error", "note")]
    assert {row[0] for row in told} == {"error"}
    assert f"**{5_000 - len(told)} more did not fit here.**" in text
    assert "2500 errors, 2500 notes" in text


def test_ignored_findings_that_do_not_fit_are_counted_too(result):
    ignored = tuple(Ignored(one, "entry", "x" * 500, "", Span("fmaudit.yaml", 1)) for one in many(1_000))
    text = markdown.render(replace(result, findings=(), ignored=ignored))
    assert len(text.encode()) <= markdown.MAX_BYTES
    assert "more did not fit here.**" in text
    assert text.count("<details>") == text.count("</details>") == 2


def test_one_huge_row_leaves_the_counts_standing(result):
    huge = replace(result.findings[0], message="数" * 40_000)
    text = markdown.render(replace(result, findings=(huge,)))
    assert "**1 more did not fit here.**" in text
    assert "6 rules: 1 passed" in text
