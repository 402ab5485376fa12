"""A first `recipe.yaml` for a snapshot, from what its files say; what they do not say is left to fill."""

from __future__ import annotations

from auditor.bundle import Bundle
from auditor.forensics.printed import read
from auditor.formats import draft_learning
from auditor.formats.said import Said, scalar, splits, training
from auditor.formats.yaml_text import heading, may_stand, noted, number, quoted, to_fill
from auditor.readers.document import Document


def recipe(bundle: Bundle, manifest: Document | None = None) -> str:
    """The text of a first `recipe.yaml`; `manifest` is the one that will stand beside it, if there is one."""
    said = training(bundle)
    lines = [
        *heading("recipe"),
        "format: 1",
        *_model(bundle),
        "",
        *_data(bundle, manifest),
        "",
        *draft_learning.loss(said),
        *draft_learning.optimizer(said),
        *draft_learning.schedule(said),
        "training:",
        f"  epochs: {_whole(said, 'epochs', 'passes over the train split')}",
        f"  batch_size: {_whole(said, 'batch_size', 'examples per step')}",
        f"  shuffle: {to_fill('true or false')}",
        f"  precision: {draft_learning.precision(said)}",
        "",
        "evaluation:",
        f"  split: {to_fill('name of the split that the published metrics are measured on')}",
        "# The seeds of the published runs, listed; or `derive: 5` in place of `values`, for five that",
        "# follow from this file, so that nobody chose them.",
        "seeds:",
        f"  values: {_seeds(said.get('seed'))}",
    ]
    if "torch" in said:
        lines += ["environment:", f"  torch: {noted(quoted(said['torch'].text), said['torch'])}"]
    return "\n".join(lines) + "\n"


def _model(bundle: Bundle) -> list[str]:
    from reference_models import catalogue

    config = bundle.get("config")
    family = scalar(config, "model_type") if isinstance(config, Document) else None
    initialization = f"  initialization: {to_fill('keras, torch or gpt2')}"
    # Another library's model may have the name of one of ours, but keeps no `parameters` in its config.
    if (
        not isinstance(config, Document)
        or family is None
        or family.text not in catalogue.names()
        or "parameters" not in config.mapping()
    ):
        wanted = to_fill(f"name of a reference model: {', '.join(catalogue.names())}")
        return ["model:", f"  reference: {noted(wanted, family, says=True)}", initialization]
    lines = ["model:", f"  reference: {noted(family.text, family)}"]
    given = config.mapping("parameters")
    try:
        catalogue.shapes(family.text, given)
    except ValueError as error:
        known = to_fill(f"parameters of {family.text}: {', '.join(catalogue.parameters(family.text))}")
        line = config.locate(config.at("parameters")).line
        why = Said(str(error), f"{config.file}, line {line}")
        return [*lines, f"  parameters: {noted(known, why, says=True)}", initialization]
    lines += ["  parameters:"] if given else []
    for name, value in given.items():
        fact = scalar(config, "parameters", name)
        if fact is not None:
            numeric = isinstance(value, int | float) and not isinstance(value, bool)
            text = quoted(fact.text) if isinstance(value, str) else fact.text
            text = number(fact.text) if numeric else text
            lines.append(f"    {quoted(name)}: {noted(text, fact)}")
    return [*lines, initialization]


def _data(bundle: Bundle, manifest: Document | None) -> list[str]:
    found = [path for path in ("data/croissant.json", "croissant.json") if bundle.has(path)]
    kind = to_fill("csv, idx or text; the schema says what else belongs to each")
    named = splits(bundle, manifest)
    lines = [
        "data:",
        f"  manifest: {found[0] if found else to_fill('path of the Croissant manifest of the data')}",
        f"  divide_by: {to_fill('what the inputs are divided by, for example 255 for bytes, 1 for nothing')}",
    ]
    if not named:
        return [*lines, f"  splits: {to_fill('the splits by name, `train` and those that are measured on')}"]
    names = dict.fromkeys(["train", *named])
    return [*lines, "  splits:", *(f"    {quoted(name)}: {{kind: {kind}}}" for name in names)]


def _whole(said: dict[str, Said], field: str, wanted: str) -> str:
    return draft_learning.whole(said.get(field), wanted, "training", field)


def _seeds(fact: Said | None) -> str:
    met = read(fact.text) if fact else None
    whole = met.value.numerator if met and met.value.denominator == 1 else None
    if not may_stand([whole], "recipe", "seeds", "values"):
        return noted(to_fill("seeds of the published runs, for example [0, 1, 2]"), fact, says=True)
    return noted(f"[{whole}]", fact)
