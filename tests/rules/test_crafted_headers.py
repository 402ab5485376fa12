"""Every file of the crafted corpus is found by the code that names its fault; what the library refuses, too."""

import pytest
from safetensors import SafetensorError, safe_open

from auditor.bundle import Bundle
from auditor.engine.run import check
from tests.rules.crafted_headers import ACCEPTS, CRAFTED, REFUSES, file


def codes(folder, raw):
    (folder / "model.safetensors").write_bytes(raw)
    return {finding.code for finding in check(Bundle.open(folder), isolate=False).findings}


def says(path):
    try:
        with safe_open(path, "np"):
            return ACCEPTS
    except SafetensorError:
        return REFUSES


@pytest.mark.parametrize("case", CRAFTED, ids=str)
def test_it_is_found(case, tmp_path):
    assert case.code in codes(tmp_path, case.raw)
    assert says(tmp_path / "model.safetensors") == case.library


def test_a_sound_file_is_not(tmp_path):
    header = {"__metadata__": {"format": "pt"}, "x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    found = codes(tmp_path, file(header, b"\0\0\x80\x3f\0\0\0\x40"))
    assert {code for code in found if code.startswith(("WGT", "SCH"))} == set()


def test_the_corpus_has_at_least_as_many_files_as_the_library_was_measured_on():
    assert len(CRAFTED) >= 71
    assert len({case.what for case in CRAFTED}) == len(CRAFTED)
    assert sum(case.library == ACCEPTS for case in CRAFTED) >= 20
