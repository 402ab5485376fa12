"""Where a training run stands, as one safetensors file: the session's state and the losses so far.

Resuming from it gives the same bytes as never having stopped: what a step draws comes from (seed, step),
so no generator state is stored.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from auditor.training.files import write_whole

if TYPE_CHECKING:
    from auditor.training.train import Running

SHARE = 0.01  # of the run's time that writing checkpoints may take
SHORTEST_S = 2.0


class Checkpoints:
    """Writes the checkpoint of one run, no oftener than costs a hundredth of its time.

    Attributes:
        due_at: the time of `time.monotonic()` from which on the next one is due.
    """

    def __init__(self, path: Path, *, every_s: float = SHORTEST_S, run: str = "") -> None:
        """`run` names the run; a checkpoint of another one is not taken up."""
        self._path, self._run = path, run
        self._shortest_s = every_s
        self.due_at = time.monotonic() + every_s

    def write(self, session: Running, losses: Tensor) -> None:
        """Stores the session; `losses` holds one value per step, those done are kept."""
        started = time.monotonic()
        state = {name: value.cpu().contiguous() for name, value in session.tensors().items()}
        done = {"losses": losses[: session.step].cpu(), "step": torch.tensor(session.step)}
        write_whole(self._path, save(state | done, {"run": self._run}))
        spent = time.monotonic() - started
        self.due_at = time.monotonic() + max(self._shortest_s, spent / SHARE)

    def restore(self, session: Running, losses: Tensor) -> None:
        """Puts the stored state into the session, which stays at its start where none can be read."""
        try:
            raw = self._path.read_bytes()
            if _run(raw) != self._run:
                return
            stored = load(raw)
            step, done = int(stored.pop("step")), stored.pop("losses")
            losses[:step] = done
            session.load(stored, step)
        except (OSError, SafetensorError, KeyError, TypeError, RuntimeError, ValueError):
            return  # no checkpoint, or a damaged one: the seed starts over

    def remove(self) -> None:
        """Afterwards there is none."""
        self._path.unlink(missing_ok=True)


def _run(raw: bytes) -> str | None:
    """Which run a checkpoint says it is of; the header's format: https://github.com/huggingface/safetensors."""
    end = 8 + int.from_bytes(raw[:8], "little")
    name: str | None = json.loads(raw[8:end])["__metadata__"]["run"]
    return name
