"""A first `recipe.yaml` for a snapshot, from what its files say; what they do not say is left to fill."""

from __future__ import annotations

from auditor.bundle import Bundle
from auditor.forensics.printed import read
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
        "loss:",
        f"  kind: {_choice(said.get('loss'), 'cross-entropy')}",
        "optimizer:",
        f"  kind: {_choice(said.get('optimizer'), 'adam')}",
        f"  lr: {_number(said.get('lr'), 'lr', 'learning rate')}",
        *_adam(said),
        "schedule:",
        f"  kind: {_choice(said.get('schedule'), 'constant')}",
        "training:",
        f"  epochs: {_whole(said.get('epochs'), 'epochs', 'passes over the train split')}",
        f"  batch_size: {_whole(said.get('batch_size'), 'batch_size', 'examples per step')}",
        f"  shuffle: {to_fill('true or false')}",
        f"  precision: {_choice(said.get('precision'), 'float32')}",
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
    initialization = f"  initialization: {to_fill('keras or torch')}"
    if not isinstance(config, Document) or family is None or family.text not in catalogue.names():
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
    kind = to_fill("csv or idx; the schema says what else belongs to each")
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


def _choice(fact: Said | None, only: str) -> str:
    """The one kind that format 1 knows, where the files name it; else a place to fill."""
    words = fact.text.lower().removeprefix("use ").split() if fact else []
    name = words[0].rstrip(",;").replace("_", "-").removesuffix("loss") if words else ""
    if name.replace("-", "") == only.replace("-", ""):
        return noted(only, fact)
    return noted(to_fill(f"{only}, the only kind that format 1 knows"), fact, says=True)


def _number(fact: Said | None, field: str, wanted: str) -> str:
    met = read(fact.text) if fact else None
    if met is None or not may_stand(float(met.text), "recipe", "optimizer", field):
        return noted(to_fill(wanted), fact, says=True)
    return noted(number(met.text), fact)


def _whole(fact: Said | None, field: str, wanted: str) -> str:
    met = read(fact.text) if fact else None
    whole = met.value.numerator if met and met.value.denominator == 1 else None
    if not may_stand(whole, "recipe", "training", field):
        return noted(to_fill(wanted), fact, says=True)
    return noted(str(whole), fact)


def _adam(said: dict[str, Said]) -> list[str]:
    facts = [fact for fact in (said.get("beta1"), said.get("beta2")) if fact]
    both = Said(", ".join(fact.text for fact in facts), facts[0].where) if facts else None
    numbers = [met.text for fact in facts if (met := read(fact.text))]
    fits = may_stand([float(text) for text in numbers], "recipe", "optimizer", "betas")
    pair = f"[{', '.join(map(number, numbers))}]" if fits else to_fill("both decay rates, often [0.9, 0.999]")
    eps = _number(said.get("eps"), "eps", "added to the denominator, 1e-8 in torch and 1e-7 in Keras")
    return [f"  betas: {noted(pair, both, says=not fits)}", f"  eps: {eps}"]


def _seeds(fact: Said | None) -> str:
    met = read(fact.text) if fact else None
    whole = met.value.numerator if met and met.value.denominator == 1 else None
    if not may_stand([whole], "recipe", "seeds", "values"):
        return noted(to_fill("seeds of the published runs, for example [0, 1, 2]"), fact, says=True)
    return noted(f"[{whole}]", fact)
