"""What is said of archives: names, links and devices that leave their folder, contradictions, what is not seen."""

import io
import tarfile
import zipfile

import pytest

from tests.pickles.containers import tarred, zipped
from tests.pickles.looking import said
from tests.pickles.writing import EVIL, KIND


def told(tmp_path, name, raw):
    return {code: message for code, _, message in said(tmp_path / "bundle", name, raw)}


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "C:\\x", "..\\x", "~/x", "a\0b"])
def test_a_member_that_leads_out_is_told(tmp_path, name):
    assert "SEC220" in told(
        tmp_path, "extra.zip", zipped({name.replace("\0", "_"): b""}).replace(b"a_b", b"a\0b")
    )


@pytest.mark.parametrize("name", ["x", "a/../x", "a/b/c", "./x", "..a", "a..b/c"])
def test_a_member_that_stays_inside_is_not(tmp_path, name):
    assert told(tmp_path, "extra.tar", tarred({name: b""})) == {}


@pytest.mark.parametrize(
    ("link", "target", "found"),
    [
        ("a", "b", False),
        ("a/b", "../c", False),
        ("a/b", "../../c", True),
        ("a", "/etc/passwd", True),
        ("a", "../c", True),
        ("d/e/f", "../../g/../h", False),
    ],
)
def test_a_link_is_told_where_its_target_leads_out(tmp_path, link, target, found):
    assert ("SEC221" in told(tmp_path, "extra.tar", tarred({}, links={link: target}))) is found


def test_a_hard_link_is_relative_to_the_archive(tmp_path):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, target in (("d/a", "b"), ("d/c", "../b")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.LNKTYPE, target
            archive.addfile(member)
    assert told(tmp_path, "extra.tar", stream.getvalue()) == {
        "SEC221": "`d/c` in the archive is a link to `../b`"
    }


def test_many_names_are_told_in_one_finding(tmp_path):
    raw = zipped({f"../{number}": b"" for number in range(5)})
    assert told(tmp_path, "extra.zip", raw)["SEC220"] == (
        "the archive would write `../0`, `../1`, `../2` and 2 more out of where it is unpacked"
    )


def test_bytes_before_an_archive_are_told_of_weights_alone(tmp_path):
    raw = b"#!/bin/sh\n" + zipped({"a.txt": b"text"})
    assert "SEC223" not in told(tmp_path, "installer.sh", raw)
    assert told(tmp_path, "weights.pt", raw)["SEC223"] == "the archive: 10 bytes stand before it"


def test_a_zip_archive_in_an_archive_is_judged_too(tmp_path):
    raw = tarred({"inner.zip": zipped({"../x": b""})})
    assert "`inner.zip`" in told(tmp_path, "extra.tar", raw)["SEC220"]


@pytest.mark.parametrize(("name", "code"), [("model.pt", "SEC225"), ("model.pkl", "SEC225")])
def test_weights_that_cannot_be_looked_into_are_an_error(tmp_path, name, code):
    assert code in told(tmp_path, name, b"\x28\xb5\x2f\xfd" + bytes(50))


def test_other_files_that_cannot_be_looked_into_leave_the_rule_unchecked(tmp_path):
    assert said(tmp_path / "bundle", "data.7z", b"7z\xbc\xaf\x27\x1c" + bytes(50)) == [
        ("SEC225", "not checked", "it is packed as 7z, which is not unpacked here")
    ]


def test_a_damaged_torch_archive_is_an_error(tmp_path):
    raw = zipped({"archive/data.pkl": KIND})
    assert told(tmp_path, "model.pt", raw[:-30])["SEC225"] == (
        "the file cannot be looked into: the zip archive has no directory at its end"
    )


def test_an_archive_of_zeros_that_is_small_is_no_bomb(tmp_path):
    assert told(tmp_path, "zeros.zip", zipped({"zeros": bytes(5_000_000)}, zipfile.ZIP_DEFLATED)) == {}


def test_a_document_of_an_office_is_no_concern(tmp_path):
    names = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}
    assert told(tmp_path, "notes.docx", zipped(names, zipfile.ZIP_DEFLATED)) == {}


def test_a_tampered_archive_is_told_beside_what_its_pickle_does(tmp_path):
    raw = zipped({"archive/data.pkl": EVIL}).replace(b"data.pkl", b"datap.kl", 1)
    assert {"SEC201", "SEC223"} <= told(tmp_path, "model.pt", raw).keys()
