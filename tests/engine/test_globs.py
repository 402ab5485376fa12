import time

import pytest

from auditor.engine.globs import matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("README.md", "README.md", True),
        ("README.md", "docs/README.md", False),
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("**/*.md", "README.md", True),
        ("**/*.md", "a/b/README.md", True),
        ("docs/**", "docs/a/b.md", True),
        ("docs/**", "docs2/a", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b", "a/x/y/bc", False),
        ("**", "a/b", True),
        ("model-?????-of-*.safetensors", "model-00001-of-00002.safetensors", True),
        ("?", "ab", False),
        ("*a*b", "xxaxxb", True),
        ("*a*b", "xxaxxbx", False),
        ("[a].md", "[a].md", True),
        ("", "a", False),
    ],
)
def test_a_pattern_means_whole_paths(pattern, path, expected):
    assert matches(pattern, path) is expected


@pytest.mark.parametrize("pattern", ["*a" * 2000 + "b", "**/a/" * 2000 + "b", "**/*" * 2000])
def test_no_pattern_takes_long(pattern):
    start = time.process_time()
    matches(pattern, "/".join(["a" * 50] * 40))
    assert (
        time.process_time() - start < 2
    )  # some 10 ms; a search that goes back to every star would never end
