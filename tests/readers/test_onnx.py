import io

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from auditor.readers import protobuf
from auditor.readers.document import Unreadable
from auditor.readers.onnx import DTYPES, MAX_NESTING, read_onnx
from auditor.readers.window import BLOCK_BYTES, Window
from tests import made
from tests.mutations import damages


def read(raw):
    return read_onnx(Window("model.onnx", io.BytesIO(raw), len(raw)))


def refused(raw):
    with pytest.raises(Unreadable) as caught:
        read(raw)
    return caught.value.what


def model(nodes=(), tensors=(), functions=(), **more):
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("in", "out")]
    graph = helper.make_graph(list(nodes), "g", values[:1], values[1:], list(tensors))
    return helper.make_model(graph, functions=list(functions), **more)


def branch(name, tensor):
    out = helper.make_tensor_value_info(f"{name}_out", TensorProto.FLOAT, [2])
    node = helper.make_node("Custom", [tensor.name], [f"{name}_out"], domain="made.up")
    return helper.make_graph([node], name, [], [out], [tensor])


def test_the_numbers_of_types_are_those_of_onnx():
    known = {number: name for name, number in TensorProto.DataType.items()}
    assert {number: name for number, (name, _) in DTYPES.items()}.items() <= known.items()


@pytest.mark.parametrize(
    "field", ["node", "initializer", "opset_import", "raw_data", "external_data", "functions"]
)
def test_the_builder_of_the_examples_has_the_numbers_of_onnx(field):
    def numbers(fields):
        for name, number in fields.items():
            yield name, number[0] if isinstance(number, tuple) else number
            yield from numbers(number[1]) if isinstance(number, tuple) else ()

    messages = (onnx.ModelProto, onnx.GraphProto, TensorProto, onnx.FunctionProto, onnx.NodeProto)
    theirs = {
        one.DESCRIPTOR.fields_by_name[field].number
        for one in messages
        if field in one.DESCRIPTOR.fields_by_name
    }
    assert {number for name, number in numbers(made.FIELDS[".onnx"]) if name == field} <= theirs


def test_a_model_is_read_as_onnx_wrote_it():
    weights = {
        "w": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": np.zeros((), np.int64),
        "h": np.ones(3, np.float16),
    }
    tensors = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    nodes = [
        helper.make_node("Relu", ["in"], ["x"]),
        helper.make_node("Relu", ["x"], ["out"]),
        helper.make_node("Quiet", [], [], domain="d"),
    ]
    file = read(model(nodes, tensors, producer_name="made").SerializeToString())
    assert {t.name: (t.shape, t.size_bytes, t.raw_bytes) for t in file.tensors} == {
        name: (array.shape, array.nbytes, array.nbytes) for name, array in weights.items()
    }
    assert file.operators == {("", "Relu"): 2, ("d", "Quiet"): 1}
    assert (file.inputs, file.outputs, file.producer) == (["in"], ["out"], "made")
    assert file.opsets == {"": onnx.defs.onnx_opset_version()}


@pytest.mark.parametrize("kind", sorted(set(DTYPES) - {8, 21, 22, 23, 24, 25, 26, 19, 20, 17, 18, 16}))
def test_values_in_fields_of_their_own_are_counted(kind):
    values = [1, 0, 1, 1, 0, 1] if kind not in (14, 15) else [1 + 2j] * 6
    tensor = helper.make_tensor("w", kind, [2, 3], values)
    read_back = read(model([], [tensor]).SerializeToString()).tensors[0]
    assert (read_back.raw_bytes, read_back.n_typed) == (None, read_back.n_values)


def test_external_data_is_told_and_not_read():
    tensor = numpy_helper.from_array(np.zeros(4, np.float32), "w")
    onnx.external_data_helper.set_external_data(tensor, "other.bin", offset=16, length=16)
    tensor.ClearField("raw_data")
    found = read(model([], [tensor]).SerializeToString()).tensors[0]
    assert found.is_external
    assert [found.says(key) for key in ("location", "offset", "length", "checksum")] == [
        "other.bin",
        "16",
        "16",
        None,
    ]


def test_graphs_in_nodes_and_functions_are_looked_into():
    inner = [
        branch(name, numpy_helper.from_array(np.zeros(2, np.float32), f"{name}_w")) for name in ("yes", "no")
    ]
    node = helper.make_node("If", ["in"], ["out"], then_branch=inner[0], else_branch=inner[1])
    sparse = helper.make_sparse_tensor(
        numpy_helper.from_array(np.ones(1, np.float32), "v"),
        numpy_helper.from_array(np.zeros(1, np.int64), "i"),
        [5],
    )
    more = helper.make_node(
        "Constant",
        [],
        ["c"],
        value=numpy_helper.from_array(np.ones(1, np.float32), "inside"),
        sparse_value=sparse,
    )
    function = helper.make_function(
        "made.local",
        "F",
        ["a"],
        ["b"],
        [helper.make_node("Tanh", ["a"], ["b"])],
        [helper.make_opsetid("", 20)],
    )
    file = read(model([node, more], functions=[function]).SerializeToString())
    assert file.operators == {("", "If"): 1, ("made.up", "Custom"): 2, ("", "Constant"): 1, ("", "Tanh"): 1}
    assert {t.name for t in file.tensors} == {"yes_w", "no_w", "inside", "v", "i"}
    assert file.functions == {("made.local", "F")}
    graphs = {t.name: t.graph for t in file.tensors}
    assert graphs["inside"] is None
    assert len({graphs["yes_w"], graphs["no_w"]}) == 2


def nested(depth):
    graph = {"node": {"op_type": "Relu"}}
    raw = made.protobuf(".onnx", {"graph": graph})[2:]
    for _ in range(depth):  # GraphProto in AttributeProto in NodeProto in GraphProto
        for number in (6, 5, 1):
            raw = made.varint(number << 3 | 2) + made.varint(len(raw)) + raw
    return made.varint(7 << 3 | 2) + made.varint(len(raw)) + raw


def test_graphs_nest_as_deep_as_the_limit_and_no_deeper():
    assert read(nested(MAX_NESTING)).operators["", "Relu"] == 1
    assert "graphs nest more than 32 deep" in refused(nested(MAX_NESTING + 1))
    assert "graphs nest more than 32 deep" in refused(nested(2_000))


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "this is no ONNX model: it has no graph at byte 0"),
        (b"\x08\x07", "this is no ONNX model: it has no graph at byte 0"),
        (b"\x3a\x05\x0a", "a field does not end inside its message at byte 0"),
        (b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "a field does not end inside its message at byte 0"),
        (b"\x08" + b"\xff" * 11, "a number does not end at byte 1"),
        (b"\x08", "a number does not end at byte 1"),
        (b"\x0b\x0c", "a field has wire type 3, which is none of these formats, at byte 0"),
        (b"\x00\x00", "a field has number 0 at byte 0"),
        (b"\x0d\x00", "a field does not end inside its message at byte 0"),
        (b"\x38\x01", "field 7 is no message at byte 0"),
        (b"not an ONNX model at all", "at byte"),
    ],
)
def test_a_fault_is_one_message_with_its_byte(raw, what):
    assert what in refused(raw)


def test_a_tensor_of_many_sides_is_refused():
    raw = made.protobuf(".onnx", {"graph": {"initializer": {"name": "w", "dims": [1] * 65}}})
    assert "more than 64 sides" in refused(raw)


def test_weights_inside_the_model_cost_nothing(monkeypatch):
    size = 50 * BLOCK_BYTES
    tensor = helper.make_tensor("w", TensorProto.UINT8, [size], bytes(size), raw=True)
    raw = model([], [tensor]).SerializeToString()
    window = Window("a", io.BytesIO(raw), len(raw))
    n_read = 0
    original = Window._read

    def counted(self, place, count, what):
        nonlocal n_read
        n_read += count
        return original(self, place, count, what)

    monkeypatch.setattr(Window, "_read", counted)
    assert read_onnx(window).tensors[0].raw_bytes == size
    assert n_read < 5 * BLOCK_BYTES


def test_more_fields_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(protobuf, "MAX_FIELDS", 10)
    assert "the file has more than 10 fields" in refused(
        made.protobuf(".onnx", {"graph": {"node": [{"op_type": "A"}] * 9}})
    )


REAL = model(
    [
        helper.make_node("Relu", ["in"], ["out"]),
        helper.make_node(
            "If",
            ["in"],
            ["o"],
            then_branch=branch("t", numpy_helper.from_array(np.zeros(2, np.float32), "tw")),
        ),
    ],
    [
        numpy_helper.from_array(np.arange(4, dtype=np.float32), "w"),
        helper.make_tensor("i", TensorProto.INT32, [2], [1, 300]),
    ],
).SerializeToString()


@settings(max_examples=400)
@given(damages(REAL))
def test_damaged_files_are_read_or_refused(raw):
    try:
        file = read(raw)
    except Unreadable as error:
        error.what.encode()
        return
    for tensor in file.tensors:
        assert tensor.size_bytes is None or tensor.size_bytes >= 0


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw):
    for each in (raw, b"\x3a" + made.varint(len(raw)) + raw):
        try:
            read(each)
        except Unreadable as error:
            error.what.encode()


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=5))
def test_shapes_are_read_as_protobuf_writes_them(dims):
    tensor = TensorProto(name="w", data_type=1)
    tensor.dims.extend(dims)
    assert read(model([], [tensor]).SerializeToString()).tensors[0].shape == tuple(dims)
