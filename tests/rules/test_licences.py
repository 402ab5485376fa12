"""Licence names and texts."""

import pytest

from auditor.rules.licence_sources import identifiers as _identifiers
from auditor.rules.licence_text import recognised
from auditor.rules.vocabulary import canonical_licence, hub_licences, near_miss, spdx_licences


@pytest.mark.parametrize(
    ("hub", "spdx"),
    [
        ("apache-2.0", "Apache-2.0"),
        ("gpl-3.0", "GPL-3.0-only"),
        ("gpl-3.0", "GPL-3.0-or-later"),
        ("odbl", "ODbL-1.0"),
        ("pddl", "PDDL-1.0"),
        ("lgpl-lr", "LGPLLR"),
    ],
)
def test_the_hub_and_spdx_name_one_licence(hub, spdx):
    assert canonical_licence(hub) == canonical_licence(spdx)


def test_an_open_rail_plus_plus_keeps_its_plus_signs():
    assert canonical_licence("openrail++") == "openrail++"


@pytest.mark.parametrize(
    ("text", "identifiers"),
    [
        ("MIT", ["MIT"]),
        ("MIT OR Apache-2.0", ["MIT", "Apache-2.0"]),
        ("(MIT and BSD-3-Clause)", ["MIT", "BSD-3-Clause"]),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ["GPL-2.0-only"]),
        ("Apache License 2.0", ["Apache License 2.0"]),
        ("", []),
    ],
)
def test_identifiers_are_taken_out_of_an_expression(text, identifiers):
    assert _identifiers(text) == identifiers


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        (
            "Permission is hereby granted, free of charge, to any person\nobtaining a copy, to deal in the",
            "mit",
        ),
        ("# Apache License\nVersion 2.0, January 2004", "apache-2.0"),
        ("GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007", "gpl-3.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "lgpl-3.0"),
        ("Attribution-NonCommercial 4.0 International", "cc-by-nc-4.0"),
        ("LLAMA 3.1 COMMUNITY LICENSE AGREEMENT", "llama3.1"),
        ("Terms of our own", ""),
    ],
)
def test_a_licence_is_known_by_its_first_words(text, identifier):
    assert recognised(text) == identifier


def test_the_vocabularies_hold_what_everybody_uses():
    assert {"mit", "apache-2.0", "llama3.3", "other"} <= hub_licences()
    assert spdx_licences()["cc-by-4.0"] == "CC-BY-4.0"


def test_a_near_miss_is_suggested():
    assert near_miss("apache2.0", hub_licences()) == "did you mean `apache-2.0`?"
    assert near_miss("zzzz", hub_licences()) == ""


def test_the_licence_that_a_text_begins_with_counts_and_not_one_it_quotes():
    from auditor.rules.licence_text import recognised

    mit = "Permission is hereby granted, free of charge, to any person obtaining a copy, to deal in the Software."
    assert recognised(f"{mit} It includes code under the Apache License, Version 2.0, January 2004.") == "mit"
