"""Every fix that a rule offers mends what it is for and nothing else: tried on the rules' own examples and more."""

from difflib import unified_diff

import pytest

from auditor.bundle import Bundle
from auditor.engine.fixes import mend
from auditor.engine.run import check
from auditor.rules import load
from auditor.rules.registry import manual
from tests.layers import lay_over

RULES = [rule for rule in load().values() if rule.needs]
BY_CODE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)

# Code, whether the fix is safe, what is laid over the good bundle, and the lines that the fix changes.
EXAMPLES = [
    (
        "SCH002",
        True,
        '# config.json, whole file\n{"model_type": "other",\n  "eps": 1,\n  "eps": 1}',
        ['-  "eps": 1,'],
    ),
    (
        "SCH002",
        True,
        '# config.json, whole file\n{"a": 1, "model_type": "x", "a": 1}',
        ['-{"a": 1, "model_type": "x", "a": 1}', '+{"model_type": "x", "a": 1}'],
    ),
    (
        "SCH002",
        True,
        "# .eval_results/a.yaml, whole file\n- dataset: {id: digits}\n  value: 0.90\n  value: 0.90\n",
        ["-  value: 0.90"],
    ),
    (
        "SCH002",
        True,
        "# .eval_results/a.yaml, whole file\n- value: 0.90\n  value: 0.90\n  dataset: {id: digits, id: digits}\n",
        ["-  value: 0.90", "-  dataset: {id: digits, id: digits}", "+  dataset: {id: digits}"],
    ),
    (
        "SCH004",
        True,
        "# recipe.yaml\ntraining: {'epoch': 10, epochs: null}",
        ["-  'epoch': 10", "+  'epochs': 10"],
    ),
    (
        "SCH004",
        True,
        "# recipe.yaml\ntraining: {batch-size: 4, batch_size: null}",
        ["-  batch-size: 4", "+  batch_size: 4"],
    ),
    ("SCH006", True, '# recipe.yaml\ntraining: {epochs: "10"}', ['-  epochs: "10"', "+  epochs: 10"]),
    ("SCH006", True, "# recipe.yaml\noptimizer: {lr: '5e-4'}", ["-  lr: '5e-4'", "+  lr: 5.0e-4"]),
    ("SCH006", True, "# fmaudit.yaml\nrelease: 0.10", ["-release: 0.10", '+release: "0.10"']),
    ("SCH006", True, "# recipe.yaml\ntraining: {epochs: 1_000}", ["-  epochs: 1_000", "+  epochs: 1000"]),
    (
        "SCH006",
        True,
        (
            "# fmaudit.yaml\nclaims:\n"
            "- {id: a, metric: {type: loss, unit: nats, lower_is_better: yes}, value: 0.41, data: {split: test, n: 6}}"
        ),
        [
            "-- {id: a, metric: {type: loss, unit: nats, lower_is_better: yes}, value: 0.41, data: {split: test, n: 6}}",
            "+- {id: a, metric: {type: loss, unit: nats, lower_is_better: true}, value: 0.41, data: {split: test, n: 6}}",
        ],
    ),
    (
        "SCH006",
        True,
        "# README.md\n---\nlicense_name: 1.10\n---",
        ["-license_name: 1.10", '+license_name: "1.10"'],
    ),
    ("SCH007", True, "# recipe.yaml\ndeterminism: Strict", ["-determinism: Strict", "+determinism: strict"]),
    (
        "SCH007",
        False,
        "# recipe.yaml\ndeterminism: 'strct'",
        ["-determinism: 'strct'", "+determinism: 'strict'"],
    ),
    (
        "CARD003",
        True,
        "# README.md\n---\nlicense: null\nlicence: apache-2.0 # of the weights\n---",
        ["-licence: apache-2.0", "+license: apache-2.0"],
    ),
    (
        "CARD003",
        True,
        "# README.md\n---\npipeline_tag: null\nPipeline-Tag: image-classification\n---",
        ["-Pipeline-Tag: image-classification", "+pipeline_tag: image-classification"],
    ),
    (
        "CARD004",
        True,
        "# README.md\n---\ntags: [on, digits]\n---",
        ["-tags: [on, digits]", '+tags: ["on", digits]'],
    ),
    (
        "CARD104",
        True,
        "# README.md\nThe [terms](license#top) and ![log](Results/Test.JSON).",
        [
            "-The [terms](license#top) and ![log](Results/Test.JSON).",
            "+The [terms](LICENSE#top) and ![log](results/test.json).",
        ],
    ),
    (
        "LIC002",
        True,
        "# README.md\n---\nlicense: [Apache License 2.0]\n---",
        ["-license: [Apache License 2.0]", "+license: [apache-2.0]"],
    ),
    (
        "LIC002",
        True,
        "# fmaudit.yaml\nlicense: (Apache2.0 OR MIT)",
        ["-license: (Apache2.0 OR MIT)", "+license: (Apache-2.0 OR MIT)"],
    ),
    (
        "LIC007",
        True,
        "# README.md\n---\nlicense_link: License\n---",
        ["-license_link: License", "+license_link: LICENSE"],
    ),
    (
        "DATA101",
        True,
        """# data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "Digits.csv", "encodingFormat": "text/csv",
          "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"}]}""",
        ['-      "contentUrl": "Digits.csv",', '+      "contentUrl": "digits.csv",'],
    ),
    (
        "DATA105",
        True,
        """# data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv", "encodingFormat": "text/csv",
          "sha256": "sha256:455FF12B35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"}]}""",
        [
            '-      "sha256": "sha256:455FF12B35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"',
            '+      "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"',
        ],
    ),
    (
        "OPEN001",
        True,
        "# fmaudit.yaml\ncomponents:\n- {component: Training code, path: Recipe.yaml}",
        [
            "-- {component: Training code, path: Recipe.yaml}",
            "+- {component: Training code, path: recipe.yaml}",
        ],
    ),
    (
        "CLM101",
        True,
        (
            "# fmaudit.yaml\nclaims:\n- id: a\n  metric: {type: accuracy, unit: proportion}\n  value: '0.8333'\n"
            "  data: {split: test, n: 6}\n  evidence: [{path: results/Test.json, pointer: /accuracy}]"
        ),
        [
            "-  evidence: [{path: results/Test.json, pointer: /accuracy}]",
            "+  evidence: [{path: results/test.json, pointer: /accuracy}]",
        ],
    ),
    (
        "CLM202",
        True,
        (
            "# fmaudit.yaml\nclaims:\n- id: a\n  metric: {type: accuracy, unit: proportion}\n  value: '0.8333'\n"
            "  data: {split: Test, n: 6}"
        ),
        ["-  data: {split: Test, n: 6}", "+  data: {split: test, n: 6}"],
    ),
    ("REC001", True, "# recipe.yaml\nmodel: {reference: CNN}", ["-  reference: CNN", "+  reference: cnn"]),
    (
        "REC002",
        True,
        "# recipe.yaml\nmodel: {parameters: {classes: null, Classes: 2}}",
        ["-    Classes: 2", "+    classes: 2"],
    ),
    ("REC004", True, "# recipe.yaml\ntraining: {epochs: 010}", ["-  epochs: 010", "+  epochs: 10"]),
    ("REC004", True, "# recipe.yaml\ntraining: {epochs: 0o12}", ["-  epochs: 0o12", "+  epochs: 10"]),
    ("REC004", True, "# recipe.yaml\nenvironment: {device: 1:30}", ["-  device: 1:30", '+  device: "1:30"']),
    ("REC101", False, "# recipe.yaml\nevaluation: {split: tset}", ["-  split: tset", "+  split: test"]),
    (
        "ENV004",
        True,
        '# recipe.yaml\nenvironment: {torch: "torch==2.6.0"}',
        ['-  torch: "torch==2.6.0"', '+  torch: "2.6.0"'],
    ),
]


def mended(folder, *, unsafe):
    return mend(Bundle.open(folder), lambda bundle: check(bundle, isolate=False), unsafe=unsafe)


def diff(result):
    """The lines that change, signs first, in the order of the files."""
    found = []
    for path, before in result.before.items():
        lines = [raw.decode().splitlines() for raw in (before, result.after[path])]
        found += [
            line
            for line in unified_diff(*lines, n=0, lineterm="")
            if not line.startswith(("---", "+++", "@@"))
        ]
    return found


def written(folder, result):
    for path, raw in result.after.items():
        (folder / path).write_bytes(raw)


@BY_CODE
def test_the_fixes_of_bad_leave_nothing_of_it(rule, good):
    lay_over(good, manual(rule).bad)
    offered = [finding for finding in check(Bundle.open(good)).findings if finding.fix]
    assert {finding.code for finding in offered} <= {rule.code}
    safe = mended(good, unsafe=False)
    assert {finding.fix.safety for finding in safe.fixed} <= {"safe"}
    every = mended(good, unsafe=True)
    assert every.refused == ()
    assert bool(every.after) == bool(offered)
    if offered:
        assert every.result.findings == ()
        written(good, every)
        assert check(Bundle.open(good)).findings == ()
        assert mended(good, unsafe=True).after == {}


def test_nothing_of_the_good_bundle_is_changed(good):
    assert mended(good, unsafe=True).after == {}


@pytest.mark.parametrize(
    ("code", "safe", "example", "lines"), EXAMPLES, ids=[f"{row[0]}-{at}" for at, row in enumerate(EXAMPLES)]
)
def test_a_fix_changes_these_lines_and_no_others(code, safe, example, lines, good):
    lay_over(good, example)
    before = check(Bundle.open(good)).findings
    offered = [finding.fix.safety for finding in before if finding.code == code and finding.fix]
    assert offered
    assert set(offered) == {"safe" if safe else "unsafe"}
    result = mended(good, unsafe=not safe)
    assert [finding.code for finding in result.fixed] == [code] * len(offered)
    assert result.refused == ()
    left = [finding.code for finding in result.result.findings]
    assert code not in left
    assert set(left) <= {finding.code for finding in before}
    found = diff(result)
    assert found == lines
    written(good, result)
    assert mended(good, unsafe=not safe).after == {}
