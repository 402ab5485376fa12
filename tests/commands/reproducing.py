"""Calls of `fmaudit reproduce` from the outside, for the tests beside it."""

import re
import subprocess
import sys
import time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def words(bundle, run_dir, *options):
    return [sys.executable, "-m", "auditor", "reproduce", str(bundle), "--run-dir", str(run_dir), *options]


def reproduce(bundle, run_dir, *options, **settings):
    return subprocess.run(
        words(bundle, run_dir, *options), capture_output=True, text=True, check=False, timeout=300, **settings
    )


def untimed(report):
    return re.sub(r'"timing": \{[^}]*\}', "", report)


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def wait_for(condition, process):
    until = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)
