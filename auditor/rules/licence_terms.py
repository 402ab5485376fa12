"""What the terms of data and of the model mean for each other, and for what the card says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.licence_sources import canonical, licences, meant, of_data, terms
from auditor.rules.prose import outside_fences
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import MarkdownDocument

# Sentences in which a card says of its own model that it is open source; others speak of data, of libraries,
# of other models or of the authors' mission. Bounded, so that the search is linear.
_CLAIM = (
    r"\b(?:this|our) (?:model|release|llm|checkpoint|network) (?:is|was|has been) (?:[a-z]{1,12} ){0,3}?"
    r"(?:open[- ]?sourced?)\b(?! (?:data|tool|librar|communit|package|model of|models))"
    r"|\b(?:is|are) (?:an? )?(?:fully|completely|truly|entirely|100 ?%) open[- ]?sourced?\b"
    r"|\b(?:is|are) an? (?:[a-z]{1,14} ){0,3}?open[- ]source (?:[a-z]{1,14} ){0,3}?(?:model|llm)\b"
    r"|\bwe (?:open[- ]source|are open[- ]sourcing|have open[- ]sourced|fully open[- ]source)"
    r" (?:this|our|the) (?:model|weights|checkpoint)"
)
_DENIALS = (
    " not ",
    "n't ",
    "n’t ",
    " no ",
    " never ",
    "neither",
    "without",
    "unlike",
    "non-open",
    "isn't",
    "nor ",
)
_SENTENCE = 200  # characters before a claim in which its sentence begins
_MOST_CLAIMS = 20


@rule("LIC015", level="warning", needs="bundle", certainty="likely", since="2026.2")
def data_forbids_what_weights_allow(bundle: Bundle) -> Iterator[Fault]:
    """The data is for research or non-commercial use only, and the model is licensed for any use.

    Why: Whether weights are a derivative of their data is not settled; a commercial user of the model has to
        know that the question is there.
    Bad:
        # data/croissant.json
        {"license": "https://creativecommons.org/licenses/by-nc/4.0/"}
        # fmaudit.yaml
        components: null
    Good:
        # data/croissant.json
        {"license": "https://creativecommons.org/licenses/by/4.0/"}
    Fix: Say in the card on what ground the model's licence is wider than that of its data, or narrow it. A
        card that speaks of non-commercial use or of the data's terms is left alone.
    """
    from auditor.readers.markdown import MarkdownDocument

    card = bundle.get("card")
    if not isinstance(card, MarkdownDocument):
        return
    own = canonical(licences(card, "license"))
    if not own or not own <= terms("permissive"):
        return
    narrow = terms("non-commercial") | terms("no-derivatives")
    place, text = next((each for each in of_data(bundle) if meant(each[1]) & narrow), (None, ""))
    spoken = r"(?i)non-?commercial|research[- ](?:use )?only|fair use|-nc\b"
    if place is not None and not re.search(spoken, card.source):
        yield place.says(
            f"the data is under `{shown(text)}`, the model under `{shown(licences(card, 'license')[0])}`",
            card.at("license").labelled("the model's licence"),
            help="say in the card why the model may be used for more than its data",
        )


@rule("LIC016", level="note", needs="bundle", certainty="hint", since="2026.2")
def share_alike_not_spoken_of(bundle: Bundle) -> Iterator[Fault]:
    """The data wants what is made of it to bear the same licence, and the card does not speak of that.

    Why: Whether weights are made of their data in the sense of the licence is not settled; users have to know
        that the question is there.
    Bad:
        # data/croissant.json
        {"license": "https://creativecommons.org/licenses/by-sa/4.0/"}
        # fmaudit.yaml
        components: null
    Good:
        # data/croissant.json
        {"license": "https://creativecommons.org/licenses/by-sa/4.0/"}
        # fmaudit.yaml
        components: null
        # README.md
        The data is under CC-BY-SA-4.0, which we take not to reach the weights.
    Fix: Name the data's licence in the card, and say whether you take it to reach the weights.
    """
    from auditor.readers.markdown import MarkdownDocument

    card = bundle.get("card")
    if not isinstance(card, MarkdownDocument):
        return
    own = canonical(licences(card, "license"))
    data = of_data(bundle) if own else iter(())
    place, text = next((each for each in data if meant(each[1]) & terms("share-alike") - own), (None, ""))
    spoken = r"(?i)share-?alike|copyleft|-sa\b|\bgpl|odbl|cdla-sharing"
    if place is not None and not re.search(spoken, card.source):
        yield place.says(f"`{shown(text)}` asks for the same licence, and the card does not speak of it")


@rule("LIC017", level="warning", needs="card", certainty="likely", since="2026.2")
def called_open_source(card: MarkdownDocument) -> Iterator[Fault]:
    """The card calls the model open source, and its licence forbids uses or users.

    Why: Open source means use for any purpose by anybody; who believes the word may break the licence.
    Bad:
        # README.md
        ---
        license: cc-by-nc-4.0
        ---
        This model is fully open source.

        # fmaudit.yaml
        license: null
        components: null
        # LICENSE, absent
    Good:
        # README.md
        ---
        license: cc-by-nc-4.0
        ---
        This model is not open source; its weights are open.

        # fmaudit.yaml
        license: null
        components: null
        # LICENSE, absent
    Fix: Write "open weights" or "source available", or choose an open licence. Looked at are sentences in
        English in which the card speaks of its own model, and licences that are known to forbid uses.
    Source: The Open Source Definition, sections 5 and 6; The Open Source AI Definition 1.0.
    """
    closed = terms("non-commercial") | terms("no-derivatives") | terms("use-restricted")
    own = canonical(licences(card, "license"))
    text = card.source
    if (
        not own
        or not own <= closed
        or ("open-source" not in text.lower() and "open source" not in text.lower())
    ):
        return
    claims = []
    for match in _claim().finditer(text, card.body_start):
        start = max(match.start() - _SENTENCE, 0)
        before = re.split(r"[.!?]\s|\n\s*\n", text[start : match.start()])[-1]
        sentence = f" {before}{match[0]} ".lower()
        if not any(denial in sentence for denial in _DENIALS):
            claims.append(match.span())
        if len(claims) == _MOST_CLAIMS:
            break
    for start, end, place in outside_fences(card, claims):
        yield place.says(
            f"`{shown(' '.join(text[start:end].split()))}`, and the licence is"
            f" `{shown(licences(card, 'license')[0])}`",
            card.at("license").labelled("the licence"),
            help="write `open weights`, or choose an open licence",
        )
        return


@cache
def _claim() -> re.Pattern[str]:
    return re.compile(_CLAIM.replace(" ", r"\s"), re.IGNORECASE)
