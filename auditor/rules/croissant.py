"""The data manifest as a whole: what it is, which version it keeps, what it must say of the data set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from auditor.bundle import Absent, Unread
from auditor.model import Fault, Fix, KeyPath
from auditor.readers.croissant import Croissant, Part, entries, read_croissant, target
from auditor.readers.text import shown
from auditor.rules.edits import rewritten
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle

SPECIFICATION = "http://mlcommons.org/croissant/"
VERSIONS = ("0.8", "1.0", "1.1")
# Required of every data set by Croissant 1.0 and 1.1, section "Required"; `@context`, `@type` and
# `conformsTo` have rules of their own.
_REQUIRED = ("name", "description", "license", "url", "creator", "datePublished")
_RECOMMENDED = ("citeAs", "version")  # mlcroissant 1.1.1 warns of these two
_DATES = ("dateCreated", "dateModified", "datePublished")
_SEMANTIC = 3  # numbers in MAJOR.MINOR.PATCH


@provides("croissant")
def croissant(bundle: Bundle) -> Croissant | Absent | Unread:
    """The data manifest in parts."""
    from auditor.readers.document import Document

    document = bundle.get("data")
    if isinstance(document, Document):
        return read_croissant(document)
    return document if isinstance(document, Absent | Unread) else Absent("the bundle has no data manifest")


@rule("DATA003", level="error", needs="croissant", since="2026.2")
def no_data_set(croissant: Croissant) -> Iterator[Fault]:
    """The manifest describes no data set.

    Why: Readers of JSON-LD look for a thing of the type schema.org/Dataset and ignore all others: whatever
        the file says, to them it is empty.
    Bad:
        # data/croissant.json
        {"@type": "sc:DataSet"}
    Good:
        # data/croissant.json
        {"@type": "sc:Dataset"}
    Fix: Give `@type` the value `sc:Dataset`, with `sc` in `@context` as `https://schema.org/`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Required"
    """
    if croissant.found:
        return
    document, given = croissant.document, croissant.dataset.value.get("@type")
    if isinstance(given, str):
        fix = rewritten(document, ("@type",), "sc:Dataset") if given.lower() == "sc:dataset" else None
        message = f"`@type` is `{shown(given)}`, expected `sc:Dataset`"
        yield document.at("@type").says(message, help="no other type is read as a data set", fix=fix)
    else:
        yield document.at().says("nothing in the manifest has the `@type` `sc:Dataset`")


@rule("DATA005", level="error", needs="croissant", since="2026.2")
def unknown_croissant_version(croissant: Croissant) -> Iterator[Fault]:
    """The manifest does not say which version of Croissant it keeps to, or names none that exists.

    Why: The reference loader takes a manifest without a version for one of 0.8, whose names lie elsewhere,
        and then finds no file and no record set in it. Manifests of 0.8 are read, but not taken apart here.
    Bad:
        # data/croissant.json
        {"conformsTo": "https://mlcommons.org/croissant/1.0/"}
    Good:
        # data/croissant.json
        {"conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]}
    Fix: Write `"conformsTo": "http://mlcommons.org/croissant/1.0"` (or `1.1`), letter by letter.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Namespaces"
    """
    data, document = croissant.dataset, croissant.document
    if croissant.legacy or not croissant.found:
        return
    given = [*entries(data.at("conformsTo"), data.get("conformsTo"))]
    if not given:
        if croissant.files or croissant.record_sets:
            message = "`conformsTo` is missing, so that the version of Croissant is not known"
            yield document.at(*data.path).says(message, help=f"`{SPECIFICATION}1.0`, or `1.1`")
        return
    if any(_version(value) for _, value in given):
        return
    place, value = next(((p, v) for p, v in given if "croissant" in str(v).lower()), given[0])
    yield document.at(*place).says(
        f"`conformsTo` is `{shown(target(value) or str(value))}`, which is no version of Croissant",
        help="expected " + " or ".join(f"`{SPECIFICATION}{number}`" for number in VERSIONS[1:]),
        fix=_with_version(croissant, place, value),
    )


@rule("DATA008", level="error", needs="croissant", since="2026.2")
def date_not_iso(croissant: Croissant) -> Iterator[Fault]:
    """A date of the data set is not written as ISO 8601.

    Why: `03/04/2021` is March in one country and April in another; the reference loader refuses the manifest.
    Bad:
        # data/croissant.json
        {"datePublished": "March 2021"}
    Good:
        # data/croissant.json
        {"datePublished": "2021-03-14"}
    Fix: Write year, month and day as `2021-03-14`; the year alone will do where more is not known.
    Source: https://schema.org/Date
    """
    for name in _DATES:
        value = croissant.dataset.get(name)
        if value is None or isinstance(value, list | dict) or is_date(value):
            continue
        place = croissant.document.at(*croissant.dataset.at(name))
        yield place.says(f"`{name}` is `{shown(str(value))}`, expected a date such as `2021-03-14`")


@rule("DATA009", level="warning", needs="croissant", since="2026.2")
def required_property_missing(croissant: Croissant) -> Iterator[Fault]:
    """The manifest leaves out what Croissant requires of every data set.

    Why: Who made the data, when, under which licence: without it nobody can tell whether the data may be
        used, nor cite it. The reference loader reads the file all the same.
    Bad:
        # data/croissant.json
        {"license": null, "creator": null}
    Good:
        # data/croissant.json
        {"creator": {"@type": "Organization", "name": "Example lab"}}
    Fix: Add the properties; where one cannot be known, say so in `description`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Required"
    """
    yield from _lacking(croissant, _REQUIRED, "which Croissant requires")


@rule("DATA010", level="note", needs="croissant", since="2026.2")
def recommended_property_missing(croissant: Croissant) -> Iterator[Fault]:
    """The manifest does not say how to cite the data, or which version of it this is.

    Why: Data change; a result can be compared only where it is known which state of them it was measured on.
    Bad:
        # data/croissant.json
        {"version": null}
    Good:
        # data/croissant.json
        {"version": "2.1.0"}
    Fix: Add `citeAs` with a reference, best in BibTeX, and `version` as MAJOR.MINOR.PATCH.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Version"
    """
    yield from _lacking(croissant, _RECOMMENDED, "which Croissant recommends")


@rule("DATA033", level="note", needs="croissant", since="2026.2")
def version_not_semantic(croissant: Croissant) -> Iterator[Fault]:
    """The version of the data is not written as MAJOR.MINOR.PATCH.

    Why: By the three numbers a reader sees whether records were changed, added, or only packed otherwise.
    Bad:
        # data/croissant.json
        {"version": "final"}
    Good:
        # data/croissant.json
        {"version": "1.0.2"}
    Fix: Number the versions as Semantic Versioning does, with the meaning that Croissant gives the numbers.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Version"
    """
    value = croissant.dataset.get("version")
    if isinstance(value, str) and value and not _is_semantic(value):
        place = croissant.document.at(*croissant.dataset.at("version"))
        yield place.says(f"`version` is `{shown(value)}`, expected MAJOR.MINOR.PATCH such as `1.0.0`")


def called(part: Part, document_name: str = "the data set") -> str:
    """A part as messages name it: its identifier, its name, or what it is."""
    name = part.id or part.get("name")
    return f"`{shown(name)}`" if isinstance(name, str) and name else document_name


def is_date(value: Any) -> bool:
    """Whether a value is a date or time of ISO 8601, of a year, month, day or moment."""
    if not isinstance(value, str) or not value[:4].isdecimal() or len(value) > 40:  # longer than any moment
        return False
    from datetime import date, datetime

    padded = value + {4: "-01-01", 7: "-01"}.get(len(value), "")
    try:
        datetime.fromisoformat(padded)
    except ValueError:
        try:
            date.fromisoformat(padded)
        except ValueError:
            return False
    return True


def _version(value: Any) -> str:
    """The version that an entry of `conformsTo` names; empty where it names none of Croissant's."""
    text = target(value)
    number = text.removeprefix(SPECIFICATION)
    return number if text.startswith(SPECIFICATION) and number in VERSIONS else ""


def _with_version(croissant: Croissant, place: KeyPath, value: Any) -> Fix | None:
    if not isinstance(value, str):
        return None
    number = value.strip().rstrip("/").rpartition("/")[2].lstrip("v")
    if number not in VERSIONS or "RAI" in value:
        return None
    return rewritten(croissant.document, place, SPECIFICATION + number)


def _lacking(croissant: Croissant, names: tuple[str, ...], why: str) -> Iterator[Fault]:
    data = croissant.dataset
    if croissant.legacy or not croissant.found:
        return
    missing = [name for name in names if data.get(name) in (None, "", [], {})]
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        yield croissant.document.at(*data.path).says(f"the data set lacks {listed}, {why}")


def _is_semantic(version: str) -> bool:
    """Whether a version begins with up to three whole numbers, as mlcroissant 1.1.1 asks for."""
    numbers = version.partition("+")[0].partition("-")[0].split(".")
    whole = all(number.isdecimal() and (number == "0" or number[0] != "0") for number in numbers)
    return whole and len(numbers) <= _SEMANTIC
