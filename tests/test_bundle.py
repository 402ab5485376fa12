import json
import os
import socket
import stat
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from auditor import bundle as bundle_module
from auditor.bundle import Absent, Bundle, File, Unread
from auditor.errors import CannotRun
from auditor.model import Span
from auditor.readers import folder as folder_module
from auditor.readers.document import Unreadable
from auditor.readers.json import JsonDocument
from auditor.readers.markdown import MarkdownDocument
from auditor.readers.yaml import YamlDocument

EMPTY_WEIGHTS = (2).to_bytes(8, "little") + b"{}"


@pytest.fixture
def lay(tmp_path):
    """`lay({path: content})`: the bundle with these files; a tuple is a link to its text."""

    def make(files):
        for path, content in files.items():
            file = tmp_path / "release" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, tuple):
                file.symlink_to(*content)
            else:
                file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Bundle.open(tmp_path / "release")

    return make


def refused(path):
    with pytest.raises(CannotRun) as caught:
        Bundle.open(path)
    assert caught.value.where == str(path)
    assert caught.value.help
    return caught.value.what


def unreadable(bundle, path, **options):
    with pytest.raises(Unreadable) as caught:
        bundle.read_bytes(path, **options)
    assert caught.value.span == Span(path)
    return caught.value.what


# Opening


def test_a_missing_folder_cannot_be_opened(tmp_path):
    assert refused(tmp_path / "none") == "there is no such folder"


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "a").write_text("")
    assert refused(tmp_path / "a") == "this is a file, not a folder"


def test_an_empty_folder_is_no_release(tmp_path):
    (tmp_path / "inner").mkdir()
    assert refused(tmp_path) == "the folder is empty"


def test_a_folder_of_nothing_but_git_is_empty(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("")
    assert refused(tmp_path) == "the folder is empty"


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_a_name_that_no_folder_can_have_cannot_be_opened(tmp_path, name):
    assert refused(tmp_path / name)


def test_a_folder_that_may_not_be_listed_cannot_be_opened(tmp_path, monkeypatch):
    def refuse(path, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(folder_module.os, "open", refuse)
    assert refused(tmp_path) == "the folder cannot be read (permission denied)"


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_module, "MAX_FILES", 2)
    for name in "abc":
        (tmp_path / name).write_text("")
    assert refused(tmp_path) == "the folder holds more than 2 files"


def test_too_many_folders_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_module, "MAX_FILES", 2)
    for name in "abc":
        (tmp_path / name).mkdir()
    assert refused(tmp_path) == "the folder holds more than 2 files"


def test_too_many_levels_are_refused(tmp_path):
    (tmp_path / "/".join("d" * (folder_module.MAX_FOLDER_DEPTH + 2))).mkdir(parents=True)
    assert refused(tmp_path) == "the folder nests more than 100 deep"


def test_the_folder_may_itself_be_a_link(lay, tmp_path):
    lay({"README.md": "x"})
    (tmp_path / "latest").symlink_to("release")
    opened = Bundle.open(tmp_path / "latest")
    assert (opened.name, opened.read_bytes("README.md")) == ("release", b"x")


def test_the_name_is_that_of_the_folder(lay, tmp_path, monkeypatch):
    lay({"a": ""})
    monkeypatch.chdir(tmp_path / "release")
    assert Bundle.open(".").name == "release"


# Listing


def test_files_are_listed_by_path_in_order(lay):
    files = lay({"b": "12", "a/c": "", "a.b": "", ".hidden": "", ".git/x": "", "sub/.git": ""}).files
    assert [file.path for file in files] == [".hidden", "a.b", "a/c", "b"]
    assert (files[3].size_bytes, files[3].is_link, files[3].target) == (2, False, "")


def test_links_are_listed_and_not_followed(lay, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("x")
    bundle = lay({"a": "", "link": ("../outside",), "dangling": ("nowhere",)})
    assert [file.path for file in bundle.files] == ["a", "dangling", "link"]
    assert (bundle.file("link").is_link, bundle.file("link").target) == (True, "../outside")
    assert not bundle.has("link")
    assert bundle.file("link/secret") is None


def test_pipes_and_sockets_are_listed_and_never_opened(lay, tmp_path, monkeypatch):
    bundle = lay({"a": ""})
    os.mkfifo(tmp_path / "release" / "recipe.yaml")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path / "release")  # the path of a socket is short
        server.bind("model.safetensors")
    bundle = Bundle.open(tmp_path / "release")
    assert stat.S_ISFIFO(bundle.file("recipe.yaml").mode)
    assert not bundle.has("recipe.yaml")
    assert unreadable(bundle, "recipe.yaml") == "it is not a regular file"
    assert isinstance(bundle.get("recipe"), Unread)
    assert isinstance(bundle.get("weights"), Unread)


def test_a_folder_that_cannot_be_listed_is_a_fault_and_the_rest_is_read(lay, monkeypatch):
    real = os.open

    def refuse(path, flags, **kwargs):
        if path == "secret":
            raise PermissionError(13, "Permission denied")
        return real(path, flags, **kwargs)

    lay({"a": "", "secret/b": ""})
    monkeypatch.setattr(folder_module.os, "open", refuse)
    bundle = lay({})
    assert [file.path for file in bundle.files] == ["a"]
    ((path, error),) = bundle.faults
    assert (path, error.what) == ("secret/", "the folder cannot be listed (permission denied)")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are any bytes on Linux alone")
def test_a_name_that_is_not_utf8_is_listed_as_text_and_can_be_read(lay, tmp_path):
    lay({"a": ""})
    (tmp_path / "release" / os.fsdecode(b"w\xff.safetensors")).write_bytes(EMPTY_WEIGHTS)
    bundle = Bundle.open(tmp_path / "release")
    path = "w\\xff.safetensors"
    assert [file.path for file in bundle.files] == ["a", path]
    assert bundle.read_bytes(path) == EMPTY_WEIGHTS
    assert bundle.get("weights")[0].file == path


# Reading bytes


def test_the_bytes_of_a_file_are_read(lay):
    assert lay({"a/b": b"\x00\xff"}).read_bytes("a/b") == b"\x00\xff"


@pytest.mark.parametrize(
    "path", ["none", "", ".", "..", "../outside", "/etc/passwd", "a/../a", "a\0", "x" * 5000]
)
def test_only_what_is_listed_can_be_read(lay, tmp_path, path):
    (tmp_path / "outside").write_text("x")
    bundle = lay({"a": ""})
    assert unreadable(bundle, path) == "there is no such file"
    assert (bundle.has(path), bundle.file(path)) == (False, None)
    assert isinstance(bundle.document(path), Absent)


def test_a_link_is_not_read(lay):
    assert unreadable(lay({"a": "", "b": ("a",)}), "b") == "it is a link, and links are not followed"


def test_a_file_beyond_the_limit_is_not_read(lay):
    bundle = lay({"a": "123"})
    assert bundle.read_bytes("a", limit=3) == b"123"
    assert unreadable(bundle, "a", limit=2) == "the file has more than 2 bytes"


def test_a_file_that_may_not_be_read_says_so(lay, monkeypatch):
    bundle = lay({"a": "1"})

    def refuse(path, flags, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folder_module.os, "open", refuse)
    assert unreadable(bundle, "a") == "the file cannot be opened (permission denied)"


def swapped(root, path, target):
    (root / path).rename(root / "kept")
    (root / path).symlink_to(target)


def test_a_file_swapped_for_a_link_since_is_not_followed(lay, tmp_path):
    (tmp_path / "secret").write_text("x")
    bundle = lay({"a": "1"})
    swapped(bundle.root, "a", tmp_path / "secret")
    assert unreadable(bundle, "a").startswith("the file cannot be opened")


def test_a_folder_swapped_for_a_link_since_is_not_followed(lay, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a").write_text("x")
    bundle = lay({"data/a": "1"})
    swapped(bundle.root, "data", tmp_path / "outside")
    assert unreadable(bundle, "data/a").startswith("the file cannot be opened")


def test_a_file_swapped_for_a_pipe_since_does_not_block(lay):
    bundle = lay({"a": "1"})
    (bundle.root / "a").unlink()
    os.mkfifo(bundle.root / "a")
    assert unreadable(bundle, "a") == "it is not a regular file"


def test_a_file_swapped_for_a_folder_since_is_unreadable(lay):
    bundle = lay({"a": "1"})
    (bundle.root / "a").unlink()
    (bundle.root / "a").mkdir()
    assert unreadable(bundle, "a") == "it is not a regular file"


@pytest.mark.skipif(sys.platform != "linux", reason="open descriptors are counted in /proc")
def test_no_descriptor_is_left_open(lay):
    descriptors = Path("/proc/self/fd")
    bundle = lay({"data/x/a": "1", "data/b": ("x",), "recipe.yaml": "a: [", "c": "1"})
    (bundle.root / "c").unlink()
    (bundle.root / "c").mkdir()
    before = len(list(descriptors.iterdir()))
    for path in ("data/x/a", "data/b", "none", "c"):
        with suppress(Unreadable):
            bundle.read_bytes(path)
    bundle.read_all()
    Bundle.open(bundle.root)
    assert len(list(descriptors.iterdir())) == before


def test_what_fails_while_a_file_is_open_is_unreadable(lay):
    with pytest.raises(Unreadable, match=r"reading failed \(no space\)"), lay({"a": "1"}).opened("a"):
        raise OSError(28, "No space")


# Documents


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("README.md", "---\na: 1\n---\n", MarkdownDocument),
        ("x/y.yaml", "a: 1\n", YamlDocument),
        ("x/y.yml", "a: 1\n", YamlDocument),
        ("config.json", '{"a": 1}', JsonDocument),
        ("croissant.jsonld", '{"a": 1}', JsonDocument),
    ],
)
def test_the_ending_of_the_name_tells_the_parser(lay, path, text, kind):
    document = lay({path: text}).document(path)
    assert type(document) is kind
    assert (document.value, document.file) == ({"a": 1}, path)


def test_a_document_is_read_once(lay):
    bundle = lay({"recipe.yaml": "format: 1\n"})
    assert bundle.get("recipe") is bundle.document("recipe.yaml")


def test_a_document_that_is_not_there_is_absent(lay):
    assert lay({"a": ""}).get("recipe") == Absent("the bundle has no recipe.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "default_stage:\n  default_modifiers:\n    QuantizationModifier: {ignore: [lm_head], scheme: FP8}\n",
        "package: {name: model}\nbuild: {number: 0}\nabout: {license: MIT}\n",
    ],
    ids=["llm-compressor", "conda"],
)
def test_a_recipe_of_another_tool_is_not_ours(lay, text):
    for files in ({"recipe.yaml": text}, {"recipe.yaml": text, "fmaudit.yaml": "format: 1\n"}):
        bundle = lay(files)
        found = bundle.get("recipe")
        assert isinstance(found, Absent)
        assert found.reason.startswith("recipe.yaml is of another tool")
        assert [document.file for document in bundle.get("documents")] == [*files][1:]


@pytest.mark.parametrize(
    "files",
    [
        {"recipe.yaml": "format: 1\n"},
        {"recipe.yaml": "model: {}\ndata: {}\nseeds: {}\n"},
        {"recipe.yaml": "model: {}\n", "fmaudit.yaml": "format: 1\n"},
        {"recipe.yaml": ""},
    ],
    ids=["says its format", "lost its format", "beside a manifest", "empty"],
)
def test_a_recipe_that_may_be_ours_is_read(lay, files):
    assert isinstance(lay(files).get("recipe"), YamlDocument)


def test_a_broken_document_is_unread_and_a_fault(lay):
    bundle = lay({"recipe.yaml": "a: [\n"})
    assert bundle.faults == ()
    assert bundle.get("recipe") == Unread("recipe.yaml could not be read (SCH001)")
    assert [path for path, _ in bundle.faults] == ["recipe.yaml"]


def test_bytes_that_are_no_text_are_a_fault(lay):
    bundle = lay({"config.json": b"\xff\xfe{\x00}\x00"})
    assert isinstance(bundle.get("config"), Unread)
    assert bundle.faults[0][1].what == "the text is UTF-16, not UTF-8"


def test_a_byte_order_mark_is_no_fault(lay):
    assert lay({"config.json": b'\xef\xbb\xbf{"a": 1}'}).get("config").value == {"a": 1}


def test_a_file_of_another_kind_is_no_document(lay):
    bundle = lay({"train.py": "x"})
    assert bundle.document("train.py") == Unread("train.py is no document that is read here")
    assert bundle.faults == ()


def test_a_document_behind_a_link_inside_is_a_fault(lay):
    bundle = lay({"v2.yaml": "a: 1\n", "recipe.yaml": ("v2.yaml",)})
    assert bundle.get("recipe") == Unread("recipe.yaml could not be read (SCH001)")
    assert bundle.faults[0][1].what == "it is a link, and links are not followed"


@pytest.mark.parametrize("target", ["../../x", "/etc/passwd", "..", "a/../../x"])
def test_a_link_out_of_the_bundle_is_unread_and_left_to_the_rule_on_links(lay, target):
    bundle = lay({"a": "", "recipe.yaml": (target,), "w.safetensors": (target,)})
    assert bundle.get("recipe") == Unread("recipe.yaml is a link out of the bundle, which is not followed")
    assert bundle.get("weights") == Unread("w.safetensors is a link out of the bundle, which is not followed")
    assert bundle.get("unreadable") == ()


@pytest.mark.parametrize(
    "paths", [("data/croissant.json",), ("croissant.json",), ("croissant.json", "data/croissant.json")]
)
def test_the_data_manifest_has_two_places_and_the_first_wins(lay, paths):
    assert lay(dict.fromkeys(paths, "{}")).get("data").file == paths[-1]


def test_an_absent_data_manifest_is_named_by_its_first_place(lay):
    assert lay({"a": ""}).get("data") == Absent("the bundle has no data/croissant.json")


def test_the_bundle_itself_can_be_needed(lay):
    bundle = lay({"a": ""})
    assert bundle.get("bundle") is bundle


def test_documents_are_all_known_ones_that_could_be_read(lay):
    bundle = lay(
        {
            "README.md": "",
            "fmaudit.yaml": "a: [",
            "results/b.json": "{}",
            "results/b.txt": "{",
            ".eval_results/a.yaml": "- a\n",
            ".eval_results/notes": "{",
            "other/c.json": "{",
        }
    )
    assert [document.file for document in bundle.get("documents")] == [
        "README.md",
        ".eval_results/a.yaml",
        "results/b.json",
    ]


def test_unreadable_names_documents_and_weights_in_order(lay):
    bundle = lay(
        {"recipe.yaml": "a: [", "a.safetensors": "", "config.json": "{", "b.safetensors": EMPTY_WEIGHTS}
    )
    assert [path for path, _ in bundle.get("unreadable")] == ["a.safetensors", "config.json", "recipe.yaml"]


# Weights


def test_no_weights_are_absent(lay):
    assert lay({"a": ""}).get("weights") == Absent("the bundle has no safetensors weights")


def test_weights_are_the_headers_of_all_files_in_order(lay):
    bundle = lay(
        {
            "b.safetensors": EMPTY_WEIGHTS,
            "a.safetensors": EMPTY_WEIGHTS,
            "checkpoints/c.safetensors": EMPTY_WEIGHTS,
        }
    )
    assert [file.file for file in bundle.get("weights")] == [
        "a.safetensors",
        "b.safetensors",
        "checkpoints/c.safetensors",
    ]


def test_weights_that_cannot_be_read_are_left_out(lay):
    bundle = lay({"a.safetensors": "", "b.safetensors": EMPTY_WEIGHTS})
    assert [file.file for file in bundle.get("weights")] == ["b.safetensors"]


def test_weights_that_can_all_not_be_read_are_unread(lay):
    assert lay({"a.safetensors": ""}).get("weights") == Unread("a.safetensors could not be read (SCH001)")


def test_every_name_of_a_need_is_known(lay):
    bundle = lay({"a": ""})
    for need in (*bundle_module.KNOWN, "bundle", "weights", "documents", "unreadable"):
        bundle.get(need)


def test_a_file_is_a_plain_record(lay):
    file = lay({"a": "12"}).files[0]
    assert file == File("a", 2, is_link=False, target="", mode=file.mode)
    assert json.dumps(file.path)


def test_a_bundle_can_be_looked_at_with_other_contents(lay, tmp_path):
    bundle = lay({"config.json": '{"a": 1}', "README.md": "# A\n", "x.safetensors": EMPTY_WEIGHTS})
    bundle.read_all()
    bundle.memo["made"] = 1
    other = bundle.with_contents({"config.json": b'{"a": 22}'})
    assert other.document("config.json").value == {"a": 22}
    assert other.read_bytes("config.json") == b'{"a": 22}'
    with other.opened("config.json") as stream:
        assert os.fstat(stream.fileno()).st_size == other.file("config.json").size_bytes == 9
    assert other.document("README.md") is bundle.document("README.md")
    assert other.memo == {}
    assert bundle.document("config.json").value == {"a": 1}
    assert (tmp_path / "release" / "config.json").read_text() == '{"a": 1}'
    again = other.with_contents({"README.md": b"# B\n"})
    assert (again.document("config.json").value, again.document("README.md").source) == ({"a": 22}, "# B\n")


def test_other_contents_may_be_unreadable(lay):
    other = lay({"config.json": "{}"}).with_contents({"config.json": b"{"})
    assert isinstance(other.document("config.json"), Unread)
    assert [path for path, _ in other.faults] == ["config.json"]
