"""The ledger of a run directory."""

import json

import pytest

from auditor.errors import CannotRun
from auditor.reproduce.ledger import FILE, Ledger, events, noted, unreadable


def told(run_dir):
    return [event["event"] for event in events(run_dir)]


def test_events_are_read_back_in_their_order(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.add("run started", seed=7)
    ledger.add("run finished", seed=7)
    assert told(tmp_path) == ["run started", "run finished"]
    assert next(events(tmp_path))["seed"] == 7


def test_a_torn_line_stays_alone(tmp_path):
    Ledger(tmp_path).add("run started")
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:-5])
    Ledger(tmp_path).add("run finished")
    assert told(tmp_path) == ["run finished"]
    assert unreadable(tmp_path) == 1
    assert (tmp_path / FILE).read_bytes().startswith(whole[:-5])


@pytest.mark.parametrize(
    "line", [b"garbage", b"[]", b'{"event": 3, "at": "x"}', b"\xff\x00", b'{"a":' * 9000]
)
def test_a_line_that_is_no_event_is_passed_over_and_counted(tmp_path, line):
    Ledger(tmp_path).add("run started")
    with (tmp_path / FILE).open("ab") as stream:
        stream.write(line + b"\n")
    Ledger(tmp_path).add("run finished")
    assert told(tmp_path) == ["run started", "run finished"]
    assert unreadable(tmp_path) == 1


def test_without_a_ledger_nothing_is_told(tmp_path):
    assert told(tmp_path) == []
    assert unreadable(tmp_path) == 0


def test_a_link_in_its_place_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_text("mine\n")
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotRun, match="cannot be written to"):
        Ledger(tmp_path).add("run started")
    assert (tmp_path / "elsewhere").read_text() == "mine\n"


def test_an_audit_that_fails_is_noted_as_stopped(tmp_path):
    with pytest.raises(CannotRun), noted(tmp_path, bundle="b"):
        raise CannotRun("no device is here", where="--device")
    assert told(tmp_path) == ["audit started", "audit stopped"]
    assert json.loads((tmp_path / FILE).read_text().splitlines()[1])["why"] == "no device is here"
