from auditor.model import Rule
from auditor.report import manual
from tests.report.conftest import RULES


def fenced():
    """One.

    Why: a
    Bad:
        # README.md
        ```python
        x
        ```
    Good:
        # README.md
    Fix: b
    """


def test_the_page_for_the_terminal_is_the_golden_one(golden):
    golden("rule.txt", manual.text(RULES["REC902"]))


def test_the_page_for_the_web_is_the_golden_one(golden):
    golden("rule.md", manual.markdown(RULES["MET901"]))


def test_a_fence_in_an_example_does_not_end_the_example():
    page = manual.markdown(Rule("CARD901", "fenced", "note", "sure", None, ("card",), (), fenced))
    assert "````\n# README.md\n```python\nx\n```\n````" in page


def test_a_page_as_json_has_every_part_of_the_docstring():
    values = manual.values(RULES["MET901"])
    assert values["class"] == "inconsistent"
    assert values["family"] == "metric arithmetic"
    assert values["bad"] == "# README.md\nvalue: 1e-1"
    assert values["source"] == "https://yaml.org/type/float.html"


def test_the_index_has_one_line_a_rule():
    assert manual.index_text(RULES.values()).splitlines()[0] == (
        "MET901  error    number-is-text   A made-up fault, for the tests of the reports."
    )


def test_a_bar_in_a_summary_does_not_break_the_table():
    def barred():
        """Either a | b."""

    rule = Rule("CARD901", "barred", "note", "sure", None, ("card",), (), barred)
    assert manual.index_markdown([rule]).splitlines()[-1] == "| CARD901 | `barred` | note | Either a \\| b. |"
