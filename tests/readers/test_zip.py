"""Zip archives by both copies of their headers, beside zipfile, and where the copies contradict each other."""

import io
import struct
import zipfile

import pytest
import torch

from auditor.readers.document import Unreadable
from auditor.readers.forward import Ended
from auditor.readers.zip import MAX_MEMBERS, ends_as_zip, opened_member, read_member, read_zip
from tests.pickles.containers import streamed_archive, two_directories, zipped

METHODS = {"stored": 0, "deflate": 8, "bzip2": 12, "lzma": 14}
MEMBERS = {"a/b.txt": b"hello" * 1000, "dir/": b"", "numbers.bin": bytes(range(256)) * 20}


def read(raw, begin=0):
    return read_zip("x.zip", io.BytesIO(raw), len(raw) - begin, begin)


def odd(raw):
    return [what for _, what in read(raw).oddities]


@pytest.mark.parametrize("method", METHODS)
def test_members_are_those_that_zipfile_lists(method):
    raw = zipped(MEMBERS, METHODS[method])
    archive = read(raw)
    contents = {one.name: read_member("x", io.BytesIO(raw), one, 10**6) for one in archive.members}
    assert (contents, archive.oddities, archive.start) == (MEMBERS, [], 0)
    assert [one.is_folder for one in archive.members] == [False, True, False]


@pytest.mark.parametrize("checksums", [True, False])
def test_what_torch_writes_is_not_odd(checksums):
    stream = io.BytesIO()
    torch.serialization.set_crc32_options(checksums)
    try:
        torch.save({"w": torch.arange(10.0)}, stream)
    finally:
        torch.serialization.set_crc32_options(True)
    archive = read(stream.getvalue())
    assert archive.oddities == []
    assert [one.name for one in archive.members][:1] == ["archive/data.pkl"]


def test_an_archive_written_to_a_pipe_is_not_odd():
    assert odd(streamed_archive()[1]) == []


def test_wide_numbers_are_read():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, archive.open("big", "w", force_zip64=True) as member:
        member.write(b"x" * 1000)
    found = read(stream.getvalue())
    assert ([(one.size_bytes, one.packed_bytes) for one in found.members], found.oddities) == (
        [(1000, 1000)],
        [],
    )


def test_an_archive_of_many_members_has_wide_counts():
    raw = zipped({f"{number}.txt": b"" for number in range(70_000)})
    assert len(read(raw).members) == 70_000


def test_too_many_members_are_not_read():
    raw = bytearray(zipped({f"{number}.txt": b"" for number in range(70_000)}))
    record = raw.rindex(b"PK\6\6")
    raw[record + 24 : record + 40] = struct.pack("<QQ", MAX_MEMBERS + 1, MAX_MEMBERS + 1)
    with pytest.raises(Unreadable, match="lists 100,001 members"):
        read(bytes(raw))


def test_an_archive_behind_other_bytes_is_found():
    raw = b"#!/bin/sh\n" * 10 + zipped(MEMBERS)
    archive = read(raw)
    assert archive.start == 100
    assert read_member("x", io.BytesIO(raw), archive.members[0], 10**6) == MEMBERS["a/b.txt"]


def test_an_archive_inside_a_file_is_read_at_its_place():
    raw = b"before" + zipped(MEMBERS)
    archive = read(raw, 6)
    assert read_member("x", io.BytesIO(raw), archive.members[0], 10**6) == MEMBERS["a/b.txt"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda raw: raw.replace(b"a.txt", b"b.txt", 1), "its own header calls it `b.txt`"),
        (lambda raw: raw[:6] + b"\1" + raw[7:], "its own header has 1 as flag of encryption, the directory 0"),
        (lambda raw: raw[:8] + b"\x08" + raw[9:], "its own header has 8 as method of compression, the directory 0"),
        (lambda raw: raw[:22] + b"\x09" + raw[23:], "its own header has 9 as size, the directory 4"),
        (lambda raw: raw[:18] + b"\x09" + raw[19:], "its own header has 9 as packed size, the directory 4"),
        (lambda raw: raw[:14] + bytes(4) + raw[18:], "its own header has 0 as checksum, the directory 999,008,199"),
        (lambda raw: b"XX" + raw[2:], "no header stands where the directory says"),
        (lambda raw: raw.replace(struct.pack("<2L", 4, 4), struct.pack("<2L", 900, 900)), "it would end 823 bytes after the file"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)  # fmt: skip
def test_headers_that_contradict_each_other_are_odd(change, what):
    raw = zipped({"a.txt": b"text"})
    assert odd(raw) == []
    assert what in odd(change(raw))


def test_a_member_that_only_its_own_header_knows_is_found():
    first = zipped({"hidden.pkl": b"N."})
    raw = first[: first.index(b"PK\1\2")] + zipped({"a.txt": b"text"})
    archive = read(raw)
    assert [(one.name, one.is_listed) for one in archive.members] == [("a.txt", True), ("hidden.pkl", False)]
    assert read_member("x", io.BytesIO(raw), archive.members[1], 100) == b"N."


def test_a_second_directory_in_the_comment_is_odd():
    assert "it has two directories, and readers differ in which they take" in odd(two_directories()[1])


def test_an_archive_stored_in_an_archive_is_not_odd():
    assert odd(zipped({"inner.zip": zipped(MEMBERS)})) == []


def test_overlapping_members_are_odd():
    raw = zipped({"a.txt": b"text" * 10, "b.txt": b"text"})
    second = raw.rindex(b"PK\1\2") + 42
    assert "it overlaps the member before it" in odd(raw[:second] + bytes(4) + raw[second + 4 :])


def test_a_name_listed_twice_is_odd():
    raw = zipped({"a.txt": b"one", "b.txt": b"two"}).replace(b"b.txt", b"a.txt")
    assert odd(raw) == ["it is listed twice, and readers differ in which they take"]


def test_a_link_is_told():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("notes")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "../outside")
    assert [one.is_link for one in read(stream.getvalue()).members] == [True]


@pytest.mark.parametrize("raw", [b"", b"PK", b"PK\3\4" + bytes(100), b"PK\5\6", bytes(1000)])
def test_without_a_directory_it_is_unreadable(raw):
    with pytest.raises(Unreadable, match="no directory"):
        read(raw)


def test_an_archive_cut_anywhere_is_unreadable_or_read():
    raw = zipped(MEMBERS)
    for length in range(0, len(raw), 7):
        try:
            read(raw[:length])
        except Unreadable:
            continue


def test_a_member_larger_than_allowed_is_not_read():
    raw = zipped({"zeros": bytes(10_000_000)}, 8)
    member = read(raw).members[0]
    with pytest.raises(Unreadable, match="more than 1,000 bytes"):
        read_member("x", io.BytesIO(raw), member, 1000)


def test_an_unknown_method_cannot_be_opened():
    raw = bytearray(zipped({"a.txt": b"text"}))
    raw[8] = raw[raw.index(b"PK\1\2") + 10] = 99
    with pytest.raises(Ended, match="method 99"):
        opened_member("x", io.BytesIO(raw), read(bytes(raw)).members[0], 100)


def test_the_end_of_a_file_tells_whether_an_archive_ends_there():
    raw = zipped({"a": b"b"})
    assert ends_as_zip(raw)
    assert ends_as_zip(raw[:-2] + b"\3\0abc")
    assert not ends_as_zip(raw + b"x")
    assert not ends_as_zip(b"")
