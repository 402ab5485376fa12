"""Seeds trained together: the same as alone but for rounding, whatever the slot and the neighbours."""

import pytest
import torch

from auditor.errors import Interrupted
from auditor.training.batched import BatchedSession, Vmapped
from auditor.training.checkpoint import Checkpoints
from auditor.training.session import Session
from auditor.training.together import MOST_FLOP, flop, groups, numerics_of, possible, train_together
from auditor.training.train import train
from auditor.training.watch import Silent, Stop
from tests.training.small import small

SEEDS = (3, 1, 4, 15, 9)


class StopAt(Stop):
    """Asks to stop after a number of questions."""

    def __init__(self, step):
        self._left = step

    @property
    def signal_number(self):
        self._left -= 1
        return 2 if self._left < 0 else None


def run(task, seeds, *more):
    return train_together(task, seeds, Silent(), Stop(), *more)


def same(a, b):
    states = zip(a.model.state_dict().values(), b.model.state_dict().values(), strict=True)
    return torch.equal(a.losses, b.losses) and all(torch.equal(x, y) for x, y in states)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"loss": {"kind": "mse"}},
        {"loss": {"kind": "cross-entropy", "label_smoothing": 0.1}},
        {"optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0.9}},
        {"schedule": {"kind": "cosine", "warmup_steps": 3}},
    ],
)
def test_seeds_together_are_the_seeds_alone_but_for_rounding(change):
    task = small("mlp", **change)
    for seed, together in zip(SEEDS, run(task, SEEDS), strict=True):
        alone = train(task, seed, Silent(), Stop())
        torch.testing.assert_close(together.losses, alone.losses, rtol=1e-4, atol=1e-6)
        for name, value in alone.model.state_dict().items():
            torch.testing.assert_close(together.model.state_dict()[name], value, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("seeds", [(4,), (4, 15), (9, 4, 1), (15, 9, 3, 4), (1, 3, 9, 15, 4, 2, 5, 4)])
def test_a_seed_has_the_same_bytes_in_every_slot_and_beside_any_neighbours(seeds):
    task = small("mlp")
    assert same(run(task, SEEDS)[SEEDS.index(4)], run(task, seeds)[seeds.index(4)])


@pytest.mark.parametrize("questions", [0, 4, 8])
def test_a_group_stopped_and_resumed_has_the_same_bytes(tmp_path, questions):
    task = small("mlp")
    checkpoints = Checkpoints(tmp_path / "group.safetensors", every_s=0)
    with pytest.raises(Interrupted) as caught:
        train_together(task, SEEDS, Silent(), StopAt(questions), checkpoints)
    assert caught.value.where == f"seeds 3 to 9, step {questions + 1} of 12"
    resumed_at = []
    resumed = run(task, SEEDS, checkpoints, resumed_at.append)
    assert resumed_at[0] > 0
    assert all(map(same, resumed, run(task, SEEDS)))


def test_a_witness_sees_its_own_run():
    class Seen:
        def begin(self, session, losses):
            self.names, self.steps = session.tensors().keys(), [session.step]

        def looks_at(self, step):
            return step + 5

        def stepped(self, session, losses):
            self.steps.append(session.step)

        def finished(self, session, losses):
            self.loss = float(losses[session.step - 1])
            self.weights = session.finished_model().state_dict()

    task, seen = small("mlp"), [Seen() for _ in SEEDS]
    runs = run(task, SEEDS, None, lambda _: None, seen)
    for one, trained in zip(seen, runs, strict=True):
        assert one.loss == float(trained.losses[-1])
        assert one.steps == [0, 5, 10]
        assert one.names == Session(task, 0).tensors().keys()
        assert all(
            torch.equal(value, one.weights[name]) for name, value in trained.model.state_dict().items()
        )


@pytest.mark.parametrize("name", ["mlp", "cnn", "gpt", "bert"])
def test_any_model_is_batched_by_vmap_on_other_devices(name):
    task, seeds = small(name, n=12, batch=6, numerics="replay"), (2, 7)
    session = BatchedSession(task, seeds)
    assert isinstance(session._losses, Vmapped)
    losses = torch.stack([session.advance() for _ in range(session.steps)])
    for slot, seed in enumerate(seeds):
        alone = train(task, seed, Silent(), Stop())
        torch.testing.assert_close(losses[:, slot], alone.losses, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"environment": {"numerics": "replay"}},
        {"training": {"epochs": 1, "batch_size": 7, "clip_norm": 1.0}},
        {"training": {"epochs": 1, "batch_size": 7, "ema": 0.9}},
        {"training": {"epochs": 1, "batch_size": 7, "accumulate": 2}},
        {"training": {"epochs": 1, "batch_size": 7, "precision": "bf16"}},
        {"optimizer": {"kind": "adafactor", "lr": 0.01}},
        {"loss": {"kind": "huber"}},
    ],
)
def test_what_would_mix_seeds_or_is_not_derived_by_hand_trains_apart(change):
    assert not groups(small("mlp", **change), SEEDS)


def test_only_small_models_train_together_on_a_cpu():
    assert groups(small("mlp"), tuple(range(11))) == [tuple(range(8)), (8, 9, 10)]
    assert not possible(small("cnn"))
    large = small(
        "mlp", model={"reference": "mlp", "parameters": {"inputs": 5, "hidden": 1200, "outputs": 3}}
    )
    assert flop(large) > MOST_FLOP
    assert not groups(large, SEEDS)


def test_the_operations_of_a_step_are_six_a_weight_and_example():
    assert flop(small("mlp")) == 6 * 7 * (5 * 8 + 8 + 8 * 8 + 8 + 8 * 3 + 3)


def test_the_numerics_of_a_run_do_not_name_its_slot_where_it_counts_for_nothing():
    numerics = numerics_of(small("mlp"), SEEDS, 2)
    assert numerics.identity(torch.device("cpu")) == {"mode": "exact-math", "engine": "batched"}
    assert numerics.identity(torch.device("cuda")) == {
        "mode": "exact-math",
        "engine": "batched",
        "together": 5,
        "slot": 2,
    }


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
@pytest.mark.parametrize("name", ["mlp", "cnn", "gpt", "bert"])
def test_a_group_gives_the_same_bytes_twice_on_cuda(name):
    task = small(name, where="cuda")
    assert all(map(same, run(task, SEEDS), run(task, SEEDS)))


def test_a_group_starts_over_where_a_witness_lost_what_it_wrote(tmp_path):
    class Forgetful:
        def begin(self, session, losses):
            if session.step:
                session.load(Session(session.task, session.seed).tensors(), 0)

        def looks_at(self, step):
            return step + 1

        def stepped(self, session, losses):
            pass

        finished = stepped

    task, checkpoints = small("mlp"), Checkpoints(tmp_path / "group.safetensors", every_s=0)
    with pytest.raises(Interrupted):
        train_together(task, SEEDS, Silent(), StopAt(5), checkpoints)
    resumed_at = []
    runs = run(task, SEEDS, checkpoints, resumed_at.append, [Forgetful() for _ in SEEDS])
    assert resumed_at == [6, 0]
    assert all(map(same, runs, run(task, SEEDS)))
