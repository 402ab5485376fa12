"""Everything in a file, however deep it lies; and what could not be looked into."""

import gzip
import io
import zipfile

import pytest

from auditor.readers.candidates import may_hold, tail_bytes
from auditor.readers.packages import MAX_DEPTH, Allowance, explore
from tests.pickles.containers import tarred, zipped
from tests.pickles.writing import EVIL, EVIL_0, KIND


def explored(raw, name="model.bin", allowance=2**26):
    return explore(name, io.BytesIO(raw), len(raw), Allowance(allowance))


def places(raw, name="model.bin"):
    return [one.where for one in explored(raw, name).pickles]


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (EVIL, ""),
        (EVIL_0, ""),
        (zipped({"a/data.pkl": EVIL}), "a/data.pkl"),
        (zipped({"a/data.pkl": EVIL}, zipfile.ZIP_DEFLATED), "a/data.pkl"),
        (tarred({"a/b": EVIL}), "a/b"),
        (gzip.compress(EVIL, mtime=0), "(gzip)"),
        (gzip.compress(tarred({"a": EVIL}), mtime=0), "(gzip)/a"),
        (gzip.compress(zipped({"a": EVIL}), mtime=0), "(gzip)/a"),
        (
            zipped({"a.zip": zipped({"b.tar": tarred({"c.gz": gzip.compress(EVIL, mtime=0)})})}),
            "a.zip/b.tar/c.gz/(gzip)",
        ),
        (tarred({"a.zip": zipped({"b": EVIL})}), "a.zip/b"),
        (gzip.compress(tarred({"a.zip": zipped({"b": EVIL})}), mtime=0), "(gzip)/a.zip/b"),
        (zipped({"a.zip": zipped({"b": EVIL})}, zipfile.ZIP_DEFLATED), "a.zip/b"),
    ],
)
def test_a_pickle_is_found_at_its_place(raw, where):
    assert places(raw) == [where]


def test_every_member_is_looked_at_whatever_its_name():
    raw = zipped({"a.txt": b"text", "b.png": EVIL, "c": KIND, "d/data/0": bytes(100)})
    assert places(raw) == ["b.png", "c"]


@pytest.mark.parametrize("name", ["weights.bin", "model.pt"])
def test_what_cannot_be_unpacked_is_told_as_weights_where_its_name_says_so(name):
    unseen = explored(b"7z\xbc\xaf\x27\x1c" + bytes(100), name).unseen
    assert [(one.why, one.is_weights) for one in unseen] == [
        ("it is packed as 7z, which is not unpacked here", True)
    ]


def test_what_cannot_be_unpacked_is_no_weights_elsewhere():
    assert [one.is_weights for one in explored(b"Rar!\x1a\x07\x01" + bytes(100), "data.rar").unseen] == [
        False
    ]


def test_archives_deeper_than_followed_are_told():
    raw = zipped({"data.pkl": EVIL})
    for _ in range(MAX_DEPTH + 1):
        raw = zipped({"inner.pt": raw})
    found = explored(raw)
    assert found.pickles == []
    assert "deeper than" in found.unseen[0].why


def test_more_than_the_allowance_is_not_unpacked():
    raw = gzip.compress(tarred({"a.csv": bytes(3_000_000), "b.pkl": EVIL}))
    found = explored(raw, "data.tar.gz", 1_000_000)
    assert (found.pickles, [one.why for one in found.unseen]) == (
        [],
        ["the gzip data unpack to more than 1,000,000 bytes"],
    )


def test_an_encrypted_member_is_told():
    raw = bytearray(zipped({"data.pkl": bytes(range(100, 200))}))
    raw[6] |= 1
    raw[raw.index(b"PK\1\2") + 8] |= 1
    assert [(one.where, one.why) for one in explored(bytes(raw)).unseen] == [("data.pkl", "it is encrypted")]


def test_a_wrong_checksum_of_a_pickle_is_odd_but_not_a_missing_one():
    raw = zipped({"data.pkl": KIND})
    place = raw.index(b"PK\1\2") + 16
    wrong = raw[:14] + b"\1\1\1\1" + raw[18:place] + b"\1\1\1\1" + raw[place + 4 :]
    none = raw[:14] + bytes(4) + raw[18:place] + bytes(4) + raw[place + 4 :]
    assert explored(wrong).archives[0].oddities == [("data.pkl", "its checksum is not that of its bytes")]
    assert explored(none).archives[0].oddities == []


@pytest.mark.parametrize(
    ("raw", "worth"),
    [
        (EVIL, True),
        (EVIL_0, True),
        (zipped({"a": b"b"}), True),
        (b"GIF89a" + zipped({"a": b"b"}), True),
        (gzip.compress(b"a", mtime=0), True),
        (tarred({"a": b"b"}), True),
        (b"\x93NUMPY\1\0", True),
        (b"7z\xbc\xaf\x27\x1c", True),
        (b"# A card\n", False),
        (b"MIT License\n\nCopyright (c) 2026", False),
        (b'{"a": 1}', False),
        (b"a,b\n1,2\n", False),
        (bytes(512), False),
        (b"\x89PNG\r\n\x1a\n", False),
    ],
)
def test_most_files_are_passed_over_by_their_first_and_last_bytes(raw, worth):
    assert may_hold(raw[:512], raw[-tail_bytes("x") :]) is worth
