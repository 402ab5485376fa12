"""The parts of `recipe.yaml` that say how a model learns: loss, optimizer, schedule."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from auditor.formats.strict import Count, Ours

Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, lt=1)]
NotNegative = Annotated[float, Field(ge=0)]
Steps = Annotated[int, Field(ge=0, le=2**31)]


class CrossEntropy(Ours):
    """Softmax cross-entropy on integer labels, averaged over the batch, in nats."""

    kind: Literal["cross-entropy"] = "cross-entropy"
    """What is minimised."""
    label_smoothing: Share = 0.0
    """Share of the target that is spread evenly over all classes (Szegedy et al. 2016, section 7)."""


class MaskedCrossEntropy(Ours):
    """Cross-entropy at the masked positions of a text (Devlin et al. 2019, section 3.1), in nats."""

    kind: Literal["masked-cross-entropy"]
    """What is minimised."""
    share: Annotated[float, Field(gt=0, lt=1)] = 0.15
    """Share of each block's positions that are masked."""


class MeanSquaredError(Ours):
    """Squared difference, averaged over the batch and the outputs."""

    kind: Literal["mse"]
    """What is minimised."""


class Huber(Ours):
    """Squared near the target, linear beyond `delta` (Huber 1964)."""

    kind: Literal["huber"]
    """What is minimised."""
    delta: Positive = 1.0
    """Where the loss turns linear."""


class BinaryCrossEntropy(Ours):
    """Logistic loss of each output against a target of 0 or 1, averaged, in nats."""

    kind: Literal["bce"]
    """What is minimised."""


class Ctc(Ours):
    """Connectionist temporal classification (Graves et al. 2006), averaged over the batch, in nats."""

    kind: Literal["ctc"]
    """What is minimised."""


class Contrastive(Ours):
    """Supervised contrastive loss of the outputs as embeddings (Khosla et al. 2020, eq. 2), in nats."""

    kind: Literal["contrastive"]
    """What is minimised."""
    temperature: Positive = 0.1
    """Similarities are divided by this."""


def _kind(default: str) -> BeforeValidator:
    """A table that does not say its `kind` is of the default kind."""
    return BeforeValidator(
        lambda value: {"kind": default} | value if isinstance(value, dict) else value,
    )


Loss = Annotated[
    CrossEntropy | MaskedCrossEntropy | MeanSquaredError | Huber | BinaryCrossEntropy | Ctc | Contrastive,
    Field(discriminator="kind"),
    _kind("cross-entropy"),
]
Betas = tuple[Share, Share]


class Sgd(Ours):
    """Stochastic gradient descent."""

    kind: Literal["sgd"]
    """Which optimizer."""
    lr: Positive
    """Learning rate."""
    momentum: Share = 0.0
    """Decay of the running sum of gradients (Sutskever et al. 2013, eq. 1, as torch.optim.SGD has it)."""
    nesterov: bool = False
    """Whether the momentum looks ahead."""
    weight_decay: NotNegative = 0.0
    """Added to the gradient as this times the weight."""


class Adam(Ours):
    """Adam (Kingma and Ba 2015, algorithm 1)."""

    kind: Literal["adam"] = "adam"
    """Which optimizer."""
    lr: Positive
    """Learning rate."""
    betas: Betas = (0.9, 0.999)
    """Decay rates of the two moments."""
    eps: Positive = 1e-8
    """Added to the denominator: 1e-8 in torch, 1e-7 in Keras."""
    weight_decay: NotNegative = 0.0
    """Added to the gradient as this times the weight."""


class AdamW(Ours):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2)."""

    kind: Literal["adamw"]
    """Which optimizer."""
    lr: Positive
    """Learning rate."""
    betas: Betas = (0.9, 0.999)
    """Decay rates of the two moments."""
    eps: Positive = 1e-8
    """Added to the denominator."""
    weight_decay: NotNegative = 0.01
    """Each step takes this times the learning rate off every weight."""


class Adafactor(Ours):
    """Adafactor (Shazeer and Stern 2018), as torch.optim.Adafactor has it."""

    kind: Literal["adafactor"]
    """Which optimizer."""
    lr: Positive
    """Upper bound of the relative step; the scale of a weight is part of a step's length."""
    weight_decay: NotNegative = 0.0
    """Each step takes this times the learning rate off every weight."""


class Lion(Ours):
    """Lion (Chen et al. 2023, algorithm 2)."""

    kind: Literal["lion"]
    """Which optimizer."""
    lr: Positive
    """Learning rate."""
    betas: Betas = (0.9, 0.99)
    """Weights of the past in the step and in the momentum."""
    weight_decay: NotNegative = 0.0
    """Each step takes this times the learning rate off every weight."""


Optimizer = Annotated[Sgd | Adam | AdamW | Adafactor | Lion, Field(discriminator="kind"), _kind("adam")]


class Constant(Ours):
    """The learning rate stays what it is, after the warmup."""

    kind: Literal["constant"] = "constant"
    """Course of the learning rate."""
    warmup_steps: Steps = 0
    """Steps over which the learning rate first rises linearly from 0, the value of the first step."""


class Staircase(Ours):
    """The learning rate is multiplied by `gamma` at each milestone."""

    kind: Literal["step"]
    """Course of the learning rate."""
    warmup_steps: Steps = 0
    """Steps over which the learning rate first rises linearly from 0, the value of the first step."""
    milestones: Annotated[list[Count], Field(min_length=1)]
    """Steps at which it falls, counted from the start of the run."""
    gamma: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Factor at each."""


class Cosine(Ours):
    """The learning rate falls along half a cosine to `floor` (Loshchilov and Hutter 2017, eq. 5)."""

    kind: Literal["cosine"]
    """Course of the learning rate."""
    warmup_steps: Steps = 0
    """Steps over which the learning rate first rises linearly from 0, the value of the first step."""
    floor: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of the learning rate that is left at the end."""


class Linear(Ours):
    """The learning rate falls along a line to `floor`."""

    kind: Literal["linear"]
    """Course of the learning rate."""
    warmup_steps: Steps = 0
    """Steps over which the learning rate first rises linearly from 0, the value of the first step."""
    floor: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of the learning rate that is left at the end."""


class OneCycle(Ours):
    """The learning rate rises to its value and falls far below (Smith and Topin 2018), along cosines.

    As torch.optim.lr_scheduler.OneCycleLR has it, momentum left alone.
    """

    kind: Literal["one-cycle"]
    """Course of the learning rate."""
    rise: Annotated[float, Field(gt=0, lt=1)] = 0.3
    """Share of the steps that it rises in."""
    start_divisor: Positive = 25.0
    """It starts at the learning rate divided by this."""
    end_divisor: Positive = 1e4
    """It ends at its start divided by this."""


class InverseSquareRoot(Ours):
    """After the warmup the learning rate falls as 1/sqrt(step) (Vaswani et al. 2017, eq. 3)."""

    kind: Literal["inverse-square-root"]
    """Course of the learning rate."""
    warmup_steps: Annotated[int, Field(ge=1, le=2**31)]
    """Steps over which the learning rate first rises linearly from 0, the value of the first step."""


Schedule = Annotated[
    Constant | Staircase | Cosine | Linear | OneCycle | InverseSquareRoot,
    Field(discriminator="kind"),
    _kind("constant"),
]
