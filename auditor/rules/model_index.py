"""`model-index` of the card: which model, task and data its results are of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.edits import rewritten
from auditor.rules.front import is_hub_id, listed_results
from auditor.rules.registry import rule
from auditor.rules.vocabulary import spelling
from auditor.rules.vocabulary.hub import subtasks, tasks

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

_SHOWN = 20  # places of one fault that are worth printing
_MOST_TASKS = (
    100  # different tasks of one card that are compared with the hub's; each costs some 60 us (measured)
)


@rule("CARD204", level="warning", needs="card", since="2026.2")
def several_models(card: MarkdownDocument) -> Iterator[Fault]:
    """`model-index` holds the results of more than one model.

    Why: `huggingface_hub` gives all results the name of the last model: when it writes the card back, this
        model has the scores of the others.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
          - name: digits-mlp
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: 0.7917}]
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
    Fix: Keep the entry of this model; compare it with others in a table of the body.
    Source: `model_index_to_eval_results` in huggingface_hub/repocard_data.py; measured with 2.4.0
    """
    models = [path for path, _ in card.items("model-index")]
    if len(models) > 1:
        others = [card.at(*path) for path in models[1:_SHOWN]]
        message = f"{len(models)} models in one `model-index`, whose results are read as those of the last"
        yield card.at("model-index").says(message, *others)


@rule("CARD205", level="warning", needs="card", since="2026.2")
def result_without_data(card: MarkdownDocument) -> Iterator[Fault]:
    """A result in `model-index` does not name the data that it was measured on.

    Why: A number without its data says nothing, and `huggingface_hub` cannot load the card:
        `Invalid model_index in metadata cannot be parsed: KeyError 'dataset'`.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                metrics: [{type: accuracy, value: 0.8333}]
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
    Fix: Add `dataset` with its `type`, `name` and `split`.
    Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md; measured, huggingface_hub 2.4.0
    """
    for path, result in listed_results(card):
        if result.get("metrics") and result.get("dataset") is None:
            message = "this result does not name its `dataset`"
            yield card.at(*path).says(message, help="add `dataset: {type: ..., name: ..., split: ...}`")


@rule("CARD206", level="error", needs="card", since="2026.2")
def data_type_without_id(card: MarkdownDocument) -> Iterator[Fault]:
    r"""`type` of a result's data is a sentence or a URL, and not the name of a dataset.

    Why: The hub refuses the card: `"model-index[0].results[23].dataset.type" with value "..." fails to match
        the required pattern: /^(?:[\w-]+\/)?[\w-.]+$/`.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits of my own, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: example/digits, name: digits of my own, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
        ---
    Fix: Write `owner/name` into `type`; `name` is for people and may be any text.
    Source: https://github.com/embeddings-benchmark/mteb/issues/1111
    """
    for path, result in listed_results(card):
        dataset = result.get("dataset")
        kind = dataset.get("type") if isinstance(dataset, dict) else None
        if isinstance(kind, str) and not is_hub_id(kind):
            yield card.at(*path, "dataset", "type").says(
                f"`{shown(kind)}` is no name of a dataset, expected `owner/name`",
                help="the title of the data belongs to `name`",
            )


@rule("CARD207", level="note", needs="card", since="2026.2")
def result_without_split(card: MarkdownDocument) -> Iterator[Fault]:
    """Results in `model-index` do not say on which split they were measured.

    Why: Data for training and for testing go under one name; only the split says which it was.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits}
                metrics: [{type: f1, value: 0.7917}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: 0.7917}]
        ---
    Fix: Add `split` to `dataset`. All results of a card are told together. Environments of reinforcement
        learning have none and are not looked at.
    Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
    """
    bare = [
        path
        for path, result in listed_results(card)
        if isinstance(result.get("dataset"), dict)
        and not result["dataset"].get("split")
        and card.get(*path, "task", "type") != "reinforcement-learning"
    ]
    if bare:
        places = [card.at(*path, "dataset") for path in bare[:_SHOWN]]
        some = "a result does" if len(bare) == 1 else f"{len(bare)} results do"
        yield places[0].says(f"{some} not name the `split` that was measured", *places[1:])


@rule("CARD208", level="note", needs="card", since="2026.2")
def revision_moves(card: MarkdownDocument) -> Iterator[Fault]:
    """`revision` of a result's data is a branch or a tag, and not a commit.

    Why: What `main` means changes with every upload; a commit names the rows that were measured on.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test, revision: main}
                metrics: [{type: accuracy, value: 0.8333}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test,
                  revision: 5503434ddd753f426f4b38109466949a1217c2bb}
                metrics: [{type: accuracy, value: 0.8333}]
        ---
    Fix: Write the 40 digits of the commit.
    Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
    """
    for path, result in listed_results(card):
        dataset = result.get("dataset")
        revision = dataset.get("revision") if isinstance(dataset, dict) else None
        if isinstance(revision, str) and revision and not re.fullmatch(r"[0-9a-f]{40}", revision):
            message = f"`{shown(revision)}` is no commit, expected 40 hexadecimal digits"
            yield card.at(*path, "dataset", "revision").says(message)


@rule("CARD212", level="note", needs="card", since="2026.2")
def no_results(card: MarkdownDocument) -> Iterator[Fault]:
    """`model-index` names a model and gives no result.

    Why: Trainers write the entry before anything was evaluated; the hub shows nothing for it.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results: []
        ---
    Good:
        # README.md
        ---
        model-index: null
        ---
    Fix: Publish the results, or remove `model-index`.
    """
    for path, model in card.items("model-index"):
        if isinstance(model, dict) and model.get("results") == []:
            yield card.at(*path, "results").says("`model-index` gives no result of this model")


@rule("CARD214", level="note", needs="card", since="2026.2", certainty="likely")
def task_misspelled(card: MarkdownDocument) -> Iterator[Fault]:
    """`task` of a result differs from the hub's in case or separators only.

    Why: The hub shows the results of a task together, by the letters of its `type`.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: Image Classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification, name: Image Classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
        ---
    Fix: Write the title into `name` and the identifier into `type`. Tasks unlike the hub's are not looked at.
    Source: PIPELINE_DATA in packages/tasks/src/pipelines.ts of huggingface.js
    """
    known = (*tasks(), *subtasks())
    near: dict[str, str] = {}  # a card names few tasks many times
    for path, result in listed_results(card):
        task = result.get("task")
        kind = task.get("type") if isinstance(task, dict) else None
        if not isinstance(kind, str) or kind in known:
            continue
        if kind not in near and len(near) < _MOST_TASKS:
            near[kind] = spelling(kind, known)
        if near.get(kind):
            place = (*path, "task", "type")
            message = f"`{shown(kind)}` is not how the hub writes `{near[kind]}`"
            yield card.at(*place).says(message, fix=rewritten(card, place, near[kind]))
