"""What sentences of a card are taken to state, and which are passed over. Sentences are ours, after real cards."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers.document import Unreadable
from auditor.readers.markdown import read_markdown
from auditor.statements.prose import of_prose


def said(text):
    """Name, value and unit of all that is read."""
    card = read_markdown("README.md", f"# Model\n\n{text}\n")
    return [(one.name, float(one.value.value), one.unit) for one in of_prose(card)]


@pytest.mark.parametrize(
    ("text", "name", "value", "unit"),
    [
        ("A decoder with 7.24B parameters.", "params_total", 7.24e9, ""),
        ("It has **33.7 million parameters**.", "params_total", 33.7e6, ""),
        ("A model with **2.7B** parameters,", "params_total", 2.7e9, ""),
        ("A vocabulary size of **8192**.", "vocabulary", 8192, ""),
        ("A 124,439,808-parameter network.", "params_total", 124_439_808, ""),
        ("It uses 12.9B active parameters.", "params_active", 12.9e9, ""),
        ("A model with 8k context.", "context_length", 8000, ""),
        ("It has a context length of 4096 tokens.", "context_length", 4096, ""),
        ("It has a vocabulary size of 50,257.", "vocabulary", 50_257, ""),
        ("It sorts texts into 28 classes.", "classes", 28, ""),
        ("It was pretrained on 300B tokens.", "tokens_seen", 3e11, "tokens"),
        ("The model was trained on a corpus of 1.5 trillion tokens.", "dataset_tokens", 1.5e12, "tokens"),
        ("We used a batch size of 2M tokens.", "batch_tokens", 2e6, ""),
        ("It was trained for 143,000 steps.", "steps", 143_000, ""),
        ("Training took 425 GPU hours.", "chip_hours", 425, ""),
        ("Training took 21.6 A100 GPU hours.", "chip_hours", 21.6, "A100"),
        ("Training took 3.14e23 FLOPs.", "flops", 3.14e23, "FLOP"),
        ("Training took 3.14 x 10^23 FLOPs.", "flops", 3.14e23, "FLOP"),
        ("The run used 30 MWh.", "energy_kwh", 30_000, ""),
        ("The run emitted 12 kg of CO2.", "co2_g", 12_000, ""),
        ("The run emitted 539 tCO2eq.", "co2_g", 539e6, ""),
    ],
)
def test_a_plain_sentence_is_read(text, name, value, unit):
    assert (name, pytest.approx(value), unit) in said(text)


def test_chips_and_hours_of_one_sentence_belong_together():
    found = said("It was trained on 64 A100 80GB GPUs for about 12 days.")
    assert found == [("chips", 64, "A100"), ("hours", 288, "h")]


@pytest.mark.parametrize(
    "text",
    [
        "It does better than models with 13B parameters.",
        "The teacher has 350M parameters.",
        "The family ranges from 7B to 70B parameters.",
        "It was trained on over 2T tokens.",
        "Only 4.2M parameters of the adapter were trained.",
        "A function with 3 parameters.",
        "It comes in sizes of 1B and 7B parameters.",
        "Unlike the original model with a context length of 2048, this one is short.",
        "This emits as much as 12 kg of CO2 per hour.",
        "It runs at 380 tokens per second and was trained on 5 GPUs.",
        "It answers with up to 512 tokens.",
        "Version 2.5B of the API.",
        "```\nA model with 7B parameters.\n```",
        "| 7B parameters | 13B parameters |",
    ],
)
def test_a_sentence_about_something_else_is_passed_over(text):
    assert said(text) == []


def test_capitals_that_become_two_letters_do_not_move_what_is_found():
    card = read_markdown("README.md", "# Model\n\nİİİ has 7B parameters.\n")
    (found,) = of_prose(card)
    assert found.place.span.column == len("İİİ has ") + 1


def test_front_matter_is_no_prose():
    card = read_markdown("README.md", "---\nsummary: a model with 7B parameters\n---\n# Model\n")
    assert list(of_prose(card)) == []


@given(st.text(alphabet="7Bkm., parmetsxo10tokencanfvH|\n\r`-*", max_size=400))
@settings(max_examples=50, deadline=None)
def test_no_text_breaks_the_reader(text):
    try:
        card = read_markdown("README.md", text)
    except Unreadable:
        return
    for one in of_prose(card):
        assert one.value.value >= 0
