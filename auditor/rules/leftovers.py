"""What training leaves behind, shipped among the weights: optimizer states, and layers in another format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault
from auditor.readers.released import released
from auditor.readers.safetensors import Tensor, TensorFile
from auditor.readers.text import shown
from auditor.rules.paths import whole_file
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle

Weights = tuple[TensorFile, ...]
Siblings = tuple[list[tuple[TensorFile, Tensor]], ...]
# Names that Adam, its relatives, SGD with momentum and Adafactor give their states (torch.optim, optax).
_STATE = re.compile(
    r"(^|[./])(exp_avg|exp_avg_sq|max_exp_avg_sq|momentum_buffer|exp_avg_sq_(row|col))([./]|$)"
)
_FILES = re.compile(r"(optimizer|scheduler|scaler|rng_state(_\d+)?|random_states_\d+)\.(pt|pth|bin|pkl)")
_RUN_FOLDER = re.compile(r"(^|/)(checkpoints?([-_]\d+)?|global_step\d+)/")
_NUMBER = re.compile(r"(?<![^.])\d+(?![^.])")  # a whole segment of a name
_FLOATS = ("F16", "BF16", "F32", "F64")
MIN_LAYERS = 4  # fewer layers do not tell what is usual
MAX_SHARE = 4  # at most one layer in so many is odd; else the mixture is meant


@rule("WGT023", level="warning", needs="weights", since="2026.2")
def optimizer_state_among_weights(weights: Weights) -> Iterator[Fault]:
    """The released weights hold the state of an optimizer.

    Why: It triples the size of the release and is no part of the model; loaders warn of tensors they did not
        expect.
    Bad:
        # model.safetensors, header
        {"model.w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "optimizer.state.exp_avg": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
        # config.json
        {"model_type": "mine"}
        # fmaudit.yaml
        budget: null
    Good:
        # model.safetensors, header
        {"model.w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # config.json
        {"model_type": "mine"}
        # fmaudit.yaml
        budget: null
    Fix: Save the model's `state_dict` alone, or move the file to `checkpoints/`.
    """
    states = [(file, tensor) for file, tensor in released(weights).values() if _STATE.search(tensor.name)]
    if states:
        file, tensor = states[0]
        more = f" and {len(states) - 1} more tensors belong" if len(states) > 1 else " belongs"
        yield file.at(tensor.name).says(f"`{shown(tensor.name)}`{more} to an optimizer, not to the model")


@rule("WGT024", level="note", needs="bundle", since="2026.2")
def optimizer_file_in_release(bundle: Bundle) -> Iterator[Fault]:
    """A file that training writes for itself lies beside the released weights.

    Why: Nobody needs it to use the model. It is large, it is a pickle, and it may tell of the machine.
    Bad:
        # optimizer.pt, whole file
        state
    Good:
        # checkpoints/optimizer.pt, whole file
        state
    Fix: Remove it, or move it to `checkpoints/` where training is to be resumed from it.
    """
    for file in bundle.files:
        if _FILES.fullmatch(basename(file.path)) and not _RUN_FOLDER.search(file.path):
            yield whole_file(file.path).says("the file is needed to resume training, not to use the model")


@rule("WGT025", level="note", needs="siblings", certainty="likely", since="2026.2")
def layer_in_another_format(siblings: Siblings) -> Iterator[Fault]:
    """One layer's weights are stored in another number format than the same weights of the other layers.

    Why: A layer that was converted twice, or not at all, tells of a file put together from two versions.
    Bad:
        # extra.safetensors, header
        {"layers.0.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
         "layers.1.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [16, 32]},
         "layers.2.w": {"dtype": "F16", "shape": [2, 2], "data_offsets": [48, 56]},
         "layers.3.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [32, 48]}}
    Good:
        # extra.safetensors, header
        {"layers.0.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
         "layers.1.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [16, 32]},
         "layers.2.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [32, 48]},
         "layers.3.w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [48, 64]}}
    Fix: Convert all layers alike; a mixture that is meant needs nothing.
    """
    for layers in siblings:
        usual, count = Counter(tensor.dtype for _, tensor in layers).most_common(1)[0]
        odd = [(file, tensor) for file, tensor in layers if tensor.dtype != usual]
        known = all(tensor.dtype in _FLOATS for _, tensor in layers)
        if odd and known and len(layers) >= MIN_LAYERS and len(odd) * MAX_SHARE <= len(layers):
            file, tensor = odd[0]
            yield file.at(tensor.name).says(
                f"`{shown(tensor.name)}` is {tensor.dtype}, {count} of its {len(layers)} siblings are {usual}"
            )


def is_of_training(path: str) -> bool:
    """Whether a file by its name holds the state of training, and so no copy of the weights."""
    name = basename(path)
    is_state = name == "training_args.bin" or _FILES.fullmatch(name) is not None
    return is_state or _RUN_FOLDER.search(path) is not None


@provides("siblings")
def siblings(bundle: Bundle) -> Siblings | Absent | Unread:
    """The matrices of a folder that have one name but for numbers in it, and one shape."""
    weights = bundle.get("weights")
    if isinstance(weights, Absent | Unread):
        return weights
    groups: dict[tuple[str, str, tuple[int, ...]], list[tuple[TensorFile, Tensor]]] = {}
    for file in weights if isinstance(weights, tuple) else ():
        folder = file.file[: -len(basename(file.file))]
        for tensor in file.tensors:
            if len(tensor.shape) > 1 and _NUMBER.search(tensor.name):
                key = (folder, _NUMBER.sub("#", tensor.name), tensor.shape)
                groups.setdefault(key, []).append((file, tensor))
    return tuple(groups.values())
