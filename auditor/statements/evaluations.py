"""Scores in files beside a card: `.eval_results`, OpenMMLab's metafile, MLflow's store, our manifest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.forensics.printed import Printed, read
from auditor.model import KeyPath, Place, Span
from auditor.readers.document import Document, Unreadable
from auditor.statements.card import MAX_EXAMPLES, number
from auditor.statements.metrics import metric
from auditor.statements.score import Score

if TYPE_CHECKING:
    from auditor.bundle import Bundle

MAX_FILES = 200  # of each kind that are read
MAX_METRIC_BYTES = 1 << 20  # of one of MLflow's files, some 30,000 steps
METAFILES = ("metafile.yml", "metafile.yaml", "model-index.yml")


def manifest_scores(manifest: Document) -> Iterator[Score]:
    """The claims of fmaudit.yaml; each is a group of its own, as runs and conditions may differ."""
    for path, entry in manifest.items("claims"):
        value = _number(manifest, (*path, "value"))
        if not isinstance(entry, dict) or value is None:
            continue
        about, data = manifest.mapping(*path, "metric"), manifest.mapping(*path, "data")
        text = _text(about.get("type"))
        name = metric(text)
        n = data.get("n")
        is_whole = isinstance(n, int) and not isinstance(n, bool) and 0 < n <= MAX_EXAMPLES
        yield Score(
            place=manifest.at(*path, "value"),
            source="manifest",
            text=text,
            metric=name,
            value=value,
            group=f"{manifest.file} {path}",
            unit=_text(about.get("unit")),
            config=_text(data.get("config")),
            split=metric(_text(data.get("split"))).split or _text(data.get("split")).lower(),
            average=_text(about.get("average")) or name.average,
            n=n if is_whole else None,
            label=_text(entry.get("id")),
        )


def hub_scores(bundle: Bundle) -> Iterator[Score]:
    """The entries of `.eval_results/*.yaml`; they name data and task, but no metric.

    Source: the hub's documentation, "Evaluation results": dataset id, task_id and revision, value, date,
        source,
    notes, verifyToken.
    """
    paths = [file.path for file in bundle.files if file.path.startswith(".eval_results/")]
    for path in [one for one in paths if one.endswith((".yaml", ".yml"))][:MAX_FILES]:
        document = bundle.document(path)
        if not isinstance(document, Document):
            continue
        for step, entry in document.items():
            value = _number(document, (*step, "value"))
            if isinstance(entry, dict) and value is not None:
                data = document.mapping(*step, "dataset")
                yield Score(
                    place=document.at(*step, "value"),
                    source="eval-results",
                    text=_text(data.get("task_id")) or "value",
                    metric=metric(""),
                    value=value,
                    group=f"{path} {step}",
                    dataset=_text(data.get("id")),
                    config=_text(data.get("task_id")),
                    verified=bool(entry.get("verifyToken")),
                )


def metafile_scores(bundle: Bundle) -> Iterator[Score]:
    """The results of OpenMMLab's metafile: `Models`, each with `Results` of `Dataset` and `Metrics`."""
    for path in METAFILES:
        document = bundle.document(path) if bundle.has(path) else None
        if not isinstance(document, Document):
            continue
        for model, entry in document.items("Models"):
            label = _text(entry.get("Name")) if isinstance(entry, dict) else ""
            for result, about in document.items(*model, "Results"):
                dataset = _text(about.get("Dataset")) if isinstance(about, dict) else ""
                for key in document.mapping(*result, "Metrics"):
                    name = metric(key)
                    value = _number(document, (*result, "Metrics", key)) if name.known else None
                    if value is not None:
                        yield Score(
                            place=document.at(*result, "Metrics", key),
                            source="results",
                            text=key,
                            metric=name,
                            value=value,
                            group=f"{path} {result}",
                            unit=name.unit,
                            dataset=dataset,
                            split=name.split,
                            average=name.average,
                            label=label,
                            own=len(document.get("Models")) == 1,
                        )


def mlflow_scores(bundle: Bundle) -> Iterator[Score]:
    """The last value of each metric of the only run of an MLflow file store: lines `timestamp value step`."""
    found: dict[str, str] = {}
    runs = set()
    for file in bundle.files:
        steps = file.path.split("/") if file.path.startswith("mlruns/") else []
        if len(steps) >= 5 and steps[3] == "metrics" and file.is_regular:
            runs.add(steps[2])
            found["/".join(steps[4:])] = file.path
    if len(runs) != 1:
        return
    for key, path in sorted(found.items())[:MAX_FILES]:
        name = metric(key.replace("/", " "))
        if not name.known:
            continue
        try:
            lines = bundle.read_bytes(path, MAX_METRIC_BYTES).decode("utf-8", "replace").splitlines()
        except Unreadable:
            continue
        words = lines[-1].split() if lines else []
        value = read(words[1]) if len(words) >= 2 else None
        if value is not None:
            start = lines[-1].find(words[1], len(words[0])) + 1
            span = Span(path, len(lines), start, len(lines), start + len(words[1]))
            yield Score(
                place=Place(path, span=span),
                source="training log",
                text=key,
                metric=name,
                value=value,
                group=f"mlruns {len(lines)}",
                split=name.split,
                average=name.average,
            )


def _number(document: Document, path: KeyPath) -> Printed | None:
    value = document.get(*path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    found = number(value if isinstance(value, str) else document.printed(*path) or "")
    return found[0] if found else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
