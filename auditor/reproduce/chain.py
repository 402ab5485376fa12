"""What a bundle's chain is held against, from the plan; and the chain that a run writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.reproduce.plan import Plan
from auditor.reproduce.seeds import published_seeds
from auditor.reproduce.shipped_weights import NoWeights
from auditor.tracing.audit import Release
from auditor.tracing.chain import Bound, Chain

if TYPE_CHECKING:
    from torch import Tensor


def release(plan: Plan, weights: Mapping[str, Tensor] | NoWeights) -> Release:
    """What the chain in the plan's bundle has to agree with; `weights` are the shipped ones."""
    return Release(
        plan.bundle,
        plan.digest,
        {name: file.sha256 for name, file in plan.files.items()},
        published_seeds(plan.recipe.seeds, plan.digest),
        plan.manifest.shipped_seed,
        None if isinstance(weights, NoWeights) else weights,
    )


def chain_of(folder: Path, identity: Mapping[str, Any]) -> Chain:
    """The witness that writes a run's chain into its folder; `identity` as `Runs` takes it."""
    return Chain(folder, Bound(identity["recipe"], identity.get("data", {}), identity["environment"]))
