import io
import pickle
import struct
import tarfile
import zipfile

import h5py
import numpy as np
import pytest
import torch
from safetensors.numpy import save

from auditor.readers.magic import kind_of


def stream(write):
    held = io.BytesIO()
    write(held)
    return held.getvalue()


def zipped(held):
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a", "b")


def tarred(held):
    with tarfile.open(fileobj=held, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))


def hdf5(held):
    with h5py.File(held, "w") as file:
        file["a"] = 1


REAL = {
    "npy": stream(lambda held: np.save(held, np.zeros(3))),
    "zip": stream(zipped),
    "tar": stream(tarred),
    "hdf5": stream(hdf5),
    "safetensors": save({"a": np.zeros(3, np.float32)}),
    "gguf": b"GGUF" + struct.pack("<IQQ", 3, 0, 0),
    "program": b"\x7fELF" + bytes(60),
}


@pytest.mark.parametrize("kind", REAL)
def test_a_real_file_is_known_by_its_first_bytes(kind):
    assert kind_of(REAL[kind][:512])[0] == kind


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "value",
    [1, [1], {"a": 1}, (1,), "text", 2**70, {1}, b"x", None, torch.zeros, 1.5, []],
    ids=lambda value: type(value).__name__,
)
def test_a_pickle_is_known_whatever_it_holds(protocol, value):
    assert kind_of(pickle.dumps(value, protocol))[0] == "pickle"


def test_torch_writes_zip_archives_and_once_wrote_pickles():
    weights = {"a": torch.zeros(2)}
    assert kind_of(stream(lambda held: torch.save(weights, held)))[0] == "zip"
    assert (
        kind_of(stream(lambda held: torch.save(weights, held, _use_new_zipfile_serialization=False)))[0]
        == "pickle"
    )


def test_a_windows_program_is_known_by_both_its_marks():
    start = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + b"PE\0\0"
    assert kind_of(start)[0] == "program"
    assert kind_of(start[:-4] + b"text") == ("", "")


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"{}",
        b"\x80\x02",
        b"\x08\x07\x12\x07pytorch",
        b"MZ",
        b"PK",
        b"hello",
        bytes(512),
        b"\x81\xa6params",
    ],
)
def test_other_beginnings_tell_nothing(start):
    assert kind_of(start) == ("", "")
