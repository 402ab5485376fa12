"""Files of a run directory."""

import errno
import fcntl
import os
import subprocess
import sys
import textwrap
import threading

import pytest

from auditor.errors import CannotRun
from auditor.training.files import locked, read_json, write_json, write_whole


def test_a_file_is_replaced_whole(tmp_path):
    write_whole(tmp_path / "a" / "x", b"one")
    write_whole(tmp_path / "a" / "x", b"two")
    assert (tmp_path / "a" / "x").read_bytes() == b"two"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["x"]


def test_json_has_sorted_keys_and_reads_back(tmp_path):
    write_json(tmp_path / "x.json", {"b": 1, "a": [2]})
    assert (tmp_path / "x.json").read_text().index('"a"') < (tmp_path / "x.json").read_text().index('"b"')
    assert read_json(tmp_path / "x.json") == {"a": [2], "b": 1}


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff", b"[" * 200_000])
def test_a_missing_or_damaged_json_file_reads_as_none(tmp_path, content):
    if content is not None:
        (tmp_path / "x.json").write_bytes(content)
    assert read_json(tmp_path / "x.json") is None


def test_one_audit_at_a_time_uses_a_run_directory(tmp_path):
    with locked(tmp_path), pytest.raises(CannotRun, match="another audit"), locked(tmp_path):
        pass


def test_a_disk_without_locks_is_refused(tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(CannotRun, match="cannot be locked"), locked(tmp_path):
        pass


def test_a_run_directory_keeps_itself_out_of_version_control(tmp_path):
    with locked(tmp_path / "runs"):
        assert (tmp_path / "runs" / ".gitignore").read_text() == "*\n"


def test_a_file_in_the_way_of_the_run_directory_is_said_to_be(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(CannotRun, match="cannot be written"), locked(tmp_path / "runs"):
        pass


def test_no_room_on_the_disk_is_one_clear_message_and_leaves_the_old_file(tmp_path):
    """The kernel refuses to write beyond a file-size limit, as it does on a full disk."""
    code = """
        import resource, signal, sys
        from pathlib import Path
        from auditor.errors import CannotRun
        from auditor.training.files import write_whole
        path = Path(sys.argv[1])
        write_whole(path, b"old")
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_whole(path, b"x" * 10_000)
        except CannotRun as error:
            print(error.what, "|", error.help)
    """
    path = tmp_path / "x"
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(path)], capture_output=True, text=True, check=True
    )
    assert ended.stdout.startswith("there is no room left to write | free some space")
    assert path.read_bytes() == b"old"
    assert not list(tmp_path.glob("*.partial"))


HOLD = """
import os, sys, time
from pathlib import Path
from auditor.training.files import locked
with locked(Path(sys.argv[1])):
    child = os.fork()
    if not child:  # a process of the audit, which ends when its standard input does
        sys.stdin.read()
        os._exit(0)
    print("held", flush=True)
    os.waitpid(child, 0)
"""


@pytest.fixture
def holder(tmp_path):
    """An audit that holds the lock of a run directory together with a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.stdin.close()
    process.stdout.close()
    process.wait()


def test_an_audit_that_runs_is_not_waited_for(holder, tmp_path):
    with pytest.raises(CannotRun, match="another audit"), locked(tmp_path):
        pass
    assert int((tmp_path / "lock").read_text()) == holder.pid


def test_the_last_processes_of_a_killed_audit_are_waited_for(holder, tmp_path):
    holder.kill()
    holder.wait()
    threading.Timer(0.2, holder.stdin.close).start()
    with locked(tmp_path):
        assert int((tmp_path / "lock").read_text()) == os.getpid()


def test_a_lock_that_names_nobody_is_somebody_s(holder, tmp_path):
    (tmp_path / "lock").write_text("garbage")
    with pytest.raises(CannotRun, match="another audit"), locked(tmp_path):
        pass
