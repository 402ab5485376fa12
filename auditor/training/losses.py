"""What is minimised: the recipe's loss as a function of a model's outputs and targets.

Letters: B batch, T tokens or frames, N outputs or classes, M masked positions, L longest target, D embedding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from auditor.formats.recipe_learning import (
    BinaryCrossEntropy,
    Contrastive,
    CrossEntropy,
    Ctc,
    Huber,
    Loss,
    MaskedCrossEntropy,
)

LossFunction = Callable[[Tensor, Tensor], Tensor]  # outputs, targets: a single number
BLANK = 0  # number of CTC's blank symbol, as in torch.nn.CTCLoss
FILL = -1  # what fills up CTC's shorter targets
Reduction = Literal["mean", "none"]


def loss_function(loss: Loss) -> LossFunction:
    """The loss averaged over a batch: outputs (B, ..., N) and targets (B, ...) to a number."""
    return _reduced(loss, "mean")


def item_losses(loss: Loss) -> LossFunction:
    """The loss of each item, one dimension, whose mean is the loss.

    An item is a label or token; a number; with CTC a sequence; with the contrastive loss an example that has
    another one of its class in the batch.
    """
    return _reduced(loss, "none")


def positive_pairs(labels: Tensor) -> Tensor:
    """Whether two different examples are of one class, (B, B), from labels (B)."""
    same = labels.unsqueeze(0) == labels.unsqueeze(1)
    return same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)


def _reduced(loss: Loss, reduction: Reduction) -> LossFunction:
    if isinstance(loss, CrossEntropy | MaskedCrossEntropy):
        smoothing = loss.label_smoothing if isinstance(loss, CrossEntropy) else 0.0
        return lambda outputs, targets: functional.cross_entropy(
            outputs.flatten(0, -2), targets.flatten(), label_smoothing=smoothing, reduction=reduction
        )
    if isinstance(loss, Ctc):
        return lambda outputs, targets: _ctc(outputs, targets, reduction)
    if isinstance(loss, Contrastive):
        return lambda outputs, targets: _contrastive(outputs, targets, loss.temperature, reduction)
    return lambda outputs, targets: _of_numbers(loss, outputs, targets, reduction)


def _of_numbers(loss: Loss, outputs: Tensor, targets: Tensor, reduction: Reduction) -> Tensor:
    """Differences of outputs (B, N) from numbers (B, N); unreduced (B N)."""
    if outputs.dtype == torch.float64:
        targets = targets.double()
    if isinstance(loss, Huber):
        losses = functional.huber_loss(outputs, targets, delta=loss.delta, reduction=reduction)
    elif isinstance(loss, BinaryCrossEntropy):
        losses = functional.binary_cross_entropy_with_logits(outputs, targets, reduction=reduction)
    else:
        losses = functional.mse_loss(outputs, targets, reduction=reduction)
    return losses if reduction == "mean" else losses.flatten()


def _ctc(logits: Tensor, targets: Tensor, reduction: Reduction) -> Tensor:
    """Graves et al. 2006, eq. 8: -ln p(target | frames), from (B, T, N) and labels (B, L) filled up with -1.

    A mean over sequences, whatever their length; torch.nn.CTCLoss would divide each by its length first.
    """
    log_p = (
        logits.cpu().log_softmax(-1).transpose(0, 1)
    )  # (T, B, N); torch's kernel for CUDA is not deterministic
    targets = targets.cpu()
    frames = torch.full((len(targets),), log_p.shape[0])
    symbols = (targets != FILL).sum(1)
    losses = functional.ctc_loss(
        log_p, targets.clamp(min=0), frames, symbols, blank=BLANK, reduction="none"
    ).to(logits.device)
    return losses.mean() if reduction == "mean" else losses


def _contrastive(outputs: Tensor, labels: Tensor, temperature: float, reduction: Reduction) -> Tensor:
    """Khosla et al. 2020, eq. 2, averaged over the examples that have another of their class in the batch.

    Outputs (B, D) are scaled to length 1, as section 3.1 there does. In a batch without such a pair the loss
    is undefined; here it is 0, and so is its gradient.
    """
    z = functional.normalize(outputs, dim=1)
    similar = z @ z.T / temperature  # (B, B)
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    others = similar.masked_fill(itself, torch.finfo(similar.dtype).min)
    log_p = similar - others.logsumexp(1, keepdim=True)  # (B, B)
    pairs = positive_pairs(labels)
    n_pairs = pairs.sum(1)
    losses = -torch.where(pairs, log_p, 0.0).sum(1) / n_pairs.clamp(min=1)  # (B); 0 where there is no pair
    if reduction == "none":
        return losses[n_pairs > 0]
    return losses.sum() / (n_pairs > 0).sum().clamp(min=1)
