"""The responsible-AI part of the data manifest: how the data came about, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.model import Fault, KeyPath
from auditor.readers.croissant import Croissant, Part, entries, plain, target
from auditor.readers.text import shown
from auditor.rules.croissant import is_date
from auditor.rules.edits import renamed
from auditor.rules.registry import rule
from auditor.rules.vocabulary import only_near, spelling, words

_VERSION = "http://mlcommons.org/croissant/RAI/1.0"
# What a reader must know before the data are used, in the words of the RAI specification, each under every
# spelling that it or the reference loader uses. The first is suggested.
_LEAST = (
    (
        "how they were collected",
        ("rai:dataCollection", "rai:dataCollectionRawData", "rai:dataCollectionType"),
    ),
    ("biases", ("rai:dataBiases",)),
    ("limitations", ("rai:dataLimitations",)),
    ("personal and sensitive information", ("rai:personalSensitiveInformation",)),
    ("uses they are meant for", ("rai:dataUseCases", "rai:useCases")),
    (
        "when they were collected",
        (
            *(
                "rai:dataCollectionTimeframe",
                "rai:dataCollectionTimeFrame",
                "rai:dataCollectionTimeFrameStart",
            ),
            *("rai:dataCollectionTimeFrameEnd", "temporalCoverage", "dateCreated"),
        ),
    ),
)
_TIMES = (
    *("rai:dataCollectionTimeframe", "rai:dataCollectionTimeFrame"),
    *("rai:dataCollectionTimeFrameStart", "rai:dataCollectionTimeFrameEnd"),
)
# Where the maker of synthetic data may be named; a text anywhere that names it cannot be told from others.
_MAKERS = ("rai:machineAnnotationTools", "prov:wasGeneratedBy", "prov:wasAttributedTo", "prov:wasDerivedFrom")
_SYNTHETIC = "synthetic"
_LIKE = 0.8  # how like a known property an unknown one is that was meant to be it
_PAIR = 2


@rule("DATA301", level="warning", needs="croissant", since="2026.2")
def unknown_rai_property(croissant: Croissant) -> Iterator[Fault]:
    """A property begins with `rai:` and is none of the RAI extension.

    Why: A mistyped name is read by nothing, and the biases that are told under it are told to nobody. The
        specification spells some names in two ways; both are let pass here.
    Bad:
        # data/croissant.json
        {"rai:dataBiasses": "Twelve writers from one town."}
    Good:
        # data/croissant.json
        {"rai:dataBiases": "Twelve writers from one town."}
    Fix: Write the name as the table of the specification has it.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html
    """
    for part in croissant.parts():
        for name, key in part.keys.items():
            if not name.startswith("rai:") or name[4:] in (known := words("rai.txt")):
                continue
            near = spelling(name[4:], known) or only_near(name[4:], sorted(known), _LIKE)
            yield croissant.document.key(*part.path, key).says(
                f"`{shown(key)}` is no property of the RAI extension",
                help=f"did you mean `rai:{near}`?" if near else "",
                fix=_respelled(croissant, (*part.path, key), name[4:], near),
            )


@rule("DATA302", level="warning", needs="croissant", since="2026.2")
def collection_time_unreadable(croissant: Croissant) -> Iterator[Fault]:
    """The time in which the data were collected is not given in dates, or ends before it begins.

    Why: Whether a model can know of something, or was tested on what came before its training data, is
        decided by these dates.
    Bad:
        # data/croissant.json
        {"rai:dataCollectionTimeframe": ["2021-05-01", "2021-03-31"]}
    Good:
        # data/croissant.json
        {"rai:dataCollectionTimeframe": ["2021-03-01", "2021-05-31"]}
    Fix: Give the first and the last date as `["2021-03-01", "2021-05-31"]`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html
    """
    data = croissant.dataset
    for name in _TIMES:
        if name not in data.keys:
            continue
        dates: list[tuple[KeyPath, str]] = []
        for path, item in entries(data.at(name), data.value[data.keys[name]]):
            value = plain(item)
            ends = value.split("/") if isinstance(value, str) and value.count("/") == 1 else [value]
            unreadable = [end for end in ends if not is_date(end)]
            if unreadable:
                text = shown(str(unreadable[0]))
                yield croissant.document.at(*path).says(
                    f"`{text}` is no date, expected one such as `2021-03-14`"
                )
            else:
                dates.extend((path, end) for end in ends)
        if len(dates) == _PAIR and dates[1][1][:10] < dates[0][1][:10]:
            yield croissant.document.at(*dates[1][0]).says(
                f"the collection ended on `{dates[1][1]}`, before it began on `{dates[0][1]}`",
                croissant.document.at(*dates[0][0]),
            )


@rule("DATA303", level="note", needs="croissant", since="2026.2")
def rai_incomplete(croissant: Croissant) -> Iterator[Fault]:
    """A manifest with RAI properties leaves out some that everybody who uses the data must know.

    Why: Biases, limits and personal data are what harms people when it is not known. Only manifests that use
        the extension, or say that they keep to it, are looked at: Croissant itself does not ask for it.
    Bad:
        # data/croissant.json
        {"rai:dataBiases": null}
    Good:
        # data/croissant.json
        {"rai:dataBiases": ["All writers were adults.", "No left-handed writers."]}
    Fix: Add the properties; "none known" is an answer too.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html
    """
    data = croissant.dataset
    first = next((key for name, key in data.keys.items() if name.startswith("rai:")), "")
    stated = [target(value) for _, value in entries((), data.get("conformsTo"))]
    if not first and not any("/RAI/" in text for text in stated):
        return
    missing = [(what, names[0]) for what, names in _LEAST if not data.has(*names)]
    if missing:
        listed = ", ".join(f"{what} (`{name}`)" for what, name in missing)
        place = (
            croissant.document.key(*data.path, first)
            if first
            else croissant.document.at(*data.at("conformsTo"))
        )
        yield place.says(f"the manifest does not say of the data: {listed}")


@rule("DATA304", level="note", needs="croissant", certainty="hint", since="2026.2")
def synthetic_data_of_unknown_maker(croissant: Croissant) -> Iterator[Fault]:
    """The data are said to be synthetic, and nothing names what made them.

    Why: Synthetic data carry the faults of their generator, and its licence may forbid to train on them. Only
        the places that the standards have for it are looked at, not what a description says.
    Bad:
        # data/croissant.json
        {"keywords": ["digits", "synthetic"]}
    Good:
        # data/croissant.json
        {"keywords": ["digits", "synthetic"], "@context": {"prov": "http://www.w3.org/ns/prov#"},
         "prov:wasGeneratedBy": {"@type": "prov:Activity", "prov:label": "digits generator 1.2"}}
    Fix: Name the generator, its version and its licence in `prov:wasGeneratedBy`, or in
        `rai:machineAnnotationTools`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, section "Provenance"
    """
    place = _said_synthetic(croissant.dataset)
    makers = (*_MAKERS, "generator", "isBasedOn")
    named = any(part.has(*makers) for part in croissant.parts()) if place is not None else True
    if place is not None and not named:
        yield croissant.document.at(*place).says("the data are synthetic, and what made them is not named")


def _said_synthetic(data: Part) -> KeyPath | None:
    """Where the manifest says that the data are synthetic."""
    if data.get("rai:hasSyntheticData") in (True, "true"):
        return data.at("rai:hasSyntheticData")
    for name in ("keywords", "rai:dataCollectionType"):
        for path, item in entries(data.at(name), data.get(name)):
            value: Any = plain(item)
            text = value.strip().lower() if isinstance(value, str) else ""
            if text in (_SYNTHETIC, f"{_SYNTHETIC} data", f"{_SYNTHETIC}-data"):
                return path
    return None


def _respelled(croissant: Croissant, path: KeyPath, name: str, near: str) -> Any:
    key = str(path[-1])
    return (
        renamed(croissant.document, path, key.replace(name, near), "unsafe") if near and name in key else None
    )
