"""The text of cards: what templates leave, sections by their headings, and where links lead."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.readers.markdown import read_markdown
from auditor.rules.card_body import PLACEHOLDER, has_placeholder
from auditor.rules.card_links import link_to_missing_section, undefined_reference
from auditor.rules.card_sections import empty_section, section_of_few_words, vague_limitation
from auditor.rules.sections import Sections, names, padded

LONG = "A network that tells zeros from ones. " * 8


@pytest.mark.parametrize(
    "text", ["[More Information Needed]", "More information needed", "TODO: write", "Lorem ipsum", "FIXME"]
)
def test_every_placeholder_is_looked_for_by_a_sign_of_it(text):
    assert PLACEHOLDER.search(text)
    assert has_placeholder(text)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", True),
        ("A small model.", True),
        (LONG, False),
        (f"<!-- {LONG} -->", True),
        ("数字を読み取る小さなモデルです。" * 7, False),  # 112 characters that say as much as 224
        (f"<!-- {LONG}", True),
    ],
)
def test_a_card_with_hardly_any_text_is_told(messages, body, told):
    front = "# README.md, whole file\n---\nlicense: apache-2.0\n---\n"
    assert bool(messages("CARD106", f"{front}{body}\n")) is told


def test_what_follows_from_a_card_without_text_is_not_told_too(findings):
    codes = {each.code for each in findings("# README.md, whole file\n---\nlicense: apache-2.0\n---\n# X\n")}
    assert codes == {"CARD106"}


def test_the_trainers_comment_is_one_finding(messages):
    comment = "<!-- This model card has been generated automatically according to the information -->"
    (message,) = messages("CARD105", f"# README.md\n{comment}\n\n<!-- Provide a quick summary of what -->\n")
    assert message == "a comment of the template and 1 more left in the card"


def test_a_comment_in_code_is_no_leftover(messages):
    assert messages("CARD105", "# README.md\n```html\n<!-- Provide a quick summary of x -->\n```\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "```bibtex\n@inproceedings{...,\n  year={2020}\n}\n```",
        "```python\n# You can include sample code which will be formatted\n```",
        "Describe the data you used to train the model.",
    ],
)
def test_what_the_old_template_held_is_found_in_code_too(messages, text):
    assert messages("CARD122", f"# README.md\n{text}\n")


@pytest.mark.parametrize(
    ("heading", "subject"),
    [
        ("Intended uses & limitations", "limitations"),
        ("Bias, Risks, and Limitations", "limitations"),
        ("Out-of-Scope Use", "out of scope"),
        ("Training Hyperparameters", "training procedure"),
        ("Fine-tuning details", "training procedure"),
        ("How to Get Started with the Model", "intended use"),
        ("Verwendung", "intended use"),
        ("使用方法", "intended use"),
        ("Einschränkungen und Risiken", "limitations"),
        ("局限性", "limitations"),
        ("Données d'entraînement", "training data"),
        ("Evaluación", "evaluation"),
        ("Результаты", "evaluation"),
        ("학습 데이터", "training data"),
        ("CO₂ emissions", "environment"),
        ("BibTeX entry and citation info", "citation"),
    ],
)
def test_headings_name_their_subjects_in_many_words_and_languages(heading, subject):
    assert names(padded(heading), subject)


@pytest.mark.parametrize(
    ("heading", "subject"), [("Unbiased sampling", "limitations"), ("Overuse", "intended use")]
)
def test_a_wording_counts_from_the_beginning_of_a_word(heading, subject):
    assert not names(padded(heading), subject)


@pytest.mark.parametrize("line", ["**Limitations:** few", "- **Limitations** few", "<h3>Limitations</h3>"])
def test_a_line_in_bold_letters_stands_for_a_heading(line):
    card = read_markdown("README.md", f"# A\n\n{line}\n")
    assert Sections(card, padded("A")).has("limitations")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("None known.", True),
        ("See [the paper](https://x.y).", False),
        ("SQuAD 2.0", False),
        ("`wikipedia`", False),
        ("- wikipedia", False),
        ("[More Information Needed]", False),  # CARD101 tells that
        ("<!-- none -->", False),
        ("", False),  # CARD103 tells that
        ("It fails on slanted digits and on letters.", False),
    ],
)
def test_sections_of_few_words_are_told_where_these_say_nothing(text, told):
    card = read_markdown("README.md", f"# A\n\n## Limitations\n\n{text}\n")
    assert bool(list(section_of_few_words(card))) is told


def test_a_limitation_that_is_true_of_every_model_is_told_unless_more_is_said():
    stock = "# A\n\n## Limitations\n\nThe model may reflect biases of its data.\n"
    assert list(vague_limitation(read_markdown("README.md", stock)))
    more = (
        stock
        + "\nIt fails on slang. It was never tried on speech. Names of women are missed twice as often.\n"
    )
    assert not list(vague_limitation(read_markdown("README.md", more)))


HEADINGS = "# A\n\n## Bias, Risks & Limitations\n\n## 🤗 The [paper](https://x.y) and `code`\n\n<a name='here'></a>\n"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("#bias-risks--limitations", False),
        ("#Bias,-Risks-&-Limitations", False),
        ("#-the-paper-and-code", False),
        ("#here", False),
        ("#top", False),
        ("#", False),
        ("#user-content-here", False),
        ("#bias-risks--limitations-1", False),
        ("#citation", True),
        ("#b%C3%AFas", True),
    ],
)
def test_links_within_the_card_lead_to_headings_and_anchors(target, told):
    card = read_markdown("README.md", f"{HEADINGS}\nSee [this]({target}).\n")
    assert bool(list(link_to_missing_section(card))) is told


def test_links_to_one_missing_section_are_one_finding():
    card = read_markdown("README.md", "# A\n\n[x](#y), [again](#y) and [other](#z)\n")
    assert [len(fault.places) for fault in link_to_missing_section(card)] == [2, 1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("See [the paper][p].", True),
        ("See [the paper][P].\n\n[p]: https://x.y", False),
        ("See [the paper][].", True),
        ("Inputs are [CLS][SEP].", False),
        ("`row [some words][label]` of it", False),
        ("x[i][j] and data[row][column]", False),
        ("as shown [in][1]", False),
        ("$a [some][label]$", False),
        ("```\n[the paper][p]\n```", False),
        ("| [a b][c] |\n|---|\n\n[c]: x", False),
    ],
)
def test_links_by_reference_want_a_definition(text, told):
    card = read_markdown("README.md", f"# A\n\n{text}\n")
    assert bool(list(undefined_reference(card))) is told


@pytest.mark.parametrize(
    "line", ["[a b][c] ", "# a\n", "<!-- Provide a ", "**a** ", "[x](#y) ", "```\nx\n```\n", "<h1>a", "- **"]
)
def test_the_time_of_the_rules_on_text_is_linear(line):
    rules = [
        link_to_missing_section,
        undefined_reference,
        empty_section,
        section_of_few_words,
        vague_limitation,
    ]

    def cost(size):
        card = read_markdown("README.md", line * (size // len(line)))
        begin = time.process_time()
        for rule in rules:
            for _ in rule(card):
                pass
        Sections(card, "").has("evaluation")
        return time.process_time() - begin

    small = max(cost(20_000), 0.002)
    assert cost(200_000) < 40 * small


REAL = """\
---
license: mit
base_model: google-bert/bert-base-uncased
model-index:
- name: bert-finetuned
---
<!-- Provide a quick summary of x -->
# bert-finetuned

**Limitations:** it [fails][f] on `a[b][c]` and [below](#uses).

## Uses

| Task | Accuracy |
|---|---|
| a | 0.9 |

```python
>>> model = AutoModel.from_pretrained("a/b")
```

```json
{"a": 1}
```

[f]: https://x.y
"""


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(REAL)),
            st.integers(0, 12),
            st.sampled_from(
                ["", "#", "[", "](", "```", "\r", "<!--", "**", "|", "\0", "😀", "\t", "\u2028", "'"]
            ),
        ),
        max_size=6,
    )
)
def test_a_damaged_card_gives_findings_and_no_traceback(tmp_path_factory, changes):
    text = REAL
    for start, length, new in changes:
        text = text[:start] + new + text[start + length :]
    folder = tmp_path_factory.mktemp("card")
    (folder / "README.md").write_text(text, encoding="utf-8", newline="")
    settings_ = Settings(("CARD", "LIC"), profile="audit")
    assert check(Bundle.open(folder), settings_, isolate=False).outcomes
