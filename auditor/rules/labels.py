"""The names of classes in config.json."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.registry import rule


@rule("ARC306", level="warning", needs="config", klass="inconsistent", since="2026.2")
def label_names_disagree(config: Document) -> Iterator[Fault]:
    """`id2label` and `label2id` of config.json do not say the same.

    Why: Training reads the one and the pipeline that answers reads the other, so that answers get the name of
        another class.
    Bad:
        # config.json
        {"id2label": {"0": "negative", "1": "positive"}, "label2id": {"negative": 1, "positive": 0}}
    Good:
        # config.json
        {"id2label": {"0": "negative", "1": "positive"}, "label2id": {"negative": 0, "positive": 1}}
    Fix: Write both from one list of names, in the order of the classifier's outputs.
    """
    names = config.mapping("id2label")
    for label, number in config.mapping("label2id").items():
        there = names.get(str(number)) if isinstance(number, int | str) else None
        if isinstance(there, str) and there != label and label in names.values():
            yield config.at("label2id", label).says(
                f"`label2id` gives `{shown(label)}` the number {shown(str(number)[:20])}, "
                f"which `id2label` calls `{shown(there)}`",
                config.at("id2label", str(number)),
            )
