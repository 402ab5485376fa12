"""TensorFlow graphs: which operators a SavedModel or a frozen graph uses, and which files it brings along.

Formats: saved_model.proto, meta_graph.proto, graph.proto, function.proto and saved_object_graph.proto of
https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core; saved_metadata.proto of Keras. The field
numbers stand below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from auditor.model import Place, Span
from auditor.readers.protobuf import BYTES, VARINT, Field, Messages
from auditor.readers.window import Window
from auditor.records import dataclass

MAX_CONFIGS_BYTES = 64 * 2**20  # of all configurations of Keras in one file
MAX_PBTXT_BYTES = 64 * 2**20
MAX_ASSETS = 10_000
MAX_KINDS = 10_000  # of operators; TensorFlow has about 1,500
_OPERATOR = re.compile(r"[A-Za-z_][A-Za-z0-9_>.]*")
_TEXT_OPERATOR = re.compile(rb"\bop\s*:\s*[\"']([A-Za-z_][A-Za-z0-9_>.]{0,100})[\"']")
_TEXT_ASSET = re.compile(rb"\bfilename\s*:\s*[\"']([^\"'\n]{0,1000})[\"']")


@dataclass(slots=True)
class Graph:
    """One file of TensorFlow.

    Attributes:
        operators: how many nodes have each, those of functions included.
        assets: names of files that belong to it, below `assets/`.
        configs: texts that Keras keeps beside a graph, as they stand.
    """

    file: str
    operators: dict[str, int] = field(default_factory=dict)
    assets: list[str] = field(default_factory=list)
    configs: list[bytes] = field(default_factory=list)

    def at(self, name: str = "") -> Place:
        """The place of an operator or asset, or of the file: it has no lines."""
        return Place(self.file, (name,) if name else (), span=Span(self.file))


def read_saved_model(window: Window) -> Graph:
    """The SavedModel that the window shows.

    Raises:
        Unreadable: it is none, is cut off, or goes beyond a limit.
    """
    reader, has_graph = _Reader(window), False
    for each in reader.messages.fields(0, window.size_bytes):
        if each.number == 2:
            has_graph = True
            reader.meta_graph(each)
    if not has_graph:
        raise window.fault(0, "this is no SavedModel: it has no graph")
    return reader.found


def read_saved_model_text(window: Window) -> Graph:
    """The same of a SavedModel that is written as text.

    Raises:
        Unreadable: it has more than MAX_PBTXT_BYTES bytes.
    """
    if window.size_bytes > MAX_PBTXT_BYTES:
        raise window.beyond(0, f"the text has more than {MAX_PBTXT_BYTES:,} bytes")
    raw = window.at(0, window.size_bytes, "a SavedModel")
    found = Graph(window.file)
    for match in _TEXT_OPERATOR.finditer(raw):
        name = match[1].decode()
        found.operators[name] = found.operators.get(name, 0) + 1
    found.assets = [match[1].decode("utf-8", "backslashreplace") for match in _TEXT_ASSET.finditer(raw)]
    return found


def is_graph(window: Window) -> bool:
    """Whether a file begins as a frozen graph (GraphDef) does: with a node that has a name and an operator.

    Raises:
        Unreadable: reading fails, or the first message does not end.
    """
    messages = Messages(window)
    for each in messages.fields(0, window.size_bytes):
        if each.number != 1 or each.wire != BYTES:
            return False
        texts = {}
        for inner in messages.fields(each.begin, each.end):
            if inner.number in (1, 2) and inner.wire == BYTES:
                texts[inner.number] = messages.text(inner, "a name")
        return bool(texts.get(1)) and _OPERATOR.fullmatch(texts.get(2, "")) is not None
    return False


def read_graph(window: Window) -> Graph:
    """The frozen graph that the window shows.

    Raises:
        Unreadable: it is cut off, or goes beyond a limit.
    """
    reader = _Reader(window)
    reader.graph(Field(0, BYTES, 0, 0, window.size_bytes))
    return reader.found


def read_keras_metadata(window: Window) -> Graph:
    """The configurations in the `keras_metadata.pb` beside a SavedModel.

    Raises:
        Unreadable: it is none, is cut off, or goes beyond a limit.
    """
    reader = _Reader(window)
    for each in reader.messages.fields(0, window.size_bytes):
        if each.number == 1:  # SavedObject
            for inner in reader.inside(each):
                if inner.number == 5:
                    reader.config(inner)
    return reader.found


class _Reader:
    __slots__ = ("_configs_left", "found", "messages")

    def __init__(self, window: Window) -> None:
        self.messages = Messages(window)
        self.found = Graph(window.file)
        self._configs_left = MAX_CONFIGS_BYTES

    def meta_graph(self, message: Field) -> None:
        """MetaGraphDef."""
        for each in self.inside(message):
            if each.number == 2:
                self.graph(each)
            elif each.number == 6:  # AssetFileDef
                names = [self._text(inner) for inner in self.inside(each) if inner.number == 2]
                self.found.assets += names
                if len(self.found.assets) > MAX_ASSETS:
                    raise self.messages.window.beyond(
                        each.begin, f"there are more than {MAX_ASSETS:,} assets"
                    )
            elif each.number == 7:  # SavedObjectGraph: nodes, their user objects, those objects' metadata
                for node in self.inside(each):
                    if node.number == 1:
                        self._object(node)

    def graph(self, message: Field) -> None:
        """GraphDef: nodes, and those of the functions of its library."""
        for each in self.inside(message):
            if each.number == 1:
                self._node(each)
            elif each.number == 2:  # FunctionDefLibrary
                for function in self.inside(each):
                    if function.number == 1:  # FunctionDef
                        for node in self.inside(function):
                            if node.number == 3:
                                self._node(node)

    def config(self, message: Field) -> None:
        """A text that Keras keeps."""
        size = message.end - message.begin
        self._configs_left -= size
        if message.wire != BYTES:
            raise self.messages.window.fault(message.begin, "the metadata of Keras is no text")
        if self._configs_left < 0:
            raise self.messages.window.beyond(message.begin, "the metadata of Keras is too long")
        self.found.configs.append(self.messages.window.at(message.begin, size, "the metadata of Keras"))

    def inside(self, message: Field) -> Iterator[Field]:
        """The fields of a message."""
        if message.wire != BYTES:
            raise self.messages.window.fault(message.begin, f"field {message.number} is no message")
        return self.messages.fields(message.begin, message.end)

    def _object(self, message: Field) -> None:
        for each in self.inside(message):
            if each.number == 4 and each.wire == BYTES:  # SavedUserObject
                for inner in self.inside(each):
                    if inner.number == 3 and inner.wire != VARINT and inner.end > inner.begin:
                        self.config(inner)

    def _node(self, message: Field) -> None:
        """NodeDef."""
        operators = self.found.operators
        for each in self.inside(message):
            if each.number == 2:
                name = self._text(each)
                operators[name] = operators.get(name, 0) + 1
                if len(operators) > MAX_KINDS:
                    what = f"there are more than {MAX_KINDS:,} kinds of operators"
                    raise self.messages.window.beyond(each.begin, what)

    def _text(self, message: Field) -> str:
        return self.messages.text(message, "a name")
