"""What the hub calls tasks, libraries, metrics and languages; lists of text files with their source and date.

They are written anew by `python -m tests.rules.refresh_vocabulary`.
"""

from __future__ import annotations

from functools import cache

from auditor.rules.vocabulary import words, words_by_first

# https://github.com/huggingface/hub-docs/blob/main/modelcard.md and docs/hub/models-gated.md, keys of the
# hub's template, and keys that tools write into thousands of cards; none of these is a slip of the pen.
KEYS = (
    *("license", "license_name", "license_link", "language", "library_name", "pipeline_tag", "tags"),
    *("datasets", "metrics", "base_model", "base_model_relation", "new_version", "model-index", "widget"),
    *("inference", "thumbnail", "co2_eq_emissions", "model_name", "model_type", "extra_gated_prompt"),
    *("extra_gated_fields", "extra_gated_heading", "extra_gated_description", "extra_gated_button_content"),
    *("extra_gated_eu_disallowed", "language_bcp47", "mask_token", "instance_prompt", "model_id", "arxiv"),
    *("model_creator", "model_link", "quantized_by", "prompt_template", "eval_results", "task_categories"),
)


@cache
def tasks() -> tuple[str, ...]:
    """Every task of the hub, those that it once had included."""
    return tuple(task for task, marks in words_by_first("tasks.txt").items() if "subtask" not in marks)


@cache
def subtasks() -> tuple[str, ...]:
    """The finer tasks that `model-index` may name."""
    return tuple(task for task, marks in words_by_first("tasks.txt").items() if "subtask" in marks)


@cache
def libraries() -> tuple[str, ...]:
    """Libraries that have a place of their own on the hub; any other name is allowed beside them."""
    return tuple(words_by_first("libraries.txt"))


@cache
def metrics() -> tuple[str, ...]:
    """Metrics of the `evaluate` library; any other name is allowed beside them."""
    return tuple(words_by_first("metrics.txt"))


def is_language(code: str) -> bool:
    """Whether ISO 639 or the hub has this code."""
    return code in words("languages.txt")


def language_named(name: str) -> str:
    """The code of two letters of a language called by its English name; empty where there is none."""
    return _codes_by_name().get(name.strip().lower(), "")


@cache
def _codes_by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, names in words_by_first("language_names.txt").items():
        for name in names:
            found[name] = "" if name in found else code
    return found
