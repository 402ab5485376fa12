"""What the files of a snapshot say about how the model was trained, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.bundle import Bundle
from auditor.formats.conformance import is_to_fill
from auditor.model import KeyPath
from auditor.readers.document import Document
from auditor.readers.markdown import MarkdownDocument
from auditor.readers.text import split_lines
from auditor.records import dataclass

# Files of training settings that are read besides the card; all are plain JSON.
SETTINGS = (
    "training_args.json",
    "train_args.json",
    "hparams.json",
    "hyperparameters.json",
    "trainer_state.json",
)

# Names in the wild of what a recipe calls otherwise, the more exact one first. A batch size per device is
# not among them: how many devices there were is not said.
NAMES = {
    "lr": ("learning_rate", "lr"),
    "batch_size": ("total_train_batch_size", "train_batch_size", "batch_size"),
    "epochs": ("num_train_epochs", "num_epochs", "epochs", "n_epochs"),
    "seed": ("seed",),
    "beta1": ("adam_beta1", "beta1"),
    "beta2": ("adam_beta2", "beta2"),
    "eps": ("adam_epsilon", "adam_eps", "epsilon", "eps"),
    "momentum": ("sgd_momentum", "momentum"),
    "weight_decay": ("weight_decay",),
    "warmup_steps": ("lr_scheduler_warmup_steps", "warmup_steps"),
    "warmup_ratio": ("lr_scheduler_warmup_ratio", "warmup_ratio"),
    "optimizer": ("optimizer", "optim"),
    "schedule": ("lr_scheduler_type", "lr_scheduler", "scheduler"),
    "loss": ("loss", "criterion"),
    "precision": ("mixed_precision_training", "precision"),
    "torch": ("torch", "torch_version"),
}

# The card that the Trainer of transformers writes: `- learning_rate: 5e-05`.
_ITEM = re.compile(r"\s*[-*+] +[`*]*([A-Za-z][A-Za-z0-9_]*)[`*]* *[:=] *(.+?)\s*")
# `- optimizer: Use adamw_torch with betas=(0.9,0.999) and epsilon=1e-08 and optimizer_args=...`
_ADAM = re.compile(r"betas=\(([^,()]+), *([^,()]+)\)(?: and epsilon=([^ ]+))?")
# `- Pytorch 2.1.0+cu121`
_TORCH = re.compile(r"\s*[-*+] +(?:Py)?torch:? +v?([0-9][0-9a-z.]*)\S*\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a file says, as it is printed there."""

    text: str
    where: str


def training(bundle: Bundle) -> dict[str, Said]:
    """What is said about training, by the keys of `NAMES`; the card counts before the settings."""
    said: dict[str, Said] = {}
    for spelt in (_in_card(bundle), *_in_settings(bundle)):
        for name, spellings in NAMES.items():
            first = next((spelling for spelling in spellings if spelling in spelt), None)
            if first is not None:
                said.setdefault(name, spelt[first])
    return said


def scalar(document: Document, *path: str | int) -> Said | None:
    """The scalar at `path` and its line, or None where there is none or it is empty."""
    if isinstance(document.get(*path), dict | list | None):
        return None
    printed = document.printed(*path)
    line = document.locate(document.at(*path)).line
    return Said(printed, f"{document.file}, line {line}") if printed else None


def results(card: Document) -> Iterator[KeyPath]:
    """The key path of each result of the card's `model-index`."""
    for model, _ in card.items("model-index"):
        for result, _ in card.items(*model, "results"):
            yield result


def splits(bundle: Bundle, manifest: Document | None) -> list[str]:
    """The splits that the card's `model-index` and the manifest's claims measure on, in order."""
    card = bundle.get("card")
    found: list[Said | None] = []
    if isinstance(card, Document):
        found += [scalar(card, *result, "dataset", "split") for result in results(card)]
    if manifest is not None:
        found += [scalar(manifest, *claim, "data", "split") for claim, _ in manifest.items("claims")]
    return list(dict.fromkeys(fact.text for fact in found if fact and not is_to_fill(fact.text)))


def _in_card(bundle: Bundle) -> dict[str, Said]:
    card = bundle.get("card")
    spelt: dict[str, Said] = {}
    if not isinstance(card, MarkdownDocument):
        return spelt
    for number, line in _lines_under(card, "hyperparameter"):
        where = f"{card.file}, line {number}"
        item, adam = _ITEM.fullmatch(line), _ADAM.search(line)
        if item is not None:
            spelt.setdefault(item[1].lower(), Said(item[2].strip("`* "), where))
        if adam is not None:
            names = ("adam_beta1", "adam_beta2", "adam_epsilon")
            spelt |= {
                name: Said(text, where) for name, text in zip(names, adam.groups(), strict=True) if text
            }
    for number, line in _lines_under(card, "versions"):
        torch = _TORCH.fullmatch(line)
        if torch is not None:
            spelt["torch"] = Said(torch[1].rstrip("."), f"{card.file}, line {number}")
    return spelt


def _lines_under(card: MarkdownDocument, word: str) -> Iterator[tuple[int, str]]:
    """The numbered lines between each heading that holds `word` and the next heading."""
    lines = split_lines(card.source)
    starts = [*(heading.line for heading in card.headings), len(lines) + 1]
    for heading, end in zip(card.headings, starts[1:], strict=True):
        if word in heading.text.lower():
            for number in range(heading.line + 1, end):
                yield number, lines[number - 1]


def _in_settings(bundle: Bundle) -> Iterator[dict[str, Said]]:
    for file in SETTINGS:
        document = bundle.document(file)
        if isinstance(document, Document):
            facts = {name: scalar(document, name) for name in document.mapping()}
            yield {name.lower(): fact for name, fact in facts.items() if fact is not None}
