"""Real files, damaged at random: bytes changed, taken out, put in, doubled, and the end cut off."""

import random

from hypothesis import strategies as st

SPECIAL = [0, 1, 2, 3, 4, 7, 8, 9, 0x7F, 0x80, 0xFE, 0xFF]


def damaged(raw, seed, times=4):
    """The bytes with up to `times` changes; the same for the same seed."""
    choose = random.Random(seed)
    changed = bytearray(raw)
    for _ in range(choose.randint(1, times)):
        at = choose.randrange(len(changed) + 1)
        way = choose.randrange(7)
        if way == 0:
            del changed[at:]
        elif way == 1:
            del changed[at : at + choose.choice([1, 2, 4, 8, 16])]
        elif way == 2:
            changed[at:at] = bytes(choose.choices(SPECIAL, k=choose.choice([1, 4, 8])))
        elif way == 3:
            width = choose.choice([2, 4, 8])
            changed[at : at + width] = choose.choice(
                [0, 1, 2**31, 2**32 - 1, 2**40, 2**63, 2**64 - 1]
            ).to_bytes(8, "little")[:width]
        elif way == 4:
            begin = choose.randrange(len(changed) + 1)
            changed[at:at] = changed[begin : begin + choose.choice([1, 8, 64, 512])]
        else:
            for place in range(at, min(len(changed), at + choose.choice([1, 1, 2, 8]))):
                changed[place] = choose.choice([choose.randrange(256), *SPECIAL[:6]])
    return bytes(changed)


def damages(raw, times=4):
    """A strategy for damaged copies."""
    return st.integers(0, 2**32).map(lambda seed: damaged(raw, seed, times))
