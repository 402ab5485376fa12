"""Data manifests of our own making: honest ones in many forms, harmless changes of form, and harmful changes.

Each harmful change has a name and the base it is made to. What the reference loader and our rules say of them is
compared in `test_croissant_agreement.py`; where the two are known to differ, `DIFFERENT` says why.
"""

import json
from copy import deepcopy

from tests.layers import GOOD

CONTEXT = json.loads((GOOD / "data" / "croissant.json").read_text())["@context"]
SHA = "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"
NEWER = {"arrayShape": "cr:arrayShape", "isArray": "cr:isArray", "containedIn": "cr:containedIn"}


def manifest(files, record_sets, version="1.0", **more):
    """A manifest with everything that the specification asks for."""
    context = CONTEXT | (NEWER if version == "1.1" else {})
    head = {
        "@context": context,
        "@type": "sc:Dataset",
        "name": "birds",
        "description": "Birds that were seen in one garden.",
        "conformsTo": f"http://mlcommons.org/croissant/{version}",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "url": "https://example.org/birds",
        "creator": {"@type": "Person", "name": "A. Watcher"},
        "datePublished": "2026-01-31",
        "citeAs": "A. Watcher. Birds. 2026.",
        "version": "1.0.0",
    }
    return head | more | {"distribution": files, "recordSet": record_sets}


def file(name, kind="text/csv", **more):
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": f"https://example.org/{name}",
        "encodingFormat": kind,
        "sha256": SHA,
    } | more


def inside(name, archive, kind="text/csv"):
    part = file(name, kind, containedIn={"@id": archive}, contentUrl=name)
    del part["sha256"]
    return part


def file_set(name, archive, includes, kind):
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "containedIn": {"@id": archive},
        "encodingFormat": kind,
        "includes": includes,
    }


def record_set(name, *fields, **more):
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": list(fields)} | more


def field(name, kind="sc:Text", source=None, **more):
    plain = {"@type": "cr:Field", "@id": name, "name": name.rpartition("/")[2], "dataType": kind}
    return plain | ({"source": source} if source else {}) | more


def column(of, name):
    return {"fileObject": {"@id": of}, "extract": {"column": name}}


def content(of, what="content", **more):
    return {"fileSet": {"@id": of}, "extract": {"fileProperty": what}} | more


def table():
    fields = [
        field("sightings/bird", source=column("sightings.csv", "bird")),
        field("sightings/count", "sc:Integer", column("sightings.csv", "count")),
        field("sightings/day", "sc:Date", column("sightings.csv", "day")),
    ]
    return manifest([file("sightings.csv")], [record_set("sightings", *fields)])


def archive():
    fields = [
        field("photos/image", "sc:ImageObject", content("photo-files")),
        field("photos/name", source=content("photo-files", "filename", transform={"regex": r"(.+)\.jpg$"})),
    ]
    files = [
        file("photos.zip", "application/zip"),
        file_set("photo-files", "photos.zip", "*.jpg", "image/jpeg"),
    ]
    return manifest(files, [record_set("photos", *fields)])


def enumeration():
    species = record_set(
        "species",
        field("species/id", "sc:Integer"),
        field("species/name"),
        key={"@id": "species/id"},
        data=[
            {"species/id": 0, "species/name": "robin"},
            {"species/id": 1, "species/name": "wren"},
        ],
    )
    seen = field(
        "seen/species",
        "sc:Integer",
        column("seen.csv", "species"),
        references={"field": {"@id": "species/id"}},
    )
    return manifest([file("seen.csv")], [species, record_set("seen", seen)])


def splits():
    names = record_set(
        "splits",
        field("splits/name"),
        dataType="cr:Split",
        key={"@id": "splits/name"},
        data=[{"splits/name": "train"}, {"splits/name": "test"}],
    )
    rows = record_set(
        "rows",
        field(
            "rows/split",
            source=content("parquet", "fullpath", transform={"regex": "data/(train|test)-.*"}),
            references={"field": {"@id": "splits/name"}},
        ),
        field("rows/text", source={"fileSet": {"@id": "parquet"}, "extract": {"column": "text"}}),
    )
    files = [
        file("repo", "git+https", contentUrl="https://example.org/repo", sha256="https://example.org/none"),
        file_set("parquet", "repo", "data/*.parquet", "application/x-parquet"),
    ]
    return manifest(files, [names, rows])


def joined():
    birds = [
        field("birds/id", "sc:Integer", column("birds.csv", "id")),
        field("birds/name", source=column("birds.csv", "name")),
    ]
    rings = [
        field(
            "rings/bird",
            "sc:Integer",
            column("rings.csv", "bird"),
            references={"field": {"@id": "birds/id"}},
        ),
        field("rings/weight", "sc:Float", column("rings.csv", "weight")),
        field("rings/name", source={"field": {"@id": "birds/name"}}),
    ]
    files = [file("birds.csv"), file("rings.csv")]
    return manifest(files, [record_set("birds", *birds), record_set("rings", *rings)])


def lines():
    fields = [
        field("songs/text", source={"fileObject": {"@id": "songs.jsonl"}, "extract": {"jsonPath": "$.text"}}),
        field(
            "songs/notes",
            source={
                "fileObject": {"@id": "songs.jsonl"},
                "extract": {"column": "notes"},
                "transform": [{"separator": ","}],
            },
            repeated=True,
        ),
    ]
    return manifest([file("songs.jsonl", "application/jsonlines")], [record_set("songs", *fields)])


def nested():
    place = field("places/at", "sc:GeoCoordinates")
    place["subField"] = [
        field("places/at/latitude", "sc:Float", column("places.csv", "lat")),
        field("places/at/longitude", "sc:Float", column("places.csv", "lon")),
    ]
    return manifest(
        [file("places.csv")],
        [record_set("places", field("places/n", "sc:Integer", column("places.csv", "n")), place)],
    )


def packed():
    fields = [
        field("nests/eggs", "cr:UInt8", column("nests.csv", "eggs")),
        field("nests/box", ["cr:BoundingBox", "sc:Text"], column("nests.csv", "box")),
    ]
    files = [file("all.tar", "application/x-tar"), inside("nests.csv", "all.tar")]
    return manifest(files, [record_set("nests", *fields)])


def arrays():
    pixels = field(
        "frames/pixels", "cr:UInt8", column("frames.csv", "pixels"), isArray=True, arrayShape="8,8"
    )
    marks = field("frames/marks", "sc:Integer", column("frames.csv", "marks"), isArray=True)
    return manifest([file("frames.csv")], [record_set("frames", pixels, marks)], "1.1")


def constant():
    fields = [
        field("garden/count", "sc:Integer", column("garden.csv", "count")),
        field("garden/unit", value="birds an hour"),
    ]
    return manifest([file("garden.csv")], [record_set("garden", *fields)], "1.1")


def languages():
    made = table()
    made["@context"] |= {
        "name": {"@container": "@language"},
        "description": {"@container": "@language"},
        **NEWER,
    }
    made["conformsTo"] = "http://mlcommons.org/croissant/1.1"
    return made | {"name": {"en": "birds", "de": "Voegel"}, "description": {"en": "Birds.", "de": "Voegel."}}


def responsible():
    said = {
        "rai:dataCollection": "Counted at noon.",
        "rai:dataCollectionTimeframe": ["2025-04-01", "2025-09-30"],
        "rai:dataBiases": ["Birds that sing are seen more often."],
        "rai:dataLimitations": "One garden.",
        "rai:personalSensitiveInformation": "None.",
        "rai:dataUseCases": "Teaching.",
    }
    versions = ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"]
    return table() | said | {"conformsTo": versions}


BASES = {
    made.__name__: made
    for made in (
        *(table, archive, enumeration, splits, joined, lines),
        *(nested, packed, arrays, constant, languages, responsible),
    )
}


def at(value, path):
    """The mapping or list that holds what a path ends in, and that last step; steps are parted by slashes."""
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
    for step in steps:
        value = value[step]
    return value, last


def put(path, new):
    """A change that writes a value."""

    def change(made):
        holder, last = at(made, path)
        holder[last] = deepcopy(new)
        return made

    return change


def drop(*paths):
    """A change that takes values away."""

    def change(made):
        for path in paths:
            holder, last = at(made, path)
            del holder[last]
        return made

    return change


def both(*changes):
    """Several changes, one after the other."""

    def change(made):
        for one in changes:
            made = one(made)
        return made

    return change


def moved(path, new):
    """A change that gives a value another key."""

    def change(made):
        holder, last = at(made, path)
        holder[new] = holder.pop(last)
        return made

    return change


def everywhere(old, new):
    """A change of every key or text that is equal to a word."""

    def walk(value):
        if isinstance(value, dict):
            return {new if key == old else key: walk(item) for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item) for item in value]
        return new if value == old else value

    def change(made):
        return {key: value if key == "@context" else walk(value) for key, value in made.items()}

    return change


def with_own_prefix(made):
    """Croissant under another prefix than its usual one."""
    terms = {
        key: {**value, "@id": value["@id"].replace("cr:", "mlc:")}
        if isinstance(value, dict) and "@id" in value
        else value.replace("cr:", "mlc:")
        if isinstance(value, str)
        else value
        for key, value in made["@context"].items()
        if key != "cr"
    }
    made["@context"] = terms | {"mlc": "http://mlcommons.org/croissant/"}
    for name in ("FileObject", "FileSet", "RecordSet", "Field", "UInt8", "BoundingBox", "Split"):
        made = everywhere(f"cr:{name}", f"mlc:{name}")({**made})
    return made


HARMLESS = {
    "the keys the other way round": lambda made: dict(reversed(made.items())),
    "a type in a list": put("@type", ["sc:Dataset"]),
    "types as whole addresses": both(
        everywhere("cr:FileObject", "http://mlcommons.org/croissant/FileObject"),
        everywhere("cr:Field", "http://mlcommons.org/croissant/Field"),
    ),
    "record sets with a prefix": moved("recordSet", "cr:recordSet"),
    "distribution with a prefix": moved("distribution", "sc:distribution"),
    "a prefix of its own": with_own_prefix,
    "the version as a number": put("version", 2),
    "a live data set": put("isLiveDataset", True),
    "words to find it by": put("keywords", ["birds", "garden"]),
    "several licences": put("license", ["https://example.org/a", "https://example.org/b"]),
    "a publisher": put("publisher", {"@type": "Organization", "name": "Garden club"}),
    "two creators": put(
        "creator", [{"@type": "Person", "name": "A"}, {"@type": "Organization", "name": "B"}]
    ),
    "the year alone": put("datePublished", "2026"),
    "a moment": put("datePublished", "2026-01-31T12:00:00Z"),
    "a word of another vocabulary": lambda made: made | {"https://example.org/terms/season": "summer"},
    "no citation": drop("citeAs"),
    "no version": drop("version"),
    "no licence": drop("license"),
    "no home page": drop("url"),
    "two versions of the format": lambda made: (
        made | {"conformsTo": ["http://mlcommons.org/croissant/RAI/1.0", made["conformsTo"]]}
    ),
    "fields without names": lambda made: drop(
        *(
            f"recordSet/{place}/field/{number}/name"
            for place, one in enumerate(made["recordSet"])
            for number in range(len(one["field"]))
        )
    )(made),
}

HARMFUL = {
    # name of the change: base, change
    "no data set": ("table", put("@type", "sc:DataDownload")),
    "the type misspelled": ("joined", put("@type", "sc:dataset")),
    "no type": ("archive", drop("@type")),
    "schema.org without its prefix": ("table", drop("@context/sc")),
    "Croissant without its prefix": ("splits", drop("@context/cr")),
    "an unknown version": ("table", put("conformsTo", "http://mlcommons.org/croissant/2.0")),
    "a version with a slash behind it": ("archive", put("conformsTo", "http://mlcommons.org/croissant/1.0/")),
    "a version under https": ("enumeration", put("conformsTo", "https://mlcommons.org/croissant/1.0")),
    "the extension's version alone": (
        "responsible",
        put("conformsTo", "http://mlcommons.org/croissant/RAI/1.0"),
    ),
    "no version of the format": ("lines", drop("conformsTo")),
    "conformsTo not in the context": ("table", drop("@context/conformsTo")),
    "source not in the context": ("joined", drop("@context/source")),
    "fileObject not in the context": ("table", drop("@context/fileObject")),
    "fileSet not in the context": ("archive", drop("@context/fileSet")),
    "column not in the context": ("joined", drop("@context/column")),
    "includes not in the context": ("archive", drop("@context/includes")),
    "dataType not in the context": ("table", drop("@context/dataType")),
    "dataType as a text": ("table", put("@context/dataType", "cr:dataType")),
    "data not as JSON": ("enumeration", put("@context/data", "cr:data")),
    "data not in the context": ("enumeration", drop("@context/data")),
    "regex not in the context": ("archive", drop("@context/regex")),
    "a file that is no file": ("table", put("distribution/0/@type", "cr:File")),
    "a file of schema.org": ("archive", put("distribution/0/@type", "sc:FileObject")),
    "a file without a type": ("joined", drop("distribution/1/@type")),
    "a record set in lower case": ("table", put("recordSet/0/@type", "cr:recordset")),
    "a record set without a type": ("splits", drop("recordSet/1/@type")),
    "a field of schema.org": ("table", put("recordSet/0/field/1/@type", "sc:Field")),
    "a field without a type": ("lines", drop("recordSet/0/field/0/@type")),
    "a creator that is a text": ("table", put("creator", "A. Watcher")),
    "a creator that is a list of texts": ("nested", put("creator", ["A", "B"])),
    "an address that is a number": ("table", put("url", 5)),
    "a citation that is a number": ("table", put("citeAs", 2026)),
    "a size without quotes": ("packed", put("distribution/0/contentSize", 1024)),
    "a pattern that is a number": ("archive", put("distribution/1/includes", 7)),
    "an array that is a text": ("arrays", put("recordSet/0/field/0/isArray", "true")),
    "a version that is true": ("table", put("version", True)),
    "a name that is a number": ("table", put("recordSet/0/field/0/name", 3)),
    "a date in words": ("table", put("datePublished", "January 2026")),
    "a date the other way round": ("splits", put("datePublished", "31/01/2026")),
    "a day that is not": ("archive", put("dateCreated", "2026-02-30")),
    "a file without an address": ("table", drop("distribution/0/contentUrl")),
    "a file without a format": ("joined", drop("distribution/0/encodingFormat")),
    "a file in an archive without a format": ("packed", drop("distribution/1/encodingFormat")),
    "a set of files without a pattern": ("archive", drop("distribution/1/includes")),
    "a set of files without a format": ("splits", drop("distribution/1/encodingFormat")),
    "a blank in a file's identifier": ("table", everywhere("sightings.csv", "my sightings.csv")),
    "a blank in a field's identifier": ("table", put("recordSet/0/field/0/@id", "sightings/the bird")),
    "an archive that is not there": ("archive", put("distribution/1/containedIn", {"@id": "fotos.zip"})),
    "a file that is not there": ("table", put("recordSet/0/field/0/source/fileObject/@id", "sighting.csv")),
    "a set of files that is not there": ("splits", put("recordSet/1/field/1/source/fileSet/@id", "parkett")),
    "a field that is not there": ("joined", put("recordSet/1/field/2/source/field/@id", "birds/title")),
    "a reference that leads nowhere": ("joined", put("recordSet/1/field/0/references/field/@id", "birds/nr")),
    "a split that leads nowhere": ("splits", put("recordSet/1/field/0/references/field/@id", "splits/nom")),
    "an inner field of a file not there": (
        "nested",
        put("recordSet/0/field/1/subField/0/source/fileObject/@id", "x"),
    ),
    "a field twice": ("table", put("recordSet/0/field/1/@id", "sightings/bird")),
    "no data type": ("table", drop("recordSet/0/field/1/dataType")),
    "no data type in an inner field": ("nested", drop("recordSet/0/field/1/subField/1/dataType")),
    "no data type beside data": ("enumeration", drop("recordSet/0/field/0/dataType")),
    "a data type misspelled": ("table", put("recordSet/0/field/1/dataType", "sc:Interger")),
    "a data type of Python": ("lines", put("recordSet/0/field/0/dataType", "str")),
    "a text called a string": ("enumeration", put("recordSet/0/field/1/dataType", "sc:String")),
    "a data type in the wrong vocabulary": ("packed", put("recordSet/0/field/0/dataType", "sc:UInt8")),
    "a data type in capitals": ("joined", put("recordSet/0/field/1/dataType", "sc:TEXT")),
    "fields from nowhere": (
        "table",
        drop(*(f"recordSet/0/field/{n}/source" for n in range(3))),
    ),
    "records taken away": ("enumeration", drop("recordSet/0/data")),
    "a value and a source": ("constant", put("recordSet/0/field/0/value", 3)),
    "a source of nothing": ("table", put("recordSet/0/field/0/source", {"extract": {"column": "bird"}})),
    "a source of two": ("archive", put("recordSet/0/field/0/source/fileObject", {"@id": "photos.zip"})),
    "a source of a file and a field": (
        "joined",
        put("recordSet/1/field/2/source/fileObject", {"@id": "birds.csv"}),
    ),
    "a column and a path": ("lines", put("recordSet/0/field/0/source/extract/column", "text")),
    "a property that files do not have": (
        "archive",
        put("recordSet/0/field/0/source/extract/fileProperty", "bytes"),
    ),
    "two things in one step": ("archive", put("recordSet/0/field/1/source/transform/separator", ",")),
    "a step that does nothing": ("lines", put("recordSet/0/field/1/source/transform", [{"trim": "yes"}])),
    "a path with an open bracket": ("lines", put("recordSet/0/field/0/source/extract/jsonPath", "$['text")),
    "a join without a key": ("joined", drop("recordSet/1/field/0/references")),
    "a third source without a key": (
        "enumeration",
        both(
            lambda made: made | {"distribution": [*made["distribution"], file("more.csv")]},
            lambda made: put(
                "recordSet/1/field",
                [*made["recordSet"][1]["field"], field("seen/x", source=column("more.csv", "x"))],
            )(made),
        ),
    ),
    "an archive in itself": (
        "archive",
        both(put("distribution/0/containedIn", {"@id": "photo-files"})),
    ),
    "a shape in words": ("arrays", put("recordSet/0/field/0/arrayShape", "8x8")),
    "a shape with a letter": ("arrays", put("recordSet/0/field/0/arrayShape", "8,n")),
    "a shape of no array": ("arrays", drop("recordSet/0/field/0/isArray")),
    "a shape of what is said to be none": ("arrays", put("recordSet/0/field/0/isArray", False)),
    "a record with another key": (
        "enumeration",
        put("recordSet/0/data/1", {"species/id": 1, "species/nome": "wren"}),
    ),
    "a record with a key too few": ("splits", put("recordSet/0/data/1", {})),
    "a record with a key too many": (
        "enumeration",
        put("recordSet/0/data/0", {"species/id": 0, "species/name": "a", "colour": "red"}),
    ),
    "records that are texts": ("splits", put("recordSet/0/data", ["train", "test"])),
    # Those on which the two are known to differ.
    "no digest": ("table", drop("distribution/0/sha256")),
    "record sets not in the context": ("table", drop("@context/recordSet")),
    "fields not in the context": ("table", drop("@context/field")),
    "extract not in the context": ("table", drop("@context/extract")),
    "no language in the context": ("table", drop("@context/@language")),
    "schema.org under http": (
        "table",
        both(put("@context/@vocab", "http://schema.org/"), put("@context/sc", "http://schema.org/")),
    ),
    "a broken regular expression": (
        "archive",
        put("recordSet/0/field/1/source/transform/regex", "(.+\\.jpg$"),
    ),
    "a type that says what, not how": ("table", put("recordSet/0/field/0/dataType", "sc:GeoCoordinates")),
    "a plain reference to a field": ("joined", put("recordSet/1/field/0/references", {"@id": "birds/id"})),
}

DIFFERENT = {
    "no digest": "Croissant 1.1 recommends sha256, mlcroissant demands it; DATA105 warns",
    "record sets not in the context": "mlcroissant reads a data set without record sets, and says nothing",
    "fields not in the context": "the same of fields",
    "extract not in the context": "mlcroissant then takes the whole file, and says nothing",
    "no language in the context": "mlcroissant stops with a KeyError, JSON-LD allows it; DATA029 warns",
    "schema.org under http": "the specification writes it so, mlcroissant knows https alone; DATA029 warns",
    "a broken regular expression": "mlcroissant tries a pattern when it loads, not when it validates",
    "a type that says what, not how": "the specification allows it, mlcroissant does not; DATA017 warns",
    "a plain reference to a field": "the specification writes it so, mlcroissant 1.1.1 reads `field` alone",
}


def good():
    """Every honest manifest by name: the bases, and each harmless change of a third of them in turn."""
    found = {name: made() for name, made in BASES.items()}
    names = list(BASES)
    for number, (change, apply) in enumerate(HARMLESS.items()):
        for base in names[number % 3 :: 3]:
            found[f"{base}, {change}"] = apply(deepcopy(BASES[base]()))
    return found


def bad():
    """Every harmed manifest by the name of the change."""
    return {name: change(deepcopy(BASES[base]())) for name, (base, change) in HARMFUL.items()}
