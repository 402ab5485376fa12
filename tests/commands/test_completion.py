import os
import shutil
import subprocess
import sys

import pytest

from auditor.cli import COMMANDS
from auditor.rules import load


def completed(words, shell="bash"):
    """What the shell is told to offer for the last of the words."""
    asked = {
        "_FMAUDIT_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": f"fmaudit {words}",
        "COMP_CWORD": str(len(words.split(" "))),
    }
    return subprocess.run(
        [sys.executable, "-m", "auditor"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **asked},
    ).stdout.splitlines()


def test_commands_are_completed():
    assert completed("ch") == ["plain,check"]
    assert completed("") == [f"plain,{name}" for name in COMMANDS]


def test_options_and_formats_are_completed():
    assert completed("check --stat") == ["plain,--statistics"]
    assert completed("check . --format s") == ["plain,sarif"]


def test_codes_of_rules_are_completed():
    codes = [code for code in load() if code.startswith("MET2")]
    assert completed("rule MET2") == [f"plain,{code}" for code in codes]
    assert completed("rule VER00") == ["plain,VER001", "plain,VER002", "plain,VER003"]


def test_names_of_rules_are_completed_where_small_letters_are_typed():
    assert completed("rule value-outside-r") == ["plain,value-outside-range"]
    assert completed("rule VALUE") == [""]


def test_the_last_of_several_rules_is_completed():
    assert completed("check . --select MET101,MET20")[0] == "plain,MET101,MET201"
    assert completed("check . --ignore AL") == ["plain,ALL"]
    assert "plain,CARD" in completed("check . --select CA")


def test_zsh_is_told_what_a_rule_finds():
    assert completed("rule MET101", "zsh") == [
        "plain",
        "MET101",
        f"{load()['MET101'].name}: {load()['MET101'].run.__doc__.splitlines()[0]}",
    ]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_can_read(shell, tmp_path):
    printed = subprocess.run(
        [sys.executable, "-m", "auditor", "completion", shell], capture_output=True, text=True, check=True
    ).stdout
    assert f"_FMAUDIT_COMPLETE={shell}_complete" in printed
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here to read it")
    (tmp_path / "script").write_text(printed)
    read = subprocess.run([shell, "-n", "script"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_with_it(tmp_path):
    """The function that the script defines fills COMPREPLY, as readline would call it."""
    (tmp_path / "fmaudit").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m auditor "$@"\n')
    (tmp_path / "fmaudit").chmod(0o755)
    typed = "COMP_WORDS=(fmaudit rule MET10); COMP_CWORD=2; _fmaudit_completion fmaudit"
    told = subprocess.run(
        ["bash", "-c", f'eval "$(fmaudit completion bash)"; {typed}; echo "${{COMPREPLY[@]}}"'],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert told.stdout.split() == [code for code in load() if code.startswith("MET10")]
