"""What the front matter says of the models that this one comes from, and of the one that follows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.edits import meant
from auditor.rules.front import is_hub_id, texts
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import MarkdownDocument

_ADAPTER = "adapter_config.json"
_MERGE = ("mergekit_config.yml", "mergekit_config.yaml")
_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".keras", ".msgpack", ".onnx", ".gguf")
_RELATIONS = ("adapter", "finetune", "merge", "quantized")


@rule("CARD026", level="warning", needs=("card", "bundle"), since="2026.2")
def base_model_not_named(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """The release is an adapter or a merge, and the card does not name what it was made of.

    Why: `base_model` is what licences, model trees and users follow; without it a derivative looks like a
        model of its own.
    Bad:
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
    Good:
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
        # README.md
        ---
        base_model: example/base
        ---
    Fix: Add `base_model` with the name of each model on the hub. A path on one machine in the adapter's own
        file is told by ARC311.
    Source: https://huggingface.co/docs/hub/model-cards#specifying-a-base-model
    """
    if card.front is None or card.get("base_model"):
        return
    adapter = bundle.document(_ADAPTER) if bundle.has(_ADAPTER) else None
    base = adapter.get("base_model_name_or_path") if isinstance(adapter, Document) else None
    if isinstance(adapter, Document) and isinstance(base, str) and is_hub_id(base):
        yield card.at("base_model").says(
            f"no `base_model`, and the adapter was trained on `{shown(base)}`",
            adapter.at("base_model_name_or_path"),
            help=f"add `base_model: {shown(base)}`",
        )
        return
    merged = next((name for name in _MERGE if bundle.has(name)), "")
    if merged:
        message = f"no `base_model`, and `{merged}` says that the model is a merge"
        yield card.at("base_model").says(message, help="list the models that were merged")


@rule("CARD027", level="note", needs=("card", "bundle"), since="2026.2", certainty="hint")
def quantised_without_base(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """All weights are quantised GGUF files, and the card does not name the model that was quantised.

    Why: Who reads the card cannot tell whose model it is, nor under which terms it was passed on.
    Bad:
        # model.safetensors, absent
        # fmaudit.yaml
        components: null
        # digits-Q4_K_M.gguf, header
        {"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [8]}]}
    Good:
        # model.safetensors, absent
        # fmaudit.yaml
        components: null
        # digits-Q4_K_M.gguf, header
        {"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [8]}]}
        # README.md
        ---
        base_model: example/digits
        ---
    Fix: Add `base_model`; nothing where the model was published as GGUF in the first place.
    Source: https://huggingface.co/docs/hub/gguf and https://huggingface.co/docs/hub/model-cards
    """
    if card.front is None or card.get("base_model"):
        return
    weights = [file.path for file in bundle.files if file.path.endswith(_WEIGHTS)]
    if weights and all(path.endswith(".gguf") for path in weights):
        quantised = [path for path in weights if re.search(r"[-._](?:i?q\d)", path.lower())]
        if quantised:
            yield card.at("base_model").says(
                f"no `base_model`, and `{shown(quantised[0])}` is a quantised model"
            )


@rule("CARD028", level="error", needs="card", since="2026.2")
def base_model_without_id(card: MarkdownDocument) -> Iterator[Fault]:
    """`base_model` is a path, a URL or a sentence, and not the name of a model on the hub.

    Why: The hub refuses the card: `"base_model" with value "Kokoro 82M" is not valid. Use a model id from
        https://hf.co/models`. Trainers write the path of one machine there when they load the base from disk.
    Bad:
        # README.md
        ---
        base_model: /home/me/models/base
        ---
    Good:
        # README.md
        ---
        base_model: example/base
        ---
    Fix: Write `owner/name` as the hub has it.
    Source: https://github.com/huggingface/autotrain-advanced/issues/651 and
        https://github.com/huggingface/trl/issues/1873
    """
    for path, text in texts(card, "base_model"):
        if text and not is_hub_id(text):
            message = f"`{shown(text)}` is no name of a model on the hub, expected `owner/name`"
            yield card.at(*path).says(message)


@rule("CARD029", level="warning", needs="card", since="2026.2")
def unknown_relation(card: MarkdownDocument) -> Iterator[Fault]:
    """`base_model_relation` is none of the relations that the hub has, or relates to nothing.

    Why: The hub then guesses the relation, and may show a quantised copy as a model that was trained further.
    Bad:
        # README.md
        ---
        base_model: example/base
        base_model_relation: quantised
        ---
    Good:
        # README.md
        ---
        base_model: example/base
        base_model_relation: quantized
        ---
    Fix: Use `adapter`, `finetune`, `merge` or `quantized`, beside `base_model`.
    Source: https://huggingface.co/docs/hub/model-cards#specifying-a-base-model
    """
    relation = card.get("base_model_relation")
    if not isinstance(relation, str):
        return
    if relation not in _RELATIONS:
        yield card.at("base_model_relation").says(
            f"`{shown(relation)}` is no relation that the hub knows",
            help=near_miss(relation, _RELATIONS) or "the relations are " + ", ".join(_RELATIONS),
            fix=meant(card, ("base_model_relation",), _RELATIONS),
        )
    elif not card.get("base_model"):
        yield card.at("base_model_relation").says(f"`{relation}` of nothing: there is no `base_model`")


@rule("CARD030", level="warning", needs=("card", "bundle"), since="2026.2", certainty="likely")
def relation_contradicts_files(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """The relation to the base model is another than the files show.

    Why: A model tree that lists an adapter as a whole model sends people to files that they cannot run.
    Bad:
        # model.safetensors, absent
        # fmaudit.yaml
        components: null
        # config.json, absent
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
        # adapter_model.safetensors, header
        {"base_model.model.q.lora_A.weight": {"dtype": "F32", "shape": [8, 3], "data_offsets": [0, 96]},
         "base_model.model.q.lora_B.weight": {"dtype": "F32", "shape": [3, 8], "data_offsets": [96, 192]}}
        # README.md
        ---
        base_model: example/base
        base_model_relation: finetune
        ---
    Good:
        # README.md
        ---
        base_model: [example/base, example/other]
        base_model_relation: merge
        ---
    Fix: Correct `base_model_relation`, or leave it out: the hub knows adapters by their files.
    Source: https://huggingface.co/docs/hub/model-cards#specifying-a-base-model
    """
    relation = card.get("base_model_relation")
    if relation not in _RELATIONS:
        return
    place = card.at("base_model_relation")
    weights = [file.path for file in bundle.files if file.path.endswith(_WEIGHTS)]
    alone = bool(weights) and all(path.rpartition("/")[2].startswith("adapter") for path in weights)
    if relation != "adapter" and bundle.has(_ADAPTER) and alone:
        yield place.says(f"the relation is `{relation}`, and the only weights are those of an adapter")
    bases = list(texts(card, "base_model"))
    if relation == "merge" and len(bases) == 1 and not any(bundle.has(name) for name in _MERGE):
        yield place.says("the relation is `merge`, and `base_model` names one model", card.at("base_model"))


@rule("CARD031", level="warning", needs="card", since="2026.2")
def successor_without_id(card: MarkdownDocument) -> Iterator[Fault]:
    """`new_version` is not the name of another model on the hub.

    Why: The hub shows a banner that leads there: a wrong one leads nowhere, or in a circle.
    Bad:
        # README.md
        ---
        new_version: v2
          of this model
        ---
    Good:
        # README.md
        ---
        new_version: example/digits-cnn-2
        ---
    Fix: Write `owner/name` of the newer model. Whether it exists is not looked at.
    Source: https://huggingface.co/docs/hub/model-cards#specifying-a-new-version
    """
    successor = card.get("new_version")
    if not isinstance(successor, str) or not successor:
        return
    place = card.at("new_version")
    own = {card.get(*path, "name") for path, _ in card.items("model-index")}
    if not is_hub_id(successor):
        yield place.says(f"`{shown(successor)}` is no name of a model on the hub, expected `owner/name`")
    elif "/" in successor and successor in own:
        yield place.says(f"`{shown(successor)}` is this model itself")
    elif successor in [text for _, text in texts(card, "base_model")]:
        yield place.says(
            f"`{shown(successor)}` is the base of this model, and cannot be its newer version",
            card.at("base_model"),
        )
