"""What counts as a component of a release, and what does not."""

import pytest

from auditor.openness.assessment import as_mot, assess, coverage
from auditor.openness.components import by_id
from auditor.openness.evidence import collect

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"


def found(bundle, files):
    return {by_id()[number].name for number in collect(bundle({"x.txt": "x", **files}))}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("model.safetensors", "Model parameters (Final)"),
        ("onnx/model.onnx", "Model parameters (Final)"),
        ("checkpoints/a.pt", "Model parameters (Intermediate)"),
        ("checkpoint-500/model.safetensors", "Model parameters (Intermediate)"),
        ("checkpoint-500/optimizer.pt", "Model metadata"),
        ("training_args.bin", "Model metadata"),
        ("code/train.py", "Training code"),
        ("run_clm.py", "Training code"),
        ("scripts/evaluate_model.py", "Evaluation code"),
        ("predict.py", "Inference code"),
        ("prepare_data.py", "Data preprocessing code"),
        ("requirements.txt", "Supporting libraries and tools"),
        ("modeling_x.py", "Model architecture"),
        ("docs/technical_report.pdf", "Technical report"),
        ("paper.pdf", "Research paper"),
        ("all_results.json", "Evaluation results"),
        ("data/train-00000.parquet", "Datasets"),
        ("data/test.csv", "Evaluation data"),
        ("samples/one.png", "Sample model outputs"),
        ("DATASHEET.md", "Data card"),
    ],
)
def test_a_file_is_evidence_by_its_path_if_it_holds_something(path, name, bundle):
    assert name in found(bundle, {path: "content"})


@pytest.mark.parametrize("content", ["", POINTER])
def test_an_empty_file_and_a_pointer_are_no_evidence(content, bundle):
    assert found(bundle, {"model.safetensors": content, "train.py": content}) == set()


def test_what_the_manifest_declares_comes_first_and_only_where_it_is_there(bundle):
    manifest = """
components:
  - {component: Training code, path: code, license: MIT}
  - {component: Evaluation code, path: gone.py, license: MIT}
  - {component: Research paper, url: "https://example.org/p", license: CC-BY-4.0}
  - {component: Datasets, path: ../../etc/passwd, license: MIT}
"""
    made = collect(bundle({"fmaudit.yaml": manifest, "code/main.py": "x", "train.py": "x"}))
    assert [(piece.file, piece.licence) for piece in made[7]] == [("code", "MIT")]
    assert made[21][0].outside
    assert set(made) == {7, 21}


def test_what_both_files_declare_is_taken_from_the_manifest(bundle):
    mof = "release: {components: [{name: Training code, component_path: a.py, license: GPL-3.0}]}\n"
    manifest = "components: [{component: Training code, path: b.py, license: MIT}, {component: [1]}, 5]\n"
    made = collect(bundle({"mof.yml": mof, "fmaudit.yaml": manifest, "a.py": "x", "b.py": "x"}))
    assert [(piece.file, piece.licence) for piece in made[7]] == [("b.py", "MIT")]


def test_a_paper_that_is_only_linked_bears_no_licence_of_the_release(bundle):
    card = "---\nlicense: mit\n---\n# A\n\nOur paper: https://arxiv.org/abs/2403.13784\n"
    parts = {part.component.id: part for part in assess(bundle({"README.md": card})).parts}
    assert parts[21].state == "elsewhere"
    assert [one.name for one in parts[21].licences] == [""]


def test_a_licence_comes_from_the_component_then_its_type_then_the_release(bundle):
    mof = """
release:
  name: m
  license: {distribution: {name: MIT}, document: {name: CC-BY-4.0}}
  components:
    - {name: Model card, component_path: CARD.md}
    - {name: Data card, component_path: CARD.md, license: CC0-1.0}
    - {name: Training code, component_path: train.py}
    - {name: Evaluation code, component_path: train.py, license: ""}
"""
    made = assess(bundle({"mof.yml": mof, "CARD.md": "x", "train.py": "x"}))
    licences = {
        part.component.name: [one.name for one in part.licences] for part in made.parts if part.pieces
    }
    assert licences == {
        "Model card": ["CC-BY-4.0"],
        "Data card": ["CC0-1.0"],
        "Training code": ["MIT"],
        "Evaluation code": [""],
    }


def test_a_licence_file_counts_where_nothing_else_names_one(bundle):
    made = assess(bundle({"model.safetensors": "x"}), licence_file="mit")
    assert [one.source for part in made.parts for one in part.licences] == ["LICENSE"]


def test_the_export_to_the_tool_keeps_what_its_own_file_says(bundle):
    mof = "release: {name: Amber, producer: LLM360, components: []}\n"
    model = as_mot(made := bundle({"mof.yml": mof, "train.py": "x"}), assess(made))
    assert model.fields["producer"] == "LLM360"
    assert [part.name for part in model.parts] == ["Training code"]


@pytest.mark.parametrize(
    "card",
    [
        *("", "---\n---\n", "# \n" * 3000, "## Limitations\n[More Information Needed]\n", "<!--" * 20000),
        *(
            "{{" * 50000,
            "---\nlicense: [1, {a: b}]\ntags: 5\nmodel-index: 3\n---\n# x\n",
            "# a\n\x00\x1b[2J\n",
        ),
        *("https://arxiv.org/" * 5000, "model-index " * 1000),
    ],
)
def test_any_card_is_assessed(card, bundle):
    made = bundle({"README.md": card, "config.json": "[]", "recipe.yaml": "[1]", "croissant.json": "3"})
    assert len(coverage(made, assess(made))) == 4


def test_a_section_with_a_placeholder_is_no_disclosure(bundle):
    said = "## Limitations\n\nIt knows two digits and no letters.\n"
    unsaid = "## Limitations\n\n[More Information Needed]\n\n<!-- What are the limits of this model -->\n"
    for card, state in ((said, "found"), (unsaid, "missing")):
        made = bundle({"README.md": f"# m\n\n{card}"})
        neurips = next(one for one in coverage(made, assess(made)) if one.name == "neurips")
        assert neurips.items[1].state == state
