"""Run directory and breakable example for the tests of `fmaudit reproduce`."""

import shutil
from pathlib import Path

import pytest

from tests.commands.reproducing import EXAMPLES


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """One run directory for all tests that only look at results: seeds are trained once."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture
def copy(tmp_path):
    """A copy of the honest example to break."""
    return Path(shutil.copytree(EXAMPLES / "digits-cnn", tmp_path / "digits-cnn"))
