"""Licences that disagree, expressions, base models and data: what each rule takes in, and what it leaves alone."""

import pytest

from auditor.rules.licence_sources import terms
from auditor.rules.licence_terms import _claim
from auditor.rules.licence_text import may_be
from auditor.rules.vocabulary import base_licences, canonical_licence, hub_licences, spdx_licences

ALONE = "# LICENSE, absent\n# fmaudit.yaml\nlicense: null\ncomponents: null\n"


def card(front, text=""):
    return f"# README.md\n---\n{front}\n---\n{text}\n"


def test_every_licence_of_the_tables_has_one_spelling():
    known = {canonical_licence(name) for name in hub_licences() | spdx_licences().keys()}
    named = {
        "mnpl-0.1",
        "mrl-0.1",
        "flux-1-dev-non-commercial",
        "qwen-research",
        "falcon-180b",
        "dbrx-open-model",
    }
    for kind in ("permissive", "share-alike", "non-commercial", "no-derivatives", "use-restricted"):
        assert terms(kind) <= known | named
    assert {licence for licence, _ in base_licences().values()} <= known | named


def test_no_base_in_the_table_is_under_a_permissive_licence():
    assert not {licence for licence, _ in base_licences().values()} & terms("permissive")


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ("license: MIT\ncomponents: null", True),
        ("license: my-own-terms\ncomponents: null", False),  # nobody knows it: LIC002 alone speaks
        ("license: LicenseRef-own\ncomponents: null", True),
        ("license: Apache-2.0 OR MIT\ncomponents: null", False),
        ("license: other\ncomponents: null", False),
    ],
)
def test_card_and_manifest_are_compared_where_both_names_are_known(messages, manifest, told):
    assert bool(messages("LIC004", f"# fmaudit.yaml\n{manifest}\n")) is told


def test_an_odd_name_for_one_component_does_not_keep_card_and_manifest_from_being_compared(findings):
    components = "components:\n  - {component: Datasets, path: data, license: ask-us-first}"
    codes = {each.code for each in findings(f"# fmaudit.yaml\nlicense: MIT\n{components}\n")}
    assert {"LIC002", "LIC004"} <= codes


MIT = "# LICENSE, whole file\nPermission is hereby granted, free of charge, to any person obtaining a copy, to deal in the\n"


def test_an_odd_name_does_not_keep_the_licence_file_from_being_read(messages):
    odd = "# fmaudit.yaml\ncomponents:\n  - {component: Datasets, path: data, license: ask-us-first}\n"
    assert messages("LIC005", MIT + odd)
    nearly = "# fmaudit.yaml\ncomponents:\n  - {component: Datasets, path: data, license: The-MIT-License}\n"
    assert messages("LIC005", MIT + nearly) == []


@pytest.mark.parametrize(
    ("found", "named", "same"),
    [
        ("mit", {"mit-0"}, True),
        ("isc", {"0bsd"}, True),
        ("gpl-3.0", {"lgpl-3.0"}, True),
        ("creativeml-openrail-m", {"openrail"}, True),
        ("mit", {"apache-2.0"}, False),
        ("llama3", {"llama3.1"}, False),
        ("bsd-2-clause", {"bsd-3-clause"}, False),
    ],
)
def test_texts_that_begin_alike_are_taken_for_either(found, named, same):
    assert may_be(found, named) is same


@pytest.mark.parametrize(
    ("front", "told"),
    [
        ("license_link: https://ai.google.dev/gemma/terms", True),
        ("license_link: https://www.apache.org/licenses/LICENSE-2.0.txt", False),
        ("license_link: https://example.org/terms", False),
        ("license: other\nlicense_name: mnpl\nlicense_link: https://mistral.ai/licenses/MNPL-0.1.md", False),
        ("license: [apache-2.0, gemma]\nlicense_link: https://ai.google.dev/gemma/terms", False),
        ("license_link: 7", False),
    ],
)
def test_a_link_to_a_licence_leads_to_the_one_that_is_named(messages, front, told):
    assert bool(messages("LIC018", card(front))) is told


def test_the_licence_file_of_a_part_is_not_compared(messages):
    assert messages("LIC005", MIT.replace("LICENSE,", "LICENSE.eigen,")) == []


BILL = """\
# sbom.cdx.json, whole file
{{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {{"component": {{"type": "machine-learning-model",
  "name": "digits", "licenses": [{{"license": {{"id": "{licence}"}}}}]}}}},
  "components": [{{"type": "library", "name": "x", "licenses": [{{"license": {{"id": "GPL-3.0-only"}}}}]}}]}}
"""
SPDX = """\
# digits.spdx.json, whole file
{{"spdxVersion": "SPDX-2.3", "documentDescribes": ["SPDXRef-a"],
  "packages": [{{"SPDXID": "SPDXRef-a", "licenseDeclared": "{licence}"}},
               {{"SPDXID": "SPDXRef-b", "licenseDeclared": "GPL-3.0-only"}}]}}
"""


@pytest.mark.parametrize("bill", [BILL, SPDX])
@pytest.mark.parametrize(
    ("licence", "told"),
    [("Apache-2.0", False), ("MIT", True), ("NOASSERTION", False), ("Apache-2.0 OR MIT", False)],
)
def test_a_bill_of_materials_is_compared_in_what_it_is_about(messages, bill, licence, told):
    assert bool(messages("LIC010", bill.format(licence=licence))) is told


@pytest.mark.parametrize(
    ("front", "more", "told"),
    [
        ("base_model: meta-llama/Meta-Llama-3-8B", "", True),
        ("base_model: [someone/x, google/gemma-2-9b-it]", "", True),
        ("license: mit\nbase_model: mistralai/Codestral-22B-v0.1", "", True),
        ("license: gemma\nbase_model: google/gemma-2-9b-it", "", False),
        (
            "license: cc-by-nc-4.0\nbase_model: google/gemma-2-9b-it",
            "",
            False,
        ),  # not wider as far as is known
        ("license: other\nbase_model: google/gemma-2-9b-it", "", False),
        ("base_model: google/gemma-4-9b", "", False),  # not in the table
        ("base_model: Qwen/Qwen2.5-7B", "", False),
        ("base_model: meta-llama/Llama-2-7b-hf\nbase_model_relation: adapter", "", False),
        (
            "base_model: meta-llama/Llama-2-7b-hf",
            "Use is also subject to the Llama 2 Community License.",
            False,
        ),
        ("base_model: 7", "", False),
    ],
)
def test_a_release_is_wider_than_its_base_where_both_licences_are_known(messages, front, more, told):
    assert bool(messages("LIC012", ALONE + card(front, more))) is told


@pytest.mark.parametrize(
    ("name", "told"), [("Llama-3-digits", False), ("someone/llama3-digits", False), ("digits-llama", True)]
)
def test_what_is_made_of_llama_3_begins_with_its_name(messages, name, told):
    front = f"license: llama3\nbase_model: meta-llama/Meta-Llama-3-8B\nmodel-index: [{{name: {name}}}]"
    assert bool(messages("LIC013", ALONE + card(front))) is told


@pytest.mark.parametrize(
    ("front", "text", "files", "missing"),
    [
        ("license: llama2\nbase_model: a/b", "", "", ["a file `NOTICE`"]),
        ("license: llama3\nbase_model: a/b", "", "", ["a file `NOTICE`", "the words"]),
        ("license: llama3\nbase_model: a/b", "Built with Meta Llama 3.", "# Notice.txt, whole file\nx\n", []),
        ("license: gemma\nbase_model: a/b", "", "# NOTICE.txt, whole file\nx\n", []),
        ("license: gemma\nbase_model: a/b\nlibrary_name: peft", "", "", []),
        ("license: llama3", "", "", []),  # may be Meta's own
        ("license: mit", "", "", []),
    ],
)
def test_notices_are_asked_for_as_each_licence_does(messages, front, text, files, missing):
    said = " ".join(messages("LIC014", ALONE + card(front, text) + files))
    assert all(each in said for each in missing)
    assert bool(said) is bool(missing)


DATA = '# data/croissant.json\n{{"license": "{}"}}\n# fmaudit.yaml\ncomponents: null\n'
NC, SA = "https://creativecommons.org/licenses/by-nc/4.0/", "https://creativecommons.org/licenses/by-sa/4.0/"


@pytest.mark.parametrize(
    ("code", "data", "front", "text", "told"),
    [
        ("LIC015", NC, "license: apache-2.0", "", True),
        ("LIC015", NC, "license: cc-by-nc-4.0", "", False),
        ("LIC015", NC, "license: apache-2.0", "The data is for non-commercial use.", False),
        ("LIC015", "https://example.org/terms", "license: apache-2.0", "", False),
        ("LIC016", SA, "license: apache-2.0", "", True),
        ("LIC016", SA, "license: cc-by-sa-4.0", "", False),
        ("LIC016", SA, "license: apache-2.0", "The data is share-alike.", False),
    ],
)
def test_the_terms_of_data_are_held_against_the_card(messages, code, data, front, text, told):
    assert bool(messages(code, DATA.format(data) + card(front, text))) is told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("This model is open source.", True),
        ("Our model is released as open-source.", True),
        ("Digits is a fully open-source language model.", True),
        ("Digits is an open source LLM.", True),
        ("We open-source the model and its weights.", True),
        ("This model is not open source.", False),
        ("This model isn't fully open source.", False),
        ("Unlike others, this model is never open source.", False),
        ("We bring NLP to the industry via open source!", False),
        ("Digits is an open-source project developed by the institute.", False),
        ("It was trained on open-source data with open source libraries.", False),
        ("It is compared with open-source models such as Falcon.", False),
        ("```\nThis model is open source.\n```", False),
        ("Our model is built on open source tools.", False),
    ],
)
def test_a_card_calls_its_own_model_open_source_or_something_else(messages, text, told):
    assert bool(messages("LIC017", ALONE + card("license: cc-by-nc-4.0", text))) is told


@pytest.mark.parametrize("licence", ["apache-2.0", "mit", "cc-by-4.0", "other", "my-terms"])
def test_open_source_is_no_wrong_word_for_licences_that_are_not_known_to_forbid(messages, licence):
    assert messages("LIC017", ALONE + card(f"license: {licence}", "This model is open source.")) == []


def test_the_search_for_claims_is_linear():
    import time

    def cost(size):
        text = "this model is open a " * (size // 21)
        begin = time.process_time()
        assert not any(_claim().finditer(text))
        return time.process_time() - begin

    assert cost(400_000) < 40 * max(cost(40_000), 0.002)
