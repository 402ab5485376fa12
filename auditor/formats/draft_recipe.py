"""A first `recipe.yaml` for a snapshot, from what its files say; what they do not say is left to fill."""

from __future__ import annotations

from auditor.bundle import Bundle
from auditor.forensics.printed import read
from auditor.formats.said import Said, scalar, training
from auditor.formats.yaml_text import heading, noted, number, quoted, to_fill
from auditor.readers.document import Document


def recipe(bundle: Bundle) -> str:
    """The text of a first `recipe.yaml`."""
    said = training(bundle)
    lines = [
        *heading("recipe"),
        "format: 1",
        *_model(bundle),
        "",
        *_data(bundle),
        "",
        "loss:",
        f"  kind: {_choice(said.get('loss'), 'cross-entropy')}",
        "optimizer:",
        f"  kind: {_choice(said.get('optimizer'), 'adam')}",
        f"  lr: {_number(said.get('lr'), 'learning rate')}",
        *_adam(said),
        "schedule:",
        f"  kind: {_choice(said.get('schedule'), 'constant')}",
        "training:",
        f"  epochs: {_whole(said.get('epochs'), 'passes over the train split')}",
        f"  batch_size: {_whole(said.get('batch_size'), 'examples per step')}",
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
    for name, value in config.mapping("parameters").items():
        fact = scalar(config, "parameters", name)
        if fact is not None:
            plain = fact.text if isinstance(value, bool) else _number(fact, f"parameter of {family.text}")
            text = noted(quoted(fact.text), fact) if isinstance(value, str) else plain
            lines += ["  parameters:"] if len(lines) == 2 else []
            lines.append(f"    {quoted(name)}: {text}")
    return [*lines, initialization]


def _data(bundle: Bundle) -> list[str]:
    found = [path for path in ("data/croissant.json", "croissant.json") if bundle.has(path)]
    kind = to_fill("csv or idx; the schema says what else belongs to each")
    return [
        "data:",
        f"  manifest: {found[0] if found else to_fill('path of the Croissant manifest of the data')}",
        f"  divide_by: {to_fill('what the inputs are divided by, for example 255 for bytes, 1 for nothing')}",
        "  splits:",
        f"    train: {{kind: {kind}}}",
        f"    test: {{kind: {kind}}}",
    ]


def _choice(fact: Said | None, only: str) -> str:
    """The one kind that format 1 knows, where the files name it; else a place to fill."""
    words = fact.text.lower().removeprefix("use ").split() if fact else []
    name = words[0].rstrip(",;").replace("_", "-").removesuffix("loss") if words else ""
    if name.replace("-", "") == only.replace("-", ""):
        return noted(only, fact)
    return noted(to_fill(f"{only}, the only kind that format 1 knows"), fact, says=True)


def _number(fact: Said | None, wanted: str) -> str:
    if fact is None or read(fact.text) is None:
        return noted(to_fill(wanted), fact, says=True)
    return noted(number(fact.text), fact)


def _whole(fact: Said | None, wanted: str) -> str:
    met = read(fact.text) if fact else None
    if met is None or met.value.denominator != 1:
        return noted(to_fill(wanted), fact, says=True)
    return noted(str(met.value.numerator), fact)


def _adam(said: dict[str, Said]) -> list[str]:
    betas, eps = [said.get("beta1"), said.get("beta2")], said.get("eps")
    numbers = [number(fact.text) for fact in betas if fact and read(fact.text)]
    pair = f"[{', '.join(numbers)}]" if len(numbers) == 2 else to_fill("both decay rates, often [0.9, 0.999]")
    return [
        f"  betas: {noted(pair, betas[0])}",
        f"  eps: {_number(eps, 'added to the denominator, 1e-8 in torch and 1e-7 in Keras')}",
    ]


def _seeds(fact: Said | None) -> str:
    met = read(fact.text) if fact else None
    if met is None or met.value.denominator != 1 or met.value < 0:
        return noted(to_fill("seeds of the published runs, for example [0, 1, 2]"), fact, says=True)
    return noted(f"[{met.value.numerator}]", fact)
