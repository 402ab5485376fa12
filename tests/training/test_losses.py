"""Each loss against torch's module or a value computed by hand, and where it is undefined."""

import math

import pytest
import torch
from pydantic import TypeAdapter
from torch import nn

from auditor.formats.recipe_learning import Loss
from auditor.training.losses import item_losses, loss_function

GENERATOR = torch.Generator().manual_seed(0)
LOGITS = torch.randn(6, 4, generator=GENERATOR)
LABELS = torch.tensor([0, 1, 2, 3, 0, 1])
NUMBERS = torch.randn(6, 4, generator=GENERATOR)
FRAMES = torch.randn(3, 10, 4, generator=GENERATOR)
SEQUENCES = torch.tensor([[1, 2, 2], [3, -1, -1], [1, 3, -1]])


def asked(**fields):
    return TypeAdapter(Loss).validate_python(fields)


CASES = [
    ({}, LOGITS, LABELS, nn.CrossEntropyLoss()),
    ({"label_smoothing": 0.1}, LOGITS, LABELS, nn.CrossEntropyLoss(label_smoothing=0.1)),
    ({"kind": "masked-cross-entropy"}, LOGITS, LABELS, nn.CrossEntropyLoss()),
    ({"kind": "mse"}, LOGITS, NUMBERS, nn.MSELoss()),
    ({"kind": "huber", "delta": 0.3}, LOGITS, NUMBERS, nn.HuberLoss(delta=0.3)),
    ({"kind": "bce"}, LOGITS, (NUMBERS > 0).float(), nn.BCEWithLogitsLoss()),
]


@pytest.mark.parametrize(("fields", "outputs", "targets", "oracle"), CASES)
def test_the_loss_is_that_of_torch(fields, outputs, targets, oracle):
    loss = loss_function(asked(**fields))(outputs, targets)
    assert loss.shape == ()
    torch.testing.assert_close(loss, oracle(outputs, targets))


EVERY = [
    *((fields, outputs, targets) for fields, outputs, targets, _ in CASES),
    ({"kind": "ctc"}, FRAMES, SEQUENCES),
    ({"kind": "contrastive"}, LOGITS, LABELS),
]


@pytest.mark.parametrize(("fields", "outputs", "targets"), EVERY)
def test_the_mean_of_the_items_is_the_loss(fields, outputs, targets):
    items = item_losses(asked(**fields))(outputs.double(), targets)
    assert items.ndim == 1
    torch.testing.assert_close(items.mean(), loss_function(asked(**fields))(outputs.double(), targets))


@pytest.mark.parametrize(("fields", "outputs", "targets"), EVERY)
def test_the_gradient_is_that_of_finite_differences(fields, outputs, targets):
    loss = loss_function(asked(**fields))
    at = outputs.double().requires_grad_()
    assert torch.autograd.gradcheck(lambda given: loss(given, targets), (at,))


def test_next_tokens_are_averaged_over_all_places():
    logits, targets = torch.randn(2, 3, 5, generator=GENERATOR), torch.tensor([[0, 1, 2], [3, 4, 0]])
    loss = loss_function(asked())(logits, targets)
    torch.testing.assert_close(loss, nn.CrossEntropyLoss()(logits.transpose(1, 2), targets))


def test_ctc_sums_over_every_alignment():
    p = torch.tensor([[[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]], dtype=torch.float64)
    # Paths of two frames that read "1": 11, 1 and blank, blank and 1.
    likely = 0.5 * 0.1 + 0.5 * 0.6 + 0.2 * 0.1
    loss = loss_function(asked(kind="ctc"))(p.log(), torch.tensor([[1, -1]]))
    assert loss.item() == pytest.approx(-math.log(likely))


def test_ctc_of_sequences_of_several_lengths_is_a_mean_over_them():
    log_p = FRAMES.log_softmax(-1).transpose(0, 1)
    alone = [
        nn.CTCLoss(reduction="sum")(
            log_p[:, [row]], SEQUENCES[[row]], torch.tensor([10]), (SEQUENCES[[row]] >= 0).sum(1)
        )
        for row in range(3)
    ]
    torch.testing.assert_close(loss_function(asked(kind="ctc"))(FRAMES, SEQUENCES), sum(alone) / 3)


def test_the_contrastive_loss_is_that_of_the_paper():
    labels, temperature = [0, 0, 1, 1, 1, 2], 0.5
    z = nn.functional.normalize(LOGITS.double(), dim=1)
    total, anchors = 0.0, 0
    for i, own in enumerate(labels):
        positives = [p for p, label in enumerate(labels) if label == own and p != i]
        others = sum(math.exp(float(z[i] @ z[a]) / temperature) for a in range(6) if a != i)
        for p in positives:
            total -= math.log(math.exp(float(z[i] @ z[p]) / temperature) / others) / len(positives)
        anchors += bool(positives)
    loss = loss_function(asked(kind="contrastive", temperature=temperature))
    assert loss(LOGITS.double(), torch.tensor(labels)).item() == pytest.approx(total / anchors)


@pytest.mark.parametrize("labels", [[0, 1, 2], [0]])
def test_a_batch_without_a_pair_of_one_class_has_no_loss_and_no_gradient(labels):
    outputs = torch.randn(len(labels), 4, generator=GENERATOR).requires_grad_()
    loss = loss_function(asked(kind="contrastive"))(outputs, torch.tensor(labels))
    loss.backward()
    assert loss.item() == 0
    assert not outputs.grad.any()
    assert len(item_losses(asked(kind="contrastive"))(outputs, torch.tensor(labels))) == 0
