"""Plain releases in the manner of transformers, laid for tests: a config, its tensors, and what is changed."""

import json
import math

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.shapes.families import shapes
from tests.layers import numbers, safetensors

LLAMA = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "tie_word_embeddings": False,
}
GPT2 = {
    "model_type": "gpt2",
    "architectures": ["GPT2LMHeadModel"],
    "vocab_size": 50,
    "n_embd": 16,
    "n_head": 2,
    "n_layer": 3,
    "n_positions": 12,
}
BERT = {
    "model_type": "bert",
    "architectures": ["BertForMaskedLM"],
    "vocab_size": 96,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 40,
}


def tensors(config):
    """Shapes by name, as transformers saves the model of this config."""
    return {name: tuple(map(int, shape)) for name, shape in shapes(config).items()}


def weights(path, found, dtypes=None, metadata=None, same=()):
    """A file with these tensors; `same` are pairs of which the second has the bytes of the first."""
    header, end = {}, 0
    for name, shape in found.items():
        dtype = (dtypes or {}).get(name, "F32")
        size = {"F32": 4, "BF16": 2, "I64": 8, "U8": 1, "BOOL": 1, "I32": 4}[dtype] * math.prod(shape)
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    data = bytearray(numbers(path.name, header))
    for first, second in same:
        (begin, stop), (there, _) = (header[name]["data_offsets"] for name in (first, second))
        data[there : there + stop - begin] = data[begin:stop]
    text = json.dumps({"__metadata__": {"format": "pt"} | (metadata or {})} | header)
    path.write_bytes(safetensors(text, bytes(data)))


def lay(folder, config, found=None, **how):
    """A release in `folder`: config.json and model.safetensors; returns the folder."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    weights(folder / "model.safetensors", tensors(config) if found is None else found, **how)
    return folder


def told(folder, **options):
    """What the rules of architecture find, each as code and message; other families are left out."""
    findings = check(Bundle.open(folder, **options), isolate=False).findings
    return [(one.code, one.message) for one in findings if one.code.startswith("ARC")]


def outcome(folder, code):
    """How one rule ended, and why."""
    (found,) = [one for one in check(Bundle.open(folder), isolate=False).outcomes if one.code == code]
    return found.state, found.reason
