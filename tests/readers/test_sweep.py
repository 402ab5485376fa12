"""One pass over a file: digests, tensors across blocks, holes, files that change meanwhile."""

import hashlib
import os
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers import sweep as module
from auditor.readers.bits import Plain, Vector
from auditor.readers.document import Unreadable
from auditor.readers.safetensors import Tensor
from auditor.readers.sweep import Stretch, sweep
from auditor.readers.tally import Tally


def swept(path, tensors=(), *, digest=True, size=None, data_start=0):
    stretch = Stretch(data_start, tensors, [Tally(tensor.dtype) for tensor in tensors]) if tensors else None
    with path.open("rb") as stream:
        size = path.stat().st_size if size is None else size
        found = sweep("a", stream, size, digest=digest, stretch=stretch, look=Vector())
    return found, stretch


@pytest.mark.parametrize("size", [0, 1, 2**18 - 1, 2**18, 2**20, 2**20 + 1, 3 * 2**20 + 7])
def test_the_digest_is_that_of_hashlib(tmp_path, size):
    path = tmp_path / "a"
    path.write_bytes(os.urandom(size))
    assert swept(path)[0] == hashlib.sha256(path.read_bytes()).hexdigest()


@settings(max_examples=40)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(1, 17), st.integers(0, 9), st.booleans()
)
def test_tensors_are_told_apart_wherever_blocks_end(tmp_path_factory, sides, block, data_start, digest):
    path = tmp_path_factory.mktemp("sweep") / "a"
    rng = np.random.default_rng(sum(sides))
    arrays = [rng.standard_normal(side).astype(np.float32) for side in sides]
    path.write_bytes(b"h" * data_start + b"".join(array.tobytes() for array in arrays) + b"tail")
    tensors, begin = [], 0
    for array in arrays:
        tensors.append(Tensor("t", "F32", array.shape, begin, begin + array.nbytes))
        begin += array.nbytes
    before, module.BLOCK_BYTES = module.BLOCK_BYTES, block
    try:
        found, stretch = swept(path, tensors, digest=digest, data_start=data_start)
    finally:
        module.BLOCK_BYTES = before
    assert [tally.magnitude for tally in stretch.tallies] == [float(np.abs(array).max()) for array in arrays]
    assert found == (hashlib.sha256(path.read_bytes()).hexdigest() if digest else "")


def test_a_hole_of_100_gb_is_not_read(tmp_path):
    path, size = tmp_path / "a", 100 * 10**9
    with path.open("wb") as stream:
        stream.write(b"\0\0\x80\x3f" * 2)
        stream.truncate(size)
    if path.stat().st_blocks * 512 > 10**6:
        pytest.skip("this file system keeps no holes")
    tensors = [Tensor("a", "F32", (2,), 0, 8), Tensor("b", "F32", (size // 4 - 2,), 8, size)]
    _, stretch = swept(path, tensors, digest=False)
    assert [(tally.is_constant, tally.is_zero) for tally in stretch.tallies] == [(True, False), (True, True)]


def test_what_lies_between_holes_is_read(tmp_path):
    path, size = tmp_path / "a", 2**24
    with path.open("wb") as stream:
        stream.truncate(size)
        stream.seek(2**23)
        stream.write(b"\0\0\xc0\x7f")
    _, stretch = swept(path, [Tensor("a", "F32", (size // 4,), 0, size)], digest=False)
    tally = stretch.tallies[0]
    assert (tally.n_bad, tally.first_bad, tally.is_constant) == (1, 2**21, False)


@pytest.mark.parametrize("size", [3, 5])
def test_a_file_of_another_size_than_before_is_refused(tmp_path, size):
    (tmp_path / "a").write_bytes(b"1234")
    with pytest.raises(Unreadable, match="changed while it was read"):
        swept(tmp_path / "a", size=size)


@pytest.mark.parametrize("change", ["grows", "shrinks", "is written to"])
def test_a_file_that_changes_meanwhile_is_refused(tmp_path, monkeypatch, change):
    path = tmp_path / "a"
    path.write_bytes(bytes(4096))
    monkeypatch.setattr(module, "BLOCK_BYTES", 1024)
    real = os.preadv

    def meddling(descriptor, buffers, place):
        if place == 2048:
            with path.open("r+b") as stream:
                if change == "shrinks":
                    stream.truncate(100)
                else:
                    stream.seek(0 if change == "is written to" else 4096)
                    stream.write(b"x")
            os.utime(path, ns=(1, 1))
        return real(descriptor, buffers, place)

    monkeypatch.setattr(module.os, "preadv", meddling)
    with pytest.raises(Unreadable, match="changed while it was read"):
        swept(path)


def test_two_passes_in_two_threads_do_not_disturb_each_other(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(os.urandom(3 * 2**20))
    found = []
    with path.open("rb") as stream:
        threads = [
            threading.Thread(
                target=lambda: found.append(
                    sweep("a", stream, 3 * 2**20, digest=True, stretch=None, look=Plain())
                )
            )
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [hashlib.sha256(path.read_bytes()).hexdigest()] * 2
