"""Runs of a run directory: taken over, taken up, kept apart; the same whatever trains them."""

import json
from contextlib import closing
from dataclasses import replace

import pytest
import torch

from auditor.errors import CannotRun, Interrupted
from auditor.reproduce.ledger import events
from auditor.reproduce.runs import Runs
from auditor.training.watch import OUT_OF_TIME, Silent, Stop

from tests.training.conftest import RECIPE, striped  # isort: skip

IDENTITY = {"recipe": "r", "data": {}, "environment": {"threads": 1, "torch": None}}


@pytest.fixture(scope="module")
def task():
    from auditor.formats.recipe import Recipe
    from auditor.training import device
    from auditor.training.task import task

    recipe = Recipe.model_validate(RECIPE)
    device.settle(recipe)
    return task(recipe, {"train": striped(90, 0), "test": striped(40, 1)}, torch.device("cpu"))


@pytest.fixture
def runs_in(task):
    """Makes runs of the small task whose processes are gone after the test."""
    made = []

    def make(folder, identity=None, **options):
        made.append(Runs(folder, task, IDENTITY | (identity or {}), ("test",), **options))
        return made[-1]

    yield make
    for runs in made:
        runs.close()


@pytest.fixture(scope="module")
def narrow_task():
    """One whose seeds are trained together, because a step of it is so small."""
    from auditor.formats.recipe import Recipe
    from auditor.training import device
    from auditor.training.task import task

    model = {"reference": "mlp", "parameters": {"inputs": 64, "hidden": 8, "outputs": 4}}
    recipe = Recipe.model_validate(RECIPE | {"model": model})
    device.settle(recipe)
    return task(recipe, {"train": striped(90, 0), "test": striped(40, 1)}, torch.device("cpu"))


def told(folder):
    return [event["event"] for event in events(folder)]


def trained(runs, *seeds, stop=None):
    return runs.several(seeds, 1, len(seeds), Silent(), stop or Stop())


def files(folder):
    """All that was kept, but for what tells the time."""
    kept = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in kept
        if path.name not in ("timing.json", "ledger.jsonl")
    }


def test_processes_change_no_byte_of_any_file(runs_in, tmp_path):
    alone = trained(runs_in(tmp_path / "alone"), 1, 2, 3)
    shared = trained(runs_in(tmp_path / "shared", jobs=2), 1, 2, 3)
    assert alone == shared
    assert [run.seed for run in shared] == [1, 2, 3]
    assert files(tmp_path / "alone") == files(tmp_path / "shared")


def test_neither_processes_nor_neighbours_change_a_byte_of_seeds_trained_together(narrow_task, tmp_path):
    def kept(name, *shares, **options):
        with closing(Runs(tmp_path / name, narrow_task, IDENTITY, ("test",), **options)) as runs:
            for seeds in shares:
                trained(runs, *seeds)
        return files(tmp_path / name)

    whole = kept("whole", (1, 2, 3, 4, 5))
    assert len(whole) == 5 * 3  # record, weights and chain of each
    assert kept("one by one", (4,), (1,), (2, 3), (5,)) == whole
    assert kept("processes", (1, 2, 3), (4, 5), jobs=2) == whole


def test_seeds_trained_together_are_taken_up_together(narrow_task, tmp_path):
    runs = Runs(tmp_path / "broken", narrow_task, IDENTITY, ("test",), checkpoint_every_s=0.0)
    with pytest.raises(Interrupted):
        trained(runs, 1, 2, 3, stop=after(9))
    resumed = trained(runs, 1, 2, 3)
    assert told(tmp_path / "broken").count("run resumed") == 3
    assert resumed == trained(Runs(tmp_path / "whole", narrow_task, IDENTITY, ("test",)), 1, 2, 3)
    assert files(tmp_path / "broken") == files(tmp_path / "whole")


def test_a_finished_run_is_not_trained_again(runs_in, tmp_path):
    first = trained(runs_in(tmp_path), 1)
    assert trained(runs_in(tmp_path), 1) == first
    assert told(tmp_path) == ["run started", "run finished", "run used again"]


@pytest.mark.parametrize("other", [{"recipe": "s"}, {"data": {"x": "1"}}, {"environment": {"threads": 2}}])
def test_another_recipe_data_or_environment_is_another_run(runs_in, tmp_path, other):
    trained(runs_in(tmp_path), 1)
    trained(runs_in(tmp_path, other), 1)
    assert told(tmp_path).count("run finished") == 2
    assert len(list(tmp_path.glob("runs/*"))) == 2


def test_another_version_of_the_library_behind_a_metric_is_another_run(task, tmp_path, monkeypatch):
    evaluation = task.recipe.evaluation.model_copy(update={"metrics": ["accuracy", "f1"]})
    asked = replace(task, recipe=task.recipe.model_copy(update={"evaluation": evaluation}))
    trained(Runs(tmp_path, asked, IDENTITY, ("test",)), 1)
    monkeypatch.setattr("auditor.training.metrics.version", lambda library: "0.0")
    trained(Runs(tmp_path, asked, IDENTITY, ("test",)), 1)
    assert told(tmp_path).count("run finished") == 2


def break_record(change):
    def broken(path):
        record = json.loads(path.read_text())
        change(record)
        path.write_text(json.dumps(record))

    return broken


EDITS = {
    "of another recipe": break_record(lambda record: record["identity"].update(recipe="s")),
    "without an identity": break_record(lambda record: record.pop("identity")),
    "of another seed": break_record(lambda record: record.update(seed=2)),
    "of other splits": break_record(lambda record: record.update(scores={})),
    "of another version": break_record(lambda record: record.update(format=0)),
    "torn": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "no object": lambda path: path.write_text("[1]"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_record_that_is_not_this_run_s_is_not_believed(runs_in, tmp_path, edit):
    honest = trained(runs_in(tmp_path), 1)
    (path,) = tmp_path.glob("runs/*/record.json")
    EDITS[edit](path)
    assert trained(runs_in(tmp_path), 1) == honest
    assert told(tmp_path).count("run finished") == 2


def test_the_checkpoint_of_another_seed_is_not_taken_up(runs_in, tmp_path):
    honest = trained(runs_in(tmp_path / "honest"), 1)
    runs = runs_in(tmp_path, checkpoint_every_s=0.0)
    with pytest.raises(Interrupted):
        trained(runs, 2, stop=after(9))
    (stored,) = tmp_path.glob("runs/*/checkpoint.safetensors")
    mine = tmp_path / "runs" / runs.id(1)
    mine.mkdir()
    stored.rename(mine / stored.name)
    assert trained(runs, 1) == honest
    assert "run resumed" not in told(tmp_path)


def after(questions, number=2):
    """Asks to stop after so many questions; one is asked a step."""

    class Later(Stop):
        left = questions

        @property
        def signal_number(self):
            self.left -= 1
            return number if self.left < 0 else None

    return Later()


def test_out_of_time_gives_what_is_finished_and_goes_on_from_there(runs_in, tmp_path):
    whole = trained(runs_in(tmp_path / "whole"), 1, 2)
    runs = runs_in(tmp_path)
    found = trained(runs, 1, 2, stop=after(25, OUT_OF_TIME))  # a run has 18 steps
    assert found == whole[:1]
    assert trained(runs, 1, 2) == whole
    assert told(tmp_path).count("run resumed") == 1


def test_a_deadline_is_kept(runs_in, tmp_path):
    assert trained(runs_in(tmp_path), 1, 2, stop=Stop(deadline=0.0)) == []


def test_a_run_whose_loss_is_no_number_has_diverged(runs_in, tmp_path, task):
    wild = task.recipe.model_copy(update={"optimizer": task.recipe.optimizer.model_copy(update={"lr": 1e30})})
    runs = runs_in(tmp_path).beside(type(task)(wild, task.splits, task.device), {"recipe": "wild"})
    (run,) = trained(runs, 1)
    assert run.diverged
    assert told(tmp_path) == ["run started", "run diverged"]
    assert runs.found(1).seed == 1


def test_a_run_directory_that_cannot_be_written_to_is_said_to_be(runs_in, tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(CannotRun, match="cannot be written to"):
        trained(runs_in(tmp_path), 1)
