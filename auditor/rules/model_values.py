"""`model-index` of the card: the values themselves, their unit, their source and who verified them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.front import is_web_token, listed_results
from auditor.rules.published import Result, is_absent, metric_name, results
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

_PERCENT = 100
_CLOSE = 0.25  # how far two measurements of one metric on one data set may lie apart to be seen as one number
_LONGEST = 100  # characters by which two conditions of a measurement are told apart
_SHARES = frozenset({"accuracy", "f1", "precision", "recall", "exactmatch", "wer", "cer"})


@rule("CARD209", level="error", needs="card", since="2026.2")
def source_without_url(card: MarkdownDocument) -> Iterator[Fault]:
    """A result names its source without a URL.

    Why: `huggingface_hub` cannot load the card: `If source_name is provided, source_url must also be
        provided`.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
                source: {name: Digits Leaderboard}
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
                source: {name: Digits Leaderboard, url: "https://example.org/digits"}
        ---
    Fix: Add `url`, or remove `source`.
    Source: EvalResult in huggingface_hub/repocard_data.py; measured with huggingface_hub 2.4.0
    """
    for path, result in listed_results(card):
        source = result.get("source")
        if isinstance(source, dict) and source.get("name") is not None and source.get("url") is None:
            message = f"the source `{shown(str(source['name']))}` has no `url`"
            yield card.at(*path, "source").says(message, help="add `url`, or remove `source`")


@rule("CARD210", level="warning", needs="card", since="2026.2", certainty="likely")
def verified_by_hand(card: MarkdownDocument) -> Iterator[Fault]:
    """A result calls itself verified without a token that could show it.

    Why: `verified` is set by the hub's own evaluation together with a signed token. Written by hand it claims
        a check that nobody made.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.8333, verified: true}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.8333, verified: false}]
        ---
    Fix: Remove `verified`. The hub added tokens in December 2022 to what it had verified before. Whether a
        token is genuine is not looked at: that takes the hub's key.
    Source: EvalResult in huggingface_hub/repocard_data.py: `Automatically computed by Hugging Face, do not
        set.`
    """
    for result in _in_order(card):
        metric = card.mapping(*result.path)
        token = metric.get("verifyToken")
        if token is None and metric.get("verified") is True:
            yield card.at(*result.path, "verified").says(
                f"`{shown(result.metric)}` is called verified, and there is no `verifyToken`"
            )
        elif isinstance(token, str) and not is_web_token(token):
            yield card.at(*result.path, "verifyToken").says(
                f"`verifyToken` of `{shown(result.metric)}` is no JSON Web Token"
            )


@rule("CARD211", level="warning", needs="card", since="2026.2", klass="implausible", certainty="hint")
def percent_beside_share(card: MarkdownDocument) -> Iterator[Fault]:
    """One metric on one data set is given as a share here and as a percentage there.

    Why: Tables and leaderboards put the two into one column, where 0.83 stands below 83.1 as if it were 0.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: 0.791}]
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: validation}
                metrics: [{type: f1, value: 81.7}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: 0.791}]
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: validation}
                metrics: [{type: f1, value: 0.817}]
        ---
    Fix: Give both in one unit. Values of different data are not compared, nor such that lie more than a
        quarter apart: 0.9 may be a percentage.
    """
    groups: dict[tuple[object, ...], list[tuple[float, Result]]] = {}
    for result in _in_order(card):
        name, value = metric_name(result.metric), card.get(*result.path, "value")
        if name in _SHARES and isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            data = [str(result.dataset.get(key))[:_LONGEST] for key in ("type", "config", "args")]
            title = str(card.get(*result.path, "name"))[:_LONGEST]
            groups.setdefault((result.path[1], name, title, *data), []).append((value, result))
    for group in groups.values():
        low, one = min(group, key=lambda pair: pair[0])
        high, other = max(group, key=lambda pair: pair[0])
        if low <= 1 < high <= _PERCENT and abs(low * _PERCENT - high) <= _CLOSE * high:
            yield card.at(*one.path, "value").says(
                f"`{shown(one.metric)}` is {low} here and {high} there, on the same data",
                card.at(*other.path, "value").labelled("as a percentage"),
            )


@rule("CARD213", level="warning", needs="card", since="2026.2")
def value_not_finite(card: MarkdownDocument) -> Iterator[Fault]:
    """A value in `model-index` says that there is none: `NA`, not a number, infinite, or empty.

    Why: `.nan` is what a metric gives that could not be computed: it is no result, and sorts anywhere.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: .nan}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: 0.0}]
        ---
    Fix: Compute the metric, or leave the entry out.
    """
    for result in _in_order(card):
        value = card.get(*result.path, "value")
        if (isinstance(value, float) and not isfinite(value)) or value in ([], {}) or is_absent(value):
            printed = card.printed(*result.path, "value") or "empty"
            yield card.at(*result.path, "value").says(
                f"the value of `{shown(result.metric)}` is `{shown(printed)}`, expected a number"
            )


def _in_order(card: MarkdownDocument) -> list[Result]:
    return sorted(chain.from_iterable(results(card).values()), key=lambda result: result.path[1::2])
