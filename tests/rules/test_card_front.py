"""CARD: what the rules on front matter find beyond their manual pages, and what they leave alone."""

import pytest

from auditor.readers.document import Unreadable
from auditor.readers.markdown import read_markdown
from auditor.rules import front_block, front_emissions, front_files, front_types


def card(front):
    return read_markdown("README.md", f"---\n{front}\n---\n# Digits\n")


def said(rule, front):
    return [(fault.message, fault.help, fault.fix and fault.fix.safety) for fault in rule(card(front))]


def messages_of(rule, front):
    return [message for message, _, _ in said(rule, front)]


@pytest.mark.parametrize("blanks", ["\n", "\r\n\r\n", "  \n\t\n", "\n\n\n"])
def test_the_hub_passes_over_blanks_before_front_matter_and_so_do_we(blanks):
    document = read_markdown("README.md", f"{blanks}---\nlicense: mit\n---\n# x\n")
    assert document.value == {"license": "mit"}
    (fault,) = front_block.blank_before_front_matter(document)
    line = document.locate(document.at("license")).line
    assert line == fault.places[0].span.line + 1


@pytest.mark.parametrize(
    "text",
    ["\n---\nA rule between two texts.\n", "\n\n---\n\n# Title\n\n---\n", "\n----\nlicense: mit\n---\n"],
)
def test_a_rule_after_blanks_is_no_front_matter(text):
    assert read_markdown("README.md", text).front is None


def test_front_matter_after_blanks_that_is_never_closed_is_reported_where_it_starts():
    with pytest.raises(Unreadable) as caught:
        read_markdown("README.md", "\n\n---\nlicense: mit\n# x\n")
    assert (caught.value.span.line, caught.value.span.end_column) == (3, 4)


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n---\n\nText\n\n---\n",
        "# T\n---\nNote: this is prose\n---\n",
        "# T\n" + "x\n" * 6000 + "---\nlicense: mit\n---\n",
        "# T\n```yaml\nlicense: mit\n```\n",
    ],
)
def test_rules_between_texts_are_no_misplaced_metadata(text):
    assert front_block.misplaced(read_markdown("README.md", text)) is None


def test_a_card_with_misplaced_metadata_is_not_told_to_have_none(messages):
    example = "# README.md, front\n# Title\n---\nlicense: mit\n---\n"
    assert messages("CARD006", example) == ["this block of metadata does not stand first"]


def test_line_ends_of_one_kind_are_no_finding():
    text = "---\r\nlicense: mit\r\nlanguage: en\r\n---\r\n# x\r\n"
    assert list(front_block.mixed_line_ends(read_markdown("README.md", text))) == []


def test_an_asterisk_in_a_text_is_no_alias():
    front = "license: mit\nwidget:\n  - text: bread & *butter*\n  - text: '*id001'\nnote: 2 * 3\n"
    assert messages_of(front_block.alias_in_front_matter, front) == []


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2024-01-01", "a date"),
        ("2024-1-1 10:00:00", "a date"),
        ("1:30", "a number"),
        ("1_000", "a number"),
        ("190:20:30.15", "a number"),
        ("0b101", "a number"),
    ],
)
def test_names_that_yaml_1_1_reads_as_another_type(value, kind):
    front = f"datasets: [{value!r}, {value}]"
    assert messages_of(front_types.text_read_as_other_type, front) == [
        f"`{value}` is read as {kind} by YAML 1.1 readers, expected text"
    ]


@pytest.mark.parametrize("value", ["1.2.3", "v1:30", "2024-13", "1e-4x", "-", "1-2", "3d", "0.9.1"])
def test_names_that_only_begin_like_numbers_are_text_to_all(value):
    assert messages_of(front_types.text_read_as_other_type, f"tags: [{value}]") == []


def test_arguments_of_a_data_set_may_be_dates():
    front = "model-index: [{name: x, results: [{dataset: {type: d, args: {date: 2024-01-01}}}]}]"
    assert messages_of(front_types.text_read_as_other_type, front) == []


@pytest.mark.parametrize(
    ("version", "found"),
    [("4.40", 1), ('"4.40"', 0), ("4.4", 0), ("4.0", 0), ("1.0", 0), ("1.10", 1), ("2", 0)],
)
def test_only_a_version_that_loses_a_digit_is_told(version, found):
    assert len(messages_of(front_types.version_loses_zero, f"model_version: {version}")) == found


@pytest.mark.parametrize(
    ("value", "found"), [("1e-4", 1), ("1E5", 1), ("1.0e-4", 0), ("'1e-4'", 0), ("0.5", 0)]
)
def test_numbers_that_yaml_1_1_reads_as_text(value, found):
    front = f"model-index: [{{name: x, results: [{{metrics: [{{type: mse, value: {value}}}]}}]}}]"
    assert len(messages_of(front_types.number_read_as_text, front)) == found


def test_empty_entries_are_told_each_and_other_empty_keys_are_not():
    front = "language:\ndatasets: [a, null]\nthumbnail:\nmy_key:"
    assert messages_of(front_types.key_without_value, front) == [
        "`language` is empty",
        "an entry of `datasets` is empty",
    ]


@pytest.mark.parametrize(
    ("front", "found"),
    [
        ("widget: [{text: a}]", 0),
        ("widget: {structuredData: {x: [1]}}", 1),
        ("inference: false", 0),
        ("inference: {parameters: {top_k: 1}}", 0),
        ("inference: 'false'", 1),
        ("extra_gated_fields: [Name]", 1),
        ("tags: [a, false, 2022]", 2),
    ],
)
def test_types_that_the_hub_asks_for(front, found):
    assert len(messages_of(front_types.type_that_the_hub_refuses, front)) == found


def test_the_questions_of_real_gated_models_are_understood():
    front = """extra_gated_fields:
  First Name: text
  Date of birth: date_picker
  Country: country
  geo: ip_location
  Agree: {type: checkbox}
  Job title: {type: select, options: [Student, {label: Other, value: other}]}
  ? A question over
    two lines
  : checkbox"""
    assert messages_of(front_types.question_of_unknown_type, front) == []


def test_questions_without_a_type_or_options_are_told():
    front = "extra_gated_fields: {A: , B: {type: select}, C: {options: [a]}, D: Text}"
    assert len(messages_of(front_types.question_of_unknown_type, front)) == 4


@pytest.mark.parametrize(
    "emissions", ["0.01", "{emissions: 25.4}", "0", "{emissions: 1710, source: CodeCarbon}"]
)
def test_emissions_as_trackers_write_them_are_a_number(emissions):
    assert messages_of(front_emissions.emissions_without_number, f"co2_eq_emissions: {emissions}") == []


@pytest.mark.parametrize("emissions", ["low", "-1", "{source: x}", "{emissions: 1.2 kg}", "true", "[1]"])
def test_emissions_that_are_no_number_are_told(emissions):
    assert len(messages_of(front_emissions.emissions_without_number, f"co2_eq_emissions: {emissions}")) == 1


def test_a_metric_counts_as_published_under_a_longer_name():
    front = """metrics: [rouge, bleu]
model-index: [{name: x, results: [{metrics: [{type: rougeL, value: 1}, {type: x, name: Test BLEU, value: 2}]}]}]"""
    assert messages_of(front_files.metric_without_result, front) == []


def test_metrics_without_any_result_are_not_told_one_by_one():
    front = "metrics: [accuracy]\nmodel-index: [{name: x, results: []}]"
    assert messages_of(front_files.metric_without_result, front) == []


def test_a_library_is_not_asked_for_where_a_tag_names_one(messages):
    config = '# config.json\n{"transformers_version": "4.57.1"}\n'
    assert len(messages("CARD024", config)) == 1
    assert messages("CARD024", config + "# README.md\n---\ntags: [transformers]\n---\n") == []


def test_a_library_that_cannot_load_is_not_told_where_there_are_no_weights(messages):
    example = "# README.md\n---\nlibrary_name: peft\n---\n"
    assert messages("CARD025", example) == ["`peft` needs `adapter_config.json`, and there is none"]
    assert messages("CARD025", "# model.safetensors, absent\n") == []


def test_transformers_loads_gguf_files_too(messages):
    example = (
        "# config.json, absent\n# model.safetensors, absent\n# README.md\n---\nlibrary_name: transformers\n---\n"
        "# a.gguf, header\n"
        '{"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [8]}]}'
    )
    assert messages("CARD025", example) == []
