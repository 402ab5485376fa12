"""The sections of a model card: whether the four that everybody needs are there and say something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.card_body import has_placeholder
from auditor.rules.registry import rule
from auditor.rules.sections import MAX_HEADINGS, names, padded

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument
    from auditor.rules.sections import Sections

_SUBJECTS = ("intended use", "limitations", "training data", "evaluation")
# "None that we know of": an answer takes more. Sections of six to ten words mostly are answers in honest
# cards: "the first twelve rows, drawn once" (seen in our own examples).
_FEW_WORDS = 5
_SHORT = 400  # characters; what is longer has more than _FEW_WORDS words, or is no text
_VAGUE_WORDS = 60  # a section about limits that is longer says something beside the stock phrase
# Phrases that are true of every model and therefore say nothing of this one.
_STOCK = (
    "users (both direct and downstream) should be made aware of the risks, biases and limitations",
    "may reflect biases",
    "may contain biases",
    "may exhibit bias",
    "may have biases",
    "can have biased predictions",
    "may produce biased",
    "may generate biased",
    "may generate inaccurate",
    "may produce inaccurate",
    "same limitations and biases as",
    "use at your own risk",
)
_COMMENT = r"<!--.*?-->"


@rule(
    "CARD102",
    level="note",
    needs=("card", "sections"),
    klass="unsupported",
    certainty="likely",
    after=("CARD106",),
)
def section_missing(card: MarkdownDocument, sections: Sections) -> Iterator[Fault]:
    """The card has no section on intended use, limitations, training data or evaluation.

    Why: These four are what a reader needs to decide whether the model may be used for a purpose.
    Bad:
        # README.md, whole file
        ---
        license: apache-2.0
        ---
        # digits-cnn

        ## Usage

        It reads single handwritten digits from small images that show one digit each, cut out and centred,
        and it is meant for lessons on how such a network is trained and measured.

        ## Limitations

        It knows ten digits only, and was never tried on letters, on signs or on whole words.

        ## Evaluation

        See the manifest for the split that was held out, and for how the numbers were measured on it.
    Good:
        # README.md
        ## Bias and risks

        It knows two digits only, and was tried on nothing else.
    Fix: Add a section under a heading that names the subject. Headings are known in English, and by their
        usual words in Chinese, Japanese, Korean, French, German, Spanish, Portuguese, Italian and Russian.
    Source: Mitchell et al. 2019, section 4, arXiv:1810.03993.
    """
    missing = [subject for subject in _SUBJECTS if not sections.has(subject)]
    if missing:
        yield card.at().says(
            f"no heading of the card speaks of {' or '.join(missing)}", help="add a section on each"
        )


@rule("CARD103", level="warning", needs="card")
def empty_section(card: MarkdownDocument) -> Iterator[Fault]:
    """A heading of the card has nothing under it.

    Why: An empty section looks answered in the table of contents and is not.
    Bad:
        # README.md
        ## Energy

        ## Funding

        None.
    Good:
        # README.md
        ## Energy

        ### Training

        One core was busy for less than a minute.
    Fix: Write the section or delete its heading.
    """
    for heading, below in card.sections():
        if heading.level > 1 and not below.strip():
            yield card.place(heading.span).says(f"nothing stands under `{shown(heading.text)}`")


@rule(
    "CARD107",
    level="note",
    needs="card",
    klass="unsupported",
    certainty="hint",
    after=("CARD106",),
    since="2026.2",
)
def section_of_few_words(card: MarkdownDocument) -> Iterator[Fault]:
    """A section on use, limitations, training data or evaluation has five words or fewer.

    Why: The heading promises an answer that a reader decides by, and next to nothing stands there.
    Bad:
        # README.md
        ## Ethical considerations

        None that we know of.
    Good:
        # README.md
        ## Ethical considerations

        The digits were written by people who agreed to their use; nothing in the images tells who they were.
    Fix: Write what a reader needs to know. Not looked at: sections with a link, a number, a table, code or an
        image, which may say much in few words.
    Source: Mitchell et al. 2019, section 4, arXiv:1810.03993.
    """
    for heading, below in islice(card.sections(), MAX_HEADINGS):
        if heading.level == 1 or len(below) > _SHORT:
            continue
        text = _without_comments(below)
        words = re.findall(r"\w+", text)
        if not 0 < len(words) <= _FEW_WORDS or any(ord(char) >= 0x3000 for char in text):
            continue
        if has_placeholder(text):  # CARD101 tells that
            continue
        says_more = re.search(r"[0-9|`<=]|\]\(|\]\[|://|^#|^[-*+] |^    ", text, re.MULTILINE)
        if not says_more and _is_asked_for(heading.text):
            yield card.place(heading.span).says(
                f"{len(words)} word{'s' if len(words) > 1 else ''} stand under `{shown(heading.text)}`",
                help="write what a reader decides by",
            )


@rule("CARD120", level="note", needs="card", klass="unsupported", certainty="hint", since="2026.2")
def vague_limitation(card: MarkdownDocument) -> Iterator[Fault]:
    """All that the card says of its limitations is true of every model.

    Why: `May reflect biases` helps nobody to decide; what was seen to go wrong would.
    Bad:
        # README.md
        ## Known risks

        As with all language models, the output may reflect biases that were present in the training data.
    Good:
        # README.md
        ## Known risks

        Slanted ones are taken for sevens: that was half of all errors. Numbers of two digits fail. The output
        may reflect biases of the few writers, all of whom were adults.
    Fix: Say what fails, for whom, and how often, or that nobody has looked.
    Source: Mitchell et al. 2019, section 4.9, arXiv:1810.03993.
    """
    everything = card.source.lower()
    if not any(phrase in everything for phrase in _STOCK):
        return
    for heading, below in islice(card.sections(), MAX_HEADINGS):
        if len(below) > _VAGUE_WORDS * 12 or not names(padded(heading.text), "limitations"):
            continue
        text = _without_comments(below)
        said = " ".join(text.lower().split())
        phrase = next((each for each in _STOCK if each in said), "")
        template = "more information needed for further recommendations" in said  # CARD122 tells that
        if (
            phrase
            and not template
            and said.count(". ") < 2
            and len(said.split()) <= _VAGUE_WORDS
            and "#" not in text
        ):
            yield card.place(heading.span).says(
                f"`{shown(heading.text)}` says no more than `{shown(phrase)}`",
                help="say what fails, for whom, and how often",
            )


def _without_comments(text: str) -> str:
    return (re.sub(_COMMENT, " ", text, flags=re.DOTALL) if "<!--" in text else text).strip()


def _is_asked_for(heading: str) -> bool:
    text = padded(heading)
    return any(names(text, subject) for subject in _SUBJECTS)
