import subprocess
import sys
from pathlib import Path

import pytest

from auditor.commands.ending import end
from auditor.errors import CannotRun, Interrupted, Refused, UsageError


def raises(error):
    def call():
        raise error

    return call


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1), (3, 3)])
def test_a_command_ends_with_the_code_it_returns(returned, code):
    assert end(lambda: returned) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("met", where="there", help="do this"), 2),
        (CannotRun("met", where="there", help="do this"), 4),
        (Refused("met", where="there", help="do this"), 5),
    ],
)
def test_a_users_error_is_told_in_three_parts(error, code, capsys):
    assert end(raises(error)) == code
    assert capsys.readouterr().err == "error: met\n --> there\n  = help: do this\n"


def test_parts_that_are_empty_are_left_out(capsys):
    end(raises(UsageError("met")))
    assert capsys.readouterr().err == "error: met\n"


def test_what_an_error_quotes_cannot_steer_the_terminal(capsys):
    end(raises(CannotRun("no bundle", where="evil\x1b[2J\ud800")))
    assert capsys.readouterr().err == "error: no bundle\n --> evil\\x1b[2J\\ud800\n"


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (Interrupted(15, help="run it again"), 143)]
)
def test_an_interrupt_ends_with_its_signal(error, code, capsys):
    assert end(raises(error)) == code
    assert capsys.readouterr().err.startswith("error: interrupted\n")


def test_a_full_disk_could_not_run(capsys):
    assert end(raises(OSError(28, "No space left on device", "runs/1.bin"))) == 4
    assert capsys.readouterr().err.startswith("error: there is no room to write\n --> runs/1.bin\n")


def test_anything_else_is_our_bug_and_says_how_to_report_it(capsys, monkeypatch):
    monkeypatch.delenv("FMAUDIT_TRACEBACK", raising=False)
    assert end(raises(ZeroDivisionError("division by zero"))) == 2
    told = capsys.readouterr().err
    assert "this is a bug in fmaudit" in told
    assert "ZeroDivisionError: division by zero" in told
    assert "commands/ending.py" in told
    assert "fmaudit --verbose" in told
    assert "Traceback" not in told


def test_the_traceback_is_shown_on_request(capsys, monkeypatch):
    monkeypatch.setenv("FMAUDIT_TRACEBACK", "1")
    assert end(raises(ZeroDivisionError())) == 2
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_reader_that_leaves_early_gets_no_complaint():
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time; time.sleep(0.3); from auditor.cli import main; main()",
            "--help",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        told = process.stderr.read()
    assert (process.returncode, told) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_report_that_cannot_be_written_is_not_a_success():
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [sys.executable, "-m", "auditor", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert told.returncode == 4
    assert told.stderr.startswith("error: there is no room to write\n --> standard output\n")
