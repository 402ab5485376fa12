"""What a safetensors header holds beside sizes and names: its edges, `__metadata__`, fields and shapes."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.safetensors import DTYPE_BITS, TensorFile
from auditor.readers.text import shown
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.document import Document

Weights = tuple[TensorFile, ...]
MAX_RANK = 64  # torch (c10, TensorImpl) and numpy (NPY_MAXDIMS since 2.0) hold no more dimensions
MAX_SIDE = 2**63 - 1  # sides and strides are signed 64-bit integers in torch and numpy
_FORMATS = ("pt", "tf", "flax", "np", "mlx", "jax", "paddle")  # values of `format` that libraries write
_SHOWN = 3


@rule("WGT008", level="warning", needs="weights", since="2026.2")
def header_has_edges(weights: Weights) -> Iterator[Fault]:
    """A header does not begin with `{`, or has more than spaces after its `}`.

    Why: The format asks for both, so that a file is known by its ninth byte. Some readers refuse the file,
        some do not recognise it.
    Bad:
        # extra.safetensors, header, after a space
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the file with the safetensors library.
    Source: https://github.com/huggingface/safetensors#format ("MUST begin with a { character (0x7B)")
    """
    for file in weights:
        before, after = file.oddities.before, file.oddities.after
        if before:
            yield file.at().says(f"the header begins with {_bytes(before)}, expected `{{`")
        if after:
            yield file.at().says(f"the header ends with {_bytes(after)}, expected spaces at most")


@rule("WGT009", level="error", needs="weights", since="2026.2")
def metadata_is_no_text(weights: Weights) -> Iterator[Fault]:
    """`__metadata__` is something else than texts by name.

    Why: The format allows texts alone; the safetensors library refuses the file, or forgets what it says.
    Bad:
        # extra.safetensors, header
        {"__metadata__": {"epochs": 3}, "x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"__metadata__": {"epochs": "3"}, "x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Put numbers and lists into quotes.
    Source: https://github.com/huggingface/safetensors#format ("Arbitrary JSON is not allowed")
    """
    for file in weights:
        if file.oddities.metadata:
            what = f"`__metadata__` is {file.oddities.metadata}, expected an object of texts"
            yield file.at("__metadata__").says(what)
        for key in file.oddities.not_text:
            yield file.at("__metadata__").says(f"`{shown(key)}` in `__metadata__` is no text")


@rule("WGT010", level="warning", needs="weights", since="2026.2")
def metadata_key_twice(weights: Weights) -> Iterator[Fault]:
    """`__metadata__` gives a key more than once.

    Why: Which of the two counts depends on the reader.
    Bad:
        # extra.safetensors, header
        {"__metadata__": {"step": "3", "step": "4"},
         "x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"__metadata__": {"step": "4"}, "x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Keep one of the two.
    Source: https://github.com/huggingface/safetensors#format ("Duplicate keys are disallowed")
    """
    for file in weights:
        for key in file.oddities.repeated:
            yield file.at("__metadata__").says(f"`{shown(key)}` stands more than once in `__metadata__`")


@rule("WGT011", level="warning", needs="weights", since="2026.2")
def unknown_tensor_field(weights: Weights) -> Iterator[Fault]:
    """A tensor's entry has a field that the format does not know.

    Why: Readers pass over it, so whatever it says is lost or hidden.
    Bad:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], "scale": 0.5}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Put it into `__metadata__`, or into a tensor.
    Source: https://github.com/huggingface/safetensors#format
    """
    for file in weights:
        for name, field in file.oddities.fields:
            yield file.at(name).says(
                f"`{shown(name)}` has the field `{shown(field)}`, expected `dtype`, `shape`, `data_offsets`"
            )


@rule("WGT012", level="note", needs="weights", after=("WGT002",), since="2026.2")
def tensor_unaligned(weights: Weights) -> Iterator[Fault]:
    """A tensor begins at a byte that is no multiple of the size of its numbers.

    Why: Readers that map the file into memory copy such tensors, refuse them, or read them in a way that
        the processor forbids.
    Bad:
        # extra.safetensors, header
        {"x": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [3, 11]}}
    Good:
        # extra.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "x": {"dtype": "U8", "shape": [3], "data_offsets": [8, 11]}}
    Fix: Write the file with the safetensors library, which puts the widest numbers first and pads the header.
    Source: https://github.com/huggingface/safetensors#format (notes on alignment)
    """
    for file in weights:
        odd = []
        for tensor in file.tensors:
            bits = DTYPE_BITS.get(tensor.dtype, 8)
            width = 4 if tensor.dtype == "C64" else max(1, bits // 8)  # two F32 side by side
            if (file.data_start + tensor.begin) % width and tensor.end > tensor.begin:
                odd.append((tensor, width))
        if odd:
            tensor, width = odd[0]
            more = f", and {len(odd) - 1} more tensors are unaligned" if len(odd) > 1 else ""
            yield file.at(tensor.name).says(
                f"`{shown(tensor.name)}` ({tensor.dtype}) begins at byte {file.data_start + tensor.begin} of "
                f"the file, expected a multiple of {width}{more}"
            )


@rule("WGT018", level="error", needs="weights", since="2026.2", klass="impossible")
def shape_beyond_libraries(weights: Weights) -> Iterator[Fault]:
    """A shape has more dimensions, or a longer side, than torch and numpy can hold.

    Why: The header can be read and the tensor cannot: an empty tensor may claim sides without end.
    Bad:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [0, 9223372036854775808], "data_offsets": [0, 0]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [0, 8], "data_offsets": [0, 0]}}
    Fix: Write the file with the safetensors library, from a tensor that exists.
    """
    for file in weights:
        for tensor in file.tensors:
            shape = tensor.shape
            if len(shape) > MAX_RANK:
                what = f"has {len(shape)} dimensions, and torch and numpy hold at most {MAX_RANK}"
            elif shape and max(shape) > MAX_SIDE:
                what = f"has a side of {max(shape)}, and torch and numpy hold at most {MAX_SIDE}"
            elif 0 in shape and _sides(shape) > MAX_SIDE:
                what = "is empty, and the product of its other sides is beyond 64 bits"
            else:
                continue
            yield file.at(tensor.name).says(f"`{shown(tensor.name)}` {what}")


@rule("WGT019", level="note", needs=("config", "weights"), since="2026.2")
def metadata_lacks_format(config: Document, weights: Weights) -> Iterator[Fault]:
    """Weights for transformers do not say in `__metadata__` which framework wrote them.

    Why: Versions of transformers before 2024 refuse such a file, others warn and guess.
    Bad:
        # README.md
        ---
        library_name: transformers
        ---
        # config.json
        {"transformers_version": "4.57.0"}
    Good:
        # config.json
        {"architectures": ["Digits"]}
    Fix: Write the weights with `save_pretrained`, or pass `metadata={"format": "pt"}` to `save_file`.
    Source: https://github.com/ml-explore/mlx/issues/743
    """
    if "transformers_version" not in config.mapping():
        return
    for file in weights:
        named = file.metadata.get("format")
        if named not in _FORMATS and not dirname(file.file) and file.file.startswith("model"):
            met = f"`format` is `{shown(named)}`" if named is not None else "`__metadata__` has no `format`"
            yield file.at("__metadata__").says(f"{met}, expected `pt`")


def _bytes(raw: bytes) -> str:
    first = raw[:_SHOWN].hex(" ")
    return f"the byte{'s' if len(raw) > 1 else ''} {first}{' …' if len(raw) > _SHOWN else ''}"


def _sides(shape: tuple[int, ...]) -> int:
    """The product of the sides that are not zero, no further than it matters."""
    product = 1
    for side in shape:
        product = min(product * (side or 1), MAX_SIDE + 1)
    return product
