"""Real files of every format, as the format's own library writes them."""

import io
import json
import zipfile

import gguf
import h5py
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests import made
from tests.readers.test_msgpack import packed

LAYERS = [
    {"module": "keras.layers", "class_name": "InputLayer", "config": {"name": "in"}, "registered_name": None},
    {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {
            "name": "dense",
            "activation": {
                "module": "builtins",
                "class_name": "function",
                "config": "relu",
                "registered_name": "function",
            },
            "kernel_initializer": {
                "module": "keras.initializers",
                "class_name": "GlorotUniform",
                "config": {"seed": None},
            },
            "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}},
        },
        "registered_name": None,
    },
    {
        "module": "keras.src.layers.core.dense",
        "class_name": "Dense",
        "config": {"activation": {"module": "keras.activations", "class_name": "function", "config": "gelu"}},
    },
]
CONFIG = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {"layers": LAYERS},
    "registered_name": None,
}


def weights(file):
    group = file.create_group("layers/dense/vars")
    group.create_dataset("0", data=np.zeros((3, 4), np.float32))


def hdf5(fill, **options):
    stream = io.BytesIO()
    with h5py.File(stream, "w", **options) as file:
        fill(file)
    return stream.getvalue()


def legacy(config, **options):
    def fill(file):
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["model_config"] = json.dumps(config)
        weights(file)

    return hdf5(fill, **options)


def keras(config, more=(), **options):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **options) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.5.0"}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", hdf5(weights))
        for name, raw in more:
            archive.writestr(name, raw)
    return stream.getvalue()


def onnx_model(tensors, **more):
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("in", "out")]
    nodes = [
        helper.make_node("Relu", ["in"], ["out"]),
        helper.make_node("Gelu", ["in"], ["g"], domain="com.microsoft"),
    ]
    return helper.make_model(helper.make_graph(nodes, "g", values[:1], values[1:], tensors), **more)


def lay_honest(folder):
    """One real file of every format, as its own library writes it."""
    writer = gguf.GGUFWriter(folder / "model-q4.gguf", "llama")
    writer.add_block_count(2)
    writer.add_token_list([f"t{n}" for n in range(3_000)])
    writer.add_tensor("a", np.zeros((4, 64), np.float32))
    writer.add_tensor(
        "b",
        gguf.quants.quantize(np.ones((4, 64), np.float32), gguf.GGMLQuantizationType.Q8_0),
        raw_dtype=gguf.GGMLQuantizationType.Q8_0,
    )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    inside = onnx_model(
        [
            numpy_helper.from_array(np.ones((3, 4), np.float32), "w"),
            helper.make_tensor("i", TensorProto.INT64, [2], [1, -1]),
        ]
    )
    onnx.save(inside, folder / "model.onnx")
    big = onnx_model([numpy_helper.from_array(np.ones((30, 40), np.float32), name) for name in "ab"])
    (folder / "onnx").mkdir()
    onnx.save(
        big,
        folder / "onnx" / "model.onnx",
        save_as_external_data=True,
        location="model.onnx_data",
        size_threshold=0,
    )
    for library in ("earliest", "latest"):
        (folder / f"legacy-{library}.h5").write_bytes(legacy(CONFIG, libver=library))
    (folder / "plain.hdf5").write_bytes(hdf5(weights))
    (folder / "model.keras").write_bytes(keras(CONFIG))
    (folder / "packed.keras").write_bytes(keras(CONFIG, compression=zipfile.ZIP_DEFLATED))
    np.save(folder / "vectors.npy", np.zeros((3, 4), order="F"))
    np.savez(folder / "arrays.npz", a=np.zeros(3), b=np.array(["x", "yz"]))
    np.savez_compressed(folder / "packed.npz", a=np.zeros((300, 40)))
    (folder / "flax_model.msgpack").write_bytes(
        packed({"params": {"w": np.ones((3, 4), np.float32)}, "step": np.int64(3)})
    )
    model = folder / "tf" / "saved_model.pb"
    model.parent.mkdir()
    ops = [
        "Placeholder",
        "VarHandleOp",
        "RestoreV2",
        "SaveV2",
        "ShardedFilename",
        "MergeV2Checkpoints",
        "StatefulPartitionedCall",
    ]
    model.write_bytes(
        made.protobuf(
            ".pb",
            {
                "saved_model_schema_version": 1,
                "meta_graphs": {"graph_def": {"node": [{"name": op, "op": op} for op in ops]}},
            },
        )
    )
    (model.parent / "fingerprint.pb").write_bytes(b"\x08\x01\x10\x02")


def saved(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()
