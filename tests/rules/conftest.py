"""The good bundle, and what the whole registry says of it after an example was laid over it."""

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.signing.keys import trusted
from tests.layers import lay_good, lay_over


@pytest.fixture
def good(tmp_path):
    """A fresh copy of the good bundle."""
    return lay_good(tmp_path / "digits-cnn")


@pytest.fixture
def findings(good):
    """`findings(example)`: what is found in the good bundle with the example laid over it."""

    def find(example=""):
        lay_over(good, example)
        bundle = Bundle.open(good)
        bundle.trusted_keys = trusted(tuple(map(str, sorted(good.parent.glob("*.pem")))), good)
        return check(bundle, today="2026-11-23", isolate=False).findings

    return find


@pytest.fixture
def messages(findings):
    """`messages(code, example)`: what the rule says of the good bundle with the example laid over it."""

    def say(code, example):
        return [finding.message for finding in findings(example) if finding.code == code]

    return say
