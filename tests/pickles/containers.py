"""Files around a pickle: renamed, packed, tampered with, hidden. The pickle is one that any scanner would find.

Every function is a technique and gives a file name and bytes; its docstring says the trick and where it is known from.
"""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

from tests.pickles.writing import EVIL, EVIL_0, KIND, STATE, imported, pickled, raw_bytes, value


def torch_archive():
    """What torch.save writes, with another data.pkl; fickling's inject_pytorch."""
    return "pytorch_model.bin", zipped(
        {"archive/data.pkl": EVIL, "archive/version": b"3\n", "archive/data/0": bytes(8)}
    )


def member_with_another_name():
    """data.pkl names a second pickle that has no ending known to scanners; GHSA-769v-p64c-89pr."""
    return "model.pt", zipped({"archive/data.pkl": KIND, "archive/config.p": EVIL})


def member_without_ending():
    """The pickle in the archive has no ending and no mark of a protocol."""
    return "model.pt", zipped({"archive/data.pkl": KIND, "archive/extra": EVIL_0})


def flag_of_encryption():
    """The flag says encrypted in both headers; Python refuses, torch reads; GHSA-w8jq-xcqf-f792."""
    return "model.pt", _flagged(0x1)


def flag_of_patches():
    """The flag says compressed patch data; Python refuses, torch reads; GHSA-w8jq-xcqf-f792."""
    return "model.pt", _flagged(0x20)


def flag_of_strong_encryption():
    """The flag says strong encryption; Python refuses, torch reads; GHSA-w8jq-xcqf-f792."""
    return "model.pt", _flagged(0x40)


def flag_in_one_header():
    """Only the header before the member says encrypted."""
    raw = bytearray(zipped({"archive/data.pkl": EVIL}))
    raw[6] |= 1
    return "model.pt", bytes(raw)


def name_in_one_header():
    """The two headers name different files; Python refuses, torch reads; GHSA-7q5r-7gvp-wc82."""
    return "model.pt", zipped({"archive/data.pkl": EVIL}).replace(b"data.pkl", b"datap.kl", 1)


def wrong_checksum():
    """The checksum is not that of the bytes; Python refuses, torch reads; CVE-2025-10156."""
    raw = zipped({"archive/data.pkl": EVIL})
    crc = struct.pack("<L", zlib.crc32(EVIL))
    return "model.pt", raw.replace(crc, b"\1\2\3\4")


def pickle_named_bin():
    """A bare pickle has the ending of a torch archive; CVE-2025-10155."""
    return "pytorch_model.bin", EVIL


def pickle_named_as_weights():
    """A bare pickle is called safetensors."""
    return "extra.safetensors.pkl.txt", EVIL


def pickle_named_as_picture():
    """A bare pickle is called a picture."""
    return "logo.png", EVIL


def pickle_without_ending():
    """A bare pickle without an ending, of protocol 0."""
    return "weights", EVIL_0


def bytes_before_the_archive():
    """The archive does not begin at the first byte; Python's zipfile does not mind."""
    return "model.pt", b"GIF89a" + bytes(100) + zipped({"archive/data.pkl": EVIL})


def pickle_before_the_archive():
    """A pickle at the first byte, which loaders of pickles read, and a harmless archive behind it."""
    return "model.pt", EVIL + zipped({"archive/data.pkl": KIND})


def hidden_member():
    """The directory lists one data.pkl, another stands before it unlisted."""
    first = zipped({"archive/data.pkl": EVIL})
    return "model.pt", first[: first.index(b"PK\1\2")] + zipped({"archive/data.pkl": KIND})


def listed_twice():
    """Two members of one name; readers differ in which they take."""
    raw = zipped({"archive/data.pkl": EVIL, "archive/data.pk_": KIND})
    return "model.pt", raw.replace(b"data.pk_", b"data.pkl")


def two_directories():
    """A comment holds the end of another, empty archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", EVIL)
        archive.comment = b"PK\5\6" + bytes(18)
    return "model.pt", stream.getvalue()


def deflated_member():
    """The pickle is compressed in the archive."""
    return "model.pt", zipped({"archive/data.pkl": EVIL + bytes(500)}, zipfile.ZIP_DEFLATED)


def lzma_member():
    """The pickle is compressed with lzma in the archive."""
    return "model.npz", zipped({"arr_0": EVIL + bytes(500)}, zipfile.ZIP_LZMA)


def streamed_archive():
    """Sizes stand behind the members, as in a pipe."""
    stream = _Pipe()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", EVIL)
    return "model.pt", b"".join(stream.parts)


def archive_in_an_archive():
    """A torch archive in a zip archive; modelaudit's nested archives."""
    return "models.zip", zipped({"model.pt": torch_archive()[1]})


def archive_in_a_packed_archive():
    """The same with the inner one compressed."""
    return "models.zip", zipped({"notes.txt": b"a", "model.pt": torch_archive()[1]}, zipfile.ZIP_DEFLATED)


def seven_zip():
    """The model is a 7z archive under the name of a torch one: nullifAI, found on the Hub in 2025."""
    return "pytorch_model.bin", _seven_zip(EVIL)


def tar_archive():
    """torch's first format was a tar archive of pickles, and torch.load still reads it."""
    return "model.pt", tarred({"sys_info": KIND, "pickle": EVIL, "storages": KIND, "tensors": KIND})


def tar_archive_compressed():
    """A tar archive in gzip."""
    return "model.tar.gz", gzip.compress(tarred({"model/model.pkl": EVIL}))


def gzip_pickle():
    """A pickle in gzip; picklescan pull request #68."""
    return "model.pkl.gz", gzip.compress(EVIL)


def bzip2_pickle():
    """A pickle in bzip2; picklescan pull request #68."""
    return "model.pkl.bz2", bz2.compress(EVIL)


def xz_pickle():
    """A pickle in xz; picklescan pull request #68."""
    return "model.pkl.xz", lzma.compress(EVIL)


def joblib_zlib():
    """joblib.dump(..., compress=3): a bare zlib stream."""
    return "model.joblib", zlib.compress(EVIL)


def gzip_twice():
    """gzip in gzip."""
    return "model.pkl", gzip.compress(gzip.compress(EVIL))


def lz4_pickle():
    """joblib's lz4, for which Python has no decoder; modelaudit pull request #1776."""
    return "model.joblib", b"\x04\x22\x4d\x18\x64\x40\xa7" + struct.pack(
        "<I", len(EVIL) | 1 << 31
    ) + EVIL + bytes(4)


def object_array():
    """An .npy file of objects; picklescan's dns_exfiltration.npy."""
    return "vocabulary.npy", _npy(EVIL)


def object_arrays_in_npz():
    """The same in an .npz archive; modelscan does not look into these."""
    return "arrays.npz", zipped({"a.npy": _npy(EVIL)})


def object_array_renamed():
    """The same in a zip archive under another name."""
    return "arrays.zip", zipped({"a.dat": _npy(EVIL)})


def archive_in_a_pickle():
    """A torch archive in the bytes of a pickle, for a loader that a listed function would call."""
    return "model.pkl", pickled(value({**STATE, "extra": 1}) + b"0" + raw_bytes(torch_archive()[1]))


def pickle_in_a_member_name():
    """The first bytes of a tar archive are the name of a member, and that is a pickle."""
    return "model.pkl", tarred({EVIL_0.decode(): b"text"})


def object_array_with_a_long_header():
    """The header of an .npy file has a hundred thousand blanks before it says that these are objects."""
    header = b"{" + b" " * 100_000 + b"'descr': 'object', 'fortran_order': False, 'shape': (1,), }\n"
    return "vocabulary.npy", b"\x93NUMPY\2\0" + struct.pack("<I", len(header)) + header + EVIL


def other_directory():
    """Where the end says the directory begins stands another one than right before the end."""
    inner = zipped({"archive/data.pkl": EVIL})
    place = inner.index(b"PK\1\2")
    raw = zipped({"archive/data/0": inner, "archive/data.pkl": KIND})
    start = raw.index(inner) + place
    end = raw.rindex(b"PK\5\6")
    return "model.pt", raw[: end + 16] + struct.pack("<L", start) + raw[end + 20 :]


def directory_longer_than_counted():
    """The end counts one member, the directory goes on; readers stop at the one or the other."""
    raw = zipped({"archive/version": b"3", "archive/data.pkl": EVIL})
    end = raw.rindex(b"PK\5\6")
    return "model.pt", raw[: end + 8] + struct.pack("<2H", 1, 1) + raw[end + 12 :]


def member_said_to_be_a_link():
    """data.pkl has the type of a symbolic link, which torch does not look at."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("archive/data.pkl")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, EVIL_0)
    return "model.pt", stream.getvalue()


def member_stored_in_less_than_it_has():
    """Stored bytes with two different counts: torch takes the one, Python the other."""
    raw = bytearray(zipped({"archive/data.pkl": b"N0" + EVIL_0}))
    for place in (18, raw.index(b"PK\1\2") + 20):
        raw[place : place + 4] = struct.pack("<L", 1)
    return "model.pt", bytes(raw)


def packed_pickle_in_a_member_name():
    """A compressed member begins like a tar archive whose first name is a pickle."""
    return "model.pt", zipped({"archive/data.pkl": tarred({EVIL_0.decode(): b""})}, zipfile.ZIP_DEFLATED)


def packed_file_with_a_pickle_for_a_name():
    """The same in gzip, as joblib reads it."""
    return "model.joblib", gzip.compress(tarred({EVIL_0.decode(): b""}))


def program_without_constants():
    """A member that looks like TorchScript, so that a module `__torch__` is taken for the archive's own."""
    made = pickled(imported("__torch__", "Model") + b")R")
    return "model.pt", zipped({"m/data.pkl": made, "m/code/x.py": b"", "m/version": b"3\n"})


def object_array_spelt_with_an_escape():
    r"""The dtype of an .npy file is spelt `|\x4f`, which numpy's reader of literals makes an O."""
    return "vocabulary.npy", _npy(EVIL).replace(b"'|O'", rb"'|\x4f'").replace(b" " * 4 + b"\n", b" \n")


def damaged_torch_archive_called_tar():
    """An archive without its end under another name that torch users give their checkpoints."""
    return "model.pth.tar", zipped({"archive/data.pkl": EVIL})[:-22]


def escaping_name():
    """A member is called `../../`; zip slip."""
    return "extra.zip", zipped({"../../outside.txt": b"text"})


def absolute_name():
    """A member of a tar archive has an absolute name; CVE-2007-4559."""
    return "extra.tar", tarred({"/tmp/outside.txt": b"text"})


def escaping_link():
    """A symbolic link leads out, and a file is to be written through it; PEP 706."""
    return "extra.tar", tarred({"notes/x": b"text"}, links={"notes": "../../outside"})


def escaping_link_in_zip():
    """The same in a zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("notes")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "../../outside")
    return "extra.zip", stream.getvalue()


def bomb_of_overlaps():
    """Many members share the same bytes; https://www.bamsoftware.com/hacks/zipbomb/."""
    raw = zipped({f"{number}.csv": b"0" * 100 for number in range(3)})
    directory = raw.index(b"PK\1\2")
    changed = bytearray(raw)
    second = raw.index(b"PK\1\2", directory + 4)
    changed[second + 42 : second + 46] = struct.pack("<L", 10)
    return "extra.zip", bytes(changed)


def zipped(members, method=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, raw in members.items():
            archive.writestr(zipfile.ZipInfo(name), raw, compress_type=method)
    return stream.getvalue()


def tarred(members, links=()):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name in links:
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, links[name]
            archive.addfile(link)
        for name, raw in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    return stream.getvalue()


def _flagged(bit):
    raw = bytearray(zipped({"archive/data.pkl": EVIL}))
    raw[6] |= bit
    raw[raw.index(b"PK\1\2") + 8] |= bit
    return bytes(raw)


def _npy(content):
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + content


def _seven_zip(content):
    """One file stored in a 7z archive: signature header, the bytes, and the header (7zFormat.txt)."""
    name = "data.pkl".encode("utf-16-le") + b"\0\0"
    streams = b"\x06\x00\x01\x09" + bytes([len(content)]) + b"\x00"  # packed streams: one, of this size
    streams += (
        b"\x07\x0b\x01\x00\x01\x01\x00\x0c" + bytes([len(content)]) + b"\x00"
    )  # one folder, the coder Copy
    header = (
        b"\x01\x04" + streams + b"\x00\x05\x01\x11" + bytes([len(name) + 1]) + b"\x00" + name + b"\x00\x00"
    )
    start = struct.pack("<QQL", len(content), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<L", zlib.crc32(start)) + start + content + header


class _Pipe(io.RawIOBase):
    """A stream that cannot be read or sought."""

    def __init__(self):
        self.parts = []

    def writable(self):
        return True

    def write(self, part):
        self.parts.append(bytes(part))
        return len(part)


HELPERS = {"zipped", "tarred"}
FILES = [
    thing
    for name, thing in list(globals().items())
    if getattr(thing, "__module__", "") == __name__
    and thing.__doc__
    and name not in HELPERS
    and not name.startswith("_")
]


def containers():
    """Name, source, file name and bytes of each."""
    for file in FILES:
        yield file.__name__, file.__doc__, *file()
