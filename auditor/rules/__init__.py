"""The rules of `check`, one file per subject."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.model import Rule

# Listed by hand, so that what is checked does not depend on which files happen to lie here.
MODULES = (
    "schema",
    "card",
    "front_block",
    "front_types",
    "front_vocabulary",
    "front_emissions",
    "front_files",
    "front_base",
    "model_index",
    "model_values",
    "eval_results",
    "card_body",
    "card_sections",
    "card_subjects",
    "card_links",
    "card_code",
    "data",
    "croissant",
    "croissant_names",
    "croissant_parts",
    "croissant_types",
    "croissant_fields",
    "croissant_sources",
    "croissant_links",
    "rai",
    "rows",
    "data_tables",
    "split_overlap",
    "licences",
    "openness",
    "openness_claims",
    "openness_licences",
    "openness_code",
    "openness_boms",
    "weights",
    "header",
    "tensor_names",
    "stand_ins",
    "leftovers",
    "shards",
    "shard_sets",
    "finite",
    "values",
    "copies",
    "positions",
    "architecture",
    "dimensions",
    "shapes",
    "tied",
    "tokenizer",
    "labels",
    "adapter_config",
    "adapter",
    "recipe",
    "splits",
    "environment",
    "metrics",
    "spread",
    "ranges",
    "f1_scores",
    "class_reports",
    "orders",
    "claims",
    "conditions",
    "model_facts",
    "batches",
    "schedules",
    "hyperparameters",
    "privacy",
    "security",
    "secrets",
    "foreign_code",
    "templates",
    "odd_files",
    "dependencies",
    "signatures",
    "signed_files",
    "digests",
    "gguf",
    "gguf_models",
    "onnx",
    "onnx_reach",
    "zips",
    "arrays",
    "hdf5",
    "saved_models",
    "keras",
    "magic",
    "pickles",
    "archives",
    "meta",
)


@cache
def load() -> dict[str, Rule]:
    """Every rule by its code: families in the order of FAMILIES, within a family by code."""
    from auditor.rules.registry import FAMILIES, registered

    for module in MODULES:
        import_module(f"auditor.rules.{module}")
    position = {family: index for index, family in enumerate(FAMILIES)}
    rules = sorted(registered().values(), key=lambda rule: (position[rule.family], rule.code))
    return {rule.code: rule for rule in rules}
