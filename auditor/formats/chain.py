"""`training_chain.jsonl`, format 1: what a training run committed itself to, line by line; no torch here.

The first line binds recipe, data, seed, environment and plan. Every later line binds the state after a step
and holds the sha256 of the line before it, without its line feed; the last line's digest is the chain's root.
A line is canonical JSON (sorted keys, no blanks), so that a state has one way to be written.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import struct
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError

from auditor.formats.strict import Count, Ours, RelativePath, Row, Sha256
from auditor.readers.text import shown

CHAIN = "training_chain.jsonl"
CHECKPOINTS = "checkpoints"
FORMAT = 1  # the newest that is read here
BUCKETS = 509  # of a sketch; a prime, so that no layer's width lines up with it
SKETCH_BYTES = 8 * BUCKETS
FEW = 5  # steps of a start, and of the longest window that rounding leaves sharp: repro.md's k <= 5
MOST_LINE_BYTES = 2**24  # of one line: the losses of three million steps
Form = TypeVar("Form", bound=BaseModel)


class ChainHead(Ours):
    """The first line: what the run is bound to."""

    format: Literal[1]
    """Version of this format."""
    recipe: Sha256
    """Digest of the recipe."""
    data: Annotated[dict[str, Sha256], Field(max_length=10_000)]
    """Digest of each data file, by its `@id` in the data manifest."""
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    """Seed of the run."""
    steps: Count
    """Steps that the recipe has."""
    ends: Annotated[list[Count], Field(min_length=1)]
    """Last step of each segment, rising; a segment begins where the one before ends."""
    every: Count | None
    """Further lines stand at the multiples of this."""
    environment: dict[str, str | int | float | bool | None]
    """What else can change a bit of the result, by name."""


class ChainLine(Ours):
    """A later line: the state after a step."""

    step: Row
    """Steps done; 0 is the start."""
    prev: Sha256
    """Digest of the line before."""
    examples: Sha256
    """Digest of the numbers of the examples seen since the line before, as 64-bit integers."""
    losses: str
    """Loss of each step since the line before, as 32-bit floats in base64."""
    lr: float | None
    """Learning rate of the last of these steps."""
    sketch: Annotated[str, Field(max_length=8 * SKETCH_BYTES)]
    """Sums of the weights under random signs in 509 buckets, as 64-bit floats in base64."""
    weights: Sha256 | None
    """Digest of the weights; null between the ends of segments."""
    optimizer: Sha256 | None
    """Digest of the rest of the state; null between the ends of segments."""
    checkpoint: RelativePath | None
    """The whole state as safetensors; null where it was not kept."""
    finished: Sha256 | None
    """Digest of the weights that the run is measured by; in its last line alone."""


class Broken(Exception):  # noqa: N818  reads as a sentence where it is raised
    """The chain is not what a run writes; `line` is the first that is not, from 1."""

    def __init__(self, what: str, line: int, file: str = CHAIN) -> None:
        super().__init__(what)
        self.what, self.line, self.file = what, line, file

    @property
    def where(self) -> str:
        """The place as messages name it."""
        return f"{self.file}:{self.line}" if self.line else self.file


class Newer(Broken):
    """The chain is of a format that is not known yet, which is no fault of it."""


def canonical(value: dict[str, Any]) -> bytes:
    """The one way to write a line, without its line feed.

    Raises:
        ValueError: it holds a number that is not finite.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(line: bytes) -> str:
    """What the next line names as `prev`."""
    return hashlib.sha256(line).hexdigest()


def line_steps(ends: Sequence[int], every: int | None, steps: int) -> Iterator[int]:
    """The steps after which a run of `steps` steps writes a line, rising.

    They are the start, the first few steps' end, the ends of segments, one step after each of those, and
    the multiples of `every`.
    """
    marked = {0, min(FEW, steps), steps}
    for end in (0, *ends):
        marked |= {step for step in (end, end + 1) if step <= steps}
    if every is not None:
        marked |= set(range(every, steps + 1, every))
    return iter(sorted(marked))


def parse(raw: bytes) -> tuple[ChainHead, list[ChainLine], str]:
    """Head, later lines and root of a chain whose links all hold.

    Raises:
        Newer: the chain is of a later format.
        Broken: a line is missing, damaged, edited, or out of its place.
    """
    lines = _lines(raw)
    first = next(lines, None)
    if first is None:
        raise Broken("the file is empty", 1)
    head = _head(first)
    if head.ends != sorted(set(head.ends)) or head.ends[-1] != head.steps:
        raise Broken("`ends` do not rise to the last step", 1)
    if head.every is not None and head.steps // head.every > len(raw) // SKETCH_BYTES:
        raise Broken(f"a line every {head.every} of {head.steps:,} steps is more than the file holds", 1)
    later: list[ChainLine] = []
    root = digest(first)
    for number, text in enumerate(lines, 2):
        line = _validated(ChainLine, _object(text, number), number)
        if line.prev != root:
            raise Broken(
                f"`prev` is {line.prev[:12]}…, the line before has {root[:12]}…: a line was edited, moved, "
                "added or taken out",
                number,
            )
        if later and later[-1].finished is not None:
            raise Broken("the chain goes on after the run's last line", number)
        later.append(line)
        root = digest(text)
    if not later or later[-1].finished is None:
        raise Broken("the chain ends before the run does", len(later) + 1)
    _check_places(head, later)
    _check_numbers(later)
    return head, later, root


def _lines(raw: bytes) -> Iterator[bytes]:
    """The lines without their line feeds, one at a time: there may be as many as there are bytes."""
    for number, line in enumerate(io.BytesIO(raw), 1):
        if not line.endswith(b"\n"):
            raise Broken("the last line is cut off", number)
        yield line[:-1]


def _head(text: bytes) -> ChainHead:
    value = _object(text, 1)
    version = value.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise Newer(f"the chain is of format {version:,}, this fmaudit reads up to {FORMAT}", 1)
    return _validated(ChainHead, value, 1)


def losses_of(line: ChainLine) -> tuple[float, ...]:
    """The losses that a line holds, one a step since the line before."""
    raw = _decoded(line.losses)
    return struct.unpack(f"<{len(raw) // 4}f", raw[: len(raw) // 4 * 4])


def sketch_bytes(line: ChainLine) -> bytes:
    """The sketch that a line holds, as 64-bit floats in little-endian order."""
    return _decoded(line.sketch)


def _check_places(head: ChainHead, lines: Sequence[ChainLine]) -> None:
    """Raises `Broken` where a line does not stand after the step that it should, or lacks a part."""
    last = lines[-1].step
    if last > head.steps:
        raise Broken(f"the run has {last:,} steps, its plan {head.steps:,}", len(lines) + 1)
    before = 0
    planned = line_steps([end for end in head.ends if end < last] + [last], head.every, last)
    for number, line in enumerate(lines, 2):
        expected = next(planned, None)
        if line.step != expected:
            raise Broken(f"`step` is {line.step:,}, expected {expected}: a line is missing or added", number)
        if len(_decoded(line.losses)) != 4 * (line.step - before):
            raise Broken(f"`losses` are not {line.step - before} numbers", number)
        if len(_decoded(line.sketch)) != SKETCH_BYTES:
            raise Broken(f"`sketch` is not {BUCKETS} numbers", number)
        whole = line.step in (0, last) or line.step in head.ends
        if whole != (line.weights is not None) or whole != (line.optimizer is not None):
            raise Broken(
                f"digests of the state {'are missing' if whole else 'stand where no segment ends'}", number
            )
        before = line.step


def _check_numbers(lines: Sequence[ChainLine]) -> None:
    """Raises `Broken` where the run diverged, or weights are no finite numbers.

    A single loss may be infinite, as of a step that fp16 does not take: see `auditor.training.divergence`.
    """
    losses = [(number, loss) for number, line in enumerate(lines, 2) for loss in losses_of(line)]
    kept = next((step for step in range(len(losses), 0, -1) if math.isfinite(losses[step - 1][1])), 0)
    if kept < len(losses):
        raise Broken(
            f"the run diverged: from step {kept + 1:,} on no loss is a finite number", losses[kept][0]
        )
    for number, line in enumerate(lines, 2):
        if not all(map(math.isfinite, struct.unpack(f"<{BUCKETS}d", sketch_bytes(line)))):
            raise Broken(f"the sketch of step {line.step:,} is no finite number", number)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b"?"


def _object(text: bytes, number: int) -> dict[str, Any]:
    """The values of a line that is written in the one form there is."""
    if len(text) > MOST_LINE_BYTES:
        raise Broken(f"the line has {len(text):,} bytes, more than {MOST_LINE_BYTES:,}", number)
    try:
        value = json.loads(text)
        same = isinstance(value, dict) and canonical(value) == text
    except (ValueError, RecursionError) as error:  # also no UTF-8, and numbers of thousands of digits
        raise Broken("the line is no JSON object of finite numbers", number) from error
    if not same:
        raise Broken("the line is not in the one form that a chain is written in", number)
    found: dict[str, Any] = value
    return found


def _validated(form: type[Form], value: dict[str, Any], number: int) -> Form:
    try:
        return form.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        named = shown(".".join(map(str, first["loc"])))
        raise Broken(f"`{named}`: {first['msg'][:1].lower()}{shown(first['msg'][1:])}", number) from error
