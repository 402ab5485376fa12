"""Progress of several runs at once, as plain lines and as bars."""

import io

import pytest
from rich.console import Console
from rich.progress import Progress

from auditor.report.progress import Live, Plain


@pytest.fixture
def live():
    """Bars on a console that nobody sees."""
    progress = Progress(console=Console(file=io.StringIO()), auto_refresh=False)
    return Live(progress), progress


def test_plain_lines_name_the_run_they_are_about(capsys, monkeypatch):
    clock = iter([0.0, 1.0, 20.0, 40.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    watch = Plain()
    watch.run_started(7, 1, 2, 100, 0)
    watch.run_started(8, 2, 2, 100, 40)
    watch.step(8, 59, 0.5)
    watch.step(7, 80, 0.25)
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "  run 1 of 2, seed 7: 100 steps",
        "  run 2 of 2, seed 8: resumed at step 40 of 100",
        "  run 2 of 2, seed 8: step 59, loss 0.5000, 1 steps/s, 41 s left",
        "  run 1 of 2, seed 7: step 80, loss 0.2500, 2 steps/s, 10 s left",
    ]


def test_plain_lines_tell_how_each_run_ended(capsys):
    watch = Plain()
    watch.run_started(7, 1, 2, 100, 0)
    watch.run_stopped(7, "its process was ended by signal 9")
    watch.run_finished(8, "accuracy 0.9", reused=True)
    watch.step(7, 80, 0.25)  # told late, after the end
    assert capsys.readouterr().err.splitlines()[1:] == [
        "  seed 7: its process was ended by signal 9",
        "  seed 8: accuracy 0.9 (from the run directory)",
    ]


def test_each_run_that_goes_on_has_a_bar(live):
    watch, progress = live
    watch.run_started(7, 1, 2, 100, 0)
    watch.run_started(8, 2, 2, 100, 40)
    watch.step(7, 30, 0.5)
    assert [(bar.description, bar.completed) for bar in progress.tasks] == [
        ("run 1 of 2, seed 7", 30),
        ("run 2 of 2, seed 8", 40),
    ]
    watch.run_finished(7, "accuracy 0.9", reused=False)
    watch.run_stopped(8, "killed")
    watch.step(8, 50, 0.5)
    assert progress.tasks == []
    assert "seed 7: accuracy 0.9\n  seed 8: killed" in progress.console.file.getvalue()
