"""What the front matter says of the library, the metrics and the picture, against what is in the bundle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.front import texts
from auditor.rules.paths import is_url, resolved, sizes
from auditor.rules.published import metric_name, results
from auditor.rules.registry import rule
from auditor.rules.vocabulary.hub import libraries

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import MarkdownDocument

_ADAPTER = "adapter_config.json"
_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".keras", ".msgpack", ".onnx", ".gguf")
# Names or ends of files of which each library needs one to load a model.
_NEEDED = {
    "peft": (_ADAPTER,),
    "transformers": ("config.json", _ADAPTER, ".gguf"),
    "sentence-transformers": ("modules.json", "config_sentence_transformers.json", "config.json"),
    "timm": ("config.json",),
    "transformers.js": (".onnx",),
    "stable-baselines3": (".zip",),
}
_MOST_METRICS = 100  # of one card that are looked for among the results
_SHOWN = 5  # names in one message


@rule("CARD024", level="note", needs=("card", "config"), since="2026.2")
def library_not_named(card: MarkdownDocument, config: Document) -> Iterator[Fault]:
    """The files are those of transformers, and the card does not name a library.

    Why: Since August 2024 the hub no longer guesses transformers from `config.json`: the page of the model
        has no snippet and no task, and filters by library pass it over.
    Bad:
        # model.safetensors, absent
        # fmaudit.yaml
        components: null
        # config.json
        {"transformers_version": "4.57.1"}
    Good:
        # model.safetensors, absent
        # fmaudit.yaml
        components: null
        # config.json
        {"transformers_version": "4.57.1"}
        # README.md
        ---
        library_name: transformers
        ---
    Fix: Add `library_name: transformers`, or the library that loads the model.
    Source: https://huggingface.co/docs/hub/model-cards#specifying-a-library
    """
    written_by = config.get("transformers_version")
    if card.front is None or card.get("library_name") or not isinstance(written_by, str):
        return
    if not {tag for _, tag in texts(card, "tags")} & set(libraries()):
        yield card.at("library_name").says(
            "no `library_name`, and `config.json` was written by transformers",
            config.at("transformers_version"),
            help="add `library_name: transformers`, or the library that loads the model",
        )


@rule("CARD025", level="warning", needs=("card", "bundle"), since="2026.2", certainty="likely")
def library_cannot_load(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """The library that the card names finds none of the files that it loads a model from.

    Why: The page shows a snippet that fails on its first line.
    Bad:
        # README.md
        ---
        library_name: peft
        ---
    Good:
        # README.md
        ---
        library_name: timm
        ---
    Fix: Name the library that loads these files, or ship the file that it needs. Looked at are peft,
        transformers, sentence-transformers, timm, transformers.js and stable-baselines3.
    """
    name = card.get("library_name")
    needed = _NEEDED.get(name, ()) if isinstance(name, str) else ()
    paths = [file.path for file in bundle.files] if needed else []
    if not any(path.endswith(_WEIGHTS) for path in paths):
        return
    if not any(path.rpartition("/")[2].endswith(ending) for path in paths for ending in needed):
        listed = " or ".join(f"`{each}`" for each in needed)
        yield card.at("library_name").says(f"`{shown(str(name))}` needs {listed}, and there is none")


@rule("CARD034", level="note", needs="card", since="2026.2", certainty="likely")
def metric_without_result(card: MarkdownDocument) -> Iterator[Fault]:
    """The front matter lists a metric of which `model-index` gives no value.

    Why: The hub shows the metric as a tag; whoever looks for its value finds none.
    Bad:
        # README.md
        ---
        metrics: [accuracy, f1]
        ---
    Good:
        # README.md
        ---
        metrics: [accuracy, loss]
        ---
    Fix: Publish the value, or take the metric out of the list.
    """
    given = {metric_name(text) for text in _result_names(card)}
    listed = [text for _, text in texts(card, "metrics")][:_MOST_METRICS]
    names = {text: metric_name(text) for text in listed}
    missing = [text for text, name in names.items() if name and not any(name in other for other in given)]
    if given and missing:
        what = ", ".join(f"`{shown(text)}`" for text in missing[:_SHOWN])
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        yield card.at("metrics").says(f"`model-index` gives no value of {what}{more}")


@rule("CARD035", level="note", needs=("card", "bundle"), since="2026.2")
def thumbnail_leads_nowhere(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """`thumbnail` is neither a URL nor a file of the bundle.

    Why: The picture is what social networks show beside a link to the model; it is missing there.
    Bad:
        # README.md
        ---
        thumbnail: digits.png
        ---
    Good:
        # README.md
        ---
        thumbnail: https://example.org/digits.png
        ---
    Fix: Write the URL of the picture.
    Source: https://huggingface.co/docs/hub/model-cards
    """
    picture = card.get("thumbnail")
    if (
        isinstance(picture, str)
        and picture
        and not is_url(picture)
        and resolved(picture) not in sizes(bundle)
    ):
        yield card.at("thumbnail").says(f"`{shown(picture)}` is no URL and not in the bundle")


def _result_names(card: MarkdownDocument) -> Iterator[str]:
    """The metrics of `model-index` by type and by name: `rouge` may stand there as `rougeL`."""
    for listed in results(card).values():
        for result in listed[:_MOST_METRICS]:
            mapping: dict[str, Any] = card.mapping(*result.path)
            yield from (text for key in ("type", "name") if isinstance(text := mapping.get(key), str))
