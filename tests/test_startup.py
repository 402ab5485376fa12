"""Start-up as a budget of modules, not of seconds: it does not flake."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.report.formats import FORMATS

ROOT = Path(__file__).parent.parent
OURS = {  # what `--help` may load of our own
    "auditor",
    "auditor.cli",
    "auditor.commands",
    "auditor.commands.ending",
    "auditor.errors",
}
HEAVY = {
    *(
        "torch",
        "numpy",
        "pydantic",
        "rich",
        "asyncio",
        "importlib.metadata",
        "scipy",
        "sklearn",
        "safetensors",
    ),
    *("requests", "urllib.request", "http.client", "ssl", "logging", "multiprocessing", "concurrent.futures"),
    *("unittest", "cryptography", "auditor.formats.strict", "auditor.training.device"),
}


def loaded(*arguments):
    """The names of all modules that one call of fmaudit has loaded when it ends."""
    code = (
        "import sys; from auditor.cli import run; code = run(sys.argv[1:]); "
        "print(code, *sys.modules, file=sys.stderr)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")},
    ).stderr.splitlines()[-1]
    return set(told.split()[1:])


@pytest.fixture(scope="module")
def click_alone():
    told = subprocess.run(
        [sys.executable, "-c", "import click, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return set(told.split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_help_loads_click_and_nothing_else(arguments, click_alone):
    beyond = {
        name for name in loaded(*arguments) - click_alone if not name.startswith(("click.", "encodings."))
    }
    assert beyond <= OURS | {"locale", "_locale", "gc", "textwrap"}


@pytest.mark.parametrize("arguments", [("check", "--help"), ("rule", "--help"), ("init", "--help")])
def test_help_on_a_command_loads_no_rules(arguments):
    modules = loaded(*arguments)
    assert modules & HEAVY == set()
    assert not any(name.startswith("auditor.rules") for name in modules)


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("example", ["digits-cnn", "digits-cnn-broken"])
def test_a_check_loads_nothing_heavy(example, style):
    modules = loaded("check", ROOT / "examples" / example, "--format", style)
    assert "auditor.engine.run" in modules
    assert modules & HEAVY == set()


def test_a_text_report_on_a_clean_bundle_needs_neither_schemas_nor_hashes():
    modules = loaded("check", ROOT / "examples" / "digits-cnn", "--select", "CARD")
    assert modules & {"jsonschema", "auditor.report.sarif", "auditor.report.json", "difflib"} == set()


def test_a_manual_page_loads_nothing_heavy():
    assert loaded("rule", "META001") & (HEAVY | {"jsonschema", "yaml"}) == set()
