"""Wrong numbers that were published are found by the rule that is named for each."""

import pytest

from tests.forgeries.forging import findings
from tests.forgeries.real_cases import CASES
from tests.forgeries.real_training import CASES as TRAINING
from tests.layers import lay_over

CARD = "# README.md, whole file\n---\nlicense: apache-2.0\n---\n"


@pytest.mark.parametrize("case", [*CASES, *TRAINING], ids=lambda case: f"{case.code}: {case.source}")
def test_a_published_wrong_number_is_found(case, tmp_path):
    lay_over(tmp_path, CARD)
    lay_over(tmp_path, case.parts)
    assert case.code in {finding.code for finding in findings(tmp_path)}
