"""How the model learned, as lines of a drafted `recipe.yaml`: loss, optimizer, schedule, precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.forensics.printed import read
from auditor.formats.conformance import published
from auditor.formats.said import Said
from auditor.formats.yaml_text import may_stand, noted, number, to_fill

# Names in the wild, in small letters and digits only, for what a recipe names otherwise.
_LOSSES = {
    "crossentropy": "cross-entropy",
    "crossentropyloss": "cross-entropy",
    "mse": "mse",
    "mseloss": "mse",
    "huber": "huber",
    "huberloss": "huber",
    "bce": "bce",
    "bcewithlogitsloss": "bce",
    "ctc": "ctc",
    "ctcloss": "ctc",
}
_OPTIMIZERS = {
    "sgd": "sgd",
    "adam": "adam",
    "adamw": "adamw",
    "adamwtorch": "adamw",
    "adamwtorchfused": "adamw",
    "adamwhf": "adamw",
    "adafactor": "adafactor",
    "lion": "lion",
}
_SCHEDULES = {
    "constant": "constant",
    "constantwithwarmup": "constant",
    "multisteplr": "step",
    "cosine": "cosine",
    "linear": "linear",
    "onecycle": "one-cycle",
    "onecyclelr": "one-cycle",
    "inversesqrt": "inverse-square-root",
}
_PRECISIONS = {
    "float32": "float32",
    "fp32": "float32",
    "tf32": "tf32",
    "bf16": "bf16",
    "bfloat16": "bf16",
    "fp16": "fp16",
    "float16": "fp16",
}
_EPS = "added to the denominator, 1e-8 in torch and 1e-7 in Keras"
_DECAY = "weight decay: 0.01 in torch, 0 in the Trainer of transformers"


def loss(said: Mapping[str, Said]) -> list[str]:
    """The lines of `loss`."""
    return ["loss:", f"  kind: {_named(said.get('loss'), 'loss', _LOSSES)[1]}"]


def optimizer(said: Mapping[str, Said]) -> list[str]:
    """The lines of `optimizer`; of a kind that is not known, the fields that the files speak of."""
    kind, text = _named(said.get("optimizer"), "optimizer", _OPTIMIZERS)
    lines = [f"  kind: {text}", f"  lr: {_amount(said, 'optimizer', 'lr', 'learning rate')}"]
    spoken = bool({"beta1", "beta2", "eps"} & said.keys()) and not kind
    if kind == "sgd":
        lines.append(f"  momentum: {_amount(said, 'optimizer', 'momentum', 'decay of the running sum')}")
    if kind in {"adam", "adamw", "lion"} or spoken:
        lines.append(f"  betas: {_betas(said, kind)}")
    if kind in {"adam", "adamw"} or spoken:
        lines.append(f"  eps: {_amount(said, 'optimizer', 'eps', _EPS)}")
    if kind == "adamw" or "weight_decay" in said:
        lines.append(f"  weight_decay: {_amount(said, 'optimizer', 'weight_decay', _DECAY)}")
    return ["optimizer:", *lines]


def schedule(said: Mapping[str, Said]) -> list[str]:
    """The lines of `schedule`."""
    kind, text = _named(said.get("schedule"), "schedule", _SCHEDULES)
    lines = [f"  kind: {text}"]
    if kind == "step":
        lines.append(f"  milestones: {to_fill('steps at which the learning rate falls')}")
    ratio = said.get("warmup_ratio")
    if kind != "one-cycle" and (kind == "inverse-square-root" or ratio or "warmup_steps" in said):
        wanted = "steps of warmup"
        steps = noted(to_fill(wanted), ratio, says=True)
        if ratio is None or "warmup_steps" in said:
            steps = whole(said.get("warmup_steps"), wanted, "schedule", "warmup_steps")
        lines.append(f"  warmup_steps: {steps}")
    return ["schedule:", *lines]


def precision(said: Mapping[str, Said]) -> str:
    """The value of `training.precision`."""
    return _named(said.get("precision"), "precision", _PRECISIONS)[1]


def whole(fact: Said | None, wanted: str, *path: str) -> str:
    """The whole number that the fact is, where the schema takes it at `path`; else a place to fill."""
    met = read(fact.text) if fact else None
    value = met.value.numerator if met and met.value.denominator == 1 else None
    if not may_stand(value, "recipe", *path):
        return noted(to_fill(wanted), fact, says=True)
    return noted(str(value), fact)


def _named(fact: Said | None, table: str, names: Mapping[str, str]) -> tuple[str, str]:
    """The kind that the fact names, or "", and the text to write."""
    fields = published("recipe")["properties"]
    field = fields["training"]["properties"] if table == "precision" else fields[table]["properties"]
    known = ", ".join(field[table if table == "precision" else "kind"]["enum"])
    words = fact.text.lower().removeprefix("use ").split() if fact else []
    word = words[0].removeprefix("optimizernames.") if words else ""
    kind = names.get("".join(letter for letter in word if letter.isalnum()), "")
    return kind, noted(kind or to_fill(f"one of {known}"), fact, says=not kind)


def _amount(said: Mapping[str, Said], table: str, field: str, wanted: str) -> str:
    fact = said.get(field)
    met = read(fact.text) if fact else None
    if met is None or not may_stand(float(met.text), "recipe", table, field):
        return noted(to_fill(wanted), fact, says=True)
    return noted(number(met.text), fact)


def _betas(said: Mapping[str, Said], kind: str) -> str:
    facts = [fact for fact in (said.get("beta1"), said.get("beta2")) if fact]
    both = Said(", ".join(fact.text for fact in facts), facts[0].where) if facts else None
    numbers: Sequence[str] = [met.text for fact in facts if (met := read(fact.text))]
    fits = may_stand([float(text) for text in numbers], "recipe", "optimizer", "betas")
    often = "[0.9, 0.99]" if kind == "lion" else "[0.9, 0.999]"
    wanted = to_fill(f"both decay rates, often {often}")
    return noted(f"[{', '.join(map(number, numbers))}]" if fits else wanted, both, says=not fits)
