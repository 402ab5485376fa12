"""ONNX models: which operators a graph uses, which tensors it holds, and where those lie; nothing is run.

Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, whose field numbers stand below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from auditor.model import Place, Span
from auditor.readers.numel import numel
from auditor.readers.protobuf import BYTES, Field, Messages, signed
from auditor.readers.window import Window
from auditor.records import dataclass

MAX_TENSORS = 100_000  # of all graphs; large models have some thousand
MAX_SIDES = 64  # of one tensor; numpy's limit
MAX_NESTING = 32  # graphs in graphs; protobuf itself ends at 100 messages, three to a graph
MAX_VALUES = 100_000  # inputs and outputs
MAX_KINDS = 10_000  # of operators; ONNX has about 200
EXTERNAL = 1  # TensorProto.DataLocation

DTYPES = {  # name and bits of a value by TensorProto.DataType; 0 bits where it has no fixed width
    1: ("FLOAT", 32),
    2: ("UINT8", 8),
    3: ("INT8", 8),
    4: ("UINT16", 16),
    5: ("INT16", 16),
    6: ("INT32", 32),
    7: ("INT64", 64),
    8: ("STRING", 0),
    9: ("BOOL", 8),
    10: ("FLOAT16", 16),
    11: ("DOUBLE", 64),
    12: ("UINT32", 32),
    13: ("UINT64", 64),
    14: ("COMPLEX64", 64),
    15: ("COMPLEX128", 128),
    16: ("BFLOAT16", 16),
    17: ("FLOAT8E4M3FN", 8),
    18: ("FLOAT8E4M3FNUZ", 8),
    19: ("FLOAT8E5M2", 8),
    20: ("FLOAT8E5M2FNUZ", 8),
    21: ("UINT4", 4),
    22: ("INT4", 4),
    23: ("FLOAT4E2M1", 4),
    24: ("FLOAT8E8M0", 8),
    25: ("UINT2", 2),
    26: ("INT2", 2),
}
# Field of TensorProto that holds values where `raw_data` does not: bytes of each, or 0 for varints.
_TYPED = {4: 4, 5: 0, 7: 0, 10: 8, 11: 0}
_TYPED_OF = {
    1: 4,
    14: 4,
    7: 7,
    11: 10,
    15: 10,
    12: 11,
    13: 11,
    **dict.fromkeys((2, 3, 4, 5, 6, 9, 10, 16, 17, 18, 19, 20), 5),
}
_TWO_EACH = (14, 15)  # complex numbers take two values each


@dataclass(slots=True)
class OnnxTensor:
    """One tensor that the model holds or points at.

    Attributes:
        name: empty for some that belong to a node.
        shape: its sides; negative ones are as the file has them.
        kind: number of its type, a key of DTYPES where that is known.
        graph: which graph of the model it is an initializer of, by number; None for the tensor of a node.
        raw_bytes: length of `raw_data`; None where there is none.
        typed: how many values the fields for values hold, by the field's number.
        is_external: whether its bytes lie in another file.
        external: keys and values that say where, in order.
    """

    name: str = ""
    shape: tuple[int, ...] = ()
    kind: int = 0
    graph: int | None = None
    raw_bytes: int | None = None
    typed: dict[int, int] = field(default_factory=dict)
    is_external: bool = False
    external: list[tuple[str, str]] = field(default_factory=list)

    @property
    def type_name(self) -> str:
        """The name of its type, or its number."""
        return DTYPES[self.kind][0] if self.kind in DTYPES else f"type {self.kind}"

    @property
    def size_bytes(self) -> int | None:
        """Bytes that shape and type need; None where the type has no width or no file is that long."""
        bits, count = DTYPES.get(self.kind, ("", 0))[1], numel(self.shape)
        return -(-count * bits // 8) if bits and count is not None else None

    @property
    def n_values(self) -> int | None:
        """How many values the shape has; None where a side is negative or no file holds so many."""
        count = numel(self.shape)
        return count if count is None or self.kind not in _TWO_EACH else 2 * count

    @property
    def n_typed(self) -> int | None:
        """How many values stand in the field of its type; None where that cannot be compared."""
        number = _TYPED_OF.get(self.kind)
        return None if number is None else self.typed.get(number, 0)

    def says(self, key: str) -> str | None:
        """The last value that the external data has for a key."""
        return next((value for name, value in reversed(self.external) if name == key), None)


@dataclass(slots=True)
class OnnxFile:
    """One ONNX model.

    Attributes:
        opsets: the version of each domain that is imported.
        operators: each domain and type of operator that a node has, with how many have it.
        functions: domain and name of every function that the model defines itself.
        tensors: of all graphs, nested ones and those of nodes included.
        inputs, outputs: names of the main graph's.
    """

    file: str
    size_bytes: int
    ir_version: int = 0
    producer: str = ""
    opsets: dict[str, int] = field(default_factory=dict)
    operators: dict[tuple[str, str], int] = field(default_factory=dict)
    functions: set[tuple[str, str]] = field(default_factory=set)
    tensors: list[OnnxTensor] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def at(self, name: str = "") -> Place:
        """The place of a tensor or operator, or of the file: it has no lines."""
        return Place(self.file, (name,) if name else (), span=Span(self.file))


def read_onnx(window: Window) -> OnnxFile:
    """The model that the window shows.

    Raises:
        Unreadable: it is no ONNX model, is cut off, or goes beyond a limit.
    """
    return _Reader(window).model()


class _Reader:
    __slots__ = ("_found", "_graphs", "_messages")

    def __init__(self, window: Window) -> None:
        self._messages = Messages(window)
        self._found = OnnxFile(window.file, window.size_bytes)
        self._graphs = 0

    def model(self) -> OnnxFile:
        """ModelProto."""
        found, has_graph = self._found, False
        for each in self._messages.fields(0, found.size_bytes):
            if each.number == 1:
                found.ir_version = signed(each.value)
            elif each.number == 2:
                found.producer = self._text(each)
            elif each.number == 7:
                has_graph = True
                self._graph(each, 0)
            elif each.number == 8:
                self._opset(each)
            elif each.number == 20:  # TrainingInfoProto: two graphs
                for inner in self._fields(each):
                    if inner.number in (1, 2):
                        self._graph(inner, 0, main=False)
            elif each.number == 25:
                self._function(each)
        if not has_graph:
            raise self._messages.window.fault(0, "this is no ONNX model: it has no graph")
        return found

    def _graph(self, message: Field, depth: int, *, main: bool = True) -> None:
        """GraphProto."""
        window = self._messages.window
        if depth > MAX_NESTING:
            raise window.beyond(message.begin, f"graphs nest more than {MAX_NESTING} deep")
        number, self._graphs = self._graphs, self._graphs + 1
        for each in self._fields(message):
            if each.number == 1:
                self._node(each, depth)
            elif each.number == 5:
                self._tensor(each, number)
            elif each.number == 15:
                self._sparse(each)
            elif each.number in (11, 12) and main:
                names = self._found.inputs if each.number == 11 else self._found.outputs
                names.extend(self._text(inner) for inner in self._fields(each) if inner.number == 1)
                if len(names) > MAX_VALUES:
                    raise window.beyond(
                        each.begin, f"the graph has more than {MAX_VALUES:,} inputs or outputs"
                    )

    def _node(self, message: Field, depth: int) -> None:
        """NodeProto."""
        name = domain = ""
        for each in self._fields(message):
            if each.number == 4:
                name = self._text(each)
            elif each.number == 7:
                domain = self._text(each)
            elif each.number == 5:
                self._attribute(each, depth)
        operators = self._found.operators
        operators[domain, name] = operators.get((domain, name), 0) + 1
        if len(operators) > MAX_KINDS:
            what = f"there are more than {MAX_KINDS:,} kinds of operators"
            raise self._messages.window.beyond(message.begin, what)

    def _attribute(self, message: Field, depth: int) -> None:
        """AttributeProto: its tensors and graphs."""
        for each in self._fields(message):
            if each.number in (5, 10):
                self._tensor(each, None)
            elif each.number in (22, 23):
                self._sparse(each)
            elif each.number in (6, 11):
                self._graph(each, depth + 1, main=False)

    def _function(self, message: Field) -> None:
        """FunctionProto."""
        name = domain = ""
        for each in self._fields(message):
            if each.number == 1:
                name = self._text(each)
            elif each.number == 10:
                domain = self._text(each)
            elif each.number == 7:
                self._node(each, 0)
            elif each.number == 9:
                self._opset(each)
            elif each.number == 11:  # what its attributes are where a node gives none
                self._attribute(each, 0)
        self._found.functions.add((domain, name))

    def _opset(self, message: Field) -> None:
        """OperatorSetIdProto."""
        domain, version = "", 0
        for each in self._fields(message):
            if each.number == 1:
                domain = self._text(each)
            elif each.number == 2:
                version = signed(each.value)
        self._found.opsets[domain] = version

    def _sparse(self, message: Field) -> None:
        """SparseTensorProto: two tensors."""
        for each in self._fields(message):
            if each.number in (1, 2):
                self._tensor(each, None)

    def _tensor(self, message: Field, graph: int | None) -> None:
        """TensorProto."""
        messages, tensor = self._messages, OnnxTensor(graph=graph)
        sides: list[int] = []
        for each in self._fields(message):
            if each.number == 1:
                sides += messages.numbers(each, MAX_SIDES, "the shape of a tensor")
                if len(sides) > MAX_SIDES:
                    raise messages.window.beyond(each.begin, f"a tensor has more than {MAX_SIDES} sides")
            elif each.number == 2:
                tensor.kind = each.value
            elif each.number == 8:
                tensor.name = self._text(each)
            elif each.number == 9:
                tensor.raw_bytes = each.end - each.begin
            elif each.number in _TYPED:
                count = messages.count(each, _TYPED[each.number])
                tensor.typed[each.number] = tensor.typed.get(each.number, 0) + count
            elif each.number == 13:
                tensor.external.append(self._pair(each))
            elif each.number == 14:
                tensor.is_external = each.value == EXTERNAL
        tensor.shape = tuple(sides)
        self._found.tensors.append(tensor)
        if len(self._found.tensors) > MAX_TENSORS:
            raise messages.window.beyond(message.begin, f"the model has more than {MAX_TENSORS:,} tensors")

    def _pair(self, message: Field) -> tuple[str, str]:
        """StringStringEntryProto."""
        texts = {each.number: self._text(each) for each in self._fields(message)}
        return texts.get(1, ""), texts.get(2, "")

    def _fields(self, message: Field) -> Iterator[Field]:
        if message.wire != BYTES:
            raise self._messages.window.fault(message.begin, f"field {message.number} is no message")
        return self._messages.fields(message.begin, message.end)

    def _text(self, message: Field) -> str:
        return self._messages.text(message, "a name")
