"""How high the numbers go in the files of a tokenizer, and what is refused."""

import json

import pytest

from auditor.readers.document import Unreadable
from auditor.readers.tokenizer import Token, read_tokens


def read(file, value):
    return read_tokens(file, json.dumps(value).encode())


@pytest.mark.parametrize(
    ("value", "learned", "added"),
    [
        ({"model": {"vocab": {"a": 0, "b": 7, "c": 3}}}, Token("b", 7), None),
        (
            {"model": {"type": "Unigram", "vocab": [["<unk>", 0.0], ["a", -1.5], ["b", -2]]}},
            Token("b", 2),
            None,
        ),
        (
            {"model": {"vocab": {"a": 0, "[MASK]": 9}}, "added_tokens": [{"id": 9, "content": "[MASK]"}]},
            Token("a", 0),
            Token("[MASK]", 9),
        ),
        (
            {"model": {"vocab": {}}, "added_tokens": [{"id": 4, "content": "x"}, {"id": 8}, 7, None]},
            None,
            Token("x", 4),
        ),
        ({"model": {"vocab": {"a": "1", "b": 2.0, "c": True, "d": None}}}, None, None),
        ({"model": {"vocab": [1, [], ["a"]]}}, Token("a", 2), None),
        ({"model": []}, None, None),
        ({}, None, None),
    ],
)
def test_the_highest_numbers_of_a_tokenizer(value, learned, added):
    found = read("tokenizer.json", value)
    assert (found.learned, found.added) == (learned, added)


@pytest.mark.parametrize(
    "merges",
    [["a b", "c d"], [["a", "b"], ["c", "d"]], [], ['\\ "', "] }"], [['"merges":[', "]"]], ["é ü", "\ud800"]],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_the_merges_are_passed_over_wherever_they_stand(merges, indent):
    for model in (
        {"vocab": {"a": 1, "b": 5}, "merges": merges},
        {"merges": merges, "vocab": {"a": 1, "b": 5}},
    ):
        raw = json.dumps({"model": model, "added_tokens": []}, indent=indent).encode()
        assert read_tokens("tokenizer.json", raw).learned == Token("b", 5)


@pytest.mark.parametrize("text", ["merges", '"merges":[', '\\"merges\\": ["a'])
def test_a_token_that_looks_like_merges_is_a_token(text):
    assert read(
        "tokenizer.json", {"model": {"vocab": {text: 3, "z": 1}, "merges": ["z z"]}}
    ).learned == Token(text, 3)


def test_the_other_files():
    assert read("vocab.json", {"a": 0, "b": 1}).learned == Token("b", 1)
    assert read("added_tokens.json", {"[PAD]": 5}).added == Token("[PAD]", 5)
    settings = {
        "added_tokens_decoder": {
            "3": {"content": "x"},
            "12": {"content": "y"},
            "-1": {},
            "9" * 99: {},
            "4": 1,
        }
    }
    assert read("tokenizer_config.json", settings).added == Token("y", 12)
    assert read("tokenizer_config.json", {"model_max_length": 4}).added is None


@pytest.mark.parametrize(
    ("raw", "last"),
    [
        (b"a\nb\nc\n", Token("c", 2)),
        (b"a\r\nb\r\n\r\n", Token("b", 1)),
        (b"", None),
        ("a\u2028b\nc".encode(), Token("c", 1)),
    ],
)
def test_a_list_of_words_counts_lines_as_the_tokenizer_does(raw, last):
    assert read_tokens("vocab.txt", raw).learned == last


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "not JSON"),
        (b'{"model": {"vocab": ', "not JSON"),
        (b"<html></html>", "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'{"a": "\xff"}', "byte 7 is not UTF-8"),
        (b"[" * 100_000, "not JSON that can be read"),
        (b'{"model": {"vocab": {"a": ' + b"9" * 5_000 + b"}}}", "not JSON that can be read"),
        (b'{"model": {"vocab": [' + b"1," * 2_000_001 + b"1]}}", "more than 2,000,000 values"),
        (b'"merges":[' * 300_000, "not JSON"),
        (b'{"model": {"merges": [' + b'"a b",' * 300_000, "not JSON"),
        (b'{"model": {"merges": [' + b'["a","b"],' * 200_000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_tokenizer_is_refused_in_words(raw, told):
    with pytest.raises(Unreadable, match=told):
        read_tokens("tokenizer.json", raw)


def test_a_byte_order_mark_is_passed_over():
    assert read_tokens("tokenizer.json", b'\xef\xbb\xbf{"model": {"vocab": {"a": 1}}}').learned == Token(
        "a", 1
    )
