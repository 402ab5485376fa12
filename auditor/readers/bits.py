"""Blocks of bytes taken as whole numbers of 1, 2, 4 or 8 bytes: their maxima, and which lie beyond a bound.

Two ways of looking, with the same answers: plain Python for little, numpy for much. numpy is loaded on
demand, without the threads that its linear algebra would start.
"""

from __future__ import annotations

import os
import sys
from array import array
from typing import Protocol

_UNSIGNED = {1: "B", 2: "H", 4: "I", 8: "Q"}
_SIGNED = {1: "b", 2: "h", 4: "i", 8: "q"}


class Look(Protocol):
    """One way of looking at a block that holds whole numbers of `width` bytes, and at least one."""

    def maxima(self, block: memoryview, width: int) -> tuple[int, int]:
        """The largest number, and the largest of the same bits read with a sign."""

    def alike(self, block: memoryview, width: int, value: int) -> bool:
        """Whether every number is `value`."""

    def beyond(self, block: memoryview, width: int, mask: int, bound: int) -> tuple[int, int, int]:
        """How many numbers reach `bound` under the mask, the index of the first, the largest other one."""


class Plain:
    """With the standard library alone."""

    def maxima(self, block: memoryview, width: int) -> tuple[int, int]:
        """As `Look.maxima`."""
        return max(_array(_UNSIGNED[width], block)), max(_array(_SIGNED[width], block))

    def alike(self, block: memoryview, width: int, value: int) -> bool:
        """As `Look.alike`."""
        return bytes(block) == value.to_bytes(width, "little") * (len(block) // width)

    def beyond(self, block: memoryview, width: int, mask: int, bound: int) -> tuple[int, int, int]:
        """As `Look.beyond`."""
        numbers = [number & mask for number in _array(_UNSIGNED[width], block)]
        first = next((index for index, number in enumerate(numbers) if number >= bound), -1)
        others = [number for number in numbers if number < bound]
        return len(numbers) - len(others), first, max(others, default=0)


class Vector:
    """With numpy, which must not be used from several threads before one of these has been made."""

    def __init__(self) -> None:
        import_numpy()

    def maxima(self, block: memoryview, width: int) -> tuple[int, int]:
        """As `Look.maxima`."""
        import numpy as np

        return (
            int(np.frombuffer(block, f"<u{width}").max()),
            int(np.frombuffer(block, f"<i{width}").max()),
        )

    def alike(self, block: memoryview, width: int, value: int) -> bool:
        """As `Look.alike`."""
        import numpy as np

        return bool((np.frombuffer(block, f"<u{width}") == value).all())

    def beyond(self, block: memoryview, width: int, mask: int, bound: int) -> tuple[int, int, int]:
        """As `Look.beyond`."""
        import numpy as np

        numbers = np.frombuffer(block, f"<u{width}") & mask
        over = numbers >= bound
        count = int(np.count_nonzero(over))
        first = int(over.argmax()) if count else -1
        numbers[over] = 0
        return count, first, int(numbers.max())


def import_numpy() -> None:
    """The package numpy is loaded, and its linear algebra has started no threads of its own.

    Measured: `OPENBLAS_NUM_THREADS=1 python -c "import numpy"`, 0.08 s of CPU and not 0.18 s on two cores.
    """
    if "numpy" in sys.modules:
        return
    name = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        import numpy  # noqa: F401, ICN001
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _array(kind: str, block: memoryview) -> array[int]:
    numbers: array[int] = array(kind)
    numbers.frombytes(block)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
