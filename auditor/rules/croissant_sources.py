"""Where the data manifest takes values from: one source, one way to extract, one step at a time."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

from auditor.model import Fault, KeyPath
from auditor.readers.croissant import Croissant, Part, entries
from auditor.readers.text import shown
from auditor.rules.croissant import called
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss

_TARGETS = ("fileObject", "fileSet", "field", "recordSet", "distribution")
_EXTRACTS = ("column", "fileProperty", "jsonPath")
_TRANSFORMS = ("format", "jsonPath", "regex", "replace", "separator")
_SWITCHES = ("readLines", "unArchive", "delimiter", "samplingRate")
# mlcroissant 1.1.1, structure_graph/nodes/source.py; the specification lists the same without `filepath`.
_PROPERTIES = ("content", "filename", "filepath", "fullpath", "lines", "lineNumbers")
_LONGEST = (
    1_000  # characters of a pattern that is tried; compiling is linear in them (measured: 1 ms at most)
)
_TRIED = 1_000  # different patterns of one manifest; real ones have a handful
# What Python's `re` says of patterns that are broken in every dialect; another may approve of the rest.
_BROKEN = (
    *("missing ), unterminated subpattern", "unbalanced parenthesis", "unterminated character set"),
    *("nothing to repeat", "bad escape (end of pattern)", "bad character range", "multiple repeat"),
)
_PAIRS = {"]": "[", ")": "("}


@rule("DATA021", level="error", needs="croissant", since="2026.2")
def source_not_one(croissant: Croissant) -> Iterator[Fault]:
    """A source names no file, set of files or field, or more than one of them.

    Why: A loader cannot choose between two places, and finds nothing in none; it refuses the manifest.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"extract": {"column": "label"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Name one of `fileObject`, `fileSet` and `field` in each source; columns of several files are joined
        by `references`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "DataSource"
    """
    for name, source in croissant.sources:
        if name == "parentField" or (source.id and len(source.value) == 1):
            continue
        named = [one for one in _TARGETS if source.has(one)]
        place = croissant.document.at(*source.path)
        if not named and not source.id:
            yield place.says(f"`{name}` of {_owner(source)} names no file, set of files or field")
        elif len(named) > 1:
            both = " and ".join(f"`{one}`" for one in named)
            yield place.says(f"`{name}` of {_owner(source)} names {both}, expected one of them")


@rule("DATA022", level="error", needs="croissant", since="2026.2")
def extract_not_one(croissant: Croissant) -> Iterator[Fault]:
    """A source extracts nothing, two things at once, or a property that files do not have.

    Why: `column`, `jsonPath` and `fileProperty` exclude one another, and a file has only the properties that
        the specification lists; a loader refuses all else.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"fileProperty": "contents"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"fileProperty": "content"}}}]}]}
    Fix: Extract a `column`, a `jsonPath`, or one of the file properties `content`, `filename`, `filepath`,
        `fullpath`, `lines` and `lineNumbers`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Extract"
    """
    for path, extract, source in _inner(croissant, "extract"):
        keys = {croissant.context.name(key): key for key in extract}
        given = [name for name in _EXTRACTS if name in keys and extract[keys[name]]]
        place = croissant.document.at(*path)
        if len(given) != 1:
            what = " and ".join(f"`{name}`" for name in given) or "nothing"
            yield place.says(f"`extract` of {_owner(source)} names {what}, expected one way to extract")
        elif given == ["fileProperty"] and extract[keys["fileProperty"]] not in _PROPERTIES:
            value = str(extract[keys["fileProperty"]])
            yield croissant.document.at(*path, keys["fileProperty"]).says(
                f"`{shown(value)}` is no property of a file",
                help=near_miss(value, _PROPERTIES)
                or f"it has {', '.join(f'`{one}`' for one in _PROPERTIES)}",
            )


@rule("DATA023", level="error", needs="croissant", since="2026.2")
def transform_not_one(croissant: Croissant) -> Iterator[Fault]:
    """A transformation does nothing that Croissant knows, or several things at once.

    Why: In which order would they be done? One entry of `transform` is one step; a loader refuses others.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"},
                      "transform": {"regex": "([0-9])", "separator": ","}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"},
                      "transform": [{"separator": ","}, {"regex": "([0-9])"}]}}]}]}
    Fix: Make `transform` a list with one step an entry, in the order in which they are done.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Transform"
    """
    for path, transform, source in _inner(croissant, "transform"):
        names = {croissant.context.name(key) for key, value in transform.items() if value not in (None, "")}
        given = [name for name in _TRANSFORMS if name in names]
        if len(given) > 1 or not (given or names.intersection(_SWITCHES)):
            what = " and ".join(f"`{name}`" for name in given) or "nothing that Croissant knows"
            yield croissant.document.at(*path).says(
                f"a step of `transform` of {_owner(source)} does {what}, expected one thing"
            )


@rule("DATA024", level="error", needs="croissant", since="2026.2")
def broken_pattern(croissant: Croissant) -> Iterator[Fault]:
    r"""A regular expression or JSON path of the manifest is broken.

    Why: Nothing can be matched by it; a loader stops at the first record. Only what every dialect refuses is
        told: an open bracket, a repetition of nothing. Not looked at: patterns of more than 1,000 characters
        or beyond the first 1,000, and whether a pattern matches the data.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"fileProperty": "filename"},
                      "transform": {"regex": "([a-z]+\\.csv"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"fileProperty": "filename"},
                      "transform": {"regex": "([a-z]+)\\.csv"}}}]}]}
    Fix: Close what is open; a bracket that is meant as such is written with a backslash before it.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Transform"
    """
    tried: set[str] = set()
    for where in ("extract", "transform"):
        for path, mapping, _ in _inner(croissant, where):
            for key, value in mapping.items():
                name = croissant.context.name(key)
                if name not in ("regex", "jsonPath") or not isinstance(value, str) or len(value) > _LONGEST:
                    continue
                if value not in tried and len(tried) >= _TRIED:
                    continue
                tried.add(value)
                reason = _regex_fault(value) if name == "regex" else _path_fault(value)
                if reason:
                    yield croissant.document.at(*path, key).says(f"`{shown(value)}` is broken: {reason}")


def _inner(croissant: Croissant, name: str) -> Iterator[tuple[KeyPath, dict[str, Any], Part]]:
    """Each mapping under `extract` or `transform` of a source, with the source."""
    for _, source in croissant.sources:
        if name in source.keys:
            for path, value in entries(source.at(name), source.value[source.keys[name]]):
                if isinstance(value, dict):
                    yield path, value, source


def _owner(source: Part) -> str:
    return called(source.inside, "a field") if source.inside is not None else "a field"


def _regex_fault(pattern: str) -> str:
    """What is wrong with a regular expression in every dialect; empty where that is not certain."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python will read otherwise
            re.compile(pattern)
    except re.error as error:
        return error.msg if error.msg.startswith(_BROKEN) and "(?<" not in pattern else ""
    except (RecursionError, OverflowError, ValueError):
        return ""
    return ""


def _path_fault(path: str) -> str:
    """What is wrong with a JSON path: a bracket or quote that is not closed."""
    open_, quote = [], ""
    for char in path:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "[(":
            open_.append(char)
        elif char in _PAIRS and (not open_ or open_.pop() != _PAIRS[char]):
            return f"`{char}` closes nothing"
    if quote:
        return "a quote is not closed"
    return f"`{open_[-1]}` is not closed" if open_ else ""
