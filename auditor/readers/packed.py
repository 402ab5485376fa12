"""What compressed bytes unpack to, read forward and within bounds: gzip, zlib, bzip2, xz, and zip's lzma.

A gzip, bzip2 or xz file may hold several streams in a row; all are read, as the tools of these names do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from auditor.readers.forward import BLOCK_BYTES, Ended, Stream

MAGIC = {  # RFC 1952, 2.3.1; the bzip2 and xz file formats; joblib's own prefix (numpy_pickle_compat.py)
    b"\x1f\x8b\x08": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"ZF0x": "joblib",
}
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")  # RFC 1950, 2.2: the four levels of zlib
FOREIGN = {  # without a decoder in Python's library
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"MSCF\x00\x00\x00\x00": "cab",
}
MAX_DICTIONARY_BYTES = 128 * 2**20  # memory that xz may take; `xz -9` needs 65 MB
_JOBLIB_PREFIX_BYTES = 21  # `ZF` and the length in 19 hexadecimal digits


def compression(beginning: bytes) -> str:
    """The name of the compression that bytes begin with, and empty where there is none."""
    for magic, name in MAGIC.items():
        if beginning.startswith(magic):
            return name
    return "zlib" if beginning[:2] in ZLIB else ""


def foreign(beginning: bytes) -> str:
    """The name of the archive or compression that cannot be unpacked here, by its first bytes."""
    return next((name for magic, name in FOREIGN.items() if beginning.startswith(magic)), "")


class Unpacked:
    """What a compressed stream unpacks to.

    Attributes:
        packed_bytes: how many bytes have been read of it.
        size_bytes: how many bytes they have unpacked to so far.
    """

    __slots__ = (
        *("_decoder", "_errors", "_kind", "_limit", "_make", "_rest", "_stream"),
        *("packed_bytes", "size_bytes"),
    )

    def __init__(self, kind: str, stream: Stream, limit: int) -> None:
        """`limit` is how many bytes it may unpack to.

        Raises:
            Ended: the kind has no decoder, or the decoder refuses its settings.
        """
        self._kind = kind
        self._stream = stream
        self._limit = limit
        self.packed_bytes = stream.skip(_JOBLIB_PREFIX_BYTES) if kind == "joblib" else 0
        properties = _lzma_properties(stream) if kind == "lzma in zip" else b""
        self._make, self._errors = _decoder(kind, properties)
        try:
            self._decoder = self._make()
        except self._errors as error:
            raise Ended(f"the {kind} data ask for what no decoder does") from error
        self._rest = b""
        self.size_bytes = 0

    def read(self, count: int) -> bytes:
        """As `Stream.read`.

        Raises:
            Ended: the bytes are damaged, cut off, or unpack to more than the limit.
        """
        found = None
        while found is None:
            try:
                found = self._decode(min(count, BLOCK_BYTES))
            except self._errors as error:
                raise Ended(f"the {self._kind} data are damaged") from error
        self.size_bytes += len(found)
        if self.size_bytes > self._limit:
            raise Ended(f"the {self._kind} data unpack to more than {self._limit:,} bytes", is_limit=True)
        return found

    def skip(self, count: int) -> int:
        """As `Stream.skip`."""
        left = count
        while left > 0:
            found = self.read(left)
            if not found:
                break
            left -= len(found)
        return count - left

    def _decode(self, count: int) -> bytes | None:
        """Some bytes, or none at the end; None where another round is needed."""
        if self._decoder.eof:
            self._rest = self._decoder.unused_data or self._more()
            if compression(self._rest[:6]) != self._kind:
                return b""  # what follows the last stream is not compressed
            self._decoder = self._make()
        elif not self._rest and getattr(self._decoder, "needs_input", True):
            self._rest = self._more()
            if not self._rest:  # zlib may hold output back that took no more input
                found: bytes = self._decoder.decompress(b"", count)
                if not found and not self._decoder.eof:
                    raise Ended(f"the {self._kind} data are cut off")
                return found or None
        found = self._decoder.decompress(self._rest, count)
        self._rest = getattr(self._decoder, "unconsumed_tail", b"")
        return found or None

    def _more(self) -> bytes:
        found = self._stream.read(BLOCK_BYTES)
        self.packed_bytes += len(found)
        return found


def _lzma_properties(stream: Stream) -> bytes:
    """What stands before lzma data in a zip member: version, length, and that many bytes (5.8.8)."""
    prefix = b""
    while len(prefix) < 4 and (more := stream.read(4 - len(prefix))):
        prefix += more
    length = min(int.from_bytes(prefix[2:4], "little"), 64)
    properties = b""
    while len(properties) < length and (more := stream.read(length - len(properties))):
        properties += more
    return properties


def _decoder(kind: str, properties: bytes) -> tuple[Callable[[], Any], tuple[type[Exception], ...]]:
    """What makes a decoder, and what it raises on damaged bytes."""
    if kind == "bzip2":
        import bz2

        return bz2.BZ2Decompressor, (OSError, EOFError, ValueError)
    if kind in {"xz", "lzma"}:
        import lzma

        make = partial(lzma.LZMADecompressor, memlimit=MAX_DICTIONARY_BYTES)
        return make, (lzma.LZMAError, EOFError, MemoryError)
    if kind == "lzma in zip":
        import lzma

        dictionary, code = 1 << 16, properties[0] if properties else 0
        if len(properties) == 5:  # APPNOTE.TXT 5.8.8: lc + 9 (lp + 5 pb), then the size of the dictionary
            dictionary = int.from_bytes(properties[1:], "little")
        if code >= 225 or dictionary > MAX_DICTIONARY_BYTES:
            raise Ended("the lzma data ask for what is not given here")
        pb, rest = divmod(code, 45)
        one = {"id": lzma.FILTER_LZMA1, "lc": rest % 9, "lp": rest // 9, "pb": pb, "dict_size": dictionary}
        make = partial(lzma.LZMADecompressor, lzma.FORMAT_RAW, filters=[one])
        return make, (lzma.LZMAError, EOFError, MemoryError, ValueError)
    bits = {"gzip": 31, "zlib": 15, "joblib": 15, "deflate": -15}.get(kind)  # zlib.h, inflateInit2
    if bits is None:
        raise Ended(f"{kind} cannot be unpacked here", is_limit=True)
    import zlib

    return partial(zlib.decompressobj, bits), (zlib.error,)
