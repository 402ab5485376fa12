"""Batches: gathered ahead they are those gathered one by one, in any order of asking."""

import pytest
import torch

from auditor.training import batches
from auditor.training.batched import BatchedBatches
from auditor.training.batches import Batches, ahead, gather
from tests.training.small import small


def same(a, b):
    both = zip((a.inputs, a.targets, a.positions), (b.inputs, b.targets, b.positions), strict=True)
    return all(x is y or torch.equal(x, y) for x, y in both)


@pytest.mark.parametrize("name", ["mlp", "cnn", "gpt", "bert"])
@pytest.mark.parametrize("order", [range(12), reversed(range(12)), (3, 3, 11, 0, 4)])
@pytest.mark.parametrize("held_bytes", [1, 1500, 2**19])
def test_a_batch_is_the_same_whatever_was_asked_before(monkeypatch, name, order, held_bytes):
    monkeypatch.setattr(batches, "GATHERED_BYTES", held_bytes)
    task = small(name)
    made = Batches(task, 3)
    assert made.steps == 12
    for step in list(order):
        alone = gather(task, task.splits["train"], Batches(task, 3).indexes(step), (3, step))
        assert same(made.at(step), alone)
        assert made.at(step).inputs.stride() == alone.inputs.stride()


def test_an_epoch_sees_every_example_once():
    made = Batches(small("mlp"), 0)
    seen = torch.cat([made.indexes(step) for step in range(made.per_epoch)])
    assert sorted(seen.tolist()) == list(range(23))


def test_without_shuffling_examples_come_as_they_lie():
    task = small("mlp", training={"epochs": 2, "batch_size": 7, "shuffle": False})
    assert Batches(task, 0).indexes(4).tolist() == list(range(7))


def test_replay_gathers_each_batch_into_memory_of_its_own():
    assert ahead(small("mlp", numerics="replay")) == 1
    assert ahead(small("mlp")) > 1


@pytest.mark.parametrize("name", ["mlp", "cnn", "gpt", "bert"])
@pytest.mark.parametrize("held_bytes", [1, 3000])
def test_batches_of_several_seeds_are_those_of_each(monkeypatch, name, held_bytes):
    monkeypatch.setattr(batches, "GATHERED_BYTES", held_bytes)
    task = small(name)
    together, each = BatchedBatches(task, (5, 2)), [Batches(task, seed) for seed in (5, 2)]
    for step in (*range(12), 2):
        stacked = together.at(step)
        for slot, one in enumerate(each):
            alone = one.at(step)
            assert torch.equal(stacked.inputs[slot], alone.inputs)
            assert torch.equal(stacked.targets[slot], alone.targets)
