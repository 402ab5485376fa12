"""GGUF files that are wrong in one way, and what is said of each; honest ones of every kind are silent."""

import pytest

from tests import made
from tests.rules.looking import looked

NAMED = {"general.architecture": "llama"}


def tensors(*entries):
    return {
        "metadata": NAMED,
        "tensors": [dict(zip(("name", "shape", "offset", "type"), one, strict=False)) for one in entries],
    }


def said(good, header, missing=0, name="model.gguf"):
    (good / name).parent.mkdir(exist_ok=True)
    (good / name).write_bytes(made.gguf(header, missing))
    return [(one.code, one.message) for one in looked(good)[0] if one.code != "WGT349"]


WRONG = {
    "cut off": (
        tensors(("x", [8]), ("y", [64], 32), ("z", [2, 8], 288)),
        100,
        [
            (
                "WGT301",
                "`z` (2x8, F32) ends at byte 544, the last of 2 tensors that do not lie in the file; the file has 444 bytes: 100 are missing",
            )
        ],
    ),
    "misaligned": (
        tensors(("x", [8], 4), ("y", [8], 36)),
        0,
        [("WGT302", "`x` begins at byte 4 of the data, which is no multiple of 32; so do 1 more")],
    ),
    "overlapping": (
        tensors(("x", [16]), ("y", [8], 32)),
        0,
        [("WGT303", "`y` begins at byte 32 of the data, `x` ends at 64")],
    ),
    "all in one place": (
        tensors(("x", [8]), ("y", [8], 0)),
        0,
        [("WGT303", "`y` begins at byte 0 of the data, `x` ends at 32")],
    ),
    "a gap": (
        tensors(("x", [8]), ("y", [8], 64)),
        0,
        [("WGT304", "`y` begins at byte 64 of the data, expected 32")],
    ),
    "bytes at the end": (
        tensors(("x", [8])) | {"more bytes": 1},
        0,
        [("WGT305", "1 bytes follow the last tensor")],
    ),
    "a name twice": (tensors(("x", [8]), ("x", [8], 32)), 0, [("WGT306", "2 tensors are named `x`")]),
    "a type of the future": (
        tensors(("x", [32], 0, 99), ("y", [32], 64, 99)),
        0,
        [("WGT307", "2 tensors have number format 99, which is not known, first `x`")],
    ),
    "half a block": (
        tensors(("x", [33], 0, 2)),
        0,
        [("WGT308", "`x` has rows of 33 values, and Q4_0 stores 32 at a time")],
    ),
    "no architecture": (
        {"tensors": [{"name": "x", "shape": [8]}]},
        0,
        [("WGT309", "`general.architecture` is missing")],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_one_fault_gives_one_finding(good, case):
    header, missing, expected = WRONG[case]
    assert said(good, header, missing) == expected


def test_a_tensor_beyond_any_disk_is_truncated(good):
    [(code, message)] = said(good, tensors(("x", [2**62, 2**62])))
    assert code == "WGT301"
    assert "ends at byte 85,070,591,730,234,615,865,843,651,857,942,052,9" in message


def test_a_key_that_stands_twice_is_told(good):
    raw = made.gguf({"metadata": {"a": 1}})
    pair = raw[24:]
    (good / "model.gguf").write_bytes(raw[:16] + (2).to_bytes(8, "little") + pair + pair)
    assert [finding.message for finding in looked(good, "WGT306")[0]] == [
        "the key `a` is given more than once"
    ]


@pytest.mark.parametrize(
    "header",
    [
        {"metadata": NAMED},
        {
            "metadata": NAMED | {"general.alignment": 64},
            "tensors": [{"name": "x", "shape": [8]}, {"name": "y", "shape": [3], "offset": 64}],
        },
        {"metadata": {"general.type": "imatrix"}, "tensors": [{"name": "x", "shape": [8]}]},
        {
            "metadata": NAMED,
            "tensors": [{"name": "x", "shape": []}, {"name": "y", "shape": [0], "offset": 32}],
        },
        {"metadata": NAMED, "tensors": [{"name": "x", "shape": [64, 3, 2], "type": 2}]},
    ],
)
def test_honest_files_are_silent(good, header):
    assert said(good, header) == []


def test_the_last_tensor_needs_no_padding(good):
    assert said(good, tensors(("x", [3])), missing=20) == []


def test_only_the_first_part_names_the_architecture(good):
    nameless = {"metadata": {"split.no": [2, 1]}, "tensors": [{"name": "x", "shape": [8]}]}
    assert said(good, nameless) == []
    nameless["metadata"] = {"split.no": [2, 0]}
    assert [code for code, _ in said(good, nameless)] == ["WGT309"]


@pytest.mark.parametrize("present", [(1, 3), (2,), (1, 2, 3)])
def test_missing_parts_are_told_once(good, present):
    for number in present:
        header = {
            "metadata": NAMED | {"split.count": [2, 3]},
            "tensors": [{"name": f"x{number}", "shape": [8]}],
        }
        (good / f"m-{number:05}-of-00003.gguf").write_bytes(made.gguf(header))
    missing = [number for number in (1, 2, 3) if number not in present]
    more = " and 1 more" if missing[1:] else ""
    expected = (
        [f"the model is in 3 files: `m-{missing[0]:05}-of-00003.gguf`{more} missing"] if missing else []
    )
    assert [finding.message for finding in looked(good, "WGT310")[0]] == expected


def test_a_name_that_looks_like_a_part_is_believed_only_with_its_key(good):
    (good / "m-00001-of-00003.gguf").write_bytes(made.gguf({"metadata": NAMED}))
    assert looked(good, "WGT310")[0] == ()


CONFIG = (
    '{"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "max_position_embeddings": 128%s}'
)
GGUF = {"llama.embedding_length": 64, "llama.block_count": 2, "llama.context_length": 128}


@pytest.mark.parametrize(
    ("change", "config", "name", "expected"),
    [
        ({}, "", "m.gguf", []),
        (
            {"llama.embedding_length": 65},
            "",
            "m.gguf",
            ["`llama.embedding_length` is 65, `hidden_size` in config.json is 64"],
        ),
        (
            {"llama.block_count": 3},
            "",
            "m.gguf",
            ["`llama.block_count` is 3, `num_hidden_layers` in config.json is 2"],
        ),
        (
            {"llama.context_length": 4096},
            "",
            "m.gguf",
            ["`llama.context_length` is 4,096, `max_position_embeddings` in config.json is 128"],
        ),
        ({"llama.context_length": 4096}, ', "rope_scaling": {"factor": 32}', "m.gguf", []),
        ({"llama.context_length": 4096, "llama.rope.scaling.factor": 32}, "", "m.gguf", []),
        ({"llama.embedding_length": 65}, "", "draft/m.gguf", []),
        ({"llama.embedding_length": "64"}, "", "m.gguf", []),
        ({"general.architecture": "clip", "clip.embedding_length": 9}, "", "m.gguf", []),
        ({"llama.embedding_length": 65}, ', "model_type": "other"', "m.gguf", []),
    ],
)
def test_config_and_gguf_of_one_model_agree(good, change, config, name, expected):
    (good / "config.json").write_text(CONFIG % config)
    (good / name).parent.mkdir(exist_ok=True)
    (good / name).write_bytes(made.gguf({"metadata": NAMED | GGUF | change}))
    assert [finding.message for finding in looked(good, "WGT311")[0]] == expected
