"""Tables against their manifest, damaged files, and the bounds within which they are read."""

import gzip
import json

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.rules import tables as module
from auditor.rules.registry import needed


def manifest(good, name, columns, **files):
    """The good bundle's manifest also lists a file, and fields of it with these data types."""
    path = good / "data" / "croissant.json"
    value = json.loads(path.read_text())
    value["distribution"].append(
        {"@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name, **files}
    )
    fields = [
        {
            "@id": f"r/{column}",
            "@type": "cr:Field",
            "name": column,
            "dataType": kind,
            "source": {"fileObject": {"@id": name}, "extract": extract},
        }
        for column, (kind, extract) in columns.items()
    ]
    value["recordSet"].append({"@type": "cr:RecordSet", "@id": "r", "name": "r", "field": fields})
    path.write_text(json.dumps(value))


def column(name, kind="sc:Integer"):
    return {name: (kind, {"column": name})}


@pytest.mark.parametrize(
    ("name", "text", "extract", "found"),
    [
        ("a.csv", "x,y\n1,2\n", {"column": "x"}, False),
        ("a.csv", "x,y\n1,2\n", {"column": "z"}, True),
        ("a.csv", "x;y\n1;2\n", {"column": "y"}, False),
        ("a.tsv", "x\ty\n1\t2\n", {"column": "y"}, False),
        ("a.csv", "0,1\n1,2\n", {"column": "64"}, False),  # the first row may be data
        ("a.jsonl", '{"x": 1}\n{"y": 2}\n', {"jsonPath": "$.y"}, False),
        ("a.jsonl", '{"x": 1}\n{"y": 2}\n', {"jsonPath": "$.z"}, True),
        ("a.jsonl", '{"x": {"z": 1}}\n', {"jsonPath": "$.x.z"}, False),  # not followed
        ("a.json", '[{"x": 1}]', {"column": "z"}, True),
    ],
)
def test_a_column_that_a_field_names_is_looked_for_in_the_file(messages, good, name, text, extract, found):
    (good / "data" / name).write_text(text)
    manifest(good, name, {"x": ("sc:Integer", extract)})
    assert bool(messages("DATA106", "")) is found


@pytest.mark.parametrize(
    ("kind", "cells", "found"),
    [
        ("sc:Integer", ["1", "-2", " 3 ", "4.0", "", "NA", "?"], False),
        ("sc:Integer", ["True", "FALSE"], False),
        ("sc:Integer", ["1", "2.5"], True),
        ("sc:Integer", ["1", "abc"], True),
        ("sc:Float", ["1", "2.5e3", "nan", "inf"], False),
        ("sc:Float", ["1,5"], True),
        ("sc:Text", ["1", "abc"], False),
        ("cr:Int64", ["1", "abc"], True),
        (["sc:Integer", "https://www.wikidata.org/wiki/Q1"], ["abc"], True),
        ("https://www.wikidata.org/wiki/Q1", ["abc"], False),
    ],
)
def test_only_a_value_that_cannot_be_read_as_declared_is_told(messages, good, kind, cells, found):
    (good / "data" / "a.csv").write_text("x,y\n" + "".join(f'"{cell}",z\n' for cell in cells))
    manifest(good, "a.csv", column("x", kind))
    assert bool(messages("DATA107", "")) is found


def test_a_value_that_is_transformed_may_be_anything(messages, good):
    (good / "data" / "a.csv").write_text("x,y\nabc,z\n")
    manifest(good, "a.csv", column("x"))
    path = good / "data" / "croissant.json"
    value = json.loads(path.read_text())
    value["recordSet"][-1]["field"][0]["source"]["transform"] = {"regex": "(.)"}
    path.write_text(json.dumps(value))
    assert messages("DATA107", "") == []


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (b"<!DOCTYPE html>\n<html>", True),
        (b"\n <HTML lang='en'>", True),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", True),
        (b"Entry not found", True),
        (b"text,label\n<html>,1\n", False),
        (b"not found,1\n", False),
    ],
)
def test_a_page_is_known_by_its_beginning(messages, good, start, found):
    (good / "data" / "train.csv").write_bytes(start)
    assert bool(messages("DATA109", "")) is found
    assert messages("DATA111", "") == []


def test_a_page_is_told_without_contents_too(good):
    (good / "data" / "train.csv").write_text("<!doctype html>")
    found = check(Bundle.open(good, content=False), isolate=False)
    assert "DATA109" in {finding.code for finding in found.findings}
    states = {outcome.code: outcome.reason for outcome in found.outcomes}
    assert states["DATA111"] == "contents are not read with --no-content"


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("train.parquet", b"PAR1 and then nothing"),
        ("train.jsonl", b'{"a": 1}\n{"a": '),
        ("train.csv.gz", gzip.compress(b"a,b\n1,2\n" * 99)[:-9]),
    ],
)
def test_damaged_files_are_told_with_their_fault(messages, good, name, raw):
    (good / "data" / name).write_bytes(raw)
    (message,) = messages("DATA111", "")
    assert message.startswith(f"`data/{name}` is damaged: ")


def test_what_is_beyond_the_budget_is_not_checked_and_the_reason_is_told(good, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 1_000)
    (good / "data" / "train.csv").write_text("a,label\n" + "1,2\n" * 999)
    bundle = Bundle.open(good)
    outcomes = {outcome.code: outcome for outcome in check(bundle, isolate=False).outcomes}
    assert outcomes["DATA112"].state == "not checked"
    assert "there is more data than is read here" in outcomes["DATA112"].reason
    assert needed(bundle, "tables").scan("data/train.csv").n_rows < 250


def test_a_release_without_tables_opens_no_file(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text("{}")
    bundle = Bundle.open(tmp_path)
    monkeypatch.setattr(bundle, "opened", None)
    assert needed(bundle, "tables").reason == "the bundle ships no table of data that is read here"
