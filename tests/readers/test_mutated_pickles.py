"""Pickles and archives with bytes flipped, cut, spliced: never anything but a result or `Unreadable`.

How many are tried is set by the environment; the default keeps the suite quick:

    FMAUDIT_MUTATIONS=50000 python -m pytest tests/readers/test_mutated_pickles.py
"""

import io
import os
import random

import pytest

from auditor.readers.document import Unreadable
from auditor.readers.forward import Forward, Held
from auditor.readers.packages import Allowance, explore
from auditor.readers.pickle import Budget, walk
from tests.pickles.benign import benign
from tests.pickles.corpus import malicious

COUNT = int(os.environ.get("FMAUDIT_MUTATIONS", "2000"))
MAX_BYTES = 200_000  # of a file that is mutated
OPCODES = 200_000  # that a mutated file may take: none needs more


def mutated(raw, others, generator):
    """The bytes with one to four changes, each of a kind that breaks parsers."""
    changed = bytearray(raw)
    for _ in range(generator.randint(1, 4)):
        place = generator.randrange(len(changed) + 1)
        kind = generator.randrange(7)
        if kind == 0 and changed:
            changed[place - 1] ^= 1 << generator.randrange(8)
        elif kind == 1:
            del changed[place:]
        elif kind == 2:
            del changed[place : place + generator.randint(1, 8)]
        elif kind == 3:
            changed[place:place] = generator.randbytes(generator.randint(1, 8))
        elif kind == 4:
            changed[place : place + 8] = generator.choice([b"\xff" * 8, bytes(8), b"\xff\xff\xff\x7f" * 2])
        elif kind == 5:
            other = generator.choice(others)
            start = generator.randrange(len(other) + 1)
            changed[place:place] = other[start : start + generator.randint(1, 200)]
        else:
            length = generator.randint(1, 64)
            changed[place:place] = changed[place - length : place]
    return bytes(changed[:MAX_BYTES])


@pytest.fixture(scope="module")
def files():
    rows = [(name, raw) for *_, name, raw in malicious()] + list(benign())
    return [(name, raw) for name, raw in rows if raw and len(raw) <= MAX_BYTES]


def test_mutated_files_are_looked_through(files):
    generator = random.Random(20261123)
    others = [raw for _, raw in files]
    found = 0
    for _ in range(COUNT // 2):
        name, raw = generator.choice(files)
        changed = mutated(raw, others, generator)
        try:
            contents = explore(name, io.BytesIO(changed), len(changed), Allowance(2**26))
        except Unreadable:
            continue
        found += bool(contents.pickles)
    assert found > COUNT // 10


def test_mutated_pickles_are_walked_within_their_budget(files):
    generator = random.Random(3)
    others = [raw for _, raw in files]
    for _ in range(COUNT - COUNT // 2):
        _, raw = generator.choice(files)
        budget = Budget(opcodes=OPCODES)
        changed = mutated(raw, others, generator)
        found = walk(Forward(Held(changed)), known=generator.random() < 0.5, budget=budget)
        for _, one in found.all() if found else ():
            assert one.end <= len(changed) or one is not found
            assert all(gap.why for gap in one.gaps)
