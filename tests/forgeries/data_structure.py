"""Forgeries that rules on the structure of a data manifest, DATA003 to DATA049 and DATA301 to DATA349, are meant to find."""

from tests.forgeries.forging import Forgery

MANIFEST = "data/croissant.json"
FIELD = '"dataType": "sc:Integer",'
SOURCE = '{"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}'
ELSEWHERE = '{"fileObject": {"@id": "who.csv"}, "extract": {"column": "who"}}'
WHO = """{"@type": "cr:FileObject", "@id": "who.csv", "name": "who.csv", "md5": "0",
 "contentUrl": "https://example.org/who.csv", "encodingFormat": "text/csv"}"""


def forged(code, name, old, new):
    """A manifest of the good bundle in which one text was exchanged for another."""
    return Forgery(code, name, "good", swaps=((MANIFEST, old, new),))


def extended(code, name, more):
    """A field of the good bundle that says more than it did."""
    return forged(code, name, FIELD, f"{FIELD} {more},")


def sourced(code, name, source):
    """A field of the good bundle with another source."""
    return forged(code, name, SOURCE, source)


FORGERIES = [
    forged("DATA003", "a data set that is a download", '"sc:Dataset"', '"sc:DataDownload"'),
    forged("DATA004", "fields that the context does not know", '"field": "cr:field", ', ""),
    forged(
        "DATA004", "a context without Croissant's prefix", '"cr": "http://mlcommons.org/croissant/", ', ""
    ),
    forged(
        "DATA004",
        "data types that are read as texts",
        '{"@id": "cr:dataType", "@type": "@vocab"}',
        '"cr:dataType"',
    ),
    forged("DATA005", "a version of the format that is none", "croissant/1.0", "croissant/3.0"),
    forged("DATA006", "a file of schema.org, which has none", '"cr:FileObject"', '"sc:FileObject"'),
    forged("DATA006", "a record set without a type", '"@type": "cr:RecordSet",', ""),
    forged(
        "DATA007",
        "a creator that is only a text",
        '{"@type": "Organization", "name": "Example lab"}',
        '"Example lab"',
    ),
    forged("DATA008", "a day that no year has", '"2026-01-15"', '"2026-01-32"'),
    forged("DATA009", "no licence", '"license":', '"x:license":'),
    forged("DATA010", "nothing to cite", '"citeAs": "Digits', '"x:citeAs": "Digits'),
    forged("DATA011", "a file of no format", '"encodingFormat": "text/csv",', ""),
    forged("DATA012", "a blank in an identifier", '"@id": "test/label"', '"@id": "test/the label"'),
    extended(
        "DATA013", "a reference to a field that is not there", '"references": {"field": {"@id": "no/where"}}'
    ),
    sourced("DATA013", "values of a field that is not there", '{"field": {"@id": "train/label"}}'),
    forged(
        "DATA014",
        "a key that is no field",
        '"@type": "cr:RecordSet",',
        '"@type": "cr:RecordSet", "key": {"@id": "test/number"},',
    ),
    forged("DATA015", "values of no type", FIELD, ""),
    forged("DATA016", "a type that is mistyped", '"sc:Integer"', '"sc:Intger"'),
    forged("DATA016", "a type of pandas", '"sc:Integer"', '"int64"'),
    forged("DATA017", "a type that says what, not how", '"sc:Integer"', '"sc:QuantitativeValue"'),
    forged("DATA018", "values from nowhere", f'"source": {SOURCE}', '"description": "the label"'),
    Forgery(
        "DATA019",
        "one column from nowhere among others",
        "good",
        swaps=(
            (
                MANIFEST,
                '"field": [\n',
                '"field": [\n{"@type": "cr:Field", "@id": "test/who", "name": "who", "dataType": "sc:Text"},\n',
            ),
        ),
    ),
    extended("DATA020", "a constant beside the values of a column", '"value": 1'),
    sourced("DATA021", "a source that is no place", '{"extract": {"column": "label"}}'),
    sourced(
        "DATA022",
        "a column and a file property at once",
        '{"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label", "fileProperty": "content"}}',
    ),
    sourced(
        "DATA023",
        "a step that does two things",
        f'{SOURCE[:-1]}, "transform": {{"separator": ",", "regex": "([0-9])"}}}}',
    ),
    sourced(
        "DATA024", "a pattern that is not closed", f'{SOURCE[:-1]}, "transform": {{"regex": "([0-9]"}}}}'
    ),
    forged(
        "DATA025",
        "a file inside of itself",
        '"contentUrl": "digits.csv",',
        '"contentUrl": "digits.csv", "containedIn": {"@id": "digits.csv"},',
    ),
    extended("DATA026", "a shape in words", '"cr:isArray": true, "cr:arrayShape": "four by four"'),
    extended("DATA026", "a shape of what is no array", '"cr:arrayShape": "4,4"'),
    forged(
        "DATA027",
        "a record under another name",
        '"@type": "cr:RecordSet",',
        '"@type": "cr:RecordSet", "data": [{"test/labels": 1}],',
    ),
    forged("DATA028", "a licence that is mistyped", '"license":', '"licence":'),
    forged("DATA029", "a context without a language", '"@language": "en", ', ""),
    forged(
        "DATA029",
        "schema.org by its old address",
        '"@vocab": "https://schema.org/"',
        '"@vocab": "http://schema.org/"',
    ),
    forged(
        "DATA030",
        "splits that nothing refers to",
        '"@type": "cr:RecordSet",',
        '"@type": "cr:RecordSet", "dataType": "cr:Split",',
    ),
    Forgery(
        "DATA031",
        "two columns of one name",
        "good",
        swaps=(
            (
                MANIFEST,
                '"field": [\n',
                f'"field": [\n{{"@type": "cr:Field", "@id": "test/two", "name": "label", {FIELD} "source": {SOURCE}}},\n',
            ),
        ),
    ),
    Forgery(
        "DATA032",
        "columns of two files without a key",
        "good",
        swaps=(
            (
                MANIFEST,
                '"field": [\n',
                f'"field": [\n{{"@type": "cr:Field", "@id": "test/who", {FIELD} "source": {ELSEWHERE}}},\n',
            ),
            (
                MANIFEST,
                '"distribution": [\n',
                f'"distribution": [\n{WHO},\n',
            ),
        ),
    ),
    forged("DATA033", "a version in words", '"version": "1.0.0"', '"version": "final, really"'),
    forged("DATA301", "biases under a mistyped name", '"rai:dataBiases"', '"rai:dataBias"'),
    forged("DATA302", "a collection that ended before it began", '"2025-11-28"', '"2025-10-28"'),
    forged("DATA302", "a collection some time ago", '["2025-11-03", "2025-11-28"]', '"last autumn"'),
    forged(
        "DATA303", "nothing said of biases", '"rai:dataBiases": "All writers were adults from one town.",', ""
    ),
    forged(
        "DATA304",
        "synthetic data that nobody made",
        '"version": "1.0.0",',
        '"version": "1.0.0", "keywords": ["synthetic"],',
    ),
]
