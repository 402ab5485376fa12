"""CARD: words of the front matter that the hub knows, and names of models and data."""

import pytest

from auditor.readers.markdown import read_markdown
from auditor.rules import front_base, front_vocabulary
from auditor.rules.front import MOST


def card(front):
    return read_markdown("README.md", f"---\n{front}\n---\n# Digits\n")


def said(rule, front):
    return [(fault.message, fault.help, fault.fix and fault.fix.safety) for fault in rule(card(front))]


def messages_of(rule, front):
    return [message for message, _, _ in said(rule, front)]


@pytest.mark.parametrize(
    "code",
    ["en", "deu", "ger", "zho", "code", "multilingual", "unk", "sh", "jw", "mul", "aav", "no", "or", "as"],
)
def test_languages_of_the_hub_are_known(code):
    assert messages_of(front_vocabulary.unknown_language, f'language: ["{code}"]') == []


@pytest.mark.parametrize(
    ("language", "help_", "safety"),
    [
        ("EN", "write `en`", "safe"),
        ("english", "write `en`", "unsafe"),
        ("zh-CN", "write `zh`; a region or script goes to `language_bcp47`", "unsafe"),
        ("eng_Latn", "write `eng`; a region or script goes to `language_bcp47`", "unsafe"),
        ("en, de", "write a list of codes", None),
        ("noinfo", "", None),
    ],
)
def test_what_was_meant_by_a_word_that_is_no_language_code(language, help_, safety):
    assert [found[1:] for found in said(front_vocabulary.unknown_language, f'language: "{language}"')] == [
        (help_, safety)
    ]


@pytest.mark.parametrize("task", ["conversational", "text2text-generation", "other", "any-to-any"])
def test_tasks_that_the_hub_has_or_had_are_known(task):
    assert messages_of(front_vocabulary.unknown_task, f"pipeline_tag: {task}") == []


def test_a_finer_task_is_told_as_such():
    ((_, help_, _),) = said(front_vocabulary.unknown_task, "pipeline_tag: named-entity-recognition")
    assert help_ == "it is a finer task: write it into `model-index` or `tags`"


@pytest.mark.parametrize(
    "name", ["pytorch", "PyLate", "llama.cpp", "gguf", "my-lib", "quanfire-embedding", "mlx-lm"]
)
def test_a_library_of_any_other_name_is_left_alone(name):
    assert messages_of(front_vocabulary.library_misspelled, f"library_name: {name}") == []


@pytest.mark.parametrize(
    ("name", "safety"),
    [
        ("Transformers", "safe"),
        ("sentence_transformers", "safe"),
        ("transfomers", "unsafe"),
        ("pyannote-audoi", "unsafe"),
    ],
)
def test_a_library_that_is_nearly_known_is_told(name, safety):
    ((_, _, found),) = said(front_vocabulary.library_misspelled, f"library_name: {name}")
    assert found == safety


@pytest.mark.parametrize(
    ("word", "slip"),
    [
        ("timmm", False),  # of four letters, too short
        ("stanza", False),
        ("stanzas", True),
        ("tanza", True),
        ("satnza", True),
        ("stanzo", True),
        ("stamzo", False),
        ("", False),
    ],
)
def test_a_slip_of_the_pen_is_one_letter(word, slip):
    assert front_vocabulary.is_slip(word, "stanza") is slip


@pytest.mark.parametrize("name", ["f1_macro", "loss", "cosine_accuracy@10", "rmse", "acc"])
def test_a_metric_of_any_other_name_is_left_alone(name):
    assert messages_of(front_vocabulary.metric_misspelled, f"metrics: ['{name}']") == []


@pytest.mark.parametrize(
    ("dataset", "found"),
    [
        ("imdb", 0),
        ("mozilla-foundation/common_voice_8_0", 0),
        ("HuggingFaceH4/no_robots", 0),
        ("librispeech 960h", 1),
        ("/var/hf/images/", 1),
        ("a/b/c", 1),
        ("https://huggingface.co/datasets/imdb", 1),
    ],
)
def test_names_of_data_sets(dataset, found):
    assert len(messages_of(front_vocabulary.dataset_without_id, f"datasets: ['{dataset}']")) == found


@pytest.mark.parametrize(
    "base", ["gpt2", "meta-llama/Llama-3.1-8B", "models/local", "custom", "black-forest-labs/FLUX.1-dev"]
)
def test_names_of_models_are_left_alone(base):
    assert messages_of(front_base.base_model_without_id, f"base_model: [{base}]") == []


@pytest.mark.parametrize(
    "base", ["/home/me/base", "./out", "Kokoro 82M", "https://huggingface.co/gpt2", "C:\\models\\x"]
)
def test_what_cannot_be_the_name_of_a_model(base):
    assert len(messages_of(front_base.base_model_without_id, f"base_model: '{base}'")) == 1


def test_a_merge_of_one_model_is_doubtful_and_one_with_its_recipe_is_not(messages):
    front = "# README.md\n---\nbase_model: a/b\nbase_model_relation: merge\n---\n"
    assert len(messages("CARD030", front)) == 1
    assert messages("CARD030", front + "# mergekit_config.yml, whole file\nmodels: []\n") == []


def test_a_merge_without_a_base_is_told(messages):
    example = "# mergekit_config.yml, whole file\nmodels: []\n"
    assert messages("CARD026", example) == [
        "no `base_model`, and `mergekit_config.yml` says that the model is a merge"
    ]


@pytest.mark.parametrize(
    ("front", "found"),
    [
        ("new_version: a/b\nmodel-index: [{name: a/b, results: []}]", 1),
        ("new_version: a/b\nbase_model: a/b", 1),
        ("new_version: a/b\nmodel-index: [{name: b, results: []}]", 0),
    ],
)
def test_a_successor_is_another_model(front, found):
    assert len(messages_of(front_base.successor_without_id, front)) == found


def test_a_million_entries_are_read_within_a_bound():
    front = "language: [" + "xx-YY, " * 100_000 + "]\ntags: [" + "a, " * 100_000 + "]"
    assert len(messages_of(front_vocabulary.unknown_language, front)) == MOST
    assert len(messages_of(front_vocabulary.entry_twice, front)) < 3 * MOST
