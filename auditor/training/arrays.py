"""One split's data in memory, as numpy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_BYTES = 2 * 2**30  # of one decompressed file: a bound on archives that grow without end
MOST_CHARACTERS = 2**28  # of one text, which takes four bytes each while it is numbered


@dataclass(frozen=True, slots=True)
class Arrays:
    """One split in memory: inputs (n, features) as float32, or tokens (n, block) as int64.

    Targets are labels (n) or sequences (n, length) as int64, or numbers (n, outputs) as float32. Of a text,
    `symbol_bytes` (characters) tells how many bytes of UTF-8 each of the file's characters takes.
    """

    inputs: NDArray[np.float32] | NDArray[np.int64]
    targets: NDArray[np.int64] | NDArray[np.float32]
    symbol_bytes: NDArray[np.int64] | None = None
