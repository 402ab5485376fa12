"""Files that are not what they seem, or were not meant to be shipped: disguises, compiled code, leftovers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.content import beginnings
from auditor.rules.paths import whole_file
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle

# What Windows runs at a double click, behind an ending that people take for harmless.
_DOUBLE = (
    r"(?i)\.(?:safetensors|bin|pt|pth|ckpt|gguf|onnx|h5|json|ya?ml|txt|md|csv|pdf|png|jpe?g|gif|zip|docx?)"
    r"[ .\u00a0]*\.(?:exe|scr|com|pif|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|msi|lnk|jar|cpl|reg)\Z"
)
_SCRIPT = rb"#!\s*/(?:usr/|bin/|opt/|sbin/)[^\n]{1,100}"
_DATA = (  # endings of files that hold data or text, never a program
    *(".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".gguf", ".onnx", ".h5", ".keras", ".msgpack"),
    *(".npy", ".npz", ".json", ".jsonl", ".yaml", ".yml", ".md", ".csv", ".tsv", ".model", ".parquet"),
    *(".arrow", ".png", ".jpg", ".jpeg", ".gif", ".pdf", ".webp", ".svg", ".wav", ".mp3", ".mp4", ".jinja"),
)
_RUN_FOLDERS = (
    *("wandb", "mlruns", "lightning_logs", ".ipynb_checkpoints", ".neptune", ".comet", ".aim", "__MACOSX"),
    *(".vscode", ".idea", ".mypy_cache", ".pytest_cache", ".ruff_cache", "node_modules", ".venv"),
)
EXECUTABLE = 0o111


@rule("SEC012", level="warning", needs="bundle", since="2026.2")
def name_deceives(bundle: Bundle) -> Iterator[Fault]:
    """A file's name is made to look like another.

    Why: `model.safetensors.exe` shows without its last ending on many desktops, and marks of writing
        direction turn `fdp.exe` into `exe.pdf` on the screen.
    Bad:
        # report.pdf.bat, whole file
        echo hello
    Good:
        # report.txt, whole file
        hello
    Fix: Give the file one ending, the true one.
    """
    for file in bundle.files:
        name = basename(file.path)
        mark = "" if name.isascii() else _unseen(name)
        if mark:
            yield whole_file(file.path).says(f"the name holds a character that is not seen ({mark})")
        elif name.count(".") > 1 and re.search(_DOUBLE, name):
            yield whole_file(file.path).says("a program under the name of something else")


@rule("SEC013", level="warning", needs="bundle", since="2026.2")
def script_in_disguise(bundle: Bundle) -> Iterator[Fault]:
    """A script lies under the name of data.

    Why: Nobody reads a file of weights before making it executable, and no checker of scripts looks at one.
    Bad:
        # pytorch_model.bin, whole file
        #!/bin/sh
        echo hello
    Good:
        # convert.sh, whole file
        #!/bin/sh
        echo hello
    Fix: Name it as what it is, or take it away.
    """
    for file, start in beginnings(bundle):
        if file.path.lower().endswith(_DATA) and _is_script(start):
            yield whole_file(file.path).says("a script under the name of data")


@rule("SEC014", level="warning", needs="bundle", since="2026.2")
def compiled_python(bundle: Bundle) -> Iterator[Fault]:
    """The bundle ships compiled Python.

    Why: Nobody can read it, Python may run it in the place of the source beside it, and it fits one version
        of Python only.
    Bad:
        # __pycache__/modeling_digits.cpython-311.pyc, whole file
        hello
    Good:
        # modeling_digits.py, whole file
        class Digits: ...
    Fix: Remove it, and ignore `__pycache__/` in Git.
    Source: https://docs.python.org/3/tutorial/modules.html#compiled-python-files
    """
    folders: dict[str, list[str]] = {}
    for file in bundle.files:
        if file.path.endswith((".pyc", ".pyo")):
            folders.setdefault(dirname(file.path), []).append(file.path)
    for paths in folders.values():
        others = f", and {len(paths) - 1} more beside it" if len(paths) > 1 else ""
        yield whole_file(paths[0]).says(f"compiled Python{others}")


@rule("SEC015", level="note", needs="bundle", since="2026.2")
def run_folder_shipped(bundle: Bundle) -> Iterator[Fault]:
    """A folder that a tool writes for itself lies in the release.

    Why: Logs of runs and states of editors tell of machines, people and paths, and nobody needs them to use
        the model.
    Bad:
        # wandb/run-20260101_120000-abcd/files/output.log, whole file
        step 1
    Good:
        # results/log.txt, whole file
        step 1
    Fix: Remove the folder; what shows how training went belongs to `results/`.
    """
    folders: dict[str, int] = {}
    for file in bundle.files:
        above = file.path.split("/")[:-1]
        place = next((index for index, name in enumerate(above) if name in _RUN_FOLDERS), None)
        if place is not None:
            folder = "/".join(above[: place + 1]) + "/"
            folders[folder] = folders.get(folder, 0) + 1
    for folder, count in folders.items():
        files = "file" if count == 1 else "files"
        yield whole_file(folder).says(
            f"`{shown(folder)}` with {count:,} {files} was written by a tool for itself"
        )


@rule("SEC016", level="note", needs="bundle", certainty="hint", since="2026.2")
def executable_script(bundle: Bundle) -> Iterator[Fault]:
    """A script may be run as it is.

    Why: It is one click or one word away from running. A model needs none to be loaded.
    Bad:
        # setup.sh, whole file, executable
        #!/bin/sh
        echo hello
    Good:
        # setup.sh, whole file
        #!/bin/sh
        echo hello
    Fix: `chmod -x FILE`, where nobody needs to run it.
    """
    for file, start in beginnings(bundle):
        if file.mode & EXECUTABLE and _is_script(start):
            yield whole_file(file.path).says("a script that may be run as it is")


def _unseen(name: str) -> str:
    """What a character of a name is called that shows nothing on the screen; empty where there is none.

    Soft hyphens, and joiners in scripts that need them (Persian, Hindi, emoji), are not meant.
    """
    import unicodedata

    for before, char in zip(" " + name, name, strict=False):
        is_joiner = char in "\u200c\u200d" and not before.isascii()
        if unicodedata.category(char) == "Cf" and char != "\u00ad" and not is_joiner:
            return unicodedata.name(char, f"U+{ord(char):04X}").lower()
    return ""


def _is_script(start: bytes) -> bool:
    return start.startswith(b"#!") and re.match(_SCRIPT, start) is not None
