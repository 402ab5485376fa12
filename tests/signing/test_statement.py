"""The signed list of files is held to its format before any file is looked at."""

import hashlib
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers.document import Unreadable
from auditor.signing.statement import Resource, Unsupported, read_statement, written

ONE, TWO = "11" * 32, "22" * 32


def statement(names=("a.txt", "b/c.txt"), *, entries=None, serialization=None, root=None, **changes):
    """The bytes of a statement that adds up, unless `root` says otherwise; None takes a part away."""
    if entries is None:
        entries = [{"name": name, "algorithm": "sha256", "digest": ONE} for name in names]
    if root is None:
        digests = [bytes.fromhex(each["digest"]) for each in entries if good_hex(each)]
        root = hashlib.sha256(b"".join(digests)).hexdigest()
    parts = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": root}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False}
            | (serialization or {}),
            "resources": entries,
        },
    } | changes
    return json.dumps({key: value for key, value in parts.items() if value is not None}).encode()


def good_hex(entry):
    try:
        return bool(bytes.fromhex(entry["digest"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def entry(**changes):
    return {"name": "a.txt", "algorithm": "sha256", "digest": ONE} | changes


def test_what_was_written_is_read_back():
    resources = (Resource("a/b", "sha256", ONE), Resource("a-b", "sha256", TWO))
    back = read_statement("model.sig", written("m", resources, [".git", "model.sig"]))
    assert back.model == "m"
    assert back.ignored == (".git", "model.sig")
    assert back.resources == resources  # `a/b` first: folders and names are compared on their own
    assert not back.in_shards


REFUSED = {
    "no JSON": b"x",
    "a key twice": b'{"_type": 1, "_type": 2}',
    "another type": statement(_type="https://in-toto.io/Statement/v0.1"),
    "no predicate type": statement(predicateType=None),
    "a predicate type of another type": statement(predicateType=7),
    "no predicate": statement(predicate=None),
    "two models": statement(subject=[{"name": "m", "digest": {"sha256": ONE}}] * 2),
    "no model": statement(subject=[]),
    "a model without a digest": statement(subject=[{"name": "m"}]),
    "a digest of the model that does not add up": statement(root=TWO),
    "no files": statement(entries=[]),
    "a file without a name": statement(entries=[{"algorithm": "sha256", "digest": ONE}]),
    "a file of another type": statement(entries=["a.txt"]),
    "a digest of another type": statement(entries=[entry(digest=7)]),
    "a digest cut short": statement(entries=[entry(digest="11" * 31)]),
    "a digest with a sign": statement(entries=[entry(digest="+1" + "11" * 31)]),
    "a digest with other digits": statement(entries=[entry(digest="１" * 64)]),
    "a path that climbs": statement(["../a.txt"]),
    "a path that climbs inside": statement(["b/../../a.txt"]),
    "an absolute path": statement(["/etc/passwd"]),
    "an empty path": statement([""]),
    "a path with a dot": statement(["./a.txt"]),
    "a path with two slashes": statement(["b//a.txt"]),
    "a path with a zero": statement(["a\0.txt"]),
    "a folder": statement(["a/"]),
    "a path twice": statement(["a.txt", "a.txt"]),
    "half a character": statement().replace(b"a.txt", b"a\\ud800"),
}


@pytest.mark.parametrize("payload", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(payload):
    with pytest.raises(Unreadable) as refused:
        read_statement("model.sig", payload)
    assert refused.value.span.file == "model.sig"
    assert len(refused.value.what) < 300


UNSUPPORTED = {
    "an earlier version": statement(predicateType="https://model_signing/Digests/v0.1"),
    "another predicate": statement(predicateType="https://slsa.dev/provenance/v1"),
    "another method": statement(serialization={"method": "tensors"}),
    "another algorithm": statement(entries=[entry(algorithm="sha512")]),
    "an algorithm with a size, of a whole file": statement(entries=[entry(algorithm="sha256-sharded-9")]),
}


@pytest.mark.parametrize("payload", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_what_is_no_fault_but_not_read_here_is_told_apart(payload):
    with pytest.raises(Unsupported):
        read_statement("model.sig", payload)


def shards(*names):
    entries = [entry(name=name, algorithm="sha256-sharded-10") for name in names]
    return statement(entries=entries, serialization={"method": "shards", "shard_size": 10})


def test_stretches_are_read():
    back = read_statement("model.sig", shards("a:b:0:10", "a:b:10:13", "c:0:4"))
    assert [(each.path, each.begin, each.end) for each in back.resources] == [
        ("a:b", 0, 10),
        ("a:b", 10, 13),
        ("c", 0, 4),
    ]
    assert back.in_shards


@pytest.mark.parametrize(
    "names",
    [
        ["a"],
        ["a:0"],
        ["a:0:x"],
        ["a:-1:5"],
        ["a:0:0"],
        ["a:5:3"],
        ["a:1:5"],
        ["a:0:5", "a:6:9"],
        ["a:0:5", "a:4:9"],
        ["a:0:5", "a:0:6"],
        ["a:0:99999999999999999999"],
        ["a:0:١"],
        [":0:5"],
    ],
)
def test_stretches_that_are_none_or_leave_a_gap_or_overlap_are_refused(names):
    with pytest.raises(Unreadable):
        read_statement("model.sig", shards(*names))


@pytest.mark.parametrize(
    ("ignored", "path", "left_out"),
    [
        (["sub"], "sub", True),
        (["sub"], "sub/a", True),
        (["sub/"], "sub/a", True),
        (["./sub"], "sub/a", True),
        (["sub"], "subject", False),
        (["."], "a", True),
        (["../m"], "m/a", False),
        (["/sub"], "sub/a", False),
        (["sub/../a"], "a", False),
        ("sub", "sub/a", False),
        ([7, None, ""], "a", True),
    ],
)
def test_what_the_signer_left_out(ignored, path, left_out):
    back = read_statement("model.sig", statement(serialization={"ignore_paths": ignored}))
    assert back.leaves_out(path) is left_out


def test_a_hundred_thousand_files_are_read():
    names = [f"part-{number:05}.bin" for number in range(100_000)]
    assert len(read_statement("model.sig", statement(names)).resources) == 100_000


ODD = (
    st.none() | st.integers() | st.text(max_size=8) | st.just([]) | st.just({}) | st.just([{}]) | st.just(ONE)
)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["name", "algorithm", "digest"]), ODD),
    st.sampled_from(["files", "shards"]),
)
def test_no_entry_raises_anything_else(changes, method):
    with suppress(Unreadable, Unsupported):
        read_statement(
            "model.sig", statement(entries=[entry(**changes)], serialization={"method": method}, root=ONE)
        )


@settings(deadline=None)
@given(ODD, st.sampled_from(["_type", "subject", "predicateType", "predicate"]))
def test_no_part_raises_anything_else(odd, part):
    with suppress(Unreadable, Unsupported):
        read_statement("model.sig", statement(**{part: odd}))
