"""The text below the front matter of a model card: what a template left, and whether there is any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.prose import found, outside_fences, places
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

# What the hub's template leaves where nothing was filled in, and what people leave for later.
PLACEHOLDER = re.compile(
    r"(?i:\[more information needed\]|\bmodel card for model id\b|\blorem ipsum\b)"
    r"|(?im:^[ \t]*more information needed[ \t\r]*$)"  # what the Trainer of transformers writes
    r"|\b(?:TODO|TBD|FIXME)\b"  # capitals only: `todo` is a Spanish word
    r"|\{\{ \w+ \| default\([^)\n]*\) ?\}\}"
)
_SIGNS = ("more information needed", "model card for model id", "lorem ipsum", " | default(")
_CAPITALS = ("TODO", "TBD", "FIXME")
_COUNTED = 10_000  # of which there are more nobody wants to know the number: a card may hold a million (13 s)
_SHOWN = 20  # places of one fault that are worth printing
_LEAST_TEXT = 200  # characters: what the Open LLM Leaderboard asked of a card before it took the model
_ENOUGH = 100_000  # characters: a longer body has text, be half of it comments
_TEMPLATES_OWN = (
    # templates/modelcard_template.md of huggingface_hub 2.4.0, and what the Trainer of transformers writes
    *("Provide a quick summary of", "Provide a longer summary of", "Provide the basic links for"),
    *("Address questions around how the model", "This section is for the model use"),
    *(
        "This section addresses misuse",
        "This section is meant to convey",
        "This should link to a Dataset Card",
    ),
    *("This relates heavily to the Technical", "This section provides information about throughput"),
    *("This section describes the evaluation protocols", "These are the things the evaluation is"),
    *("These are the evaluation metrics being used", "Relevant interpretability work for the model"),
    *("Total emissions (in grams of CO2eq)", "If there is a paper or blog post introducing"),
    *("If relevant, include terms and calculations", "This model card has been generated automatically"),
)
# Sentences of the template that transformers had in model_cards/README.md until 2020.
_TEMPLATES_SENTENCES = (
    "You can embed local or remote images using `![](...)`",
    "Provide examples of latent issues and potential remediations.",
    "Describe the data you used to train the model.",
    "Preprocessing, hardware used, hyperparameters...",
    "# You can include sample code which will be",
    "@inproceedings{...,\n  year={2020}\n}",
    "This modelcard aims to be a base template for new models",  # the hub's own until 2023
    "More information needed for further recommendations.",  # its default where nobody wrote any
)
_TITLES = frozenset(
    {"model name", "my model", "your model", "your model name", "my model name", "model id", "model title"}
    | {
        "model card",
        "modelcard",
        "title",
        "untitled",
        "project title",
        "my awesome model",
        "name of the model",
    }
)


@rule("CARD101", level="warning", needs="card")
def placeholder_left(card: MarkdownDocument) -> Iterator[Fault]:
    """The card still has placeholders where text should be.

    Why: `[More Information Needed]` says that nobody wrote this part; readers then doubt the rest.
    Bad:
        # README.md
        ## Funding

        [More Information Needed]
    Good:
        # README.md
        ## Funding

        Paid for by nobody; trained on one core in a minute.
    Fix: Write the text, or delete the heading.
    Source: https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/templates
    """
    left = [*islice(found(card, PLACEHOLDER), _COUNTED)] if has_placeholder(card.source) else []
    if left:
        (text, place), *others = left
        yield place.says(
            f"`{text}`{_more(len(others))} left in the card", *(other for _, other in others[: _SHOWN - 1])
        )


@rule("CARD105", level="note", needs="card", since="2026.2")
def template_comment_left(card: MarkdownDocument) -> Iterator[Fault]:
    """A comment of the template, which tells the author what to write, is still in the card.

    Why: The page does not show it, so nobody notices that the section was never written or read over.
    Bad:
        # README.md
        <!-- Provide a quick summary of what the model is/does. -->
    Good:
        # README.md
        <!-- The numbers below come from results/test.json. -->
    Fix: Write what the comment asks for, then delete the comment.
    Source: https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/templates
    """
    left = [place for _, _, place in islice(outside_fences(card, _own_comments(card)), _COUNTED)]
    if left:
        yield left[0].says(
            f"a comment of the template{_more(len(left) - 1)} left in the card", *left[1:_SHOWN]
        )


@rule("CARD106", level="warning", needs="card", since="2026.2")
def hardly_any_text(card: MarkdownDocument) -> Iterator[Fault]:
    """The card's text is shorter than 200 characters.

    Why: Nobody can tell from a name and a line what the model does, what it is made of, or where it fails.
    Bad:
        # README.md, whole file
        ---
        license: apache-2.0
        ---
        # digits-cnn

        A small network that tells zeros from ones.
    Good:
        # README.md
        More is said in [the licence](LICENSE).
    Fix: Say what the model does, what it was trained on, how it was measured, and where it fails. Comments do
        not count, and letters of scripts that need fewer count twice.
    Source: `check_model_card` of the Open LLM Leaderboard, which refused models with shorter cards.
    """
    count = _characters(card)
    if count < _LEAST_TEXT:
        yield card.at().says(
            f"the card's text has {count} characters, expected at least {_LEAST_TEXT}",
            help="say what the model does, what it was trained on, and where it fails",
        )


@rule("CARD122", level="warning", needs="card", since="2026.2")
def template_sentence_left(card: MarkdownDocument) -> Iterator[Fault]:
    """A sentence of a template stands in the card as if it were the author's.

    Why: It asks for text and answers nothing; readers then doubt the rest.
    Bad:
        # README.md
        ## Training set

        Describe the data you used to train the model.
    Good:
        # README.md
        ## Training set

        The first twelve rows, drawn once.
    Fix: Write what the sentence asks for.
    Source: https://github.com/huggingface/transformers/blob/v3.5.1/model_cards/README.md
    """
    stretches = ((start, start + len(text)) for text in _TEMPLATES_SENTENCES for start in _all(card, text))
    left = [place for _, _, place in islice(places(card, stretches), _COUNTED)]
    if left:
        yield left[0].says(
            f"a sentence of the template{_more(len(left) - 1)} left in the card",
            *left[1:_SHOWN],
            help="write what it asks for",
        )


@rule("CARD123", level="warning", needs="card", certainty="likely", after=("CARD101",), since="2026.2")
def title_of_template(card: MarkdownDocument) -> Iterator[Fault]:
    """The card's title is the one that the template has where the model's name belongs.

    Why: In lists and search results the model has no name.
    Bad:
        # README.md
        # Your model name
    Good:
        # README.md
        # Zeros and ones
    Fix: Write the model's name.
    """
    for heading in card.headings:
        words = heading.text.strip(" []<>{}*_`").lower()
        if heading.level == 1 and words.replace("-", " ").replace("_", " ") in _TITLES:
            yield card.place(heading.span).says(
                f"`{shown(heading.text)}` is a template's title", help="write the model's name"
            )


def _more(count: int) -> str:
    """How many there are beside the first."""
    return f" and {count if count < _COUNTED - 1 else f'at least {count}'} more" if count else ""


def has_placeholder(text: str) -> bool:
    """Whether a text may have a placeholder: it has a sign of each, looked for ten times as fast."""
    lower = text.lower()
    return any(word in lower for word in _SIGNS) or any(word in text for word in _CAPITALS)


def _own_comments(card: MarkdownDocument) -> Iterator[tuple[int, int]]:
    """Where comments of the template begin."""
    for start in _all(card, "<!--"):
        if card.source[start + 4 : start + 80].lstrip().startswith(_TEMPLATES_OWN):
            yield start, start + 4


def _all(card: MarkdownDocument, text: str) -> Iterator[int]:
    """Every offset of the body at which a text stands."""
    start = card.source.find(text, card.body_start)
    while start >= 0:
        yield start
        start = card.source.find(text, start + len(text))


def _characters(card: MarkdownDocument) -> int:
    """How many characters the body has, or a number that is surely enough."""
    if len(card.source) - card.body_start > _ENOUGH:
        return _ENOUGH
    text = card.source[card.body_start :].strip()
    if "<!--" in text:
        text = re.sub(r"<!--.*?(?:-->|\Z)", "", text, flags=re.DOTALL).strip()
    if len(text) >= _LEAST_TEXT:
        return len(text)
    return len(text) + sum(char >= "\u3000" for char in text)
