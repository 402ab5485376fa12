"""Names of tensors: letters nobody sees, paths, names that look alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model import Fault
from auditor.readers.safetensors import TensorFile
from auditor.readers.text import shown
from auditor.rules.registry import rule

Weights = tuple[TensorFile, ...]
_UPWARDS = re.compile(r"(^|[/\\])\.\.([/\\]|$)")
# Letters that look like Latin ones: Unicode Technical Standard 39, confusables.txt, Cyrillic and Greek.
_CYRILLIC = str.maketrans("асеһіјӏорԛѕԝхуАВСЕНІЈКМОРЅТХУ", "acehijlopqswxyABCEHIJKMOPSTXY")
_GREEK = str.maketrans("ονΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ovABEZHIKMNOPTYX")


@rule("WGT013", level="error", needs="weights", since="2026.2")
def tensor_name_unprintable(weights: Weights) -> Iterator[Fault]:
    r"""A tensor's name holds a character that nobody can see or type.

    Why: Control characters change what a terminal shows; a zero byte ends the name in C; characters without
        width make two names out of one.
    Bad:
        # extra.safetensors, header
        {"x\u0000": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Rename the tensor.
    """
    for file in weights:
        for tensor in file.tensors:
            if not tensor.name.isprintable():
                odd = next(char for char in tensor.name if not char.isprintable())
                yield file.at(tensor.name).says(
                    f"`{shown(tensor.name)}` holds the character U+{ord(odd):04X}"
                )


@rule("WGT014", level="error", needs="weights", since="2026.2")
def tensor_name_leads_upwards(weights: Weights) -> Iterator[Fault]:
    """A tensor's name leads upwards, as a path does.

    Why: Tools that store one file a tensor write it outside of their folder.
    Bad:
        # extra.safetensors, header
        {"../../x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"block/x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Rename the tensor.
    """
    for file in weights:
        for tensor in file.tensors:
            if ".." in tensor.name and _UPWARDS.search(tensor.name):
                yield file.at(tensor.name).says(f"`{shown(tensor.name)}` leads upwards")


@rule("WGT015", level="warning", needs="weights", since="2026.2")
def tensor_name_empty(weights: Weights) -> Iterator[Fault]:
    """A tensor has no name.

    Why: No module of a model has a parameter without a name, so nothing can take it up.
    Bad:
        # extra.safetensors, header
        {"": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Name the tensor as the model names it.
    """
    for file in weights:
        if any(not tensor.name.strip() for tensor in file.tensors):
            yield file.at().says("a tensor has an empty name")


@rule("WGT016", level="warning", needs="weights", after=("WGT013",), since="2026.2")
def tensor_names_look_alike(weights: Weights) -> Iterator[Fault]:
    r"""Two tensors of a file have names that look the same and are not.

    Why: Whoever reads the list of names sees one tensor; loaders see two, or drop the one that is meant.
    Bad:
        # extra.safetensors, header
        {"weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "w\u0435ight": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Good:
        # extra.safetensors, header
        {"weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "w\u00e4ight": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Fix: Write names with ASCII letters.
    Source: https://www.unicode.org/reports/tr39/#Confusable_Detection
    """
    for file in weights:
        if all(tensor.name.isascii() for tensor in file.tensors):
            continue
        seen: dict[str, str] = {}
        for tensor in file.tensors:
            other = seen.setdefault(_skeleton(tensor.name), tensor.name)
            if other != tensor.name:
                yield file.at(tensor.name).says(
                    f"`{shown(tensor.name)}` ({_unlike(tensor.name, other)}) looks like `{shown(other)}`",
                    file.at(other),
                )


@rule("WGT017", level="note", needs="weights", certainty="hint", since="2026.2")
def tensor_names_differ_in_case(weights: Weights) -> Iterator[Fault]:
    """Two tensors of a file have names that differ in capitals alone.

    Why: Tools that store one file a tensor lose one of them where the disk takes both names for the same.
    Bad:
        # extra.safetensors, header
        {"head.W": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "head.w": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Good:
        # extra.safetensors, header
        {"head.weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "head.w": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Fix: Nothing, if the model names its parameters so.
    """
    for file in weights:
        seen: dict[str, str] = {}
        for tensor in file.tensors:
            other = seen.setdefault(tensor.name.casefold(), tensor.name)
            if other != tensor.name:
                yield file.at(tensor.name).says(
                    f"`{shown(tensor.name)}` is `{shown(other)}` but for capitals", file.at(other)
                )


def _skeleton(name: str) -> str:
    """The name as an eye reads it: the same for names that look alike."""
    from unicodedata import normalize

    return normalize("NFKC", name).translate(_CYRILLIC).translate(_GREEK)


def _unlike(name: str, other: str) -> str:
    """The characters of a name that its look-alike does not have."""
    odd = sorted(set(name) ^ set(other), key=lambda char: (char.isascii(), char))
    return ", ".join(f"U+{ord(char):04X}" for char in odd[:3] if not char.isascii()) or "in another order"
