"""What compressed streams unpack to, beside Python's own modules; cut, damaged, in a row, and beyond a limit."""

import bz2
import gzip
import lzma
import random
import zlib

import pytest

from auditor.readers.forward import Ended, Forward, Held
from auditor.readers.packed import Unpacked, compression, foreign

PACKERS = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zlib": zlib.compress}
CONTENT = random.Random(1).randbytes(200_000) + bytes(1_000_000)
BY_KIND = pytest.mark.parametrize("kind", PACKERS)


def unpacked(kind, raw, limit=10**9):
    source, parts = Forward(Unpacked(kind, Held(raw), limit)), []
    while part := source.read(70_000):
        parts.append(part)
    return b"".join(parts)


@BY_KIND
def test_a_stream_unpacks_to_what_was_packed(kind):
    packed = PACKERS[kind](CONTENT)
    assert compression(packed[:6]) == kind
    assert unpacked(kind, packed) == CONTENT


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz"])
def test_streams_in_a_row_are_all_unpacked(kind):
    packed = PACKERS[kind](b"one ") + PACKERS[kind](CONTENT) + PACKERS[kind](b"three")
    assert unpacked(kind, packed) == b"one " + CONTENT + b"three"


@BY_KIND
def test_what_follows_the_last_stream_is_left(kind):
    assert unpacked(kind, PACKERS[kind](b"content") + bytes(100)) == b"content"


@BY_KIND
@pytest.mark.parametrize("length", [9, 1000, -5])
def test_a_stream_that_is_cut_off_says_so(kind, length):
    with pytest.raises(Ended, match=f"the {kind} data are cut off"):
        unpacked(kind, PACKERS[kind](CONTENT)[:length])


@BY_KIND
def test_damaged_bytes_end_the_reading(kind):
    packed = bytearray(PACKERS[kind](CONTENT))
    packed[300] ^= 0xFF
    with pytest.raises(Ended, match=f"the {kind} data are damaged"):
        unpacked(kind, bytes(packed))


def test_settings_that_the_decoder_refuses_end_the_reading():
    settings = bytes([9 * 5 * 2 + 9 * 4 + 8]) + (2**16).to_bytes(4, "little")  # lc + lp is 12, and at most 4
    with pytest.raises(Ended, match="ask for what no decoder does"):
        unpacked("lzma in zip", b"\x09\x04\x05\0" + settings + bytes(20))


@BY_KIND
def test_more_than_the_limit_is_not_unpacked(kind):
    with pytest.raises(Ended, match="unpack to more than 1,000,000 bytes") as raised:
        unpacked(kind, PACKERS[kind](CONTENT), 1_000_000)
    assert raised.value.is_limit


def test_skipping_unpacks_no_more_than_it_must():
    stream = Unpacked("gzip", Held(gzip.compress(CONTENT)), 10**9)
    assert stream.skip(150_000) == 150_000
    assert stream.size_bytes < 300_000
    assert stream.skip(10**9) == len(CONTENT) - 150_000


def test_xz_may_not_ask_for_more_memory_than_is_given():
    packed = lzma.compress(b"a", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 2**30}])
    with pytest.raises(Ended, match="damaged"):
        unpacked("xz", packed)


def test_old_joblib_files_are_zlib_behind_a_length():
    raw = b"ZF" + hex(len(CONTENT)).encode().ljust(19) + zlib.compress(CONTENT)
    assert compression(raw[:6]) == "joblib"
    assert unpacked("joblib", raw) == CONTENT


@pytest.mark.parametrize(
    ("beginning", "name"),
    [
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\x07\x01", "rar"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"PK\x03\x04", ""),
    ],
)
def test_packers_without_a_decoder_are_known_by_name(beginning, name):
    assert foreign(beginning) == name
    with pytest.raises(Ended, match="cannot be unpacked here"):
        Unpacked("zstd", Held(b""), 1)
