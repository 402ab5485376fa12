"""What lies in the place of weights that were never fetched, under any name that weights have."""

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.readers.stand_ins import stand_in

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:%b\nsize 438963192\n" % (b"4d" * 32)
ANNEX = b"/annex/objects/SHA256E-s438963192--4d7a2146.bin\n"
XET = b"# xet version 0\nfilesize = 438963192\nhash = '4d7a'\n"
PAGE = b"\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n"
NAMES = ["pytorch_model.bin", "model.gguf", "onnx/model.onnx", "tf_model.h5", "flax_model.msgpack", "x.npz"]


@pytest.fixture
def codes(tmp_path):
    def tell(path, raw):
        (tmp_path / "README.md").write_text("# model\n")
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(raw)
        found = check(Bundle.open(tmp_path), isolate=False).findings
        return {finding.code for finding in found if finding.places[0].file == path}

    return tell


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("raw", "code"),
    [(LFS, "WGT020"), (ANNEX, "WGT020"), (XET, "WGT020"), (b"", "WGT021"), (PAGE, "WGT022")],
    ids=["lfs", "annex", "xet", "empty", "page"],
)
def test_it_is_named_whatever_the_weights_are_called(codes, name, raw, code):
    assert code in codes(name, raw)


@pytest.mark.parametrize("raw", [LFS, ANNEX, XET, PAGE, b"", b"Entry not found"])
def test_of_safetensors_the_reader_tells(codes, raw):
    assert codes("model.safetensors", raw) == {"SCH001"}


@pytest.mark.parametrize("name", ["tokenizer.model", "images/plot.png", "README.md"])
def test_any_file_may_be_a_pointer(codes, name):
    assert "WGT020" in codes(name, LFS)


def test_a_long_text_about_pointers_is_none(codes):
    assert codes("notes.txt", LFS + b"x" * 1024) == set()


def test_a_page_beside_the_weights_is_a_page(codes):
    assert "WGT022" not in codes("demo.html", PAGE)


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code>', "the error message of an object store"),
        (b"Entry not found", "a server's refusal"),
        (b"Access to model meta/x is restricted. You must log in", "a server's refusal"),
        (b'{"error":"Repository not found"}', "a server's error message"),
        (b"\xef\xbb\xbf<HTML>", "an HTML page"),
        (b"../../.git/annex/objects/aa/bb/SHA256-s1--0/SHA256-s1--0", "a link of git-annex as text"),
    ],
)
def test_what_servers_and_tools_leave_is_known(start, kind):
    assert stand_in(start).kind == kind


@pytest.mark.parametrize(
    "start", [b"", b"\x80\x02}q\x00.", b"PK\x03\x04", b"{}", b"<svg>", b"GGUF", b'{"a": 1}']
)
def test_other_beginnings_are_no_stand_ins(start):
    assert stand_in(start) is None
