"""Published scores against the files that an evaluation wrote, and those files against one another."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.agreement import agrees, comparable, data_name, own, surely_comparable, values, within
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.rules.agreement import Published
    from auditor.statements.score import Score, Source

MAX_LOG = 500  # logged values of a metric beside which it is compared with files of results
_FLOAT_NOISE = Fraction(1, 10**9)  # relative; both files hold the same float64
_CHECKPOINT_FILES = ("all_results.json", "eval_results.json", "test_results.json", "predict_results.json")


@rule(
    "CLM006",
    level="warning",
    needs="published scores",
    klass="inconsistent",
    certainty="likely",
    after=("CLM001", "CLM102"),
    since="2026.2",
)
def model_index_differs_from_results(scores: Published) -> Iterator[Fault]:
    """The card's `model-index` has a value for a metric, and no file of results has it.

    Why: The evaluation wrote one number, the hub ranks by another. Compared are files of results in the
        release (the Trainer's, lm-evaluation-harness, flat files of names and numbers) and its logs. Not
        looked at: entries that others have measured, and files about other data or splits.
    Bad:
        # results/test.json, whole file
        {"accuracy": 0.8333333333333334, "loss": 0.41047, "f1": 0.7714285714285714}
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: 0.8286}]
        ---
    Good:
        # results/test.json, whole file
        {"accuracy": 0.8333333333333334, "loss": 0.41047, "f1": 0.8285714285714286}
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: 0.8286}]
        ---
    Fix: Publish what was measured, or ship the file of the evaluation that is published.
    """
    yield from _against_results(scores, "model-index", "the card's `model-index` says")


@rule(
    "CLM007",
    level="warning",
    needs="published scores",
    klass="inconsistent",
    certainty="likely",
    after=("CLM102", "CLM006"),
    since="2026.2",
)
def card_differs_from_results(scores: Published) -> Iterator[Fault]:
    """A list or table of the card has a value for a metric, and no file of results has it.

    Why: What people read is not what the evaluation wrote. In tables only numbers of this model are compared:
        rows of other models, of classes and of logs are passed over. A benchmark is compared where card and
        file say the same number of shots, and the card the metric.
    Bad:
        # results/test.json, whole file
        {"accuracy": 0.8333333333333334, "loss": 0.41047, "f1": 0.7714285714285714}
        # README.md
        - F1: 0.8286
    Good:
        # results/test.json, whole file
        {"accuracy": 0.8333333333333334, "loss": 0.41047, "f1": 0.8285714285714286}
        # README.md
        - F1: 0.8286
    Fix: Publish what was measured, or ship the file of the evaluation that is published.
    """
    for source in ("card list", "card table", "benchmark table"):
        yield from _against_results(scores, source, "the card says")


@rule(
    "CLM008",
    level="warning",
    needs="published scores",
    klass="inconsistent",
    certainty="likely",
    after=("CLM102",),
    since="2026.2",
)
def claim_differs_from_results(scores: Published) -> Iterator[Fault]:
    """A claim's value stands in no file of results that has its metric on its split.

    Why: The manifest vouches for a number that no evaluation in the release wrote. Not looked at: claims of
        means over runs, which no single file holds, unless one of the files has the very value.
    Bad:
        # results/test.json, whole file
        {"accuracy": 0.8333333333333334, "loss": 0.41047, "f1": 0.7714285714285714}
        # fmaudit.yaml
        claims:
          - id: test-f1
            metric: {type: f1, unit: proportion}
            value: "0.8286"
            data: {split: test, n: 6}
            evidence: [{path: results/test.json}]
    Good:
        # results/test.json, whole file
        {"accuracy": 0.8333333333333334, "loss": 0.41047, "f1": 0.8285714285714286}
        # fmaudit.yaml
        claims:
          - id: test-f1
            metric: {type: f1, unit: proportion}
            value: "0.8286"
            data: {split: test, n: 6}
            evidence: [{path: results/test.json}]
    Fix: Claim what was measured, or ship the file of the evaluation that is claimed.
    """
    yield from _against_results(scores, "manifest", "the claim is")


@rule(
    "CLM009",
    level="warning",
    needs="published scores",
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def results_differ(scores: Published) -> Iterator[Fault]:
    """Two files of the Trainer give one metric of one evaluation two values.

    Why: `save_metrics` writes each value into the file of its split and into `all_results.json`; where they
        differ, one was edited or is left over from another run.
    Bad:
        # eval_results.json, whole file
        {"epoch": 3.0, "eval_accuracy": 0.9, "eval_samples": 60}
        # all_results.json, whole file
        {"epoch": 3.0, "eval_accuracy": 0.95, "eval_samples": 60}
    Good:
        # eval_results.json, whole file
        {"epoch": 3.0, "eval_accuracy": 0.9, "eval_samples": 60}
        # all_results.json, whole file
        {"epoch": 3.0, "eval_accuracy": 0.9, "eval_samples": 60, "train_samples": 192}
    Fix: Evaluate again and ship the files as they are written.
    Source: transformers, Trainer.save_metrics.
    """
    for found in scores.of("results").values():
        first: dict[tuple[str, str], Score] = {}
        for score in found:
            folder, _, name = score.place.file.rpartition("/")
            if name not in _CHECKPOINT_FILES:
                continue
            before = first.setdefault((folder, score.text), score)
            if abs(before.value.value - score.value.value) > abs(score.value.value) * _FLOAT_NOISE:
                yield score.place.says(
                    f"`{shown(score.text)}` is {shown(score.value.text)} here, "
                    f"{shown(before.place.file)} has {shown(before.value.text)}",
                    before.place.labelled("the same evaluation"),
                )


@rule(
    "CLM010",
    level="warning",
    needs="published scores",
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def hub_result_differs(scores: Published) -> Iterator[Fault]:
    """An entry of `.eval_results` has a value that no entry of `model-index` for the same data has.

    Why: The hub shows both, and people cannot tell which of them was measured. The files of `.eval_results`
        name no metric, so any metric of that data is taken for the one meant.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 0.9167
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: example/digits, task_id: default}
          value: 83.33
    Fix: Bring both to the measured value.
    Source: https://huggingface.co/docs/hub/eval-results
    """
    named = scores.of("model-index").items()
    entries = [entry for name, found in named if name != "loss" for entry in own(found) if entry.dataset]
    by_data: dict[str, list[Score]] = {}
    for found in scores.of("eval-results").values():
        for score in found:
            if score.dataset:
                by_data.setdefault(data_name(score), []).append(score)
    for name, given in by_data.items():
        same = [entry for entry in entries if data_name(entry) == name]
        if same and not any(agrees(score, entry) for score in given for entry in same):
            yield given[0].place.says(
                f"the value on `{shown(given[0].dataset)}` is {shown(given[0].value.text)} here, the card's "
                f"`model-index` says {values(same)}",
                same[0].place.labelled("on the same data"),
            )


@rule("CLM107", level="note", needs="bundle", klass="unsupported", since="2026.2")
def evaluated_on_part(bundle: Bundle) -> Iterator[Fault]:
    """lm-evaluation-harness evaluated fewer examples of a task than the task has.

    Why: `--limit` is meant for trying things out; a score of some examples is not comparable with scores of
        all.
    Bad:
        # results/results_2026-03-02.json, whole file
        {"results": {"arc_easy": {"alias": "arc_easy", "acc,none": 0.5, "acc_stderr,none": 0.05025189}},
         "n-samples": {"arc_easy": {"original": 2376, "effective": 100}}}
    Good:
        # results/results_2026-03-02.json, whole file
        {"results": {"arc_easy": {"alias": "arc_easy", "acc,none": 0.5, "acc_stderr,none": 0.01025986}},
         "n-samples": {"arc_easy": {"original": 2376, "effective": 2376}}}
    Fix: Evaluate without `--limit`, or say beside the score how many examples it is of.
    Source: lm-evaluation-harness, evaluator.py, `n-samples`.
    """
    from auditor.readers.document import Document
    from auditor.statements.results import MAX_TASKS, result_files

    for path in result_files(bundle):
        document = bundle.document(path)
        if not isinstance(document, Document) or not isinstance(document.get("n-samples"), dict):
            continue
        for task in list(document.mapping("n-samples"))[:MAX_TASKS]:
            counts = [document.get("n-samples", task, key) for key in ("original", "effective")]
            original, effective = counts
            if all(isinstance(count, int) for count in counts) and 0 < effective < original:
                yield document.at("n-samples", task, "effective").says(
                    f"`{shown(task)}` was evaluated on {effective:,} of its {original:,} examples",
                    document.at("n-samples", task, "original").labelled("so many it has"),
                )


def _against_results(scores: Published, source: Source, said: str) -> Iterator[Fault]:
    """A fault for each published score whose metric files of results have, none with its value.

    Files of lm-evaluation-harness name tasks; there any metric of the task may be the one that is meant, as
    cards call `acc_norm` accuracy.
    """
    results = scores.of("results")
    by_task = [score for found in results.values() for score in found if score.dataset]
    for name, found in scores.of(source).items():
        of_metric = [score for score in results.get(name, ()) if score.split != "train"]
        logged = scores.of("training log").get(name, ())
        if len(logged) > MAX_LOG:
            continue
        for score in own(found):
            if score.split == "train":
                continue
            measured = [one for one in own(of_metric) if _meets(score, one)]
            tasks = {one.dataset for one in measured if one.dataset}
            others = [*(one for one in by_task if one.dataset in tasks), *measured, *logged]
            if measured and not within(score, measured) and not any(agrees(score, one) for one in others):
                yield score.place.says(
                    f"{said} {shown(score.value.text)} for `{shown(score.text)}`, "
                    f"{shown(measured[0].place.file)} has {values(measured)}",
                    measured[0].place.labelled("the evaluation wrote this"),
                )


def _meets(score: Score, measured: Score) -> bool:
    """Whether a published score is of what a file of results measured, as far as both say."""
    if score.source == "benchmark table":
        return surely_comparable(score, measured)
    return comparable(score, measured) and _is_named(measured, score)


def _is_named(measured: Score, score: Score) -> bool:
    """Whether a published score names the data that a file of results names, in its label at least."""
    label = "".join(c for c in score.label.lower() if c.isalnum())
    return not measured.dataset or bool(score.dataset) or data_name(measured) in label
