"""The rules of `check`, one file per subject, in the order they are listed and run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.model import Rule

# Explicit, so that the order of rules, and of everything printed from it, is not that of a file system.
MODULES = (
    "schema",
    "card",
    "card_body",
    "data",
    "rows",
    "licences",
    "openness",
    "weights",
    "shards",
    "finite",
    "architecture",
    "recipe",
    "splits",
    "environment",
    "metrics",
    "spread",
    "claims",
    "conditions",
    "privacy",
    "security",
    "secrets",
    "meta",
)


def load() -> dict[str, Rule]:
    """Every rule by code: modules in the order of MODULES, within a module by code."""
    from auditor.rules.registry import registered

    for module in MODULES:
        import_module(f"auditor.rules.{module}")
    position = {f"auditor.rules.{module}": index for index, module in enumerate(MODULES)}
    rules = sorted(registered().values(), key=lambda rule: (position[rule.run.__module__], rule.code))
    return {rule.code: rule for rule in rules}
