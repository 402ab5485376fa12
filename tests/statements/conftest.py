"""Cards and bundles in a line."""

import pytest

from auditor.bundle import Bundle
from auditor.readers.markdown import read_markdown
from auditor.statements.collected import scores


@pytest.fixture
def card():
    """`card(text)`: a model card."""
    return lambda text: read_markdown("README.md", text)


@pytest.fixture
def stated(tmp_path):
    """`stated({path: text})`: the scores of a bundle of these files."""

    def collect(files):
        for path, text in files.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return scores(Bundle.open(tmp_path))

    return collect


def told(found):
    """Name and printed value of each score."""
    return [(one.metric.name, one.value.text) for one in found]
