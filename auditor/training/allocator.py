"""How the C library hands out memory, set while the process runs; it changes speed, never a bit."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress

# <malloc.h>, mallopt(3)
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
_MOST = 2**31 - 1  # mallopt takes an int
_GROW_BYTES = 64 * 2**20


def keep_memory() -> bool:
    """Whether large blocks now stay with the process once freed; only glibc can be asked to.

    By default glibc maps each block above 32 MiB (at first 128 KiB) anew and gives it back when freed, so
    that every step of a training faults the same pages in again.
    """
    if sys.platform != "linux" or not _glibc():
        return False
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
        settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _MOST), (_TOP_PAD, _GROW_BYTES))
        return all(mallopt(name, value) == 1 for name, value in settings)
    return False


def _glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (ValueError, OSError):  # musl knows no such name
        return False
