"""TensorFlow graphs: operators that reach beyond the graph, and the files that belong to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.model import Fault
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.readers.window import Window
from auditor.rules.formats import Taken, named, refuse_others, take
from auditor.rules.paths import escapes, is_url, resolved
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.saved_model import Graph

    Graphs = Taken[Graph]

# What each does when the graph runs: tensorflow/core/ops/script_ops.cc, io_ops.cc, data_flow_ops.cc. The
# operators with which every SavedModel restores its variables (RestoreV2, SaveV2, ...) are not among them.
_ACTS = {
    "PyFunc": "calls a Python function",
    "PyFuncStateless": "calls a Python function",
    "EagerPyFunc": "calls a Python function",
    "WriteFile": "writes a file",
}
_READS = {
    "ReadFile": "reads a file",
    "MatchingFiles": "lists files",
    "ImmutableConst": "maps a file into memory",
    "WholeFileReader": "reads files",
    "WholeFileReaderV2": "reads files",
    "TextLineReader": "reads files",
    "TextLineReaderV2": "reads files",
    "FixedLengthRecordReader": "reads files",
    "FixedLengthRecordReaderV2": "reads files",
    "TFRecordReader": "reads files",
    "TFRecordReaderV2": "reads files",
    "TextLineDataset": "reads files",
    "TFRecordDataset": "reads files",
    "FixedLengthRecordDataset": "reads files",
    "DebugIdentity": "may write files or send tensors away",
    "DebugIdentityV2": "may write files or send tensors away",
    "DebugIdentityV3": "may write files or send tensors away",
    "DataServiceDataset": "asks a server for data",
    "DataServiceDatasetV2": "asks a server for data",
    "RpcCall": "calls a server",
}


@provides("saved models")
def graphs(bundle: Bundle) -> Graphs | Absent:
    """Every SavedModel, frozen graph, and file of Keras's metadata."""
    paths = [path for path in named(bundle, ".pb", ".pbtxt") if _is_known(bundle, path)]
    return take(bundle, paths, _read, "TensorFlow graphs")


@rule("WGT345", level="error", needs=("saved models", "bundle"), since="2026.2")
def asset_missing(graphs: Graphs, bundle: Bundle) -> Iterator[Fault]:
    """A SavedModel needs a file, such as a vocabulary, that the bundle does not have.

    Why: The model cannot be loaded.
    Bad:
        # model/saved_model.pb, as protobuf
        {"meta_graphs": {"asset_file_def": {"filename": "vocab.txt"}}}
    Good:
        # model/saved_model.pb, as protobuf
        {"meta_graphs": {"asset_file_def": {"filename": "vocab.txt"}}}
        # model/assets/vocab.txt, whole file
        a
    Fix: Ship the folder `assets` beside `saved_model.pb`.
    Source: https://www.tensorflow.org/guide/saved_model#the_savedmodel_format_on_disk
    """
    for graph in graphs:
        for name in dict.fromkeys(graph.assets):
            path = f"assets/{name}"
            if name and not _leads_out(name) and bundle.file(resolved(path, graph.file)) is None:
                yield graph.at(name).says(f"`{shown(path)}` is missing")


@rule("SEC411", level="error", needs="saved models", since="2026.2")
def graph_acts(graphs: Graphs) -> Iterator[Fault]:
    """A TensorFlow graph calls Python or writes files.

    Why: A graph that computes needs neither; whoever runs the model runs that as well.
    Bad:
        # model/saved_model.pb, as protobuf
        {"meta_graphs": {"graph_def": {"node": {"name": "x", "op": "WriteFile"}}}}
    Good:
        # model/saved_model.pb, as protobuf
        {"meta_graphs": {"graph_def": {"node": {"name": "x", "op": "Relu"}}}}
    Fix: Export the model without them.
    Source: https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md (models are programs)
    """
    for graph in graphs:
        for name, count in graph.operators.items():
            if name in _ACTS:
                yield graph.at(name).says(f"`{name}` {_ACTS[name]} ({_nodes(count)})")


@rule("SEC412", level="warning", needs="saved models", since="2026.2")
def graph_reads_files(graphs: Graphs) -> Iterator[Fault]:
    """A TensorFlow graph reads files of its own choice, or speaks to a server.

    Why: Whoever runs the model lets it read with their rights; what is read can come out with the results.
    Bad:
        # model/saved_model.pb, as protobuf
        {"meta_graphs": {"graph_def": {"node": {"name": "x", "op": "ReadFile"}}}}
    Good:
        # model/saved_model.pb, as protobuf
        {"meta_graphs": {"graph_def": {"node": {"name": "x", "op": "DecodeJpeg"}}}}
    Fix: Let the model take contents, not paths, and export it anew.
    Source: https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md (models are programs)
    """
    for graph in graphs:
        for name, count in graph.operators.items():
            if name in _READS:
                yield graph.at(name).says(f"`{name}` {_READS[name]} ({_nodes(count)})")


@rule("SEC413", level="error", needs="saved models", since="2026.2")
def asset_leads_out(graphs: Graphs) -> Iterator[Fault]:
    """A SavedModel names an asset outside of its own folder of assets.

    Why: Whoever loads the model opens that file of theirs.
    Bad:
        # model/saved_model.pb, as protobuf
        {"meta_graphs": {"asset_file_def": {"filename": "../../../../etc/passwd"}}}
    Good:
        # model/saved_model.pb, as protobuf
        {"meta_graphs": {"asset_file_def": {"filename": "vocab.txt"}}}
        # model/assets/vocab.txt, whole file
        a
    Fix: Export the model anew.
    """
    for graph in graphs:
        for name in dict.fromkeys(graph.assets):
            if name and _leads_out(name):
                yield graph.at(name).says(f"`{shown(name)}` leads out of `assets`")


def _is_known(bundle: Bundle, path: str) -> bool:
    """Whether a file is one of these by its name, or begins as a frozen graph does."""
    from auditor.readers.saved_model import is_graph

    name = path.rpartition("/")[2].lower()
    if name in ("saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb"):
        return True
    if not name.endswith(".pb"):
        return False
    try:
        with bundle.opened(path) as stream:
            return is_graph(Window(path, stream, os.fstat(stream.fileno()).st_size))
    except Unreadable:
        return False


def _read(window: Window) -> Graph:
    from auditor.readers import saved_model

    refuse_others(window)
    name = window.file.rpartition("/")[2].lower()
    if name == "saved_model.pb":
        return saved_model.read_saved_model(window)
    if name == "saved_model.pbtxt":
        return saved_model.read_saved_model_text(window)
    if name == "keras_metadata.pb":
        return saved_model.read_keras_metadata(window)
    return saved_model.read_graph(window)


def _leads_out(name: str) -> bool:
    """Whether an asset's name leads out of the folder `assets` beside its graph."""
    return is_url(name) or escapes(name)


def _nodes(count: int) -> str:
    return "one node" if count == 1 else f"{count} nodes"
