"""Bundles for tests: a complete good one, and the examples of rules' manual pages laid over it.

An example is one or more parts. Each begins with a comment line that names a file and how the lines below it
change that file:

    # recipe.yaml                              merged into the document (RFC 7396: null deletes); also JSON
    # README.md                                front matter, if any, is merged; the rest is added to the body
    # README.md, front                         exactly these lines stand before the body; also `front, as bytes`
    # notes.txt, whole file                    the file is exactly these lines; also `whole file, executable`
    # weights.bin, whole file, as hex          the file is exactly these bytes
    # model.safetensors, header                this header, and plausible numbers up to its largest offset
    # model.safetensors, header, 3 bytes short   ... less the last 3; also `3 bytes over`, `filled with 255`,
    #                                          `after a space`, `alike` (the same numbers in each tensor), `large`
    # model.safetensors, tensors of config.json  what transformers saves for the config as it is then, less the
    #                                          tensors and layers set to null, and with those given a shape
    # model.gguf, header                       this header as tests/made.py builds it, and zeros; also `short`
    # model.onnx, as protobuf                  these fields as tests/made.py numbers them
    # array.npy, as bytes                      the file is exactly these, written as in Python
    # model.keras, zip of config.json          a zip archive with that member alone
    # extra.zip, archive                       or tar: members as `tests/made.py` packs them, one a line
    # LICENSE, absent                          the file is taken away
    # data/link.csv, link to digits.csv        a symbolic link
    # model.sig, signature                     signs the bundle as it is then, less or more what tests/signed.py
    #                                          reads there; also `signature, damaged`
"""

import ast
import json
import math
import random
import re
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

import yaml

from auditor.shapes.families import shapes
from reference_models import catalogue
from tests import made, signed

GOOD = Path(__file__).parent / "bundles" / "good"
PART = re.compile(r"# (?P<file>[\w./-]*\.[\w.]+|LICENSE|[A-Z0-9]+SUMS)(?:, (?P<how>.+))?")


@dataclass(frozen=True)
class Part:
    file: str
    how: str
    text: str


def lay_good(folder):
    """The good bundle stands in `folder`, which must not exist yet; returns it."""
    shutil.copytree(GOOD, folder)
    config = json.loads((folder / "config.json").read_text())
    shapes = catalogue.shapes(config["model_type"], config["parameters"])
    header, end = {}, 0
    for name, shape in shapes.items():
        size = 4
        for side in shape:
            size *= side
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    (folder / "model.safetensors").write_bytes(safetensors(json.dumps(header), numbers("good", header)))
    return folder


def lay_over(folder, example):
    """The parts of an example have changed the bundle in `folder`."""
    for part in parts(example):
        path = folder / part.file
        path.parent.mkdir(parents=True, exist_ok=True)
        if part.how == "":
            path.write_text(merged(path.read_text() if path.exists() else "", part), encoding="utf-8")
        elif part.how in ("whole file", "whole file, executable"):
            path.write_text(part.text, encoding="utf-8")
            path.chmod(0o755 if "executable" in part.how else 0o644)
        elif part.how == "whole file, as hex":
            path.write_bytes(bytes.fromhex(part.text))
        elif part.how == "front":
            path.write_text(part.text + card(path.read_text())[1], encoding="utf-8")
        elif part.how == "front, as bytes":
            path.write_bytes(ast.literal_eval(f"({part.text})") + card(path.read_text())[1].encode())
        elif part.how == "absent":
            path.unlink()
        elif part.how == "as bytes":
            path.write_bytes(ast.literal_eval(f"({part.text})"))
        elif part.how == "as protobuf":
            path.write_bytes(made.protobuf(path.suffix, json.loads(part.text)))
        elif part.how.startswith("zip of "):
            path.write_bytes(made.zipped({part.how.removeprefix("zip of "): part.text}))
        elif part.how == "archive":
            path.write_bytes(made.packed(path.suffix, part.text))
        elif part.how == "tensors of config.json":
            path.write_bytes(saved_model(folder, part))
        elif part.how.startswith("header") and path.suffix == ".gguf":
            missing = re.fullmatch(r"header(?:, (\d+) bytes short)?", part.how)
            path.write_bytes(made.gguf(json.loads(part.text), int(missing[1] or 0)))
        elif part.how.startswith("signature"):
            signed.lay(folder, path, damaged=part.how == "signature, damaged", **json.loads(part.text))
        elif part.how.startswith("link to "):
            path.symlink_to(part.how.removeprefix("link to "))
        else:
            path.write_bytes(with_numbers(part))


def parts(example):
    """The example cut at its header lines, in order."""
    found = []
    for line in example.splitlines():
        header = PART.fullmatch(line)
        if header:
            found.append(Part(header["file"], header["how"] or "", ""))
        elif found:
            found[-1] = Part(found[-1].file, found[-1].how, f"{found[-1].text}{line}\n")
        else:
            raise ValueError(f"an example begins with a line that names a file, not with {line!r}")
    return found


def merged(base, part):
    """The text of a file after a part has been merged into it."""
    if part.file.endswith(".json"):
        return json.dumps(patched(json.loads(base or "{}"), json.loads(part.text)), indent=2) + "\n"
    if part.file.endswith((".yaml", ".yml", ".cff")):
        return merged_yaml(base, part.text)
    if part.file.endswith(".md"):
        front, body = card(base)
        change, more = card(part.text)
        return f"---\n{merged_yaml(front, change)}---\n{body}\n{more}"
    raise ValueError(f"{part.file} cannot be merged; say `whole file`")


def patched(target, patch):
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = patched(result.get(key), value)
    return result


def merged_yaml(base, patch):
    """The same on YAML nodes, so that every scalar keeps the letters and quotes it was written with."""
    nodes = [yaml.compose(text, Loader=yaml.SafeLoader) for text in (base, patch)]
    node = patched_node(nodes[0], nodes[1]) if nodes[1] is not None else nodes[0]
    return yaml.serialize(node, width=1000, allow_unicode=True) if node is not None else ""


def patched_node(target, patch):
    if not isinstance(patch, yaml.MappingNode):
        return patch
    kept = {key.value: (key, value) for key, value in getattr(target, "value", [])} if is_map(target) else {}
    for key, value in patch.value:
        if value.tag == "tag:yaml.org,2002:null":
            kept.pop(key.value, None)
        else:
            before = kept[key.value][1] if key.value in kept else None
            kept[key.value] = (key, patched_node(before, value))
    return yaml.MappingNode(patch.tag, list(kept.values()), flow_style=False)


def is_map(node):
    return isinstance(node, yaml.MappingNode)


def card(text):
    """Front matter and body."""
    match = re.match(r"---\n(.*?)^---\n", text, re.DOTALL | re.MULTILINE)
    return (match[1], text[match.end() :]) if match else ("", text)


def with_numbers(part):
    """A safetensors file with the part's text as its header."""
    header = json.loads(part.text)
    fill = re.fullmatch(r"header, filled with (\d+)", part.how)
    odd = re.fullmatch(r"header, (\d+) bytes (short|over)", part.how)
    before = " " if part.how == "header, after a space" else ""
    if not (fill or odd or before or part.how in ("header", "header, alike", "header, large")):
        raise ValueError(f"`{part.how}` is no way to lay {part.file}")
    data = numbers(part.file, header, alike="alike" in part.how, large="large" in part.how)
    if fill:
        data = bytes([int(fill[1])]) * len(data)
    if odd:
        data = data[: -int(odd[1])] if odd[2] == "short" else data + bytes(int(odd[1]))
    return safetensors(before + part.text.strip(), data)


def saved_model(folder, part):
    """A safetensors file with the tensors of the config, less or more what the part's text says."""
    found = {
        name: list(shape) for name, shape in shapes(json.loads((folder / "config.json").read_text())).items()
    }
    for name, shape in json.loads(part.text).items():
        found = {key: value for key, value in found.items() if key != name and not key.startswith(f"{name}.")}
        found |= {} if shape is None else {name: shape}
    header, end = {}, 0
    for name, shape in found.items():
        size = 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    return safetensors(json.dumps(header), numbers(part.file, header))


# The last byte of a number that makes a small positive one of it, whatever its other bytes are.
LAST_BYTE = {"F64": (8, 0x3F), "F32": (4, 0x3C), "BF16": (2, 0x3C), "F16": (2, 0x24), "I64": (8, 0)}
LAST_BYTE |= {"U64": (8, 0), "I32": (4, 0), "U32": (4, 0), "I16": (2, 0), "U16": (2, 0), "C64": (4, 0x3C)}


def numbers(seed, header, *, alike=False, large=False):
    """Bytes for the tensors of a header: numbers that differ within a tensor and, unless alike, between them."""
    entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
    data = bytearray(max((entry["data_offsets"][1] for entry in entries.values()), default=0))
    for name, entry in entries.items():
        begin, end = entry["data_offsets"]
        width, last = LAST_BYTE.get(entry["dtype"], (1, 1))
        tensor = bytearray(random.Random(seed if alike else f"{seed} {name}").randbytes(end - begin))
        tensor[width - 1 :: width] = bytes([last + 6 * large]) * len(tensor[width - 1 :: width])
        data[begin:end] = tensor
    return bytes(data)


def safetensors(header, data):
    """The bytes of a file: length of the header, the header padded to 8 bytes, the data."""
    raw = header.encode()
    raw += b" " * (-len(raw) % 8)
    return struct.pack("<Q", len(raw)) + raw + data
