import io
import json

import pytest
from hypothesis import given, settings

from auditor.readers.document import Unreadable
from auditor.readers.saved_model import (
    is_graph,
    read_graph,
    read_keras_metadata,
    read_saved_model,
    read_saved_model_text,
)
from auditor.readers.window import Window
from tests import made
from tests.mutations import damages


def window(raw):
    return Window("saved_model.pb", io.BytesIO(raw), len(raw))


def field(number, body):
    raw = body.encode() if isinstance(body, str) else body
    return made.varint(number << 3 | 2) + made.varint(len(raw)) + raw


NODES = [
    {"name": "a", "op": "Placeholder"},
    {"name": "b", "op": "Relu", "input": ["a"]},
    {"name": "c", "op": "Relu"},
]
MODEL = {
    "saved_model_schema_version": 1,
    "meta_graphs": [
        {
            "graph_def": {
                "node": NODES,
                "library": {"function": [{"node_def": [{"name": "x", "op": "ReadFile"}]}]},
            },
            "asset_file_def": [{"filename": "vocab.txt"}],
        },
        {"graph_def": {"node": NODES[:1]}},
    ],
}
RAW = made.protobuf(".pb", MODEL)


def test_operators_of_all_graphs_and_functions_are_counted():
    graph = read_saved_model(window(RAW))
    assert graph.operators == {"Placeholder": 2, "Relu": 2, "ReadFile": 1}
    assert graph.assets == ["vocab.txt"]


def test_a_frozen_graph_is_known_by_its_first_node():
    raw = made.protobuf(".pb", {"meta_graphs": {"graph_def": MODEL["meta_graphs"][0]["graph_def"]}})
    frozen = raw[raw.index(b"\x0a", 3) :]  # less the tags of SavedModel and MetaGraphDef
    assert is_graph(window(frozen))
    assert read_graph(window(frozen)).operators["ReadFile"] == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        RAW,
        field(1, b""),
        field(1, field(1, "name")),
        field(1, field(1, "n") + field(2, "not an op")),
        b"\x08\x01",
    ],
)
def test_other_messages_are_no_frozen_graph(raw):
    assert not is_graph(window(raw))


def test_the_configurations_of_keras_are_kept():
    config = json.dumps({"class_name": "Lambda"})
    metadata = field(1, field(3, "root") + field(5, config)) + field(1, b"\x10\x01")
    assert read_keras_metadata(window(metadata)).configs == [config.encode()]
    objects = field(
        2, field(2, b"") + field(7, field(1, field(4, field(1, "_tf_keras_layer") + field(3, config))))
    )
    assert read_saved_model(window(objects)).configs == [config.encode()]


def test_a_model_as_text_is_searched():
    raw = b'meta_graphs { graph_def { node { name: "x" op: "WriteFile" } } asset_file_def { filename: "v.txt" } }'
    graph = read_saved_model_text(window(raw))
    assert (graph.operators, graph.assets) == ({"WriteFile": 1}, ["v.txt"])


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "this is no SavedModel: it has no graph at byte 0"),
        (b"\x08\x01", "this is no SavedModel: it has no graph at byte 0"),
        (RAW[:-1], "a field does not end inside its message at byte"),
        (field(2, b"\x10\x01"), "field 2 is no message at byte"),
    ],
)
def test_a_fault_is_one_message_with_its_byte(raw, what):
    with pytest.raises(Unreadable) as caught:
        read_saved_model(window(raw))
    assert what in caught.value.what


@settings(max_examples=300)
@given(damages(RAW))
def test_damaged_files_are_read_or_refused(raw):
    for read in (read_saved_model, read_graph, read_keras_metadata, is_graph, read_saved_model_text):
        try:
            read(window(raw))
        except Unreadable as error:
            error.what.encode()
