"""What rules about sizes, training and cost share: quantities by name, and how many weights the model has."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.forensics.printed import ANY, EXPECTED, Printed, same
from auditor.model import Place
from auditor.readers.numel import numel
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
_WEIGHTS = "the weights hold"


@dataclass(frozen=True, slots=True)
class Amounts:
    """The quantities of a bundle by canonical name, in the order of `quantities`."""

    named: dict[str, tuple[Quantity, ...]]

    def of(self, name: str, *sources: str) -> tuple[Quantity, ...]:
        """Those of a name; of these sources alone where any are given."""
        found = self.named.get(name, ())
        return tuple(one for one in found if one.source in sources) if sources else found

    def one(self, name: str, *sources: str) -> Quantity | None:
        """The one of a name with the most digits if all others may be prints of it, else None."""
        found = self.of(name, *sources)
        if len(found) < 2:
            return found[0] if found else None
        finest = min(found, key=lambda each: each.value.unit)
        return finest if all(same(each.value, finest.value) for each in found) else None


@provides("amounts")
def amounts(bundle: Bundle) -> Amounts:
    """All quantities of the released model."""
    from auditor.statements.quantities import quantities

    named: dict[str, list[Quantity]] = {}
    for one in quantities(bundle):
        if not one.label:  # a row of a table of several models
            named.setdefault(one.name, []).append(one)
    return Amounts({name: tuple(found) for name, found in named.items()})


@dataclass(frozen=True)
class ModelSize:
    """How many weights the model has.

    Attributes:
        total: trainable numbers in the released files, or of the architecture where no files can be counted.
        place: where the total is seen.
        source: `the weights hold` or `the architecture of config.json has`.
        shapes: of the tensors that were counted, by name.
        bundle: for what is looked up only where a number is compared.
    """

    total: int
    place: Place
    source: str
    shapes: dict[str, tuple[int, ...]]
    bundle: Bundle

    @cached_property
    def honest(self) -> frozenset[int]:
        """Every number that may honestly be given: without buffers, tied copies, embeddings, a head."""
        from auditor.rules.checkpoint import Checkpoint

        known = needed(self.bundle, "checkpoint") if self.source == _WEIGHTS else None
        return _honest(self.shapes, self.total, known if isinstance(known, Checkpoint) else None)

    @cached_property
    def experts(self) -> int:
        """How many of the total are in experts that tokens choose between."""
        return _sum({n: s for n, s in self.shapes.items() if ".experts." in n and "shared" not in n})

    def is_met(self, stated: Printed, slack: Fraction = Fraction(0)) -> bool:
        """Whether the print may be one of the numbers, off by at most a share `slack` of it.

        Sizes are cut off as often as rounded: Llama 3.2 of 1,235,814,400 is "1.23B", Qwen2.5 of 32.8 billion
        "32B".
        """
        pinned = stated.unit <= 1 and not stated.full
        below = Fraction(0) if pinned else stated.half_width(EXPECTED)
        above = Fraction(0) if pinned else stated.half_width(ANY)

        def near(count: int) -> bool:
            return -below - slack * count <= count - stated.value <= above + slack * count

        return near(self.total) or any(map(near, self.honest))


@provides("model_size")
def model_size(bundle: Bundle) -> ModelSize | Absent | Unread:
    """The size by the files of weights, else by the architecture in config.json."""
    weights = bundle.get("weights")
    if isinstance(weights, tuple):
        found = released(weights)
        total = count_parameters(tensor for _, tensor in found.values()) if found else None
        if not total:
            return Unread("it is in doubt which tensors are the model's weights, or they are packed")
        shapes = {name: tensor.shape for name, (_, tensor) in found.items()}
        return ModelSize(total, next(iter(found.values()))[0].at(), _WEIGHTS, shapes, bundle)
    if bundle.has("adapter_config.json"):
        return Absent("the release is an adapter")
    from auditor.rules.checkpoint import Expected

    described = needed(bundle, "expected")
    if not isinstance(described, Expected):
        return Absent("the bundle has no safetensors weights, and config.json no known architecture")
    shapes = described.layout.required()
    if not _sum(shapes):
        return Absent("the architecture of config.json has no weights")
    place = described.config.at("architectures")
    return ModelSize(_sum(shapes), place, "the architecture of config.json has", shapes, bundle)


def _honest(shapes: dict[str, tuple[int, ...]], total: int, known: Checkpoint | None) -> frozenset[int]:
    counts = {total, total - _sum(_embeddings(shapes))}
    if _OUTPUT in shapes:  # perhaps a copy of the input embedding that the file holds a second time
        counts.add(total - _sum({_OUTPUT: shapes[_OUTPUT]}))
    if known is not None:  # without masks and the like, which old files hold beside the weights
        layout, names = known.expected.layout, known.result.found
        found = {name: shapes[name] for name in names.values() if name in shapes}
        own = _sum(found)
        counts |= {own, own - _sum(_embeddings(found))}
        tied = names.get(layout.tied_output)
        if tied in found:
            counts.add(own - _sum({tied: found[tied]}))
        base = {file for name, file in names.items() if name not in layout.heads}
        counts.add(_sum({file: found[file] for file in base if file in found}))
    return frozenset(count for count in counts if count > 0)


def _embeddings(shapes: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return {n: shape for n, shape in shapes.items() if any(mark in n for mark in _EMBEDDINGS)}


def _sum(shapes: dict[str, tuple[int, ...]]) -> int:
    return sum(numel(shape) or 0 for shape in shapes.values())
