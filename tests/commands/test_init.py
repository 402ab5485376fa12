"""`fmaudit init` writes what the files of a snapshot say, leaves the rest to fill, and destroys nothing."""

import json
import os
import struct
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.cli import run
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.formats.conformance import is_to_fill
from auditor.formats.draft_manifest import manifest
from auditor.formats.draft_recipe import recipe
from auditor.formats.said import Said
from auditor.formats.yaml_text import noted, number, quoted
from auditor.readers.yaml import read_yaml

CARD = """---
license: apache-2.0
model-index:
- name: tiny-bert
  results:
  - task: {type: text-classification}
    dataset: {name: GLUE MRPC, type: glue, split: validation}
    metrics:
    - type: accuracy
      value: 0.8550
    - type: loss
      value: 4.1e-1
    - type: agreement
      value: 97.5%
    - type: f1
      value: about 0.9
---
# tiny-bert

## Training procedure

### Training hyperparameters

The following hyperparameters were used during training:
- learning_rate: 5e-05
- train_batch_size: 8
- gradient_accumulation_steps: 4
- total_train_batch_size: 32
- seed: 42
- optimizer: Adam with betas=(0.9,0.999) and epsilon=1e-08
- lr_scheduler_type: linear
- num_epochs: 3.0

### Framework versions

- Transformers 4.26.0
- Pytorch 1.13.1+cu117
"""


def write_weights(path, tensors):
    """A safetensors file of zeros: `{"w": ("F32", [2, 3])}`."""
    sizes = {"F32": 4, "F16": 2, "I64": 8, "I8": 1}
    header, end = {}, 0
    for name, (dtype, shape) in tensors.items():
        begin = end
        end += sizes[dtype] * (shape[0] if shape else 1) * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))


@pytest.fixture
def snapshot(tmp_path):
    folder = tmp_path / "tiny-bert"
    folder.mkdir()
    (folder / "README.md").write_text(CARD)
    (folder / "config.json").write_text('{"model_type": "bert", "hidden_size": 128}')
    write_weights(folder / "model.safetensors", {"a.weight": ("F32", [4, 3]), "a.bias": ("F32", [4])})
    return folder


def drafted(text):
    return read_yaml("draft.yaml", text).value


def filled(value):
    """The value with every place that is still to fill left out."""
    if isinstance(value, dict):
        kept = {key: filled(item) for key, item in value.items() if not is_to_fill(item)}
        return {key: item for key, item in kept.items() if item != {}}
    return [filled(item) for item in value] if isinstance(value, list) else value


def test_the_manifest_says_what_the_files_say(snapshot):
    draft = filled(drafted(manifest(Bundle.open(snapshot))))
    claims = draft.pop("claims")
    assert draft == {
        "format": 1,
        "license": "apache-2.0",
        "components": [
            {"component": "Model architecture", "path": "config.json"},
            {"component": "Model parameters (Final)", "path": "model.safetensors"},
            {"component": "Model card", "path": "README.md"},
        ],
        "budget": {"params_total": 16},
    }
    assert claims[0] == {
        "id": "accuracy-glue-mrpc-validation",
        "metric": {"type": "accuracy"},
        "value": "0.8550",
        "data": {"split": "validation"},
    }
    assert [claim.get("value") for claim in claims] == ["0.8550", "4.1e-1", "97.5", None]
    assert claims[1]["metric"] == {"type": "loss", "lower_is_better": True}
    assert claims[2]["metric"] == {"type": "agreement", "unit": "percent"}


def test_the_recipe_says_what_the_card_of_a_trainer_says(snapshot):
    assert filled(drafted(recipe(Bundle.open(snapshot)))) == {
        "format": 1,
        "optimizer": {"kind": "adam", "lr": 5e-05, "betas": [0.9, 0.999], "eps": 1e-08},
        "schedule": {"kind": "linear"},
        "training": {"epochs": 3, "batch_size": 32},
        "seeds": {"values": [42]},
        "environment": {"torch": "1.13.1"},
    }


def test_each_value_tells_the_line_it_was_read_from(snapshot):
    text = recipe(Bundle.open(snapshot))
    assert "  lr: 5.0e-05  # README.md, line 25\n" in text
    assert "  kind: linear  # README.md, line 31\n" in text
    assert "# config.json, line 1, says `bert`\n" in text


def test_settings_in_json_are_read_where_the_card_says_nothing(tmp_path):
    (tmp_path / "training_args.json").write_text(
        '{"learning_rate": 1e-4, "num_train_epochs": 2.5, "optim": "adamw"}'
    )
    (tmp_path / "trainer_state.json").write_text('{"train_batch_size": 16, "num_train_epochs": 3}')
    draft = drafted(recipe(Bundle.open(tmp_path)))
    assert (draft["optimizer"]["lr"], draft["training"]["batch_size"]) == (1e-4, 16)
    assert is_to_fill(draft["training"]["epochs"])
    assert draft["optimizer"]["kind"] == "adamw"


LEARNING = [
    (["optim: sgd", "momentum: 0.9"], "optimizer", {"kind": "sgd", "momentum": 0.9}),
    (["optimizer: adamw_torch", "weight_decay: 0.1"], "optimizer", {"kind": "adamw", "weight_decay": 0.1}),
    (["optim: OptimizerNames.ADAMW_HF"], "optimizer", {"kind": "adamw"}),
    (["optim: lion", "beta1: 0.95", "beta2: 0.98"], "optimizer", {"kind": "lion", "betas": [0.95, 0.98]}),
    (["optim: adafactor"], "optimizer", {"kind": "adafactor"}),
    (["optim: paged_adamw_8bit"], "optimizer", {}),
    (["lr_scheduler_type: cosine", "warmup_steps: 10"], "schedule", {"kind": "cosine", "warmup_steps": 10}),
    (["lr_scheduler_type: cosine", "lr_scheduler_warmup_ratio: 0.1"], "schedule", {"kind": "cosine"}),
    (["lr_scheduler_type: inverse_sqrt"], "schedule", {"kind": "inverse-square-root"}),
    (["scheduler: MultiStepLR"], "schedule", {"kind": "step"}),
    (["scheduler: OneCycleLR"], "schedule", {"kind": "one-cycle"}),
    (["scheduler: polynomial"], "schedule", {}),
    (["loss: CrossEntropyLoss"], "loss", {"kind": "cross-entropy"}),
    (["criterion: mse"], "loss", {"kind": "mse"}),
]


@pytest.mark.parametrize(("said", "table", "kept"), LEARNING)
def test_losses_optimizers_and_schedules_are_drafted_by_their_names(tmp_path, said, table, kept):
    body = "## Hyperparameters\n" + "".join(f"- {line}\n" for line in said)
    lay_card(tmp_path, "{type: accuracy, value: 0.5}", body=body)
    assert faults_of_the_draft(tmp_path) == []
    assert filled(drafted((tmp_path / "recipe.yaml").read_text())).get(table, {}) == kept


def test_a_reference_model_brings_its_parameters(tmp_path):
    config = {
        "model_type": "cnn",
        "parameters": {"height": 8, "width": 8, "classes": 10, "padding": "same"},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    model = drafted(recipe(Bundle.open(tmp_path)))["model"]
    assert model["reference"] == "cnn"
    assert model["parameters"] == config["parameters"]


def test_buffers_and_packed_weights_are_not_counted(tmp_path):
    tensors = {"w": ("F16", [2, 2]), "bn.running_mean": ("F32", [2]), "bn.num_batches_tracked": ("I64", [])}
    write_weights(tmp_path / "model.safetensors", tensors)
    assert drafted(manifest(Bundle.open(tmp_path)))["budget"] == {"params_total": 4}
    write_weights(tmp_path / "model.safetensors", {"w": ("I8", [2, 2])})
    assert is_to_fill(drafted(manifest(Bundle.open(tmp_path)))["budget"]["params_total"])


def test_a_folder_that_says_nothing_gives_a_draft_that_invents_nothing(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    bundle = Bundle.open(tmp_path)
    assert filled(drafted(manifest(bundle))) == {"format": 1, "components": [], "claims": []}
    assert filled(drafted(recipe(bundle))) == {"format": 1}


@pytest.mark.parametrize("licence", ["other", "unknown", "[mit, apache-2.0]", "null"])
def test_a_licence_that_names_no_licence_is_left_to_fill(tmp_path, licence):
    (tmp_path / "README.md").write_text(f"---\nlicense: {licence}\n---\n")
    assert is_to_fill(drafted(manifest(Bundle.open(tmp_path)))["license"])


def test_two_claims_never_share_a_name(tmp_path):
    metric = "{type: accuracy, value: 0.5}"
    front = f"model-index: [{{name: m, results: [{{task: {{type: t}}, metrics: [{metric}, {metric}]}}]}}]"
    (tmp_path / "README.md").write_text(f"---\n{front}\n---\n")
    claims = drafted(manifest(Bundle.open(tmp_path)))["claims"]
    assert [claim["id"] for claim in claims] == ["accuracy", "accuracy-2"]


def test_a_draft_begins_with_the_schema_for_editors(snapshot):
    assert run(["init", str(snapshot)]) == 0
    for name in ("fmaudit", "recipe"):
        first = (snapshot / f"{name}.yaml").read_text().splitlines()[0]
        assert first == f"# yaml-language-server: $schema=https://fmaudit.dev/schemas/1/{name}.schema.json"


def test_check_reports_each_place_that_is_left_and_no_other_fault_of_schema(snapshot, capsys):
    assert run(["init", str(snapshot)]) == 0
    listed = [
        line.split(": ")[0].strip() for line in capsys.readouterr().out.splitlines() if line.startswith("  ")
    ]
    findings = check(Bundle.open(snapshot), Settings(("SCH",))).findings
    assert {finding.code for finding in findings} == {"SCH003"}
    spans = [finding.spans[0] for finding in findings]
    assert [f"{span.file}:{span.line}:{span.column}" for span in spans] == listed
    assert len(listed) > 10


def test_check_exits_1_on_a_fresh_draft(snapshot, capsys):
    run(["init", str(snapshot)])
    assert run(["check", str(snapshot)]) == 1
    assert "SCH003" in capsys.readouterr().out


def test_files_that_are_there_are_kept(snapshot, capsys):
    (snapshot / "recipe.yaml").write_text("mine")
    assert run(["init", str(snapshot)]) == 0
    assert (snapshot / "recipe.yaml").read_text() == "mine"
    assert (snapshot / "fmaudit.yaml").exists()
    assert "kept recipe.yaml" in capsys.readouterr().out


def test_with_both_there_it_does_nothing_and_says_so(snapshot, capsys):
    for name in ("fmaudit.yaml", "recipe.yaml"):
        (snapshot / name).write_text("mine")
    assert run(["init", str(snapshot)]) == 2
    assert "--force" in capsys.readouterr().err
    assert (snapshot / "fmaudit.yaml").read_text() == "mine"


def test_force_replaces_them(snapshot):
    for name in ("fmaudit.yaml", "recipe.yaml"):
        (snapshot / name).write_text("mine")
    assert run(["init", str(snapshot), "--force"]) == 0
    assert (snapshot / "fmaudit.yaml").read_text().startswith("# yaml-language-server")


@pytest.mark.parametrize("flags", [[], ["--force"]])
def test_a_link_is_refused_and_what_it_points_to_is_untouched(snapshot, tmp_path, flags, capsys):
    (tmp_path / "precious").write_text("mine")
    (snapshot / "recipe.yaml").symlink_to(tmp_path / "precious")
    assert run(["init", str(snapshot), *flags]) == 2
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (snapshot / "fmaudit.yaml").exists()
    assert "recipe.yaml" in capsys.readouterr().err


def test_a_link_waiting_under_the_temporary_name_is_not_written_through(snapshot, tmp_path, capsys):
    (tmp_path / "precious").write_text("mine")
    (snapshot / f".fmaudit.yaml.{os.getpid()}.partial").symlink_to(tmp_path / "precious")
    assert run(["init", str(snapshot)]) == 4
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_full_disk_leaves_nothing_behind(snapshot, monkeypatch, capsys):
    def full(_):
        raise OSError(28, "No space left on device")

    before = sorted(snapshot.iterdir())
    monkeypatch.setattr(os, "fsync", full)
    assert run(["init", str(snapshot)]) == 4
    assert sorted(snapshot.iterdir()) == before
    assert "no space left on device" in capsys.readouterr().err


def test_a_file_in_place_of_a_folder_and_a_missing_folder_exit_4(snapshot, capsys):
    assert run(["init", str(snapshot / "config.json")]) == 4
    assert run(["init", str(snapshot / "nowhere")]) == 4
    assert capsys.readouterr().out == ""


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_drafted(snapshot, capsys):
    (snapshot / "README.md").write_text("---\nlicense: [\n---\n")
    assert run(["init", str(snapshot)]) == 0
    assert "nothing was taken from README.md" in capsys.readouterr().out
    assert "params_total: 16" in (snapshot / "fmaudit.yaml").read_text()


def test_what_a_file_says_cannot_break_out_of_the_draft(tmp_path):
    evil = "x\nrelease: evil\u2028release: evil\x85release: evil # "
    config = {"model_type": evil, "parameters": {evil: evil}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "README.md").write_text(f"---\nlicense: {json.dumps(evil)}\n---\n")
    bundle = Bundle.open(tmp_path)
    assert drafted(manifest(bundle))["license"] == evil
    assert "release" not in drafted(recipe(bundle))


def faults_of_the_draft(folder):
    """What `check` says of schema, recipe and claims at the two drafted files.

    Left out are places to fill, and that the seeds which the card tells could have been chosen (REC008).
    """
    assert run(["init", str(folder)]) == 0
    found = check(Bundle.open(folder), Settings(("SCH", "REC", "CLM")), isolate=False).findings
    files = ("fmaudit.yaml", "recipe.yaml")
    passed = ("SCH003", "REC008")
    return [f"{f.code}: {f.message}" for f in found if f.code not in passed and f.spans[0].file in files]


def lay_card(folder, metric, split="{}", body=""):
    result = f"{{task: {{type: t}}, dataset: {split}, metrics: [{metric}]}}"
    (folder / "README.md").write_text(f"---\nmodel-index: [{{name: m, results: [{result}]}}]\n---\n{body}")


REFUSED = [
    ("learning_rate", "-1"),
    ("learning_rate", "1e399"),
    ("train_batch_size", "0"),
    ("num_epochs", "1e7"),
    ("seed", "99999999999999999999999999"),
    ("optimizer", "Adam with betas=(1.5,2) and epsilon=0"),
    ("adam_beta1", "0.9"),
]


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_a_setting_that_the_schema_refuses_is_left_to_fill_and_told(tmp_path, name, text):
    lay_card(tmp_path, "{type: f1, value: 0.5}", body=f"## Hyperparameters\n- {name}: {text}\n")
    assert faults_of_the_draft(tmp_path) == []
    met = "1.5, 2" if name == "optimizer" else text
    assert f"says `{met}`" in (tmp_path / "recipe.yaml").read_text()


@pytest.mark.parametrize("value", ["1e5", "true", "about 0.9", "1e5%", '" 0.5 "', "97.5%", "0.855"])
def test_a_value_is_copied_only_where_the_schema_takes_it(tmp_path, value):
    lay_card(tmp_path, f"{{type: accuracy, value: {value}}}")
    assert faults_of_the_draft(tmp_path) == []


@pytest.mark.parametrize("split", ["validation", "train", "test", "5", "'no'", "a: b"])
def test_the_splits_are_train_and_those_that_the_card_measures_on(tmp_path, split):
    lay_card(
        tmp_path, "{type: accuracy, value: 0.5}", f"{{name: d, split: {json.dumps(split.strip(chr(39)))}}}"
    )
    assert faults_of_the_draft(tmp_path) == []
    known = drafted((tmp_path / "recipe.yaml").read_text())["data"]["splits"]
    assert list(known) == list(dict.fromkeys(["train", split.strip("'")]))


def test_splits_that_nothing_names_are_left_to_fill(tmp_path):
    lay_card(tmp_path, "{type: accuracy, value: 0.5}")
    assert faults_of_the_draft(tmp_path) == []
    assert is_to_fill(drafted((tmp_path / "recipe.yaml").read_text())["data"]["splits"])


def test_a_manifest_that_is_kept_names_splits_too(tmp_path):
    (tmp_path / "fmaudit.yaml").write_text("claims: [{data: {split: held-out}}]")
    run(["init", str(tmp_path)])
    assert list(drafted((tmp_path / "recipe.yaml").read_text())["data"]["splits"]) == ["train", "held-out"]


def test_a_split_that_a_kept_recipe_lacks_is_left_to_fill(tmp_path):
    lay_card(tmp_path, "{type: accuracy, value: 0.5}", "{split: validation}")
    (tmp_path / "recipe.yaml").write_text("format: 1\ndata: {splits: {train: {}, test: {}}}")
    run(["init", str(tmp_path)])
    assert is_to_fill(drafted((tmp_path / "fmaudit.yaml").read_text())["claims"][0]["data"]["split"])


@pytest.mark.parametrize("parameters", [{"dim": 5}, {"height": 8}, {"height": 8.5}, {"height": [1]}, None])
def test_parameters_that_a_reference_model_refuses_are_left_to_fill(tmp_path, parameters):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "cnn", "parameters": parameters}))
    assert faults_of_the_draft(tmp_path) == []
    assert is_to_fill(drafted((tmp_path / "recipe.yaml").read_text())["model"]["parameters"])


SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
WEIGHTS = [
    (("model.safetensors",), 4),
    (SHARDS, 8),
    (("consolidated.safetensors", *SHARDS), 8),
    (("model.safetensors", "adapter_model.safetensors", "checkpoint-5/model.safetensors"), 4),
    (("consolidated.safetensors",), 4),
    (SHARDS[:1], None),
    (("one.safetensors", "two.safetensors"), None),
    (("unet/model.safetensors", "vae/model.safetensors"), None),
    (("all.safetensors", "vae/model.safetensors"), None),
    (("adapter_model.safetensors",), None),
]


@pytest.mark.parametrize(("files", "total"), WEIGHTS)
def test_the_parameters_are_those_that_check_counts_or_a_place_to_fill(tmp_path, files, total):
    for number_of_file, file in enumerate(files):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        write_weights(tmp_path / file, {f"w{number_of_file}": ("F32", [2, 2])})
    run(["init", str(tmp_path)])
    met = drafted((tmp_path / "fmaudit.yaml").read_text())["budget"]["params_total"]
    assert met == total or (total is None and is_to_fill(met))
    assert check(Bundle.open(tmp_path), Settings(("ARC002",))).findings == ()


def test_weights_that_only_a_lora_has_are_not_the_model(tmp_path):
    write_weights(tmp_path / "pytorch_lora_weights.safetensors", {"a.lora_A.weight": ("F32", [2, 2])})
    assert is_to_fill(drafted(manifest(Bundle.open(tmp_path)))["budget"]["params_total"])


def test_the_draft_of_a_trainers_card_has_no_fault_of_its_own(snapshot):
    assert faults_of_the_draft(snapshot) == []


VALUES = st.sampled_from(
    ["1e5", "-1", "0", "1.5", "97.5%", "0.9", "nan", "yes", "010", "1_0", "1:30", "5e-05"]
)


@settings(deadline=None, max_examples=40)
@given(st.lists(VALUES, min_size=6, max_size=6), st.sampled_from(["accuracy", "wer", "made-up", "1e5", "''"]))
def test_no_card_makes_a_draft_with_faults(tmp_path_factory, said, metric):
    folder = tmp_path_factory.mktemp("card")
    names = ("learning_rate", "train_batch_size", "num_epochs", "seed", "epsilon")
    body = "## Hyperparameters\n" + "".join(
        f"- {name}: {text}\n" for name, text in zip(names, said, strict=False)
    )
    lay_card(folder, f"{{type: {metric}, value: {said[-1]}}}", f"{{split: {said[0]}}}", body)
    assert faults_of_the_draft(folder) == []


@given(st.text())
def test_any_text_is_quoted_so_that_both_versions_of_yaml_read_it_back(text):
    line = quoted(text)
    assert len(line.splitlines()) == 1
    assert read_yaml("x.yaml", line).value == text
    assert yaml.safe_load(line) == text


def test_half_a_surrogate_pair_is_replaced():
    assert read_yaml("x.yaml", quoted("a\ud800b")).value == "a?b"


@given(st.from_regex(r"\A[-+]?([0-9]{1,9}\.?[0-9]{0,9}|\.[0-9]{1,9})([eE][-+]?[0-9]{1,2})?\Z"))
def test_a_number_is_written_so_that_both_versions_of_yaml_read_the_same_number(text):
    assert float(read_yaml("x.yaml", number(text)).value) == float(text)
    assert float(yaml.safe_load(number(text))) == float(text)


@given(st.text())
def test_a_note_never_leaves_its_line(text):
    line = noted("1", Said(text, "README.md, line 2"), says=True)
    assert read_yaml("x.yaml", f"a: {line}\nb: 2\n").value == {"a": 1, "b": 2}


def test_the_draft_of_a_snapshot_is_the_same_each_time(snapshot):
    assert manifest(Bundle.open(snapshot)) == manifest(Bundle.open(Path(str(snapshot))))
