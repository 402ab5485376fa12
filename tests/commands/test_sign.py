"""`fmaudit sign` signs what lies there, writes one file whole or not at all, and guards the private key."""

import json
import os
from pathlib import Path

import pytest

from auditor.bundle import Bundle
from auditor.cli import run
from auditor.signing.signature import read
from tests.signed import write_keys


@pytest.fixture
def release(tmp_path):
    folder = tmp_path / "release"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.txt", "sub/b.bin", "README.md"):
        (folder / name).write_text(f"this is {name}")
    return folder


@pytest.fixture
def keys(tmp_path):
    return write_keys(tmp_path)


def listed(path):
    return [resource.path for resource in read("model.sig", path.read_bytes()).statement.resources]


def test_it_says_what_it_signed_with_which_key_and_what_is_next(release, keys, capsys):
    assert run(["sign", str(release), "--key", keys[0]]) == 0
    out = capsys.readouterr().out
    assert "signed 3 files of 47 bytes" in out
    assert "key: 429bce97" in out
    assert f"fmaudit check {release} --trust-key" in out
    assert listed(release / "model.sig") == ["README.md", "a.txt", "sub/b.bin"]


def test_what_it_signed_is_what_check_verifies(release, keys):
    assert run(["sign", str(release), "--key", keys[0]]) == 0
    assert run(["check", str(release), "--select", "SEC3", "--trust-key", keys[1], "--complete"]) == 0


def test_a_signature_that_is_there_is_kept_unless_forced(release, keys, capsys):
    (release / "model.sig").write_text("mine")
    assert run(["sign", str(release), "--key", keys[0]]) == 2
    assert "--force" in capsys.readouterr().err
    assert (release / "model.sig").read_text() == "mine"
    assert run(["sign", str(release), "--key", keys[0], "--force"]) == 0
    assert "model.sig" not in listed(release / "model.sig")


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_what_is_no_signature_is_never_replaced(release, keys, tmp_path, force, capsys):
    for place in (keys[0], tmp_path / "linked.sig", release / "README.md"):
        if not Path(place).exists():
            os.link(keys[0], place)  # the key under the name of a signature
        before = Path(place).read_bytes()
        assert run(["sign", str(release), "--key", keys[0], "--output", str(place), *force]) == 2
        assert Path(place).read_bytes() == before
        assert "private key" in capsys.readouterr().err or place == release / "README.md"


def test_it_may_go_elsewhere(release, keys, tmp_path):
    place = tmp_path / "signatures" / "v1.sig"
    assert run(["sign", str(release), "--key", keys[0], "--output", str(place)]) == 4
    place.parent.mkdir()
    assert run(["sign", str(release), "--key", keys[0], "--output", str(place)]) == 0
    assert not (release / "model.sig").exists()
    assert listed(place) == ["README.md", "a.txt", "sub/b.bin"]


def test_it_may_have_another_name_and_does_not_sign_itself(release, keys, monkeypatch):
    monkeypatch.chdir(release)
    assert run(["sign", ".", "--key", keys[0], "--output", "sub/v1.sig"]) == 0
    assert run(["sign", ".", "--key", keys[0], "--output", "sub/v1.sig", "--force"]) == 0
    assert listed(release / "sub/v1.sig") == ["README.md", "a.txt", "sub/b.bin"]


@pytest.mark.parametrize("flags", [[], ["--force"]])
def test_a_link_in_its_place_is_refused_and_what_it_points_to_is_untouched(release, keys, tmp_path, flags):
    (tmp_path / "precious").write_text("mine")
    (release / "model.sig").symlink_to(tmp_path / "precious")
    assert run(["sign", str(release), "--key", keys[0], *flags]) == 2
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_full_disk_leaves_nothing_behind(release, keys, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    before = sorted(release.iterdir())
    monkeypatch.setattr(os, "fsync", full)
    assert run(["sign", str(release), "--key", keys[0]]) == 4
    assert sorted(release.iterdir()) == before


def test_what_is_ignored_is_left_out_and_told(release, keys, capsys):
    assert run(["sign", str(release), "--key", keys[0], "--ignore", "sub/", "--ignore", "./a.txt"]) == 0
    assert listed(release / "model.sig") == ["README.md"]
    assert "left out: sub/" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["nowhere", "../release", "", "sub/nowhere", "/etc"])
def test_ignoring_what_is_not_there_is_refused(release, keys, path):
    assert run(["sign", str(release), "--key", keys[0], "--ignore", path]) == 2
    assert not (release / "model.sig").exists()


def test_ignoring_everything_is_refused(release, keys, capsys):
    everything = [word for name in ("sub", "a.txt", "README.md") for word in ("--ignore", name)]
    assert run(["sign", str(release), "--key", keys[0], *everything]) == 4
    assert "no file is left" in capsys.readouterr().err


def test_what_git_and_downloads_keep_is_not_signed(release, keys):
    for name in (
        ".git/HEAD",
        "sub/.git/HEAD",
        ".gitattributes",
        ".github/x.yml",
        ".cache/huggingface/x/a.metadata",
    ):
        (release / name).parent.mkdir(parents=True, exist_ok=True)
        (release / name).write_text("x")
    assert run(["sign", str(release), "--key", keys[0]]) == 0
    assert listed(release / "model.sig") == ["README.md", "a.txt", "sub/b.bin"]
    ignored = read("model.sig", (release / "model.sig").read_bytes()).statement.ignored
    assert {".git", "sub/.git", ".cache/huggingface", "model.sig"} <= set(ignored)
    assert run(["check", str(release), "--select", "SEC3", "--trust-key", keys[1], "--complete"]) == 0


@pytest.mark.parametrize("kind", ["link", "fifo", "link in sub"])
def test_what_is_no_plain_file_is_refused(release, keys, kind, capsys):
    if kind == "fifo":
        os.mkfifo(release / "odd")
    else:
        (release / ("sub/odd" if "sub" in kind else "odd")).symlink_to("a.txt")
    assert run(["sign", str(release), "--key", keys[0]]) == 4
    assert "odd" in capsys.readouterr().err


def test_a_name_that_is_not_utf8_is_refused(release, keys, capsys):
    (release / os.fsdecode(b"\xff.bin")).touch()
    assert run(["sign", str(release), "--key", keys[0]]) == 4
    assert "not UTF-8" in capsys.readouterr().err


def test_a_private_key_in_the_release_is_refused(release, keys, tmp_path, capsys):
    Path(keys[0]).rename(release / "key.pem")
    assert run(["sign", str(release), "--key", str(release / "key.pem")]) == 2
    (tmp_path / "link.pem").symlink_to(release / "key.pem")
    assert run(["sign", str(release), "--key", str(tmp_path / "link.pem")]) == 2
    assert "never ship it" in capsys.readouterr().err


def test_a_folder_that_changes_meanwhile_is_not_signed(release, keys, monkeypatch, capsys):
    real = Bundle.opened

    def opened(self, path):
        (release / "added").write_text("x")
        return real(self, path)

    monkeypatch.setattr(Bundle, "opened", opened)
    assert run(["sign", str(release), "--key", keys[0]]) == 4
    assert "changed while it was signed" in capsys.readouterr().err
    assert not (release / "model.sig").exists()


def test_the_password_comes_from_the_environment(release, tmp_path, monkeypatch, capsys):
    private, public = write_keys(tmp_path, password=b"secret")
    monkeypatch.delenv("FMAUDIT_KEY_PASSWORD", raising=False)
    assert run(["sign", str(release), "--key", private]) == 2
    assert "FMAUDIT_KEY_PASSWORD" in capsys.readouterr().err
    monkeypatch.setenv("FMAUDIT_KEY_PASSWORD", "wrong")
    assert run(["sign", str(release), "--key", private]) == 2
    monkeypatch.setenv("FMAUDIT_KEY_PASSWORD", "secret")
    assert run(["sign", str(release), "--key", private]) == 0
    captured = capsys.readouterr()
    assert "secret" not in captured.out + captured.err
    assert run(["check", str(release), "--select", "SEC3", "--trust-key", public]) == 0


def test_on_a_terminal_it_asks_for_the_password(release, tmp_path, monkeypatch):
    import sys

    import click

    private, _ = write_keys(tmp_path, password=b"secret")
    monkeypatch.delenv("FMAUDIT_KEY_PASSWORD", raising=False)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    asked = []
    monkeypatch.setattr(
        click, "prompt", lambda text, **how: asked.append((text, how["hide_input"])) or "secret"
    )
    assert run(["sign", str(release), "--key", private]) == 0
    assert asked == [(f"Password of {private}", True)]


@pytest.mark.parametrize("arguments", [[], ["--key", "nowhere.pem"], ["--key", "."]])
def test_wrong_usage_exits_2(release, arguments):
    assert run(["sign", str(release), *arguments]) == 2


def test_a_missing_folder_exits_4(tmp_path, keys):
    assert run(["sign", str(tmp_path / "nowhere"), "--key", keys[0]]) == 4


def test_without_the_package_the_remedy_is_told(release, keys, monkeypatch, capsys):
    import sys

    for name in [name for name in sys.modules if name.split(".")[0] == "cryptography"]:
        monkeypatch.setitem(sys.modules, name, None)
    assert run(["sign", str(release), "--key", keys[0]]) == 4
    assert "pip install 'fmaudit[sign]'" in capsys.readouterr().err


def test_the_list_of_files_is_the_same_each_time(release, keys):
    payloads = set()
    for _ in range(3):
        assert run(["sign", str(release), "--key", keys[0], "--force"]) == 0
        payloads.add(json.loads((release / "model.sig").read_text())["dsseEnvelope"]["payload"])
    assert len(payloads) == 1
