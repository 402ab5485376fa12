"""Data manifests are read alike however JSON-LD writes them, within bounds, and never end in a traceback."""

import json
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers import croissant
from auditor.readers.croissant import entries, read_croissant, target
from auditor.readers.json import read_json
from auditor.readers.json_ld import Context

CONTEXT = {
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "sc": "https://schema.org/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "recordSet": "cr:recordSet",
    "field": "cr:field",
    "subField": "cr:subField",
    "source": "cr:source",
}


def read(made):
    return read_croissant(read_json("croissant.json", json.dumps(made)))


def small(**more):
    made = {"@context": CONTEXT, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0"}
    return made | {"recordSet": {"@type": "cr:RecordSet", "@id": "a", "field": {"@id": "a/b"}}} | more


@pytest.mark.parametrize(
    "key", ["recordSet", "cr:recordSet", "http://mlcommons.org/croissant/recordSet", "mlc:recordSet", "sets"]
)
def test_a_name_is_one_however_it_is_written(key):
    made = small()
    made["@context"] = CONTEXT | {"mlc": "http://mlcommons.org/croissant/", "sets": {"@id": "cr:recordSet"}}
    made[key] = made.pop("recordSet")
    found = read(made)
    assert [part.id for part in found.record_sets] == ["a"]
    assert found.record_sets[0].path == (key,)


@pytest.mark.parametrize("value", ["sc:Dataset", ["sc:Dataset"], "Dataset", "https://schema.org/Dataset"])
def test_a_data_set_is_known_by_its_type(value):
    assert read(small(**{"@type": value})).found
    assert not read(small(**{"@type": "sc:Thing"})).found


def test_one_value_a_list_and_a_set_are_alike():
    item = {"@id": "x"}
    for value, place in (
        (item, ()),
        ([item], (0,)),
        ({"@list": [item]}, ("@list", 0)),
        ({"@set": item}, ("@set",)),
    ):
        assert [*entries(("k",), value)] == [(("k", *place), item)]


def test_a_graph_is_searched_for_the_data_set_and_what_it_refers_to():
    made = small()
    context = made.pop("@context")
    record_set = made.pop("recordSet")
    found = read({"@context": context, "@graph": [record_set, made | {"recordSet": {"@id": "a"}}]})
    assert found.found
    assert found.record_sets[0].path == ("@graph", 0)
    assert found.fields[0].id == "a/b"


def test_fields_in_fields_belong_to_their_record_set():
    inner = {"@id": "a/b", "subField": [{"@id": "a/b/c", "subField": {"@id": "a/b/c/d"}}]}
    found = read(small(recordSet={"@id": "a", "field": [inner, {"@id": "a/e"}]}))
    assert [field.id for field in found.fields] == ["a/b", "a/b/c", "a/b/c/d", "a/e"]
    assert found.by_set[0][1] == found.fields


def test_a_base_is_taken_off_identifiers():
    made = small(**{"@context": CONTEXT | {"@base": "https://example.org/"}})
    made["recordSet"]["@id"] = "https://example.org/a"
    assert read(made).record_sets[0].id == "a"


def test_manifests_before_1_0_are_not_taken_apart():
    old = small(**{"@context": CONTEXT | {"ml": "http://mlcommons.org/schema/"}})
    del old["conformsTo"]
    assert read(old).legacy
    assert read(old).record_sets == ()


def test_a_context_that_lies_elsewhere_is_not_fetched():
    context = Context(["https://example.org/context.json", CONTEXT])
    assert context.remote
    assert context.name("recordSet") == "recordSet"


def test_terms_that_lead_in_a_circle_end():
    context = Context({"a": "b", "b": "a", "c": "c:c", "d": {"@id": "d"}})
    assert [context.name(word) for word in ("a", "c", "d")]


def test_a_graph_that_is_in_itself_ends():
    graph = [{"@type": "sc:Dataset", "recordSet": {"@id": "r"}}, {"@id": "r", "field": {"@id": "f"}}]
    graph.append({"@id": "f", "@type": "cr:Field", "subField": {"@id": "f"}})
    assert len(read({"@context": CONTEXT, "@graph": graph}).fields) == 1


def test_parts_beyond_the_bound_are_left_out(monkeypatch):
    monkeypatch.setattr(croissant, "MAX_PARTS", 50)
    fields = [{"@id": f"a/{number}"} for number in range(200)]
    assert len(read(small(recordSet={"@id": "a", "field": fields})).fields) < 50


def test_ten_megabytes_of_fields_are_read_in_time():
    fields = [
        {"@type": "cr:Field", "@id": f"a/{number}", "source": {"@id": "x" * 40}} for number in range(110_000)
    ]
    made = small(recordSet={"@id": "a", "field": fields})
    document = read_json("croissant.json", json.dumps(made))
    assert len(document.source) > 10**7
    begin = process_time()
    found = read_croissant(document)
    assert process_time() - begin < 10  # measured: 0.5 s
    assert len(found.fields) <= croissant.MAX_PARTS


@pytest.mark.parametrize("value", [None, 1, "a", [], [1], True, {"@id": 5}, {"@id": "a"}])
def test_anything_may_stand_anywhere(value):
    for key in ("@context", "@type", "@graph", "distribution", "recordSet", "conformsTo", "name"):
        read(small(**{key: value}))
    assert target(value) in ("", "a")


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["", "a", "sc:Text", "@id", "cr:x:y", ":"])
)
KEYS = st.sampled_from(
    [*CONTEXT, "@id", "@type", "@graph", "@value", "@list", "distribution", "cr:field", ":", "x"]
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)


@settings(max_examples=50, deadline=None)
@given(tree=st.dictionaries(KEYS, TREES, max_size=8))
def test_any_tree_is_read(tree):
    found = read({"@context": CONTEXT, "@type": "sc:Dataset"} | tree)
    assert [*found.parts()]
