"""What a run directory holds, read without torch: finished, diverged, unfinished and damaged runs.

The files are ours, but anybody may have edited them since: whatever they hold, a run is listed with what
could be read of it.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from auditor.errors import CannotRun, UsageError
from auditor.reproduce.ledger import FILE as LEDGER
from auditor.training.files import cannot_write, read_json
from auditor.training.score import Score

State = Literal["finished", "diverged", "unfinished", "damaged"]
NAME = re.compile(r"seed-(\d{1,20})-[0-9a-f]{12}")
LONGEST_HEADER = 1 << 24  # bytes of a checkpoint's header


@dataclass(frozen=True, slots=True)
class Stored:
    """One run of a run directory.

    Attributes:
        folder: where it lies.
        seed: fixes its randomness.
        state: `damaged` where its record cannot be read; an audit trains such a run anew.
        identity: what its bits depend on besides the seed, by name; empty where it is not known.
        scores: metrics by split and name.
        epoch_losses: mean loss of each epoch.
        step: steps that its checkpoint holds; None without one.
        seconds: what it took; None where that is not known.
        size_bytes: of all its files.
        changed_s: when a file of it last changed, seconds since 1970.
    """

    folder: Path
    seed: int
    state: State
    identity: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    epoch_losses: tuple[float, ...] = ()
    step: int | None = None
    seconds: float | None = None
    size_bytes: int = 0
    changed_s: float = 0.0

    @property
    def id(self) -> str:
        """Its name."""
        return self.folder.name


def run_directories(folder: Path) -> tuple[Path, ...]:
    """The run directories that a folder is or holds.

    Raises:
        CannotRun: it is no folder, or holds none.
    """
    if not folder.is_dir():
        raise CannotRun(
            "there is no such folder", where=str(folder), help="name a run directory with --run-dir"
        )
    try:
        found = [folder] if _is_one(folder) else sorted(path for path in folder.iterdir() if _is_one(path))
    except OSError as error:
        raise CannotRun(
            f"the folder cannot be read ({(error.strerror or 'unknown error').lower()})",
            where=str(folder),
            help="name a folder of your own with --run-dir",
        ) from error
    if not found:
        raise CannotRun(
            "this is no run directory",
            where=str(folder),
            help="`fmaudit reproduce` makes one and prints where it lies",
        )
    return tuple(found)


def stored_runs(run_dir: Path) -> list[Stored]:
    """Every run of a run directory, by name; links and what is not ours are passed over."""
    folders = sorted((run_dir / "runs").glob("seed-*")) if (run_dir / "runs").is_dir() else []
    return [_stored(path) for path in folders if NAME.fullmatch(path.name) and _own_folder(path)]


def pick(runs: Sequence[Stored], name: str) -> Stored:
    """The run that is meant by an id, a seed, or a part of an id that no other one has.

    Raises:
        UsageError: none is, or several are.
    """
    exact = [run for run in runs if name in (run.id, str(run.seed))]
    found = exact if len(exact) == 1 else [run for run in runs if name and name in run.id]
    if len(found) == 1:
        return found[0]
    what = "there is no such run" if not found else f"this may be any of {len(found)} runs"
    close = ", ".join(run.id for run in (found or runs)[:3])
    raise UsageError(what, where=name[:80] or "ID", help=f"for example: {close}" if close else "none is here")


def chain_lines(run: Stored) -> list[dict[str, Any]]:
    """The lines of a run's chain, as far as they can be read."""
    lines = []
    try:
        with (run.folder / "training_chain.jsonl").open("rb") as stream:
            for line in stream:
                value = json.loads(line)
                lines += [value] if isinstance(value, dict) else []
    except (OSError, ValueError, RecursionError):
        pass
    return lines


def remove(run: Stored) -> None:
    """The run is gone.

    Raises:
        CannotRun: a file of it cannot be removed.
    """
    try:
        shutil.rmtree(run.folder)
    except OSError as error:
        raise cannot_write(run.folder, error) from error


def _is_one(folder: Path) -> bool:
    return folder.is_dir() and any((folder / name).exists() for name in ("runs", LEDGER, "lock"))


def _own_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _stored(folder: Path) -> Stored:
    match = NAME.fullmatch(folder.name)
    assert match is not None
    files = [path.lstat() for path in sorted(folder.iterdir()) if path.is_file()]
    record = read_json(folder / "record.json")
    timing = read_json(folder / "timing.json")
    identity: dict[str, Any] = {}
    scores: dict[str, dict[str, float]] = {}
    losses: tuple[float, ...] = ()
    state: State = "damaged" if (folder / "record.json").exists() else "unfinished"
    try:
        if record is not None:
            identity, scores = dict(record["identity"]), _scores(record["scores"])
            losses = tuple(map(float, record["epoch_losses"]))
            finite = all(math.isfinite(score["loss"]) for score in scores.values())
            state = "finished" if finite else "diverged"
    except (KeyError, TypeError, ValueError, AttributeError):
        state, identity, scores, losses = "damaged", {}, {}, ()
    seconds = timing.get("seconds") if isinstance(timing, dict) else None
    return Stored(
        folder=folder,
        seed=int(match[1]),
        state=state,
        identity=identity,
        scores=scores,
        epoch_losses=losses,
        step=_step(folder / "checkpoint.safetensors"),
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
        size_bytes=sum(file.st_size for file in files),
        changed_s=max((file.st_mtime for file in files), default=folder.lstat().st_mtime),
    )


def _scores(record: Any) -> dict[str, dict[str, float]]:
    """Metrics by split."""
    scores = {}
    for split, kept in sorted(record.items()):
        score = Score.from_json(kept)
        found = {"n": float(score.n), "loss": score.loss} | dict(score.metrics)
        found |= {"accuracy": score.n_correct / score.n_items} if score.correct else {}
        found |= {} if score.confidence is None else {"confidence": score.confidence}
        scores[split] = found
    return scores


def _step(path: Path) -> int | None:
    """The steps that a checkpoint holds, read from its header and eight bytes."""
    try:
        with path.open("rb") as stream:
            (size,) = struct.unpack("<Q", stream.read(8))
            header = json.loads(stream.read(min(size, LONGEST_HEADER)))
            stream.seek(8 + size + int(header["step"]["data_offsets"][0]))
            (step,) = struct.unpack("<q", stream.read(8))
            return int(step)
    except (OSError, ValueError, LookupError, TypeError, struct.error, OverflowError, RecursionError):
        return None
