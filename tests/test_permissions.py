"""Files and folders that may not be read, with real permissions: also when the tests run as root."""

import os
import tempfile
from pathlib import Path

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.errors import CannotRun


@pytest.fixture
def nobody():
    """Rights of a user who owns nothing, for the test: root may read what nobody may."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        yield
        os.seteuid(0)
    else:
        yield


@pytest.fixture
def open_to_all():
    """A release in a folder that every user may enter; pytest's own are closed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "config.json").write_text("{}")
        (Path(folder) / "closed").mkdir()
        check(Bundle.open(folder))  # imports what a check needs while the interpreter's files may be read
        yield Path(folder)
        (Path(folder) / "closed").chmod(0o700)


def test_a_file_that_may_not_be_read_is_a_finding(open_to_all, request):
    (open_to_all / "config.json").chmod(0)
    request.getfixturevalue("nobody")
    result = check(Bundle.open(open_to_all), Settings(("SCH001",)))
    assert [(f.code, f.places[0].file, "permission" in f.message) for f in result.findings] == [
        ("SCH001", "config.json", True)
    ]


def test_a_folder_that_may_not_be_listed_is_a_finding(open_to_all, request):
    (open_to_all / "closed").chmod(0)
    request.getfixturevalue("nobody")
    result = check(Bundle.open(open_to_all), Settings(("SCH001",)))
    assert [f.places[0].file for f in result.findings] == ["closed/"]


def test_a_bundle_that_may_not_be_listed_cannot_run(open_to_all, request):
    open_to_all.chmod(0)
    request.getfixturevalue("nobody")
    with pytest.raises(CannotRun, match="permission denied"):
        Bundle.open(open_to_all)
