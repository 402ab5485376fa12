"""Files are replaced whole or not at all, never through a link, and never when somebody else changed them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from auditor.bundle import Bundle
from auditor.engine import writing
from auditor.engine.writing import replace_files
from auditor.errors import CannotRun

OLD, NEW = b"old\n", b"new and longer\n"


@pytest.fixture
def folder(tmp_path):
    """Three files, one of them in a folder."""
    root = tmp_path / "release"
    (root / "data").mkdir(parents=True)
    for name in ("a.yaml", "b.yaml", "data/c.json"):
        (root / name).write_bytes(OLD)
    return root


def replaced(folder, *names):
    bundle = Bundle.open(folder)
    replace_files(bundle, dict.fromkeys(names, OLD), dict.fromkeys(names, NEW))


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_files_hold_the_new_bytes_and_nothing_else_lies_there(folder):
    replaced(folder, "a.yaml", "data/c.json")
    assert contents(folder) == {"a.yaml": NEW, "b.yaml": OLD, "data/c.json": NEW}


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o444])
def test_permissions_are_kept(folder, mode):
    (folder / "a.yaml").chmod(mode)
    replaced(folder, "a.yaml")
    assert (folder / "a.yaml").stat().st_mode & 0o7777 == mode


def test_a_hard_link_elsewhere_keeps_the_old_bytes(folder, tmp_path):
    (tmp_path / "other").hardlink_to(folder / "a.yaml")
    replaced(folder, "a.yaml")
    assert ((folder / "a.yaml").read_bytes(), (tmp_path / "other").read_bytes()) == (NEW, OLD)


def test_a_file_that_was_changed_is_left_alone(folder):
    (folder / "a.yaml").write_bytes(b"mine\n")
    with pytest.raises(CannotRun, match="was changed") as caught:
        replaced(folder, "b.yaml", "a.yaml")
    assert caught.value.where.endswith("a.yaml")
    assert contents(folder) == {"a.yaml": b"mine\n", "b.yaml": OLD, "data/c.json": OLD}


def test_a_file_that_became_a_link_is_not_followed(folder, tmp_path):
    bundle = Bundle.open(folder)
    (tmp_path / "secret").write_bytes(OLD)
    (folder / "a.yaml").unlink()
    (folder / "a.yaml").symlink_to(tmp_path / "secret")
    with pytest.raises(CannotRun):
        replace_files(bundle, {"a.yaml": OLD}, {"a.yaml": NEW})
    assert (tmp_path / "secret").read_bytes() == OLD
    assert (folder / "a.yaml").is_symlink()


def test_a_folder_that_became_a_link_is_not_followed(folder, tmp_path):
    bundle = Bundle.open(folder)
    (folder / "data").rename(tmp_path / "data")
    (folder / "data").symlink_to(tmp_path / "data")
    with pytest.raises(CannotRun):
        replace_files(bundle, {"data/c.json": OLD}, {"data/c.json": NEW})
    assert contents(tmp_path / "data") == {"c.json": OLD}


def test_a_link_under_the_name_of_the_waiting_file_is_not_written_through(folder, tmp_path):
    (tmp_path / "target").write_bytes(b"")
    (folder / f".fmaudit.{os.getpid()}.0.partial").symlink_to(tmp_path / "target")
    with pytest.raises(CannotRun, match="file exists"):
        replaced(folder, "a.yaml")
    assert (tmp_path / "target").read_bytes() == b""


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_what_is_no_regular_file_any_more_is_refused(folder, kind):
    bundle = Bundle.open(folder)
    (folder / "a.yaml").unlink()
    os.mkfifo(folder / "a.yaml") if kind == "fifo" else (folder / "a.yaml").mkdir()
    with pytest.raises(CannotRun):
        replace_files(bundle, {"a.yaml": OLD}, {"a.yaml": NEW})


def test_a_file_that_is_changed_between_the_two_steps_is_left_alone(folder, monkeypatch):
    swap = writing._swap

    def later(root, ready):
        (root / "b.yaml").write_bytes(b"mine\n")
        swap(root, ready)

    monkeypatch.setattr(writing, "_swap", later)
    with pytest.raises(CannotRun, match="was changed") as caught:
        replaced(folder, "a.yaml", "b.yaml")
    assert "`a.yaml` is mended" in caught.value.help
    assert contents(folder) == {"a.yaml": NEW, "b.yaml": b"mine\n", "data/c.json": OLD}


def test_a_full_disk_changes_nothing(folder, monkeypatch):
    calls = []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "fsync", full)
    with pytest.raises(CannotRun, match="no space left") as caught:
        replaced(folder, "a.yaml", "b.yaml", "data/c.json")
    assert caught.value.where.endswith("b.yaml")
    assert contents(folder) == {"a.yaml": OLD, "b.yaml": OLD, "data/c.json": OLD}


def test_where_one_of_several_cannot_take_its_place_the_error_names_those_that_did(folder, monkeypatch):
    replace = os.replace

    def refuse(source, target, **where):
        if target == "b.yaml":
            raise PermissionError(13, "Permission denied")
        replace(source, target, **where)

    monkeypatch.setattr(writing.os, "replace", refuse)
    with pytest.raises(CannotRun, match="permission denied") as caught:
        replaced(folder, "a.yaml", "b.yaml", "data/c.json")
    assert caught.value.help.startswith("`a.yaml` is mended; ")
    assert contents(folder) == {"a.yaml": NEW, "b.yaml": OLD, "data/c.json": OLD}


def test_a_process_that_dies_between_two_files_leaves_both_whole(folder):
    code = """
import os, sys
from auditor.bundle import Bundle
from auditor.engine import writing
replace = os.replace
def dying(source, target, **where):
    if target == "b.yaml":
        os._exit(9)
    replace(source, target, **where)
writing.os.replace = dying
names = ("a.yaml", "b.yaml")
writing.replace_files(Bundle.open(sys.argv[1]), dict.fromkeys(names, b"old\\n"), dict.fromkeys(names, b"new\\n"))
"""
    died = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert died.returncode == 9
    assert [(folder / name).read_bytes() for name in ("a.yaml", "b.yaml")] == [b"new\n", b"old\n"]


@pytest.fixture
def nobody():
    """Rights of a user who owns nothing, for the test: root may write where nobody may."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        yield
        os.seteuid(0)
    else:
        yield


@pytest.fixture
def read_only():
    """A release in a folder that everybody may read and nobody write; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.yaml").write_bytes(OLD)
        Path(folder).chmod(0o555)
        yield Path(folder)
        Path(folder).chmod(0o755)


def test_a_folder_that_may_not_be_written_is_an_error(read_only, request):
    bundle = Bundle.open(read_only)
    request.getfixturevalue("nobody")
    with pytest.raises(CannotRun, match="permission denied") as caught:
        replace_files(bundle, {"a.yaml": OLD}, {"a.yaml": NEW})
    assert "--diff" in caught.value.help
    assert contents(read_only) == {"a.yaml": OLD}
