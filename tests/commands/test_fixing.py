"""`fmaudit check --fix`, `--unsafe-fixes` and `--diff`, as a user calls them."""

import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import jsonschema
import pytest

from auditor.cli import run
from tests.layers import lay_good

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
SARIF = ROOT / "tests" / "data" / "sarif-2.1.0.schema.json"


@pytest.fixture
def told(capsysbinary):
    """Runs `fmaudit check` and gives exit code, the bytes on stdout and the text on stderr."""

    def check(*arguments):
        code = run(["check", *map(str, arguments)])
        printed = capsysbinary.readouterr()
        return code, printed.out, printed.err.decode()

    return check


@pytest.fixture
def broken(tmp_path):
    """A copy of the broken example."""
    return shutil.copytree(EXAMPLES / "digits-cnn-broken", tmp_path / "broken")


@pytest.fixture
def slip(tmp_path):
    """A good bundle but for one mistyped key."""
    folder = lay_good(tmp_path / "slip")
    recipe = folder / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("determinism", "determinsm"))
    return folder


def contents(folder):
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    "flags", [(), ("--diff",), ("--diff", "--fix"), ("--diff", "--unsafe-fixes"), ("--unsafe-fixes",)]
)
def test_nothing_is_written_without_fix(told, broken, flags):
    before = contents(broken)
    assert told(broken, *flags)[0] == 1
    assert contents(broken) == before


def test_what_is_mended_counts_no_more(told, slip):
    assert told(slip)[0] == 1
    code, out, err = told("--fix", slip)
    assert code == 0
    assert out.startswith(b"slip: nothing found (")
    assert err == "fixed 1 fault in 1 file: SCH004 1\n"
    assert "determinism: strict" in (slip / "recipe.yaml").read_text()
    assert told(slip)[0] == 0


def test_a_second_call_finds_nothing_to_mend(told, broken):
    assert told(broken, "--fix", "--unsafe-fixes")[0] == 1
    before = contents(broken)
    code, _, err = told(broken, "--fix", "--unsafe-fixes")
    assert (code, err.splitlines()[0]) == (1, "fixed nothing")
    assert contents(broken) == before


def test_what_is_left_is_reported_and_decides_the_exit_code(told, broken):
    before = {finding["code"] for finding in json.loads(told(broken, "--format", "json")[1])["findings"]}
    code, out, err = told(broken, "--fix", "--format", "json")
    left = {finding["code"] for finding in json.loads(out)["findings"]}
    assert code == 1
    assert err.splitlines()[0] == "fixed 3 faults in 3 files: CARD004 1, REC004 1, SCH004 1"
    assert left == before - {"CARD004", "REC004", "SCH004"}


def test_unsafe_fixes_are_offered_and_applied_on_demand(told, broken):
    assert "--unsafe-fixes would fix 4 more" in told(broken, "--diff")[2]
    assert b"4 with `--fix --unsafe-fixes`" in told(broken, "--fix")[1]
    _, _, err = told(broken, "--fix", "--unsafe-fixes")
    assert "ARC002 1" in err
    assert "left REC107 at recipe.yaml:12 as it is: it would bring DATA203" in err
    assert "params_total: 21898" in (broken / "fmaudit.yaml").read_text()


@pytest.mark.parametrize("tool", [("patch", "-p1"), ("git", "apply", "-")], ids=lambda tool: tool[0])
@pytest.mark.parametrize("flags", [(), ("--unsafe-fixes",)], ids=str)
def test_the_patch_makes_the_same_bytes_as_fix(told, broken, tool, flags, tmp_path):
    if shutil.which(tool[0]) is None:
        pytest.skip(f"no {tool[0]} here")
    crlf = broken / "README.md"
    crlf.write_bytes(b"\xef\xbb\xbf" + crlf.read_bytes().replace(b"\n", b"\r\n").rstrip())
    other = shutil.copytree(broken, tmp_path / "other")
    code, patch, err = told(broken, "--diff", *flags)
    assert code == 1
    assert err.startswith("would fix ")
    command = [*tool, "--binary"] if tool[0] == "patch" else tool
    subprocess.run(command, input=patch, cwd=broken, check=True, capture_output=True)
    told(other, "--fix", *flags)
    assert {path: raw for path, (raw, _, _) in contents(broken).items()} == {
        path: raw for path, (raw, _, _) in contents(other).items()
    }
    assert (other / "README.md").read_bytes().startswith(b"---\r\nlicense")


def test_a_diff_of_nothing_is_empty(told):
    assert told(EXAMPLES / "digits-cnn", "--diff") == (0, b"", "would fix nothing\n")


def test_only_what_is_selected_is_mended(told, broken):
    assert told(broken, "--fix", "--select", "CARD")[2].startswith("fixed 1 fault in 1 file: CARD004 1\n")
    assert "lr: 1e-3" in (broken / "recipe.yaml").read_text()


def test_what_is_ignored_is_not_mended(told, slip):
    recipe = slip / "recipe.yaml"
    ignored = "determinsm: strict # fmaudit: ignore[SCH004]: kept for an old reader\n"
    recipe.write_text(recipe.read_text().replace("determinsm: strict\n", ignored))
    assert told(slip, "--fix")[2] == "fixed nothing\n"
    assert ignored in recipe.read_text()


def test_a_link_is_not_written_through(told, slip, tmp_path):
    (slip / "recipe.yaml").rename(tmp_path / "elsewhere.yaml")
    (slip / "recipe.yaml").symlink_to("../elsewhere.yaml")
    before = (tmp_path / "elsewhere.yaml").read_bytes()
    assert told(slip, "--fix")[2] == "fixed nothing\n"
    assert (tmp_path / "elsewhere.yaml").read_bytes() == before


def test_a_file_that_cannot_be_written_is_one_clear_error(told, slip, monkeypatch):
    from auditor.engine import writing

    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(writing.os, "replace", refuse)
    before = contents(slip)
    code, out, err = told(slip, "--fix")
    assert (code, out) == (4, b"")
    assert err.splitlines()[0] == "error: the file cannot be written (read-only file system)"
    assert err.splitlines()[1].endswith("slip/recipe.yaml")
    assert contents(slip) == before


def test_a_terminal_is_not_sent_what_a_file_holds(told, slip, monkeypatch):
    recipe = slip / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("determinsm: strict", "determinsm: strict # \u202e31m"))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    out = told(slip, "--diff")[1]
    assert b"\\u202e" in out
    assert "\u202e".encode() not in out


def test_the_edit_of_a_byte_order_mark_fits_the_schema_of_sarif(told, slip):
    (slip / "config.json").write_bytes(b"\xef\xbb\xbf" + (slip / "config.json").read_bytes())
    log = json.loads(told(slip, "--select", "SCH009", "--format", "sarif")[1])
    jsonschema.validate(log, json.loads(SARIF.read_text()))
    (change,) = log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {"deletedRegion": {"byteOffset": 0, "byteLength": 3}, "insertedContent": {"text": ""}}
    ]
    assert told(slip, "--fix", "--select", "SCH009")[0] == 0
    assert (slip / "config.json").read_bytes().startswith(b"{")


def test_json_holds_edits_that_a_program_can_make(told, slip):
    (found,) = json.loads(told(slip, "--format", "json")[1])["findings"]
    (edit,) = found["fix"]["edits"]
    line = (slip / "recipe.yaml").read_text().splitlines()[edit["line"] - 1]
    assert line[: edit["column"] - 1] + edit["text"] + line[edit["end_column"] - 1 :] == "determinism: strict"


def test_a_file_whose_digest_is_published_is_left_as_it_is(told, slip):
    digest = sha256((slip / "recipe.yaml").read_bytes()).hexdigest()
    (slip / "SHA256SUMS").write_text(f"{digest}  recipe.yaml\n")
    code, _, err = told(slip, "--fix")
    assert code == 1
    assert err.splitlines()[0] == "fixed nothing"
    assert err.splitlines()[1].startswith("left SCH004 at recipe.yaml:16 as it is: it would bring SEC")
