"""Reading forward: from stretches, parts and memory; what is skipped is not read."""

import io

import pytest

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.forward import BLOCK_BYTES, Ended, Forward, Held, Part, Stretch


class Counting(io.BytesIO):
    """A file that counts what is read of it."""

    taken = 0

    def read(self, count=-1):
        found = super().read(count)
        self.taken += len(found)
        return found


def test_bytes_numbers_and_lines_come_in_order_with_their_position():
    source = Forward(Held(b"abc\nrest of it\n" + bytes(100_000) + b"end"), 10)
    assert (source.byte(), source.take(2), source.position) == (ord("a"), b"bc", 13)
    assert source.line(10, 10) == b""
    assert source.line(4, 100) == b"rest"
    assert source.peek(2) == bytes(2)
    source.pass_over(100_000)
    assert (source.take(3), source.position, source.peek(1)) == (b"end", 100_028, b"")


@pytest.mark.parametrize(
    "ask",
    [
        lambda it: it.take(4),
        lambda it: it.pass_over(4),
        lambda it: it.line(9, 9),
        lambda it: [it.byte()] and it.take(3),
    ],
)
def test_what_is_missing_ends_the_reading(ask):
    with pytest.raises(Ended):
        ask(Forward(Held(b"abc")))


def test_after_the_end_what_is_there_can_still_be_taken():
    source = Forward(Held(b"abc"))
    with pytest.raises(Ended):
        source.take(4)
    assert source.take(3) == b"abc"


def test_a_line_without_end_is_given_up():
    with pytest.raises(Ended, match="more than 70,000 bytes") as raised:
        Forward(Held(b"a" * 200_000 + b"\n")).line(10, 70_000)
    assert raised.value.is_limit


def test_skipping_a_stretch_reads_nothing():
    file = Counting(bytes(5_000_000) + b"end")
    source = Forward(Stretch("x", file, 0, 5_000_003))
    source.take(10)
    source.pass_over(4_999_990)
    assert source.take(3) == b"end"
    assert file.taken <= 2 * BLOCK_BYTES


def test_a_stretch_ends_where_it_says_and_where_the_file_does():
    file = io.BytesIO(b"0123456789")
    assert Forward(Stretch("x", file, 2, 5)).peek(100) == b"234"
    assert Forward(Stretch("x", file, 8, 50)).peek(100) == b"89"
    assert Stretch("x", file, 2, 5).skip(10) == 3


def test_two_stretches_share_a_file():
    file = io.BytesIO(bytes(range(200)) * 1000)
    one, two = Forward(Stretch("x", file, 0, 100_000)), Forward(Stretch("x", file, 100, 100_000))
    assert [one.byte() for _ in range(3)] + [two.byte() for _ in range(2)] + [one.byte()] == [
        0,
        1,
        2,
        100,
        101,
        3,
    ]


def test_a_part_leaves_the_rest_to_its_source():
    source = Forward(Held(b"0123456789"))
    part = Part(source, 4)
    assert Forward(part).peek(100) == b"0123"
    assert (part.left, source.take(2)) == (0, b"45")


def test_a_file_that_cannot_be_read_is_unreadable():
    class Failing(io.BytesIO):
        def read(self, _=-1):
            raise OSError(5, "Input/output error")

    with pytest.raises(Unreadable, match="reading failed") as raised:
        Forward(Stretch("weights.bin", Failing(), 0, 10)).byte()
    assert raised.value.span == Span("weights.bin")
