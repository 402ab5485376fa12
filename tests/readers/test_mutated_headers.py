"""Files changed at random: each is read or refused with one message, and what the library refuses, we find.

Some thousand in the suite; many more with

    FMAUDIT_MUTATIONS=50000 python -m pytest tests/readers/test_mutated_headers.py
"""

import io
import json
import os
import random

import pytest
from safetensors import SafetensorError, deserialize

from auditor.readers.document import Unreadable
from auditor.readers.safetensors import read_safetensors
from auditor.rules import load
from tests.rules.crafted_headers import ACCEPTS, CRAFTED, X, file, named

COUNT = int(os.environ.get("FMAUDIT_MUTATIONS", "2000"))
PARTS = 8
SOUND = [
    file(X),
    file({"__metadata__": {"format": "pt", "note": 'ünïcode \\ "'}, **named("a.0", "a.1", "b")}, bytes(24)),
    file({"t": {"dtype": "BF16", "shape": [2, 0, 3], "data_offsets": [0, 0]}, **X}),
    *(case.raw for case in CRAFTED if case.library == ACCEPTS),
]
TOKENS = [
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b"null",
        b"true",
        b"NaN",
        b"-0",
        b"-1",
        b"1e3",
        b"1.0",
    ),
    *(b"0", b"18446744073709551615", b"18446744073709551616", b"9" * 400, b"\\u0000", b"\\ud800", b"\xff"),
    *(b"\0", b" ", b"\n", b'"__metadata__": ', b'"dtype"', b'"shape"', b'"data_offsets"', b'"F32"', b'"F4"'),
    *(b'"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, ', b"[0, 8]", b"[[[[", b"\xef\xbb\xbf"),
]
HEADER_RULES = [rule for rule in load().values() if rule.family == "WGT" and rule.needs == ("weights",)]


VALUES = [
    *(0, 1, 2, 3, 4, 8, 9, 16, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -1, 1.0, 0.5, True, None, ""),
    *("F32", "F16", "BF16", "F4", "F6_E2M3", "F8_E4M3", "BOOL", "C64", "f32", "x", "y", "\0", "../x", "\u0435"),
    *([], [0], [1], [2], [0, 0], [0, 8], [8, 0], [8, 16], [4, 12], [0, 2**63], [2**32, 2**32, 0], [1] * 65, [None]),
    *({}, {"a": "b"}, {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}),
]  # fmt: skip


def mutated(draw):
    """A sound file with some changes, in most cases of its header alone and with the length set right."""
    raw = draw.choice(SOUND)
    length = int.from_bytes(raw[:8], "little")
    header, data = bytearray(raw[8 : 8 + length]), raw[8 + length :]
    change = rewritten if draw.random() < 0.6 else scratched
    for _ in range(draw.choice((1, 1, 1, 2, 3, 8))):
        header = change(draw, header)
    if draw.random() < 0.9:
        length = len(header)
    if draw.random() < 0.1:
        data = data[: draw.randrange(len(data) + 1)] + draw.randbytes(draw.choice((0, 0, 1, 8)))
    if draw.random() < 0.02:
        length = draw.choice((0, 2**16, 2**27, 2**63, 2**64 - 1))
    return length.to_bytes(8, "little") + bytes(header) + data


def rewritten(draw, header):
    """The header with another value, key, entry or field, still JSON if it was."""
    try:
        read = json.loads(header)
    except ValueError:
        return header
    if not isinstance(read, dict):
        return header
    owner = draw.choice([read, *(entry for entry in read.values() if isinstance(entry, dict))])
    key = draw.choice(["", *owner])
    how = draw.randrange(4)
    if how == 0:
        owner[key] = draw.choice(VALUES)
    elif how == 1:
        owner[draw.choice(("x", "y", "\0", "dtype", "shape", "__metadata__"))] = owner.pop(key, 1)
    elif how == 2 and isinstance(owner.get(key), list) and owner[key]:
        owner[key][draw.randrange(len(owner[key]))] = draw.choice(VALUES)
    elif key:
        owner.pop(key, None)
    text = json.dumps(read, ensure_ascii=draw.random() < 0.5)
    return bytearray(text.encode("utf-8", "surrogatepass"))


def scratched(draw, header):
    """The header with some bytes changed, added, taken away or repeated."""
    place = draw.randrange(len(header) + 1)
    end = min(len(header), place + draw.choice((0, 0, 1, 1, 4, 30)))
    how = draw.randrange(5)
    if how == 0:
        header[place:end] = draw.choice(TOKENS)
    elif how == 1:
        header[place:end] = draw.randbytes(draw.choice((1, 1, 2, 8)))
    elif how == 2:
        header[place:end] = b""
    elif how == 3:
        other = draw.randrange(len(header) + 1)
        header[place:place] = header[other : other + draw.choice((1, 8, 60))]
    elif header:
        header[place % len(header)] ^= 1 << draw.randrange(8)
    return header


def ours(raw):
    """Whether anything is found, by the reader or by a rule that needs the header alone."""
    try:
        read = read_safetensors("a.safetensors", io.BytesIO(raw), len(raw))
    except Unreadable as error:
        error.what.encode()
        return True
    return any([fault.message.encode() for fault in rule.run((read,))] for rule in HEADER_RULES)


def library_refuses(raw):
    try:
        deserialize(raw)
    except SafetensorError:
        return True
    return False


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_changed_at_random_is_read_or_refused_and_nothing_that_the_library_refuses_passes(part):
    for seed in range(part, COUNT, PARTS):
        raw = mutated(random.Random(seed))
        found = ours(raw)
        assert found or not library_refuses(raw), f"seed {seed}: {raw!r}"
