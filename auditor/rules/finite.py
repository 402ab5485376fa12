"""The contents of weights: every number must be finite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.contents import Contents
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.safetensors import TensorFile

# Masks, and bounds to which activations are clipped (`input_max` of clipped linear layers).
_MAY_BE_INFINITE = re.compile(r"mask|(?<![a-z])(min|max|clip|bound|limit)s?(?![a-z])", re.IGNORECASE)


@rule("WGT201", level="error", needs=("weights", "contents"))
def weight_not_finite(_weights: tuple[TensorFile, ...], contents: Contents) -> Iterator[Fault]:
    """A tensor holds values that are not numbers, or infinite.

    Why: One of them turns every output into NaN; training that ended this way had diverged.
    Bad:
        # extra.safetensors, header, filled with 255
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Ship an earlier checkpoint, and look at the loss of the steps before. Infinite values in tensors
        named as masks or bounds are taken for what they are.
    Source: https://github.com/huggingface/safetensors#benefits (values are not checked by the format)
    """
    for file, tensor, tally in contents.each():
        if tally.n_bad and not _MAY_BE_INFINITE.search(tensor.name):
            yield file.at(tensor.name).says(
                f"`{shown(tensor.name)}` holds {tally.n_bad} {'value' if tally.n_bad == 1 else 'values'} "
                f"not finite, the first at index {tally.first_bad}"
            )
