"""How many numbers a tensor has, told from its shape alone."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 2**70  # more than any file system can hold; products of hostile shapes stop here


def numel(shape: Sequence[int]) -> int | None:
    """The product of the sides; None where it is beyond what any file can hold."""
    if 0 in shape:
        return 0
    count = 1
    for side in shape:
        count *= side
        if not 0 < count < _MOST:
            return None
    return count
