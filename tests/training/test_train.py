"""One training run: deterministic, resumable at any step, and equal to the loop one would write by hand."""

import pytest
import torch
from torch.nn import functional

from auditor.errors import CannotRun, Interrupted
from auditor.training.batches import gather, steps_per_epoch
from auditor.training.checkpoint import Checkpoints
from auditor.training.evaluate import evaluate
from auditor.training.randomness import order
from auditor.training.train import train
from auditor.training.watch import Silent, Stop

STEPS = 18  # three epochs of six batches


class StopAt(Stop):
    """Asks to stop after a number of questions; train asks once a step."""

    def __init__(self, step):
        self._left = step

    @property
    def signal_number(self):
        self._left -= 1
        return 2 if self._left < 0 else None


def same(a, b):
    return all(
        torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    )


def test_the_same_seed_gives_the_same_bytes(small_task):
    first, second = (train(small_task, 5, Silent(), Stop()) for _ in range(2))
    assert same(first.model, second.model)
    assert torch.equal(first.losses, second.losses)


def test_another_seed_gives_another_run(small_task):
    first, second = (train(small_task, seed, Silent(), Stop()) for seed in (5, 6))
    assert not same(first.model, second.model)


def test_it_learns(small_task):
    model = train(small_task, 0, Silent(), Stop()).model
    assert evaluate(small_task, model, small_task.splits["test"], 16).n_correct > 30


def test_every_batch_of_an_epoch_is_used_the_last_one_smaller(small_task):
    assert steps_per_epoch(90, 16) == 6
    assert len(train(small_task, 0, Silent(), Stop()).losses) == STEPS


def test_it_equals_a_loop_written_by_hand(small_task):
    model = small_task.initial_model(3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)
    losses = []
    for epoch in range(3):
        for index in torch.from_numpy(order(3, epoch, 90)).split(16):
            batch = gather(small_task, small_task.splits["train"], index, (3, 0))
            loss = functional.cross_entropy(model(batch.inputs), batch.targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
    trained = train(small_task, 3, Silent(), Stop())
    assert torch.equal(torch.stack(losses), trained.losses)
    assert same(model, trained.model)


@pytest.mark.parametrize("questions", [0, 1, 5, 9, 16])
def test_a_run_stopped_anywhere_and_resumed_has_the_same_bytes(small_task, tmp_path, questions):
    whole = train(small_task, 1, Silent(), Stop())
    checkpoints = Checkpoints(tmp_path / "checkpoint.safetensors", every_s=0)
    with pytest.raises(Interrupted):
        train(small_task, 1, Silent(), StopAt(questions), checkpoints)
    resumed_at = []
    resumed = train(small_task, 1, Silent(), Stop(), checkpoints, resumed_at.append)
    assert resumed_at[0] > 0
    assert same(whole.model, resumed.model)
    assert torch.equal(whole.losses, resumed.losses)


def test_a_stop_in_the_last_step_lets_the_run_end(small_task):
    assert len(train(small_task, 1, Silent(), StopAt(STEPS - 1)).losses) == STEPS


def test_a_damaged_checkpoint_starts_the_seed_over(small_task, tmp_path):
    path = tmp_path / "checkpoint.safetensors"
    with pytest.raises(Interrupted):
        train(small_task, 1, Silent(), StopAt(4), Checkpoints(path, every_s=0))
    path.write_bytes(path.read_bytes()[:-100])
    resumed_at = []
    train(small_task, 1, Silent(), Stop(), Checkpoints(path), resumed_at.append)
    assert resumed_at == [0]


def test_the_message_of_an_interruption_says_how_far_it_got(small_task):
    with pytest.raises(Interrupted) as caught:
        train(small_task, 1, Silent(), StopAt(0))
    assert caught.value.where == "seed 1, step 1 of 18"
    assert caught.value.exit_code == 130


def test_a_checkpoint_that_cannot_be_written_is_said_to_be(small_task, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotRun, match="cannot be written"):
        train(small_task, 1, Silent(), Stop(), Checkpoints(tmp_path / "file" / "c.safetensors", every_s=0))


def test_float64_evaluation_agrees_with_float32_but_for_rounding(small_task):
    model = train(small_task, 0, Silent(), Stop()).model
    examples = small_task.splits["test"]
    single = evaluate(small_task, model, examples, 16)
    double = evaluate(small_task, model, examples, 16, double=True)
    assert single.loss != double.loss
    assert single.loss == pytest.approx(double.loss, rel=1e-5)


def test_the_evaluation_batch_size_changes_rounding_only(small_task):
    model = small_task.initial_model(0)
    small, large = (evaluate(small_task, model, small_task.splits["test"], size) for size in (7, 40))
    assert small.correct == large.correct
    assert small.loss == pytest.approx(large.loss, rel=1e-6)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
def test_the_same_seed_gives_the_same_bytes_on_cuda(recipe, small_task):
    from auditor.training.task import Examples, Task

    splits = {name: Examples(s.inputs.cuda(), s.targets.cuda()) for name, s in small_task.splits.items()}
    task = Task(recipe, splits, torch.device("cuda"))
    first, second = (train(task, 5, Silent(), Stop()) for _ in range(2))
    assert same(first.model, second.model)
