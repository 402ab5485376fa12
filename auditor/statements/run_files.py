"""Numbers in the files of a run: the Trainer's JSON, our recipe and budget, the parameters of MLflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.forensics.printed import read
from auditor.model import KeyPath, Place, Span
from auditor.readers.document import Document, Unreadable
from auditor.statements.score import Quantity

if TYPE_CHECKING:
    from auditor.bundle import Bundle

MAX_PARAMETERS = 200  # files of an MLflow store that are read; a run has some 100 for a Trainer's arguments
MAX_PARAMETER_BYTES = 500  # of one of them, which is MLflow's own bound on a value
_STATE = {
    "epoch": "epochs_done",
    "global_step": "steps_done",
    "max_steps": "steps",
    "num_train_epochs": "epochs",
    "num_input_tokens_seen": "tokens_seen",
    "total_flos": "trainer_flops",
    "train_batch_size": "train_batch_size",
}
_RESULTS = {
    "train_samples": "train_examples",
    "train_runtime": "train_seconds",
    "train_steps_per_second": "steps_per_second",
    "total_flos": "trainer_flops",
    "epoch": "epochs_done",
}
_ARGUMENTS = {
    "learning_rate": "learning_rate",
    "num_train_epochs": "epochs",
    "max_steps": "steps",
    "seed": "seed",
    "gradient_accumulation_steps": "gradient_accumulation_steps",
    "per_device_train_batch_size": "device_batch_size",
    "per_device_eval_batch_size": "device_eval_batch_size",
    "warmup_steps": "warmup_steps",
    "warmup_ratio": "warmup_ratio",
}
FILES = {
    "trainer_state.json": ("trainer state", _STATE),
    "all_results.json": ("results", _RESULTS),
    "train_results.json": ("results", _RESULTS),
    "training_args.json": ("training arguments", _ARGUMENTS),
}
_RECIPE: dict[KeyPath, str] = {
    ("optimizer", "lr"): "learning_rate",
    ("training", "epochs"): "epochs",
    ("training", "batch_size"): "total_train_batch_size",
    ("data", "splits", "train", "rows"): "train_examples",
}
_BUDGET: dict[KeyPath, tuple[str, str]] = {
    ("budget", "params_total"): ("params_total", ""),
    ("budget", "tokens_seen"): ("tokens_seen", "tokens"),
    ("budget", "hardware", "count"): ("chips", ""),
    ("budget", "hardware", "hours"): ("hours", "h"),
}


def of_run_files(bundle: Bundle) -> Iterator[Quantity]:
    """The Trainer's files at the top of the bundle."""
    for path, (source, names) in FILES.items():
        document = bundle.document(path) if bundle.has(path) else None
        if isinstance(document, Document):
            for key, name in names.items():
                if name == "steps" and document.get(key) == -1:  # the Trainer's word for: by epochs
                    continue
                yield from _number(document, (key,), source, name, "")


def of_recipe(recipe: Document) -> Iterator[Quantity]:
    """The numbers of recipe.yaml; one seed alone, as several runs have no one."""
    for path, name in _RECIPE.items():
        yield from _number(recipe, path, "recipe", name, "")


def of_budget(manifest: Document) -> Iterator[Quantity]:
    """The budget of fmaudit.yaml."""
    for path, (name, unit) in _BUDGET.items():
        yield from _number(manifest, path, "budget", name, unit)


def of_mlflow(bundle: Bundle) -> Iterator[Quantity]:
    """The parameters of the only run of an MLflow file store, `mlruns/EXPERIMENT/RUN/params/NAME`."""
    found: dict[str, str] = {}
    runs = set()
    for file in bundle.files:
        if file.path.startswith("mlruns/"):
            steps = file.path.split("/")
            if len(steps) == 5 and steps[3] == "params" and file.is_regular:
                runs.add(steps[2])
                found.setdefault(steps[4], file.path)
    if len(runs) != 1 or len(found) > MAX_PARAMETERS:
        return
    for key in sorted(_ARGUMENTS.keys() & found.keys()):
        try:
            text = bundle.read_bytes(found[key], MAX_PARAMETER_BYTES).decode("utf-8", "replace").strip()
        except Unreadable:
            continue
        value = read(text)
        if value is not None and not (key == "max_steps" and value.value < 0):
            place = Place(found[key], span=Span(found[key], 1, 1, 1, len(text) + 1))
            yield Quantity(place, "mlflow", _ARGUMENTS[key], value, group="mlruns")


def _number(document: Document, path: KeyPath, source: str, name: str, unit: str) -> Iterator[Quantity]:
    value = document.get(*path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return
    if document.file.endswith(".json"):  # written by json.dump: the shortest text of a number is its print
        printed = read(value if isinstance(value, str) else repr(value))
    else:
        printed = read(value if isinstance(value, str) else document.printed(*path))
    if printed is not None:
        yield Quantity(document.at(*path), source, name, printed, unit, document.file)
