"""Scores in the files that an evaluation wrote: the Trainer's JSON, lm-evaluation-harness, flat JSON.

The Trainer: `save_metrics` of transformers writes `NAME_results.json` and `all_results.json`, keys prefixed
by the name of the split, and `trainer_state.json` with `log_history`. lm-evaluation-harness: `results`, by
task, keys `acc,none` since 0.4 and `acc` before. Flat files of names and numbers are read wherever one is a
metric.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auditor.forensics.printed import Printed, read
from auditor.model import KeyPath
from auditor.readers.document import Document
from auditor.statements.card import MAX_EXAMPLES, counted_shots
from auditor.statements.metrics import Metric, metric
from auditor.statements.score import Score, Source

if TYPE_CHECKING:
    from auditor.bundle import Bundle

MAX_FILES = 64  # of results that are read; a release with more has a folder of experiments
MAX_BYTES = 4 * 2**20  # of one; the log of a million steps is no result
MAX_DIGITS_BYTES = (
    64 * 2**10
)  # of a file whose printed digits are looked up; of a larger one they are Python's
MAX_TASKS = 2_000  # of one file of lm-evaluation-harness; BIG-bench with MMLU has some 500
MAX_ROWS = 5_000  # of a log; what was evaluated more often is not compared
MAX_DEPTH = 2  # folders above a file of results; checkpoints and experiments lie deeper
STATE = "trainer_state.json"
_NAMES = frozenset(("metrics.json", "results.json", "scores.json", "eval.json", "evaluation.json"))
_PREFIXES = ("eval_", "test_", "predict_", "train_", "validation_", "val_", "dev_")
_SPLIT_OF_PREFIX = {"test_": "test", "train_": "train", "validation_": "validation", "val_": "validation"}
_SPLIT_OF_PREFIX |= {"dev_": "validation", "predict_": "test"}
_NO_SCORES = ("runtime", "per_second", "samples", "flos", "memory", "mem_", "timestamp", "jit")


def result_scores(bundle: Bundle) -> Iterator[Score]:
    """The scores of every file of results, those at the top first."""
    for path in result_files(bundle):
        document = bundle.document(path)
        if not isinstance(document, Document) or not isinstance(document.value, dict):
            continue
        if path.rpartition("/")[2] == STATE:
            yield from _of_state(document)
        elif isinstance(document.get("results"), dict):
            yield from _of_harness(document)
        else:
            yield from _of_mapping(document, (), document.file)


def result_files(bundle: Bundle) -> list[str]:
    """Paths of the files of results, shallow ones first, at most MAX_FILES."""
    found = []
    for file in bundle.files:
        path = file.path
        named = path.endswith(".json") and path.count("/") <= MAX_DEPTH and _is_result(path)
        if named and file.is_regular and file.size_bytes <= MAX_BYTES:
            found.append(path)
    return sorted(found, key=lambda path: (path.count("/"), path))[:MAX_FILES]


def _is_result(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if name == STATE:
        return not folder  # those of checkpoints are of another step than the release
    if "checkpoint" in folder:
        return False
    return (
        name in _NAMES
        or name.endswith(("_results.json", "_metrics.json"))
        or name.startswith(("results_", "eval_results"))
        or folder.rpartition("/")[2] in ("results", "eval_results", "metrics")
    )


def _of_state(document: Document) -> Iterator[Score]:
    """Each evaluation in the log of a Trainer; one step is one group. The best metric is one of them."""
    for count, (path, row) in enumerate(document.items("log_history")):
        if count == MAX_ROWS:
            return
        if isinstance(row, dict) and any(key.startswith("eval_") for key in row):
            yield from _of_mapping(document, path, f"{document.file} {path}", "training log")


def _of_harness(document: Document) -> Iterator[Score]:
    """The scores of each task; a task is a group and names its data."""
    for count, (task, found) in enumerate(document.mapping("results").items()):
        if count == MAX_TASKS:
            return
        if not isinstance(found, dict):
            continue
        n = document.get("n-samples", task, "effective")
        shots = document.get("n-shot", task)
        if shots is None:
            shots = document.get("configs", task, "num_fewshot")
        group = f"{document.file} {task}"
        for key in found:
            name, _, filtered = key.partition(",")
            value = _number(document, ("results", task, key))
            meant = metric(name)
            if value is None or not meant.known:
                continue
            if filtered not in ("", "none"):
                meant = replace(meant, base=f"{meant.base} ({filtered})")
            yield Score(
                place=document.at("results", task, key),
                source="results",
                text=key,
                metric=meant,
                value=value,
                group=group,
                dataset=task,
                average=meant.average,
                n=_examples(n),
                shots=counted_shots(shots),
            )


def _of_mapping(document: Document, path: KeyPath, group: str, source: Source = "results") -> Iterator[Score]:
    """The numbers of one mapping whose keys name metrics; those of one prefix are one group."""
    entries = document.mapping(*path)
    about = _split_of_name(document.file) if not path else ""
    for key in entries:
        if any(word in key for word in _NO_SCORES):
            continue
        prefix = next((one for one in _PREFIXES if key.startswith(one)), "")
        name = _metric(key.removeprefix(prefix))
        value = _number(document, (*path, key)) if name.known else None
        if value is None or (source == "training log" and prefix != "eval_"):
            continue
        yield Score(
            place=document.at(*path, key),
            source=source,
            text=key,
            metric=name,
            value=value,
            group=f"{group} {prefix}",
            split=name.split or _SPLIT_OF_PREFIX.get(prefix, about),
            average=name.average,
            n=_examples(entries.get(f"{prefix}samples")),
        )


def _metric(key: str) -> Metric:
    return metric(key.replace("/", " ").replace("-", " "))


def _split_of_name(path: str) -> str:
    """The split that the name of a file speaks of: `test_results.json`; `eval_results.json` names none."""
    word = path.rpartition("/")[2].partition("_")[0].removesuffix(".json")
    return metric(word).split


def _number(document: Document, path: KeyPath) -> Printed | None:
    value: Any = document.get(*path)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    short = len(document.source) <= MAX_DIGITS_BYTES
    return read(document.printed(*path) if short else repr(value))


def _examples(value: object) -> int | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and 0 < value <= MAX_EXAMPLES else None  # type: ignore[operator, return-value]
