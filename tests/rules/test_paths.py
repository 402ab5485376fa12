"""Paths in documents: what they mean, and whether they leave the bundle."""

import pytest

from auditor.rules.paths import escapes, is_url, resolved


@pytest.mark.parametrize(
    ("path", "beside", "out"),
    [
        ("data/x.csv", "", False),
        ("../x.csv", "data/croissant.json", False),
        ("../../x.csv", "data/croissant.json", True),
        ("../x.csv", "", True),
        ("a/../../x", "", True),
        ("/etc/passwd", "", True),
        ("C:\\x", "", True),
        ("..\\x", "", True),
        ("~/x", "", True),
        ("file:///etc/passwd", "", True),
        ("https://example.org/../x", "", False),
        ("pkg:pypi/scikit-learn#a/b", "", False),
        ("...", "", False),
    ],
)
def test_a_path_leaves_the_bundle_or_not(path, beside, out):
    assert escapes(path, beside) is out


@pytest.mark.parametrize("text", ["https://x", "mailto:a@b", "//cdn/x", "pkg:pypi/x", "hf://a/b"])
def test_a_scheme_makes_a_url(text):
    assert is_url(text)


def test_a_path_is_relative_to_the_folder_of_the_file_it_stands_in():
    assert resolved("./digits.csv", "data/croissant.json") == "data/digits.csv"
