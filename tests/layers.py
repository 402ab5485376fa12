"""Bundles for tests: a complete good one, and the examples of rules' manual pages laid over it.

An example is one or more parts. Each begins with a comment line that names a file and how the lines below it
change that file:

    # recipe.yaml                              merged into the document (RFC 7396: null deletes); also JSON
    # README.md                                front matter, if any, is merged; the rest is added to the body
    # notes.txt, whole file                    the file is exactly these lines
    # weights.bin, whole file, as hex          the file is exactly these bytes
    # model.safetensors, header                this header, and zeros up to its largest offset
    # model.safetensors, header, 3 bytes short   ... less the last 3; also `3 bytes over`, `filled with 255`
    # LICENSE, absent                          the file is taken away
    # data/link.csv, link to digits.csv        a symbolic link
"""

import json
import re
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

import yaml

from reference_models import catalogue

GOOD = Path(__file__).parent / "bundles" / "good"
PART = re.compile(r"# (?P<file>[\w./-]*\.[\w.]+|LICENSE)(?:, (?P<how>.+))?")


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
    data = struct.pack("<f", 0.01) * (end // 4)
    (folder / "model.safetensors").write_bytes(safetensors(json.dumps(header), data))
    return folder


def lay_over(folder, example):
    """The parts of an example have changed the bundle in `folder`."""
    for part in parts(example):
        path = folder / part.file
        path.parent.mkdir(parents=True, exist_ok=True)
        if part.how == "":
            path.write_text(merged(path.read_text() if path.exists() else "", part), encoding="utf-8")
        elif part.how == "whole file":
            path.write_text(part.text, encoding="utf-8")
        elif part.how == "whole file, as hex":
            path.write_bytes(bytes.fromhex(part.text))
        elif part.how == "absent":
            path.unlink()
        elif part.how.startswith("link to "):
            path.symlink_to(part.how.removeprefix("link to "))
        else:
            path.write_bytes(with_zeros(part))


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


def with_zeros(part):
    """A safetensors file with the part's text as its header."""
    entries = json.loads(part.text).values()
    end = max(entry["data_offsets"][1] for entry in entries)
    fill = re.fullmatch(r"header, filled with (\d+)", part.how)
    odd = re.fullmatch(r"header, (\d+) bytes (short|over)", part.how)
    if not (fill or odd or part.how == "header"):
        raise ValueError(f"`{part.how}` is no way to lay {part.file}")
    data = bytes([int(fill[1]) if fill else 0]) * end
    if odd:
        data = data[: -int(odd[1])] if odd[2] == "short" else data + bytes(int(odd[1]))
    return safetensors(part.text.strip(), data)


def safetensors(header, data):
    """The bytes of a file: length of the header, the header padded to 8 bytes, the data."""
    raw = header.encode()
    raw += b" " * (-len(raw) % 8)
    return struct.pack("<Q", len(raw)) + raw + data
