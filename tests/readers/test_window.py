import io

import pytest

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.window import BLOCK_BYTES, Unfollowed, Window

RAW = bytes(range(256)) * (2 * BLOCK_BYTES // 256)


def refused(call):
    with pytest.raises(Unreadable) as caught:
        call()
    assert caught.value.span == Span("a")
    return caught.value.what


@pytest.mark.parametrize("place", [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, len(RAW) - 300])
@pytest.mark.parametrize("count", [0, 1, 8, 300])
def test_pieces_are_those_of_the_file_in_any_order(place, count):
    window = Window("a", io.BytesIO(RAW), len(RAW))
    for at in (place, 0, place):
        assert window.at(at, count, "it") == RAW[at : at + count]
    assert window.at(0, len(RAW), "it") == RAW


def test_a_window_shows_a_stretch_and_tells_places_in_the_file():
    window = Window("a", io.BytesIO(RAW), 10, begin=100)
    assert window.at(0, 10, "it") == RAW[100:110]
    assert window.some(8, "it") == RAW[108:110]
    assert window.number(1, 2, "it") == 0x6665
    assert refused(lambda: window.at(8, 3, "the name")) == (
        "the file ends inside the name, 1 of its 3 bytes missing, at byte 108"
    )
    assert (
        refused(lambda: window.at(10, 1, "the name")) == "the file ends inside the name, missing, at byte 110"
    )


def test_places_before_the_window_are_refused():
    assert "the file ends inside it" in refused(lambda: Window("a", io.BytesIO(RAW), 10).at(-1, 1, "it"))


def test_numbers_of_any_size_are_held_against_the_file():
    window = Window("a", io.BytesIO(RAW), len(RAW))
    for count in (2**31, 2**63, 2**200):
        assert "bytes missing" in refused(lambda count=count: window.at(0, count, "it"))
        assert "bytes missing" in refused(lambda count=count: window.at(count, 8, "it"))


def test_a_file_that_shrinks_or_fails_is_refused():
    assert refused(lambda: Window("a", io.BytesIO(b"abc"), 10).at(0, 5, "it")) == (
        "the file was cut while it was read, inside it, at byte 0"
    )

    class Failing(io.BytesIO):
        def read(self, size=-1):
            raise OSError(5, "Input/output error")

    assert (
        refused(lambda: Window("a", Failing(), 10).at(0, 5, "it"))
        == "reading failed (input/output error) at byte 0"
    )


def test_what_a_reader_does_not_follow_is_told_apart():
    window = Window("a", io.BytesIO(b""), 0, begin=7)
    assert isinstance(window.beyond(3, "too deep"), Unfollowed)
    assert not isinstance(window.fault(3, "broken"), Unfollowed)
    assert window.beyond(3, "too deep").what == "too deep at byte 10"
