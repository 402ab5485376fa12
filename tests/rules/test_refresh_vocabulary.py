"""What the script that refreshes the vocabularies makes of its sources, and the vocabularies that are committed."""

import json

import pytest

from auditor.rules.vocabulary import words
from auditor.rules.vocabulary.hub import (
    is_language,
    language_named,
    libraries,
    metrics,
    subtasks,
    tasks,
)
from tests.rules import refresh_vocabulary

PIPELINES = """export const PIPELINE_DATA = {
\t"text-classification": {
\t\tname: "Text Classification",
\t\tsubtasks: [
\t\t\t{
\t\t\t\ttype: "fact-checking",
\t\t\t\tname: "Fact Checking",
\t\t\t},
\t\t],
\t\tmodality: "nlp",
\t},
\ttranslation: {
\t\tname: "Translation",
\t},
} satisfies Record<string, PipelineData>;
\tother: {
"""
PART3 = json.dumps(
    {
        "639-3": [
            {"alpha_3": "deu", "alpha_2": "de", "bibliographic": "ger", "name": "German"},
            {
                "alpha_3": "ell",
                "alpha_2": "el",
                "name": "Modern Greek (1453-)",
                "inverted_name": "Greek, Modern",
            },
            {"alpha_3": "aaa", "name": "Ghotuo"},
        ]
    }
)
PART5 = json.dumps({"639-5": [{"alpha_3": "sla", "name": "Slavic languages"}]})


def test_the_keys_of_a_table_are_those_of_its_first_level():
    assert refresh_vocabulary.keys_of(PIPELINES, "PIPELINE_DATA") == ["text-classification", "translation"]


def test_tasks_are_marked_as_retired_or_finer():
    assert refresh_vocabulary.task_lines(PIPELINES) == [
        "text-classification",
        "translation",
        "conversational retired",
        "text2text-generation retired",
        "fact-checking subtask",
    ]


def test_codes_of_all_parts_of_iso_639_are_taken():
    codes = refresh_vocabulary.language_codes(PART3, PART5)
    assert {"de", "deu", "ger", "el", "aaa", "sla", "code", "multilingual"} <= set(codes)
    assert codes == sorted(codes, key=lambda code: (len(code), code))


def test_only_names_of_one_word_are_taken():
    assert refresh_vocabulary.language_names(PART3) == ["de german", "el greek"]


def test_folders_of_a_listing_are_taken_and_files_are_not():
    listing = [
        {"name": "wer", "type": "dir"},
        {"name": "README.md", "type": "file"},
        {"name": "bleu", "type": "dir"},
    ]
    assert refresh_vocabulary.folders(json.dumps(listing)) == ["bleu", "wer"]


def test_lines_are_wrapped_without_losing_a_word():
    lines = refresh_vocabulary.wrapped(["abc"] * 100)
    assert " ".join(lines).split() == ["abc"] * 100
    assert max(map(len, lines)) <= refresh_vocabulary.WIDTH


@pytest.mark.parametrize(
    "file", ["tasks.txt", "libraries.txt", "languages.txt", "language_names.txt", "metrics.txt"]
)
def test_a_vocabulary_states_its_source_and_date(file):
    head = (refresh_vocabulary.HERE / file).read_text(encoding="utf-8").splitlines()[0]
    assert head.startswith("# ")
    assert "2026-" in head


def test_the_committed_vocabularies_hold_what_everybody_uses():
    assert {"text-generation", "image-text-to-text", "conversational"} <= set(tasks())
    assert "named-entity-recognition" in subtasks()
    assert {"transformers", "peft", "timm", "sklearn", "diffusers"} <= set(libraries())
    assert {"accuracy", "f1", "wer", "sacrebleu"} <= set(metrics())
    assert all(is_language(code) for code in ("en", "eng", "ger", "no", "code", "multilingual"))
    assert len(words("languages.txt")) > 8_000


def test_a_name_of_two_languages_means_neither():
    assert language_named("Ndebele") == ""
    assert language_named(" German ") == "de"
