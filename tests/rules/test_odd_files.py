"""Disguises, leftovers and compiled code are told by names and first bytes, and honest names are left alone."""

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings

CODES = ("SEC005", "SEC012", "SEC013", "SEC014", "SEC015", "SEC016")
WINDOWS = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(64)


@pytest.fixture
def found(tmp_path):
    """`found({path: bytes})`: codes found in a bundle of these files."""

    def find(files):
        for path, content in {"README.md": b"x", **files}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
        return [
            finding.code for finding in check(Bundle.open(tmp_path), Settings(CODES), isolate=False).findings
        ]

    return find


HONEST = [
    "model.safetensors", "model-00001-of-00002.safetensors", "archive.tar.gz", "v1.2.json", "data.csv.gz", "a.b.c.txt",
    "weights.bin.index.json", "Modèle été.md", "模型.json", "می‌خواهم.txt", "👨‍👩‍👧.png", "model.fp16.onnx", "x.json.py",
    "runs/Jan01/events.out.tfevents.1", "wandb.md", "docs/wandb/../x.md".replace("/../", "-"), "co­operate.txt",
    "report.pdf.sig", "model.bin.exe.md", "setup.py", "notes.js.map",
]  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_name_is_silent(found, name):
    assert found({name: b"hello"}) == []


DECEIVING = [
    "model.safetensors.exe", "report.pdf.bat", "x.json .cmd", "photo.PNG.SCR", "weights.bin.ps1", "data.csv.lnk",
    "report\u202efdp.exe", "mod\u200bel.json", "config\ufeff.json", "a\u2066b.json", "model.txt.vbs",
]  # fmt: skip


@pytest.mark.parametrize("name", DECEIVING)
def test_a_deceiving_name_is_told(found, name):
    assert "SEC012" in found({name: b"hello"})


@pytest.mark.parametrize("start", [b"#!/bin/sh\nx", b"#! /usr/bin/env python3\n", b"#!/opt/x/y"])
@pytest.mark.parametrize("name", ["model.bin", "config.json", "x.safetensors", "a.png", "tokenizer.model"])
def test_a_script_under_the_name_of_data_is_told(found, name, start):
    assert found({name: start}) == ["SEC013"]


@pytest.mark.parametrize(
    ("name", "start"), [("run.sh", b"#!/bin/sh\n"), ("train", b"#!/bin/sh\n"), ("a.json", b"#!x")]
)
def test_scripts_under_their_own_names_are_silent(found, name, start):
    assert found({name: start}) == []


@pytest.mark.parametrize("start", [b"\x7fELF\x02\x01", b"\xcf\xfa\xed\xfe\x07\0", WINDOWS])
def test_programs_are_told_whatever_their_names(found, start):
    assert found({"model.dat": start}) == ["SEC005"]


def test_a_text_that_begins_like_a_windows_program_is_silent(found):
    assert (
        found({"MZ.txt": b"MZ is the signature of such programs, and this is a text about them." * 9}) == []
    )


def test_compiled_python_is_told_once_a_folder(found):
    files = {f"__pycache__/m{number}.cpython-311.pyc": b"x" for number in range(3)}
    assert found({**files, "old.pyo": b"x"}) == ["SEC014", "SEC014"]


def test_folders_of_tools_are_told_once_each(found):
    files = {
        "wandb/run-1/a.log": b"x",
        "wandb/run-2/b.log": b"x",
        "x/.ipynb_checkpoints/a.ipynb": b"x",
        "mlruns/0": b"x",
    }
    assert found(files) == ["SEC015"] * 3


def test_scripts_that_may_be_run_are_a_hint(found, tmp_path):
    assert found({"run.sh": b"#!/bin/sh\n", "data.txt": b"x"}) == []
    for path in tmp_path.iterdir():
        path.chmod(0o777)
    assert found({}) == ["SEC016"]
