"""One layer's numbers beside those of its siblings: copies, and numbers of another scale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, Span
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.rules.contents import Contents
from auditor.rules.leftovers import Siblings
from auditor.rules.registry import rule
from auditor.rules.values import is_matrix

if TYPE_CHECKING:
    from auditor.readers.safetensors import Tensor, TensorFile

Held = tuple["TensorFile", "Tensor"]
# Copies that are meant: embeddings and heads that layers share, tables that every layer computes alike.
_MAY_BE_COPIED = re.compile(
    r"embed|head|rotary|freq|mask|relative|original|window|filter|grid|anchor|codebook|cache|buffer|prompt"
    r"|exp_avg|momentum|a_log|(?<![a-z])(cos|sin|pos|rel|ema|pe|shared(?!_expert))(?![a-z])"
    r"|position|encoding|sinusoid|causal|tril|index|indices|basis|hadamard|rotation"
    r"|bias$",  # a bias of two sides and more is a mask: GPT-2 and its kin store their causal one so
    re.IGNORECASE,
)
MIN_COPY_BYTES = 4096  # smaller matrices may be alike by chance or by design
MAX_COMPARED = 2_000  # pairs; each is read twice, and beyond this nobody reads the findings
MIN_SIBLINGS = 6  # fewer do not tell what is usual
MAX_RATIO = 30.0  # of root mean squares: siblings of sound models stay within a factor of ten


@rule("WGT209", level="warning", needs=("siblings", "contents"), certainty="likely", since="2026.2")
def layers_are_copies(siblings: Siblings, contents: Contents) -> Iterator[Fault]:
    """Two layers hold the same numbers.

    Why: Training never makes two layers alike: a shard was written twice under two names, or layers were
        copied to make the model look larger.
    Bad:
        # extra.safetensors, header, alike
        {"layers.0.w": {"dtype": "F32", "shape": [64, 32], "data_offsets": [0, 8192]},
         "layers.1.w": {"dtype": "F32", "shape": [64, 32], "data_offsets": [8192, 16384]}}
    Good:
        # extra.safetensors, header
        {"layers.0.w": {"dtype": "F32", "shape": [64, 32], "data_offsets": [0, 8192]},
         "layers.1.w": {"dtype": "F32", "shape": [64, 32], "data_offsets": [8192, 16384]}}
    Fix: Find out which of the two is right. A model that was put together from copies says so in its card.
    """
    copies: dict[tuple[str, str], list[tuple[Held, Held]]] = {}
    for one, two in _copies(siblings, contents):
        copies.setdefault(_apart(one[1].name, two[1].name), []).append((one, two))
    for (first, second), pairs in copies.items():
        (file, tensor), (elsewhere, twin) = pairs[0]
        more = f", and so do {len(pairs) - 1} more matrices of the two" if len(pairs) > 1 else ""
        yield elsewhere.at(twin.name).says(
            f"`{shown(second)}` and `{shown(first)}` hold the same numbers in `{shown(twin.name)}`{more}",
            file.at(tensor.name),
        )


@rule(
    "WGT210",
    level="note",
    needs=("siblings", "contents"),
    certainty="hint",
    klass="implausible",
    since="2026.2",
)
def layer_of_another_scale(siblings: Siblings, contents: Contents) -> Iterator[Fault]:
    """One layer's numbers are far larger or smaller than those of its siblings.

    Why: A layer that diverged, was scaled twice or was never trained stands out so.
    Bad:
        # first.safetensors, header
        {"layers.0.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
         "layers.1.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [16, 32]},
         "layers.2.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [32, 48]},
         "layers.3.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [48, 64]},
         "layers.4.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [64, 80]}}
        # second.safetensors, header, large
        {"layers.5.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}
    Good:
        # extra.safetensors, header
        {"layers.0.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}
    Fix: Look at the layer's norm over training.
    """
    rms = {id(tensor): tally.rms for _, tensor, tally in contents.each()}
    for layers in siblings:
        known = [
            (file, tensor, value)
            for file, tensor in layers
            if is_matrix(tensor) and (value := rms.get(id(tensor)))
        ]
        if len(known) < MIN_SIBLINGS:
            continue
        usual = sorted(value for _, _, value in known)[len(known) // 2]
        for file, tensor, value in known:
            if not usual / MAX_RATIO < value < usual * MAX_RATIO:
                yield file.at(tensor.name).says(
                    f"the numbers of `{shown(tensor.name)}` are about {value:.2g}, "
                    f"those of its {len(known) - 1} siblings {usual:.2g}"
                )


def _copies(siblings: Siblings, contents: Contents) -> Iterator[tuple[Held, Held]]:
    """Matrices of two layers that have the same bytes."""
    tallies = {id(tensor): tally for _, tensor, tally in contents.each()}
    compared = 0
    for layers in siblings:
        distinct: dict[tuple[bytes, int, str], list[Held]] = {}
        for file, tensor in layers:
            tally = tallies.get(id(tensor))
            small = tensor.end - tensor.begin < MIN_COPY_BYTES
            if tally is None or small or tally.is_constant or not is_matrix(tensor):
                continue
            if _MAY_BE_COPIED.search(tensor.name):
                continue
            alike = distinct.setdefault((tally.head, tally.largest, tensor.dtype), [])
            for other in alike:
                compared += 1
                if compared > MAX_COMPARED:
                    what = f"more than {MAX_COMPARED:,} pairs of tensors may be copies"
                    raise Unreadable(what, Span(file.file))
                if contents.same(other, (file, tensor)):
                    yield other, (file, tensor)
                    break
            else:
                alike.append((file, tensor))


def _apart(one: str, other: str) -> tuple[str, str]:
    """Two names up to the number in which they differ: `layers.3` and `layers.5`."""
    these, those = one.split("."), other.split(".")
    for index, (this, that) in enumerate(zip(these, those, strict=False)):
        if this != that:
            return ".".join(these[: index + 1]), ".".join(those[: index + 1])
    return one, other
