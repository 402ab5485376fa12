"""The tensors of a transformers checkpoint against those that config.json says it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.rules.checkpoint import Checkpoint, listed, shape_text
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.shapes.explanation import Cause

_MOST_GROUPS = 20  # findings of one kind; beyond them the weights are of another model


@rule("ARC109", level="error", needs="checkpoint", klass="inconsistent", since="2026.2")
def layer_count_differs(checkpoint: Checkpoint) -> Iterator[Fault]:
    """config.json gives the model another number of layers than the weights have.

    Why: Layers that are missing start with random values, and layers that are too many are dropped without a
        word: either way another model runs than was trained.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 2}
        # model.safetensors, tensors of config.json
        {}
        # config.json
        {"n_layer": 1}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 2}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Fix: Write the number of layers that were trained, or ship all of them.
    """
    for stack in checkpoint.result.stacks:
        if stack.height != stack.expected:
            field = stack.expected.fields[0][0]
            yield checkpoint.expected.at(field).says(
                f"`{field}` is {int(stack.expected)}, the weights hold {stack.height} layers `{stack.stem}*`",
                checkpoint.file(),
            )


@rule("ARC110", level="error", needs="checkpoint", since="2026.2")
def layer_missing_between(checkpoint: Checkpoint) -> Iterator[Fault]:
    """A layer is missing from the weights although layers above it are there.

    Why: The missing layer starts with random values, through which everything that follows must pass. Often
        a shard was left out, or layers were renumbered after pruning and one was forgotten.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 3}
        # model.safetensors, tensors of config.json
        {"transformer.h.1": null}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 3}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Fix: Ship the layer, or number the layers anew.
    """
    for stack in checkpoint.result.stacks:
        if stack.gaps:
            gaps = ", ".join(map(str, stack.gaps[:8])) + (" and others" if len(stack.gaps) > 8 else "")
            plural = "s" if len(stack.gaps) > 1 else ""
            yield checkpoint.file().says(
                f"the weights lack layer{plural} {gaps} of `{stack.stem}*` and hold {stack.height - 1}",
                checkpoint.expected.at(stack.expected.fields[0][0]),
            )


@rule("ARC201", level="error", needs="checkpoint", klass="inconsistent", since="2026.2")
def architecture_tensor_missing(checkpoint: Checkpoint) -> Iterator[Fault]:
    """The weights lack a tensor of the architecture that config.json describes.

    Why: Loaders fill the gap with random values and say so in a log that nobody reads; the published numbers
        cannot come from it.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {"transformer.h.0.mlp.c_fc.bias": null}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Fix: Ship the tensor, or correct the field of config.json that asks for it.
    """
    result, name = checkpoint.result, checkpoint.expected.architecture
    places = checkpoint.file(), checkpoint.expected.config.at("architectures")
    if not result.found:
        helped = f"take `{result.wrapper}` from the beginning of every name" if result.wrapper else ""
        yield places[0].says(
            f"the weights hold none of the {len(result.missing)} tensors of `{name}`", places[1], help=helped
        )
        return
    for patterns, tensors in _grouped(result.missing):
        yield places[0].says(
            f"`{name}` has {listed(patterns)}, the weights do not{_how_many(patterns, tensors)}", places[1]
        )


@rule("ARC202", level="warning", needs="checkpoint", klass="inconsistent", since="2026.2")
def tensor_of_no_layer(checkpoint: Checkpoint) -> Iterator[Fault]:
    """The weights hold a tensor that the architecture in config.json does not have.

    Why: Loaders drop it. Either it is not needed, or a field of config.json is wrong and part of what was
        trained is lost.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {"transformer.h.0.ln_3.weight": [8]}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Fix: Correct the field of config.json that decides of the tensor, or remove it.
    """
    unexpected = checkpoint.result.unexpected if checkpoint.result.found else ()  # ARC201 says that
    for patterns, tensors in _grouped(unexpected):
        yield checkpoint.at(tensors[0]).says(
            f"the weights hold {listed(patterns)}, `{checkpoint.expected.architecture}` does not"
            f"{_how_many(patterns, tensors)}",
            checkpoint.expected.config.at("architectures"),
        )


@rule("ARC203", level="error", needs="checkpoint", klass="inconsistent", since="2026.2")
def shape_differs_from_config(checkpoint: Checkpoint) -> Iterator[Fault]:
    """Tensors have other shapes than a field of config.json gives them.

    Why: The weights cannot be loaded into the model that config.json describes.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # config.json
        {"n_embd": 16}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Fix: Write the value that the weights were trained with, or ship the weights that belong to config.json.
    """
    for cause in checkpoint.causes[:_MOST_GROUPS]:
        if not _is_of_labels(cause):
            yield _shape_fault(checkpoint, cause)


@rule("ARC204", level="error", needs="checkpoint", klass="inconsistent", since="2026.2")
def label_count_differs(checkpoint: Checkpoint) -> Iterator[Fault]:
    """The classifier has another number of outputs than config.json has labels.

    Why: Loading fails, or with the error switched off the classifier starts anew with random values.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"], "vocab_size": 10,
         "n_positions": 4, "n_embd": 8, "n_head": 2, "n_layer": 1, "id2label": {"0": "no", "1": "yes"}}
        # model.safetensors, tensors of config.json
        {"score.weight": [3, 8]}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"], "vocab_size": 10,
         "n_positions": 4, "n_embd": 8, "n_head": 2, "n_layer": 1,
         "id2label": {"0": "no", "1": "yes", "2": "unclear"}}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Fix: List every label under `id2label`, in the order of the classifier's outputs.
    """
    for cause in checkpoint.causes[:_MOST_GROUPS]:
        if _is_of_labels(cause):
            first = cause.differences[0]
            yield checkpoint.expected.at(cause.field).says(
                f"config.json has {cause.stated} labels, `{first.name}` has {cause.met} outputs",
                checkpoint.at(first.name),
            )


@rule("ARC207", level="warning", needs="checkpoint", klass="inconsistent", since="2026.2")
def head_missing(checkpoint: Checkpoint) -> Iterator[Fault]:
    """The weights are those of the base model; the head that config.json names is not among them.

    Why: Whoever loads the named class gets a head of random values.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"], "vocab_size": 10,
         "n_positions": 4, "n_embd": 8, "n_head": 2, "n_layer": 1, "id2label": {"0": "no", "1": "yes"}}
        # model.safetensors, tensors of config.json
        {"score.weight": null}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2Model"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1}
        # model.safetensors, tensors of config.json
        {}
        # fmaudit.yaml
        budget: null
    Fix: Name the class that was saved under `architectures`, or ship the head.
    """
    missing = checkpoint.result.missing_heads
    if missing:
        yield checkpoint.expected.config.at("architectures").says(
            f"`{checkpoint.expected.architecture}` has {listed(missing)}, the weights do not",
            checkpoint.file(),
        )


def _is_of_labels(cause: Cause) -> bool:
    return cause.field in ("id2label", "num_labels")


def _shape_fault(checkpoint: Checkpoint, cause: Cause) -> Fault:
    from auditor.shapes.comparison import pattern
    from auditor.shapes.explanation import formula

    first, count = cause.differences[0], len(cause.differences)
    met, expected = shape_text(first.met), shape_text(first.expected)
    if cause.field:
        more = f", and {count - 1} more differ" if count > 1 else ""
        return checkpoint.expected.at(cause.field).says(
            f"`{cause.field}` is {cause.stated}, the weights say {cause.met} "
            f"(`{first.name}` is {met}, not {expected}{more})",
            checkpoint.at(first.name),
        )
    names, told = [one.name for one in cause.differences], formula(first)
    why = f" from {told}" if told else ""
    return checkpoint.at(first.name).says(
        f"{listed(list(dict.fromkeys(map(pattern, names))))} {'is' if count == 1 else 'are'} {met}, "
        f"`{checkpoint.expected.architecture}` has {expected}{why}",
        checkpoint.expected.config.at("model_type"),
    )


def _grouped(names: Sequence[str]) -> list[tuple[list[str], list[str]]]:
    """Names in groups of the same layers: their patterns, and the names; so that one cause is one finding."""
    from auditor.shapes.comparison import pattern

    numbers: dict[str, list[str]] = {}
    for name in names:
        numbers.setdefault(pattern(name), []).append(name)
    groups: dict[tuple[tuple[str, ...], ...], tuple[list[str], list[str]]] = {}
    for form, tensors in numbers.items():
        layers = tuple(tuple(part for part in name.split(".") if part.isdigit()) for name in tensors)
        patterns, members = groups.setdefault(layers, ([], []))
        patterns.append(form if len(tensors) > 1 else tensors[0])
        members.extend(tensors)
    return list(groups.values())[:_MOST_GROUPS]


def _how_many(patterns: Sequence[str], tensors: Sequence[str]) -> str:
    return f" ({len(tensors):,} tensors)" if len(tensors) > len(patterns) else ""
