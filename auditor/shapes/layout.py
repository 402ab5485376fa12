"""The names and shapes of all tensors of one architecture, and the pen that families write them with.

Names are those that transformers saves. Letters as in torch: a linear layer is stored (outputs, inputs).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from auditor.records import dataclass
from auditor.shapes.fields import Untold
from auditor.shapes.side import Side

Shape = tuple[int, ...]
MAX_TENSORS = 100_000  # the largest released mixtures of experts have some 50,000


class Tensors:
    """A table of shapes that is being written, under a stem that begins every name."""

    __slots__ = ("stem", "table")

    def __init__(self, table: dict[str, Shape], stem: str = "") -> None:
        self.table = table
        self.stem = stem

    def under(self, stem: str) -> Tensors:
        """The same table, with a longer stem."""
        return Tensors(self.table, f"{self.stem}{stem}.")

    def add(self, name: str, *shape: int) -> None:
        """One tensor.

        Raises:
            Untold: the model would have more than MAX_TENSORS.
        """
        if len(self.table) >= MAX_TENSORS:
            raise Untold(f"the model would have more than {MAX_TENSORS:,} tensors")
        self.table[self.stem + name] = shape

    def linear(self, name: str, inputs: int, outputs: int, *, bias: bool = True) -> None:
        """torch.nn.Linear."""
        self.add(f"{name}.weight", outputs, inputs)
        if bias:
            self.add(f"{name}.bias", outputs)

    def turned(self, name: str, inputs: int, outputs: int) -> None:
        """The Conv1D that GPT-2 has in transformers: a linear layer stored (inputs, outputs)."""
        self.add(f"{name}.weight", inputs, outputs)
        self.add(f"{name}.bias", outputs)

    def norm(self, name: str, width: int, *, bias: bool = True) -> None:
        """A layer norm, or without bias an RMS norm."""
        self.add(f"{name}.weight", width)
        if bias:
            self.add(f"{name}.bias", width)

    def embedding(self, name: str, rows: int, width: int) -> None:
        """torch.nn.Embedding."""
        self.add(f"{name}.weight", rows, width)

    def convolution(self, name: str, inputs: int, outputs: int, *kernel: int, bias: bool = True) -> None:
        """torch.nn.Conv1d, Conv2d: (outputs, inputs, *kernel)."""
        self.add(f"{name}.weight", outputs, inputs, *kernel)
        if bias:
            self.add(f"{name}.bias", outputs)


@dataclass(frozen=True, slots=True)
class Tie:
    """Tensors that are one: the checkpoint needs only one of the names, and loads the first."""

    source: str
    copies: tuple[str, ...]


@dataclass(slots=True)
class Layout:
    """What the checkpoint of one architecture holds; a family writes it once.

    Attributes:
        prefix: what begins the names of the base model in a model with a head; loaders add or strip it.
        base: tensors that every checkpoint must have.
        heads: tensors on top of the base model; a checkpoint of the base model alone lacks them.
        optional: tensors that may be there: unused ones, and copies of tied ones.
        ties: which tensors are one.
        stacks: number of layers by the stem that begins their names.
        output: name of the output embedding where it is a tensor of its own, else empty.
        tied_output: name of the output embedding where it is the input embedding again, else empty.
        vocabulary: name of the input embedding, else empty.
        positions: name of the learned position embedding, else empty.
        offset: how many rows of the position embedding are no positions.
        others: beginnings of names that belong to other heads of the family; loaders pass over them.
        buffers: endings of names that are no weights but that some versions stored.
        renames: pieces of names that loaders rewrite, old to new.
    """

    prefix: str = ""
    base: dict[str, Shape] = field(default_factory=dict)
    heads: dict[str, Shape] = field(default_factory=dict)
    optional: dict[str, Shape] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)
    stacks: dict[str, Side] = field(default_factory=dict)
    output: str = ""
    tied_output: str = ""
    vocabulary: str = ""
    positions: str = ""
    offset: int = 0
    others: tuple[str, ...] = ()
    buffers: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()

    def body(self) -> Tensors:
        """The pen for the base model."""
        return Tensors(self.base, self.prefix)

    def head(self) -> Tensors:
        """The pen for what stands on top of it."""
        return Tensors(self.heads)

    def extra(self) -> Tensors:
        """The pen for what may be there."""
        return Tensors(self.optional)

    def stack(self, pen: Tensors, stem: str, count: Side) -> Iterator[Tensors]:
        """A pen for each of `count` layers, which are named `stem.0`, `stem.1` and so on."""
        self.stacks[f"{pen.stem}{stem}."] = count
        for index in range(count):
            yield pen.under(f"{stem}.{index}")

    def words(self, pen: Tensors, name: str, rows: int, width: int) -> None:
        """The input embedding."""
        pen.embedding(name, rows, width)
        self.vocabulary = f"{pen.stem}{name}.weight"

    def logits(self, name: str, width: int, *, tied: bool, bias: bool = False) -> None:
        """The output embedding, which the input embedding is once more where it is `tied`."""
        pen, rows = self.extra() if tied else self.head(), self.base[self.vocabulary][0]
        pen.add(f"{name}.weight", rows, width)
        if bias:
            self.head().add(f"{name}.bias", rows)
        if tied:
            self.tie(self.vocabulary, f"{name}.weight")
            self.tied_output = f"{name}.weight"
        else:
            self.output = f"{name}.weight"

    def tie(self, source: str, *copies: str) -> None:
        """`copies` are the tensor `source`; they may be left out, and so may it where a copy is there."""
        shape = next(table[source] for table in (self.base, self.heads) if source in table)
        self.optional.update(dict.fromkeys(copies, shape))
        self.ties.append(Tie(source, copies))

    def all(self) -> dict[str, Shape]:
        """Every tensor that the architecture has or may have, by name."""
        return {**self.optional, **self.base, **self.heads}

    def required(self) -> dict[str, Shape]:
        """Every tensor that a whole checkpoint has, by name: what `parameters` are counted from."""
        return {**self.base, **self.heads}
