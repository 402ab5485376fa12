"""Which architectures are known, and in which file each is written; only the one that is met is imported.

To add a family: a function `(fields, head) -> Layout` in the file of its kin, a line here, and its variants
in tests/shapes/test_families.py, which compares it with the model that transformers builds.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.shapes.fields import Fields, Untold

if TYPE_CHECKING:
    from auditor.shapes.layout import Layout, Shape

_DECODER = "Model ForCausalLM ForSequenceClassification ForTokenClassification"
_CLASSES = "ForSequenceClassification ForTokenClassification ForQuestionAnswering"
_ENCODER = f"Model ForMaskedLM {_CLASSES} ForMultipleChoice"
_SEQ2SEQ = "Model ForConditionalGeneration"

BASE = ("Model", "TextModel", "EncoderModel")  # heads of models without one, whose names have no prefix


@dataclass(frozen=True, slots=True)
class Family:
    """Architectures of one `model_type`.

    Attributes:
        module: the file under auditor/shapes/.
        function: the function in it.
        stem: what begins the names of its classes in transformers.
        heads: what ends them, each with a blank between; the part that says what the model is for.
    """

    module: str
    function: str
    stem: str
    heads: str

    def architectures(self) -> dict[str, str]:
        """The head by the full class name."""
        return {self.stem + head: head for head in self.heads.split()}


FAMILIES = {
    "llama": Family("llama", "llama", "Llama", _DECODER),
    "granite": Family("llama", "llama", "Granite", "Model ForCausalLM"),
    "smollm3": Family("llama", "smollm3", "SmolLM3", _DECODER),
    "mistral": Family("llama", "mistral", "Mistral", _DECODER),
    "qwen2": Family("llama", "qwen2", "Qwen2", _DECODER),
    "qwen3": Family("llama", "qwen3", "Qwen3", _DECODER),
    "gemma": Family("llama", "gemma", "Gemma", _DECODER),
    "gemma2": Family("llama", "gemma2", "Gemma2", _DECODER),
    "gemma3_text": Family("llama", "gemma3", "Gemma3", "TextModel ForCausalLM"),
    "olmo": Family("llama", "olmo", "Olmo", "Model ForCausalLM"),
    "olmo2": Family("llama", "olmo2", "Olmo2", "Model ForCausalLM"),
    "mixtral": Family("experts", "mixtral", "Mixtral", _DECODER),
    "qwen2_moe": Family("experts", "qwen2_moe", "Qwen2Moe", _DECODER),
    "qwen3_moe": Family("experts", "qwen3_moe", "Qwen3Moe", _DECODER),
    "phi": Family("phi", "phi", "Phi", _DECODER),
    "phi3": Family("phi", "phi3", "Phi3", _DECODER),
    "stablelm": Family("phi", "stablelm", "StableLm", _DECODER),
    "starcoder2": Family("phi", "starcoder2", "Starcoder2", _DECODER),
    "gpt2": Family(
        "gpt",
        "gpt2",
        "GPT2",
        f"Model LMHeadModel {_CLASSES}",
    ),
    "gpt_bigcode": Family("gpt", "gpt_bigcode", "GPTBigCode", _DECODER),
    "gpt_neo": Family("gpt", "gpt_neo", "GPTNeo", f"{_DECODER} ForQuestionAnswering"),
    "gptj": Family("gpt", "gptj", "GPTJ", "Model ForCausalLM ForSequenceClassification"),
    "codegen": Family("gpt", "codegen", "CodeGen", "Model ForCausalLM"),
    "gpt_neox": Family("gpt", "gpt_neox", "GPTNeoX", f"{_DECODER} ForQuestionAnswering"),
    "opt": Family("bloom", "opt", "OPT", "Model ForCausalLM ForSequenceClassification ForQuestionAnswering"),
    "bloom": Family("bloom", "bloom", "Bloom", f"{_DECODER} ForQuestionAnswering"),
    "falcon": Family("bloom", "falcon", "Falcon", f"{_DECODER} ForQuestionAnswering"),
    "mpt": Family("bloom", "mpt", "Mpt", f"{_DECODER} ForQuestionAnswering"),
    "mamba": Family("mamba", "mamba", "Mamba", "Model ForCausalLM"),
    "bert": Family(
        "bert", "bert", "Bert", f"{_ENCODER} ForPreTraining ForNextSentencePrediction LMHeadModel"
    ),
    "roberta": Family("bert", "roberta", "Roberta", f"{_ENCODER} ForCausalLM"),
    "xlm-roberta": Family("bert", "xlm_roberta", "XLMRoberta", f"{_ENCODER} ForCausalLM"),
    "camembert": Family("bert", "xlm_roberta", "Camembert", f"{_ENCODER} ForCausalLM"),
    "electra": Family("bert", "electra", "Electra", f"{_ENCODER} ForPreTraining ForCausalLM"),
    "distilbert": Family("encoders", "distilbert", "DistilBert", _ENCODER),
    "albert": Family("encoders", "albert", "Albert", f"{_ENCODER} ForPreTraining"),
    "deberta-v2": Family("encoders", "deberta_v2", "DebertaV2", _ENCODER.removesuffix(" ForMultipleChoice")),
    "mpnet": Family("encoders", "mpnet", "MPNet", _ENCODER),
    "modernbert": Family("encoders", "modernbert", "ModernBert", _ENCODER),
    "t5": Family(
        "t5",
        "t5",
        "T5",
        f"{_SEQ2SEQ} EncoderModel {_CLASSES}",
    ),
    "mt5": Family(
        "t5",
        "mt5",
        "MT5",
        f"{_SEQ2SEQ} EncoderModel {_CLASSES}",
    ),
    "umt5": Family("t5", "umt5", "UMT5", f"{_SEQ2SEQ} EncoderModel"),
    "bart": Family("bart", "bart", "Bart", f"{_SEQ2SEQ} ForSequenceClassification ForQuestionAnswering"),
    "mbart": Family("bart", "mbart", "MBart", f"{_SEQ2SEQ} ForSequenceClassification ForQuestionAnswering"),
    "pegasus": Family("bart", "pegasus", "Pegasus", _SEQ2SEQ),
    "marian": Family("bart", "marian", "Marian", "Model MTModel"),
    "m2m_100": Family("bart", "m2m_100", "M2M100", _SEQ2SEQ),
    "whisper": Family("speech", "whisper", "Whisper", _SEQ2SEQ),
    "wav2vec2": Family(
        "speech", "wav2vec2", "Wav2Vec2", "Model ForPreTraining ForCTC ForSequenceClassification"
    ),
    "hubert": Family("speech", "hubert", "Hubert", "Model ForCTC ForSequenceClassification"),
    "vit": Family("vision", "vit", "ViT", "Model ForImageClassification"),
    "deit": Family(
        "vision", "deit", "DeiT", "Model ForImageClassification ForImageClassificationWithTeacher"
    ),
    "dinov2": Family("vision", "dinov2", "Dinov2", "Model ForImageClassification"),
    "clip": Family("clip", "clip", "CLIP", "Model ForImageClassification"),
    "clip_text_model": Family("clip", "clip_text", "CLIPText", "Model ModelWithProjection"),
    "clip_vision_model": Family("clip", "clip_vision", "CLIPVision", "Model ModelWithProjection"),
    "siglip": Family("clip", "siglip", "Siglip", "Model ForImageClassification"),
}


def shapes(config: Mapping[str, Any]) -> dict[str, Shape]:
    """Name and shape of every tensor of the model that a config.json describes, optional ones left out.

    Raises:
        Untold: as `layout`.
    """
    written, (_, head) = layout(config), architecture(config)
    prefix = written.prefix if head in BASE else ""
    return {name.removeprefix(prefix): shape for name, shape in written.required().items()}


def layout(config: Mapping[str, Any]) -> Layout:
    """What the checkpoint of the model that a config.json describes holds.

    Raises:
        Untold: its architecture is not known here, or the config says something that is not.
    """
    family, head = architecture(config)
    write = getattr(import_module(f"auditor.shapes.{family.module}"), family.function)
    written: Layout = write(Fields(config), head)
    return written


def architecture(config: Mapping[str, Any]) -> tuple[Family, str]:
    """The family of a config and the head of its architecture.

    Raises:
        Untold: one of them is not known here.
    """
    kind, named = config.get("model_type"), config.get("architectures")
    family = FAMILIES.get(kind) if isinstance(kind, str) else None
    if family is None:
        raise Untold(f"the tensors of `model_type` `{shown(str(kind))}` are not known here")
    if not isinstance(named, list) or len(named) != 1 or not isinstance(named[0], str):
        raise Untold("config.json does not name one class under `architectures`")
    head = family.architectures().get(named[0])
    if head is None:
        raise Untold(f"`{shown(named[0])}` is no class of `model_type` `{kind}` whose tensors are known here")
    return family, head
