"""The walk over tar archives beside tarfile, and on headers that tarfile has hung or failed on."""

import io
import struct
import tarfile

import pytest

from auditor.readers.forward import Forward, Held
from auditor.readers.tar import MAX_EXTENSIONS, TarWalk, is_tar

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def archive(form, names=("a", "d/" + "x" * 90, "../e", "é")):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=FORMATS[form]) as out:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 700
            out.addfile(member, io.BytesIO(b"q" * 700))
        for kind, target in (
            (tarfile.SYMTYPE, "/etc/passwd"),
            (tarfile.LNKTYPE, "a"),
            (tarfile.FIFOTYPE, ""),
        ):
            member = tarfile.TarInfo(f"special {kind.decode()}")
            member.type, member.linkname = kind, target
            out.addfile(member)
    return stream.getvalue()


def walked(raw):
    walk, entries = TarWalk(Forward(Held(raw))), []
    while entry := walk.next():
        entries.append(entry)
    return entries, walk.fault


def header(name=b"a", size=b"00000000001\0", kind=b"0", **fields):
    raw = bytearray(512)
    raw[: len(name)] = name
    raw[124:136] = size
    raw[156:157] = kind
    for place, value in fields.values():
        raw[place : place + len(value)] = value
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw)
    return bytes(raw)


@pytest.mark.parametrize("form", FORMATS)
def test_members_are_those_that_tarfile_lists(form):
    names = ("a", "d/" + "x" * 90, "../e", "é", *(("l" * 150 + "/y" * 60,) if form != "ustar" else ()))
    raw = archive(form, names)
    entries, fault = walked(raw)
    with tarfile.open(fileobj=io.BytesIO(raw)) as other:
        members = other.getmembers()
    assert [(one.name, one.target, one.begin) for one in entries] == [
        (one.name, one.linkname, one.offset_data) for one in members
    ]
    assert [one.kind for one in entries[-3:]] == ["symbolic link", "hard link", "pipe"]
    assert (fault, is_tar(raw[:512])) == ("", True)


@pytest.mark.parametrize("form", FORMATS)
def test_an_archive_cut_anywhere_ends(form):
    raw = archive(form)
    for length in range(0, len(raw), 211):
        walked(raw[:length])


def test_a_source_may_be_read_between_members_or_not():
    source = Forward(Held(archive("ustar")))
    walk = TarWalk(source)
    assert walk.next().name == "a"
    assert source.take(3) == b"qqq"
    assert walk.next().name.startswith("d/")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (header(size=b"\xff" * 12) + bytes(1024), "the header at byte 0 has no size"),
        (header(size=b"-0000000001\0") + bytes(1024), "the header at byte 0 has no size"),
        (header() + bytes(512) + b"x" * 512, "the header at byte 1,024 has a wrong checksum"),
        (header(size=b"77777777777\0"), "the archive is cut off"),
        (header(kind=b"L", size=b"77777777777\0"), "the header at byte 0 extends the next one by 8,589,934,591 bytes"),
        (header(kind=b"x", size=b"00000000000\0") * 40, f"the header at byte {512 * MAX_EXTENSIONS:,} extends the next one by 0 bytes"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)  # fmt: skip
def test_a_header_that_cannot_be_followed_ends_the_walk(raw, fault):
    assert walked(raw)[1] == fault


def test_sizes_in_base_256_are_read():
    big = header(size=b"\x80" + struct.pack(">QI", 0, 700)[1:]) + b"q" * 700 + bytes(324) + header(b"b")
    assert [(one.name, one.size_bytes) for one in walked(big + bytes(1536))[0]] == [("a", 700), ("b", 1)]


@pytest.mark.parametrize("raw", [b"", bytes(512), b"a" * 512, b"text\n" * 200])
def test_other_bytes_are_no_tar_archive(raw):
    assert not is_tar(raw)
