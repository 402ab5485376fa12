"""A first `fmaudit.yaml` for a snapshot, from what its files say; what they do not say is left to fill."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import basename, dirname

from auditor.bundle import Bundle
from auditor.forensics.printed import read
from auditor.formats.conformance import published
from auditor.formats.said import SETTINGS, Said, results, scalar
from auditor.formats.yaml_text import heading, may_stand, noted, quoted, to_fill
from auditor.readers.document import Document
from auditor.readers.released import count_parameters, released

# Where the components of the Model Openness Framework are looked for; a `*.py` in any folder, the rest at the
# top, the first that is there.
COMPONENTS = {
    "Model architecture": ("modeling_*.py", "config.json"),
    "Data preprocessing code": ("preprocess*.py", "prepare*.py"),
    "Training code": ("train*.py", "finetune*.py"),
    "Inference code": ("inference*.py", "infer.py", "predict*.py", "generate*.py"),
    "Evaluation code": ("eval.py", "eval_*.py", "evaluat*.py"),
    "Supporting libraries and tools": ("requirements*.txt", "environment.y*ml", "uv.lock", "poetry.lock"),
    "Model parameters (Final)": (
        *("model.safetensors", "model.safetensors.index.json", "*.safetensors"),
        *("pytorch_model.bin", "pytorch_model.bin.index.json", "*.gguf", "*.onnx", "*.pt"),
    ),
    "Model parameters (Intermediate)": ("checkpoints", "checkpoint-*"),
    "Model metadata": SETTINGS,
    "Model card": ("README.md",),
    "Data card": ("data/croissant.json", "croissant.json", "data/README.md"),
    "Evaluation results": (".eval_results", "results", "eval_results.json", "all_results.json"),
    "Sample model outputs": ("samples",),
}

LOWER_IS_BETTER = frozenset(
    {*("loss", "eval_loss", "perplexity", "ppl", "wer", "cer", "ter", "mse", "rmse", "mae", "fid", "eer")}
)
HIGHER_IS_BETTER = frozenset(
    {
        *(
            "accuracy",
            "acc",
            "f1",
            "precision",
            "recall",
            "bleu",
            "sacrebleu",
            "chrf",
            "meteor",
            "map",
            "auc",
        ),
        *("rouge", "rouge1", "rouge2", "rougel", "rougelsum", "exact_match", "em", "roc_auc", "ndcg", "mrr"),
        *("matthews_correlation", "pearson", "spearmanr", "pass@1", "iou", "mean_iou", "psnr", "ssim", "r2"),
    }
)


def manifest(bundle: Bundle, recipe: Document | None = None) -> str:
    """The text of a first `fmaudit.yaml`; `recipe` is the one that will stand beside it, if there is one."""
    lines = [
        *heading("fmaudit"),
        "format: 1",
        f"release: {to_fill('name and version of the release, for example digits-cnn 1.0')}",
        _license(bundle),
        "",
        "# What is released, by the names of the Model Openness Framework. A component that lies elsewhere",
        "# has a `url` in place of a `path`; one with terms of its own has a `license`.",
        *_components(bundle),
        "",
        "# Published metric values. `runs: {n: 5, seeds: [...], values: [...], statistic: mean}` says which",
        "# runs stand behind one; without it, it is taken for a single run.",
        *_claims(bundle, recipe),
    ]
    budget = _budget(bundle)
    if budget:
        lines += ["", *budget]
    return "\n".join(lines) + "\n"


def _license(bundle: Bundle) -> str:
    card = bundle.get("card")
    fact = scalar(card, "license") if isinstance(card, Document) else None
    if fact is None or fact.text.lower() in {"other", "unknown"}:
        wanted = to_fill("SPDX identifier of the licence, for example Apache-2.0")
        return noted(f"license: {wanted}", fact, says=True)
    return noted(f"license: {quoted(fact.text)}", fact)


def _components(bundle: Bundle) -> list[str]:
    files = [file.path for file in bundle.files if not file.is_link]
    folders = sorted({folder for path in files for folder in _above(path)})
    lines = ["components:"]
    for component, patterns in COMPONENTS.items():
        path = next(_matches(patterns, [*files, *folders]), None)
        if path is not None and may_stand(path, "fmaudit", "components", 0, "path"):
            lines.append(f"  - {{component: {component}, path: {quoted(path)}}}")
    return lines if len(lines) > 1 else ["components: []"]


def _above(path: str) -> Iterator[str]:
    while path := dirname(path):
        yield path


def _matches(patterns: tuple[str, ...], paths: list[str]) -> Iterator[str]:
    for pattern in patterns:
        for path in paths:
            code = pattern.endswith(".py")
            level = code or path.count("/") == pattern.count("/")
            if level and fnmatchcase(basename(path) if code else path, pattern):
                yield path


def _claims(bundle: Bundle, recipe: Document | None) -> list[str]:
    card = bundle.get("card")
    lines: list[str] = []
    taken: set[str] = set()
    if isinstance(card, Document):
        for result in results(card):
            for metric, _ in card.items(*result, "metrics"):
                kind, value = scalar(card, *metric, "type"), scalar(card, *metric, "value")
                dataset, split = (scalar(card, *result, "dataset", key) for key in ("name", "split"))
                slug = _slug([fact.text for fact in (kind, dataset, split) if fact], taken)
                lines += [f"  - id: {slug}", *_metric(kind, value)]
                lines += [*_measured_on(split, recipe), *_evidence(kind, recipe)]
    return ["claims:", *lines] if lines else ["claims: []"]


def _metric(kind: Said | None, value: Said | None) -> list[str]:
    lines = [
        "    metric:",
        f"      type: {noted(quoted(kind.text), kind) if kind else to_fill('name of the metric')}",
    ]
    text, name = value.text.rstrip() if value else "", kind.text.lower() if kind else ""
    printed, percent = read(text), read(text.removesuffix("%")) if text.endswith("%") else None
    units = to_fill("proportion, percent, nats, bits_per_byte, count, seconds or score")
    lines.append(f"      unit: {units if percent is None else 'percent'}")
    if name in LOWER_IS_BETTER:
        lines.append("      lower_is_better: true")
    elif name not in HIGHER_IS_BETTER:
        lines.append(f"      lower_is_better: {to_fill('true or false')}")
    met = printed or percent
    if met is None or not may_stand(met.text, "fmaudit", "claims", 0, "value"):
        wanted = to_fill("the value in decimal digits, as many as were measured")
        return [*lines, f"    value: {noted(wanted, value, says=True)}"]
    return [*lines, f"    value: {noted(quoted(met.text), value, says=printed is None)}"]


def _measured_on(split: Said | None, recipe: Document | None) -> list[str]:
    known = recipe.mapping("data", "splits") if recipe else {}
    wanted = to_fill(f"name of the split{', one of `data.splits` in recipe.yaml' if known else ''}")
    fits = split is not None and (not known or split.text in known)
    return [
        "    data:",
        f"      split: {noted(quoted(split.text) if split and fits else wanted, split, says=not fits)}",
        f"      n: {to_fill('number of examples in the split')}",
    ]


def _evidence(kind: Said | None, recipe: Document | None) -> list[str]:
    """Asks for evidence where no recipe can measure the claim again."""
    known = published("recipe")["properties"]["evaluation"]["properties"]["metrics"]["default"]
    listed = [metric for _, metric in recipe.items("evaluation", "metrics")] if recipe else []
    if kind is not None and kind.text.lower() in (listed or known):
        return []
    wanted = (
        "a file that holds the value, as in `[{path: results/test.json}]`; the recipe does not measure it"
    )
    return [f"    evidence: {to_fill(wanted)}"]


def _slug(words: list[str], taken: set[str]) -> str:
    """A name for a claim that no other has."""
    text = re.sub(r"[^a-z0-9._]+", "-", "-".join(words).lower()).strip("-._")[:80] or "claim"
    slug, number = text, 2
    while slug in taken:
        slug, number = f"{text}-{number}", number + 1
    taken.add(slug)
    return quoted(slug)  # `no`, `1e5` and others are no text without quotes


def _budget(bundle: Bundle) -> list[str]:
    """The number of weights, where the headers leave no doubt about it."""
    weights = bundle.get("weights")
    if not isinstance(weights, tuple):
        return []
    tensors = [tensor for _, tensor in released(weights).values()]
    total, note = count_parameters(tensors), "counted in the weights' headers"
    if total:
        return ["budget:", f"  params_total: {total}  # {note}"]
    # Quantized weights are packed, several in one number.
    note = "the weights are packed" if tensors else "no file of weights is clearly the released model"
    wanted = to_fill("number of trainable weights, tied ones counted once")
    return ["budget:", f"  params_total: {wanted}  # {note}"]
