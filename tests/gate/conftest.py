"""The gates as their services run them: a checkout of fmaudit, a release in a repository, a stand-in for pip."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
GIT = {  # no setting of whoever runs the tests
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{who}_{what}": "fmaudit@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
}
# What `python3 -m venv` and pip do, in no time: a folder with a `fmaudit` that is this checkout, and a `python` that
# notes how it was called.
STAND_IN = """#!/bin/sh
[ "$1 $2" = "-m venv" ] || exit 9
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$PWD: $*" > "%s"\\n' "{note}" > "$3/bin/python"
printf '#!/bin/sh\\nexec "%s" -P -m auditor "$@"\\n' "{python}" > "$3/bin/fmaudit"
chmod +x "$3/bin/python" "$3/bin/fmaudit"
"""


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """A repository with one commit: every file of this checkout that git does not ignore."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    copy = tmp_path_factory.mktemp("checkout")
    for name in listed:
        if name and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    committed(copy)
    return copy


@pytest.fixture(scope="session")
def index(tmp_path_factory):
    """Skips the test where pip finds no packages: a real install needs them."""
    target = tmp_path_factory.mktemp("probe")
    words = ["download", "-q", "--retries", "0", "--timeout", "20", "--no-deps", "--dest", str(target)]
    probe = [sys.executable, "-m", "pip", *words, "hatchling"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("pip finds no package index here")


@pytest.fixture
def workspace(tmp_path):
    """A folder with a good release and a broken one, and with files that no gate may run."""
    for name in ("digits-cnn", "digits-cnn-broken"):
        shutil.copytree(EXAMPLES / name, tmp_path / "workspace" / name)
    for name in ("venv.py", "pip.py", "ensurepip.py", "auditor.py", "click.py"):
        (tmp_path / "workspace" / name).write_text("import pathlib; pathlib.Path('was-run').touch()\n")
    return tmp_path / "workspace"


@pytest.fixture
def stand_in(tmp_path):
    """A program that stands for `python3`; beside it, `called` says how its pip was called."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "python3"
    program.write_text(STAND_IN.format(note=tmp_path / "bin" / "called", python=sys.executable))
    program.chmod(0o755)
    return program


def committed(folder):
    """The commit that holds every file of the folder."""
    git(folder, "init", "-q")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "-q", "-m", "all")
    return git(folder, "rev-parse", "HEAD").strip()


def git(folder, *arguments):
    """What git prints."""
    call = ["git", *arguments]
    return subprocess.run(
        call, cwd=folder, env={**os.environ, **GIT}, check=True, capture_output=True, text=True
    ).stdout
