import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.readers.document import Unreadable
from auditor.readers.keras import read_config


def objects(raw):
    return [one["class_name"] for one in read_config("model.keras", "config.json", raw).objects]


def test_every_object_that_names_a_class_is_given():
    raw = b'{"class_name": "A", "config": {"layers": [{"class_name": "B"}, {"x": {"class_name": "C"}}, {"y": 1}]}}'
    assert objects(raw) == ["B", "C", "A"]


def test_what_a_later_key_of_the_same_name_hides_is_given_too():
    raw = b'{"config": {"class_name": "Lambda"}, "config": {"class_name": "Dense"}, "class_name": "A"}'
    assert objects(raw) == ["Lambda", "Dense", "A", "A"]
    assert objects(b'{"class_name": "Lambda", "class_name": "Dense"}') == ["Dense", "Lambda"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_other_encodings_that_python_reads_are_read(encoding):
    assert objects('{"class_name": "Lämbda"}'.encode(encoding)) == ["Lämbda"]


def test_escapes_do_not_hide_a_class():
    assert objects(b'{"class_n\\u0061me": "L\\u0061mbda"}') == ["Lambda"]


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "`config.json` is not JSON at its byte 0"),
        (b'{"a": }', "`config.json` is not JSON at its byte 6"),
        (b'{"a": "\xff"}', "`config.json` is not UTF-8 at its byte 7"),
        (b"[" * 200_000, "`config.json` is not JSON that can be read"),
        (b"[" + b"9" * 5_000 + b"]", "`config.json` is not JSON that can be read"),
        (b"[" + b"0," * 2_000_001 + b"0]", "`config.json` is too long to be read"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_fault_is_one_message(raw, what):
    with pytest.raises(Unreadable) as caught:
        objects(raw)
    assert (type(caught.value), caught.value.what) == (Unreadable, what)  # SCH001 tells, also of the longest


@given(st.binary(max_size=100))
def test_any_bytes_are_read_or_refused(raw):
    try:
        objects(raw)
    except Unreadable as error:
        error.what.encode()
