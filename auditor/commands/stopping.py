"""Ctrl-C and SIGTERM as a request to stop at the next good place, for commands that train."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from auditor.errors import Interrupted

if TYPE_CHECKING:
    from auditor.training.watch import Stop


@contextmanager
def stoppable(kept: str) -> Iterator[Stop]:
    """The first signal asks to stop after the current step, a second one ends; `kept` says what remains."""
    from auditor.training.watch import Stop

    stop = Stop()

    def ask(number: int, _: FrameType | None) -> None:
        if stop.signal_number is not None:
            raise Interrupted(number)
        stop.signal_number = number

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    except Interrupted as error:
        error.help = kept
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
