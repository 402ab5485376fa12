"""Licences of the models that this one is made of: what they forbid to widen, and what they ask for.

What is known of base models stands in vocabulary/base_licences.txt, with its sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.licence_sources import canonical, licences, quoted, terms
from auditor.rules.registry import rule
from auditor.rules.vocabulary import base_licences

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.model import Place
    from auditor.readers.markdown import MarkdownDocument

# Whose agreement wants `Llama` first in the name of what is made of it (1.b.i), and `Built with Llama` shown.
_NAMED_LLAMA = frozenset({"llama3", "llama3.1", "llama3.2", "llama3.3", "llama4"})
# Whose agreement wants a text file `Notice` beside the weights (Llama 1.b.iii, Gemma 3.1).
_NOTICED = _NAMED_LLAMA | {"llama2", "gemma"}
# Words by which a card says that the terms of the base hold too; then the front matter alone is too narrow.
_SAID = (
    *(
        "community license",
        "llama license",
        "llama 2 license",
        "llama-2 license",
        "gemma terms",
        "terms of use",
    ),
    *("openrail", "open rail", "rail license", "non-commercial", "noncommercial", "research license"),
    *("research only", "base model license", "license of the base", "same license as", "original license"),
)
_MOST_BASES = 100  # of a merge; real ones name some ten


@dataclass(frozen=True, slots=True)
class _Base:
    """A base model whose licence is known, where it is named, and where that licence can be read."""

    name: str
    licence: str
    address: str
    place: Place


@rule("LIC012", level="error", needs=("card", "bundle"), certainty="likely", since="2026.2")
def wider_than_base(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """The release allows what the licence of the model that it is made of does not.

    Why: Nobody can give away rights that they were not given: users who rely on the wider licence break the
        narrower one.
    Bad:
        # README.md
        ---
        base_model: meta-llama/Llama-2-7b-hf
        ---
    Good:
        # README.md
        ---
        license: [apache-2.0, llama2]
        base_model: meta-llama/Llama-2-7b-hf
        ---
        # NOTICE.txt, whole file
        Llama 2 is licensed under the LLAMA 2 Community License.
    Fix: Name the licence of the base model. Looked at are models whose licence is known to forbid uses or to
        want its terms passed on; adapters, which hold no weights of the base, and cards that speak of the
        base's terms are left alone, and so are copies of base models under other owners' names.
    Source: the licences of the base models; the message names each.
    """
    declared = canonical(licences(card, "license"))
    bases = [*_bases(card)] if declared and declared <= terms("permissive") else []
    if not bases or _is_adapter(card, bundle):
        return
    text = card.source[card.body_start :].lower()
    if any(word in text for word in _SAID):
        return
    for base in bases:
        yield card.at("license").says(
            f"{quoted(licences(card, 'license'))} is wider than {base.licence}, the licence of"
            f" `{shown(base.name)}`",
            base.place.labelled("what it is made of"),
            help=f"read {base.address}",
        )


@rule("LIC013", level="note", needs="card", certainty="likely", after=("LIC012",), since="2026.2")
def name_without_llama(card: MarkdownDocument) -> Iterator[Fault]:
    """The model is made of Llama 3 or later, and its name does not begin with `Llama`.

    Why: The agreement asks for it in so many words.
    Bad:
        # README.md
        ---
        license: llama3.1
        base_model: meta-llama/Llama-3.1-8B
        ---
        Built with Llama.

        # NOTICE.txt, whole file
        Llama 3.1 is licensed under the Llama 3.1 Community License.
        # LICENSE, absent
        # fmaudit.yaml
        license: null
        components: null
    Good:
        # README.md
        ---
        base_model: someone/of-her-own
        ---
    Fix: Begin the name with `Llama`. Looked at is the name in `model-index`.
    Source: https://www.llama.com/llama3_1/license/, section 1.b.i
    """
    if not any(base.licence in _NAMED_LLAMA for base in _bases(card)):
        return
    for path, entry in card.items("model-index"):
        name = entry.get("name") if isinstance(entry, dict) else None
        if isinstance(name, str) and not _last(name).startswith(("llama", "meta-llama", "metallama")):
            yield card.at(*path, "name").says(f"`{shown(name)}` does not begin with `Llama`")


@rule("LIC014", level="note", needs=("card", "bundle"), certainty="likely", after=("LIC012",), since="2026.2")
def notice_missing(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """The licence asks for a notice beside the weights, or for words on the page, that the release lacks.

    Why: Llama and Gemma may be passed on with a text file `Notice` only; from Llama 3 on the page has to say
        `Built with Llama`.
    Bad:
        # README.md
        ---
        license: gemma
        base_model: google/gemma-2-2b
        ---
        # LICENSE, absent
        # fmaudit.yaml
        license: null
        components: null
    Good:
        # README.md
        ---
        license: gemma
        base_model: google/gemma-2-2b
        ---
        # LICENSE, absent
        # fmaudit.yaml
        license: null
        components: null
        # NOTICE.txt, whole file
        Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms
    Fix: Add NOTICE with the sentence that the licence gives, and say `Built with Llama` in the card. Asked of
        releases that name a base model only: the owners of the licence need no notice of their own.
    Source: https://www.llama.com/llama3_1/license/, 1.b, and https://ai.google.dev/gemma/terms, 3.1
    """
    own = canonical(licences(card, "license")) if card.get("base_model") else set()
    known = own | {base.licence for base in _bases(card)}
    held = sorted(known & _NOTICED)
    if not held or _is_adapter(card, bundle):
        return
    missing = []
    if not any(file.path.rpartition("/")[2].lower().split(".")[0] == "notice" for file in bundle.files):
        missing.append("a file `NOTICE`")
    if known & _NAMED_LLAMA and "built with" not in card.source.lower():
        missing.append("the words `Built with Llama`")
    if missing:
        yield card.at("license").says(f"{held[0]} asks for {' and '.join(missing)}")


def _bases(card: MarkdownDocument) -> Iterator[_Base]:
    """The models that the card names as its base and whose licence is known."""
    value = card.get("base_model")
    for step, name in enumerate(value[:_MOST_BASES]) if isinstance(value, list) else ((None, value),):
        if isinstance(name, str):
            place = card.at("base_model") if step is None else card.at("base_model", step)
            licence, address = _of_base(name[:200].lower())
            if licence:
                yield _Base(name, licence, address, place)


def _of_base(name: str) -> tuple[str, str]:
    """The licence of a base model and its address; empty where it is not known."""
    known = [beginning for beginning in base_licences() if name.startswith(beginning)]
    return base_licences()[max(known, key=len)] if known else ("", "")


def _is_adapter(card: MarkdownDocument, bundle: Bundle) -> bool:
    said = card.get("base_model_relation") == "adapter" or card.get("library_name") == "peft"
    return said or bundle.has("adapter_config.json")


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()
