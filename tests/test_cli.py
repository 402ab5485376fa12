import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from auditor import __version__
from auditor.cli import COMMANDS, run

ROOT = Path(__file__).parent.parent


def test_the_version_is_printed(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"fmaudit {__version__}\n"


def test_help_names_every_command_with_its_line(capsys):
    assert run(["--help"]) == 0
    printed = capsys.readouterr().out
    for name, (_, line) in COMMANDS.items():
        assert f"  {name} " in printed
        assert line in " ".join(printed.split())


def test_no_arguments_at_all_is_wrong_usage_and_shows_the_help(capsys):
    assert run([]) == 2
    assert capsys.readouterr().err.startswith("Usage: fmaudit")


def test_an_unknown_command_names_its_near_misses(capsys):
    assert run(["chekc"]) == 2
    assert capsys.readouterr().err == (
        "error: `chekc` is no command\n --> fmaudit\n  = help: similar: `check`\n"
    )


def test_an_unknown_option_names_its_near_misses(capsys):
    assert run(["check", "--fromat", "json", "x"]) == 2
    assert capsys.readouterr().err == (
        "error: no such option: `--fromat`\n --> fmaudit check\n  = help: similar: `--for`, `--format`\n"
    )


@pytest.mark.parametrize("arguments", [["check"], ["check", "--format", "xml", "x"], ["check", "x", "y"]])
def test_wrong_usage_is_told_in_three_lines(arguments, capsys):
    assert run(arguments) == 2
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("error: ")
    assert told[1:] == [" --> fmaudit check", "  = help: fmaudit check --help"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_every_option_of_it_is_documented(name):
    command = import_module(COMMANDS[name][0]).command
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []


def test_the_program_runs_as_a_module():
    told = subprocess.run(
        [sys.executable, "-m", "auditor", "--version"], capture_output=True, text=True, check=True
    )
    assert told.stdout == f"fmaudit {__version__}\n"


def test_the_shell_gets_its_completions():
    told = subprocess.run(
        [sys.executable, "-m", "auditor"],
        capture_output=True,
        text=True,
        check=True,
        env={"_FMAUDIT_COMPLETE": "bash_complete", "COMP_WORDS": "fmaudit che", "COMP_CWORD": "1"},
    )
    assert told.stdout == "plain,check\n"


@pytest.mark.parametrize("closed", [1, 2])
def test_a_stream_that_the_caller_has_closed_is_no_bug_of_ours(closed):
    words = f'exec "{sys.executable}" -m auditor check examples/digits-cnn {closed}>&-'
    ended = subprocess.run(["sh", "-c", words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert "bug" not in ended.stderr
