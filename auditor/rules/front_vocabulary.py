"""Words of the front matter against the hub's lists: languages, tasks, libraries, metrics, datasets, tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, Fix
from auditor.readers.text import shown
from auditor.rules.edits import meant, rewritten
from auditor.rules.front import is_hub_id, texts
from auditor.rules.paths import is_url
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss, spelling
from auditor.rules.vocabulary.hub import is_language, language_named, libraries, metrics, subtasks, tasks

if TYPE_CHECKING:
    from auditor.model import KeyPath
    from auditor.readers.markdown import MarkdownDocument

_MOST_METRICS = 100  # of one card that are compared with the list; each costs some 20 us (measured)
_LEAST_NEAR = 5  # letters of a name that may be a slip of the pen; shorter names are too alike
_DATASETS = "https://huggingface.co/datasets/"


@rule("CARD018", level="warning", needs="card", since="2026.2")
def unknown_language(card: MarkdownDocument) -> Iterator[Fault]:
    """A language is no code of ISO 639.

    Why: The hub refuses the card, and where an old card still says `english` or `zh-CN` nobody finds the
        model by its language.
    Bad:
        # README.md
        ---
        language: [en, zh-CN]
        ---
    Good:
        # README.md
        ---
        language: [en, zh, code, multilingual]
        language_bcp47: [zh-CN]
        ---
    Fix: Write the code of two letters, or of three where there is none; a region goes to `language_bcp47`.
    Source: `language` of ModelCardData in huggingface_hub;
        https://github.com/jonatasgrosman/wav2vec2-sprint/issues/11
    """
    for path, code in texts(card, "language"):
        if code and not is_language(code):
            help_, fix = _language_help(card, path, code)
            message = f"`{shown(code)}` is no language code of ISO 639"
            yield card.at(*path).says(message, help=help_, fix=fix)


@rule("CARD019", level="warning", needs="card", since="2026.2")
def unknown_task(card: MarkdownDocument) -> Iterator[Fault]:
    """`pipeline_tag` is none of the hub's tasks.

    Why: Tasks are what people filter models by; the page of the model shows no task and no way to try it.
    Bad:
        # README.md
        ---
        pipeline_tag: image_classification
        ---
    Good:
        # README.md
        ---
        pipeline_tag: image-classification
        ---
    Fix: Use a task of https://huggingface.co/tasks; finer ones belong to `task` of `model-index` or `tags`.
    Source: PIPELINE_DATA in packages/tasks/src/pipelines.ts of huggingface.js
    """
    task = card.get("pipeline_tag")
    if isinstance(task, str) and task and task not in tasks():
        help_ = near_miss(task, tasks())
        if task in subtasks():
            help_ = "it is a finer task: write it into `model-index` or `tags`"
        yield card.at("pipeline_tag").says(
            f"`{shown(task)}` is no task of the hub", help=help_, fix=meant(card, ("pipeline_tag",), tasks())
        )


@rule("CARD020", level="warning", needs="card", since="2026.2", certainty="likely")
def library_misspelled(card: MarkdownDocument) -> Iterator[Fault]:
    """`library_name` is nearly, but not quite, a library of the hub.

    Why: Any name is allowed, so that a slip of the pen is not refused: the page shows no snippet, and the
        hub counts no downloads.
    Bad:
        # README.md
        ---
        library_name: Sentence_Transformers
        ---
    Good:
        # README.md
        ---
        library_name: sentence-transformers
        ---
    Fix: Write the name as the hub does. Names that are more than one letter away from all of these are not
        looked at.
    Source: MODEL_LIBRARIES_UI_ELEMENTS in packages/tasks/src/model-libraries.ts of huggingface.js
    """
    name = card.get("library_name")
    if not isinstance(name, str) or name in libraries():
        return
    same = spelling(name, libraries())
    near = [same] if same else [known for known in libraries() if is_slip(name, known)]
    if near:
        fix = rewritten(card, ("library_name",), near[0], "safe" if same else "unsafe")
        yield card.at("library_name").says(
            f"`{shown(name)}` is no library that the hub knows",
            help=f"did you mean `{near[0]}`?",
            fix=fix if len(near) == 1 else None,
        )


@rule("CARD021", level="note", needs="card", since="2026.2", certainty="likely")
def metric_misspelled(card: MarkdownDocument) -> Iterator[Fault]:
    """A metric differs from the one that `evaluate` has in case or separators only.

    Why: `F1` and `f1` are two filters on the hub, and a model is found by one of them.
    Bad:
        # README.md
        ---
        metrics: [Accuracy]
        ---
    Good:
        # README.md
        ---
        metrics: [accuracy, loss]
        ---
    Fix: Write the metric as `evaluate` does. Metrics that it does not have are not looked at.
    Source: https://github.com/huggingface/evaluate/tree/main/metrics
    """
    for path, name in list(texts(card, "metrics"))[:_MOST_METRICS]:
        near = spelling(name, metrics()) if name not in metrics() else ""
        if near:
            message = f"`{shown(name)}` is not how `evaluate` writes `{near}`"
            yield card.at(*path).says(message, fix=rewritten(card, path, near))


@rule("CARD022", level="note", needs="card", since="2026.2")
def entry_twice(card: MarkdownDocument) -> Iterator[Fault]:
    """A tag, dataset, metric or language stands twice in its list.

    Why: `huggingface_hub` drops repeated tags when it writes the card back; readers look for a difference
        that is not there.
    Bad:
        # README.md
        ---
        tags: [digits, image-classification, digits]
        ---
    Good:
        # README.md
        ---
        tags: [digits, image-classification]
        ---
    Fix: Remove one of the two.
    """
    for key in ("tags", "datasets", "metrics", "language"):
        first: dict[str, KeyPath] = {}
        for path, text in texts(card, key):
            before = first.setdefault(text, path)
            if before != path:
                place = card.at(*before).labelled("the first")
                yield card.at(*path).says(f"`{shown(text)}` stands twice in `{key}`", place)


@rule("CARD023", level="warning", needs="card", since="2026.2")
def dataset_without_id(card: MarkdownDocument) -> Iterator[Fault]:
    """An entry of `datasets` is not the name of a dataset on the hub.

    Why: The hub refuses cards that name a folder or a sentence there (`"datasets[0]" with value "/var/..." is
        not valid`); in old cards the entry links to nothing.
    Bad:
        # README.md
        ---
        datasets: ["https://huggingface.co/datasets/example/digits"]
        ---
    Good:
        # README.md
        ---
        datasets: [example/digits]
        ---
    Fix: Write `owner/name`; say in the body where data can be had that is not on the hub.
    Source: https://github.com/huggingface/autotrain-advanced/issues/648
    """
    for path, text in texts(card, "datasets"):
        if text and not is_hub_id(text):
            what = "a URL" if is_url(text) else "no name of a dataset on the hub"
            name = text.removeprefix(_DATASETS).rstrip("/")
            of_hub = text.startswith(_DATASETS) and is_hub_id(name)
            yield card.at(*path).says(
                f"`{shown(text)}` is {what}, expected `owner/name`",
                help=f"write `{shown(name)}`" if of_hub else "",
                fix=rewritten(card, path, name) if of_hub else None,
            )


def is_slip(word: str, known: str) -> bool:
    """Whether one letter was left out, added, changed or swapped with its neighbour."""
    if abs(len(word) - len(known)) > 1 or min(len(word), len(known)) < _LEAST_NEAR or word == known:
        return False
    same = next((at for at, pair in enumerate(zip(word, known, strict=False)) if pair[0] != pair[1]), -1)
    if same < 0:
        return True
    one, other = word[same:], known[same:]
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return swapped or one[1:] == other[1:] or one[1:] == other or one == other[1:]


def _language_help(card: MarkdownDocument, path: KeyPath, text: str) -> tuple[str, Fix | None]:
    """What was meant by a text that is no code, and its fix."""
    lower = text.strip().lower()
    if is_language(lower):
        return f"write `{lower}`", rewritten(card, path, lower)
    code = language_named(text)
    if code:
        return f"write `{code}`", rewritten(card, path, code, "unsafe")
    code = lower.replace("_", "-").split("-")[0]
    if code != lower and is_language(code):
        fix = rewritten(card, path, code, "unsafe")
        return f"write `{code}`; a region or script goes to `language_bcp47`", fix
    if any(mark in lower for mark in (",", ";", "/", " ")):
        return "write a list of codes", None
    return "", None
