"""The output embedding, which is a tensor of its own or the input embedding once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.rules.checkpoint import Checkpoint
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.rules.contents import Contents


@rule("ARC205", level="error", needs=("checkpoint", "contents"), klass="inconsistent", since="2026.2")
def tied_embeddings_differ(checkpoint: Checkpoint, contents: Contents) -> Iterator[Fault]:
    """The output embedding is said to be the input embedding, and the weights hold two different ones.

    Why: Loaders that believe config.json throw the trained output embedding away and compute with the other;
        loaders that believe the weights do not. The two give different answers.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1, "tie_word_embeddings": true}
        # model.safetensors, tensors of config.json
        {"lm_head.weight": [10, 8]}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1, "tie_word_embeddings": false}
        # model.safetensors, tensors of config.json
        {"lm_head.weight": [10, 8]}
        # fmaudit.yaml
        budget: null
    Fix: Set `tie_word_embeddings` to false if the output embedding was trained apart, else leave it out.
    """
    layout, found = checkpoint.expected.layout, checkpoint.result.found
    first, second = found.get(layout.vocabulary), found.get(layout.tied_output)
    if first is None or second is None:
        return
    one, other = checkpoint.tensors[first], checkpoint.tensors[second]
    alike = (one[1].dtype, one[1].shape) == (other[1].dtype, other[1].shape)
    if alike and one[1].end - one[1].begin == other[1].end - other[1].begin and not contents.same(one, other):
        stated = checkpoint.expected.config.get("tie_word_embeddings")
        told = "true" if stated is True else "by default true"
        yield checkpoint.expected.at("tie_word_embeddings").says(
            f"`tie_word_embeddings` is {told}, and `{layout.tied_output}` differs from `{layout.vocabulary}`",
            checkpoint.at(layout.tied_output),
            checkpoint.at(layout.vocabulary),
        )


@rule("ARC206", level="error", needs="checkpoint", klass="inconsistent", since="2026.2")
def output_embedding_missing(checkpoint: Checkpoint) -> Iterator[Fault]:
    """The output embedding is neither in the weights nor tied to the input embedding.

    Why: Loaders start it with random values, and the model answers with noise.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1, "tie_word_embeddings": false}
        # model.safetensors, tensors of config.json
        {"lm_head.weight": null}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_positions": 4,
         "n_embd": 8, "n_head": 2, "n_layer": 1, "tie_word_embeddings": true}
        # model.safetensors, tensors of config.json
        {"lm_head.weight": null}
        # fmaudit.yaml
        budget: null
    Fix: Set `tie_word_embeddings` to true if the model was trained so, or ship the tensor.
    """
    missing = checkpoint.result.missing_output
    if missing:
        stated = (
            "by default false"
            if "tie_word_embeddings" not in checkpoint.expected.config.mapping()
            else "false"
        )
        yield checkpoint.expected.at("tie_word_embeddings").says(
            f"`tie_word_embeddings` is {stated}, and the weights hold no `{missing}`", checkpoint.file()
        )
