"""Shards and their index in sets that sound releases have, and in sets that were mixed up."""

import json

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from tests.layers import numbers, safetensors


@pytest.fixture
def told(tmp_path):
    """`told({path: names or bytes}, index={path: weight_map})`: the findings on weights, code by code."""

    def tell(files, indexes=None):
        for path, names in files.items():
            raw = names
            if isinstance(names, list):
                header = {
                    name: {"dtype": "F32", "shape": [2], "data_offsets": [i * 8, i * 8 + 8]}
                    for i, name in enumerate(names)
                }
                raw = safetensors(json.dumps(header), numbers(path, header))
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(raw)
        for path, weight_map in (indexes or {}).items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(
                json.dumps({"metadata": {"total_size": 8 * len(weight_map)}, "weight_map": weight_map})
            )
        found = check(Bundle.open(tmp_path), isolate=False).findings
        return [(f.code, f.places[0].file) for f in found if f.code.startswith(("WGT", "SCH", "SEC0"))]

    return tell


def names(stem, total):
    return [f"{stem}-{number:05}-of-{total:05}.safetensors" for number in range(1, total + 1)]


ONE, TWO = names("model", 2)
SOUND = {ONE: ["a"], TWO: ["b"]}
INDEX = {"model.safetensors.index.json": {"a": ONE, "b": TWO}}


def test_a_whole_set_with_its_index_is_sound(told):
    assert told(SOUND, INDEX) == []


def test_shards_that_count_from_zero_are_a_whole_set(told):
    files = {"model-00000-of-00002.safetensors": ["a"], "model-00001-of-00002.safetensors": ["b"]}
    weight_map = dict(zip("ab", files, strict=True))
    assert told(files, {"model.safetensors.index.json": weight_map}) == []


def test_every_part_of_a_pipeline_has_an_index_of_its_own(told):
    stem = "unet/diffusion_pytorch_model"
    files = {**SOUND, **{path: [path[-8]] for path in names(stem, 2)}}
    index = {f"{stem}.safetensors.index.json": {"x": "gone.safetensors"}}
    assert ("WGT101", f"{stem}.safetensors.index.json") in told(files, {**INDEX, **index})


def test_an_index_of_pickles_misses_its_shards(told):
    index = {"pytorch_model.bin.index.json": {"a": "pytorch_model-00001-of-00002.bin"}}
    assert told({"model.safetensors": ["a"]}, index) == [("WGT101", "pytorch_model.bin.index.json")]


def test_an_index_in_a_folder_may_not_lead_out_of_the_bundle(told):
    index = {"unet/model.safetensors.index.json": {"a": "../../a.safetensors"}}
    assert told({"model.safetensors": ["a"]}, index) == [("SEC002", "unet/model.safetensors.index.json")]


def test_the_schema_of_an_index_holds_in_every_folder(told, tmp_path):
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "model.safetensors.index.json").write_text('{"weight_map": {}}')
    assert [code[:3] for code, _ in told({"model.safetensors": ["a"]})] == ["SCH"]


def test_shards_without_an_index_are_told(told):
    assert told(SOUND) == [("WGT108", ONE)]


def test_a_single_numbered_file_needs_no_index(told):
    assert told({"model-00001-of-00001.safetensors": ["a"]}) == []


def test_a_shard_that_the_index_does_not_name_is_told(told):
    assert told(SOUND, {"model.safetensors.index.json": {"a": ONE}}) == [("WGT109", TWO)]


def test_other_weights_beside_the_shards_are_left_alone(told):
    assert told({**SOUND, "consolidated.safetensors": ["a", "b"]}, INDEX) == []


def test_one_file_beside_its_shards_is_told(told):
    assert told({**SOUND, "model.safetensors": ["a", "b"]}, INDEX) == [("WGT110", "model.safetensors")]


def test_shards_of_another_save_are_told_once(told):
    assert told({**SOUND, "model-00002-of-00003.safetensors": ["c"]}, INDEX) == [
        ("WGT111", "model-00002-of-00003.safetensors")
    ]


@pytest.mark.parametrize(("same", "code"), [(True, "WGT112"), (False, "WGT104")])
def test_a_tensor_in_two_shards_is_worse_where_its_numbers_differ(told, same, code):
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})
    files = {
        ONE: safetensors(header, b"\1\2\3\4" * 2),
        TWO: safetensors(header, (b"\1\2\3\4" if same else b"\4\3\2\1") * 2),
    }
    found = told(files, {"model.safetensors.index.json": {"a": ONE, "b": TWO}})
    assert {one for one, file in found if file == TWO} == {code}


def test_an_index_that_names_a_pickle_is_told(told):
    index = {"model.safetensors.index.json": {"a": "weights.bin"}}
    assert ("WGT107", "model.safetensors.index.json") in told({"weights.bin": b"\x80\x04N."}, index)
