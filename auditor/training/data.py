"""From the data manifest to arrays: find each file, hold its bytes against the declared sha256, decode.

Nothing is downloaded. A file is looked for beside the manifest, in the folder given with --data, and,
for `pkg:pypi/NAME#PATH`, among the files of that installed package.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from auditor.bundle import Bundle
from auditor.errors import CannotRun
from auditor.formats.recipe_data import CsvSplit, Data, IdxSplit, Split, TextSplit
from auditor.readers.document import Document, Unreadable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_BYTES = 2 * 2**30  # of one decompressed file: a bound on archives that grow without end
IDX_UNSIGNED_BYTE = 0x08  # http://yann.lecun.com/exdb/mnist/, "the IDX file format"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One FileObject of the manifest that the recipe reads."""

    id: str
    url: str
    sha256: str
    where: str  # "data/croissant.json:12:20", for messages


@dataclass(frozen=True, slots=True)
class Arrays:
    """One split in memory: inputs (n, features) as float32, or tokens (n, block) as int64.

    Targets are labels (n) or sequences (n, length) as int64, or numbers (n, outputs) as float32.
    """

    inputs: NDArray[np.float32] | NDArray[np.int64]
    targets: NDArray[np.int64] | NDArray[np.float32]


def data_files(recipe: Data, manifest: Document) -> dict[str, DataFile]:
    """The files that the recipe's splits name, by `@id`.

    Raises:
        CannotRun: the manifest lacks one, or does not say its sha256.
    """
    listed = {
        item["@id"]: path
        for path, item in manifest.items("distribution")
        if isinstance(item, dict) and isinstance(item.get("@id"), str)
    }
    found = {}
    for name, split in sorted(recipe.splits.items()):
        for wanted in _wanted(split):
            if wanted not in listed:
                raise CannotRun(
                    f"the data manifest names no file `{wanted}`, which split `{name}` reads",
                    where=manifest.file,
                    help="add it to `distribution`, or mend `data.splits` in recipe.yaml",
                )
            found[wanted] = _data_file(wanted, listed[wanted], manifest)
    return found


def fetch(file: DataFile, bundle: Bundle, manifest: str, folder: Path | None) -> bytes:
    """The file's bytes, exactly those the manifest declares.

    Raises:
        CannotRun: the file is not here, or its digest differs.
    """
    raw = _read(file, bundle, manifest, folder)
    digest = hashlib.sha256(raw).hexdigest()
    if digest != file.sha256:
        raise CannotRun(
            f"data file `{file.id}` has sha256 {digest}, the manifest declares {file.sha256}",
            where=file.where,
            help="use the data the claims were measured on; other bytes would say nothing about them",
        )
    return raw


def decode(name: str, split: Split, divide_by: float, raw: Mapping[str, bytes]) -> Arrays:
    """The split's inputs, divided by `divide_by`, and labels.

    Raises:
        CannotRun: the bytes are not of the format the recipe names, or hold fewer rows.
    """
    import numpy as np

    try:
        inputs, targets = _READERS[split.kind](split, raw)
    except (ValueError, IndexError, OverflowError, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise CannotRun(
            f"split `{name}` cannot be decoded: {error}",
            where="recipe.yaml",
            help=f"mend `data.splits.{name}`, or the data file it reads",
        ) from error
    if inputs.dtype == np.float32:
        inputs /= np.float32(divide_by)  # tokens are numbers of characters, not amounts
    return Arrays(inputs, targets)


def _wanted(split: Split) -> tuple[str, ...]:
    return (split.images, split.labels) if split.kind == "idx" else (split.file,)


def _data_file(wanted: str, path: tuple[str | int, ...], manifest: Document) -> DataFile:
    url, sha256 = manifest.get(*path, "contentUrl"), manifest.get(*path, "sha256")
    span = manifest.locate(manifest.at(*path, "sha256"))
    where = f"{manifest.file}:{span.line}:{span.column}"
    if not isinstance(url, str) or not url:
        raise CannotRun(f"data file `{wanted}` has no `contentUrl`", where=where, help="say where it lies")
    if not isinstance(sha256, str):
        raise CannotRun(
            f"data file `{wanted}` has no `sha256`",
            where=where,
            help="declare the digest of the bytes the claims were measured on",
        )
    return DataFile(wanted, url, sha256.lower(), where)


def _read(file: DataFile, bundle: Bundle, manifest: str, folder: Path | None) -> bytes:
    path = PurePosixPath(file.url)
    try:
        if file.url.startswith("pkg:"):
            return _from_package(file)
        if "://" not in file.url and not path.is_absolute() and ".." not in path.parts:
            beside = str(PurePosixPath(manifest).parent / path)
            if bundle.has(beside):
                return bundle.read_bytes(beside, limit=MOST_BYTES)
        for name in (PurePosixPath(urlsplit(file.url).path).name, PurePosixPath(file.id).name):
            if folder is not None and name and (folder / name).is_file():
                return (folder / name).read_bytes()
    except OSError as error:
        raise CannotRun(
            f"data file `{file.id}` cannot be read ({(error.strerror or str(error)).lower()})",
            where=file.where,
        ) from error
    except Unreadable as error:
        raise CannotRun(f"data file `{file.id}`: {error.what}", where=file.where, help=error.help) from error
    raise CannotRun(
        f"data file `{file.id}` is not here",
        where=file.where,
        help=f"fetch {file.url} (sha256 {file.sha256[:12]}…) into a folder and name it with --data",
    )


def _from_package(file: DataFile) -> bytes:
    """The bytes of `pkg:pypi/NAME#PATH` (a package URL with a subpath) without importing the package."""
    import importlib.metadata

    name, _, inside = file.url.removeprefix("pkg:pypi/").partition("#")
    name = name.partition("@")[0]
    try:
        package = importlib.metadata.distribution(name)
    except (importlib.metadata.PackageNotFoundError, ValueError) as error:
        raise CannotRun(
            f"data file `{file.id}` comes with the package {name}, which is not installed",
            where=file.where,
            help=f"pip install {name}",
        ) from error
    if inside not in {str(item) for item in package.files or ()}:
        raise CannotRun(f"the package {name} brings no file {inside}", where=file.where)
    return Path(str(package.locate_file(inside))).read_bytes()


def _unpacked(raw: bytes) -> bytes:
    """The bytes inside gzip, or the bytes themselves; more than MOST_BYTES is refused."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    with gzip.open(io.BytesIO(raw)) as stream:
        out = stream.read(MOST_BYTES + 1)
    if len(out) > MOST_BYTES:
        raise ValueError(f"it unpacks to more than {MOST_BYTES:,} bytes")
    return out


def _csv(split: CsvSplit, raw: Mapping[str, bytes]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    import numpy as np

    text = io.StringIO(_unpacked(raw[split.file]).decode("ascii"))
    skip = split.first_row + split.has_header
    table = np.loadtxt(text, delimiter=",", dtype=np.float64, skiprows=skip, max_rows=split.rows, ndmin=2)
    if len(table) < split.rows:
        raise ValueError(f"rows {split.first_row} to {split.first_row + split.rows - 1} are not all there")
    inputs = table[:, : split.features].astype(np.float32)
    if split.target_columns is not None:
        targets = table[:, split.target_columns]
        whole = targets.astype("int64")
        return inputs, whole if (whole == targets).all() else targets.astype(np.float32)
    return inputs, _whole(table[:, split.label_column])


def _idx(split: IdxSplit, raw: Mapping[str, bytes]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    import numpy as np

    images, labels = _idx_array(raw[split.images], 3), _idx_array(raw[split.labels], 1)
    if len(images) != len(labels):
        raise ValueError(f"{len(images):,} images but {len(labels):,} labels")
    return images.reshape(len(images), -1).astype(np.float32), labels.astype(np.int64)


def _idx_array(raw: bytes, rank: int) -> NDArray[np.uint8]:
    import numpy as np

    content = _unpacked(raw)
    if len(content) < 4 + 4 * rank or content[:4] != bytes((0, 0, IDX_UNSIGNED_BYTE, rank)):
        raise ValueError(f"it is not an idx file of unsigned bytes in {rank} dimensions")
    shape = tuple(int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(rank))
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * rank)
    if values.size != np.prod(shape, dtype=np.int64):
        raise ValueError(f"it holds {values.size:,} values, its header says {' x '.join(map(str, shape))}")
    return values.reshape(shape)


def _whole(column: NDArray[np.float64]) -> NDArray[np.int64]:
    labels = column.astype("int64")
    if (labels != column).any():
        raise ValueError("the label column holds numbers that are not whole")
    return labels


def _text(split: TextSplit, raw: Mapping[str, bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Blocks of tokens (n, block), and the same one character further."""
    import numpy as np

    text = np.frombuffer(_unpacked(raw[split.file]).decode("utf-8").encode("utf-32-le"), np.uint32)
    tokens = np.unique(text, return_inverse=True)[1].astype(np.int64)
    stretch = tokens[split.first : split.first + split.length]
    if len(stretch) < split.length:
        raise ValueError(f"characters {split.first} to {split.first + split.length - 1} are not all there")
    n = (split.length - 1) // split.block
    if n < 1:
        raise ValueError(f"{split.length} characters fill no block of {split.block} and its next character")
    end = n * split.block
    return stretch[:end].reshape(n, -1), stretch[1 : end + 1].reshape(n, -1)


_READERS: dict[str, Callable[..., tuple[NDArray[Any], NDArray[Any]]]] = {
    "csv": _csv,
    "idx": _idx,
    "text": _text,
}
