"""Every technique of the corpus gives an error, no honest file does, and nothing of it all is run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pickles.benign import benign
from tests.pickles.corpus import malicious
from tests.pickles.looking import errors, said
from tests.pickles.writing import MARKER

MALICIOUS = list(malicious())
HONEST = list(benign())
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nothing_is_run(tmp_path, monkeypatch):
    """Commands and sources in the corpus would leave a file in the working folder."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / MARKER).exists()


@pytest.mark.parametrize(("name", "raw"), [row[3:] for row in MALICIOUS], ids=[row[1] for row in MALICIOUS])
def test_a_malicious_file_is_an_error(tmp_path, name, raw):
    assert errors(tmp_path / "bundle", name, raw)


@pytest.mark.parametrize(("name", "raw"), HONEST, ids=[name for name, _ in HONEST])
def test_an_honest_file_is_no_error(tmp_path, name, raw):
    found = [one for one in said(tmp_path / "bundle", name, raw) if one[1] != "warning"] if raw else []
    assert found == []


@pytest.mark.parametrize(("name", "raw"), HONEST, ids=[name for name, _ in HONEST])
def test_an_honest_pickle_of_numbers_is_told_as_a_pickle_and_no_more(tmp_path, name, raw):
    assert {code for code, _, _ in said(tmp_path / "bundle", name, raw or b"-")} <= {"SEC004"}


def test_the_corpus_is_large_and_no_technique_stands_twice():
    assert len({row[3:] for row in MALICIOUS}) == len({row[1] for row in MALICIOUS}) == len(MALICIOUS)
    assert len(MALICIOUS) >= 200
    assert len(HONEST) >= 50
    assert all(source.strip() for _, _, source, _, _ in MALICIOUS)


@pytest.mark.parametrize("kind", ["gadget", "stream"])
def test_a_payload_is_named_as_running_code_where_its_name_is_known(tmp_path, kind):
    named = 0
    rows = [row for row in MALICIOUS if row[0] == kind]
    for number, (_, _, _, name, raw) in enumerate(rows):
        named += "SEC201" in errors(tmp_path / str(number), name, raw)
    assert named >= 0.75 * len(rows)


def test_a_check_of_the_corpus_imports_nothing_that_the_corpus_names(tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    for number, (_, _, _, name, raw) in enumerate(MALICIOUS):
        (folder / f"{number}-{name}").write_bytes(raw)
    code = (
        "import sys; from auditor.cli import run; run(['check', sys.argv[1], '--select', 'SEC', '--format', 'json']);"
        "print(*sys.modules, file=sys.stderr)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, folder],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    modules = set(told.stderr.splitlines()[-1].split())
    assert (
        modules & {"torch", "antigravity", "pickle", "pty", "webbrowser", "idlelib", "joblib", "ctypes"}
        == set()
    )
