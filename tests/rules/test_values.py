"""What sound releases ship is left alone, and what is lost, flipped or copied is found: the contents of weights."""

import json
import struct

import numpy as np
import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from tests.layers import safetensors

NAMES = {
    np.dtype("float32"): "F32",
    np.dtype("float16"): "F16",
    np.dtype("int64"): "I64",
    np.dtype("bool"): "BOOL",
}
RNG = np.random.default_rng(0)


def weights(arrays):
    header, data = {}, b""
    for name, array in arrays.items():
        end = len(data) + array.nbytes
        header[name] = {
            "dtype": NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [len(data), end],
        }
        data += array.tobytes()
    return safetensors(json.dumps(header), data)


@pytest.fixture
def told(tmp_path):
    """`told(arrays)`: code and message of each WGT finding on a file with these tensors."""

    def tell(*files):
        for number, arrays in enumerate(files):
            (tmp_path / f"part{number}.safetensors").write_bytes(weights(arrays))
        found = check(Bundle.open(tmp_path), isolate=False).findings
        return [(finding.code, finding.message) for finding in found if finding.code.startswith("WGT")]

    return tell


def random(*shape, scale=0.02, dtype=np.float32):
    return (RNG.standard_normal(shape) * scale).astype(dtype)


ZERO = np.zeros((4, 4), np.float32)
ONES = np.ones((4, 4), np.float32)


def other(**arrays):
    return {"other.weight": random(4, 4), **arrays}


@pytest.mark.parametrize(
    "arrays",
    [
        {"roberta.embeddings.token_type_embeddings.weight": np.zeros((2, 8), np.float32)},
        {"q.lora_B.weight": np.zeros((8, 2), np.float32), "p.lora_B.weight": random(8, 2)},
        {"mlp.bias": np.zeros(8, np.float32), "norm.weight": np.ones(8, np.float32)},
        {"stages.0.layer_scale": np.ones((8, 8), np.float32)},
        {"pixel_mean": np.zeros((3, 1, 1), np.float32)},
        {"relative_attention_bias.weight": ZERO},
        {"sampling_offsets.weight": ZERO},
        {"attn.causal_mask": np.full((4, 4), -np.inf, np.float32)},
        {"attn.masked_bias": np.array(-1e9, np.float32)},
        {"attn.bias": np.tril(np.ones((1, 1, 4, 4), bool))},
        {"bn.running_var": np.full(4, 3e7, np.float32)},
        {"g_idx": np.zeros((4, 4), np.int64)},
        {"embeddings.position_ids": np.arange(512)[None]},
        {"embeddings.position_ids": np.arange(77, dtype=np.float32)},
        {"cross.attn_gate": np.zeros((1,), np.float32)},
        {"w": random(64, 64, scale=50)},
        {"w": random(8, 8, scale=1000, dtype=np.float16)},
        {"class_embed.0.weight": (head := random(64, 64)), "class_embed.1.weight": head},
        {"layers.0.rotary_emb.cos_cached": (table := random(64, 64)), "layers.1.rotary_emb.cos_cached": table},
        {f"h.{n}.attn.bias": np.tril(np.ones((1, 1, 64, 64), np.float32)) for n in range(3)},
        {"layers.0.position_encoding": (waves := random(64, 64)), "layers.1.position_encoding": waves},
        {"lm_head.weight": (tied := random(64, 64)), "model.embed_tokens.weight": tied},
        {"layers.0.norm.weight": (norm := random(2048)), "layers.1.norm.weight": norm},
        {"empty": np.zeros((0, 4), np.float32)},
        {f"layers.{n}.w": random(8, 8, scale=0.02 * (n + 1)) for n in range(10)},
    ],
    ids=lambda arrays: next(iter(arrays)),
)  # fmt: skip
def test_what_sound_releases_ship_is_left_alone(told, arrays):
    assert told(other(**arrays)) == []


def test_dead_matrices_are_one_finding_a_file(told):
    dead = {f"layers.{n}.mlp.gate_proj.weight": ZERO for n in range(5)}
    ((code, message),) = told(other(**dead))
    assert code == "WGT202"
    assert message.endswith("`layers.2.mlp.gate_proj.weight` and 2 more are zero throughout")


def test_minus_zero_is_zero(told):
    assert [code for code, _ in told(other(w=-ZERO))] == ["WGT202"]


def test_a_file_of_nothing_but_zeros_was_never_written(told):
    files = ({"a.weight": ZERO, "b.weight": ZERO, "b.bias": np.zeros(4, np.float32)}, other())
    assert told(*files) == [("WGT205", "all 2 matrices of the file are zero throughout")]


def test_a_constant_matrix_is_named_with_its_number(told):
    assert told(other(w=-0.5 * ONES)) == [
        ("WGT203", "all numbers of `w` are the same, 0.5 in magnitude")
    ]  # fmt: skip


def test_a_flipped_bit_of_an_exponent_is_found(told):
    flipped = random(4, 4)
    bits = struct.unpack("<I", flipped[2, 2].tobytes())[0] | 0x40000000
    flipped[2, 2] = struct.unpack("<f", struct.pack("<I", bits))[0]
    assert [code for code, _ in told(other(w=flipped))] == ["WGT204"]


def test_half_of_what_half_precision_holds_is_too_much(told):
    large = random(4, 4, dtype=np.float16)
    large[0, 0] = 40000
    assert told(other(w=large)) == [
        ("WGT204", "the largest number of `w` (F16) is 4e+04, expected at most 32752")
    ]


def test_copied_layers_are_one_finding(told):
    first = {f"{part}.weight": random(64, 64) for part in ("mlp.up", "mlp.down", "attn.q")}
    model = {f"layers.{n}.{name}": array for n in (0, 3) for name, array in first.items()}
    model |= {f"layers.{n}.{name}": random(64, 64) for n in (1, 2) for name in first}
    ((code, message),) = told(model)
    assert code == "WGT209"
    assert message.startswith("`layers.3` and `layers.0` hold the same numbers in `layers.3.mlp.up.weight`")
    assert message.endswith("and so do 2 more matrices of the two")


def test_layers_that_begin_alike_are_no_copies(told):
    one = random(64, 64)
    two = one.copy()
    two[-1, -1] *= 0.5
    assert told({"layers.0.w": one, "layers.1.w": two}) == []


def test_copies_across_shards_are_found(told):
    one = random(64, 64)
    assert [code for code, _ in told({"layers.0.w": one}, {"layers.1.w": one})] == ["WGT209"]


def test_positions_averaged_in_half_precision_are_placed(told):
    positions = np.arange(77, dtype=np.float32)[None]
    positions[0, 41] = 40
    assert told(other(**{"text.position_ids": positions})) == [
        ("WGT208", "`text.position_ids` (F32) is 40 at index 41, expected 41")
    ]


def test_a_layer_of_another_scale_is_a_hint(told):
    layers = {f"layers.{n}.w": random(8, 8, scale=0.02 if n != 4 else 2) for n in range(8)}
    found = told(layers)
    assert [code for code, _ in found] == ["WGT210"]
    assert found[0][1].startswith("the numbers of `layers.4.w` are about ")
