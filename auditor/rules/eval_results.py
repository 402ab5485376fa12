"""`.eval_results/*.yaml`: scores on public benchmarks, as the hub collects them for its leaderboards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from auditor.bundle import Absent, Unread
from auditor.forensics.printed import read
from auditor.model import Fault, KeyPath, Place
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.edits import renamed
from auditor.rules.front import is_hub_id, is_web_token
from auditor.rules.paths import whole_file
from auditor.rules.registry import provides, rule
from auditor.rules.vocabulary import near_miss, only_near, spelling
from auditor.rules.wording import dotted, met

if TYPE_CHECKING:
    from auditor.bundle import Bundle

EvalResults = tuple[Document, ...]

_FOLDER = ".eval_results/"
_MOST = 10_000  # entries of one file that are looked at; leaderboards have some hundred benchmarks
_LONGEST = 100  # characters of a date or of a condition
# https://github.com/huggingface/hub-docs/blob/main/docs/hub/eval-results.md and eval_results.yaml beside it
_KEYS = ("dataset", "value", "verifyToken", "date", "source", "evaluation_framework", "notes")
_DATASET_KEYS = ("id", "task_id", "revision", "config", "split")
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
        - dataset: {id: example/digits, task_id: default}
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
        - dataset: {id: example/digits, config: default}
          value: 0.975
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
    Fix: Add `task_id`, as the benchmark's `eval.yaml` has it.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for document, path, _ in _entries(files):
        dataset = document.mapping(*path, "dataset")
        if isinstance(dataset.get("id"), str) and not isinstance(dataset.get("task_id"), str):
            yield document.at(*path, "dataset").says("`dataset` lacks `task_id`")


@rule("CARD232", level="error", needs="eval results", since="2026.2")
def eval_value_is_text(files: EvalResults) -> Iterator[Fault]:
    """A result in `.eval_results` has words where its value should be.

    Why: A leaderboard sorts numbers; it cannot sort `ninety`.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: ninety
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 90.0
    Fix: Give the number as it was printed.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for document, path, entry in _entries(files):
        value = entry.get("value")
        odd = isinstance(value, bool | list | dict) or (isinstance(value, str) and read(value) is None)
        if odd and not (isinstance(value, str) and re.match(r"\s*[-+]?\.?[0-9]", value)):
            place = document.at(*path, "value")
            yield place.says(f"`value` is {met(document, (*path, 'value'))}, expected a number")


@rule("CARD233", level="warning", needs="eval results", since="2026.2")
def eval_date_unreadable(files: EvalResults) -> Iterator[Fault]:
    """`date` of a result in `.eval_results` is no date of ISO 8601.

    Why: The hub takes the date of the commit instead; 01/02/2026 is January to some and February to others.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
          date: 01/02/2026
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
          date: "2026-02-01"
    Fix: Write year, month and day: `2026-02-01`, or `2026-02-01T10:30:00Z`.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for document, path, entry in _entries(files):
        date = entry.get("date")
        if date is not None and not (isinstance(date, str) and _is_iso_date(date)):
            place = document.at(*path, "date")
            yield place.says(f"`date` is {met(document, (*path, 'date'))}, expected a date of ISO 8601")


@rule("CARD234", level="warning", needs="bundle", since="2026.2")
def eval_file_overlooked(bundle: Bundle) -> Iterator[Fault]:
    """A file in `.eval_results` has a name that the hub does not look for.

    Why: The hub reads `.eval_results/*.yaml`; results in a `.yml`, a `.json` or a folder below are not seen.
    Bad:
        # .eval_results/digits.yml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
    Fix: Rename the file to end in `.yaml`, directly in `.eval_results`.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for file in bundle.files:
        if file.path.startswith(_FOLDER) and file.path.endswith((".yml", ".json", ".yaml")):
            name = file.path.removeprefix(_FOLDER)
            if "/" in name or not name.endswith(".yaml"):
                yield whole_file(file.path).says("the hub reads `.eval_results/*.yaml`, and not this file")


@rule("CARD235", level="error", needs="eval results", since="2026.2")
def eval_source_without_url(files: EvalResults) -> Iterator[Fault]:
    """A result in `.eval_results` names its source without a URL.

    Why: `url` is required there: without it the source cannot be looked at, and `huggingface_hub` refuses the
        entry.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
          source: {name: Evaluation log}
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
          source: {name: Evaluation log, url: "https://example.org/log"}
    Fix: Add `url`, or remove `source`.
    Source: https://huggingface.co/docs/hub/eval-results; EvalResultEntry in huggingface_hub/_eval_results.py
    """
    for document, path, entry in _entries(files):
        source = entry.get("source")
        if source is not None and not (isinstance(source, dict) and source.get("url")):
            yield document.at(*path, "source").says("`source` has no `url`")


@rule("CARD236", level="warning", needs="eval results", since="2026.2")
def eval_token_malformed(files: EvalResults) -> Iterator[Fault]:
    """`verifyToken` of a result in `.eval_results` is no JSON Web Token.

    Why: The hub shows `verified` for tokens that its own jobs have signed; anything else shows that somebody
        wanted the badge.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
          verifyToken: trust me
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
    Fix: Remove the token, or have the hub run the evaluation. Whether a token is genuine is not looked at.
    Source: https://huggingface.co/docs/hub/eval-results; RFC 7519
    """
    for document, path, entry in _entries(files):
        token = entry.get("verifyToken")
        if token is not None and not (isinstance(token, str) and is_web_token(token)):
            yield document.at(*path, "verifyToken").says("`verifyToken` is no JSON Web Token")


@rule("CARD237", level="warning", needs="eval results", since="2026.2", certainty="likely")
def eval_key_misspelled(files: EvalResults) -> Iterator[Fault]:
    """A key in `.eval_results` is nearly, but not quite, one that the hub reads.

    Why: Unknown keys are ignored: the note or the source is lost without a word.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
          note: three seeds
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
          notes: three seeds
    Fix: Write the key as the hub does.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for document, path, _ in _entries(files):
        for inner, known in (((), _KEYS), (("dataset",), _DATASET_KEYS), (("source",), _SOURCE_KEYS)):
            for key in islice(document.mapping(*path, *inner), _LONGEST):
                near = spelling(key, known) or only_near(key, known, 0.8) if key not in known else ""
                if near and near not in document.mapping(*path, *inner):
                    place = (*path, *inner, key)
                    message = f"`{shown(dotted((*inner, key)))}` is not a key that the hub reads"
                    fix = renamed(document, place, near)
                    yield document.key(*place).says(message, help=near_miss(key, known), fix=fix)


@rule(
    "CARD238", level="warning", needs="eval results", since="2026.2", klass="inconsistent", certainty="likely"
)
def eval_result_twice(files: EvalResults) -> Iterator[Fault]:
    """`.eval_results` gives two values for the same task of the same benchmark.

    Why: The leaderboard shows one of them, and nobody can tell which was measured how.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
        - dataset: {id: example/digits, task_id: default}
          value: 0.957
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.975
          notes: with tools
        - dataset: {id: example/digits, task_id: default}
          value: 0.957
    Fix: Keep one, or say under `notes` what differs.
    """
    seen: dict[tuple[str, ...], tuple[Any, Place]] = {}
    for document, path, entry in _entries(files):
        value, dataset = entry.get("value"), document.mapping(*path, "dataset")
        if not isinstance(dataset.get("id"), str) or isinstance(value, list | dict | None):
            continue
        about = [dataset.get(key) for key in _DATASET_KEYS]
        about += [entry.get(key) for key in ("notes", "source", "evaluation_framework", "date")]
        place = document.at(*path, "value")
        before, other = seen.setdefault(tuple(_short(each) for each in about), (value, place))
        if before != value:
            message = f"the value is {_short(value)} here and {_short(before)} there, for the same task"
            yield place.says(message, other.labelled("the other value"))


def _entries(files: EvalResults) -> Iterator[tuple[Document, KeyPath, dict[str, Any]]]:
    """Every result that is a mapping, with its document and path."""
    for document in files:
        for path, entry in islice(document.items(), _MOST):
            if isinstance(entry, dict):
                yield document, path, entry


def _kind(document: Document) -> str:
    return "a mapping" if isinstance(document.value, dict) else "no list"


def _is_iso_date(text: str) -> bool:
    """Whether the text is a date, or a date and time, of ISO 8601."""
    if len(text) > _LONGEST or not re.match(r"[0-9]{4}-", text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _short(value: Any) -> str:
    """A text for a value that may be of any type and size."""
    if isinstance(value, dict | list):
        return str(len(value)) if len(value) > _LONGEST else shown(str(value), _LONGEST)
    return shown(str(value), _LONGEST)
