import re
from dataclasses import replace
from urllib.parse import unquote

import pytest

from auditor.model import Place, Span
from auditor.report import github
from tests.report.conftest import finding

COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^,:\n]*,?)*)::(.*)")


def commands(result, **options):
    """Each annotation as level, properties and message, read back as the runner does."""
    told = []
    for line in github.render(result, **options).splitlines():
        match = COMMAND.fullmatch(line)
        if match:
            properties = dict(word.split("=", 1) for word in match[2].split(","))
            told.append(
                (match[1], {key: unquote(value) for key, value in properties.items()}, unquote(match[3]))
            )
    return told


def many(number, level="error", code="LIC901", files=3):
    spans = [Span(f"f{at % files}.yaml", at + 1, 1, at + 1, 4) for at in range(number)]
    made = [finding(code, f"fault {at}", [Place(span.file)], [span]) for at, span in enumerate(spans)]
    return tuple(replace(one, level=level) for one in made)


def test_the_report_is_the_golden_one(result, golden):
    golden("check.github.txt", github.render(result, root="examples/digits/"))


def test_an_annotation_stands_on_its_line(result):
    level, properties, message = commands(result, root="a/")[0]
    assert level == "error"
    assert properties == {
        "file": "a/README.md",
        "line": "6",
        "endLine": "6",
        "col": "31",
        "endColumn": "35",
        "title": "MET901 number-is-text",
    }
    assert message == "a/README.md:6:31: `value` is text, and another file has 0.89\nhelp: write `1.0e-1`"


def test_the_levels_are_the_same_as_everywhere(result):
    assert [level for level, _, _ in commands(result)] == ["error", "warning", "notice"]


def test_columns_are_given_within_one_line_only(result):
    long = replace(result, findings=(replace(result.findings[0], spans=(Span("a", 1, 5, 3, 2),)),))
    ((_, properties, _),) = commands(long)
    assert properties == {"file": "a", "line": "1", "endLine": "3", "title": "MET901 number-is-text"}


def test_a_finding_on_the_whole_bundle_names_no_file(result):
    whole = replace(result, findings=(finding("LIC901", "none", [Place(".")], [Span(".")]),))
    assert commands(whole)[0][1] == {"title": "LIC901 licence-missing"}


@pytest.mark.parametrize(
    "name", ["a,line=9::b", "a%0Ab", "100%.yaml", "::error::x", "a\nb", "a\r::set-output name=x::y"]
)
def test_no_name_leaves_its_property(result, name):
    odd = replace(result, findings=(finding("LIC901", f"`{name}`", [Place(name)], [Span(name)]),))
    printed = github.render(odd).splitlines()
    assert sum(line.lstrip().startswith("::") for line in printed) == 1
    ((_, properties, _),) = commands(odd)
    assert properties["title"] == "LIC901 licence-missing"
    assert properties["file"] == name.replace("\n", "\\n").replace("\r", "\\x0d")


@pytest.mark.parametrize(("number", "shown"), [(9, 9), (10, 10), (11, 10), (5_000, 10)])
def test_of_each_level_as_many_are_sent_as_are_shown(result, number, shown):
    findings = (*many(number), *many(number, "warning"))
    told = commands(replace(result, findings=findings))
    assert [level for level, _, _ in told] == ["error"] * shown + ["warning"] * shown


def test_the_tenth_says_how_many_more_there_are(result):
    told = commands(replace(result, findings=many(33)))
    assert told[-1][1] == {"title": "24 more errors"}
    assert told[-1][2].startswith("and 24 more errors: see the summary")


def test_what_is_not_sent_stands_in_the_log(result):
    printed = github.render(replace(result, findings=many(33))).splitlines()
    start, end = printed.index("::group::Every finding"), printed.index("::endgroup::")
    assert end - start - 1 == 33


def test_one_of_each_rule_and_file_comes_first(result):
    findings = (*many(20, files=1), *many(3, code="MET901", files=3))
    told = commands(replace(result, findings=findings))
    assert [properties["file"] for _, properties, _ in told[:4]] == [
        "f0.yaml",
        "f0.yaml",
        "f1.yaml",
        "f2.yaml",
    ]


def test_a_clean_bundle_has_no_annotation(clean):
    assert github.render(clean) == "digits: nothing found (2 rules: 1 passed, 1 not applicable)\n"


def test_a_claim_that_was_not_reproduced_is_an_annotation(clean, reproduction):
    told = commands(clean, reproduction=reproduction)
    assert [(level, properties["title"]) for level, properties, _ in told] == [
        ("error", "VER001 claim-not-reproduced"),
        ("notice", "VER002 claim-inconclusive"),
    ]
