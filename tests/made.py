"""Small files of other formats from JSON, for the examples of rules' manual pages and for tests."""

import io
import re
import struct
import tarfile
import zipfile

# Field numbers of onnx.proto, and of TensorFlow's saved_model.proto and graph.proto; a dict nests.
_TENSOR = {"dims": 1, "data_type": 2, "name": 8, "raw_data": 9, "data_location": 14}
_TENSOR["external_data"] = (13, {"key": 1, "value": 2})
_ONNX_NODE = {"input": 1, "output": 2, "op_type": 4, "domain": 7}
_NODE = {"name": 1, "op": 2, "input": 3}
FIELDS = {
    ".onnx": {
        "ir_version": 1,
        "graph": (7, {"node": (1, _ONNX_NODE), "name": 2, "initializer": (5, _TENSOR)}),
        "opset_import": (8, {"domain": 1, "version": 2}),
        "functions": (
            25,
            {"name": 1, "node": (7, _ONNX_NODE), "domain": 10, "attribute_proto": (11, {"t": (5, _TENSOR)})},
        ),
    },
    ".pb": {
        "saved_model_schema_version": 1,
        "meta_graphs": (
            2,
            {
                "graph_def": (
                    2,
                    {"node": (1, _NODE), "library": (2, {"function": (1, {"node_def": (3, _NODE)})})},
                ),
                "asset_file_def": (6, {"filename": 2}),
            },
        ),
    },
}
MOST_BYTES = 2**20
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


def gguf(header, missing=0):
    """A GGUF file: `{"metadata": {key: value}, "tensors": [{name, shape, type, offset}]}`, and zeros as its data.

    A text is a text, a whole number takes 4 bytes unsigned, `[kind, value]` is of that kind.
    """
    pairs, tensors = [*header.get("metadata", {}).items()], header.get("tensors", [])
    pairs += header.get("more metadata", {}).items()
    raw = b"GGUF" + struct.pack("<IQQ", header.get("version", 3), len(tensors), len(pairs))
    for key, value in pairs:
        raw += _gguf_text(key) + _gguf_value(value)
    end = 0
    for tensor in tensors:
        kind, offset, shape = tensor.get("type", 0), tensor.get("offset", 0), tensor["shape"]
        raw += _gguf_text(tensor["name"]) + struct.pack("<I", len(shape))
        raw += struct.pack(f"<{len(shape)}QIQ", *shape, kind, offset)
        count = 1
        for side in shape:
            count *= side
        size = {0: 4 * count, 1: 2 * count, 2: -(-count // 32) * 18, 24: count}.get(kind, 0)
        end = max(end, offset + size if size < MOST_BYTES else 0)  # a tensor beyond any disk has no data
    alignment = dict(pairs).get("general.alignment", 32)
    data = bytes(-len(raw) % alignment + -(-end // alignment) * alignment) if tensors else b""
    whole = raw + data + bytes(header.get("more bytes", 0))
    return whole[: len(whole) - missing]


def protobuf(ending, message):
    """The bytes of a message of ONNX or TensorFlow; whole numbers, texts, hex in `raw_data`, lists repeat."""
    return _message(FIELDS[ending], message)


def zipped(members, method=zipfile.ZIP_STORED):
    """A zip archive of members, stored as they are unless another method is said."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, raw in members.items():
            archive.writestr(zipfile.ZipInfo(name), raw, compress_type=method)
    return stream.getvalue()


def varint(number):
    raw = b""
    while number > 127:
        raw += bytes([number & 127 | 128])
        number >>= 7
    return raw + bytes([number])


def _message(fields, message):
    raw = b""
    for name, value in message.items():
        number, inner = fields[name] if isinstance(fields[name], tuple) else (fields[name], {})
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, int):
                raw += varint(number << 3) + varint(one % 2**64)
            else:
                text = bytes.fromhex(one) if name == "raw_data" else one
                body = (
                    _message(inner, one)
                    if isinstance(one, dict)
                    else text
                    if isinstance(text, bytes)
                    else text.encode()
                )
                raw += varint(number << 3 | 2) + varint(len(body)) + body
    return raw


def _gguf_text(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _gguf_value(value):
    if isinstance(value, str):
        return struct.pack("<I", 8) + _gguf_text(value)
    kind, value = value if isinstance(value, list) else (4, value)
    return struct.pack("<I" + _FORMS[kind], kind, value)


def packed(ending, text):
    """An archive with a member a line, told by its ending.

    `NAME: TEXT`, `NAME -> TARGET` (a link), `NAME, device`, and in zip archives `NAME, own header OTHER: TEXT` and
    `NAME, 9 bytes: TEXT` (which say they are that long).
    """
    return (_tarred if ending == ".tar" else _zipped_lines)(text.splitlines())


def _tarred(lines):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for line in lines:
            name, arrow, target = line.partition(" -> ")
            member = tarfile.TarInfo(name.partition(":")[0].removesuffix(", device"))
            content = b"" if arrow else line.partition(": ")[2].encode()
            member.size = len(content)
            if arrow:
                member.type, member.linkname = tarfile.SYMTYPE, target
            elif line.endswith(", device"):
                member.type = tarfile.CHRTYPE
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _zipped_lines(lines):
    said = [re.fullmatch(r"(.+?)(?:, own header (.+?)|, (\d+) bytes)?: (.*)", line) for line in lines]
    packs = any(found[3] for found in said)  # what is stored has as many bytes as it says
    method = zipfile.ZIP_DEFLATED if packs else zipfile.ZIP_STORED
    raw = zipped({found[1]: found[4] for found in said}, method)
    for found in said:
        name = found[1].encode()
        if found[2]:
            raw = raw.replace(name, found[2].encode().ljust(len(name)), 1)
        if found[3]:
            size, own = struct.pack("<L", int(found[3])), raw.index(name) - 8
            listed = raw.rindex(name) - 22
            raw = raw[:own] + size + raw[own + 4 : listed] + size + raw[listed + 4 :]
    return raw
