"""HDF5, ONNX, arrays and archives: other files that they name, code that they hold, false names."""

import io
import json
import pickle
import zipfile

import h5py
import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from auditor.rules import load
from tests import made
from tests.real_files import CONFIG, hdf5, saved, weights
from tests.rules.looking import looked


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_links_in_the_weights_of_an_archive_are_found(good, compression):
    raw = hdf5(lambda file: file.__setitem__("w", h5py.ExternalLink("/etc/shadow", "/x")))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        archive.writestr("config.json", json.dumps(CONFIG))
        archive.writestr("model.weights.h5", raw)
    (good / "model.keras").write_bytes(stream.getvalue())
    assert [finding.message for finding in looked(good)[0]] == [
        "in `model.weights.h5`: `/w` leads to `/etc/shadow`, out of the bundle"
    ]


@pytest.mark.parametrize("where", ["weights/../b.h5", "b.h5"])
def test_links_inside_the_bundle_are_warnings(good, where):
    (good / "a.h5").write_bytes(hdf5(lambda file: file.__setitem__("w", h5py.ExternalLink(where, "/x"))))
    assert [finding.code for finding in looked(good)[0]] == ["SEC426"]


def test_h5py_reads_the_examples_of_the_manual(good):
    from auditor.rules.registry import manual
    from tests.layers import lay_over

    for code in ("SEC425", "SEC426"):
        for example in (manual(load()[code]).bad, manual(load()[code]).good):
            lay_over(good, example)
            with h5py.File(good / "model.h5") as file:
                assert [type(file.get(name, getlink=True)) for name in file] in ([], [h5py.ExternalLink])


# --- ONNX, arrays, TorchScript ---------------------------------------------------------------------------


def external(location, **more):
    entries = [
        {"key": "location", "value": location},
        *({"key": key, "value": str(value)} for key, value in more.items()),
    ]
    tensor = {"name": "w", "data_type": 1, "dims": [2], "data_location": 1, "external_data": entries}
    return made.protobuf(".onnx", {"graph": {"initializer": tensor}})


OUT = [
    "/etc/passwd",
    "../x",
    "a/../../x",
    "..\\x",
    "C:\\x",
    "~/x",
    "file:///etc/passwd",
    "https://host/x",
    "\\\\host\\x",
    "//host/x",
]


@pytest.mark.parametrize("location", OUT)
def test_every_way_out_of_the_bundle_is_found(good, location):
    (good / "model.onnx").write_bytes(external(location))
    assert [finding.code for finding in looked(good)[0]] == ["SEC401"]


def test_a_way_out_behind_another_location_is_found(good):
    entries = [{"key": "location", "value": "../x"}, {"key": "location", "value": "d"}]
    tensor = {"name": "w", "data_type": 1, "dims": [2], "data_location": 1, "external_data": entries}
    (good / "d").write_bytes(bytes(8))
    (good / "model.onnx").write_bytes(made.protobuf(".onnx", {"graph": {"initializer": tensor}}))
    assert [finding.code for finding in looked(good)[0]] == ["SEC401"]


def test_a_way_out_in_the_attributes_of_a_function_is_found(good):
    entries = [{"key": "location", "value": "../x"}]
    tensor = {"name": "w", "data_type": 1, "dims": [2], "data_location": 1, "external_data": entries}
    function = {"name": "F", "domain": "d", "attribute_proto": {"t": tensor}}
    (good / "model.onnx").write_bytes(made.protobuf(".onnx", {"graph": {}, "functions": function}))
    assert [finding.code for finding in looked(good)[0]] == ["SEC401"]


def test_a_model_in_a_folder_may_use_the_folder_above(good):
    (good / "onnx").mkdir()
    (good / "weights.bin").write_bytes(bytes(8))
    (good / "onnx" / "model.onnx").write_bytes(external("../weights.bin"))
    assert looked(good)[0] == ()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"length": 4}, "`w` (2, FLOAT) needs 8 bytes, `length` is 4"),
        ({"offset": 8}, "`w` ends at byte 16 of `d`, which has 8"),
        ({"offset": -1}, "`offset` of `w` is `-1`, expected a whole number"),
        ({"offset": "1e3"}, "`offset` of `w` is `1e3`, expected a whole number"),
        (
            {"offset": "9" * 30},
            "`offset` of `w` is `999999999999999999999999999999`, expected a whole number",
        ),
    ],
)
def test_where_external_data_lie_is_checked(good, more, message):
    (good / "d").write_bytes(bytes(8))
    (good / "model.onnx").write_bytes(external("d", **more))
    assert [(one.code, one.message) for one in looked(good)[0]] == [("WGT323", message)]


def test_onnx_refuses_what_is_found(good):
    (good / "model.onnx").write_bytes(external("../../etc/passwd"))
    with pytest.raises(onnx.checker.ValidationError):
        onnx.load(good / "model.onnx")


def test_functions_of_the_model_itself_are_not_foreign(good):
    local = helper.make_function(
        "made.local",
        "F",
        ["a"],
        ["b"],
        [helper.make_node("Tanh", ["a"], ["b"])],
        [helper.make_opsetid("", 20)],
    )
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("in", "out")]
    nodes = [
        helper.make_node("F", ["in"], ["out"], domain="made.local"),
        helper.make_node("G", ["in"], ["g"], domain="made.local"),
    ]
    model = helper.make_model(helper.make_graph(nodes, "g", values[:1], values[1:]), functions=[local])
    onnx.save(model, good / "model.onnx")
    assert [one.message for one in looked(good)[0]] == ["the domain `made.local` must bring `G`"]


class Scaled(torch.nn.Module):
    def forward(self, x):
        return x * 2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_torchscript_is_told_and_plain_weights_are_not(good):
    torch.save({"w": torch.zeros(3)}, good / "plain.pt")
    assert looked(good, "SEC4")[0] == ()
    torch.jit.save(torch.jit.script(Scaled()), good / "script.pt")
    assert [(one.code, one.spans[0].file) for one in looked(good, "SEC4")[0]] == [("SEC419", "script.pt")]


def test_a_zip_of_python_is_no_torchscript(good):
    (good / "source.zip").write_bytes(made.zipped({"repo/code/train.py": "print()"}))
    assert looked(good)[0] == ()


def test_several_arrays_in_a_row_are_a_warning_only(good):
    (good / "a.npy").write_bytes(saved(np.zeros(2)) * 2)
    assert [(one.code, one.level) for one in looked(good)[0]] == [("WGT332", "warning")]


# --- what a name promises --------------------------------------------------------------------------------

CONTENT = {
    "zip": made.zipped({"a": "b"}),
    "npy": saved(np.zeros(2)),
    "hdf5": hdf5(weights),
    "gguf": made.gguf({"metadata": {"general.architecture": "llama"}}),
}


@pytest.mark.parametrize(
    "ending", [".gguf", ".onnx", ".h5", ".npy", ".msgpack", ".pb", ".keras", ".npz", ".pt"]
)
@pytest.mark.parametrize("kind", CONTENT)
def test_another_format_than_the_name_says_is_told_once(good, ending, kind):
    (good / f"model{ending}").write_bytes(CONTENT[kind])
    expected = {".gguf": "gguf", ".h5": "hdf5", ".npy": "npy", ".npz": "zip", ".pt": "zip"}.get(ending)
    fits = kind == expected or (ending == ".keras" and kind in ("zip", "hdf5"))
    found = {finding.code for finding in looked(good)[0]} - {"WGT342"}
    assert found == (set() if fits else {"WGT347"})


@pytest.mark.parametrize("name", ["model.gguf", "model.onnx", "a.npy"])
def test_pickles_and_programs_of_such_names_are_told_by_others(good, name):
    for raw in (pickle.dumps({"a": 1}), b"\x7fELF" + bytes(60)):
        (good / name).write_bytes(raw)
        findings, outcomes = looked(good)
        assert findings == ()
        assert "not checked" in {outcome.state for outcome in outcomes.values()}
