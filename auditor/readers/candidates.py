"""Whether a file may hold a pickle or an archive at all, by its name and its first and last bytes.

This much is asked of every file, so it loads what reads these formats only where one may be there.
"""

from __future__ import annotations

from auditor.readers.packed import compression, foreign
from auditor.readers.zip import END, LOCAL, ends_as_zip

PICKLE_NAMES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".dill", ".ptl", ".pck")
WEIGHT_NAMES = (*PICKLE_NAMES, ".npz", ".npy", ".nemo", ".keras", ".mar", ".weights", ".model")
_AROUND = (".gz", ".bz2", ".xz", ".lzma", ".z", ".lz4", ".tar")  # what joblib compresses to; `model.pth.tar`
NUMPY = b"\x93NUMPY"  # numpy/lib/format.py, MAGIC_PREFIX
END_BYTES = 22  # of a zip archive without a comment
TAIL_BYTES = END_BYTES + 2**16  # with one

# First bytes of a pickle: the opcodes that need nothing before them.
STARTS = frozenset(b"IJKLMSTUBCNVXFG])}(cP\x80\x82\x83\x84\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x95\x96\x97")
_CHECKSUM = slice(148, 156)  # of a tar header: octal digits, blanks and zeros
_OCTAL = frozenset(b"01234567 \0")


def is_weights(name: str) -> bool:
    """Whether a file of this name is weights to whoever loads it."""
    lower = name.lower()
    for ending in _AROUND:
        lower = lower.removesuffix(ending)
    return lower.endswith(WEIGHT_NAMES)


def tail_bytes(name: str) -> int:
    """How many bytes at the end tell whether a zip archive ends there: more of weights than of others."""
    return TAIL_BYTES if is_weights(name) else END_BYTES


def may_hold(beginning: bytes, end: bytes) -> bool:
    """Whether a file with these first and last bytes is worth being looked into."""
    if compression(beginning) or foreign(beginning) or beginning.startswith(NUMPY):
        return True
    if beginning[:4] in {LOCAL, END} or ends_as_zip(end):
        return True
    if len(beginning) >= 512 and _OCTAL.issuperset(beginning[_CHECKSUM]):
        from auditor.readers.tar import is_tar

        if is_tar(beginning):
            return True
    if not beginning or beginning[0] not in STARTS:
        return False
    from auditor.readers.pickle import may_begin, may_go_on

    return may_begin(beginning) or may_go_on(beginning)
