"""Forgeries of training, cost and size of the model, which rules of the family CLM are meant to find."""

from tests.forgeries.forging import Forgery

_TRAINER, _PRE = "trainer", "pretraining"
_HYPER = "- train_batch_size: 16\n"
_CODECARBON = """# emissions.csv, whole file
timestamp,duration,emissions,emissions_rate,cpu_energy,gpu_energy,ram_energy,energy_consumed
2026-05-27T11:31:35,300.0,{emissions},0.0000553,0.0035,0.0277,0.0026,{energy}
"""
_MIXTURE = """# config.json, whole file
{"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "vocab_size": 10, "hidden_size": 8,
 "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
 "num_local_experts": 4, "num_experts_per_tok": 2, "max_position_embeddings": 16}
"""


def _card(code, name, base, *swaps):
    """A forgery of texts of the card alone."""
    return Forgery(code, name, base, swaps=tuple(("README.md", old, new) for old, new in swaps))


def _added(code, name, base, text):
    """A forgery that writes further lines into the card."""
    return Forgery(code, name, base, parts=f"# README.md\n{text}\n")


FORGERIES = [
    _card(
        "CLM206",
        "more parameters than the weights hold",
        _TRAINER,
        ("36,770 parameters", "63,770 parameters"),
    ),
    Forgery(
        "CLM206",
        "a table of parameters that the architecture does not have",
        _PRE,
        swaps=(
            ("README.md", "124M parameters (124,439,808 with tied embeddings)", "decoder"),
            ("README.md", "124,439,808", "117,000,000"),
        ),
    ),
    _card(
        "CLM207",
        "a heading that makes the model larger",
        _PRE,
        ("# small-english-lm\n", "# small-english-1B\n"),
    ),
    _card(
        "CLM207", "a size in `model-index`", _TRAINER, ("- name: film-sentences-tiny", "- name: film-110M")
    ),
    Forgery(
        "CLM208",
        "an index with the parameters of another model",
        _TRAINER,
        parts='# model.safetensors.index.json\n{"metadata": {"total_parameters": 333312}, "weight_map": {}}',
    ),
    _added(
        "CLM209",
        "more active parameters than there are",
        _TRAINER,
        "- Parameters: 36,770\n- Active parameters: 1M",
    ),
    _card("CLM210", "a context twice as long", _PRE, ("Context length | 1024", "Context length | 2048")),
    _added(
        "CLM210", "a long context in a sentence", _TRAINER, "It reads sentences with a context length of 8k."
    ),
    _card("CLM211", "the vocabulary of another tokenizer", _PRE, ("| 50,257 |", "| 32,000 |")),
    _added("CLM212", "classes that the head does not have", _TRAINER, "It sorts sentences into 5 classes."),
    _card("CLM213", "twice as many layers", _PRE, ("| Layers | 12 |", "| Layers | 24 |")),
    _card("CLM213", "a wider model", _PRE, ("| Hidden size | 768 |", "| Hidden size | 1024 |")),
    Forgery("CLM215", "half the memory", _TRAINER, parts="# README.md\n- Tensor type: BF16\n"),
    _card(
        "CLM415",
        "twice the tokens of the budget",
        _PRE,
        ("| 9,999,745,024 |", "| 19,999,490,048 |"),
        ("10.0B tokens", "20.0B tokens"),
    ),
    Forgery(
        "CLM214",
        "fewer active parameters than a token meets",
        "good",
        parts="# README.md\n- Active parameters: 400\n"
        + _MIXTURE
        + "# model.safetensors, tensors of config.json\n{}",
    ),
    _card(
        "CLM301",
        "a total batch smaller than that of a device",
        _TRAINER,
        (_HYPER, "- train_batch_size: 32\n- total_train_batch_size: 16\n"),
    ),
    _card(
        "CLM301",
        "a total batch of more devices than are named",
        _TRAINER,
        (_HYPER, _HYPER + "- num_devices: 2\n- total_train_batch_size: 64\n"),
    ),
    _card(
        "CLM302",
        "a total batch with a factor that nothing explains",
        _TRAINER,
        (_HYPER, _HYPER + "- gradient_accumulation_steps: 2\n- total_train_batch_size: 128\n"),
    ),
    Forgery(
        "CLM303",
        "ten times the training data",
        _TRAINER,
        swaps=(
            ("all_results.json", '"train_samples": 192', '"train_samples": 1920'),
            ("train_results.json", '"train_samples": 192', '"train_samples": 1920'),
        ),
    ),
    _added(
        "CLM303", "data of a known size and steps of a part of it", _TRAINER, "- Training examples: 18,949"
    ),
    _card("CLM304", "twice the tokens of a batch", _PRE, ("| 524,288 |", "| 1,048,576 |")),
    _card("CLM304", "ten times the steps", _PRE, ("| Steps | 19,073 |", "| Steps | 190,730 |")),
    _card(
        "CLM305",
        "warm-up that training never left",
        _TRAINER,
        ("- num_epochs: 3", "- lr_scheduler_warmup_steps: 500\n- num_epochs: 3"),
    ),
    _card("CLM306", "a log of more epochs than were run", _TRAINER, ("- num_epochs: 3", "- num_epochs: 2")),
    _card(
        "CLM306", "a log of more steps than were run", _TRAINER, ("- num_epochs: 3", "- training_steps: 24")
    ),
    _card("CLM307", "a row of another run in the log", _TRAINER, ("| 3.0   | 36   |", "| 3.0   | 18   |")),
    _card(
        "CLM308", "an epoch twice as long as the others", _TRAINER, ("| 3.0   | 36   |", "| 3.0   | 60   |")
    ),
    _card(
        "CLM309",
        "scores of a run whose loss was lost",
        _TRAINER,
        ("| 0.3381          |", "| nan             |"),
    ),
    Forgery(
        "CLM310",
        "operations of a model a hundred times larger",
        _TRAINER,
        swaps=(("trainer_state.json", '"num_input_tokens_seen": 0', '"num_input_tokens_seen": 100'),),
    ),
    Forgery(
        "CLM311",
        "another learning rate than the recipe's",
        "good",
        parts="# README.md\n### Training hyperparameters\n- learning_rate: 0.003\n",
    ),
    Forgery(
        "CLM311",
        "a seed that the recipe does not list",
        "good",
        parts="# README.md\n### Training hyperparameters\n- seed: 1234\n",
    ),
    _card(
        "CLM312", "more epochs than the run's own file has", _TRAINER, ("- num_epochs: 3", "- num_epochs: 30")
    ),
    Forgery(
        "CLM312",
        "another learning rate than the training arguments",
        _TRAINER,
        parts='# training_args.json\n{"learning_rate": 0.0003, "num_train_epochs": 3, "seed": 42}',
    ),
    Forgery(
        "CLM313",
        "half the runtime",
        _TRAINER,
        swaps=(
            ("all_results.json", '"train_runtime": 21.6', '"train_runtime": 10.8'),
            ("train_results.json", '"train_runtime": 21.6', '"train_runtime": 10.8'),
        ),
    ),
    Forgery(
        "CLM314",
        "results after more epochs than the state has",
        _TRAINER,
        swaps=(
            ("all_results.json", '"epoch": 3.0', '"epoch": 6.0'),
            ("train_results.json", '"epoch": 3.0', '"epoch": 6.0'),
        ),
    ),
    Forgery(
        "CLM315",
        "more steps done than planned",
        _TRAINER,
        swaps=(("trainer_state.json", '"max_steps": 36', '"max_steps": 24'),),
    ),
    Forgery(
        "CLM401",
        "tokens that the chips could not have read",
        _PRE,
        swaps=(("fmaudit.yaml", "9999745024", "9999745024000"),),
    ),
    Forgery(
        "CLM401",
        "a hundredth of the hours",
        _PRE,
        swaps=(("fmaudit.yaml", 'hours: "2.7"', 'hours: "0.027"'),),
    ),
    _card(
        "CLM402",
        "hours of one chip for hours of eight",
        _PRE,
        ("8 NVIDIA A100-SXM4-80GB for 2.7 hours", "1 NVIDIA A100-SXM4-80GB for 0.7 hours"),
    ),
    Forgery(
        "CLM403", "a third of the hours", _PRE, swaps=(("fmaudit.yaml", 'hours: "2.7"', 'hours: "0.80"'),)
    ),
    Forgery(
        "CLM404", "a hundred times the hours", _PRE, swaps=(("fmaudit.yaml", 'hours: "2.7"', 'hours: "270"'),)
    ),
    _card("CLM405", "operations below a limit of the law", _PRE, ("7.466e+18 FLOPs", "7.466e+16 FLOPs")),
    _added("CLM406", "kWh for MWh", _PRE, "Pretraining took 21.6 A100 GPU hours. It used 8640 kWh."),
    _added(
        "CLM407", "tonnes for kilograms", _PRE, "All runs used 10.80 kWh. They emitted 4.32 tonnes of CO2."
    ),
    Forgery(
        "CLM408",
        "a front matter that is a tenth of the text",
        _TRAINER,
        parts="# README.md\n---\nco2_eq_emissions: 0.3512\n---\n- CO2 Emissions (in grams): 3.5120\n",
    ),
    Forgery(
        "CLM409",
        "energy without the GPU",
        _TRAINER,
        parts=_CODECARBON.format(emissions="0.0166", energy="0.0061"),
    ),
    Forgery(
        "CLM410",
        "emissions divided by ten",
        _TRAINER,
        parts=_CODECARBON.format(emissions="0.00166", energy="0.0338"),
    ),
    Forgery(
        "CLM411",
        "kilograms published as grams",
        _TRAINER,
        parts="# README.md\n---\nco2_eq_emissions: 0.0166\n---\n"
        + _CODECARBON.format(emissions="0.0166", energy="0.0338"),
    ),
    _added("CLM412", "ten times the chip-hours", _PRE, "In all it took 216 A100 GPU hours."),
    _added(
        "CLM413",
        "data from after the release",
        _TRAINER,
        "- Knowledge cutoff: March 2026\n- Release date: March 1, 2025",
    ),
    _added("CLM414", "data from the future", _TRAINER, "- Knowledge cutoff: March 2095"),
    _added(
        "CLM416",
        "carbon of a hundred times the hours",
        _TRAINER,
        "- **Hardware Type:** A100\n- **Hours used:** 10\n- **Carbon Emitted:** 1.2 tonnes",
    ),
]
