"""What the rules for data manifests say, what they let pass, and that nothing in a manifest makes them fail."""

import json
from copy import deepcopy
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.formats.examples import EXAMPLES
from auditor.readers.croissant import read_croissant
from auditor.readers.json import read_json
from auditor.rules import load
from auditor.rules.croissant import is_date
from auditor.rules.croissant_sources import _path_fault, _regex_fault
from auditor.rules.croissant_types import _is_shape
from tests.layers import GOOD

MANIFEST = json.loads((GOOD / "data" / "croissant.json").read_text())
RULES = [rule for rule in load().values() if rule.needs == ("croissant",)]


def said(made):
    """Codes and messages of every fault that the rules find in a manifest."""
    found = read_croissant(read_json("data/croissant.json", json.dumps(made)))
    return [(rule.code, fault.message) for rule in RULES for fault in rule.run(found)]


def changed(**more):
    return deepcopy(MANIFEST) | more


def with_field(**more):
    made = deepcopy(MANIFEST)
    made["recordSet"][0]["field"][0].update(more)
    return made


@pytest.mark.parametrize(
    "text",
    [
        "2026",
        "2026-01",
        "2026-01-31",
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00+01:00",
        "20260131",
        "2026-W05",
        "2026-01-31T12:00:00.1234567",
    ],
)
def test_dates_of_iso_8601_are_dates(text):
    assert is_date(text)


@pytest.mark.parametrize(
    "text", ["", "26", "January 2026", "31/01/2026", "2026-13-01", "2026-02-30", 2026, None, [], "x" * 99]
)
def test_other_dates_are_none(text):
    assert not is_date(text)


@pytest.mark.parametrize("shape", ["3", "-1", "3,224,224", "-1, 3", "(-1,)", "(2, 2)"])
def test_shapes_of_whole_numbers_are_shapes(shape):
    assert _is_shape(shape)


@pytest.mark.parametrize("shape", ["a", "3x3", "3,,3", "-2", "3.5", "(", "٣", ","])
def test_other_shapes_are_none(shape):
    assert not _is_shape(shape)


@pytest.mark.parametrize("pattern", ["([", "(a", "a)", "*a", "a\\", "[b-a]"])
def test_patterns_broken_in_every_dialect_are_told(pattern):
    assert _regex_fault(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a)", "(?<year>[0-9]+)", r"\p{L}+", "(?i)a", "a" * 900, "(" * 900, "a{1000000}" * 9]
)
def test_patterns_of_other_dialects_are_let_pass(pattern):
    assert pattern.startswith("((") or not _regex_fault(pattern)


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("$.a", False),
        ("$['a]b']", False),
        ("$[?(@.a<1)].b", False),
        ("$['a", True),
        ("$[0", True),
        ("$.a]", True),
    ],
)
def test_paths_with_open_brackets_are_told(path, broken):
    assert bool(_path_fault(path)) is broken


def test_a_data_type_is_suggested_by_what_programmers_call_it():
    assert said(with_field(dataType="sc:String")) == [("DATA016", "`sc:String` is no data type")]
    assert said(with_field(dataType="int")) == [("DATA016", "`int` is no data type")]
    assert said(with_field(dataType=["wd:Q48277", "sc:Text"])) == []


def test_a_type_of_schema_org_that_says_what_and_not_how_is_a_warning():
    assert [code for code, _ in said(with_field(dataType="sc:Number"))] == ["DATA017"]


def test_the_plain_reference_of_the_specification_is_let_pass():
    made = with_field(references={"@id": "test/label"})
    assert said(made) == []


def test_a_manifest_of_schema_org_alone_is_not_asked_for_a_version():
    made = {
        key: value
        for key, value in MANIFEST.items()
        if key not in ("conformsTo", "distribution", "recordSet")
    }
    assert said(made) == []


def test_the_example_of_the_schema_has_no_error():
    levels = {rule.code: rule.level for rule in RULES}
    assert [fault for fault in said(EXAMPLES["croissant"]) if levels[fault[0]] == "error"] == []


def test_one_missing_term_is_told_once():
    made = changed()
    del made["@context"]["source"]
    assert said(made) == [("DATA004", "`source` is not in `@context`")]


def test_both_addresses_of_schema_org_are_known():
    made = changed()
    made["@context"] |= {"@vocab": "http://schema.org/", "sc": "http://schema.org/"}
    assert [code for code, _ in said(made)] == ["DATA029", "DATA029"]


def test_properties_of_other_vocabularies_are_let_pass():
    assert said(changed(**{"geocr:where": "x", "usageInfo": "y", "funder": "z", "somethingElse": 1})) == []


def test_manifests_before_1_0_may_go_by_name(findings, good):
    made = changed(conformsTo=None, recordSet=[])
    made["@context"] |= {"ml": "http://mlcommons.org/schema/", "cr": None}
    table = made["distribution"][0] | {"@type": "sc:FileObject"}
    del table["@id"]
    inner = {"@type": "sc:FileObject", "name": "a.csv", "containedIn": "digits.csv", "contentUrl": "a.csv"}
    made["distribution"] = [table, inner | {"encodingFormat": "text/csv"}]
    (good / "data" / "croissant.json").write_text(json.dumps(made))
    assert [one for one in findings() if one.code.startswith("DATA") and one.level == "error"] == []


def test_a_slip_of_the_pen_is_told():
    assert said(changed(licence="x")) == [("DATA028", "`licence` is no property of Croissant or schema.org")]


def test_sources_are_joined_through_the_record_set_that_is_referred_to():
    files = [deepcopy(MANIFEST["distribution"][0]) | {"@id": name} for name in ("digits.csv", "writers.csv")]
    column = {"fileObject": {"@id": "writers.csv"}, "extract": {"column": "id"}}
    writer = {"@type": "cr:Field", "@id": "writers/id", "dataType": "sc:Integer", "source": column}
    fields = [
        {**writer, "@id": "test/age", "source": {**column, "extract": {"column": "age"}}},
        {
            **writer,
            "@id": "test/writer",
            "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "writer"}},
            "references": {"field": {"@id": "writers/id"}},
        },
    ]
    sets = [
        {"@type": "cr:RecordSet", "@id": "writers", "field": [writer]},
        {"@type": "cr:RecordSet", "@id": "test", "field": fields},
    ]
    assert said(changed(distribution=files, recordSet=sets)) == []
    del fields[1]["references"]
    assert [code for code, _ in said(changed(distribution=files, recordSet=sets))] == ["DATA032"]


def test_a_long_circle_of_archives_is_told_once():
    files = [
        {
            "@type": "cr:FileObject",
            "@id": f"{number}.zip",
            "encodingFormat": "application/zip",
            "contentUrl": "x",
            "containedIn": {"@id": f"{(number + 1) % 5_000}.zip"},
        }
        for number in range(5_000)
    ]
    found = said(changed(distribution=files, recordSet=[]))
    assert [code for code, _ in found] == ["DATA025"]


def test_twenty_thousand_fields_are_judged_in_time():
    field = MANIFEST["recordSet"][0]["field"][0]
    fields = [field | {"@id": f"test/{number}", "name": f"f{number}"} for number in range(20_000)]
    references = {"references": {"field": {"@id": "nowhere"}}}
    fields = [one | references if number % 2 else one for number, one in enumerate(fields)]
    document = read_json(
        "data/croissant.json", json.dumps(changed(recordSet=[{"@id": "test", "field": fields}]))
    )
    found = read_croissant(document)
    begin = process_time()
    for rule in RULES:
        for number, _ in enumerate(rule.run(found)):
            if number >= 300:  # the engine takes a thousand
                break
    assert process_time() - begin < 15  # measured: 2 s


def test_ten_thousand_different_names_and_patterns_are_judged_in_time():
    field = MANIFEST["recordSet"][0]["field"][0]
    source = {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}
    fields = [
        field
        | {"@id": f"test/{number}", "dataType": f"sc:Intgr{number}", f"nam{number}": 1}
        | {"source": source | {"transform": {"regex": f"({number}|a{{1,9}})*" * 60}}}
        for number in range(10_000)
    ]
    document = read_json(
        "data/croissant.json", json.dumps(changed(recordSet=[{"@id": "test", "field": fields}]))
    )
    found = read_croissant(document)
    begin = process_time()
    for rule in RULES:
        for number, _ in enumerate(rule.run(found)):
            if number >= 300:
                break
    assert process_time() - begin < 30  # measured: 2 s


VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        "",
        "a",
        "test/label",
        "digits.csv",
        [],
        [[]],
        {},
        {"@id": 3},
        {"@id": "x y"},
        ["a", 1],
    ]
)


def places(value, path=()):
    """Every key path of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*path, key)
        yield from places(item, (*path, key))


PLACES = sorted(places(MANIFEST), key=str)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), VALUES, st.booleans()), min_size=1, max_size=6))
def test_a_damaged_manifest_is_judged_without_a_traceback(changes):
    made = deepcopy(MANIFEST)
    for path, value, removed in changes:
        holder = made
        for step in path[:-1]:
            holder = holder[step] if isinstance(holder, dict) and step in holder else {}
        if isinstance(holder, dict) and path[-1] in holder:
            holder[path[-1]] = deepcopy(value)
            if removed:
                del holder[path[-1]]
    for _, message in said(made):
        assert message
        assert not message.endswith(".")
