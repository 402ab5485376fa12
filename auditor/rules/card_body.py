"""The text below the front matter of a model card: sections, placeholders and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Edit, Fault, Fix
from auditor.readers.text import shown
from auditor.rules.paths import escapes, is_url, other_case, resolved, sizes
from auditor.rules.prose import matches
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import Link, MarkdownDocument

# What the hub's template leaves where nothing was filled in, and what people leave for later.
_PLACEHOLDER = re.compile(
    r"(?i:\[more information needed\]|\bmodel card for model id\b|\blorem ipsum\b)"
    r"|(?i:^\s*more information needed\s*$)"  # what the Trainer of transformers writes
    r"|\b(?:TODO|TBD|FIXME)\b"  # capitals only: `todo` is a Spanish word
    r"|\{\{ \w+ \| default\([^)]*\) ?\}\}"
)
_SHOWN = 20  # places of one fault that are worth printing
# Subjects of a card by words that headings about them contain; Mitchell et al. 2019, section 4.
_SUBJECTS = {
    "intended use": ("use", "usage", "application", "get started", "quickstart", "inference", "demo"),
    "limitations": ("limitation", "bias", "risk", "caveat", "out of scope", "ethical", "safety", "fairness"),
    "training data": ("data", "dataset", "corpus", "corpora", "training"),
    "evaluation": ("evaluation", "result", "performance", "metric", "benchmark", "accuracy"),
}


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
    found = list(matches(card, _PLACEHOLDER))
    if found:
        text, place = found[0][0][0], found[0][1]
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        yield place.says(f"`{text}`{more} left in the card", *(other for _, other in found[1:_SHOWN]))


@rule("CARD102", level="note", needs="card", klass="unsupported", certainty="likely")
def section_missing(card: MarkdownDocument) -> Iterator[Fault]:
    """The card has no section on intended use, limitations, training data or evaluation.

    Why: These four are what a reader needs to decide whether the model may be used for a purpose.
    Bad:
        # README.md, whole file
        ---
        license: apache-2.0
        ---
        # digits-cnn

        ## Usage

        Read handwritten digits.

        ## Limitations

        It knows ten digits only.

        ## Evaluation

        See the manifest.
    Good:
        # README.md, whole file
        ---
        license: apache-2.0
        ---
        # digits-cnn

        ## How to use it

        Read handwritten digits.

        ## Bias and risks

        It knows ten digits only.

        ## Training

        On the handwritten digits of the UCI repository.

        ## Results

        See the manifest.
    Fix: Add a section under a heading that names the subject.
    Source: Mitchell et al. 2019, section 4, arXiv:1810.03993.
    """
    headings = " | ".join(" ".join(re.findall(r"\w+", heading.text.lower())) for heading in card.headings)
    missing = [
        subject
        for subject, words in _SUBJECTS.items()
        if not any(re.search(rf"\b{word}", headings) for word in words)
    ]
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

        One core for a minute.
    Fix: Write the section or delete its heading.
    """
    for heading, below in card.sections():
        if heading.level > 1 and not below.strip():
            yield card.place(heading.span).says(f"nothing stands under `{shown(heading.text)}`")


@rule("CARD104", level="warning", needs=("card", "bundle"))
def link_to_missing_file(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """A link or image of the card names a file that the bundle does not have.

    Why: The page shows a broken image, or the evidence it points to cannot be read.
    Bad:
        # README.md
        The [training log](logs/train.txt) tells more.
    Good:
        # README.md
        The [licence](LICENSE) and [the hub](https://huggingface.co) tell more.
    Fix: Add the file, or correct the path.
    """
    known = sizes(bundle)
    for link in card.links:
        path = _local(link.target)
        if path and not escapes(path, card.file) and resolved(path, card.file) not in known:
            yield card.place(link.span).says(
                f"`{shown(path)}` is not in the bundle", fix=_in_other_case(card, bundle, link, path)
            )


def _in_other_case(card: MarkdownDocument, bundle: Bundle, link: Link, path: str) -> Fix | None:
    """The link leads to the one file whose path differs in case only; one with escapes is left alone."""
    there = other_case(path, bundle, card.file) if link.target.startswith(path) else ""
    if not there:
        return None
    edit = Edit(card.place(link.span), there + link.target.removeprefix(path))
    return Fix(f"write `{shown(there)}` for `{shown(path)}`", (edit,))


def _local(target: str) -> str:
    """The path a link means, without fragment and query; empty where it leads elsewhere."""
    if is_url(target) or target.startswith(("#", "/", "{", "<")):
        return ""
    path = target.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0].strip()
    if "%" in path:
        from urllib.parse import unquote

        path = unquote(path)
    return "" if "\0" in path else path
