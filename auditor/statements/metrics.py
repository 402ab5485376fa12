"""Names of metrics as people write them, taken apart: which metric, which k, which average, which split.

What is known of a metric (range, direction, whether it is a mean of zeros and ones) is so by definition.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from auditor.records import dataclass

Average = Literal["", "binary", "micro", "macro", "weighted", "samples"]
Role = Literal["value", "std", "stderr", "ci", "count", "other"]

MAX_NAME = 80  # characters; longer texts are sentences

# canonical name | least and greatest as a proportion (`-` none) | better: up, down | 01 where it is a mean of
# zeros and ones | other names, without case, blanks and punctuation
_TABLE = """
accuracy|0|1|up|01|acc accuracyscore top1 top1accuracy top1acc categoricalaccuracy binaryaccuracy
accuracynorm|0|1|up|01|accnorm
topkaccuracy|0|1|up|01|topk
errorrate|0|1|down|01|error err toperror top1error top1err
exactmatch|0|1|up|01|em exact exactmatchaccuracy
passrate|0|1|up|01|pass
winrate|0|1|up|01|
hitrate|0|1|up|01|hits hit
f1|0|1|up||f1score fscore fmeasure f1measure seqevalf1
precision|0|1|up||prec ppv positivepredictivevalue
recall|0|1|up||rec sensitivity tpr truepositiverate
specificity|0|1|up||tnr truenegativerate
npv|0|1|up||negativepredictivevalue
balancedaccuracy|0|1|up||bacc balancedacc uar unweightedaveragerecall meanaccuracy
mcc|-1|1|up||matthewscorrelation matthews matthewscorrelationcoefficient matthewscorrcoef
kappa|-1|1|up||cohenkappa cohenskappa
rocauc|0|1|up||auc auroc rocaucscore areaundercurve aucroc
averageprecision|0|1|up||ap prauc auprc
map|0|1|up||meanaverageprecision
map50|0|1|up||
map75|0|1|up||
map50to95|0|1|up||
iou|0|1|up||jaccard
miou|0|1|up||meaniou
dice|0|1|up||dicescore dicecoefficient
pearson|-1|1|up||pearsonr pearsoncorrelation cosinepearson pearsoncosine
spearman|-1|1|up||spearmanr spearmancorrelation cosinespearman spearmancosine
r2|-|1|up||r2score rsquared
wer|0|-|down||worderrorrate
cer|0|-|down||charactererrorrate charerrorrate
loss|-|-|down||crossentropy crossentropyloss nll negativeloglikelihood
perplexity|1|-|down||ppl
wordperplexity|1|-|down||
byteperplexity|1|-|down||
bitsperbyte|0|-|down||bpb perbyte
bitspercharacter|0|-|down||bpc bitsperchar perchar percharacter
mae|0|-|down||meanabsoluteerror
mse|0|-|down||meansquarederror
rmse|0|-|down||rootmeansquarederror
bleu|0|100|up||sacrebleu bleuscore bleu4
chrf|0|100|up||
ter|0|-|down||translationeditrate translationerrorrate
rouge1|0|1|up||rouge1f1 rouge1fmeasure
rouge2|0|1|up||rouge2f1 rouge2fmeasure
rougel|0|1|up||rougelf1 rougelfmeasure
rougelsum|0|1|up||rougelsumfmeasure
meteor|0|1|up||
bertscore|-1|1|up||
ndcg|0|1|up||
mrr|0|1|up||meanreciprocalrank
fid|0|-|down||frechetinceptiondistance
psnr|-|-|up||
ssim|-1|1|up||
"""
_AVERAGES: dict[str, Average] = {
    "micro": "micro",
    "macro": "macro",
    "weighted": "weighted",
    "binary": "binary",
    "samples": "samples",
}
_SPLITS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
_ROLES: dict[str, Role] = {
    "std": "std",
    "sd": "std",
    "stddev": "std",
    "stderr": "stderr",
    "se": "stderr",
    "ci": "ci",
    "support": "count",
    "count": "count",
    "n": "count",
    "examples": "count",
}
_SIGNS: dict[str, Role] = {"±": "std", "+/-": "std", "+-": "std", "σ": "std", "Δ": "other", "δ": "other"}
# Words that say in what the number is; never guessed from the number.
_UNITS = {
    "%": "percent",
    "percent": "percent",
    "percentage": "percent",
    "pct": "percent",
    "nats": "nats",
    "nat": "nats",
    "bits": "bits",
    "proportion": "proportion",
    "fraction": "proportion",
}
_FILLERS = frozenset(("eval", "evaluation", "score", "none", "metric", "average", "avg", "overall", "final"))
# What `mAP@[.5:.95]`, `mAP50-95` and `mAP 50` mean in object detection: thresholds of overlap, no k.
_OVERLAP = re.compile(r"\bmap\W{0,4}(?:iou\W{0,2})?(?:0?\.)?(50?|75)(?:\W{1,3}(0?\.?95))?(?!\d)")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]{0,40})[)\]]\s*$")
_WORD = re.compile(r"[a-z]+(?:@\d+)?|\d+|[@%]")
_WITH_K = re.compile(r"([a-z]+?)(?:at|top)?(\d{1,4})(acc|accuracy|error|err)?")
_OF_K = {
    "top": "topkaccuracy",
    "acc": "topkaccuracy",
    "accuracy": "topkaccuracy",
    "pass": "passrate",
    "recall": "recall",
    "r": "recall",
    "precision": "precision",
    "p": "precision",
    "hits": "hitrate",
    "hit": "hitrate",
    "ndcg": "ndcg",
    "map": "map",
    "mrr": "mrr",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name taken apart.

    Attributes:
        base: canonical name, or the letters and digits of the name where it is not known.
        known: whether `base` is in the table.
        k: of top-k, pass@k and the like; None where the name has none.
        average: how classes were averaged, where the name says so.
        split: which split the name speaks of, where it does.
        role: whether the number is the metric's value or something about it.
        unit: what the name says the number is in: `percent`, `proportion`, `nats`, `bits`; else empty.
    """

    base: str
    known: bool
    k: int | None = None
    average: Average = ""
    split: str = ""
    role: Role = "value"
    unit: str = ""

    @property
    def name(self) -> str:
        """One text for one metric with its k."""
        return self.base if self.k is None else f"{self.base}@{self.k}"


@dataclass(frozen=True, slots=True)
class Nature:
    """What holds of a metric by definition; bounds are those of a proportion, None where it has none."""

    low: int | None
    high: int | None
    lower_is_better: bool
    mean_of_01: bool


@lru_cache(maxsize=4096)
def metric(text: str) -> Metric:
    """The metric that a name means; one whose `base` is empty where the text names none.

    What stands in brackets at the end, and is no unit, average or split, makes it another metric: `accuracy
    (matched)` is not compared with `accuracy`.
    """
    lowered = text[:MAX_NAME].lower().replace("_", " ")
    bracket = _BRACKETS.search(lowered) if lowered.rstrip()[-1:] in (")", "]") else None
    inside = _words(bracket[1]) if bracket else _Words()
    outside = _words(lowered[: bracket.start()] if bracket else lowered)
    average = outside.average or inside.average
    split, unit = outside.split or inside.split, outside.unit or inside.unit
    role = outside.role if outside.role != "value" else inside.role
    overlap = _OVERLAP.search(lowered) if "map" in lowered else None
    if overlap is not None:
        base = "map50to95" if overlap[2] else "map75" if overlap[1] == "75" else "map50"
        return Metric(base, True, None, average, split, role, unit)
    base, known, k = _base(outside.letters)
    other = inside.letters
    if known and other and _base(other)[:2] != (base, True):  # `Recall (R)` says one thing twice
        base = f"{base} ({other})"
    return Metric(base, known, k, average, split, role, unit)


@dataclass(frozen=True, slots=True)
class _Words:
    """What the words of a name say, and the letters of those that remain."""

    letters: str = ""
    average: Average = ""
    split: str = ""
    role: Role = "value"
    unit: str = ""


def _words(text: str) -> _Words:
    average: Average = ""
    role: Role = "value"
    split, unit, kept = "", "", []
    for sign, meant in _SIGNS.items():
        if sign in text:
            role = meant
    for word in _WORD.findall(text):
        if word in _AVERAGES:
            average = _AVERAGES[word]
        elif word in _SPLITS:
            split = _SPLITS[word]
        elif word in _ROLES:
            role = _ROLES[word]
        elif word in _UNITS:
            unit = _UNITS[word]
        elif word not in _FILLERS:
            kept.append(word.replace("@", "at"))
    return _Words("".join(kept), average, split, role, unit)


def _base(letters: str) -> tuple[str, bool, int | None]:
    """Canonical name, whether it is known, and k."""
    known = _names().get(letters)
    if known is not None:
        return known, True, None
    match = _WITH_K.fullmatch(letters)
    if match is None or match[1] not in _OF_K:
        return letters, False, None
    k, error = int(match[2]), (match[3] or "").startswith("err")
    base = "errorrate" if error else _OF_K[match[1]]
    if k == 1 and base in ("topkaccuracy", "errorrate"):
        return "errorrate" if error else "accuracy", True, None
    return base, True, k


def nature(base: str) -> Nature | None:
    """What is known of a metric by its canonical name, or None."""
    return _natures().get(base)


@lru_cache(maxsize=1)
def _natures() -> dict[str, Nature]:
    found = {}
    for line in _TABLE.strip().splitlines():
        name, low, high, better, kind, _ = line.split("|")
        bounds = [None if bound == "-" else int(bound) for bound in (low, high)]
        found[name] = Nature(bounds[0], bounds[1], better == "down", kind == "01")
    return found


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    found = {}
    for line in _TABLE.strip().splitlines():
        parts = line.split("|")
        found.update(dict.fromkeys((parts[0], *parts[5].split()), parts[0]))
    return found
