"""Lists of digests are read as `sha256sum -c` reads them, and nothing else is taken for one."""

import hashlib
import subprocess
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers.checksums import is_list, read_checksums
from auditor.readers.document import Unreadable

SHA256 = hashlib.sha256(b"hello\n").hexdigest()
MD5 = hashlib.md5(b"hello\n").hexdigest()


def entries(text, file="SHA256SUMS"):
    raw = text if isinstance(text, bytes) else text.encode()
    return [(entry.name, entry.algorithms[0]) for entry in read_checksums(file, raw).entries]


def malformed(text, file="SHA256SUMS"):
    return [span.line for span in read_checksums(file, text.encode()).malformed]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "SHA256SUMS",
            "sha256sums",
            "sha256sums.txt",
            "SHA256SUM",
            "sha256sum.txt",
            "SHA256SUMS.txt",
            "sha256.txt",
        ),
        *("sha-256sums", "sha256_checksums.txt", "MD5SUMS", "SHA1SUMS", "SHA512SUMS", "B2SUMS", "md5.txt"),
        *("checksums.txt", "checksum.txt", "CHECKSUMS", "checksums.sha256", "MANIFEST.sha256"),
        *("model.safetensors.sha256", "weights.bin.md5", "x.sha512sum", "a/b/SHA256SUMS"),
        *("manifest-sha256.txt", "tagmanifest-md5.txt"),
    ],
)
def test_a_list_is_known_by_its_name(name):
    assert is_list(name)


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "sums.txt",
        "checksum.py",
        "sha256.py",
        "sha256sums.json",
        "SHA256SUMS.asc",
        ".sha256",
        "md5.h",
    ],
)
def test_other_files_are_no_lists(name):
    assert not is_list(name)


@pytest.mark.parametrize("text", ["", "hello\n", "\n\n", "# only a remark\n", "a " * 9999, "\0\1\2"])
def test_what_states_nothing_has_no_entries_and_no_faults(text):
    found = read_checksums("SHA256SUMS", text.encode())
    assert found.entries == found.malformed == ()


FORMS = {
    "GNU": f"{SHA256}  a.bin\n",
    "GNU, binary": f"{SHA256} *a.bin\n",
    "one blank": f"{SHA256} a.bin\n",
    "a tab": f"{SHA256}\ta.bin\n",
    "capitals": f"{SHA256.upper()}  a.bin\n",
    "BSD": f"SHA256 (a.bin) = {SHA256}\n",
    "openssl 1": f"SHA256(a.bin)= {SHA256}\n",
    "openssl 3": f"SHA2-256(a.bin)= {SHA256}\n",
    "CRLF": f"{SHA256}  a.bin\r\n",
    "no end of line": f"{SHA256}  a.bin",
    "a byte-order mark": f"\ufeff{SHA256}  a.bin\n",
    "remarks": f"# made by hand\n; so to say\n\n{SHA256}  a.bin\n",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_form_is_read(text):
    assert entries(text) == [("a.bin", "sha256")]


def test_names_keep_their_blanks_marks_and_letters():
    text = f"{SHA256}   a  b \n{SHA256}  *c\n{SHA256}  é (1) = x\nSHA256 (d) = e) = {SHA256}\n"
    assert [name for name, _ in entries(text)] == [" a  b ", "*c", "é (1) = x", "d) = e"]


def test_escaped_names_are_unescaped_and_others_left():
    text = f"\\{SHA256}  a\\nb\\\\c\\rd\n{SHA256}  a\\nb\n\\SHA256 (x\\ny) = {SHA256}\n"
    assert [name for name, _ in entries(text)] == ["a\nb\\c\rd", "a\\nb", "x\ny"]


def test_a_file_named_after_another_may_hold_the_digest_alone():
    assert entries(SHA256 + "\n", "d/model.bin.sha256") == [("model.bin", "sha256")]
    assert entries(MD5, "d/model.bin.md5") == [("model.bin", "md5")]
    assert entries(MD5, "d/model.bin.sha256") == []


@pytest.mark.parametrize(
    ("file", "digest", "algorithm"),
    [
        ("MD5SUMS", MD5, "md5"),
        ("checksums.txt", MD5, "md5"),
        ("checksums.txt", SHA256, "sha256"),
        ("checksums.txt", "0" * 40, "sha1"),
        ("checksums.txt", "0" * 96, "sha384"),
        ("checksums.txt", "0" * 128, "sha512"),
        ("B2SUMS", "0" * 128, "blake2b"),
        ("manifest-sha512.txt", "0" * 128, "sha512"),
    ],
)
def test_the_algorithm_is_told_by_the_name_or_the_length(file, digest, algorithm):
    assert entries(f"{digest}  a\n", file) == [("a", algorithm)]


def test_a_line_tells_its_own_algorithm():
    assert entries(f"MD5 (a) = {MD5}\nBLAKE2b (b) = {'0' * 128}\n") == [("a", "md5"), ("b", "blake2b")]


def test_lines_that_state_no_digest_are_named():
    text = f"{SHA256}  a\n{SHA256[:-2]}  b\n{SHA256}\n{MD5}  c\nsha256sum: d: No such file or directory\n{SHA256}  e\n"
    text += f"{SHA256}  f\n" * 4
    assert malformed(text) == [2, 3, 4, 5]


def test_prose_is_no_fault_in_a_list_whose_name_says_little():
    text = f"Digests of the release\n\n{SHA256}  a\n{SHA256[:-2]}  b\nThat is all.\n"
    assert malformed(text, "checksums.txt") == [4]


def test_a_list_that_is_mostly_something_else_is_none():
    assert entries(f"{SHA256}  a\nhello\nthere\n") == []


def test_what_an_openpgp_signature_encloses_is_read_alone():
    text = (
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{SHA256}  a\n- {SHA256}  b\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQIz\n-----END PGP SIGNATURE-----\n"
    )
    found = read_checksums("SHA256SUMS", text.encode())
    assert [(entry.name, entry.span.line) for entry in found.entries] == [("a", 4), ("b", 5)]
    assert found.malformed == ()


def test_another_encoding_is_refused():
    with pytest.raises(Unreadable):
        read_checksums("SHA256SUMS", f"{SHA256}  a\n".encode("utf-16"))


def test_ten_megabytes_are_read():
    assert len(entries(f"{SHA256}  some/name/of/a/file/that/is/not/short.bin\n" * 100_000)) == 100_000


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        alphabet=st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=12
    )
)
def test_what_sha256sum_writes_is_read_back(tmp_path_factory, name):
    if name in (".", "..") or len(name.encode()) > 200:
        return
    folder = tmp_path_factory.mktemp("sums")
    (folder / name).write_bytes(b"hello\n")
    written = subprocess.run(["sha256sum", "--", name], cwd=folder, capture_output=True, check=True).stdout
    assert entries(written) == [(name, "sha256")]


LINE = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"\\?[0-9a-f]{30,70}[ \t*]{0,3}.{0,5}", fullmatch=True),
    st.from_regex(r"\\?(SHA256|MD5|X) ?\(.{0,5}\) ?= ?[0-9a-f]{0,70}", fullmatch=True),
    st.just("-----BEGIN PGP SIGNED MESSAGE-----"),
    st.just("-----BEGIN PGP SIGNATURE-----"),
)


@settings(deadline=None)
@given(st.lists(LINE, max_size=6), st.sampled_from(["SHA256SUMS", "checksums.txt", "x.md5", "B2SUMS"]))
def test_no_text_raises_anything(lines, file):
    found = read_checksums(file, "\n".join(lines).encode("utf-8", "replace"))
    assert all(entry.span.line >= 1 for entry in found.entries)


@settings(deadline=None)
@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(raw):
    with suppress(Unreadable):
        read_checksums("SHA256SUMS", raw)
