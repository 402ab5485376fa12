"""When the rules about openness speak, and above all when they do not."""

import json

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings

MINE = tuple(f"OPEN{number:03}" for number in (*range(5, 13), 101, 102, 103, 104, 105, 106, 107, 108, 109))
CARD = "---\nlicense: llama3\n---\n# m\n\nIt reads digits, and the evaluation code is released elsewhere.\n"


@pytest.fixture
def found(tmp_path):
    """`found({path: text})`: codes and messages of the rules about openness on a bundle with these files."""

    def look(files):
        root = tmp_path / "release"
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())
        result = check(Bundle.open(root), Settings(select=MINE), isolate=False)
        return [(finding.code, finding.message) for finding in result.findings]

    return look


def codes(found):
    return [code for code, _ in found]


def test_a_plain_snapshot_is_quiet(found):
    files = {
        "README.md": CARD,
        "config.json": "{}",
        "model.safetensors": "w",
        "modeling_x.py": "import torch\n",
    }
    assert found(files) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "It is a Class I release by the Model Openness Framework.",
        "![MOF](https://img.shields.io/badge/MOF-Class%20I-green)",
        "MOF class II",
    ],
)
def test_a_class_in_the_card_is_compared_with_the_files(sentence, found):
    assert codes(found({"README.md": f"# m\n\n{sentence}\n"})) == ["OPEN007"]


@pytest.mark.parametrize(
    "sentence",
    [
        "We aim at Class I of the MOF.",
        "This is not a Class I release (MOF).",
        "A first class MOF.",
        "It has ten classes. MOF is a word.",
        "class Model(MOF): pass",
        "See the Model Openness Framework, whose Class III asks for six components.",
    ],
)
def test_other_words_about_classes_are_no_claim(sentence, found):
    assert found({"README.md": f"# m\n\n{sentence}\n"}) == []


def test_a_class_that_is_reached_may_be_claimed(found):
    manifest = "mof_class: III\nlicense: OpenMDW-1.0\ncomponents:\n" + "".join(
        f"  - {{component: {name}, path: x}}\n"
        for name in (
            "Model architecture",
            "Model parameters (Final)",
            "Model card",
            "Data card",
            "Evaluation results",
        )
    )
    report = '  - {component: Research paper, url: "https://example.org/p"}\n'
    assert codes(found({"fmaudit.yaml": manifest + report, "x": "x"})) == []
    assert codes(found({"fmaudit.yaml": manifest, "x": "x"})) == ["OPEN005"]


def test_a_component_that_is_a_pointer_does_not_count_for_a_class(found):
    mof = "release:\n  components:\n    - {name: Training code, component_path: train.py}\n"
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
    assert codes(found({"mof.yml": mof, "train.py": pointer})) == ["OPEN008"]


def test_a_location_in_words_or_outside_is_not_taken_for_a_path(found):
    entries = ["see the project page", "https://example.org/x", "../other", "/etc/passwd"]
    parts = "".join(f"    - {{name: Training code, component_path: {json.dumps(one)}}}\n" for one in entries)
    assert found({"mof.yml": f"release:\n  components:\n{parts}", "x": "x"}) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The training code will be released in this repository.",
        "The training code is not included in this repository.",
        "The training code is available at https://github.com/a/b in the repository.",
        "Training code is released [here](https://example.org) in this repo.",
        "The training code is included in this repository, see main.py.",
    ],
)
def test_code_that_is_elsewhere_or_announced_is_not_missed(sentence, found):
    files = {"README.md": f"# m\n\n{sentence}\n"}
    assert found(files | ({"main.py": "x = 1"} if "main.py" in sentence else {})) == []


def test_code_of_the_bundle_and_of_python_needs_no_list_of_packages(found):
    script = "import os, sys\nfrom own import x\nimport helpers.y\nlearning_rate = 1\n"
    assert found({"train.py": script, "own.py": "x = 1", "helpers/y.py": ""}) == []
    assert codes(found({"train.py": f"{script}import torch\n"})) == ["OPEN102"]


def test_a_bill_with_right_digests_and_one_of_other_files_are_quiet(found):
    components = [
        {
            "type": "file",
            "name": "x",
            "hashes": [{"alg": "MD5", "content": "9dd4e461268c8034f5c8564e155c67a6"}],
        },
        {"type": "library", "name": "torch", "hashes": [{"alg": "SHA-256", "content": "00" * 32}]},
        {"type": "file", "name": "../x", "hashes": [{"alg": "SHA-256", "content": "00" * 32}]},
        {"type": "file", "name": "x", "hashes": [{"alg": "SHA-256", "content": "short"}]},
    ]
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}
    assert found({"sbom.cdx.json": json.dumps(bill), "x": "x"}) == []


def test_spdx_2_and_3_are_read_as_well(found):
    two = {
        "spdxVersion": "SPDX-2.3",
        "files": [{"fileName": "./x", "checksums": [{"algorithm": "SHA256", "checksumValue": "00" * 32}]}],
    }
    three = {
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": [
            {
                "type": "software_File",
                "name": "x",
                "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "11" * 32}],
            },
            {"type": "ai_AIPackage", "name": "m", "releaseTime": "2026-01-01T00:00:00Z"},
        ],
    }
    told = found({"a.spdx.json": json.dumps(two), "b.spdx3.json": json.dumps(three), "x": "x"})
    assert sorted(codes(told)) == ["OPEN105", "OPEN105", "OPEN108"]
    assert "`suppliedBy`, `software_downloadLocation`, `software_packageVersion`" in told[-1][1]


def test_a_metric_of_a_slice_or_with_fewer_digits_is_no_contradiction(found):
    card = (
        "---\nmodel-index:\n- name: m\n  results:\n  - task: {type: t}\n    dataset: {type: d, name: d}\n"
        "    metrics:\n    - {type: accuracy, value: 0.8333}\n---\n# m\n"
    )
    for entry, expected in (
        ({"type": "accuracy", "value": "0.83"}, []),
        ({"type": "accuracy", "value": "83.33"}, []),
        ({"type": "accuracy", "value": "0.9", "slice": "women"}, []),
        ({"type": "accuracy", "value": "high"}, []),
        ({"type": "accuracy", "value": 0.91}, ["OPEN107"]),
    ):
        model = {"type": "machine-learning-model", "name": "m"}
        model["modelCard"] = {"quantitativeAnalysis": {"performanceMetrics": [entry]}}
        bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": model}}
        assert codes(found({"sbom.cdx.json": json.dumps(bill), "README.md": card})) == expected


@pytest.mark.parametrize(
    "bill",
    [
        *(
            "[]",
            "{}",
            '{"bomFormat": "CycloneDX", "components": 5, "metadata": [1]}',
            '{"@graph": [1, null, {}]}',
        ),
        (
            '{"bomFormat": "CycloneDX", "specVersion": 1, "components": [{"name": "x", "hashes": [1, {"alg": []}],'
            ' "externalReferences": [1, {"url": 3}], "type": {}, "licenses": {}}]}'
        ),
        '{"@graph": [{"type": "ai_AIPackage", "name": 5, "verifiedUsing": {"a": 1}}]}',
        '{"spdxVersion": 3, "files": [{"fileName": "x\\u0000", "checksums": "x"}]}',
    ],
)
def test_any_bill_ends_in_findings_alone(bill, found):
    assert {code for code, _ in found({"sbom.cdx.json": bill, "x": "x", "README.md": CARD})} <= {"OPEN108"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("org/Digits CNN", []), ("digits", []), ("digits-cnn-v2", []), ("llama", ["OPEN106"])],
)
def test_a_bill_is_of_the_release_if_one_name_holds_the_other(name, expected, found):
    model = {"type": "machine-learning-model", "name": name}
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": model}}
    files = {"sbom.cdx.json": json.dumps(bill), "fmaudit.yaml": "release: digits-cnn 1.0\n"}
    assert codes(found(files)) == expected


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("m", []),
        ("m 1.0", []),
        ("m 0.9", []),
        ("m 1.0.1", ["OPEN109"]),
        ("m v2.0", ["OPEN109"]),
        ("m 7B", []),
    ],
)
def test_a_version_after_the_first_asks_for_a_changelog(release, expected, found):
    assert codes(found({"fmaudit.yaml": f"release: {release}\n", "x": "x"})) == expected
