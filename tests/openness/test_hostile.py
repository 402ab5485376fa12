"""Any bytes in the files that are asked end in an assessment, and soon."""

import json
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.openness.assessment import as_mot, assess, coverage
from auditor.openness.mot import write
from auditor.report.score import render
from auditor.report.score_html import render as page
from auditor.rules.open_release import assessed

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8)
keys = st.sampled_from(
    [
        *(
            "components",
            "component",
            "path",
            "url",
            "license",
            "release",
            "name",
            "claims",
            "runs",
            "std",
            "model",
        ),
        *(
            "distribution",
            "contentUrl",
            "@id",
            "recordSet",
            "sha256",
            "description",
            "code",
            "data",
            "architectures",
        ),
        *(
            "component_path",
            "license_name",
            "training",
            "evaluation",
            "model-index",
            "results",
            "metrics",
            "tags",
        ),
    ]
)
values = st.recursive(
    scalars | st.sampled_from(["Training code", "Datasets", "MIT", "x", "https://a/b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
FILES = ("fmaudit.yaml", "mof.yml", "recipe.yaml", "config.json", "croissant.json")


@settings(max_examples=50, deadline=None)
@given(st.lists(values, min_size=len(FILES), max_size=len(FILES)), values, st.text(max_size=60))
def test_files_of_any_shape_are_assessed(tmp_path_factory, shapes, front, body):
    root = tmp_path_factory.mktemp("release")
    (root / "x").write_text("x")
    for name, value in zip(FILES, shapes, strict=True):
        (root / name).write_text(json.dumps(value))
    (root / "README.md").write_text(
        f"---\n{json.dumps(front)}\n---\n{body}\n", encoding="utf-8", errors="replace"
    )
    opened = Bundle.open(root)
    made = assess(opened)
    assert len(made.parts) == 17
    assert write(as_mot(opened, made)).startswith("framework:")
    for style in ("text", "markdown", "json", "html"):
        assert render(style, assessment=made, lists=coverage(opened, made)).endswith("\n")


def test_a_card_of_comments_without_end_ends_soon(tmp_path):
    (tmp_path / "README.md").write_text("# m\n" + "<!-- " * 400_000 + "{{" * 100_000)
    start = time.process_time()
    opened = Bundle.open(tmp_path)
    coverage(opened, assessed(opened, "mot"))
    assert time.process_time() - start < 5


def test_a_page_of_a_bundle_with_hostile_names_is_escaped(tmp_path):
    root = tmp_path / "<b>&\"'"
    root.mkdir()
    (root / "train<img src=x onerror=1>.py").write_text("x")
    opened = Bundle.open(root)
    made = assess(opened)
    told = page(made, coverage(opened, made))
    assert "<b>" not in told
    assert "<img" not in told
    assert "&lt;b&gt;&amp;&quot;&#x27;" in told
