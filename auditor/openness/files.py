"""What a file of a bundle is evidence of by its path, if it holds something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from posixpath import normpath
from typing import TYPE_CHECKING

from auditor.readers.document import Unreadable
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.bundle import Bundle, File

MAX_PATH = 1_000  # characters of a path that is looked at: what is longer was not named by people
MOST_SHOWN = 5  # pieces of evidence kept of one component: checkpoints can be thousands
_POINTER = b"version https://git-lfs.github.com/spec/"
_POINTER_BYTES = 1024  # the format's own limit

_CODE = r"\.(?:py|sh|ipynb|jl|r|cpp|cc|cu|rs|go|js|ts)"
_WEIGHTS = r"\.(?:safetensors|bin|pt|pth|ckpt|gguf|onnx|h5|keras|msgpack|tflite|mlmodel|npz)"
_ROWS = r"\.(?:csv|tsv|jsonl|json|parquet|arrow|txt|npz|npy|gz|zip|tar|xz|zst|bz2)"
# What a path is evidence of; `/` stands before its first letter. The first that fits decides, in lower case.
_PATHS: tuple[tuple[int, str], ...] = (
    (
        17,
        r"(?:/.*)?/(?:training_args\.bin|trainer_state\.json|training_args\.json|hparams\.\w+|hyperparameters\.\w+)",
    ),
    (17, r"(?:/.*)?/(?:optimizer|scheduler|scaler|rng_state\w*)\.(?:pt|pth|bin)"),
    (24, rf"/(?:checkpoints?|ckpts?|(?:checkpoint|step|epoch|iter|global_step)s?[-_]?\d+[^/]*)/.*{_WEIGHTS}"),
    (24, rf"/[^/]*(?:[-_]step|[-_]epoch|checkpoint)[-_=]?\d+[^/]*{_WEIGHTS}"),
    (10, rf"/(?!training_args)[^/]*{_WEIGHTS}"),
    (9, r"/(?:modeling_[^/]*|model|architecture|network)\.py"),
    (16, rf"/(?:data_?)?(?:pre_?process|prepare|clean|build_dataset|make_dataset)[^/]*{_CODE}"),
    (18, rf"/(?:eval|evaluate|evaluation|benchmark|run_eval)[^/]*{_CODE}"),
    (
        7,
        rf"/(?:train|finetune|fine_tune|pretrain|run_(?:clm|mlm|glue|qa|ner|squad|sft|summarization))[^/]*{_CODE}",
    ),
    (8, rf"/(?:infer|inference|predict|generate|sample|demo|app|handler|serve)[^/]*{_CODE}"),
    (
        22,
        r"/(?:[\w.-]*requirements[\w.-]*\.txt|environment[\w.-]*\.ya?ml|conda[\w.-]*\.ya?ml|pyproject\.toml|setup\.py)",
    ),
    (22, r"/(?:uv\.lock|poetry\.lock|pipfile(?:\.lock)?|pdm\.lock|dockerfile)"),
    (21, r"/(?:[^/]*[-_])?paper(?:[-_][^/]*)?\.(?:pdf|tex|md)"),
    (11, r"/(?:[^/]*[-_])?(?:tech(?:nical)?[-_]?)?report(?:[-_][^/]*)?\.(?:pdf|tex|md)"),
    (14, r"/(?:data[-_]?(?:set)?[-_]?card|datasheet)[^/]*\.(?:md|pdf|json|ya?ml)|/data(?:sets?)?/readme\.md"),
    (13, r"/model[-_]?card\.(?:md|pdf)"),
    (
        12,
        r"/(?:all|eval|test|predict)_results\.json|/(?:\.eval_results|results|evaluation)/.*\.(?:json|ya?ml|csv)",
    ),
    (20, r"/(?:samples?|sample_outputs|outputs|generations)/.+"),
    (
        19,
        rf"/(?:data|datasets?|eval_data)/(?:.*[/_-])?(?:test|valid|validation|dev|eval|heldout)[^/]*{_ROWS}",
    ),
    (15, rf"/(?:data|datasets?|train_data)/(?:.*[/_-])?train[^/]*{_ROWS}"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence: a file, the line in it (0 where it has none), and what it is.

    Attributes:
        licence: that this piece itself bears; None where it says nothing.
        outside: whether the component lies elsewhere, by a URL.
    """

    file: str
    line: int = 0
    note: str = ""
    licence: str | None = None
    outside: bool = False


def is_there(bundle: Bundle, path: str) -> bool:
    """Whether a path of the bundle holds something: a file with content of its own, or a folder with one."""
    known = normpath(path)
    if known.startswith(("../", "/")) or known == "..":
        return False
    file = bundle.file(known)
    if file is not None:
        return holds(bundle, file)
    below = "" if known == "." else f"{known}/"
    return any(file.path.startswith(below) and holds(bundle, file) for file in bundle.files)


def holds(bundle: Bundle, file: File) -> bool:
    """Whether a file has content of its own: it is regular, not empty, and no Git LFS pointer."""
    if not file.is_regular or not file.size_bytes:
        return False
    if file.size_bytes >= _POINTER_BYTES:
        return True
    try:
        with bundle.opened(file.path) as stream:
            return not stream.read(len(_POINTER)).startswith(_POINTER)
    except Unreadable:
        return False


def by_path(bundle: Bundle) -> Iterator[tuple[int, Piece]]:
    """What each file is evidence of by its path, at most MOST_SHOWN of a component."""
    pattern = _pattern()
    shown: dict[int, int] = {}
    for file in bundle.files:
        path = f"/{file.path.lower()}"
        if len(path) > MAX_PATH:
            continue
        match = pattern.fullmatch(path) or pattern.fullmatch(path, path.rfind("/"))
        number = int((match.lastgroup or "_0").split("_")[1]) if match else 0
        if number and shown.get(number, 0) < MOST_SHOWN and holds(bundle, file):
            shown[number] = shown.get(number, 0) + 1
            yield number, Piece(file.path)


@cache
def _pattern() -> re.Pattern[str]:
    """All of them in one, each a group that bears the component's number."""
    return re.compile("|".join(f"(?P<g{row}_{number}>{text})" for row, (number, text) in enumerate(_PATHS)))
