"""From the data manifest to arrays: find each file, hold its bytes against the declared sha256, decode.

Nothing is downloaded. A file is looked for beside the manifest, in the folder given with --data, and,
for `pkg:pypi/NAME#PATH`, among the files of that installed package.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from auditor.bundle import Bundle
from auditor.errors import CannotRun
from auditor.formats.recipe_data import Data, Split
from auditor.readers.document import Document, Unreadable
from auditor.readers.text import shown
from auditor.training.arrays import MOST_BYTES, Arrays
from auditor.training.decoding import DECODERS


@dataclass(frozen=True, slots=True)
class DataFile:
    """One FileObject of the manifest that the recipe reads."""

    id: str
    url: str
    sha256: str
    where: str  # "data/croissant.json:12:20", for messages


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
    """The split's inputs, divided by `divide_by`, and targets.

    Raises:
        CannotRun: the bytes are not of the format the recipe names, or hold fewer rows.
    """
    files = ", ".join(f"`{shown(file)}`" for file in _wanted(split))
    try:
        return DECODERS[split.kind](split, raw, divide_by)
    except (ValueError, IndexError, OverflowError, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise CannotRun(
            f"split `{name}` cannot be decoded: {shown(str(error), 300)}",
            where="recipe.yaml",
            help=f"mend `data.splits.{name}`, or what it reads: {files}",
        ) from error
    except MemoryError as error:
        raise CannotRun(
            f"split `{name}` does not fit in memory", where="recipe.yaml", help="declare a smaller split"
        ) from error


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
