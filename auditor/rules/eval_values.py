"""`.eval_results/*.yaml`: the values themselves, their dates and sources, and who vouches for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from auditor.forensics.printed import read
from auditor.model import Fault, Place
from auditor.readers.text import shown
from auditor.rules.eval_results import DATASET_KEYS, entries
from auditor.rules.front import is_web_token
from auditor.rules.registry import rule
from auditor.rules.wording import met

if TYPE_CHECKING:
    from auditor.rules.eval_results import EvalResults

_LONGEST = 100  # characters of a date or of a condition


@rule("CARD232", level="error", needs="eval results", since="2026.2")
def eval_value_is_text(files: EvalResults) -> Iterator[Fault]:
    """A result in `.eval_results` has words where its value should be.

    Why: A leaderboard sorts numbers; it cannot sort `ninety`.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: ninety
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 90.0
    Fix: Give the number as it was printed.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for document, path, entry in entries(files):
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
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
          date: 01/02/2026
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
          date: "2026-02-01"
    Fix: Write year, month and day: `2026-02-01`, or `2026-02-01T10:30:00Z`.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    for document, path, entry in entries(files):
        date = entry.get("date")
        if date is not None and not (isinstance(date, str) and _is_iso_date(date)):
            place = document.at(*path, "date")
            yield place.says(f"`date` is {met(document, (*path, 'date'))}, expected a date of ISO 8601")


@rule("CARD235", level="error", needs="eval results", since="2026.2")
def eval_source_without_url(files: EvalResults) -> Iterator[Fault]:
    """A result in `.eval_results` names its source without a URL.

    Why: `url` is required there: without it the source cannot be looked at, and `huggingface_hub` refuses the
        entry.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
          source: {name: Evaluation log}
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
          source: {name: Evaluation log, url: "https://example.org/log"}
    Fix: Add `url`, or remove `source`.
    Source: https://huggingface.co/docs/hub/eval-results; EvalResultEntry in huggingface_hub/_eval_results.py
    """
    for document, path, entry in entries(files):
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
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
          verifyToken: trust me
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
    Fix: Remove the token, or have the hub run the evaluation. Whether a token is genuine is not looked at.
    Source: https://huggingface.co/docs/hub/eval-results; RFC 7519
    """
    for document, path, entry in entries(files):
        token = entry.get("verifyToken")
        if token is not None and not (isinstance(token, str) and is_web_token(token)):
            yield document.at(*path, "verifyToken").says("`verifyToken` is no JSON Web Token")


@rule(
    "CARD238", level="warning", needs="eval results", since="2026.2", klass="inconsistent", certainty="likely"
)
def eval_result_twice(files: EvalResults) -> Iterator[Fault]:
    """`.eval_results` gives two values for the same task of the same benchmark.

    Why: The leaderboard shows one of them, and nobody can tell which was measured how.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
        - dataset: {id: example/letters, task_id: default}
          value: 0.957
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/letters, task_id: default}
          value: 0.975
          notes: with tools
        - dataset: {id: example/letters, task_id: default}
          value: 0.957
    Fix: Keep one, or say under `notes` what differs.
    """
    seen: dict[tuple[str, ...], tuple[Any, Place]] = {}
    for document, path, entry in entries(files):
        value, dataset = entry.get("value"), document.mapping(*path, "dataset")
        if not isinstance(dataset.get("id"), str) or isinstance(value, list | dict | None):
            continue
        about = [dataset.get(key) for key in DATASET_KEYS]
        about += [entry.get(key) for key in ("notes", "source", "evaluation_framework", "date")]
        place = document.at(*path, "value")
        before, other = seen.setdefault(tuple(_short(each) for each in about), (value, place))
        if before != value:
            message = f"the value is {_short(value)} here and {_short(before)} there, for the same task"
            yield place.says(message, other.labelled("the other value"))


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
