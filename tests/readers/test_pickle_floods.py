"""Streams without end, made to fill memory: each stops at a bound, in an address space of half a gigabyte."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.readers.forward import Forward
from auditor.readers.pickle import walk

ROOT = Path(__file__).parents[2]
FLOODS = {  # opcodes that are repeated: what they heap up
    "texts": b"\x8c\x78" + b"a" * 120,
    "marks": b"(",
    "numbers in tuples": b"(" + (b"\x8a\x10" + b"a" * 16) * 8 + b"t",  # the most that was found
}
LIMIT_BYTES = 2**29  # of the whole process; Python itself takes some 30 MB of it


class Endless:
    """A stream that begins a pickle and repeats the same bytes."""

    def __init__(self, unit):
        self.unit = unit * (2**16 // len(unit) + 1)
        self.first = b"\x80\x04"

    def read(self, _):
        first, self.first = self.first, b""
        return first + self.unit

    def skip(self, count):
        return count


def why(unit):
    return walk(Forward(Endless(unit))).gaps[0].why


@pytest.mark.parametrize(
    "flood", ["texts", "marks", pytest.param("numbers in tuples", marks=pytest.mark.slow)]
)
def test_a_stream_without_end_stops_at_a_bound(flood):
    code = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({LIMIT_BYTES}, {LIMIT_BYTES}));"
        "from tests.readers.test_pickle_floods import why; print(why(bytes.fromhex(sys.argv[1])))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, FLOODS[flood].hex()],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "more than" in told.stdout, told.stderr
