"""What a file is by its first bytes, whatever its name says; what stands in for a file is not told here."""

from __future__ import annotations

import re

_FIRST = (  # how files of a kind begin; the kind, and what it is called in a message
    (b"GGUF", "gguf", "a GGUF file"),
    (b"\x89HDF\r\n\x1a\n", "hdf5", "an HDF5 file"),
    (b"\x93NUMPY", "npy", "a NumPy array"),
    (b"PK\x03\x04", "zip", "a zip archive"),
    (b"PK\x05\x06", "zip", "an empty zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "a 7z archive"),
    (b"Rar!\x1a\x07", "rar", "a RAR archive"),
    (b"\x1f\x8b\x08", "gzip", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "zstd", "a Zstandard file"),
    (b"\x7fELF", "program", "a compiled program or library"),
    (b"\xcf\xfa\xed\xfe", "program", "a compiled program or library"),
    (b"\xce\xfa\xed\xfe", "program", "a compiled program or library"),
    (b"\xca\xfe\xba\xbe", "program", "a compiled program or library"),
    (b"%PDF-", "pdf", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "image", "an image"),
    (b"\xff\xd8\xff", "image", "an image"),
)
# PROTO, and an opcode that a pickle may go on with: FRAME, a container, a global, a number or a text
_PICKLE = re.compile(
    rb"\x80[\x02-\x05][\x95\](}c)K\x8a\x8bJILFGMSTUVX\x8c\x8d\x8eBC\x96N\x88\x89\x8f.]", re.DOTALL
)
_WINDOWS = re.compile(rb"MZ.{58}(.{4})", re.DOTALL)
MAX_SAFETENSORS_HEADER = 100_000_000  # tensor.rs, MAX_HEADER_SIZE


def kind_of(start: bytes) -> tuple[str, str]:
    """The kind and the words for it, told from the first 512 bytes; empty where they tell nothing."""
    for first, kind, words in _FIRST:
        if start.startswith(first):
            return kind, words
    if start[8:9] == b"{" and 2 <= int.from_bytes(start[:8], "little") <= MAX_SAFETENSORS_HEADER:
        return "safetensors", "a safetensors file"
    if _PICKLE.match(start):
        return "pickle", "a pickle"
    if start[257:262] == b"ustar":
        return "tar", "a tar archive"
    windows = _WINDOWS.match(start)
    if windows and start[int.from_bytes(windows[1], "little") :][:4] == b"PE\0\0":
        return "program", "a compiled program or library"
    return "", ""
