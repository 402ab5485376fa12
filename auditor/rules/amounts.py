"""What rules about sizes, training and cost share: quantities by name, and how many weights the model has."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.forensics.printed import EXPECTED, Printed
from auditor.model import Place
from auditor.readers.released import count_parameters, released
from auditor.records import dataclass
from auditor.rules.registry import needed, provides

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.rules.checkpoint import Checkpoint
    from auditor.statements.score import Quantity

# What marks the tensors of embeddings, which some publishers leave out when they count.
_EMBEDDINGS = ("embed", "wte", "wpe", "shared.", "lm_head")
_OUTPUT = "lm_head.weight"


@dataclass(frozen=True, slots=True)
class Amounts:
    """The quantities of a bundle by canonical name, in the order of `quantities`."""

    named: dict[str, tuple[Quantity, ...]]

    def of(self, name: str, *sources: str) -> tuple[Quantity, ...]:
        """Those of a name; of these sources alone where any are given."""
        found = self.named.get(name, ())
        return tuple(one for one in found if one.source in sources) if sources else found

    def one(self, name: str, *sources: str) -> Quantity | None:
        """The first of a name if all of them say one value, else None."""
        found = self.of(name, *sources)
        return found[0] if found and len({each.value.value for each in found}) == 1 else None


@provides("amounts")
def amounts(bundle: Bundle) -> Amounts | Absent:
    """All quantities, or that there are none."""
    from auditor.statements.quantities import quantities

    named: dict[str, list[Quantity]] = {}
    for one in quantities(bundle):
        named.setdefault(one.name, []).append(one)
    if not named:
        return Absent("the bundle states no sizes, settings or costs")
    return Amounts({name: tuple(found) for name, found in named.items()})


@dataclass(frozen=True, slots=True)
class ModelSize:
    """How many weights the model has.

    Attributes:
        total: trainable numbers in the released files, or of the architecture where no files can be counted.
        honest: every number that a publisher may honestly give instead: buffers and tied copies left out, with
            or without embeddings.
        place: where the total is seen.
        source: `the weights hold` or `the architecture of config.json has`.
        experts: how many of the total are in experts that tokens choose between.
    """

    total: int
    honest: frozenset[int]
    place: Place
    source: str
    experts: int = 0

    def is_met(self, stated: Printed, slack: Fraction = Fraction(0)) -> bool:
        """Whether the print may be one of the numbers, off by at most a share `slack` of it."""
        width = stated.half_width(EXPECTED) if stated.unit > 1 or stated.full else Fraction(0)
        return any(abs(stated.value - count) <= width + slack * count for count in self.honest)


@provides("model_size")
def model_size(bundle: Bundle) -> ModelSize | Absent | Unread:
    """The size by the files of weights, else by the architecture in config.json."""
    from auditor.rules.checkpoint import Checkpoint, Expected

    weights = bundle.get("weights")
    if isinstance(weights, tuple):
        found = released(weights)
        total = count_parameters(tensor for _, tensor in found.values()) if found else None
        if total:
            known = needed(bundle, "checkpoint")
            shapes = {name: tensor.shape for name, (_, tensor) in found.items()}
            honest = _honest(shapes, total, known if isinstance(known, Checkpoint) else None)
            place = next(iter(found.values()))[0].at()
            return ModelSize(total, honest, place, "the weights hold", _sum(_experts(shapes)))
        return Unread("it is in doubt which tensors are the model's weights, or they are packed")
    if bundle.has("adapter_config.json"):
        return Absent("the release is an adapter")
    described = needed(bundle, "expected")
    if not isinstance(described, Expected):
        return Absent("the bundle has no safetensors weights, and config.json no known architecture")
    shapes = described.layout.required()
    total = _sum(shapes)
    place = described.config.at("architectures")
    source = "the architecture of config.json has"
    return ModelSize(total, _honest(shapes, total, None), place, source, _sum(_experts(shapes)))


def _honest(shapes: dict[str, tuple[int, ...]], total: int, known: Checkpoint | None) -> frozenset[int]:
    counts = {total, total - _sum({name: shape for name, shape in shapes.items() if _embeds(name)})}
    if _OUTPUT in shapes:  # perhaps a copy of the input embedding that the file holds a second time
        counts.add(total - _sum({_OUTPUT: shapes[_OUTPUT]}))
    if known is not None:  # without masks and the like, which old files hold beside the weights
        found = {name: shapes[name] for name in known.result.found.values() if name in shapes}
        own = _sum(found)
        counts |= {own, own - _sum({name: shape for name, shape in found.items() if _embeds(name)})}
        tied = known.result.found.get(known.expected.layout.tied_output)
        counts |= {own - _sum({tied: found[tied]})} if tied in found else set()
        heads = known.expected.layout.heads
        counts.add(
            _sum({file: found[file] for name, file in known.result.found.items() if name not in heads})
        )
    return frozenset(count for count in counts if count > 0)


def _experts(shapes: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return {name: shape for name, shape in shapes.items() if ".experts." in name and "shared" not in name}


def _embeds(name: str) -> bool:
    return any(mark in name for mark in _EMBEDDINGS)


def _sum(shapes: dict[str, tuple[int, ...]]) -> int:
    from auditor.readers.numel import numel

    return sum(numel(shape) or 0 for shape in shapes.values())
