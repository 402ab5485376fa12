"""The chain as a run writes it: the same bytes whether or not the run was broken off, and cheap to keep."""

import hashlib
import json

import numpy as np
import pytest
import torch

from auditor.errors import CannotRun, Interrupted
from auditor.formats.chain import CHAIN, losses_of, parse
from auditor.tracing.chain import Bound, Chain, Seen
from auditor.training.batches import Batches
from auditor.training.checkpoint import Checkpoints
from auditor.training.session import Session
from auditor.training.train import train
from auditor.training.watch import Silent, Stop
from tests.tracing.conftest import SEED, recipe_of, task_of
from tests.training.test_train import StopAt

BOUND = Bound("a" * 64, {"x.csv": "d" * 64}, {"threads": 1})


@pytest.fixture(scope="module")
def work():
    return task_of(recipe_of())


def written(folder, work, stop=None, *, keep=True, until=None):
    """Trains 40 steps with a chain of 4 segments, broken off by `stop`."""
    folder.mkdir(parents=True, exist_ok=True)
    checkpoints = Checkpoints(folder / "unfinished.safetensors")
    chain = Chain(folder, BOUND, keep=keep, segments=4, every=3)
    return train(work, SEED, Silent(), stop or Stop(), checkpoints, witness=chain)


def contents(folder):
    return {path.name: path.read_bytes() for path in [folder / CHAIN, *folder.glob("checkpoints/*")]}


def test_the_chain_binds_what_was_trained(tmp_path, work):
    trained = written(tmp_path, work)
    head, lines, root = parse((tmp_path / CHAIN).read_bytes())
    assert (head.recipe, head.seed, head.steps, head.ends) == ("a" * 64, SEED, 40, [10, 20, 30, 40])
    steps = [line.step for line in lines]
    assert steps == sorted({0, 1, 5, 10, 11, 20, 21, 30, 31, 40, *range(3, 41, 3)})
    assert [loss for line in lines for loss in losses_of(line)] == trained.losses.tolist()
    assert root == hashlib.sha256((tmp_path / CHAIN).read_bytes().splitlines()[-1]).hexdigest()
    flat = np.concatenate([value.detach().numpy().ravel() for value in trained.model.parameters()])
    assert lines[-1].weights == lines[-1].finished == hashlib.sha256(flat.tobytes()).hexdigest()


def test_two_runs_write_the_same_bytes(tmp_path, work):
    for name in ("a", "b"):
        written(tmp_path / name, work)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.parametrize("step", [1, 2, 9, 10, 11, 25, 39])
def test_a_run_that_is_taken_up_writes_the_bytes_of_an_unbroken_one(tmp_path, work, step):
    written(tmp_path / "whole", work)
    with pytest.raises(Interrupted):
        written(tmp_path / "broken", work, StopAt(step - 1))
    written(tmp_path / "broken", work)
    assert contents(tmp_path / "whole") == contents(tmp_path / "broken")


@pytest.mark.parametrize(
    "damage", ["more", "half a line", "nothing", "lost lines", "another head", "no states"]
)
def test_whatever_a_crash_left_the_bytes_come_out_the_same(tmp_path, work, damage):
    written(tmp_path / "whole", work)
    broken = tmp_path / "broken"
    with pytest.raises(Interrupted):
        written(broken, work, StopAt(14))
    path = broken / CHAIN
    whole, raw = (tmp_path / "whole" / CHAIN).read_bytes(), path.read_bytes()
    left = {
        "more": whole,
        "half a line": whole[: len(raw) + 99],
        "nothing": b"",
        "lost lines": raw[: raw.index(b"\n", 500) + 1],
        "another head": raw.replace(b'"seed":7', b'"seed":8'),
        "no states": raw,
    }
    path.write_bytes(left[damage])
    if damage == "no states":
        (broken / "checkpoints" / "step-00000010.safetensors").unlink()
    written(broken, work)
    assert contents(tmp_path / "whole") == contents(broken)


def test_without_keeping_no_state_is_stored(tmp_path, work):
    written(tmp_path, work, keep=False)
    _, lines, _ = parse((tmp_path / CHAIN).read_bytes())
    assert not (tmp_path / "checkpoints").exists()
    assert {line.checkpoint for line in lines} == {None}


def test_the_chain_does_not_change_the_run(tmp_path, work):
    assert torch.equal(written(tmp_path, work).losses, train(work, SEED, Silent(), Stop()).losses)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path, work):
    (tmp_path / "file").write_text("")
    chain = Chain(tmp_path / "file", BOUND)
    with pytest.raises(CannotRun, match="cannot be written to"):
        train(work, SEED, Silent(), Stop(), witness=chain)


def test_a_line_is_one_line_of_canonical_json(tmp_path, work):
    written(tmp_path, work)
    for line in (tmp_path / CHAIN).read_bytes().splitlines():
        assert json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")).encode() == line


@pytest.mark.parametrize("shuffle", [True, False])
def test_the_examples_it_names_are_those_of_the_batches(shuffle):
    work = task_of(recipe_of(training={"epochs": 3, "batch_size": 33, "shuffle": shuffle}))
    batches, seen = Batches(work, SEED), Seen(work, SEED)
    indexes = torch.cat([batches.indexes(step) for step in range(2, 12)])
    assert seen.digest(2, 12) == hashlib.sha256(indexes.numpy().astype("<i8").tobytes()).hexdigest()
    assert seen.steps == Session(work, SEED).steps == 15
