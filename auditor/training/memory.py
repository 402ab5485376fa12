"""Memory that runs out, told as one clear error; imports no torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from auditor.errors import CannotRun


@contextmanager
def enough_memory() -> Iterator[None]:
    """Turns memory that ran out, as Python and torch tell it, into one clear error."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # torch tells of a failed allocation on a CPU by a plain RuntimeError only.
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        raise CannotRun(
            "there is not enough memory",
            help="use a machine or device with more, or a smaller `evaluation.batch_size`",
        ) from error
