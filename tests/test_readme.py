"""Every command that the README shows is run here, and what it prints is what the README prints."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
CONSOLE = re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [line.removeprefix("$ ") for block in CONSOLE for line in block.splitlines()]
SHOWN = re.findall(r"```console\n\$ ([^\n]*)\n```\n\n```text\n(.*?)```", README, flags=re.DOTALL)
# Run elsewhere: `make test` runs this very test, test_wheel.py installs, test_project.py reads the Makefile,
# and commands/test_reproduce.py trains on MNIST where its files are.
ELSEWHERE = {
    "pip install .",
    "pip install '.[reproduce]'",
    "pip install '.[sign]'",
    "fmaudit sign FOLDER --key key.pem",  # commands/test_sign.py
    "fmaudit check FOLDER --trust-key key.pub",
    "make demo",
    "make test",
    "fmaudit reproduce examples/mnist-cnn --data FOLDER --seeds 2",
}
ENDS_WITH_1 = (
    "examples/digits-cnn-broken",
    "check examples/film-sentences-forged",
    "examples/digits-cnn-inflated --quiet",
    "verdict --claim 0.981",
)
TRAINING = ("fmaudit reproduce", "fmaudit trace")  # their figures are those of one processor


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


def run(command, runs):
    words = shlex.split(command)
    assert words[0] == "fmaudit"
    extra = ["--run-dir", str(runs)] if words[1] == "reproduce" else []
    return subprocess.run(
        [sys.executable, "-m", "auditor", *words[1:], *extra],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in ELSEWHERE])
def test_a_command_of_the_readme_does_what_it_says(command, runs):
    ended = run(command, runs)
    expected = 1 if any(name in command for name in ENDS_WITH_1) else 0
    assert ended.returncode == expected, ended.stderr


@pytest.mark.parametrize(
    ("command", "output"), [shown for shown in SHOWN if not shown[0].startswith(TRAINING)]
)
def test_a_command_prints_what_the_readme_shows(command, output, runs):
    assert run(command, runs).stdout.strip() == output.strip()


@pytest.mark.parametrize(("command", "output"), [shown for shown in SHOWN if shown[0].startswith(TRAINING)])
def test_what_trains_prints_what_the_readme_shows_but_for_the_figures(command, output, runs):
    """Figures of a training differ in their last digits from processor to processor."""
    printed = run(command, runs).stdout.replace(str(runs), "fmaudit-runs/digits-cnn-inflated")
    assert _without_figures(printed) == _without_figures(output)


def test_every_command_elsewhere_is_still_shown():
    assert set(COMMANDS) >= ELSEWHERE


def _without_figures(text):
    text = re.sub(r"(first|drawn|last) .* passed, .*", r"\1 passed", text)
    text = text.replace(", 207 of them in double precision", "")
    return [re.sub(r"[\d.]+(e-\d+)?", "#", " ".join(line.split())) for line in text.strip().splitlines()]
