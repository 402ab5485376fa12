"""Names of benchmarks as people write them, taken apart: `MMLU (5-shot, CoT)`, `HumanEval pass@1`."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from auditor.records import dataclass
from auditor.statements.metrics import Metric, metric

MAX_NAME = 80  # characters; longer texts are sentences
MAX_WORDS = 10  # of a name with what is said about it
MAX_SHOTS = 100  # no prompt holds more examples
_NO_METRIC = Metric("", known=False)
_ZERO = frozenset(("zero", "0"))


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark's name taken apart.

    Attributes:
        name: canonical name, one for one benchmark; empty where the text names none.
        metric: the metric that the name says, else the one that the benchmark has by definition, else none.
        named: whether the text itself says the metric.
        shots: how many solved examples the prompt held, where the text says one number.
        variant: other words about how it was measured or on which part, `cot` or `stem`.
        word: whether the name is an ordinary word too, and no benchmark unless it stands beside another.
    """

    name: str = ""
    metric: Metric = _NO_METRIC
    named: bool = False
    shots: int | None = None
    variant: str = ""
    word: bool = False


_NONE = Benchmark()


@lru_cache(maxsize=4096)
def benchmark(text: str) -> Benchmark:
    """The benchmark that a short text names; what follows the name is a metric, a number of shots, a variant.

    Words before the name, or joined to it by a hyphen, make it another benchmark: `Multilingual MMLU`.
    """
    if not text or len(text) > MAX_NAME or not any(map(str.isalpha, text)):
        return _NONE
    plain = re.sub(r"<[^<>]*>|\[\^[^\]]*\]|[*`~†‡↑↓]|\]\([^()]*\)", " ", text).lower()
    plain, shots, unclear = _without_shots(plain)
    words = re.sub(r"[\[\](),;:|]", " ", plain).split()
    if not 0 < len(words) <= MAX_WORDS:
        return _NONE
    for end in range(len(words), 0, -1):
        known = _table().get(re.sub(r"[^a-z0-9+%]", "", "".join(words[:end])))
        if known is not None:
            name, default, word = known
            said, variant = _about(words[end:], unclear)
            chosen = said
            if not said.known and default:
                chosen = Metric(default, known=True, unit=said.unit, split=said.split)
            return Benchmark(name, chosen, said.known, shots, variant, word)
    return _NONE


def shots_of(text: str) -> int | None:
    """How many shots a text such as a heading says, where it says one number."""
    return _without_shots(text[:MAX_NAME].lower())[1] if "shot" in text.lower() else None


def _without_shots(text: str) -> tuple[str, int | None, str]:
    """The text without its shots, their number, and the words where they are no one number: `3-5 shot`."""
    if "shot" not in text:
        return text, None, ""
    found = re.findall(r"\b(zero|few|\d{1,4})[- ]?shots?\b", text)
    rest = re.sub(r"\b(?:\d{1,4}[-–])?(?:zero|few|\d{1,4})[- ]?shots?\b", " ", text)
    several = re.search(r"\d[-–/]\d{1,4}[- ]?shot", text) is not None
    if len(found) != 1 or several or found[0] == "few":
        return rest, None, "some shots"
    shots = 0 if found[0] in _ZERO else int(found[0])
    return (rest, shots, "") if shots <= MAX_SHOTS else (rest, None, "some shots")


def _about(words: list[str], unclear: str) -> tuple[Metric, str]:
    """The metric that the words after a name say, and the words where they say something else."""
    said = metric(" ".join(words)) if words else _NO_METRIC
    if said.known or not said.base:
        return said, unclear
    variant = [unclear] if unclear else []
    for word in words:  # `f1 cot`: one of them may be the metric
        one = metric(word)
        if one.known and not said.known:
            said = one
        elif one.base or one.role != "value" or "+" in word:
            variant.append(word)
    if not said.known:
        said = Metric("", known=False, unit=said.unit, split=said.split)
    return said, " ".join(variant)


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, str, bool]]:
    """Canonical name, metric by definition and whether it is an ordinary word, by every name."""
    text = (Path(__file__).parent / "benchmarks.txt").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, defined, others = line.split("|")
            meant = (name.removeprefix("?"), "" if defined == "-" else defined, name.startswith("?"))
            found.update(dict.fromkeys((re.sub(r"[^a-z0-9+]", "", name), *others.split()), meant))
    return found
