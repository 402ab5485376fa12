"""Configurations of Keras models, wherever they stand: archives, HDF5 files, SavedModels, documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.readers.document import Unreadable
from auditor.rules.content import blocks
from auditor.rules.formats import Taken, ended, leave, taken_of
from auditor.rules.zips import looked_into

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.keras import KerasConfig
    from auditor.rules.zips import Zipped

    Configs = Taken[KerasConfig]

# Documents of a model's folder in which Keras and KerasHub keep configurations; KerasHub's presets have the
# first three.
_DOCUMENTS = ("config.json", "task.json", "preprocessor.json", "tokenizer.json", "model.json")
_MAX_DOCUMENT_BYTES = 4 * 2**20  # a tokenizer.json of the Hub is larger and has none of these
_KERAS = (
    b'"registered_name"',
    b'"keras_version"',
)  # one of them stands in every configuration of Keras 2.13 on
_MARKS = rb'"class_name"\s{0,8}:\s{0,8}"Lambda"|"__lambda__"|"function_type"\s{0,8}:\s{0,8}"lambda"'
_OVERLAP = 64  # bytes of the block before; longer than any of the marks


def find_configs(bundle: Bundle) -> Configs | Absent:
    """Every configuration of a Keras model; what could not be read is left and told."""
    taken: Configs = Taken()
    zips, hdf5, graphs = (taken_of(bundle, need) for need in ("zips", "hdf5", "saved models"))
    for zipped in zips.read:
        if zipped.is_keras:
            _take_archive(bundle, zipped, taken)
    taken.left += [error for error in zips.left if error.span.file.lower().endswith(".keras")]
    for file in hdf5.read:
        for attribute in file.attributes:
            _take(bundle, taken, file.file, attribute.name, attribute.value)
    for error in hdf5.left:
        if error not in taken.left:
            taken.left.append(error)
    for path in dict.fromkeys(error.span.file for error in hdf5.left):
        _search(bundle, taken, path)
    for graph in graphs.read:
        for raw in graph.configs:
            if raw.lstrip()[:1] == b"{":
                _take(bundle, taken, graph.file, "", raw)
    for file in bundle.files:
        if file.path.rpartition("/")[2] in _DOCUMENTS and file.size_bytes <= _MAX_DOCUMENT_BYTES:
            _take_document(bundle, file.path, taken)
    return ended(taken, "configurations of Keras")


def _take(bundle: Bundle, taken: Configs, file: str, member: str, raw: bytes) -> None:
    from auditor.readers.keras import read_config

    try:
        taken.read.append(read_config(file, member, raw))
    except Unreadable as error:
        leave(bundle, taken, error)


def _take_archive(bundle: Bundle, zipped: Zipped, taken: Configs) -> None:
    """Every `config.json` of an archive is among those read: it may list or hide several."""
    from auditor.readers.keras import MAX_CONFIG_BYTES

    try:
        with bundle.opened(zipped.file) as stream:
            for member in zipped.named("config.json"):
                window = looked_into(zipped.file, stream, member, MAX_CONFIG_BYTES + 1)
                if window.size_bytes > MAX_CONFIG_BYTES:
                    raise window.fault(0, f"`{member.name}` has more than {MAX_CONFIG_BYTES:,} bytes")
                raw = window.at(0, window.size_bytes, f"`{member.name}`")
                _take(bundle, taken, zipped.file, member.name, raw)
    except Unreadable as error:
        leave(bundle, taken, error)


def _take_document(bundle: Bundle, path: str, taken: Configs) -> None:
    """A document is among those read where Keras wrote it; that it is broken, SCH001 tells anyway."""
    from auditor.readers.keras import read_config

    try:
        raw = bundle.read_bytes(path, _MAX_DOCUMENT_BYTES)
        if b'"class_name"' in raw and any(word in raw for word in _KERAS):
            taken.read.append(read_config(path, "", raw))
    except Unreadable:
        return


def _search(bundle: Bundle, taken: Configs, path: str) -> None:
    """What the bytes of a file that cannot be followed say of Lambda layers, if files may be read whole."""
    from auditor.readers.keras import KerasConfig

    found: dict[str, None] = {}
    before = b""
    try:
        for block in blocks(bundle, path) if bundle.content else ():
            for match in re.finditer(_MARKS, before + block):
                found[match[0].decode("ascii", "replace")] = None
            before = block[-_OVERLAP:]
    except Unreadable:
        return
    if found:
        taken.read.append(KerasConfig(path, "", (), tuple(found)))
