"""Files of other formats in a bundle: honest ones are silent, broken ones told once, the rest not checked."""

import os
import zipfile

import numpy as np
import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.rules import load
from tests import made
from tests.mutations import damaged
from tests.real_files import lay_honest, saved
from tests.rules.looking import CODES, looked


def test_honest_files_of_every_format_are_silent_and_checked(good):
    lay_honest(good)
    findings, outcomes = looked(good)
    assert [finding for finding in findings if finding.code != "WGT349"] == []
    assert {outcome.state for code, outcome in outcomes.items() if code != "WGT349"} == {"passed"}
    assert outcomes["WGT349"].state == "found"


def test_the_whole_registry_finds_nothing_worse_in_them(good):
    lay_honest(good)
    findings = check(Bundle.open(good), isolate=False).findings
    assert {finding.code for finding in findings if finding.level != "note"} == set()


STATES = ("checkpoint-100/optimizer.pt", "optimizer.bin", "scheduler.pt", "checkpoint-100/pytorch_model.bin")


@pytest.mark.parametrize("path", STATES)
def test_what_training_left_is_no_second_copy_of_the_weights(good, path):
    (good / path).parent.mkdir(exist_ok=True)
    (good / path).write_bytes(b"x" * (good / "model.safetensors").stat().st_size)
    assert looked(good, "WGT349")[0] == ()


def test_the_parts_of_a_pipeline_may_have_formats_of_their_own(good):
    (good / "unet").mkdir()
    (good / "unet/diffusion_pytorch_model.bin").write_bytes(b"x" * 200_000)
    assert len(looked(good, "WGT349")[0]) == 1
    (good / "model_index.json").write_text("{}")
    assert looked(good, "WGT349")[0] == ()


def test_a_bundle_without_such_files_needs_none_of_these_rules(good):
    _, outcomes = looked(good)
    assert {outcomes[code].state for code in CODES if load()[code].needs != ("bundle",)} == {"not applicable"}


BROKEN = {
    "model.gguf": b"GGUF\x03\0\0\0" + b"\xff" * 16,
    "unnamed.dat": b"GGUF\x03\0\0\0" + b"\xff" * 16,
    "model.onnx": b"\x0a\xff\x01x",
    "model.h5": bytes(2_000),
    "array.npy": b"\x93NUMPY\x01\x00\x04\x00{}{}",
    "weights.msgpack": b"\xc1",
    "saved_model.pb": b"\x08\x01",
    "model.keras": b"no archive",
    "model.npz": b"no archive",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_once_and_its_rules_are_not_checked(good, name):
    (good / name).write_bytes(BROKEN[name])
    findings, outcomes = looked(good)
    assert [(finding.code, finding.spans[0].file) for finding in findings] == [("SCH001", name)]
    state = {outcome.state for code, outcome in outcomes.items() if code in CODES}
    assert state == {"not applicable", "not checked", "passed"}
    assert f"`{name}` could not be read: see SCH001" in {outcome.reason for outcome in outcomes.values()}


NEWER = {
    "model.gguf": b"GGUF\x04\0\0\0" + bytes(16),
    "array.npy": b"\x93NUMPY\x04\x00" + bytes(60),
    "model.h5": b"\x89HDF\r\n\x1a\n\x04" + bytes(60),
    "deep.msgpack": b"\x91" * 200 + b"\x01",
}


@pytest.mark.parametrize("name", NEWER)
def test_a_file_that_may_be_sound_is_no_finding_and_not_checked(good, name):
    (good / name).write_bytes(NEWER[name])
    findings, outcomes = looked(good)
    assert findings == ()
    assert any(outcome.reason.startswith(f"`{name}` could not be read: ") for outcome in outcomes.values())


def test_a_broken_file_does_not_keep_the_others_from_being_checked(good):
    (good / "a.gguf").write_bytes(BROKEN["model.gguf"])
    (good / "b.gguf").write_bytes(made.gguf({"tensors": [{"name": "x", "shape": [4]}]}, 20))
    findings, outcomes = looked(good, "WGT301")
    assert [(finding.code, finding.spans[0].file) for finding in findings] == [
        ("SCH001", "a.gguf"),
        ("WGT301", "b.gguf"),
    ]
    assert outcomes["WGT301"].state == "found"


def test_members_of_archives_are_told_by_their_names(good):
    with zipfile.ZipFile(good / "a.npz", "w") as archive:
        archive.writestr("bad.npy", b"\x93NUMPY\x01\x00\x02\x00{}")
        archive.writestr("short.npy", saved(np.zeros(9))[:-8])
        archive.writestr("hidden", saved(np.array([None], object)))
    findings, _ = looked(good)
    assert {(finding.code, finding.message) for finding in findings} == {
        (
            "SCH001",
            "`bad.npy` in it: the header is no mapping of `descr`, `fortran_order` and `shape` at byte 47",
        ),
        ("WGT331", "`short.npy` (9, `<f8`) needs 200 bytes, has 192"),
        ("SEC418", "`hidden` holds Python objects: reading it runs what is written in it"),
    }


@pytest.mark.parametrize(
    "name", ["model.gguf", "model.onnx", "model.h5", "model.keras", "flax_model.msgpack"]
)
@pytest.mark.parametrize(
    "raw",
    [b"", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", b"<!DOCTYPE html><html>"],
)
def test_what_stands_in_for_a_file_is_told_elsewhere(good, name, raw):
    (good / name).write_bytes(raw)
    findings = check(Bundle.open(good), isolate=False).findings
    assert [finding.code for finding in findings] in (["WGT020"], ["WGT021"], ["WGT022"])
    _, outcomes = looked(good)
    assert "not checked" in {outcome.state for outcome in outcomes.values()}


def test_a_link_out_of_the_bundle_is_not_followed(good):
    (good / "model.gguf").symlink_to("../../elsewhere.gguf")
    findings, outcomes = looked(good)
    assert findings == ()
    assert (
        outcomes["WGT301"].reason
        == "`model.gguf` could not be read: it is a link, and links are not followed"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_nobody_may_read_is_told(good):
    (good / "model.gguf").write_bytes(made.gguf({}))
    (good / "model.gguf").chmod(0)
    findings, _ = looked(good, "WGT301")
    assert [finding.code for finding in findings] == ["SCH001"]


def test_a_pipe_of_that_name_does_not_block(good):
    os.mkfifo(good / "model.onnx")
    findings, outcomes = looked(good)
    assert [finding.message for finding in findings] == ["it is not a regular file"]
    assert outcomes["SEC401"].state == "not checked"


def test_a_file_that_grew_to_a_hundred_gigabytes_of_nothing_is_read_at_once(good):
    raw = made.gguf({"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [4]}]})
    (good / "model.gguf").write_bytes(raw)
    os.truncate(good / "model.gguf", 100 * 2**30)
    findings, _ = looked(good, "WGT301", "WGT305")
    assert [finding.message for finding in findings] == [
        f"{100 * 2**30 - len(raw):,} bytes follow the last tensor"
    ]


@pytest.mark.parametrize("seed", range(40))
def test_a_bundle_of_damaged_files_never_crashes(good, seed):
    lay_honest(good)
    for path in sorted(good.rglob("*")):
        if path.is_file() and path.suffix in {
            ".gguf",
            ".onnx",
            ".h5",
            ".hdf5",
            ".keras",
            ".npy",
            ".npz",
            ".msgpack",
            ".pb",
        }:
            path.write_bytes(damaged(path.read_bytes(), f"{seed}{path.name}"))
    looked(good, "SCH001", *CODES)
