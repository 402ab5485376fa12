"""Which licences are open, and which suit what."""

import pytest

from auditor.openness.licensing import MAX_WORDS, free_licences, is_open, suits


@pytest.mark.parametrize(
    "licence",
    [
        *(
            "Apache-2.0",
            "apache-2.0",
            "MIT",
            "bsd-3-clause",
            "GPL-3.0-or-later",
            "gpl-3.0",
            "CC0-1.0",
            "cc-by-4.0",
        ),
        *("CC-BY-SA-2.1-JP", "CC-BY-3.0-NL", "PDDL-1.0", "pddl", "odbl", "odc-by", "CDLA-Permissive-2.0"),
        *("CDLA-Sharing-1.0", "OGL-UK-3.0", "GFDL-1.3", "OpenMDW-1.0", "openmdw-1.1", "MIT OR llama3"),
        *("(MIT AND Apache-2.0) OR Proprietary", "GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0+"),
    ],
)
def test_an_open_licence_is_known_in_either_spelling(licence):
    assert is_open(licence)


@pytest.mark.parametrize(
    "licence",
    [
        *(
            "",
            "llama3",
            "gemma",
            "openrail",
            "other",
            "CC-BY-NC-4.0",
            "CC-BY-ND-4.0",
            "cc-by-nc-sa-4.0",
            "OGL-UK-1.0",
        ),
        *(
            "MIT AND llama3",
            "MIT OR",
            "OR MIT",
            "(MIT",
            "MIT)",
            "MIT Apache-2.0",
            "ODC-PDDL-1.0",
            "CC-BY-9.0",
        ),
        " AND ".join(["MIT"] * MAX_WORDS),
        "(" * 5000,
    ],
)
def test_what_is_not_open_or_malformed_is_not_taken_for_open(licence):
    assert not is_open(licence)


@pytest.mark.parametrize(
    ("licence", "kinds"),
    [
        ("Apache-2.0", {"code", "document"}),
        ("MIT", {"code"}),
        ("BSD-3-Clause", {"code"}),
        ("GPL-3.0-only", {"code"}),
        ("CC-BY-4.0", {"data", "document"}),
        ("CC0-1.0", {"data", "document"}),
        ("PDDL-1.0", {"data"}),
        ("CDLA-Permissive-2.0", {"data"}),
        ("GFDL-1.3", {"document"}),
        ("OpenMDW-1.0", {"code", "data", "document"}),
        ("llama3", set()),
    ],
)
def test_a_licence_suits_what_it_was_made_for(licence, kinds):
    assert {kind for kind in ("code", "data", "document") if suits(licence, kind)} == kinds


def test_the_vendored_list_has_what_osi_and_fsf_vouch_for():
    assert {"mit", "apache-2.0", "gpl-3.0-only", "cc-by-4.0"} <= free_licences()
    assert len(free_licences()) == 209
