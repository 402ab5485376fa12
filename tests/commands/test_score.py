"""`fmaudit score`: exit codes, formats, files, and the export to the Model Openness Tool."""

import json
import time
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

from auditor.bundle import Bundle
from auditor.cli import run
from auditor.openness.assessment import assess, coverage
from auditor.openness.mot import read, resolved
from auditor.readers.yaml import read_yaml

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = "examples/digits-cnn"
HOSTILE = "<script>alert(1)</script>\"'>\x1b[2J::error::"


@pytest.fixture(autouse=True)
def at_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture
def open_model(tmp_path):
    """A release of Class III."""
    root = tmp_path / "open"
    (root / "docs").mkdir(parents=True)
    (root / "model.safetensors").write_bytes(b"weights")
    (root / "config.json").write_text('{"model_type": "cnn"}')
    (root / "docs" / "report.md").write_text("what it can do")
    (root / "README.md").write_text(
        "---\nlicense: apache-2.0\nmodel-index:\n- name: m\n  results:\n  - metrics:\n    - {type: a, value: 1}\n"
        "---\n# m\n\n## Training data\n\nTwelve rows of digits of two kinds.\n" + "It reads digits. " * 20
    )
    return root


@pytest.mark.parametrize(("required", "code"), [("III", 0), ("II", 1), ("I", 1)])
def test_a_class_that_is_required_and_not_reached_fails_the_gate(required, code, open_model, capsys):
    assert run(["score", str(open_model), "--require-class", required]) == code
    assert "Class III, Open Model" in capsys.readouterr().out


def test_without_a_requirement_no_class_is_no_failure(capsys):
    assert run(["score", EXAMPLE]) == 0
    assert "Technical report (or Research paper) is missing" in capsys.readouterr().out


def test_where_there_is_no_bundle_the_exit_code_says_so(tmp_path):
    assert run(["score", str(tmp_path / "nowhere")]) == 4


@pytest.mark.parametrize("style", ["text", "markdown", "json", "html"])
def test_the_same_bundle_gives_the_same_bytes(style, capsys):
    first, second = (run(["score", EXAMPLE, "--format", style]) or capsys.readouterr().out for _ in range(2))
    assert first == second


def test_the_json_is_what_its_schema_says(open_model, capsys):
    run(["score", str(open_model), "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    schema = json.loads((ROOT / "schemas" / "score.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(report)
    assert report["mof"]["class"] == "III"


def test_a_report_goes_to_a_file_outside_of_the_release_only(tmp_path, open_model):
    page = tmp_path / "score.html"
    assert run(["score", str(open_model), "--format", "html", "--output", str(page)]) == 0
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert run(["score", str(open_model), "--output", str(open_model / "score.txt")]) == 2


def test_the_export_reads_back_to_the_same_components(open_model, capsys):
    assert run(["score", str(open_model), "--export", "mot"]) == 0
    made = assess(Bundle.open(open_model))
    model = read(read_yaml("mof.yml", capsys.readouterr().out))
    assert set(resolved(model)) == {part.component.id for part in made.parts if part.pieces}


@pytest.mark.parametrize("style", ["text", "markdown", "json", "html"])
def test_nothing_that_a_bundle_says_is_obeyed(style, tmp_path, capsys):
    root = tmp_path / "release"
    root.mkdir()
    (root / "fmaudit.yaml").write_text(
        f"license: {json.dumps(HOSTILE)}\ncomponents:\n"
        f"  - {{component: Datasets, url: {json.dumps('https://' + HOSTILE)}, license: {json.dumps(HOSTILE)}}}\n"
    )
    (root / "README.md").write_text(f"# {HOSTILE}\n\n## Limitations {HOSTILE}\n\nIt knows two digits only.\n")
    (root / "train<script>.py").write_text("x")
    assert run(["score", str(root), "--format", style]) == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told
    if style == "html":
        assert "<script" not in told
    if style == "markdown":
        outside = "".join(part for number, part in enumerate(told.split("`")) if number % 2 == 0)
        assert "<script" not in outside


def test_the_page_holds_no_script_and_loads_nothing(capsys):
    run(["score", EXAMPLE, "--format", "html"])
    page = capsys.readouterr().out
    for word in ("<script", "src=", "href=", "url(", "@import", "javascript:"):
        assert word not in page


@pytest.mark.parametrize("style", ["text", "markdown", "json", "html"])
def test_a_file_that_cannot_be_read_is_told(style, tmp_path, capsys):
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "README.md").write_text("---\na: [\n---\n# m\n")
    assert run(["score", str(tmp_path / "release"), "--format", style]) == 0
    assert "not read" in (told := capsys.readouterr().out.lower()) or '"unread": [\n    {' in told


def test_scoring_the_example_takes_less_than_three_tenths_of_a_second():
    start = time.process_time()
    opened = Bundle.open(EXAMPLE)
    coverage(opened, assess(opened))
    assert time.process_time() - start < 0.3


def test_the_page_closes_every_element_that_it_opens(capsys):
    run(["score", EXAMPLE, "--format", "html"])

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open = []

        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "br"):
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    reader = Reader()
    reader.feed(capsys.readouterr().out)
    reader.close()
    assert reader.open == []
