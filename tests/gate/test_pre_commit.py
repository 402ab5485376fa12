"""The hook, run by pre-commit itself from a clone of this checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.gate.conftest import EXAMPLES, GIT, ROOT, committed, git

HOOK = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def pre_commit(*arguments, cwd, home):
    environment = {**os.environ, **GIT, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"}
    call = [sys.executable, "-m", "pre_commit", *arguments]
    ended = subprocess.run(call, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def test_pre_commit_takes_the_manifest(tmp_path):
    code, told = pre_commit(
        "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"), cwd=tmp_path, home=tmp_path
    )
    assert code == 0, told


def test_the_hook_looks_at_a_folder_and_not_at_slices_of_its_files():
    (hook,) = HOOK
    assert (hook["pass_filenames"], hook["require_serial"], hook.get("always_run", False)) == (
        False,
        True,
        False,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where pre-commit keeps the environments of its hooks."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def repository(tmp_path, checkout):
    """A repository whose whole content is a release, with the hook in its settings."""

    def make(example, **hook):
        release = Path(shutil.copytree(EXAMPLES / example, tmp_path / example))
        commit = git(checkout, "rev-parse", "HEAD").strip()
        settings = {"repos": [{"repo": str(checkout), "rev": commit, "hooks": [{"id": "fmaudit", **hook}]}]}
        (release / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings))
        committed(release)
        return release

    return make


@pytest.mark.slow
def test_a_good_release_passes_and_no_torch_is_installed(repository, index, home):
    code, told = pre_commit("run", "fmaudit", "--all-files", cwd=repository("digits-cnn"), home=home)
    assert code == 0, told
    assert told.rstrip().endswith("Passed")
    (python,) = home.glob("repo*/py_env-*/bin/python")
    installed = subprocess.run(
        [python, "-m", "pip", "list", "--format", "freeze"], capture_output=True, text=True, check=True
    ).stdout
    names = {line.partition("==")[0].lower() for line in installed.splitlines()}
    assert "fmaudit" in {name.partition(" ")[0] for name in names}
    assert names & {"torch", "scipy", "scikit-learn", "transformers"} == set()


@pytest.mark.slow
def test_a_broken_release_stops_the_commit_and_says_where(repository, index, home):
    release = repository("digits-cnn-broken")
    code, told = pre_commit("run", "fmaudit", "--all-files", cwd=release, home=home)
    assert code == 1
    assert "- exit code: 1" in told
    assert " --> README.md:" in told


@pytest.mark.slow
def test_its_arguments_can_be_changed(repository, index, home):
    release = repository("digits-cnn-broken", args=[".", "--select", "CARD001"])
    code, told = pre_commit("run", "fmaudit", "--all-files", cwd=release, home=home)
    assert code == 0, told


@pytest.mark.slow
def test_nothing_is_checked_where_no_file_of_the_release_changed(repository, index, home):
    release = repository("digits-cnn-broken", files="^weights/")
    code, told = pre_commit("run", "fmaudit", "--all-files", cwd=release, home=home)
    assert (code, "Skipped" in told) == (0, True)
