"""Safetensors files that are wrong in one way each: what is wrong, the bytes, and the code that names it.

The ways are those that tests of parsers and a review of the format have found; `library` says what safetensors
0.8.0 does with each file when it opens it.
"""

import json
from dataclasses import dataclass

REFUSES, ACCEPTS = "refuses", "accepts"


@dataclass(frozen=True)
class Crafted:
    what: str
    code: str
    library: str
    raw: bytes

    def __str__(self):
        return f"{self.what}: safetensors {self.library}, {self.code}"


def file(header, data=b"\1" * 8, *, length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    text += b" " * (-len(text) % 8) if isinstance(header, dict) else b""
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


def named(*names, dtype="F32", width=8):
    return {name: entry(dtype, offsets=(i * width, i * width + width)) for i, name in enumerate(names)}


def text(entry_text, data=b"\1" * 8):
    return file(b'{"x": %b}' % entry_text.encode(), data)


ONE = '{"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}'
TWO = '{"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}'
X = {"x": entry()}

CRAFTED = [
    # The file and the length of its header
    Crafted("empty file", "SCH001", REFUSES, b""),
    Crafted("seven bytes", "SCH001", REFUSES, b"\2\0\0\0\0\0\0"),
    Crafted("length alone", "SCH001", REFUSES, (2).to_bytes(8, "little")),
    Crafted("length zero", "SCH001", REFUSES, bytes(8)),
    Crafted("length beyond the file", "SCH001", REFUSES, file(X, length=4096)),
    Crafted("length of 2^60", "SCH001", REFUSES, file(X, length=2**60)),
    Crafted("length of 2^64 - 1", "SCH001", REFUSES, file(X, length=2**64 - 1)),
    Crafted("length just above the limit", "SCH001", REFUSES, file(X, length=100_000_001)),
    Crafted("length one byte short", "SCH001", REFUSES, file(b'{"x": %b}' % ONE.encode(), length=len(ONE) + 6)),
    Crafted("a Git LFS pointer", "SCH001", REFUSES, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
    Crafted("a page", "SCH001", REFUSES, b"<!DOCTYPE html><html><body>Sign in</body></html>"),
    Crafted("a pickle", "SCH001", REFUSES, b"\x80\x02}q\x00X\x01\x00\x00\x00aK\x01s."),
    # JSON
    Crafted("not UTF-8", "SCH001", REFUSES, file(b'{"\xff": %b}' % ONE.encode())),
    Crafted("UTF-16", "SCH001", REFUSES, file(json.dumps(X).encode("utf-16-le"))),
    Crafted("byte-order mark", "SCH001", REFUSES, file(b"\xef\xbb\xbf" + json.dumps(X).encode())),
    Crafted("not closed", "SCH001", REFUSES, file(b'{"x": ' + ONE.encode())),
    Crafted("a comma too many", "SCH001", REFUSES, file(b'{"x": %b,}' % ONE.encode())),
    Crafted("single quotes", "SCH001", REFUSES, file(b"{'x': 1}")),
    Crafted("a list", "SCH001", REFUSES, file(b"[]", b"")),
    Crafted("null", "SCH001", REFUSES, file(b"null", b"")),
    Crafted("a number that is none", "SCH001", REFUSES, text('{"dtype": "F32", "shape": [NaN], "data_offsets": [0, 8]}')),
    Crafted("a raw control character in a name", "SCH001", REFUSES, file(b'{"a\nb": %b}' % ONE.encode())),
    Crafted("zeros after the header", "SCH001", REFUSES, file(json.dumps(X).encode() + bytes(3))),
    Crafted("two objects", "SCH001", REFUSES, file(json.dumps(X).encode() * 2)),
    Crafted("nested 100,000 deep", "SCH001", REFUSES, file(b'{"x": ' + b"[" * 100_000)),
    Crafted("half of a character", "SCH001", REFUSES, file(b'{"\\ud800": %b}' % ONE.encode())),
    # The edges of the header
    Crafted("a space before it", "WGT008", ACCEPTS, file(b" " + json.dumps(X).encode())),
    Crafted("a line end before it", "WGT008", ACCEPTS, file(b"\n" + json.dumps(X).encode())),
    Crafted("line ends after it", "WGT008", ACCEPTS, file(json.dumps(X).encode() + b"\r\n\t")),
    # __metadata__
    Crafted("metadata null", "WGT009", ACCEPTS, file({"__metadata__": None, **X})),
    Crafted("metadata a list", "WGT009", REFUSES, file({"__metadata__": [], **X})),
    Crafted("metadata a text", "WGT009", REFUSES, file({"__metadata__": "a", **X})),
    Crafted("a number in metadata", "WGT009", REFUSES, file({"__metadata__": {"a": 1}, **X})),
    Crafted("an object in metadata", "WGT009", REFUSES, file({"__metadata__": {"a": {}}, **X})),
    Crafted("null in metadata", "WGT009", REFUSES, file({"__metadata__": {"a": None}, **X})),
    Crafted("a key twice in metadata", "WGT010", ACCEPTS, file(b'{"__metadata__": {"a": "1", "a": "2"}, "x": %b}' % ONE.encode())),
    Crafted("metadata twice", "WGT007", REFUSES, file(b'{"__metadata__": {}, "__metadata__": {}, "x": %b}' % ONE.encode())),
    # Names
    Crafted("a name twice", "WGT007", ACCEPTS, file(f'{{"x": {ONE}, "x": {ONE}}}'.encode())),
    Crafted("a name twice, once escaped", "WGT007", ACCEPTS, file(f'{{"x": {ONE}, "\\u0078": {ONE}}}'.encode())),
    Crafted("a name twice, first impossible", "WGT007", ACCEPTS, file(f'{{"x": {{"dtype": "F32", "shape": [9], "data_offsets": [4, 7]}}, "x": {ONE}}}'.encode())),
    Crafted("an empty name", "WGT015", ACCEPTS, file({"": entry()})),
    Crafted("a zero byte in a name", "WGT013", ACCEPTS, file(named("x\0y"))),
    Crafted("an escape sequence in a name", "WGT013", ACCEPTS, file(named("\x1b[31mx"))),
    Crafted("a line end in a name", "WGT013", ACCEPTS, file(named("x\ny"))),
    Crafted("a space without width in a name", "WGT013", ACCEPTS, file(named("weight", "wei\u200bght"), bytes(16))),
    Crafted("text turned from right to left", "WGT013", ACCEPTS, file(named("x\u202ethgiew"))),
    Crafted("a path as a name", "WGT014", ACCEPTS, file(named("../../x"))),
    Crafted("a path of Windows as a name", "WGT014", ACCEPTS, file(named("..\\x"))),
    Crafted("a Cyrillic letter in a name", "WGT016", ACCEPTS, file(named("weight", "w\u0435ight"), bytes(16))),
    Crafted("a letter of full width in a name", "WGT016", ACCEPTS, file(named("weight", "\uff57eight"), bytes(16))),
    Crafted("names that differ in case", "WGT017", ACCEPTS, file(named("w.A", "w.a"), bytes(16))),
    # Fields
    Crafted("an entry that is a number", "SCH001", REFUSES, text("1")),
    Crafted("an empty entry", "SCH001", REFUSES, text("{}")),
    Crafted("no dtype", "SCH001", REFUSES, text('{"shape": [2], "data_offsets": [0, 8]}')),
    Crafted("no shape", "SCH001", REFUSES, text('{"dtype": "F32", "data_offsets": [0, 8]}')),
    Crafted("no offsets", "SCH001", REFUSES, text('{"dtype": "F32", "shape": [2]}')),
    Crafted("a field twice", "SCH001", REFUSES, text('{"dtype": "F32", "dtype": "F32", "shape": [2], "data_offsets": [0, 8]}')),
    Crafted("a field too many", "WGT011", ACCEPTS, file({"x": entry(scale=0.5)})),
    Crafted("a dtype in small letters", "WGT001", REFUSES, file({"x": entry("f32")})),
    Crafted("a dtype of torch", "WGT001", REFUSES, file({"x": entry("float32")})),
    Crafted("three offsets", "SCH001", REFUSES, text('{"dtype": "F32", "shape": [2], "data_offsets": [0, 8, 8]}')),
    Crafted("an offset below zero", "SCH001", REFUSES, text('{"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}')),
    Crafted("an offset with a point", "SCH001", REFUSES, text('{"dtype": "F32", "shape": [2], "data_offsets": [0.0, 8]}')),
    Crafted("an offset of minus zero", "SCH001", REFUSES, text('{"dtype": "F32", "shape": [2], "data_offsets": [-0, 8]}')),
    Crafted("an offset as text", "SCH001", REFUSES, text('{"dtype": "F32", "shape": [2], "data_offsets": ["0", 8]}')),
    Crafted("an offset beyond 64 bits", "SCH001", REFUSES, text('{"dtype": "F32", "shape": [2], "data_offsets": [0, 18446744073709551616]}')),
    Crafted("a side below zero", "SCH001", REFUSES, text('{"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}')),
    Crafted("a side that is true", "SCH001", REFUSES, text('{"dtype": "F32", "shape": [true], "data_offsets": [0, 8]}')),
    Crafted("a shape that is null", "SCH001", REFUSES, text('{"dtype": "F32", "shape": null, "data_offsets": [0, 8]}')),
    # Sizes and places
    Crafted("offsets turned round", "WGT002", REFUSES, file({"x": entry(offsets=(8, 0))})),
    Crafted("more numbers than bytes", "WGT002", REFUSES, file({"x": entry(shape=(3,))})),
    Crafted("fewer numbers than bytes", "WGT002", REFUSES, file({"x": entry(shape=(1,))})),
    Crafted("a product beyond 64 bits", "WGT002", REFUSES, file({"x": entry(shape=(2**33, 2**33))})),
    Crafted("half a byte too many", "WGT002", REFUSES, file({"x": entry("F4", (3,), (0, 2))}, b"\1\1")),
    Crafted("offsets that claim 2^60 bytes", "WGT005", REFUSES, file({"x": entry(shape=(2**58,), offsets=(0, 2**60))})),
    Crafted("an overlap", "WGT003", REFUSES, file({"x": entry(), "y": entry(offsets=(4, 12))}, bytes(12))),
    Crafted("two tensors in one place", "WGT003", REFUSES, file({"x": entry(), "y": entry()})),
    Crafted("an empty tensor inside another", "WGT003", REFUSES, file({"x": entry(), "y": entry(shape=(0,), offsets=(4, 4))})),
    Crafted("a hole", "WGT004", REFUSES, file({"x": entry(), "y": entry(offsets=(16, 24))}, bytes(24))),
    Crafted("a hole at the start", "WGT004", REFUSES, file({"x": entry(offsets=(8, 16))}, bytes(16))),
    Crafted("an empty tensor beyond the others", "WGT004", REFUSES, file({"x": entry(), "y": entry(shape=(0,), offsets=(16, 16))}, bytes(16))),
    Crafted("cut off", "WGT005", REFUSES, file(X, bytes(5))),
    Crafted("no data at all", "WGT005", REFUSES, file(X, b"")),
    Crafted("bytes over", "WGT006", REFUSES, file(X, bytes(9))),
    Crafted("bytes over and no tensor", "WGT006", REFUSES, file({}, bytes(8))),
    Crafted("F32 at an odd place", "WGT012", ACCEPTS, file({"a": entry("U8", (3,), (0, 3)), "x": entry(offsets=(3, 11))}, b"\1" * 11)),
    Crafted("a header of odd length", "WGT012", ACCEPTS, file(json.dumps(X).encode() + b" " * ((4 - len(json.dumps(X))) % 8 + 1))),
    # Shapes
    Crafted("empty with a side of 2^63", "WGT018", ACCEPTS, file({"x": entry(shape=(0, 2**63), offsets=(0, 0))}, b"")),
    Crafted("empty with a product beyond 64 bits", "WGT018", REFUSES, file({"x": entry(shape=(2**40, 2**40, 0), offsets=(0, 0))}, b"")),
    Crafted("100 dimensions", "WGT018", ACCEPTS, file({"x": entry(shape=(1,) * 99 + (2,))})),
    # Contents
    Crafted("not a number", "WGT201", ACCEPTS, file(X, b"\0\0\xc0\x7f" * 2)),
    Crafted("infinity in BF16", "WGT201", ACCEPTS, file({"x": entry("BF16", (4,))}, b"\x80\x7f" * 4)),
    Crafted("a truth value of 2", "WGT207", ACCEPTS, file({"x": entry("BOOL", (8,))}, b"\2" * 8)),
    Crafted("zero throughout", "WGT202", ACCEPTS, file({"mlp": entry(shape=(2, 2), offsets=(0, 16))}, bytes(16))),
]  # fmt: skip
