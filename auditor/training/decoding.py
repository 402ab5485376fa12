"""From the bytes of a data file to a split's arrays: comma-separated numbers, idx images, text.

Every fault is a ValueError (or what zlib and gzip raise) whose text says where in the file it is.
"""

from __future__ import annotations

import gzip
import io
import math
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from auditor.formats.recipe_data import CsvSplit, IdxSplit, TextSplit
from auditor.training import arrays
from auditor.training.arrays import Arrays

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IDX_UNSIGNED_BYTE = 0x08  # http://yann.lecun.com/exdb/mnist/, "the IDX file format"
LARGEST_LABEL = 2**31  # beyond any model's classes; larger doubles would not convert


def unpacked(raw: bytes) -> bytes:
    """The bytes inside gzip, or the bytes themselves; more than MOST_BYTES is refused."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    with gzip.open(io.BytesIO(raw)) as stream:
        out = stream.read(arrays.MOST_BYTES + 1)
    if len(out) > arrays.MOST_BYTES:
        raise ValueError(f"it unpacks to more than {arrays.MOST_BYTES:,} bytes")
    return out


def csv(split: CsvSplit, raw: Mapping[str, bytes], divide_by: float) -> Arrays:
    """Inputs (n, features) and labels (n), or targets (n, columns): int64 if all are whole."""
    import numpy as np

    if (split.label_column is None) == (split.target_columns is None):
        given = "neither" if split.label_column is None else "both"
        raise ValueError(f"it gives {given} of `label_column` and `target_columns`, expected one of the two")
    columns = split.target_columns or [split.label_column or 0]
    if min(columns) < split.features:
        raise ValueError(
            f"column {min(columns)} is a target and among the first {split.features}, which are inputs"
        )
    table = _rows(split, unpacked(raw[split.file]).decode("utf-8-sig"))
    wanted = max(columns) + 1
    if table.shape[1] < wanted:
        raise ValueError(f"its rows have {table.shape[1]} columns, column {wanted - 1} is out of bounds")
    inputs = _divided(table[:, : split.features], divide_by, split.first_row)
    targets = table[:, columns]
    _refuse_not_finite(targets, split.first_row)
    whole = (np.floor(targets) == targets) & (np.abs(targets) < LARGEST_LABEL)
    if split.target_columns is not None:
        return Arrays(inputs, targets.astype(np.int64) if whole.all() else targets.astype(np.float32))
    if not whole.all():
        row = int(whole[:, 0].argmin())
        label = targets[row, 0]
        raise ValueError(
            f"row {split.first_row + row} has the label {label:g}, expected a whole number below 2^31"
        )
    return Arrays(inputs, targets[:, 0].astype(np.int64))


def idx(split: IdxSplit, raw: Mapping[str, bytes], divide_by: float) -> Arrays:
    """Inputs (n, height x width) and labels (n)."""
    import numpy as np

    images, labels = _idx_array(raw[split.images], 3), _idx_array(raw[split.labels], 1)
    if len(images) != len(labels):
        raise ValueError(f"{len(images):,} images but {len(labels):,} labels")
    if not images.size:
        raise ValueError("it holds no pixels")
    rows = images.reshape(len(images), -1)
    return Arrays(_divided(rows, divide_by, 0), labels.astype(np.int64))


def text(split: TextSplit, raw: Mapping[str, bytes], divide_by: float) -> Arrays:
    """Blocks of tokens (n, block), and the same one character further; tokens are no amounts to divide."""
    import numpy as np

    del divide_by
    content = unpacked(raw[split.file]).decode("utf-8")
    if len(content) > arrays.MOST_CHARACTERS:
        raise ValueError(f"it has {len(content):,} characters, at most {arrays.MOST_CHARACTERS:,} are read")
    signs, tokens = np.unique(np.frombuffer(content.encode("utf-32-le"), np.uint32), return_inverse=True)
    stretch = tokens.astype(np.int64)[split.first : split.first + split.length]
    if len(stretch) < split.length:
        raise ValueError(
            f"characters {split.first} to {split.first + split.length - 1} are not all there, "
            f"the text has {len(content):,}"
        )
    n = (split.length - 1) // split.block
    if n < 1:
        raise ValueError(f"{split.length} characters fill no block of {split.block} and its next character")
    end = n * split.block
    # UTF-8: one byte below U+0080, two below U+0800, three below U+10000, else four (RFC 3629, section 3).
    symbol_bytes = 1 + np.searchsorted(np.array([0x80, 0x800, 0x10000]), signs, side="right")
    return Arrays(stretch[:end].reshape(n, -1), stretch[1 : end + 1].reshape(n, -1), symbol_bytes)


def _rows(split: CsvSplit, content: str) -> NDArray[np.float64]:
    """The split's rows, (rows, columns)."""
    import numpy as np

    first, skip = split.first_row, split.first_row + split.has_header
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there are no rows is told below, as an error
        table: NDArray[np.float64] = np.loadtxt(
            io.StringIO(content),
            delimiter=",",
            dtype=np.float64,
            comments=None,
            skiprows=skip,
            max_rows=split.rows,
            ndmin=2,
        )
    if len(table) < split.rows:
        raise ValueError(f"rows {first} to {first + split.rows - 1} are not all there, {len(table)} are")
    if table.shape[1] < split.features:
        raise ValueError(f"its rows have {table.shape[1]} columns, `features` is {split.features}")
    return table


def _divided(
    rows: NDArray[np.float64] | NDArray[np.uint8], divide_by: float, first_row: int
) -> NDArray[np.float32]:
    """Inputs as float32, divided in float32."""
    import numpy as np

    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        inputs = rows.astype(np.float32)
        inputs /= np.float32(divide_by)
    _refuse_not_finite(inputs, first_row)
    return inputs


def _refuse_not_finite(rows: NDArray[np.float64] | NDArray[np.float32], first_row: int) -> None:
    import numpy as np

    finite = np.isfinite(rows)
    if not finite.all():
        row, column = np.unravel_index(int(finite.argmin()), finite.shape)
        raise ValueError(
            f"row {first_row + int(row)} has {rows[row, column]} as number {int(column)} of its inputs or "
            "targets, expected a finite number"
        )


def _idx_array(raw: bytes, rank: int) -> NDArray[np.uint8]:
    import numpy as np

    content = unpacked(raw)
    if len(content) < 4 + 4 * rank or content[:4] != bytes((0, 0, IDX_UNSIGNED_BYTE, rank)):
        raise ValueError(f"it is not an idx file of unsigned bytes in {rank} dimensions")
    shape = tuple(int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(rank))
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * rank)
    if values.size != math.prod(shape):
        raise ValueError(f"it holds {values.size:,} values, its header says {' x '.join(map(str, shape))}")
    return values.reshape(shape)


DECODERS: dict[str, Callable[..., Arrays]] = {"csv": csv, "idx": idx, "text": text}
