"""Generated weights to measure on: shards of matrices in F32 and BF16, an index, and a list of digests."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import numpy as np

SIDE = 2048


def lay(folder: Path, n_shards: int, shard_bytes: int) -> None:
    """A folder of shards with `model.safetensors.index.json`, `SHA256SUMS` and a card that nothing is wrong with.

    The numbers are those of a normal distribution, the same in every matrix but for its first row.
    """
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    block = (rng.standard_normal((SIDE, SIDE), np.float32) * np.float32(0.02)).astype("<f4")
    blocks = {"F32": block, "BF16": (block.view("<u4") >> 16).astype("<u2")}
    weight_map, total, sums = {}, 0, []
    for number in range(n_shards):
        dtype = "F32" if number % 2 == 0 else "BF16"
        numbers = blocks[dtype]
        count = max(1, round(shard_bytes / numbers.nbytes))
        name = f"model-{number + 1:05}-of-{n_shards:05}.safetensors" if n_shards > 1 else "model.safetensors"
        header = {
            f"layers.{number}.{index}.weight": {
                "dtype": dtype,
                "shape": [SIDE, SIDE],
                "data_offsets": [index * numbers.nbytes, (index + 1) * numbers.nbytes],
            }
            for index in range(count)
        }
        weight_map.update(dict.fromkeys(header, name))
        total += count * numbers.nbytes
        raw = json.dumps(header).encode()
        raw += b" " * (-len(raw) % 8)
        with (folder / name).open("wb") as stream:
            stream.write(struct.pack("<Q", len(raw)) + raw)
            for _ in range(count):
                numbers[0] = np.roll(numbers[0], 1)
                stream.write(numbers.data)
        with (folder / name).open("rb") as stream:
            sums.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {name}\n")
    if n_shards > 1:
        index = {"metadata": {"total_size": total}, "weight_map": weight_map}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "SHA256SUMS").write_text("".join(sums))
    lay_card(folder)


def lay_card(folder: Path) -> None:
    """A folder with a card alone: what is left of a check when there are no weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# model\n\nGenerated weights.\n")
