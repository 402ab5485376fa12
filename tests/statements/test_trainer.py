"""What is read of cards that the Trainer wrote, of files of runs, and of tables and lists of two columns."""

import pytest

from auditor.bundle import Bundle
from auditor.readers.markdown import read_markdown
from auditor.statements.amount import amount
from auditor.statements.model_facts import of_lists, of_tables
from auditor.statements.quantities import quantities
from auditor.statements.trainer import hyperparameters, logs


def body(text):
    return read_markdown("README.md", f"# Model\n\n{text}\n")


def test_hyperparameters_are_read_under_their_heading_alone():
    items = "- learning_rate: 2e-05\n- train_batch_size: 16\n- seed: 42\n- optimizer: Adam with betas=(0.9,0.999)\n"
    (found,) = hyperparameters(body("### Training hyperparameters\n\n" + items))
    assert found.whole("train_batch_size") == 16
    assert float(found.numbers["learning_rate"][0].value) == 2e-05
    assert found.texts["optimizer"][0].startswith("Adam")
    assert hyperparameters(body("### Usage\n\n" + items)) == ()


def test_warmup_below_one_is_a_ratio():
    (found,) = hyperparameters(body("### Training hyperparameters\n- lr_scheduler_warmup_steps: 0.1\n"))
    assert "warmup_ratio" in found.numbers
    assert "warmup_steps" not in found.numbers


def test_a_log_is_a_table_of_epochs_and_steps():
    text = (
        "| Training Loss | Epoch | Step | Validation Loss |\n|:-:|:-:|:-:|:-:|\n| No log | 1.0 | 62 | nan |\n"
    )
    (log,) = logs(body(text))
    (row,) = log.rows
    assert (row.step, row.epoch.text, len(row.diverged)) == (62, "1.0", 1)
    assert logs(body(text.replace("Step", "Round"))) == ()


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("7.24B", 7.24e9, ""),
        ("~20 hours", 20, "hours"),
        ("124,439,808", 124439808, ""),
        ("**4096** tokens", 4096, "tokens"),
        ("23.19 kg CO2eq", 23.19, "kg co2eq"),
        ("5 kg (estimated)", 5, "kg"),
        ("3.3e22", 3.3e22, ""),
        ("8k", 8000, ""),
    ],
)
def test_a_short_text_is_an_amount(text, value, unit):
    found, words = amount(text)
    assert (float(found.value), words) == (pytest.approx(value), unit)


@pytest.mark.parametrize(
    "text", ["", "unknown", "7B to 13B", "[More Information Needed]", "up to 8k", "x" * 500, "-"]
)
def test_a_text_that_is_no_amount_is_none(text):
    assert amount(text) is None


def test_a_table_of_two_columns_states_facts_and_one_of_several_models_those_of_each():
    text = "| Parameters | 124M |\n|---|---|\n| Layers | 12 |\n| Context length | 1024 tokens |\n"
    assert [one.name for one in of_tables(body(text))] == ["params_total", "layers", "context_length"]
    several = "| Model | Parameters | Layers |\n|---|---|---|\n| A | 7B | 32 |\n| B | 13B | 40 |\n"
    assert [one.label for one in of_tables(body(several))] == ["A 7B", "B 13B"]
    named = "| Model | Parameters |\n|---|---|\n| A | 7B |\n| B | 13B |\n"
    assert [one.label for one in of_tables(body(named))] == ["A 7B", "B 13B"]


def test_units_of_carbon_are_grams():
    text = "- **Carbon Emitted:** 12 kg\n- CO2 Emissions (in grams): 3.5123\n- Carbon Emitted: 7\n"
    assert [float(one.value.value) for one in of_lists(body(text))] == [12_000, 3.5123]


def test_steps_of_a_sampler_are_no_training_steps():
    table = "\n\n| Setting | Value |\n|---|---|\n| Steps | 50 |\n"
    assert list(of_tables(body("## Sampling" + table))) == []
    assert [one.name for one in of_tables(body("## Training" + table))] == ["steps"]


def test_files_of_a_run_are_read(tmp_path):
    (tmp_path / "trainer_state.json").write_text('{"global_step": 300, "max_steps": -1, "total_flos": 1e15}')
    (tmp_path / "training_args.json").write_text(
        '{"learning_rate": 5e-05, "seed": true, "warmup_steps": "10"}'
    )
    run = tmp_path / "mlruns" / "0" / "abc" / "params"
    run.mkdir(parents=True)
    (run / "seed").write_text("7")
    (run / "model").write_text("bert")
    found = {(one.source, one.name): one.value.text for one in quantities(Bundle.open(tmp_path))}
    assert found == {
        ("trainer state", "steps_done"): "300",
        ("trainer state", "trainer_flops"): "1000000000000000.0",
        ("training arguments", "learning_rate"): "5e-05",
        ("training arguments", "warmup_steps"): "10",
        ("mlflow", "seed"): "7",
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"duration,emissions\n1",
        b"duration,emissions\n" + b'"',
        b"a,b\n1,2\n",
        b"\x00" * 100,
    ],
)
def test_a_broken_table_of_codecarbon_is_no_table(tmp_path, raw):
    (tmp_path / "emissions.csv").write_bytes(raw)
    assert [one for one in quantities(Bundle.open(tmp_path)) if one.source == "codecarbon"] == []


def test_a_table_of_codecarbon_is_read_in_grams(tmp_path):
    row = "2024-05-27T11:31:35,299.78,0.0166,0.0339\n"
    (tmp_path / "emissions.csv").write_text("timestamp,duration,emissions,energy_consumed\n" + row)
    found = {one.name: float(one.value.value) for one in quantities(Bundle.open(tmp_path))}
    assert found == {"co2_g": 16.6, "energy_kwh": 0.0339}
