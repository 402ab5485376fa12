"""`fmaudit trace`: exit codes, formats, recording, and what is refused."""

import json
import shutil
from pathlib import Path

import pytest
from jsonschema.validators import Draft202012Validator

from auditor.cli import run
from auditor.formats.chain import canonical, digest
from auditor.formats.trace import Trace
from auditor.shipped import schema_path
from tests.tracing.conftest import FORGING

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = "examples/digits-mlp"
CHAIN = "training_chain.jsonl"


@pytest.fixture(autouse=True)
def at_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture
def copy(tmp_path):
    """A copy of the example to change."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "digits-mlp"))


def test_the_example_passes(capsys):
    assert run(["trace", EXAMPLE, "--nonce", "n", "--quiet"]) == 0
    printed = capsys.readouterr().out
    assert "L3 traced: passed" in printed
    assert "nonce n: 1 drawn beside 2 that always are audited" in printed
    assert "of 27 others the stored state and the first step were looked at" in printed
    assert "were there one (1): 4%, 5% (2): 7%, 10% (3): 11%, 25% (8): 29%, 50% (15): 54%" in printed
    assert "207 steps" in printed


def test_progress_goes_to_standard_error(capsys):
    run(["trace", EXAMPLE, "--nonce", "n"])
    assert "replaying segment 1 of 30, 60 steps" in capsys.readouterr().err


def test_json_is_as_its_schema_says(capsys):
    assert run(["trace", EXAMPLE, "--segments", "2", "--format", "json", "--quiet"]) == 0
    printed = json.loads(capsys.readouterr().out)
    Draft202012Validator(json.loads(schema_path("trace").read_bytes())).validate(printed)
    told = Trace.model_validate(printed)
    assert (told.segments_total, len(told.segments), told.starts) == (30, 4, 26)
    assert told.cost.replayed == 4 * 60 + 26
    again = ["trace", EXAMPLE, "--segments", "2", "--nonce", told.nonce, "--format", "json", "--quiet"]
    run(again)
    assert json.loads(capsys.readouterr().out) == printed


@pytest.mark.parametrize("name", FORGING.NAMES)
def test_a_tampered_sibling_fails(tmp_path, capsys, name):
    FORGING.forge(Path(EXAMPLE), tmp_path, [name], segments=30)
    assert run(["trace", str(tmp_path / name), "--segments", "all", "--quiet"]) == 1
    printed = capsys.readouterr().out
    assert "L3 traced: failed" in printed
    assert f"{CHAIN}:" in printed


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("line-edited", "help: ship chain and checkpoints as one run of this recipe wrote them"),
        ("one-step-skipped", "help: a chain with a line after every step"),
        ("weight-decay", "help: ask the publisher what was done there"),
    ],
)
def test_a_failure_says_where_and_what_to_do(tmp_path, capsys, name, remedy):
    FORGING.forge(Path(EXAMPLE), tmp_path, [name], segments=30)
    run(["trace", str(tmp_path / name), "--segments", "all", "--quiet"])
    printed = capsys.readouterr().out
    assert remedy in printed
    assert f"L3 traced: failed, see {CHAIN}:" in printed


def test_a_chain_of_a_later_format_is_left_open(copy, capsys):
    line, *others = (copy / CHAIN).read_bytes().splitlines()
    (copy / CHAIN).write_bytes(b"\n".join([canonical(json.loads(line) | {"format": 2}), *others]) + b"\n")
    assert run(["trace", str(copy), "--quiet"]) == 3
    assert "help: install a newer fmaudit" in capsys.readouterr().out


def test_a_recording_is_what_the_bundle_ships(tmp_path, capsys):
    folder = tmp_path / "recorded"
    assert run(["trace", EXAMPLE, "--record", str(folder), "--segments", "30", "--quiet"]) == 0
    assert "30 segments, 63 lines" in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoints", CHAIN]
    names = sorted(path.name for path in Path(EXAMPLE, "checkpoints").iterdir())
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == names


def test_a_recorded_bundle_can_be_traced(copy, tmp_path, capsys):
    folder = tmp_path / "recorded"
    run(["trace", str(copy), "--record", str(folder), "--segments", "4", "--every", "50", "--quiet"])
    shutil.rmtree(copy / "checkpoints")
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    assert run(["trace", str(copy), "--segments", "0", "--quiet"]) == 0
    assert "4 segments" in capsys.readouterr().out


def test_a_chain_without_states_is_inconclusive(copy, capsys):
    lines = (copy / CHAIN).read_bytes().splitlines()
    made = [lines[0]]
    for line in lines[1:]:
        value = json.loads(line) | {"prev": digest(made[-1]), "checkpoint": None}
        made.append(canonical(value))
    (copy / CHAIN).write_bytes(b"\n".join(made) + b"\n")
    assert run(["trace", str(copy), "--quiet"]) == 3
    assert "L2 started: passed" in capsys.readouterr().out


def test_a_bundle_without_a_chain_cannot_be_traced(capsys):
    assert run(["trace", "examples/digits-cnn"]) == 4
    assert "the bundle has no training_chain.jsonl" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        (["--segments", "some"], 2, "that is no number of segments"),
        (["--segments", "0%"], 2, "that is no number of segments"),
        (["--every", "3"], 2, "only a recording has lines to place"),
        (["--record", EXAMPLE + "/new"], 2, "the folder lies inside the bundle"),
        (["--record", "/tmp", "--segments", "10%"], 2, "that is no number of segments"),
        (["--data", "no/such/folder"], 4, "there is no such folder"),
        (["--output", EXAMPLE + "/trace.txt"], 2, "this lies in the release"),
    ],
)
def test_what_is_refused(capsys, words, code, what):
    assert run(["trace", EXAMPLE, *words]) == code
    assert what in capsys.readouterr().err


def test_nothing_is_written_into_the_bundle(copy):
    def listed():
        return {path: path.stat().st_mtime_ns for path in copy.rglob("*")}

    before = listed()
    run(["trace", str(copy), "--quiet"])
    assert listed() == before


def test_text_of_a_hostile_chain_is_printed_inert(copy, capsys):
    line, *others = (copy / CHAIN).read_bytes().splitlines()
    value = json.loads(line) | {"data": {"\x1b[2J": "0" * 64}}
    (copy / CHAIN).write_bytes(b"\n".join([canonical(value), *others]) + b"\n")
    assert run(["trace", str(copy), "--quiet"]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_shipped_weights_that_are_none_of_the_models_fail(copy, capsys):
    (copy / "model.safetensors").write_text("hello")
    assert run(["trace", str(copy), "--nonce", "n", "--quiet"]) == 1
    assert "the shipped weights are not those that the chain ends with: " in capsys.readouterr().out
