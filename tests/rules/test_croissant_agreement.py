"""Our rules accept and refuse the data manifests that mlcroissant accepts and refuses, far less its known quirks."""

import json

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check

pytest.importorskip("mlcroissant", reason="the oracle is in the test extra")

import mlcroissant

from tests.rules.croissant_corpus import DIFFERENT, bad, good

# One reading of a manifest by mlcroissant costs some 15 ms, its import a second.
pytestmark = pytest.mark.filterwarnings("ignore")


def refused_by_us(made, folder):
    """Whether a rule for data manifests finds an error in a folder with nothing but this one."""
    folder.mkdir()
    (folder / "croissant.json").write_text(json.dumps(made))
    found = check(Bundle.open(folder), isolate=False).findings
    return any(f.level == "error" and f.code.startswith(("DATA", "SCH")) for f in found)


def refused_by_mlcroissant(made):
    """Whether the reference loader refuses a manifest, or stops for another reason."""
    try:
        mlcroissant.Dataset(made)
    except Exception:  # noqa: BLE001  it has no one exception for what it cannot read
        return True
    return False


def verdicts(documents, tmp_path):
    """What the two say of each manifest, by name: ours, theirs."""
    return {
        name: (refused_by_us(made, tmp_path / str(number)), refused_by_mlcroissant(made))
        for number, (name, made) in enumerate(documents.items())
    }


def test_honest_manifests_are_accepted_by_both(tmp_path):
    found = verdicts(good(), tmp_path)
    assert len(found) >= 60
    assert {name for name, both in found.items() if any(both)} == set()


def test_harmed_manifests_are_refused_by_both_but_for_known_differences(tmp_path):
    found = verdicts(bad(), tmp_path)
    assert len(found) >= 40
    assert {name for name, (ours, theirs) in found.items() if ours != theirs} == set(DIFFERENT)
    assert all(ours and theirs for name, (ours, theirs) in found.items() if name not in DIFFERENT)


def test_the_two_agree_on_19_of_20_manifests():
    assert len(DIFFERENT) <= (len(good()) + len(bad())) / 20
