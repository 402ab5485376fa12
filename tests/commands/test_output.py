"""Several reports from one run: where they go, and what is refused."""

import json
import os
import shutil
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.commands import output
from auditor.report.formats import FORMATS

ROOT = Path(__file__).parent.parent.parent
BROKEN = ROOT / "examples" / "digits-cnn-broken"


@pytest.fixture
def told(capsys, tmp_path, monkeypatch):
    """Runs `fmaudit check` in a folder of its own and gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    shutil.copytree(BROKEN, tmp_path / "release")

    def check(*arguments):
        code = run(["check", *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return check


def without_timing(text):
    return json.loads(text) | {"timing": None} if text.startswith('{\n  "version"') else text


def test_all_formats_come_from_one_run_and_are_those_of_runs_of_their_own(told, tmp_path):
    words = [word for style in FORMATS for word in ("--output", f"{style}=report.{style}")]
    code, out, err = told("release", *words)
    assert (code, err) == (1, "")
    assert out == (tmp_path / "report.text").read_text()
    for style in FORMATS:
        alone = told("release", "--format", style)[1]
        assert without_timing((tmp_path / f"report.{style}").read_text()) == without_timing(alone)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("release",), 1),
        (("release", "--select", "SEC003"), 0),
        (("release", "--select", "SEC003", "--fail-on", "warning"), 1),
        (("release", "--select", "CLM003"), 0),
        (("release", "--select", "CLM003", "--complete"), 1),
        (("absent",), 4),
        (("release", "--select", "NONE999"), 2),
    ],
)
def test_every_format_has_the_same_exit_code(told, style, arguments, code):
    assert told(*arguments, "--format", style)[0] == code
    assert told(*arguments, "--output", f"{style}=report")[0] == code


def test_a_dash_prints_a_format_in_place_of_text(told):
    out = told("release", "--output", "json=-")[1]
    assert json.loads(out)["bundle"] == "release"


def test_a_report_takes_the_place_of_an_older_one(told, tmp_path):
    (tmp_path / "report.json").write_text("old")
    told("release", "--output", "json=report.json")
    assert json.loads((tmp_path / "report.json").read_text())["bundle"] == "release"


def test_a_link_keeps_its_place_and_what_it_points_to_is_replaced(told, tmp_path):
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    told("release", "--output", "json=link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["bundle"] == "release"


@pytest.mark.parametrize(
    ("arguments", "what", "where"),
    [
        (["--output", "xml=a"], "`xml` is no format", "--output xml=a"),
        (["--output", "report.json"], "`report.json` is no format", "--output report.json"),
        (["--output", "json="], "no file is named", "--output json="),
        (["--output", "json=a", "--output", "sarif=./a"], "two reports go to ./a", "--output"),
        (["--output", "json=-", "--output", "sarif=-"], "two reports go to standard output", "--output"),
        (["--format", "text", "--output", "json=-"], "two reports go to standard output", "--output"),
        (["--output", "json=absent/a.json"], "there is no such folder", "--output json=absent/a.json"),
        (["--output", "json=release"], "this lies in the release", "--output json=release"),
        (["--output", "json=release/a.json"], "this lies in the release", "--output json=release/a.json"),
        (["--output", "json=inside/a.json"], "this lies in the release", "--output json=inside/a.json"),
        (["--output", "json=into.json"], "this lies in the release", "--output json=into.json"),
        (["--output", "json=folder"], "this is a folder", "--output json=folder"),
        (["--output", "json=/dev/null"], "this is no regular file", "--output json=/dev/null"),
        (["--output", "json=/dev/fd/63"], "this is no regular file", "--output json=/dev/fd/63"),
        (["--output", "json=pipe"], "this is no regular file", "--output json=pipe"),
        (["--statistics", "--format", "json"], "only text and concise show statistics", "--statistics"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_checked(
    told, tmp_path, arguments, what, where, monkeypatch
):
    (tmp_path / "folder").mkdir()
    (tmp_path / "inside").symlink_to("release/results")
    (tmp_path / "into.json").symlink_to("release/config.json")
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr("auditor.engine.run.check", None)
    reading, _ = os.pipe()
    os.dup2(reading, 63)  # as /dev/stdout is where the output goes to another program
    code, out, err = told("release", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {what}")
    assert f" --> {where}" in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_of_others_is_refused(told, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    assert told("release", "--output", "json=closed/a.json")[0] == 2


def test_a_report_that_cannot_be_written_is_told_and_the_printed_one_still_stands(
    told, tmp_path, monkeypatch
):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    code, out, err = told("release", "--output", "json=a.json")
    assert code == 4
    assert out.startswith(("error[", "warning["))
    assert "the report cannot be written (No space left on device)" in err
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_a_check_writes_nothing_into_the_release(told, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "release").rglob("*")}
    told("release", "--output", "sarif=a.sarif", "--format", "github")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "release").rglob("*")} == before


def test_statistics_are_shown_where_one_format_has_them(told, tmp_path):
    code, out, _ = told("release", "--statistics", "--output", "json=a.json")
    assert code == 1
    assert out.startswith("count  code ")
    assert json.loads((tmp_path / "a.json").read_text())["findings"]


@pytest.fixture
def summary(told, tmp_path, monkeypatch):
    """The file that GitHub names for the summary of a step; it is there and holds what earlier commands wrote."""
    (tmp_path / "summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


def test_the_whole_table_goes_to_the_summary_of_the_job(told, summary):
    told("release", "--format", "github")
    text = summary.read_text()
    assert text.startswith("before\n### fmaudit: `release`: ")
    findings = json.loads(told("release", "--format", "json")[1])["findings"]
    assert text.count("\n| error |") + text.count("\n| warning |") + text.count("\n| note |") == len(findings)


def test_other_formats_leave_the_summary_alone(told, summary):
    told("release", "--output", "sarif=a.sarif")
    assert summary.read_text() == "before\n"


def test_the_summary_stays_below_what_github_takes(told, summary, monkeypatch):
    monkeypatch.setattr(output, "MAX_SUMMARY", 5_000)
    told("release", "--format", "github")
    assert 2_000 < summary.stat().st_size <= 5_000
    assert "more did not fit here.**" in summary.read_text()
    for _ in range(3):
        told("release", "--format", "github")
    assert summary.stat().st_size <= 5_000


def test_a_summary_that_cannot_be_written_fails_no_gate(told, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "absent" / "summary.md"))
    code, _, err = told("release", "--select", "SEC003", "--format", "github")
    assert code == 0
    assert err == "note: the summary of the job cannot be written (No such file or directory)\n"


def test_a_summary_in_the_release_is_refused(told, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "release" / "summary.md"))
    code, _, err = told("release", "--format", "github")
    assert (code, err.splitlines()[1]) == (2, " --> GITHUB_STEP_SUMMARY")


def test_a_terminal_that_lacks_characters_gets_escapes_and_a_file_gets_them_all(told, tmp_path, monkeypatch):
    (tmp_path / "release" / "数.safetensors").write_text("short")
    printed = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(printed, encoding="ascii"))
    told("release", "--output", "concise=a.txt")
    assert b"\\u6570.safetensors" in printed.getvalue()
    assert "数.safetensors" in (tmp_path / "a.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("typed", "root"),
    [
        ("release", "release/"),
        ("./release/", "release/"),
        (".", ""),
        ("{cwd}/release", "release/"),
        ("{cwd}", ""),
    ],
)
def test_paths_are_seen_from_the_current_folder_however_the_release_was_typed(
    tmp_path, monkeypatch, typed, root
):
    monkeypatch.chdir(tmp_path)
    assert output.shown_root(typed.format(cwd=tmp_path)) == root
