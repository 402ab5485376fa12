"""The data manifest against the card and the files: digests, which data it is, how it was prepared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from auditor.bundle import Absent
from auditor.model import Fault
from auditor.readers.croissant import Croissant, entries, target
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.content import blocks, is_pointer
from auditor.rules.distribution import local_files, size_agrees
from auditor.rules.edits import rewritten
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle

_MD5 = r"[0-9a-fA-F]{32}"
# Where a manifest says what its data is called, where it lies, and what it was made from.
_NAMING = ("name", "alternateName", "url", "sameAs", "isBasedOn", "isPartOf", "prov:wasDerivedFrom", "citeAs",
           "description", "keywords", "identifier")  # fmt: skip
_LEAST_LETTERS = 3  # of a name; shorter ones are met in any text
_PREPARED = (
    *("rai:dataPreprocessingProtocol", "rai:dataManipulationProtocol", "rai:dataImputationProtocol"),
    *("rai:dataCleaningProtocol", "rai:dataAnnotationProtocol"),
)
_PREPARING = (
    r"(?i)pre-?process|tokeni[sz]|clean(?:ed|ing)|normali[sz]|filter(?:ed|ing)|dedup|resiz|scaled|augment"
)
_BODY_CHARACTERS = 2**20  # of a card; a word on how data was prepared stands in its first million or nowhere


@rule(
    "DATA113",
    level="error",
    needs=("data", "bundle"),
    klass="inconsistent",
    after=("DATA102",),
    since="2026.2",
)
def md5_differs(data: Document, bundle: Bundle) -> Iterator[Fault]:
    """A data file's md5 is not the one in the manifest.

    Why: The file was changed or exchanged after the manifest was written; loaders that check it refuse it.
    Bad:
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv", "encodingFormat": "text/csv",
          "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a",
          "md5": "d41d8cd98f00b204e9800998ecf8427e"}]}
    Good:
        # README.md
        Sizes and digests are written by a script, after the data.
    Fix: Find out which of the two is right; `md5sum FILE` prints the digest. A sha256 says more.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
    """
    for path, item, local in local_files(data):
        file, stated = bundle.file(local), item.get("md5")
        if (
            file is None
            or not file.is_regular
            or not isinstance(stated, str)
            or not re.fullmatch(_MD5, stated)
        ):
            continue
        if size_agrees(item, file.size_bytes) is False or is_pointer(bundle, local):
            continue  # DATA103 and DATA102 tell
        actual = _md5(bundle, local)
        if actual != stated.lower():
            yield data.at(*path, "md5").says(
                f"the md5 of `{shown(local)}` is {actual[:12]}…, the manifest says {stated[:12].lower()}…",
                fix=rewritten(data, (*path, "md5"), actual, "unsafe"),
            )


@rule("DATA114", level="warning", needs=("croissant", "card"), certainty="likely", since="2026.2")
def card_names_other_data(croissant: Croissant, card: Document) -> Iterator[Fault]:
    """The card says that the model was made from data that the data manifest is not about.

    Why: Whoever wants to know what the model has seen finds two answers, and digests for one of them only.
    Bad:
        # README.md
        ---
        datasets: [example/handwritten-letters]
        ---
    Good:
        # README.md
        ---
        datasets: [example/digits]
        ---
    Fix: Name in `datasets` what the manifest describes, or ship a manifest of what is named. The manifest's
        name, addresses, citation and description are looked at, without regard to case and punctuation.
    """
    named = [(path, name) for path, name in card.items("datasets") if isinstance(name, str)]
    said = card.get("datasets")
    if isinstance(said, str):
        named = [(("datasets",), said)]
    about = _letters(" ".join(_texts(croissant)))
    own = _letters(str(croissant.dataset.get("name") or ""))
    if not named or len(own) < _LEAST_LETTERS or not croissant.found:
        return
    lasts = [_letters(name.rsplit("/", 1)[-1]) for _, name in named]
    if not any(len(last) < _LEAST_LETTERS or last in about or own in last for last in lasts):
        yield card.at(*named[0][0]).says(
            f"the data manifest is about `{shown(str(croissant.dataset.get('name')))}` and does not name "
            f"`{shown(named[0][1])}`" + (f" nor the other {len(named) - 1}" if len(named) > 1 else ""),
            croissant.document.at(*croissant.dataset.at("name")),
        )


@rule("DATA115", level="note", needs=("croissant", "bundle"), certainty="hint", since="2026.2")
def preparation_not_said(croissant: Croissant, bundle: Bundle) -> Iterator[Fault]:
    """Nothing says how the data was prepared before training.

    Why: Cleaning, filtering and scaling decide what a model sees; without them nobody gets the same numbers.
    Bad:
        # recipe.yaml, absent
        # fmaudit.yaml
        components: [{component: Model card, path: README.md}]
        claims:
          - id: test-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: test, n: 6}
            evidence: [{path: results/test.json, pointer: /accuracy}]
    Good:
        # recipe.yaml, absent
        # fmaudit.yaml
        components: [{component: Model card, path: README.md}]
        claims:
          - id: test-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: test, n: 6}
            evidence: [{path: results/test.json, pointer: /accuracy}]
        # data/croissant.json
        {"rai:dataPreprocessingProtocol": "Pixels were divided by 16."}
    Fix: Say it in `rai:dataPreprocessingProtocol` or in the card, ship the code as component `Data
        preprocessing code`, or ship a recipe.
    Source: White et al. 2024, The Model Openness Framework, arXiv:2403.13784, component 3.
    """
    recipe, manifest, card = (bundle.get(need) for need in ("recipe", "manifest", "card"))
    if not isinstance(recipe, Absent) or croissant.dataset.has(*_PREPARED) or not croissant.found:
        return
    if any(source.has("transform") for _, source in croissant.sources):
        return
    parts = manifest.items("components") if isinstance(manifest, Document) else ()
    if any(
        isinstance(part, dict) and part.get("component") == "Data preprocessing code" for _, part in parts
    ):
        return
    text = card.source[:_BODY_CHARACTERS] if isinstance(card, Document) else ""
    if not re.search(_PREPARING, f"{text} {croissant.dataset.get('description')}"):
        yield croissant.document.at(*croissant.dataset.path).says(
            "neither manifest nor card say how the data was prepared, and no code for it is shipped"
        )


def _md5(bundle: Bundle, path: str) -> str:
    """The file's md5 in lower-case hexadecimal digits.

    Raises:
        Unreadable: as `blocks`.
    """
    from hashlib import md5

    digest = md5(usedforsecurity=False)
    for block in blocks(bundle, path):
        digest.update(block)
    return digest.hexdigest()


def _texts(croissant: Croissant) -> Iterator[str]:
    """What a manifest says about which data it is."""
    for name in _NAMING:
        for _, value in entries((), croissant.dataset.get(name)):
            yield from _words(value)
    for part in croissant.files:
        yield from (str(part.get(name) or "") for name in ("name", "contentUrl"))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield target(value)
        yield from (str(value[name]) for name in ("name", "url") if name in value)


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())
