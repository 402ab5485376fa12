"""What licences are named by identifiers, expressions and addresses, and which expressions are broken."""

import builtins

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.rules.licence_expressions import _wrong
from auditor.rules.licence_sources import identifiers, meant, of_address
from auditor.rules.vocabulary import canonical_licence, hub_licences, spdx_licences


@pytest.mark.parametrize(
    ("address", "licence"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "cc-by-4.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/deed.en", "cc-by-nc-sa-3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/legalcode", "cc0-1.0"),
        ("https://spdx.org/licenses/MIT.html", "MIT"),
        ("https://opensource.org/licenses/BSD-3-Clause", "BSD-3-Clause"),
        ("https://opensource.org/license/mit/", "mit"),
        ("https://www.apache.org/licenses/LICENSE-2.0.txt", "apache-2.0"),
        ("https://opendatacommons.org/licenses/odbl/1-0/", "odbl"),
        ("https://www.gnu.org/licenses/gpl-3.0.html", "gpl-3.0"),
        ("https://www.gnu.org/licenses/old-licenses/gpl-2.0.html", "gpl-2.0"),
        ("https://example.org/licenses/by/4.0/", ""),
        ("https://archive.ics.uci.edu/dataset/80", ""),
        ("", ""),
    ],
)
def test_the_addresses_of_licences_are_their_names(address, licence):
    assert of_address(address) == licence


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_any_text_means_known_licences_or_none(text):
    known = {canonical_licence(name) for name in hub_licences() | spdx_licences().keys()}
    assert all(
        one in known or "licenseref" in text.lower() or "documentref" in text.lower() for one in meant(text)
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("MIT AND Apache-2.0", False),
        ("MIT OR (Apache-2.0 AND CC-BY-4.0)", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("LicenseRef-own OR MIT", False),
        ("gemma AND MIT", False),  # unknown to SPDX: LIC002 speaks of names
        ("MIT AND", True),
        ("MIT OR OR Apache-2.0", True),
        ("(MIT OR Apache-2.0", True),
        ("GPL-2.0-only WITH MIT", True),
        ("MIT AND )", True),
        ("( )", True),
        ("( AND MIT", True),
        ("(" * 900, True),
    ],
)
def test_expressions_are_read_as_spdx_writes_them(text, wrong):
    assert bool(_wrong(text)) is wrong


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from(["MIT", "AND", "OR", "WITH", "(", ")", "Apache-2.0", "x", "+", "/", "é"]), max_size=12
    )
)
def test_any_expression_is_read_or_told_as_broken(words):
    assert isinstance(_wrong(" ".join(words)), str)


def test_without_the_package_expressions_are_not_checked(good, monkeypatch):
    real = builtins.__import__

    def without(name, *others, **more):
        if name.startswith("license_expression"):
            raise ImportError(name)
        return real(name, *others, **more)

    from auditor.rules import licence_expressions

    licence_expressions._licensing.cache_clear()
    manifest = good / "fmaudit.yaml"
    manifest.write_text(manifest.read_text().replace("license: Apache-2.0\n", "license: Apache-2.0 OR MIT\n"))
    monkeypatch.setattr(builtins, "__import__", without)
    (outcome,) = check(Bundle.open(good), Settings(("LIC008",), profile="audit"), isolate=False).outcomes
    assert outcome.state == "not checked"
    assert "license-expression" in outcome.reason


def test_words_that_no_operator_joins_are_no_expression(messages):
    assert (
        messages("LIC008", "# fmaudit.yaml\nlicense: my own terms and conditions\ncomponents: null\n") == []
    )


def test_identifiers_of_a_long_text_are_one():
    assert identifiers("x " * 3) == ["x x x"]
    assert meant("x" * 2_000) == set()
