"""`fmaudit verdict`: exit codes, formats, files of runs, and the tables of error rates."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from auditor.cli import run

ROOT = Path(__file__).resolve().parents[2]
GOOD = "0.971,0.974,0.973,0.969,0.976"
SPREAD = ["--claim", "0.975", "--runs", GOOD]


def told(arguments, capsys):
    code = run(["verdict", *arguments])
    return code, capsys.readouterr()


def valid(name, text):
    schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text())
    report = json.loads(text)
    jsonschema.Draft202012Validator(schema).validate(report)
    return report


@pytest.mark.parametrize(
    ("arguments", "code", "answer"),
    [
        (SPREAD, 0, "a single run): reproduced"),
        (["--claim", "0.999", "--runs", GOOD], 1, "a single run): not reproduced"),
        (["--claim", "0.981", "--runs", GOOD], 3, "a single run): inconclusive"),
        (["--claim", "0.975", "--runs", "0.971,0.974"], 3, "a single run): inconclusive"),
        (["--claim", "0.975", "--runs", "0.975"], 3, "a single run): inconclusive"),
        (["--claim", "0.5", "--runs", GOOD], 0, "reproduced"),
        (["--claim", "0.5", "--runs", GOOD, "--lower-is-better"], 1, "not reproduced"),
        (["--claim", "0.999", "--runs", GOOD, "--lower-is-better"], 0, "reproduced"),
        (["--claim", "0.99", "--runs", GOOD], 1, "not reproduced"),
        (["--claim", "0.99", "--runs", GOOD, "--tolerance", "0.03"], 0, "a real shift, but 95 % sure"),
        (["--claim", "0.985", "--runs", GOOD, "--best-of", "20"], 3, "best of 20 runs): inconclusive"),
        (["--claim", "0.985", "--runs", GOOD], 1, "not reproduced"),
        (["--claim", "0.982", "--runs", GOOD, "--claim-runs", "5"], 1, "mean of 5 runs): not reproduced"),
        (["--claim", "0.975", "--runs", GOOD, "--looks", "5"], 0, "with 5 runs fixed beforehand"),
        (
            ["--claim", "0.975", "--runs", GOOD, "--rho", "1"],
            0,
            "the same class of device (ρ = 0): reproduced",
        ),
    ],
)
def test_the_answer_is_printed_and_is_the_exit_code(arguments, code, answer, capsys):
    ended, printed = told(arguments, capsys)
    assert answer in printed.out
    assert ended == code


def test_an_open_answer_says_what_would_decide(capsys):
    assert (
        "the next look is at 10 runs, 5 more; about"
        in told(["--claim", "0.981", "--runs", GOOD], capsys)[1].out
    )


def test_runs_come_from_a_column_of_a_table_as_well(tmp_path, capsys):
    file = tmp_path / "runs.csv"
    file.write_text("seed,accuracy\n" + "".join(f"{i},{x}\n" for i, x in enumerate(GOOD.split(","))))
    typed = told(SPREAD, capsys)[1].out
    assert (
        told(["--claim", "0.975", "--runs-file", str(file), "--column", "accuracy"], capsys)[1].out == typed
    )


def test_a_fault_in_a_file_is_told_with_its_line(tmp_path, capsys):
    (tmp_path / "runs.csv").write_text("accuracy\n0.97\nnan\n")
    code, printed = told(["--claim", "0.975", "--runs-file", str(tmp_path / "runs.csv")], capsys)
    assert code == 2
    assert printed.err.splitlines()[:2] == ["error: `nan` is not a number", f" --> {tmp_path}/runs.csv:3:1"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--claim", "0.975"],
        ["--runs", GOOD],
        ["--claim", "nan", "--runs", GOOD],
        ["--claim", "1e400", "--runs", GOOD],
        ["--claim", "0.9", "--runs", GOOD, "--items", "9" * 400],
        ["--claim", "0e-400", "--runs", GOOD],
        ["--claim", "97.5%", "--runs", GOOD],
        ["--claim", "", "--runs", GOOD],
        ["--claim", "0.975", "--runs", ""],
        ["--claim", "0.975", "--runs", "0.97,,0.98"],
        ["--claim", "0.975", "--runs", "0.97,inf"],
        ["--claim", "0.975", "--runs-file", "nowhere.csv"],
        [*SPREAD, "--runs-file", "nowhere.csv"],
        [*SPREAD, "--column", "accuracy"],
        [*SPREAD, "--tolerance", "0"],
        [*SPREAD, "--tolerance", "-0.1"],
        [*SPREAD, "--rho", "-1"],
        [*SPREAD, "--rho", "1e9"],
        [*SPREAD, "--looks", "5,3"],
        [*SPREAD, "--looks", "1"],
        [*SPREAD, "--looks", "3,x"],
        [*SPREAD, "--looks", "3,1000"],
        [*SPREAD, "--items", "0"],
        ["--claim", "1200", "--runs", GOOD, "--items", "360"],
        [*SPREAD, "--claim-values", "0.97,0.99"],
        [*SPREAD, "--best-of", "3", "--claim-values", "0.975,0.97"],
        [*SPREAD, "--claim-runs", "3", "--claim-values", "0.975,0.975"],
        [*SPREAD, "--earlier", "nowhere.json"],
        [*SPREAD, "--plot", "x.svg"],
        [*SPREAD, "--all"],
        [*SPREAD, "--calibrate"],
        ["--calibrate", "--draws", "1"],
        ["--calibrate", "--plot", "x.svg", "--output", "./x.svg"],
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(arguments, capsys):
    code, printed = told(arguments, capsys)
    assert code == 2
    assert printed.err.startswith("error: ")
    assert printed.out == ""


def test_runs_that_are_all_equal_give_no_p_of_zero(capsys):
    code, printed = told(["--claim", "0.975", "--runs", "0.9,0.9,0.9,0.9,0.9", "--format", "json"], capsys)
    assert code == 1
    assert 0 < valid("verdict", printed.out)["looks"][-1]["p"] < 1e-3


def test_numbers_at_the_edge_of_what_is_allowed_are_no_bug(capsys):
    for claim, runs in (
        ("1e99", "-1e100,1e100,0"),
        ("1e-99", "0,0,0"),
        ("0", "1e-100,0,0"),
        ("1e90", "0,1,2"),
    ):
        code, printed = told([f"--claim={claim}", f"--runs={runs}", "--format", "json"], capsys)
        assert code in (0, 1, 3), printed.err
        assert all(look["p"] > 0 for look in valid("verdict", printed.out)["looks"])


@pytest.mark.parametrize("style", ["text", "markdown", "json"])
def test_the_same_numbers_give_the_same_bytes(style, capsys):
    first, second = (told([*SPREAD, "--format", style], capsys)[1].out for _ in range(2))
    assert first == second
    assert "reproduced" in first


def test_the_json_is_what_its_schema_says(tmp_path, capsys):
    (tmp_path / "earlier.json").write_text(
        "[[0.97, 0.972, 0.969], [0.96, 0.962, 0.965], [0.95, 0.951, 0.949]]"
    )
    arguments = [
        "--earlier",
        str(tmp_path / "earlier.json"),
        "--claim-values",
        "0.974,0.976",
        "--format",
        "json",
    ]
    report = valid("verdict", told([*SPREAD, *arguments], capsys)[1].out)
    assert report["verdict"] == "reproduced"
    assert report["claim_runs"] == 2
    assert report["looks"][-1]["df"] == pytest.approx(4 + 1 + report["prior"]["df"])


def test_one_run_is_enough_beside_earlier_releases(tmp_path, capsys):
    (tmp_path / "earlier.json").write_text(
        "[[0.97, 0.972, 0.969, 0.971], [0.96, 0.962, 0.961], [0.95, 0.951]]"
    )
    arguments = [
        "--runs",
        "0.95",
        "--claim",
        "0.975",
        "--looks",
        "1",
        "--earlier",
        str(tmp_path / "earlier.json"),
    ]
    code, printed = told(arguments, capsys)
    assert code == 1
    assert "moderated by 3 earlier releases" in printed.out


def test_earlier_releases_that_say_nothing_are_said_to(tmp_path, capsys):
    (tmp_path / "earlier.json").write_text("[[0.97, 0.972]]")
    code, printed = told([*SPREAD, "--earlier", str(tmp_path / "earlier.json")], capsys)
    assert code == 0
    assert "fewer than two earlier releases have runs that differ" in printed.out


def test_the_table_of_error_rates_is_printed_and_drawn(tmp_path, capsys):
    plot, data = tmp_path / "rates.svg", tmp_path / "data"
    data.mkdir()
    groups = [
        {"record": "a|<b>", "values": [round(0.9 + 0.001 * (i * j % 17), 4) for i in range(14)]}
        for j in (3, 5)
    ]
    (data / "runs.json").write_text(json.dumps({"groups": groups}))
    arguments = ["--calibrate", "--draws", "2000", "--data", str(data), "--plot", str(plot)]
    code, printed = told(arguments, capsys)
    assert code == 0
    assert "one published number, simulated (2,000 draws)" in printed.out
    assert "three states, looks 3, 5, 10" in printed.out
    words = "".join(ET.fromstring(plot.read_text()).itertext())
    assert "prefers-color-scheme:dark" in words
    assert "best of 20" in words


def test_the_tables_as_json_are_what_their_schema_says(capsys):
    arguments = ["--calibrate", "--all", "--draws", "200", "--format", "json"]
    report = valid("calibration", told(arguments, capsys)[1].out)
    assert [table["title"] for table in report["simulated"]][:2] == [
        "one published number, simulated",
        "other plans of looks",
    ]
    assert len(report["simulated"]) == 8


def test_a_folder_without_runs_cannot_be_used(tmp_path, capsys):
    assert told(["--calibrate", "--data", str(tmp_path)], capsys)[0] == 4


def test_a_report_goes_to_a_file(tmp_path, capsys):
    file = tmp_path / "verdict.json"
    code, printed = told([*SPREAD, "--format", "json", "--output", str(file)], capsys)
    assert (code, printed.out) == (0, "")
    valid("verdict", file.read_text())


def test_a_verdict_on_numbers_needs_no_torch():
    code = f"import sys; from auditor.cli import run; run(['verdict', *{SPREAD!r}]); print('torch' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "False"


def test_help_loads_neither_numpy_nor_scipy():
    code = "import sys; from auditor.cli import run; run(['verdict', '--help']); print({'numpy', 'scipy'} & {*sys.modules})"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "set()"
