"""Scope of the rules about size, training and cost: what honest releases do that looks wrong at first sight."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.readers.markdown import read_markdown
from auditor.rules import load
from auditor.rules.amounts import Amounts
from auditor.rules.chips import chip, chips, how_many
from auditor.statements.model_facts import of_lists
from tests.layers import lay_over

MINE = tuple(
    code
    for code in load()
    if code.startswith(("CLM3", "CLM4")) or code in {f"CLM2{n:02}" for n in range(6, 15)}
)
BARE = "# README.md, whole file\n---\nlicense: apache-2.0\n---\n# Model\n"
HYPER = "### Training hyperparameters\n\nThe following hyperparameters were used during training:\n"
LOG = "### Training results\n\n| Training Loss | Epoch | Step | Validation Loss |\n|:-:|:-:|:-:|:-:|\n"
GPT2 = """# config.json, whole file
{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 100, "n_positions": 32, "n_embd": 8,
 "n_head": 2, "n_layer": 1}
"""
MIXTRAL = """# config.json, whole file
{"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "vocab_size": 10, "hidden_size": 8,
 "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
 "num_local_experts": 4, "num_experts_per_tok": 2, "max_position_embeddings": 16}
"""
BUDGET = """# fmaudit.yaml, whole file
format: 1
release: model 1.0
budget: {params_total: 124439808, tokens_seen: 9999745024, hardware: {chip: A100, count: 8, hours: "%s"}}
"""


@pytest.fixture
def codes(tmp_path):
    """The codes of these rules that speak of a bare card with parts laid over it."""

    def find(*parts):
        lay_over(tmp_path, BARE)
        for part in parts:
            lay_over(
                tmp_path,
                part
                if part.startswith("# ") and "\n" in part and "," in part.split("\n")[0]
                else f"# README.md\n{part}\n",
            )
        return {
            one.code for one in check(Bundle.open(tmp_path), Settings(select=MINE), isolate=False).findings
        }

    return find


def test_a_batch_of_graphcore_has_a_factor_of_its_own(codes):
    items = "- train_batch_size: 2\n- distributed_type: IPU\n- gradient_accumulation_steps: 16\n- total_train_batch_size: 256\n"
    assert codes(HYPER + items) == set()
    assert codes(HYPER + items.replace("IPU", "multi-GPU")) == {"CLM302"}


def test_a_card_without_accumulation_multiplies_by_one(codes):
    items = "- train_batch_size: 8\n- num_devices: 4\n- total_train_batch_size: 32\n"
    assert codes(HYPER + items) == set()


def test_a_card_without_a_total_has_nothing_to_multiply(codes):
    assert codes(HYPER + "- train_batch_size: 8\n- num_devices: 4\n") == set()


def test_streamed_epochs_drift_is_a_note_and_a_tenth_is_let_pass(codes):
    rows = "| 0.9 | 1.0 | 1000 | 0.9 |\n| 0.8 | 2.0 | 2080 | 0.8 |\n"
    assert codes(LOG + rows) == set()
    assert load()["CLM308"].level == "note"


def test_short_epochs_have_leftover_batches(codes):
    rows = "| 0.9 | 0.8 | 1 | 0.9 |\n| 0.8 | 1.6 | 3 | 0.8 |\n| 0.8 | 2.4 | 4 | 0.8 |\n"
    assert codes(LOG + rows) == set()


def test_leftover_micro_batches_do_not_change_the_data(codes):
    """100 examples, batches of 8 in steps of 4: 13 micro-batches are 3 steps, and one is left over."""
    items = "- train_batch_size: 8\n- gradient_accumulation_steps: 4\n- total_train_batch_size: 32\n- num_epochs: 3\n"
    card = HYPER + items + "\n- Training examples: 100\n\n" + LOG + "| 0.9 | 3.0 | 9 | 0.9 |\n"
    assert codes(card) == set()


def test_several_runs_in_one_card_are_not_mixed(codes):
    first = HYPER + "- train_batch_size: 8\n- num_epochs: 1\n\n" + LOG + "| 0.9 | 1.0 | 10 | 0.9 |\n\n"
    second = (
        HYPER.replace("Training h", "Further h")
        + "- train_batch_size: 8\n- num_epochs: 9\n\n"
        + LOG
        + "| 0.9 | 9.0 | 90 | 0.9 |\n"
    )
    assert codes(first + second) == set()


def test_an_epoch_that_ends_a_little_late_is_no_other_run(codes):
    assert codes(HYPER + "- num_epochs: 3\n\n" + LOG + "| 0.9 | 3.02 | 300 | 0.9 |\n") == set()


def test_keras_cards_count_epochs_from_nought(codes):
    table = "### Training results\n\n| Train Loss | Validation Loss | Epoch |\n|:-:|:-:|:-:|\n| 0.9 | 0.8 | 0 |\n| 0.7 | 0.6 | 1 |\n"
    assert codes(HYPER + "- optimizer: {'name': 'Adam', 'learning_rate': 2e-05}\n\n" + table) == set()


def test_tied_weights_are_counted_once_or_twice(codes):
    weights = '# model.safetensors, tensors of config.json\n{"lm_head.weight": [100, 8]}'
    without = 100 * 8 + 32 * 8 + (12 * 64 + 13 * 8) + 2 * 8
    assert codes(GPT2, weights, f"- Parameters: {without:,}") == set()
    assert (
        codes(f"# README.md, whole file\n---\nlicense: mit\n---\n- Parameters: {without + 800:,}\n") == set()
    )
    assert codes("# README.md, whole file\n---\nlicense: mit\n---\n- Parameters: 124,439\n") == {"CLM206"}


def test_masks_of_old_files_are_no_parameters(codes):
    weights = '# model.safetensors, tensors of config.json\n{"transformer.h.0.attn.bias": [1, 1, 32, 32]}'
    assert codes(GPT2, weights, f"- Parameters: {100 * 8 + 32 * 8 + (12 * 64 + 13 * 8) + 2 * 8:,}") == set()


def test_quantised_weights_are_not_counted(codes):
    header = '# model.safetensors, header\n{"x": {"dtype": "I32", "shape": [2], "data_offsets": [0, 8]}}'
    assert codes(header, "A model with 7B parameters.") == set()


def test_an_adapter_has_the_parameters_of_its_base(codes):
    header = '# adapter_model.safetensors, header\n{"x.lora_A.weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}'
    assert (
        codes(
            '# adapter_config.json, whole file\n{"r": 8}',
            header,
            "An adapter for a model with 7B parameters.",
        )
        == set()
    )


def test_a_table_of_several_models_states_nothing_of_this_one(codes):
    table = "| Model | Parameters | Context length |\n|---|---|---|\n| 7B | 7B | 4k |\n| 13B | 13B | 4k |\n"
    assert codes(GPT2, "# model.safetensors, tensors of config.json\n{}", table) == set()


def test_a_mixture_is_measured_by_its_active_parameters(codes):
    weights = "# model.safetensors, tensors of config.json\n{}"
    assert codes(MIXTRAL, weights, "- Total parameters: 2,008\n- Active parameters: 1,240") == set()
    assert codes("- Active parameters: 2,008") != set()


def test_a_mixture_without_active_parameters_is_not_held_to_its_total(codes):
    weights = "# model.safetensors, tensors of config.json\n{}"
    budget = BUDGET % "0.0000000001"
    assert codes(MIXTRAL, weights, budget) == set()


def test_a_fine_tune_may_count_the_compute_of_its_base(codes):
    assert codes(BUDGET % "0.001") == {"CLM401"}
    assert codes("# README.md, whole file\n---\nbase_model: gpt2\n---\n# Model\n") == set()


def test_an_unknown_chip_is_not_held_to_any_rate(codes):
    assert codes((BUDGET % "0.001").replace("A100", "Z9000")) == set()


def test_training_in_fp8_may_exceed_the_16_bit_rate(codes):
    assert codes(BUDGET % "1.20") == {"CLM403"}
    assert codes("It was trained in FP8.") == set()


def test_hours_used_may_be_of_one_chip_or_of_all(codes):
    text = "- **Hardware Type:** NVIDIA V100 (8 GPUs)\n- **Hours used:** 236.7 hours\n- **Total Energy Consumed:** 755.55 kWh\n- **Total Carbon Emitted:** 491.104 kg CO2eq\n"
    assert codes(text) == set()


def test_nought_carbon_is_an_offset(codes):
    assert codes("The run used 400 kWh and emitted 0 kg of CO2.") == set()


def test_a_context_that_is_shorter_than_the_positions_is_no_fault(codes):
    assert codes(GPT2, "- Context length: 16") == set()
    assert codes("- Context length: 16\n\nOther models have 8k context.") == set()
    assert codes("# README.md, whole file\n---\nlicense: mit\n---\n- Context length: 8k\n") == {"CLM210"}


@pytest.mark.parametrize(
    ("heading", "doubted"),
    [
        ("Small-7B", True),
        ("Model Card for Small-7B", True),
        ("Small 7B", True),
        ("A judge distilled from Large-7B", False),
        ("A draft model for Large-7B", False),
        ("Small-8x7B", False),
        ("Small-30B-A3B", False),
        ("Small 0.002M", False),
    ],
)
def test_a_heading_names_the_size_of_this_model(heading, doubted, codes):
    card = f"# README.md, whole file\n---\nlicense: mit\n---\n# {heading}\n"
    found = codes(GPT2, "# model.safetensors, tensors of config.json\n{}", card)
    assert found == ({"CLM207"} if doubted else set())


def test_a_padded_vocabulary_is_no_fault(codes):
    assert codes('# config.json, whole file\n{"vocab_size": 50304}', "- Vocabulary size: 50,257") == set()


@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        ("NVIDIA A100-SXM4-80GB", "A100", 1),
        ("4xH100", "H100", 4),
        ("A6000x2", "A6000", 2),
        ("NVIDIA V100 (8x GPUs)", "V100", 8),
        ("TPU v3-8", "TPU v3", 1),
        ("8 x RTX 4090", "RTX 4090", 8),
        ("A100 and V100", None, 1),
        ("Apple M1", None, 1),
        ("", None, 1),
    ],
)
def test_a_chip_is_known_by_the_names_people_give_it(text, name, count):
    found = chip(text)
    assert (found.name if found else None, how_many(text)) == (name, count)


def test_no_chip_is_faster_at_16_bits_than_at_all():
    assert all(0 < one.tflops <= one.most for one in chips().values())
    assert all(one.watts is None or 20 < one.watts <= 1000 for one in chips().values())


@given(
    n=st.integers(50, 10**6),
    device=st.sampled_from([1, 2, 4, 8, 16, 32]),
    devices=st.sampled_from([1, 2, 8]),
    accumulation=st.sampled_from([1, 2, 4]),
    epochs=st.integers(1, 12),
    leftover=st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_no_honest_run_is_doubted(n, device, devices, accumulation, epochs, leftover):
    """Cards as the Trainer writes them, of runs that were simulated with and without leftover micro-batches."""
    micro = -(-n // (device * devices))
    steps = max(-(-micro // accumulation) if leftover else micro // accumulation, 1)
    items = [f"- train_batch_size: {device}", f"- num_epochs: {epochs}"]
    items += [f"- num_devices: {devices}"] * (devices > 1)
    items += [f"- gradient_accumulation_steps: {accumulation}"] * (accumulation > 1)
    items += [f"- total_train_batch_size: {device * devices * accumulation}"]
    rows = [f"| 0.5 | {epoch}.0 | {steps * epoch} | 0.6 |" for epoch in range(1, epochs + 1)]
    text = (
        f"# Model\n\n- Training examples: {n:,}\n\n"
        + HYPER
        + "\n".join(items)
        + "\n\n"
        + LOG
        + "\n".join(rows)
    )
    card = read_markdown("README.md", text + "\n")
    amounts = Amounts({one.name: (one,) for one in of_lists(card)})
    faults = [*load()["CLM303"].run(card, amounts)]
    for code in ("CLM301", "CLM302", "CLM305", "CLM306", "CLM307", "CLM308"):
        faults += load()[code].run(card)
    assert faults == []


# duration, emissions, emissions_rate, cpu, gpu, ram, energy_consumed of codecarbon's tables on the hub, 2023 and 2024.
MEASURED = """
299.7817449569702,0.016563636840486076,5.5252319793066694e-05,0.0035390831,0.0277428433,0.0026061340,0.0338880606
4251.8744423389435,0.22799894330652132,5.3623159949450384e-05,0.05019565398,0.37931154011,0.03696294718,0.46647014128
38115.6783618927,1.902573047700639,4.991575985179878e-05,0.9528742625,3.6553566216,0.4986943486,5.1069252328
1434.4216041564941,0.00032245048879,2.2479477990e-07,0.001441429603,0.000458912012,0.002884500181,0.004784841798
554.2081344127655,0.00015379434004,2.775028558e-07,0.006542585306,0,0.05815249035,0.06469507565
4600.945932149887,0.2315601471929,5.0328812945e-05,0.0543084107,0.3794731535,0.0399700480,0.4737516123
16803.414182901382,0.007290563515,4.3387393993e-07,0.008076271469,0.067004633833,0.033103743991,0.108184649293
15315.366523265839,0.0908778971256,5.933772266e-06,0.180805696376,1.646406068391,1.603566940569,3.430778705336
13233.158681154251,0.007578821270492,5.727144556e-07,0.156219364009,2.342175038183,0.689710019326,3.188104421519
134.38721823692322,4.698072759247677e-05,3.495922321e-07,6.91291712e-05,0.000342907977,0.000142301095,0.000554338243
59.549744844436646,0.008350089492199713,0.00014022040756,0.001860903605,0.015463341509,0.006242474777,0.023566719892
9308.583595275879,1.385938374417654,0.00014888821271,0.334874979465,1.346777811488,0.493453182562,2.175105973517
4198.856112241745,0.0038916446920244,9.268344968e-07,0.04956925347,1.36802592348,0.21946277793,1.63705795490
"""


@pytest.mark.parametrize("row", MEASURED.split(), ids=lambda row: row.split(",")[0])
def test_a_table_that_codecarbon_wrote_is_not_doubted(row, codes):
    header = "timestamp,duration,emissions,emissions_rate,cpu_energy,gpu_energy,ram_energy,energy_consumed"
    grams = float(row.split(",")[1]) * 1000
    table = f"# emissions.csv, whole file\n{header}\n2024-05-27T11:31:35,{row}\n"
    assert (
        codes(table, f"# README.md, whole file\n---\nco2_eq_emissions: {grams:.3g}\n---\n# Model\n") == set()
    )
