"""The model card's front matter: whether there is one, and what its `model-index` says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from auditor.model import Fault, KeyPath
from auditor.readers.text import shown
from auditor.rules.edits import quoted_as_printed, renamed
from auditor.rules.front_block import misplaced
from auditor.rules.paths import whole_file
from auditor.rules.published import Result, is_absent, metric_name, number, results, split_name
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss, only_near, spelling
from auditor.rules.vocabulary.hub import KEYS

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import MarkdownDocument

_LISTS_OF_WORDS = ("license", "language", "tags", "datasets", "metrics", "base_model", "pipeline_tag")
_MOST_UNKNOWN = 1_000  # keys that are compared with those of the hub; to compare one takes 40 microseconds


@rule("CARD001", level="warning", needs="bundle")
def no_model_card(bundle: Bundle) -> Iterator[Fault]:
    """The bundle has no README.md.

    Why: Without a card nobody can tell what the model is for, what it was trained on, or how it was measured;
        the hub shows an empty page.
    Bad:
        # README.md, absent
        # fmaudit.yaml
        components: null
    Good:
        # README.md
        ---
        language: en
        ---
    Fix: Write README.md; https://huggingface.co/docs/hub/model-cards has a template.
    Source: Mitchell et al. 2019, Model Cards for Model Reporting, arXiv:1810.03993.
    """
    if bundle.file("README.md") is None:
        yield whole_file("README.md").says("the bundle has no model card", help="write a README.md")


@rule("CARD002", level="warning", needs="card")
def no_front_matter(card: MarkdownDocument) -> Iterator[Fault]:
    """The model card does not begin with a block of metadata.

    Why: The hub, search engines and this tool read licence, language, task and results from the YAML
        block between two `---` lines; without it the model is found by its name only.
    Bad:
        # README.md, whole file
        # A model

        ## Use, limitations and misuse

        For reading digits, and nothing else: it was never tried on letters, on signs or on whole words.

            from safetensors import safe_open

        ## Training data and results

        Both are in the manifest, with the rows that were held back and what was measured on them.

        ## Environment and contact

        It was trained on one core; the maintainers answer.
    Good:
        # README.md
        ---
        language: en
        ---
    Fix: Begin the file with `---`, metadata such as `license: apache-2.0`, and another `---`.
    Source: https://huggingface.co/docs/hub/model-cards#model-card-metadata
    """
    if card.front is None and misplaced(card) is None:
        yield card.at().says("the model card has no front matter", help="begin the file with a `---` block")


@rule("CARD003", level="warning", needs="card", certainty="likely")
def misspelled_key(card: MarkdownDocument) -> Iterator[Fault]:
    """A key of the front matter is nearly, but not quite, one that the hub reads.

    Why: Unknown keys are kept and ignored, so a misspelled one is lost without a word.
    Bad:
        # README.md
        ---
        licence: apache-2.0
        ---
    Good:
        # README.md
        ---
        license: apache-2.0
        my_own_key: anything
        ---
    Fix: Write the key as the hub does.
    Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
    """
    unknown = (key for key in card.mapping() if key not in KEYS)
    for key in islice(unknown, _MOST_UNKNOWN):
        help_ = near_miss(key, KEYS, cutoff=0.85)
        if help_:
            name = spelling(key, KEYS) or only_near(key, KEYS, 0.8)
            yield card.key(key).says(
                f"`{shown(key)}` is not a key that the hub reads",
                help=help_,
                fix=renamed(card, (key,), name) if name else None,
            )


@rule("CARD004", level="warning", needs="card")
def word_read_as_boolean(card: MarkdownDocument) -> Iterator[Fault]:
    """A word of the front matter is read as true or false by YAML 1.1 readers.

    Why: PyYAML, which the hub's own library uses, reads a bare `no` as false: the Norwegian language
        disappears.
    Bad:
        # README.md
        ---
        language: no
        ---
    Good:
        # README.md
        ---
        language: "no"
        ---
    Fix: Quote the word.
    Source: https://yaml.org/type/bool.html
    """
    for path, value in card.scalars():
        of_words = path and path[0] in _LISTS_OF_WORDS
        if of_words and str(value).lower() in ("yes", "no", "on", "off") and card.plain(*path):
            yield card.at(*path).says(
                f"`{value}` is read as a boolean by YAML 1.1 readers, expected text",
                help=f'quote it: "{value}"',
                fix=quoted_as_printed(card, path),
            )


@rule("CARD201", level="error", needs="card")
def metric_value_is_text(card: MarkdownDocument) -> Iterator[Fault]:
    """A result in `model-index` has words where its value should be.

    Why: Leaderboards and this tool compare numbers; `ninety` or `see paper` cannot be compared with
        anything. A number with its deviation (`200.5 +/- 10.3`) is understood; `NA` is told by CARD213.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: ninety}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
        ---
    Fix: Give the number as it was printed.
    """
    for result in _in_order(card):
        value = card.get(*result.path, "value")
        is_words = isinstance(value, str) and not (_begins_with_number(value) or is_absent(value))
        if isinstance(value, bool) or is_words:
            yield card.at(*result.path, "value").says(
                f"the value of `{result.metric}` is `{shown(str(value), 40)}`, expected a number"
            )


@rule("CARD202", level="warning", needs="card", klass="inconsistent", certainty="likely")
def result_given_twice(card: MarkdownDocument) -> Iterator[Fault]:
    """`model-index` gives two values for the same metric on the same data.

    Why: A reader takes one or the other; often two averages (macro, weighted) were written under one name.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics:
                  - {type: f1, value: 0.8333}
                  - {type: f1, value: 0.7917}
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics:
                  - {type: f1, name: macro F1, value: 0.8333}
                  - {type: f1, name: weighted F1, value: 0.7917}
        ---
    Fix: Remove one of the values, or tell them apart by `name` or `args`.
    """
    seen: dict[str, KeyPath] = {}
    several = {name for name, found in results(card).items() if len(found) > 1}
    for result in _in_order(card) if several else ():
        value = number(card, *result.path, "value") if metric_name(result.metric) in several else None
        if value is None or card.get(*result.path, "verified") is True:  # what others measured is CLM106's
            continue
        owner = result.path[:4]  # model-index, model, results, result
        about = (card.get(*owner[:2], "name"), card.get(*owner, "task"), result.dataset)
        first = seen.setdefault(_identity([*about, card.get(*result.path)]), result.path)
        earlier = number(card, *first, "value")
        if earlier is not None and earlier.value != value.value:
            yield card.at(*result.path, "value").says(
                f"`{result.metric}` is {value.text} here and {earlier.text} before, on the same data",
                card.at(*first, "value").labelled("the other value"),
            )


@rule("CARD203", level="warning", needs="card", klass="implausible", certainty="likely")
def result_on_training_split(card: MarkdownDocument) -> Iterator[Fault]:
    """A result in `model-index` was measured on the split that models are trained on.

    Why: The value says how well the data was memorised, not how well the model does on anything new.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: train}
                metrics: [{type: f1, value: 0.99}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: 0.99}]
        ---
    Fix: Publish the value on a split that training did not see, or correct `split`.
    """
    told: set[KeyPath] = set()
    for result in _in_order(card):
        owner = result.path[:4]
        if split_name(result.split) == "train" and owner not in told:
            told.add(owner)
            yield card.at(*owner, "dataset", "split").says(
                f"`{result.metric}` was measured on the `{result.split}` split"
            )


def _in_order(card: MarkdownDocument) -> list[Result]:
    return sorted(chain.from_iterable(results(card).values()), key=lambda result: result.path[1::2])


def _begins_with_number(text: str) -> bool:
    word = text.strip().lstrip("+-±~<>≈ ")[:1]
    return word.isascii() and (word.isdigit() or word == ".")


def _identity(value: object, depth: int = 4) -> str:
    """A text equal for equal conditions; what a value is and how it was verified is no condition."""
    if depth == 0:
        return ""
    if isinstance(value, list):
        return f"[{','.join(_identity(item, depth - 1) for item in value[:50])}]"
    if isinstance(value, dict):
        kept = sorted(key for key in value if key not in ("value", "verified", "verifyToken"))[:50]
        return f"{{{','.join(f'{key}:{_identity(value[key], depth - 1)}' for key in kept)}}}"
    return str(value)[:200]
