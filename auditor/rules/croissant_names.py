"""The names in a data manifest: what its context makes of them, and slips of the pen among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from auditor.model import Fault, KeyPath
from auditor.readers.croissant import Croissant, Part, entries
from auditor.readers.text import shown
from auditor.rules.edits import renamed
from auditor.rules.registry import rule
from auditor.rules.vocabulary import only_near, words

if TYPE_CHECKING:
    from auditor.model import Fix

# Names without which the reference loader (mlcroissant 1.1.1) finds no version, no record sets, no fields, or
# nothing in them. Others that are missing cost less: `citeAs` is then a property of schema.org's that is not.
_NEEDED = (
    *("conformsTo", "recordSet", "field", "subField", "source", "fileObject", "fileSet", "extract", "column"),
    *("fileProperty", "jsonPath", "transform", "regex", "separator", "format", "references", "includes"),
    *("data", "dataType"),
)
_PREFIXES = ("sc", "cr", "rai", "dct")
_COERCED = {"dataType": ("@vocab", "@id"), "data": ("@json",)}
# What a Croissant manifest is written with: the specification's own terms, and those of schema.org it lists.
_CROISSANT = frozenset(
    (
        *_NEEDED,
        *("annotation", "arrayShape", "citeAs", "containedIn", "equivalentProperty", "examples", "excludes"),
        *("isArray", "isEnumeration", "isLiveDataset", "key", "md5", "parentField", "path", "readLines"),
        *("repeated", "replace", "samplingRate", "sdVersion", "unArchive", "value", "delimiter"),
        *("name", "description", "license", "url", "creator", "datePublished", "keywords", "publisher"),
        *("version", "dateCreated", "dateModified", "sameAs", "sdLicense", "inLanguage", "distribution"),
        *("contentUrl", "contentSize", "encodingFormat", "sha256", "identifier", "maintainer", "citation"),
    )
)
_MOST = 1_000  # different unknown names that are compared with all known ones, some 0.5 ms each
_SLIP = (
    0.85  # how like a known name an unknown one is that was meant to be it: `recordsSet` is, `records` is not
)


@rule("DATA004", level="error", needs="croissant", since="2026.2")
def name_not_in_context(croissant: Croissant) -> Iterator[Fault]:
    """The manifest uses a name of Croissant that its `@context` does not explain.

    Why: In JSON-LD the context says what each name means. A `recordSet` that it leaves out is one of
        schema.org's, which has none: loaders then see a data set without records, and say nothing. `dataType`
        must be read as a name (`@vocab`) and `data` as JSON, or their values are lost. Not looked at: names
        whose loss a loader survives, and contexts that lie elsewhere.
    Bad:
        # data/croissant.json
        {"@context": {"dataType": null}}
    Good:
        # data/croissant.json
        {"@context": {"dataType": {"@id": "cr:dataType", "@type": "@vocab"}}}
    Fix: Copy the whole context from Appendix 1 of the specification; it is the same for every data set.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, Appendix 1
    """
    context, document = croissant.context, croissant.document
    if context.remote or croissant.legacy or not context.terms:
        return
    unknown = {name for name in _NEEDED if context.split(name)[0] not in ("cr", "dct", "ml")}
    unknown |= {f"{prefix}:" for prefix in _PREFIXES if prefix not in context.terms}
    if unknown:
        for word, path in sorted(_first_uses(croissant, unknown).items()):
            what = f"the prefix `{word}`" if word.endswith(":") else f"`{word}`"
            yield document.key(*path).says(f"{what} is not in `@context`", document.key("@context"))
    for name, kinds in _COERCED.items():
        if name not in unknown and context.coerces(name) not in kinds:
            place = next(_uncoerced(croissant, name), None)
            if place is not None:
                message = f'`{name}` must be in `@context` with `"@type": "{kinds[0]}"`'
                yield document.key("@context", name).says(message, document.at(*place).labelled("lost"))


@rule("DATA028", level="warning", needs="croissant", certainty="likely", since="2026.2")
def misspelled_property(croissant: Croissant) -> Iterator[Fault]:
    """A property is neither of Croissant nor of schema.org, and nearly one that is.

    Why: What is mistyped is read by nothing: the licence under `licence` is no licence to a loader.
        Properties of other vocabularies, names that are like none, and longer ones such as `recordSetId` are
        left alone.
    Bad:
        # data/croissant.json
        {"dateModifed": "2021-03-14"}
    Good:
        # data/croissant.json
        {"dateModified": "2021-03-14"}
    Fix: Write the name as the specification has it.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    looked: dict[str, str] = {}
    for part in croissant.parts() if not croissant.legacy else ():
        for name, key in part.keys.items():
            if name in _CROISSANT or name[:1] in ("", "@") or ":" in name:
                continue
            if name not in looked and len(looked) < _MOST:
                ours = croissant.context.split(key)[0] in ("sc", "cr") and name not in words("schema_org.txt")
                near = only_near(name, _CROISSANT, _SLIP) if ours else ""
                looked[name] = "" if near and name.startswith(near) and len(name) > len(near) + 1 else near
            if looked.get(name):
                yield croissant.document.key(*part.path, key).says(
                    f"`{shown(key)}` is no property of Croissant or schema.org",
                    help=f"did you mean `{looked[name]}`?",
                    fix=_respelled(croissant, (*part.path, key), name, looked[name]),
                )


@rule("DATA029", level="warning", needs="croissant", since="2026.2")
def context_of_no_loader(croissant: Croissant) -> Iterator[Fault]:
    """The `@context` is one that the reference loader of Croissant cannot work with.

    Why: mlcroissant 1.1.1 stops with a KeyError where the context names no `@language`, wants one mapping,
        and knows schema.org and Croissant by these addresses alone: `https://schema.org/`, with the s, and
        `http://mlcommons.org/croissant/`, without. JSON-LD itself allows more.
    Bad:
        # data/croissant.json
        {"@context": {"@language": null}}
    Good:
        # data/croissant.json
        {"@context": {"@language": "en"}}
    Fix: Add `"@language": "en"` to the context, and write the two addresses as above.
    Source: https://github.com/mlcommons/croissant/issues/1018
    """
    context, document = croissant.context, croissant.document
    if croissant.legacy or "@context" not in document.mapping():
        return
    place = document.key("@context")
    if not context.is_mapping:
        yield place.says("`@context` is no mapping, which the reference loader demands")
        return
    if not isinstance(context.terms.get("@language"), str):
        yield place.says("`@context` names no `@language`, without which the reference loader stops")
    for name, wanted in (("@vocab", "https://schema.org/"), ("sc", "https://schema.org/"), ("cr", _CR)):
        given = context.terms.get(name)
        if isinstance(given, str) and given != wanted and _bare(given) == _bare(wanted):
            yield document.at("@context", name).says(
                f"`{name}` is `{shown(given)}`, which the reference loader does not know",
                help=f"write `{wanted}`",
            )


_CR = "http://mlcommons.org/croissant/"


def _bare(address: str) -> str:
    return address.partition("://")[2].removeprefix("www.").rstrip("/#")


def _first_uses(croissant: Croissant, unknown: set[str]) -> dict[str, KeyPath]:
    """Where each of the names, or prefixes with their colon, is first used."""
    found: dict[str, KeyPath] = {}
    for part in croissant.parts():
        for path, value in ((part.path, part.value), *_inner(part)):
            for key in value:
                word = key if key in unknown else _prefix(key)
                if word in unknown:
                    found.setdefault(word, (*path, key))
            for name in ("@type", "dataType"):
                for _, text in entries((), value.get(name)):
                    if _prefix(text) in unknown:
                        found.setdefault(_prefix(text), (*path, name))
    return found


def _prefix(text: Any) -> str:
    """The prefix of a compact name, with its colon."""
    start, colon, _ = text.partition(":") if isinstance(text, str) else ("", "", "")
    return start + colon


def _inner(part: Part) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """What a source says of extracting and transforming."""
    for name in ("extract", "transform"):
        key = part.keys.get(name, "")
        for path, value in entries((*part.path, key), part.value.get(key)):
            if isinstance(value, dict):
                yield path, value


def _uncoerced(croissant: Croissant, name: str) -> Iterator[KeyPath]:
    """Where a value stands that only a type in the context can make readable."""
    for part in croissant.fields if name == "dataType" else croissant.record_sets:
        if name not in part.keys:
            continue
        for path, value in entries(part.at(name), part.value[part.keys[name]]):
            if isinstance(value, dict if name == "data" else str) and not str(value).startswith("http"):
                yield path


def _respelled(croissant: Croissant, path: KeyPath, name: str, meant: str) -> Fix | None:
    key = str(path[-1])
    return renamed(croissant.document, path, key.replace(name, meant), "unsafe") if name in key else None
