"""Lists such as SHA256SUMS, and what all statements of digests together say, on bundles that try it hard."""

import hashlib
import os

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.rules.registry import needed
from tests import signed

HELLO = hashlib.sha256(b"hello\n").hexdigest()
WRONG = "ab" * 32


@pytest.fixture
def release(tmp_path):
    """`release({path: text})`: a bundle of these files besides `hello.txt`."""

    def make(files):
        folder = tmp_path / "release"
        for path, text in {"hello.txt": "hello\n", **files}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return make


def found(folder, select="SEC31"):
    result = check(Bundle.open(folder), Settings((select,)), isolate=False)
    return [(finding.code, finding.spans[0].file, finding.spans[0].line) for finding in result.findings]


HONEST = {
    "beside": {"SHA256SUMS": f"{HELLO}  hello.txt\n"},
    "with a dot": {"SHA256SUMS": f"{HELLO}  ./hello.txt\n"},
    "in a folder of its own, from the bundle": {"checksums/SHA256SUMS": f"{HELLO}  hello.txt\n"},
    "in a folder of its own, from there": {"checksums/SHA256SUMS": f"{HELLO}  ../hello.txt\n"},
    "of a folder": {"sub/hello.txt": "hello\n", "SHA256SUMS": f"{HELLO}  sub/hello.txt\n"},
    "by Windows": {"sub/hello.txt": "hello\n", "SHA256SUMS": f"{HELLO} *sub\\hello.txt\r\n"},
    "of one file": {"hello.txt.sha256": HELLO},
    "of one file with its name": {"hello.txt.sha256": f"{HELLO}  hello.txt\n"},
    "of itself": {"SHA256SUMS": f"{HELLO}  hello.txt\n{WRONG}  SHA256SUMS\n"},
    "by another algorithm of that length": {
        "checksums.txt": f"{hashlib.sha3_256(b'hello' + bytes([10])).hexdigest()}  hello.txt\n"
    },
    "by BLAKE2": {"checksums.txt": f"{hashlib.blake2b(b'hello' + bytes([10])).hexdigest()}  hello.txt\n"},
    "of a pointer of Git LFS": {
        "weights.bin": f"version https://git-lfs.github.com/spec/v1\noid sha256:{WRONG}\nsize 12345\n",
        "SHA256SUMS": f"{WRONG}  weights.bin\n",
    },
    "prose": {"checksums.txt": "Checksums are published on our website.\n"},
    "of what git keeps": {"SHA256SUMS": f"{HELLO}  hello.txt\n{WRONG}  ./.git/HEAD\n"},
    "another encoding": {"SHA256SUMS": f"{WRONG}  hello.txt\n".encode("utf-16")},
}


@pytest.mark.parametrize("files", HONEST.values(), ids=HONEST)
def test_an_honest_list_is_silent(release, files):
    assert found(release(files)) == []


FAULTY = {
    "another digest": ({"SHA256SUMS": f"{WRONG}  hello.txt\n"}, [("SEC311", 1)]),
    "another MD5": ({"MD5SUMS": f"{'ab' * 16}  hello.txt\n"}, [("SEC311", 1), ("SEC315", 1)]),
    "missing": ({"SHA256SUMS": f"{HELLO}  hello.txt\n{WRONG}  gone.txt\n"}, [("SEC312", 2)]),
    "out": ({"SHA256SUMS": f"{HELLO}  hello.txt\n{WRONG}  ../../etc/passwd\n"}, [("SEC314", 2)]),
    "absolute": ({"SHA256SUMS": f"{WRONG}  /etc/passwd\n"}, [("SEC314", 1)]),
    "of a drive": ({"SHA256SUMS": f"{WRONG} *C:\\x\\y.bin\n"}, [("SEC314", 1)]),
    "of a home": ({"SHA256SUMS": f"{WRONG}  ~/y.bin\n"}, [("SEC314", 1)]),
    "cut short": ({"SHA256SUMS": f"{HELLO}  hello.txt\n{HELLO[:-1]}  hello.txt\n"}, [("SEC313", 2)]),
    "weak alone": (
        {"MD5SUMS": f"{hashlib.md5(b'hello' + bytes([10])).hexdigest()}  hello.txt\n"},
        [("SEC315", 1)],
    ),
}


@pytest.mark.parametrize(("files", "codes"), FAULTY.values(), ids=FAULTY)
def test_a_fault_is_found_in_its_line(release, files, codes):
    assert [(code, line) for code, _, line in found(release(files))] == codes


def test_a_weak_digest_beside_a_strong_one_is_silent(release):
    md5 = hashlib.md5(b"hello\n").hexdigest()
    files = {"MD5SUMS": f"{md5}  hello.txt\n", "SHA256SUMS": f"{HELLO}  hello.txt\n"}
    assert found(release(files)) == []


def test_a_link_is_not_followed_and_told_as_not_checked(release, tmp_path):
    folder = release({"SHA256SUMS": f"{HELLO}  link.txt\n"})
    (tmp_path / "outside.txt").write_text("secret")
    (folder / "link.txt").symlink_to("../outside.txt")
    result = check(Bundle.open(folder), Settings(("SEC311",)), isolate=False)
    assert [outcome.state for outcome in result.outcomes] == ["not checked"]


def test_a_fifo_is_never_opened(release):
    folder = release({"SHA256SUMS": f"{HELLO}  pipe\n"})
    os.mkfifo(folder / "pipe")
    os.mkfifo(folder / "MD5SUMS")
    assert found(folder) == []


def test_a_file_that_is_named_a_thousand_times_is_read_once_an_algorithm(release, monkeypatch):
    from auditor.rules import stated

    opened = []
    real = stated.blocks
    monkeypatch.setattr(stated, "blocks", lambda *about: opened.append(about[1]) or real(*about))
    line = f"{'ab' * 16}  hello.txt\n"
    assert len(found(release({"MD5SUMS": line * 900}), "SEC311")) == 900
    assert opened == ["hello.txt"]


def test_what_is_stated_is_gathered_for_whoever_reads_the_files(release):
    folder = release(
        {"SHA256SUMS": f"{HELLO}  hello.txt\n{WRONG}  gone.txt\n", "MD5SUMS": f"{'a' * 32}  x\n"}
    )
    signed.lay(folder, folder / "model.sig")
    stated = needed(Bundle.open(folder), "stated digests")
    assert list(stated) == ["MD5SUMS", "SHA256SUMS", "hello.txt"]
    assert [(digest, place.file) for digest, place in stated["hello.txt"]] == [
        (HELLO, "model.sig"),
        (HELLO, "SHA256SUMS"),
    ]


def test_without_statements_there_is_nothing_to_gather(release):
    assert needed(Bundle.open(release({})), "stated digests") == {}
