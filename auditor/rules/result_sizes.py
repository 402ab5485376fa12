"""How many examples an evaluation saw, by the standard errors and the timings in its files."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.counts import largest_standard_error, of_standard_error, of_timing, whole_within
from auditor.forensics.printed import ANY, Printed, decimal, places, read
from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle

_MEANS_OF_01 = ("acc", "acc_norm", "exact_match")  # of lm-evaluation-harness; their standard error is exact
_TIMINGS = ("eval", "test", "predict")
_MOST_PAIRS = 5_000  # of one file; BIG-bench with MMLU has some 500 tasks
_MOST = 10**15  # samples or seconds; larger numbers are not of an evaluation
_TOLERANCE = Fraction(1, 10**4)  # of n by a standard error; measured: 185,346 pairs are within 10^-6


@provides("result documents")
def result_documents(bundle: Bundle) -> tuple[Document, ...]:
    """The files of results that could be read."""
    from auditor.statements.results import result_files

    found = [bundle.document(path) for path in result_files(bundle)]
    return tuple(one for one in found if isinstance(one, Document) and isinstance(one.value, dict))


@rule("MET107", level="error", needs="result documents", klass="impossible", since="2026.2")
def standard_error_too_large(documents: tuple[Document, ...]) -> Iterator[Fault]:
    """A standard error is larger than that of zeros and ones with this mean on so many examples.

    Why: For the mean p of n values from 0 to 1 it is at most √(p (1 - p) / (n - 1)). The score, its error or
        the number of examples is of another run.
    Bad:
        # results/lm_eval.json, whole file
        {"results": {"boolq": {"acc,none": 0.7507645259938838, "acc_stderr,none": 0.02}},
         "n-samples": {"boolq": {"original": 3270, "effective": 3270}}}
    Good:
        # results/lm_eval.json, whole file
        {"results": {"boolq": {"acc,none": 0.7507645259938838, "acc_stderr,none": 0.007565703889598036}},
         "n-samples": {"boolq": {"original": 3270, "effective": 3270}}}
    Fix: Ship the file as the evaluation wrote it. Not looked at: groups of tasks, whose errors are
        pooled, and tasks with a function of their own for results.
    Source: Bhatia and Davis 2000; lm-evaluation-harness, `mean_stderr`. Measured: 185,346 pairs obey.
    """
    for document, task, key, share, error in _with_errors(documents):
        n = _effective(document, task)
        most = largest_standard_error(share, n) if n is not None else None
        if most is not None and error.interval(ANY)[0] > most * (1 + _TOLERANCE):
            yield document.at("results", task, key).says(
                f"the standard error of `{shown(task)}` is {error.text}; {n:,} values from 0 to 1 with the "
                f"mean {share.text} have at most {decimal(most, min(places(error) + 1, 8))}",
                document.at("n-samples", task),
            )


@rule(
    "MET108",
    level="warning",
    needs="result documents",
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def standard_error_of_other_size(documents: tuple[Document, ...]) -> Iterator[Fault]:
    """A standard error belongs to another number of examples than the one beside it.

    Why: For n answers that are right or wrong, n = 1 + p (1 - p) / se². In multiple-choice tasks it comes out
        as the number of examples, to the last digit.
    Bad:
        # results/lm_eval.json, whole file
        {"results": {"boolq": {"acc,none": 0.7507645259938838, "acc_stderr,none": 0.005}},
         "n-samples": {"boolq": {"original": 3270, "effective": 3270}},
         "configs": {"boolq": {"output_type": "multiple_choice"}}}
    Good:
        # results/lm_eval.json, whole file
        {"results": {"boolq": {"acc,none": 0.7507645259938838, "acc_stderr,none": 0.007565703889598036}},
         "n-samples": {"boolq": {"original": 3270, "effective": 3270}},
         "configs": {"boolq": {"output_type": "multiple_choice"}}}
    Fix: Ship the file as the evaluation wrote it. Not looked at: groups of tasks, and tasks with a
        function of their own for results, whose answers may be partly right.
    Source: measured: 185,346 of 185,346 pairs in 1,823 files give the number of examples.
    """
    for document, task, key, share, error in _with_errors(documents):
        config, n = document.mapping("configs", task), _effective(document, task)
        if config.get("output_type") != "multiple_choice":
            continue
        size = of_standard_error(share, error)
        if n is None or size is None:
            continue
        if size[0] > n * (1 + _TOLERANCE):
            yield document.at("results", task, key).says(
                f"the standard error {error.text} of `{shown(task)}` is that of {size[0].__floor__():,} "
                f"answers, the file says {n:,}",
                document.at("n-samples", task),
            )


@rule(
    "MET109",
    level="warning",
    needs="result documents",
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def timing_of_other_size(documents: tuple[Document, ...]) -> Iterator[Fault]:
    """Samples a second times seconds is not the number of samples in the file.

    Why: The Trainer writes all three of one evaluation. A score that was measured on fewer examples than
        stated shows here.
    Bad:
        # results/all_results.json, whole file
        {"eval_runtime": 12.5, "eval_samples_per_second": 24.0, "eval_samples": 25000}
    Good:
        # results/all_results.json, whole file
        {"eval_runtime": 12.5, "eval_samples_per_second": 2000.0, "eval_samples": 25000}
    Fix: Ship the file as the evaluation wrote it.
    Source: transformers, `speed_metrics`: seconds are rounded to 4 digits, rates to 3.
    """
    for document in documents:
        for prefix in _TIMINGS:
            names = [f"{prefix}_{end}" for end in ("samples_per_second", "runtime", "samples")]
            values = [document.get(name) for name in names]
            if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
                continue
            if not all(0 < value < _MOST for value in values):
                continue
            rate, seconds, n = (read(repr(value)) for value in values)
            if rate is None or seconds is None or n is None:
                continue
            low, high = of_timing(rate.value, seconds.value, Fraction(1, 1000), Fraction(1, 10_000))
            if not low <= n.value <= high:
                told = whole_within((low, high)) or decimal(rate.value * seconds.value, 0)
                yield document.at(names[2]).says(
                    f"`{names[2]}` is {shown(n.text)}, {shown(rate.text)} a second in "
                    f"{shown(seconds.text)} s are {told}",
                    document.at(names[0]),
                    document.at(names[1]),
                )


def _with_errors(
    documents: tuple[Document, ...],
) -> Iterator[tuple[Document, str, str, Printed, Printed]]:
    """Each mean of zeros and ones of a single task with its standard error, and the error's key."""
    for document in documents:
        count = 0
        for task, found in document.mapping("results").items():
            groups = document.mapping("group_subtasks").get(task)
            if not isinstance(found, dict) or groups or task in document.mapping("groups"):
                continue
            if document.mapping("configs", task).get("process_results"):  # may score some examples only
                continue
            for name in _MEANS_OF_01:
                for end in (",none", ""):
                    key = f"{name}_stderr{end}"
                    share, error = (_printed(found.get(one)) for one in (f"{name}{end}", key))
                    if share is None or error is None or not 0 < share.value < 1 or error.value <= 0:
                        continue
                    count += 1
                    if count <= _MOST_PAIRS:
                        yield document, task, key, share, error


def _printed(value: object) -> Printed | None:
    return read(repr(value)) if isinstance(value, float) else None


def _effective(document: Document, task: str) -> int | None:
    n = document.get("n-samples", task, "effective")
    return n if isinstance(n, int) and not isinstance(n, bool) and 1 < n < 10**12 else None
