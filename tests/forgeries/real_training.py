"""Published wrong numbers on size, training and cost of models: the numbers and where they stood, no foreign text."""

from tests.forgeries.real_cases import Case

_HUB = "a model card on the Hugging Face Hub, collected before May 2023: "
_GPT2 = """# config.json, whole file
{{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 50257, "n_positions": 1024,
 "n_embd": {width}, "n_head": {heads}, "n_layer": {layers}}}
"""
_VIT = """# config.json, whole file
{"model_type": "vit", "architectures": ["ViTForImageClassification"], "hidden_size": 768, "num_hidden_layers": 12,
 "num_attention_heads": 12, "intermediate_size": 3072, "image_size": 224, "patch_size": 16, "num_channels": 3}
"""
_QWEN = """# config.json, whole file
{"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "vocab_size": 152064, "hidden_size": 3584,
 "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28, "num_key_value_heads": 4,
 "max_position_embeddings": 131072, "tie_word_embeddings": false}
"""


def _card(*lines):
    return "# README.md\n" + "\n".join(lines) + "\n"


def _hyperparameters(*items):
    return _card("### Training hyperparameters", "", *(f"- {item}" for item in items))


CASES = [
    Case(
        "CLM206",
        "github.com/openai/gpt-2, README.md before its correction: the small model",
        "the architecture has 124,439,808 parameters, 117M were stated",
        _GPT2.format(width=768, heads=12, layers=12) + _card("The small model has 117M parameters."),
    ),
    Case(
        "CLM206",
        "github.com/openai/gpt-2, README.md before its correction: the medium model",
        "the architecture has 354,823,168 parameters, 345M were stated",
        _GPT2.format(width=1024, heads=16, layers=24) + _card("The model has 345M parameters."),
    ),
    Case(
        "CLM206",
        "github.com/open-mmlab/mmpretrain, configs/mff/README.md against its metafile: ViT-B",
        "a ViT-B/16 has 86.57 M parameters, 304.33 M were stated, which is a ViT-L",
        _VIT + _card("- Parameters: 304.33 M"),
    ),
    Case(
        "CLM302",
        f"{_HUB}alexandrainst_scandi-nli-base",
        "8 times 2 is 16, the total is printed as 32, and no devices are named",
        _hyperparameters(
            "train_batch_size: 8", "gradient_accumulation_steps: 2", "total_train_batch_size: 32"
        ),
    ),
    Case(
        "CLM301",
        f"{_HUB}RASMUS_wav2vec2-xlsr-1b-et",
        "32 a device is more than the 16 that are printed as the total",
        _hyperparameters("train_batch_size: 32", "total_train_batch_size: 16"),
    ),
    Case(
        "CLM303",
        f"{_HUB}22 cards such as *_my_awesome_billsum_model",
        "62 steps of 16 are at most 992 examples, the train split of billsum has 18,949",
        _hyperparameters("train_batch_size: 16", "num_epochs: 4")[:-1]
        + "\n\n- Training examples: 18,949\n\n| Training Loss | Epoch | Step | Validation Loss |\n|---|---|---|---|\n"
        + "".join(f"| No log | {epoch}.0 | {62 * epoch} | 2.5 |\n" for epoch in (1, 2, 3, 4)),
    ),
    Case(
        "CLM304",
        "github.com/EleutherAI/pythia, issue 39: the tokens of a batch",
        "143,000 batches of 2,097,152 are 299,892,736,000 tokens, 4M a batch were stated",
        _card("- Training steps: 143,000", "- Tokens per batch: 4M", "- Training tokens: 299,892,736,000"),
    ),
    Case(
        "CLM206",
        "github.com/huggingface/huggingface_hub, issue 4221: what the hub showed",
        "the architecture has 7,615,616,512 parameters, the hub showed 333,312",
        _QWEN + _card("- Parameters: 333,312"),
    ),
]
