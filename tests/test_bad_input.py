"""What a hostile folder may hold, met by the whole command in a process with bounded memory and time.

No traceback, no hang, a clear message: each case says with which exit code the check ends and what it says.
"""

import json
import os
import resource
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

MEMORY = 2 * 2**30  # address space; a plain check takes about 0.2 GiB of it, numpy with its threads 0.6
SECONDS = 120  # a hang, not slowness: the slowest case takes some seconds on one busy core


@pytest.fixture
def checked(tmp_path):
    """`checked(*options)`: exit code, stdout and stderr of a check of the folder `bundle`."""

    def check(*options):
        ended = subprocess.run(
            [sys.executable, "-m", "auditor", "check", "bundle", "--no-color", *options],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
            check=False,
        )
        assert "Traceback" not in ended.stdout + ended.stderr
        assert "this is a bug" not in ended.stdout + ended.stderr
        assert "META001" not in ended.stdout
        return ended.returncode, ended.stdout, ended.stderr

    return check


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    return folder


def header(tensors):
    raw = json.dumps(tensors).encode()
    return struct.pack("<Q", len(raw)) + raw


def test_a_file_of_100_gb_that_is_all_hole_is_read_in_no_time(bundle, checked):
    size = 100 * 10**9
    entry = {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}
    with (bundle / "model.safetensors").open("wb") as stream:
        head = header({"x": entry})
        stream.write(head)
        stream.truncate(len(head) + size)
    code, out, _ = checked()
    assert code in (0, 1)
    assert "rules:" in out


def test_a_header_that_claims_2_to_the_60_bytes_is_refused(bundle, checked):
    (bundle / "model.safetensors").write_bytes(struct.pack("<Q", 2**60) + b"{}")
    code, out, _ = checked()
    assert code == 1
    assert "1,152,921,504,606,846,976 bytes" in out


def test_offsets_that_claim_2_to_the_60_bytes_are_refused(bundle, checked):
    entry = {"dtype": "F32", "shape": [2**58], "data_offsets": [0, 2**60]}
    (bundle / "model.safetensors").write_bytes(header({"x": entry}) + bytes(8))
    code, out, _ = checked()
    assert code == 1
    assert "model.safetensors" in out


@pytest.mark.slow
def test_a_million_tiny_tensors_end(bundle, checked):
    count = 1_000_000
    entries = ",".join(
        f'"t{i}":{{"dtype":"U8","shape":[1],"data_offsets":[{i},{i + 1}]}}' for i in range(count)
    )
    raw = f"{{{entries}}}".encode()
    (bundle / "model.safetensors").write_bytes(struct.pack("<Q", len(raw)) + raw + bytes(count))
    code, out, _ = checked()
    assert code in (0, 1)
    assert "model.safetensors" in out or "rules:" in out


def test_ten_thousand_files_are_walked(bundle, checked):
    for folder in range(100):
        (bundle / f"d{folder}").mkdir()
        for file in range(100):
            (bundle / f"d{folder}" / f"f{file}.txt").write_text("x\n")
    code, out, _ = checked()
    assert code == 0
    assert "rules:" in out


@pytest.mark.parametrize(
    "name", ["README.md", "config.json", "model.safetensors", "pytorch_model.bin", "x.gguf"]
)
def test_a_pipe_is_never_waited_for(bundle, checked, name):
    (bundle / "LICENSE").write_text("x\n")
    os.mkfifo(bundle / name)
    code, out, _ = checked()
    assert code in (0, 1)
    assert "rules:" in out


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "model.sig"])
def test_a_device_is_never_read(bundle, checked, name):
    (bundle / "LICENSE").write_text("x\n")
    try:
        os.mknod(bundle / name, 0o020666, os.makedev(1, 5))  # /dev/zero, which never ends
    except (PermissionError, OSError) as error:
        pytest.skip(f"devices cannot be made here: {error}")
    code, out, _ = checked()
    assert code in (0, 1)
    assert "rules:" in out


def test_a_socket_is_never_opened(bundle, checked, monkeypatch):
    (bundle / "LICENSE").write_text("x\n")
    monkeypatch.chdir(bundle)  # the name of a socket has at most 108 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("config.json")
        code, _, _ = checked()
    assert code in (0, 1)


def test_links_that_go_in_circles_end(bundle, checked):
    (bundle / "a").symlink_to("b")
    (bundle / "b").symlink_to("a")
    (bundle / "config.json").symlink_to("config.json")
    (bundle / "folder").mkdir()
    (bundle / "folder" / "up").symlink_to("..")
    code, out, _ = checked()
    assert code == 1
    assert "config.json" in out


@pytest.mark.parametrize("name", ["model.safetensors", "README.md", "pytorch_model.bin", "results/log.txt"])
def test_a_file_that_grows_while_it_is_read_ends(bundle, checked, name):
    path = bundle / name
    path.parent.mkdir(exist_ok=True)
    start = header({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}) + bytes(8)
    path.write_bytes(start if name.endswith("safetensors") else b"# text\n")
    done = threading.Event()

    def grow():
        with path.open("ab", buffering=0) as stream:
            while not done.is_set() and stream.tell() < 2**28:
                stream.write(b"0123456789abcde\n" * 4096)

    growing = threading.Thread(target=grow)
    growing.start()
    try:
        code, out, _ = checked()
    finally:
        done.set()
        growing.join()
    assert code in (0, 1)
    assert "rules:" in out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", "[" * 1_000_000),
        ("config.json", '{"a": ' * 100_000 + "1" + "}" * 100_000),
        ("config.json", '{"a": ' + "9" * 1_000_000 + "}"),
        ("config.json", "{" + ",".join(f'"{i}":0' for i in range(300_000)) + "}"),
        ("config.json", '{"' + "k" * 10_000_000 + '": 1}'),
        ("recipe.yaml", "[" * 200_000),
        ("recipe.yaml", "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(12)
        )),
        ("recipe.yaml", "? " * 50_000),
        ("recipe.yaml", "a: " + "&x " * 1000 + "1"),
        ("fmaudit.yaml", "a: !!python/object/apply:os.system ['touch hacked']"),
        ("fmaudit.yaml", "%TAG ! tag:x,2000:\n" * 100_000 + "--- 1"),
        ("README.md", "---\n" + "a: 1\n" * 100_000 + "---\n"),
        ("README.md", "[" * 1_000_000),
        ("README.md", "`" * 1_000_000 + "\n" + "|" * 1_000_000),
        ("README.md", "<!--" * 300_000),
        ("README.md", "\n".join("#" * (1 + i % 6) + " h" for i in range(200_000))),
        ("README.md", "|" + " accuracy |" * 100_000 + "\n|" + "---|" * 100_000 + "\n|" + " 0.9 |" * 100_000 + "\n"),
        ("README.md", "---\nmodel-index: &a [*a]\n---\n"),
        ("README.md", "---\nversion: " + "9" * 1_000_000 + "\n---\n- Accuracy: " + "9" * 1_000_000 + "\n"),
        ("README.md", "It achieves 92.4 % accuracy. " * (50 * 2**20 // 29)),
        ("tokenizer.json", "[" * 1_000_000),
        ("tokenizer_config.json", '{"chat_template": "' + "{{" * 500_000 + '"}'),
        ("chat_template.jinja", "{% if a %}" * 200_000),
        ("chat_template.jinja", "{{ '" + "\\'" * 500_000),
        ("model.sig", "{" * 1_000_000),
        ("SHA256SUMS", ("0" * 64 + "  model.safetensors\n") * 100_000),
        ("data/croissant.json", '{"distribution": ' + "[" * 100_000),
        ("modeling.py", "(" * 1_000_000),
        ("modeling.py", "x = " + "-" * 1_000_000 + "1"),
        ("modeling.py", "x" + ".y" * 300_000),
        ("requirements.txt", "a" * 5_000_000),
    ],
    ids=lambda value: value[:24].replace("\n", " ") if isinstance(value, str) else value,
)  # fmt: skip
def test_a_document_made_to_break_readers_ends(bundle, checked, name, text):
    path = bundle / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if name != "README.md":
        (bundle / "README.md").write_text("# model\n")
    code, out, err = checked()
    assert code in (0, 1), err
    assert "rules:" in out
    assert not (bundle.parent / "hacked").exists()
