"""Early stopping as a declared selection: the best epoch's weights are the run's.

A split is looked at after every epoch (Goodfellow et al. 2016, algorithm 7.1). What follows from it is kept
in tensors, so that a run taken up again, at whatever step, goes on as if it had never stopped.
"""

from __future__ import annotations

import copy
import math
import sys

import torch
from torch import Tensor, nn

from auditor.errors import CannotRun
from auditor.formats.recipe import EarlyStopping
from auditor.training.evaluate import evaluate
from auditor.training.score import LOWER_IS_BETTER
from auditor.training.task import Task


class Selection:
    """The best weights so far, and how long nothing has been better.

    Attributes:
        model: a model that has the best weights; until the first look the initial ones.
        weights: they alone, in the model's order.
        value: what the best ones score, a single float64; NaN until the first look.
        waited: looks since then, a single int64.
    """

    def __init__(self, task: Task, asked: EarlyStopping, model: nn.Module) -> None:
        self._task, self._asked = task, asked
        self.model = copy.deepcopy(model)
        self.weights = [weight.detach() for weight in self.model.parameters()]
        self.value = torch.tensor(math.nan, dtype=torch.float64)
        self.waited = torch.tensor(0)

    @property
    def over(self) -> bool:
        """Whether patience has run out."""
        return int(self.waited) >= self._asked.patience

    def look(self, model: nn.Module) -> None:
        """Keeps the model's weights if they are the best so far; those that score NaN never are."""
        value = self._score(model)
        best = float(self.value)
        better = value < best if LOWER_IS_BETTER[self._asked.metric] else value > best
        if math.isnan(value) or not (better or math.isnan(best)):
            self.waited += 1
            return
        self.value.fill_(value)
        self.waited.zero_()
        for kept, weight in zip(self.weights, model.parameters(), strict=True):
            kept.copy_(weight.detach())

    def tensors(self) -> dict[str, Tensor]:
        """All the state there is, besides the weights."""
        return {"selection.value": self.value, "selection.waited": self.waited}

    def _score(self, model: nn.Module) -> float:
        asked, batch = self._asked, self._task.recipe.evaluation.batch_size
        double = self.weights[0].dtype == torch.float64
        score = evaluate(
            self._task,
            copy.deepcopy(model) if double else model,  # in double precision it is moved to the CPU
            self._task.splits[asked.split],
            batch,
            double=double,
        )
        value = score.plain(asked.metric)
        if value is not None:
            return value
        if not math.isfinite(score.loss):
            return math.nan  # the weights are to blame, not the recipe
        if asked.metric == "perplexity" and score.loss > math.log(sys.float_info.max):
            return math.inf  # as here
        why = score.undefined.get(asked.metric, "this model and loss have none")
        raise CannotRun(
            f"`{asked.metric}` cannot say when to stop: {why}",
            where="recipe.yaml",
            help="mend `training.early_stopping.metric`",
        )
