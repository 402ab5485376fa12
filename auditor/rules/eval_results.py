"""`.eval_results/*.yaml`: whether the hub finds the files, and the fields in them that it requires."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from auditor.bundle import Absent, Unread
from auditor.model import Fault, KeyPath
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.edits import renamed
from auditor.rules.front import is_hub_id
from auditor.rules.paths import whole_file
from auditor.rules.registry import provides, rule
from auditor.rules.vocabulary import near_miss, only_near, spelling
from auditor.rules.wording import dotted, met

if TYPE_CHECKING:
    from auditor.bundle import Bundle

EvalResults = tuple[Document, ...]

_FOLDER = ".eval_results/"
_MOST = 10_000  # entries of one file that are looked at; leaderboards have some hundred benchmarks
_MOST_KEYS = 100  # keys of one entry that are looked at
# https://github.com/huggingface/hub-docs/blob/main/docs/hub/eval-results.md and eval_results.yaml beside it
_KEYS = ("dataset", "value", "verifyToken", "date", "source", "evaluation_framework", "notes")
DATASET_KEYS = ("id", "task_id", "revision", "config", "split")
_SOURCE_KEYS = ("url", "name", "user", "org")


@provides("eval results")
def eval_results(bundle: Bundle) -> EvalResults | Absent | Unread:
    """The documents in `.eval_results`."""
    named = [file.path for file in bundle.files if file.path.startswith(_FOLDER)]
    named = [path for path in named if path.endswith((".yaml", ".yml"))]
    if not named:
        return Absent("the bundle has no `.eval_results`")
    read_ones = [document for document in map(bundle.document, named) if isinstance(document, Document)]
    return tuple(read_ones) or Unread(f"{named[0]} could not be read (SCH001)")


def entries(files: EvalResults) -> Iterator[tuple[Document, KeyPath, dict[str, Any]]]:
    """Every result that is a mapping, with its document and path."""
    for document in files:
        for path, entry in islice(document.items(), _MOST):
            if isinstance(entry, dict):
                yield document, path, entry


@rule("CARD230", level="error", needs="eval results", since="2026.2")
def eval_result_without_shape(files: EvalResults) -> Iterator[Fault]:
    """A file in `.eval_results` is not a list of results with the fields that the hub requires.

    Why: The hub leaves out the whole file, and the score stands on no leaderboard.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {task_id: default}
          value: 0.975
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
    Fix: Write a list; each entry needs `dataset` with the `id` of a benchmark on the hub, and `value`.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for document in files:
        if not isinstance(document.value, list):
            yield document.at().says(f"this is {_kind(document)}, expected a list of results")
        for path, entry in islice(document.items(), _MOST):
            if not isinstance(entry, dict):
                yield document.at(*path).says(f"{met(document, path)} is no result, expected a mapping")
                continue
            name = document.get(*path, "dataset", "id")
            if not isinstance(entry.get("dataset"), dict):
                yield document.at(*path).says("this result lacks `dataset`", help="add `id` and `task_id`")
            elif not isinstance(name, str) or not is_hub_id(name):
                what = "lacks `id`" if name is None else f"has the `id` `{shown(str(name))}`"
                message = f"`dataset` {what}, expected the name of a benchmark on the hub"
                yield document.at(*path, "dataset", *(["id"] if name is not None else [])).says(message)
            if entry.get("value") is None:
                yield document.at(*path).says("this result lacks `value`")


@rule("CARD231", level="warning", needs="eval results", since="2026.2")
def eval_result_without_task(files: EvalResults) -> Iterator[Fault]:
    """A result in `.eval_results` does not name the task of the benchmark.

    Why: A benchmark has several tasks with scores of their own; `task_id` is required since the format's
        second draft, and `huggingface_hub` cannot read an entry without it.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, config: default}
          value: 0.975
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
    Fix: Add `task_id`, as the benchmark's `eval.yaml` has it.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for document, path, _ in entries(files):
        dataset = document.mapping(*path, "dataset")
        if isinstance(dataset.get("id"), str) and not isinstance(dataset.get("task_id"), str):
            yield document.at(*path, "dataset").says("`dataset` lacks `task_id`")


@rule("CARD234", level="warning", needs="bundle", since="2026.2")
def eval_file_overlooked(bundle: Bundle) -> Iterator[Fault]:
    """A file in `.eval_results` has a name that the hub does not look for.

    Why: The hub reads `.eval_results/*.yaml`; results in a `.yml`, a `.json` or a folder below are not seen.
    Bad:
        # .eval_results/digits.yml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
    Fix: Rename the file to end in `.yaml`, directly in `.eval_results`.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for file in bundle.files:
        if file.path.startswith(_FOLDER) and file.path.endswith((".yml", ".json", ".yaml")):
            name = file.path.removeprefix(_FOLDER)
            if "/" in name or not name.endswith(".yaml"):
                yield whole_file(file.path).says("the hub reads `.eval_results/*.yaml`, and not this file")


@rule("CARD237", level="warning", needs="eval results", since="2026.2", certainty="likely")
def eval_key_misspelled(files: EvalResults) -> Iterator[Fault]:
    """A key in `.eval_results` is nearly, but not quite, one that the hub reads.

    Why: Unknown keys are ignored: the note or the source is lost without a word.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
          note: three seeds
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
          notes: three seeds
    Fix: Write the key as the hub does.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for document, path, _ in entries(files):
        for inner, known in (((), _KEYS), (("dataset",), DATASET_KEYS), (("source",), _SOURCE_KEYS)):
            for key in islice(document.mapping(*path, *inner), _MOST_KEYS):
                near = spelling(key, known) or only_near(key, known, 0.8) if key not in known else ""
                if near and near not in document.mapping(*path, *inner):
                    place = (*path, *inner, key)
                    message = f"`{shown(dotted((*inner, key)))}` is not a key that the hub reads"
                    fix = renamed(document, place, near)
                    yield document.key(*place).says(message, help=near_miss(key, known), fix=fix)


def _kind(document: Document) -> str:
    return "a mapping" if isinstance(document.value, dict) else "no list"
