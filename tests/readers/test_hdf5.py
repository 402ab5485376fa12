import io
import json
import time

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers import hdf5, hdf5_heaps
from auditor.readers.document import Unreadable
from auditor.readers.hdf5 import Elsewhere, read_hdf5
from auditor.readers.window import Unfollowed, Window
from tests.mutations import damages

LIBRARIES = ["earliest", "v108", "v110", "v112", "v114", "latest"]
CONFIG = json.dumps({"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense"}]}})
every_library = pytest.mark.parametrize("library", LIBRARIES)


def read(raw):
    return read_hdf5(Window("model.h5", io.BytesIO(raw), len(raw)))


def written(fill, **options):
    stream = io.BytesIO()
    with h5py.File(stream, "w", **options) as file:
        fill(file)
    return stream.getvalue()


def keras(file, config=CONFIG):
    """As Keras lays out its HDF5 files (legacy/saving/legacy_h5_format.py)."""
    file.attrs["keras_version"] = "2.15.0"
    file.attrs["backend"] = "tensorflow"
    file.attrs["model_config"] = config
    file.attrs["training_config"] = json.dumps({"loss": "mse"})
    weights = file.create_group("model_weights")
    weights.attrs["layer_names"] = [b"dense", b"dense_1"]
    for name in ("dense", "dense_1"):
        group = weights.create_group(name)
        group.attrs["weight_names"] = [f"{name}/kernel:0".encode()]
        group.create_dataset(f"{name}/kernel:0", data=np.zeros((3, 4), np.float32))


def told(file):
    return {attribute.name: attribute.value.decode() for attribute in file.attributes}


@every_library
@pytest.mark.parametrize("kind", ["text", "bytes", "fixed", "long"])
def test_the_configuration_of_keras_is_found_however_it_is_stored(library, kind):
    config = CONFIG * 900 if kind == "long" else CONFIG
    stored = {"bytes": config.encode(), "fixed": np.bytes_(config)}.get(kind, config)
    file = read(written(lambda file: keras(file, stored), libver=library))
    assert told(file) == {"model_config": config, "training_config": '{"loss": "mse"}'}
    assert (file.gaps, file.elsewhere) == ([], [])
    assert file.end == file.size_bytes


@every_library
def test_every_group_and_dataset_is_met(library):
    file = read(written(keras, libver=library))
    assert (
        file.n_objects == 1 + 1 + 2 * 3
    )  # the root, the weights, and per layer: its group, one inside, a dataset


@every_library
def test_attributes_beyond_a_header_are_found_in_their_heap(library):
    def fill(file):
        for number in range(300):
            file.attrs[f"a{number}"] = "v" * number
        keras(file)

    file = read(written(fill, libver=library))
    assert told(file)["model_config"] == CONFIG
    assert file.gaps == []


@pytest.mark.parametrize("size", [10, 3_000, 5_000, 60_000])
def test_huge_objects_of_a_heap_are_found(size):
    def fill(file):
        for number in range(60):
            file.attrs[f"a{number}"] = np.bytes_("v" * 3_000)
        file.attrs["model_config"] = np.bytes_("q" * size)

    file = read(written(fill, libver="latest"))
    assert told(file) == {"model_config": "q" * size}
    assert file.gaps == []


@every_library
def test_a_thousand_groups_are_walked(library):
    file = read(
        written(lambda file: [file.create_group(f"g{number}") for number in range(1_000)], libver=library)
    )
    assert (file.n_objects, file.gaps) == (1_001, [])


@every_library
@pytest.mark.parametrize("many", [0, 40])
def test_links_to_other_files_are_found(library, many):
    def fill(file):
        group = file.create_group("weights")
        for number in range(many):
            group.create_group(f"g{number}")
        group["kernel"] = h5py.ExternalLink("../../secret.h5", "/x")
        group["soft"] = h5py.SoftLink("/weights/kernel")

    file = read(written(fill, libver=library))
    assert file.elsewhere == [Elsewhere("/weights/kernel", "link", "../../secret.h5")]
    assert file.gaps == []


@every_library
def test_data_kept_in_other_files_are_found(library):
    def fill(file):
        file.create_dataset("raw", shape=(4,), dtype="f4", external=[("/etc/passwd", 0, 8), ("b.raw", 0, 8)])

    file = read(written(fill, libver=library))
    assert file.elsewhere == [
        Elsewhere("/raw", "storage", "/etc/passwd"),
        Elsewhere("/raw", "storage", "b.raw"),
    ]


def virtual(*files):
    def fill(file):
        file.create_dataset("d", data=np.zeros(4, np.float32))
        layout = h5py.VirtualLayout(shape=(len(files), 4), dtype="f4")
        for number, name in enumerate(files):
            layout[number] = h5py.VirtualSource(name, "d", shape=(4,))
        file.create_virtual_dataset("v", layout)

    return written(fill, libver="latest")


def test_virtual_datasets_tell_where_they_take_their_data_from():
    assert read(virtual("/abs/other.h5")).elsewhere == [Elsewhere("/v", "virtual dataset", "/abs/other.h5")]
    assert read(virtual(".")).elsewhere == []


def test_further_sources_of_a_virtual_dataset_are_a_gap():
    assert [gap.what for gap in read(virtual(".", "other.h5")).gaps] == [
        "the further sources of the virtual dataset `/v`"
    ]


@every_library
@pytest.mark.parametrize("block", [512, 4_096])
def test_a_file_behind_a_block_of_the_users_is_found(library, block):
    file = read(written(keras, libver=library, userblock_size=block))
    assert told(file)["model_config"] == CONFIG
    assert file.end == file.size_bytes


def test_a_base_address_that_lies_is_not_believed():
    raw = bytearray(written(keras, userblock_size=512))
    raw[512 + 24 : 512 + 32] = bytes(8)  # the library takes the place of the signature, whatever stands here
    assert told(read(bytes(raw)))["model_config"] == CONFIG


def test_a_truncated_file_says_how_long_it_was():
    raw = written(keras)
    file = read(raw[:-100])
    assert (file.end, file.size_bytes) == (len(raw), len(raw) - 100)


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "the signature is missing at byte 0"),
        (b"PK\x03\x04" + bytes(2_000), "the signature is missing at byte 0"),
        (b"\x89HDF\r\n\x1a\n", "the file ends inside the superblock, missing, at byte 8"),
        (b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00" + bytes(8), "the file ends inside the superblock"),
    ],
)
def test_a_file_without_superblock_is_refused(raw, what):
    with pytest.raises(Unreadable) as caught:
        read(raw)
    assert what in caught.value.what
    assert not isinstance(caught.value, Unfollowed)


@pytest.mark.parametrize(("place", "value"), [(8, 4), (8, 255), (13, 16), (14, 0)])
def test_a_superblock_of_another_kind_is_not_followed(place, value):
    raw = bytearray(written(keras))
    raw[place] = value
    with pytest.raises(Unfollowed):
        read(bytes(raw))


def test_what_cannot_be_followed_is_a_gap_and_the_rest_is_read():
    raw = written(keras)
    at = raw.index(b"TREE")  # the root's own members
    file = read(raw[:at] + b"ERTE" + raw[at + 4 :])
    assert told(file)["model_config"] == CONFIG
    assert [gap.what for gap in file.gaps] == [f"no tree of a group at byte {at:,}"]


def test_a_group_that_holds_itself_is_walked_once():
    def fill(file):
        file["loop"] = file["/"]
        file.create_group("g")["loop"] = file["/"]

    assert read(written(fill)).n_objects == 2


def test_more_objects_than_the_limit_are_a_gap(monkeypatch):
    monkeypatch.setattr(hdf5, "MAX_OBJECTS", 5)
    assert "more than 5 objects" in read(written(keras)).gaps[0].what


def test_more_to_read_than_the_limit_is_a_gap(monkeypatch):
    raw = written(keras)
    monkeypatch.setattr(hdf5_heaps.Store.__init__, "__defaults__", (hdf5_heaps.MAX_NODES, 600))
    assert any("bytes to read" in gap.what for gap in read(raw).gaps)


REAL = {library: written(keras, libver=library) for library in ("earliest", "latest")}
DENSE = written(
    lambda file: [file.attrs.__setitem__(f"a{n}", "v" * n) for n in range(40)] + [keras(file)],
    libver="latest",
)


@settings(max_examples=400)
@given(st.one_of(damages(REAL["earliest"]), damages(REAL["latest"], 8), damages(DENSE, 8)))
def test_damaged_files_are_read_or_refused_and_end_soon(raw):
    begin = time.process_time()
    try:
        for gap in read(raw).gaps:
            gap.what.encode()
    except Unreadable as error:
        error.what.encode()
    assert time.process_time() - begin < 5


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw):
    for each in (raw, b"\x89HDF\r\n\x1a\n" + raw, b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00" + raw):
        try:
            read(each)
        except Unreadable as error:
            error.what.encode()
