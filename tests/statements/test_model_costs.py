from fractions import Fraction

import pytest

from auditor.statements.model_facts import of_tables

LLAMA_2 = (
    "||Time (GPU hours)|Power Consumption (W)|Carbon Emitted(tCO<sub>2</sub>eq)|\n|---|---|---|---|\n"
    "|Llama 2 7B|184320|400|31.22|\n|Llama 2 13B|368640|400|62.44|\n|Llama 2 70B|1720320|400|291.42|\n"
    "|Total|3311616||539.00|\n"
)
LLAMA_3 = (
    "<table><tr><td></td><td><strong>Training Time (GPU hours)</strong></td>"
    "<td><strong>Training Power Consumption (W)</strong></td>"
    "<td><strong>Training Location-Based Greenhouse Gas Emissions</strong>\n<p>\n(tons CO2eq)</td></tr>\n"
    "<tr><td>8B</td><td>1.46M</td><td>700</td><td>420</td></tr>\n"
    "<tr><td>70B</td><td>7.0M</td><td>700</td><td>2,040</td></tr>\n"
    "<tr><td>Total</td><td>8.46M</td><td></td><td>2,460</td></tr></table>\n"
)


def read(card, text):
    return [(one.label, one.name, one.value.value, one.unit) for one in of_tables(card(text))]


def test_each_row_of_a_table_of_several_models_is_labelled(card):
    found = read(card, LLAMA_2)
    assert found[:3] == [
        ("Llama 2 7B", "chip_hours", 184320, "h"),
        ("Llama 2 7B", "power_w", 400, "W"),
        ("Llama 2 7B", "co2_g", 31_220_000, "g"),
    ]
    assert found[-2:] == [("Total", "chip_hours", 3311616, "h"), ("Total", "co2_g", 539_000_000, "g")]


def test_html_tables_are_read_alike(card):
    found = read(card, LLAMA_3)
    assert ("8B", "chip_hours", 1_460_000, "h") in found
    assert ("70B", "co2_g", 2040 * 10**6, "g") in found
    assert len(found) == 8


def test_columns_may_be_the_models(card):
    found = read(
        card, "| | 1B | 3B |\n|---|---|---|\n| GPU hours | 370k | 460k |\n| Energy (MWh) | 259 | 1.5 |\n"
    )
    assert found == [
        ("1B", "chip_hours", 370_000, "h"),
        ("3B", "chip_hours", 460_000, "h"),
        ("1B", "energy_kwh", 259_000, "kWh"),
        ("3B", "energy_kwh", 1500, "kWh"),
    ]


def test_sizes_of_several_models_are_told_apart(card):
    found = read(
        card,
        "| | Training Data | Params | Context length |\n|---|---|---|---|\n| L2 | web | 7B | 4k |\n| L2 | web | 13B | 4k |\n",
    )
    assert [(label, value) for label, name, value, _ in found if name == "context_length"] == [
        ("L2 7B", 4000),
        ("L2 13B", 4000),
    ]


def test_a_two_column_html_table_is_that_of_the_model(card):
    found = read(
        card,
        "<table><tr><td>Layers</td><td>12</td></tr><tr><td>Vocabulary size</td><td>50,257</td></tr></table>",
    )
    assert found == [("", "layers", Fraction(12), ""), ("", "vocabulary", Fraction(50257), "")]


@pytest.mark.parametrize(
    "text",
    [
        "| Model | Weight (kg) |\n|---|---|\n| a | 3 |\n| b | 4 |\n",  # no carbon
        "| Model | GPU hours |\n|---|---|\n| a | many |\n| b | - |\n",
        "| Model | GPU hours |\n|---|---|\n" + "| a | 3 |\n" * 201,  # data
    ],
)
def test_other_tables_hold_no_costs(card, text):
    assert read(card, text) == []
