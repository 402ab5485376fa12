"""The files around the code: what CI runs, and what is installed."""

import os
import re
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = dict(
    line.split("==")
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)
EXTRAS = PROJECT["optional-dependencies"]
BENCH = EXTRAS.pop("bench")  # lives in an environment of its own
REQUIRED = {
    re.split(r"[^A-Za-z0-9_.-]", requirement)[0]
    for requirement in [*PROJECT["dependencies"], *chain(*EXTRAS.values())]
} - {"fmaudit"}


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_every_requirement_has_an_exact_version(name):
    pinned = {known.lower(): version for known, version in PINNED.items()}
    assert re.fullmatch(r"[0-9][0-9.]*", pinned[name.lower()])


def test_what_is_compared_with_has_exact_versions():
    assert all(re.fullmatch(r"[a-z]+==[0-9.]+", requirement) for requirement in BENCH)


def test_each_package_has_one_version_and_torch_the_tested_one():
    names = [line.lower() for line in PINNED]
    assert len(set(names)) == len(names)
    assert PINNED["torch"] == "2.13.0"


def test_ci_runs_the_test_command_of_the_readme():
    script = ROOT / ".ci" / "run"
    commands = [line for line in script.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "exec make test"]
    assert script.stat().st_mode & 0o111
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


def make(folder, *arguments):
    # `make test` runs these tests, and a make within a make reports the folders it enters.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    call = ["make", *arguments]
    return subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_make_without_a_target_lists_the_targets():
    told = make(ROOT).stdout
    assert [line.split()[1] for line in told.splitlines()] == [
        "demo",
        "test",
        "lint",
        "schemas",
        "bench",
        "clean",
    ]


def test_an_interpreter_that_is_too_old_is_refused_in_one_line(tmp_path):
    (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    told = make(tmp_path, f"PYTHON={tmp_path / 'python'}", "test")
    assert told.returncode == 2
    assert "fmaudit needs Python 3.11 or newer" in told.stderr
    assert not (tmp_path / ".venv").exists()
