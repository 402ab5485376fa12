"""Tables of error rates in each format, with names from a file that would like to be markup."""

import json
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from auditor.report.calibration import render
from auditor.verdict.calibration import Calibration, calibrate
from auditor.verdict.recorded import Group

HOSTILE = "<script>|::error::\x1b[2J"


@pytest.fixture(scope="module")
def calibration():
    runs = tuple(0.9 + 0.001 * (7 * i % 13) for i in range(12))
    better = tuple(run + 0.05 for run in runs)
    groups = [Group("r", HOSTILE, runs, 0.0005, 0.001), Group("r", f"{HOSTILE} 2", better, 0.0005, 0.001)]
    return calibrate(draws=300, seed=0, sources={HOSTILE: groups})


@pytest.mark.parametrize("style", ["text", "markdown", "json", "svg"])
def test_nothing_of_a_file_reaches_a_terminal_or_a_page(calibration, style):
    printed = render(style, calibration=calibration)
    assert "\x1b" not in printed
    assert printed.endswith("\n")
    if style != "json":
        assert not any(line.lstrip().startswith("::error") for line in printed.splitlines())


def test_markdown_shows_a_table_with_the_names_as_text(calibration):
    page = MarkdownIt("commonmark").enable("table").render(render("markdown", calibration=calibration))
    assert page.count("<table>") == 3
    assert "<script>" not in page


def test_the_picture_is_well_formed_and_its_bars_stay_in_it(calibration):
    picture = ET.fromstring(render("svg", calibration=calibration))
    width = float(picture.attrib["width"])
    bars = [node for node in picture.iter("{http://www.w3.org/2000/svg}rect") if "x" in node.attrib]
    assert len(bars) > 40
    assert all(float(bar.attrib["x"]) + float(bar.attrib["width"]) <= width for bar in bars)


def test_each_row_of_shares_adds_up_to_one(calibration):
    values = json.loads(render("json", calibration=calibration))
    rows = [*values["simulated"][0]["rows"], *values["recorded"], *values["power"]]
    for row in rows:
        total = row["reproduced"] + row["inconclusive"] + row["not_reproduced"]
        assert total == pytest.approx(1.0, abs=2e-4)


def test_without_recorded_runs_there_is_the_simulated_table_alone(calibration):
    alone = Calibration(calibration.draws, calibration.seed, calibration.tables, (), ())
    assert render("text", calibration=alone).count("\n\n") == 0
    ET.fromstring(render("svg", calibration=alone))
