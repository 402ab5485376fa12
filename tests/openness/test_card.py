"""The card without what nobody wrote: placeholders, comments, and the sentences of templates."""

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.openness.assessment import assess, coverage
from auditor.openness.card import _without_placeholders, card_text
from auditor.openness.evidence import collect

TEMPLATE = """---
license: mit
---
# Model Card for Model ID

<!-- Provide a quick summary of what the model is/does. -->

This is the model card of a 🤗 transformers model that has been pushed on the Hub. It was generated.

- **Developed by:** [More Information Needed]
- **Hours used:** [More Information Needed]
- **Cloud Provider:** {{ cloud | default("[More Information Needed]", true) }}

## Bias, Risks, and Limitations

[More Information Needed]

### Recommendations

Users (both direct and downstream) should be made aware of the risks, biases and limitations of the model.
More information needed for further recommendations.

## Environmental Impact

Carbon emissions can be estimated using the [Machine Learning Impact calculator](https://mlco2.github.io/impact).

### Model Architecture and Objective

[More Information Needed]
"""


def test_a_template_that_nobody_filled_in_discloses_nothing(bundle):
    made = bundle({"README.md": TEMPLATE})
    items = [item.name for one in coverage(made, assess(made)) for item in one.items if item.state == "found"]
    assert items == ["Terms of use", "Licence"]
    assert collect(made) == {}


def test_what_was_filled_in_counts(bundle):
    made = bundle(
        {"README.md": TEMPLATE.replace("Hours used:** [More Information Needed]", "Hours used:** 12")}
    )
    found = {item.name for one in coverage(made, assess(made)) for item in one.items if item.state == "found"}
    assert found == {
        "Terms of use",
        "Licence",
        "Development duration for final training run",
        "Training time",
    }


def test_a_sentence_with_a_placeholder_keeps_its_other_words(bundle):
    card = card_text(
        bundle({"README.md": "# m\n\nIt was trained for 12 hours on one card, and cost N/A dollars.\n"})
    )
    assert card.phrase(["trained for"]) == 3
    assert card.phrase(["n/a"]) == 0


pieces = st.sampled_from(
    ["<!--", "-->", "{{", "}}", "[More Information Needed]", "TODO", "\n", "word ", "# a", ":"]
)


@settings(max_examples=50, deadline=None)
@given(st.lists(pieces | st.text(max_size=3), max_size=40).map("".join))
def test_offsets_and_line_ends_stay_where_they_were(text):
    without = _without_placeholders(text)
    assert len(without) == len(text)
    assert [at for at, char in enumerate(text) if char == "\n"] == [
        at for at, char in enumerate(without) if char == "\n"
    ]
