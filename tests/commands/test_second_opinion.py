"""`fmaudit check --second-opinion picklescan`: asked for, never loaded otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pickles.writing import EVIL

ROOT = Path(__file__).parents[2]


def checked(folder, *arguments):
    code = "import sys; from auditor.cli import run; c = run(sys.argv[1:]); print('picklescan' in sys.modules); sys.exit(c)"
    return subprocess.run(
        [sys.executable, "-c", code, "check", str(folder), "--select", "SEC", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture
def bundle(tmp_path):
    (tmp_path / "model.pkl").write_bytes(EVIL)
    return tmp_path


def test_the_other_scanner_is_heard_where_it_is_asked(bundle):
    pytest.importorskip("picklescan")
    told = checked(bundle, "--second-opinion", "picklescan")
    assert told.returncode == 1
    assert "picklescan calls it dangerous for `os.system`" in told.stdout
    assert told.stdout.endswith("True\n")


def test_it_is_not_loaded_otherwise(bundle):
    told = checked(bundle)
    assert "SEC209" not in told.stdout
    assert told.stdout.endswith("False\n")


def test_another_scanner_is_wrong_usage(bundle):
    assert checked(bundle, "--second-opinion", "other").returncode == 2
