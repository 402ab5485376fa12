"""A chain audited: that it is this bundle's, that its start is the seed's, that sampled segments replay.

    result = trace(release, task, sample("10%"), nonce="", stop=stop, watch=watch)
    result.started, result.traced        the steps L2 and L3 of the ladder
    result.faults                        what is wrong, each with its place

`release` says what the bundle is (`auditor.reproduce.chain.release(plan, weights)` makes it of a plan), and
`task` is the task on the device that replays, after `device.settle`. `has_chain(bundle)` says whether there
is one.
Nothing is written anywhere. An edited chain is a failed trace, never an exception.

Two regimes. Where whole segments replay to the last bit, rounding here is the publisher's, and any other
difference is one of training. Elsewhere differences are held against what the same steps in double precision
differ by (`replay.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from auditor.bundle import Bundle
from auditor.formats.chain import CHAIN, FEW, Broken, Newer, parse
from auditor.model import LevelName, LevelStep, StepState
from auditor.readers.document import Unreadable
from auditor.tracing.binding import binding_faults, start_faults, weight_faults
from auditor.tracing.chain import boundaries_of
from auditor.tracing.challenge import Sample, Why, challenge, chosen
from auditor.tracing.judging import Met, judged
from auditor.tracing.replay import Committed, Line, Replays
from auditor.tracing.result import Segment, TraceFault, TraceResult
from auditor.tracing.stored import stored_state
from auditor.training.task import Task
from auditor.training.watch import Stop, Watch

NAMES: dict[LevelName, str] = {"L2": "started", "L3": "traced"}


@dataclass(frozen=True, slots=True)
class Release:
    """What a chain is held against.

    Attributes:
        recipe: digest of the recipe.
        data: sha256 of each data file by its `@id`.
        seeds: the published seeds.
        shipped_seed: seed that the shipped weights are said to come from; None where it is not said.
        weights: the shipped weights by name; None where there are none of the recipe's model.
        foreign: why the shipped weights are not of the recipe's model; empty where they are or are absent.
    """

    bundle: Bundle
    recipe: str
    data: Mapping[str, str]
    seeds: tuple[int, ...]
    shipped_seed: int | None = None
    weights: Mapping[str, Tensor] | None = None
    foreign: str = ""


def has_chain(bundle: Bundle) -> bool:
    """Whether something in the bundle goes by the name of a chain."""
    return bundle.file(CHAIN) is not None


def trace(
    release: Release, task: Task, asked: Sample, *, nonce: str = "", stop: Stop, watch: Watch
) -> TraceResult:
    """The audit of the bundle's chain; an empty `nonce` draws one.

    Raises:
        Interrupted: `stop` was set.
    """
    nonce = nonce or os.urandom(8).hex()
    watch.stage("reading the chain")
    try:
        chain = Committed(*parse(release.bundle.read_bytes(CHAIN)))
    except Unreadable as error:
        return _unusable(nonce, [TraceFault("L2", CHAIN, error.what)])
    except Newer as error:
        started, traced = (_step(level, "not attempted", error.what) for level in NAMES)
        return TraceResult(started, traced, nonce)
    except Broken as error:
        return _unusable(nonce, [TraceFault("L2", error.where, error.what)])
    faults = binding_faults(chain, release, task)
    if faults:
        return _unusable(nonce, faults, chain)

    def read(line: Line) -> dict[str, Tensor]:
        return stored_state(release.bundle, line.said, line.number, replays.initial)

    replays = Replays(task, chain, read, stop)
    faults = start_faults(chain, replays)
    if faults:
        return _unusable(nonce, faults, chain)
    n = len(chain.segments)
    musts = [
        number
        for number, (first, last) in enumerate(chain.segments)
        if any(first <= step <= last for step in boundaries_of(replays.session))
    ]
    picked = chosen(n, musts, asked, challenge(chain.root, nonce))
    met = _replayed(chain, replays, picked, watch)
    segments, starts, more = judged(chain, replays, met)
    faults += more
    faults += weight_faults(chain, replays, release, replayed=met[-1].exact)
    return TraceResult(
        started=_started(faults, segments),
        traced=_traced(faults, segments),
        nonce=nonce,
        root=chain.root,
        seed=chain.head.seed,
        n_segments=n,
        segments=segments,
        faults=tuple(faults),
        starts=starts,
        steps=chain.last.step,
        replayed=replays.steps,
        doubled=replays.double_steps,
    )


def _replayed(chain: Committed, replays: Replays, picked: Mapping[int, Why], watch: Watch) -> list[Met]:
    """Every picked segment replayed, and one step from the start of every other."""
    met = []
    for number, (first, last) in enumerate(chain.segments):
        why = picked.get(number)
        if why:
            watch.stage(f"replaying segment {number + 1} of {len(chain.segments)}, {last - first:,} steps")
        if first and not chain.lines[first].said.checkpoint:
            met.append(Met(number, first, last, why, absent=True))
            continue
        end = last if why else first + 1
        try:
            points = replays.points(first, end)
            gaps = [] if all(point.same for point in points) else replays.gaps(first, points)
        except Broken as error:
            met.append(Met(number, first, last, why, broken=error))
            continue
        met.append(Met(number, first, end, why, tuple(points), tuple(gaps)))
    return met


def _started(faults: list[TraceFault], segments: tuple[Segment, ...]) -> LevelStep:
    first = segments[0]
    early = first.bad is not None and first.bad[0] < FEW
    named = [fault.what for fault in faults if fault.level == "L2"]
    if named or early:
        return _step("L2", "failed", named[0] if named else first.reason)
    if first.state == "unresolved":
        return _step("L2", "not attempted", first.reason)
    return _step("L2", "passed")


def _traced(faults: list[TraceFault], segments: tuple[Segment, ...]) -> LevelStep:
    if faults:
        return _step("L3", "failed", faults[0].what)
    for segment in segments:
        if segment.state != "passed":
            return _step("L3", "not attempted", f"segment {segment.number}: {segment.reason}")
    return _step("L3", "passed")


def _unusable(nonce: str, faults: list[TraceFault], chain: Committed | None = None) -> TraceResult:
    """A chain that ends the audit before anything was replayed."""
    what = faults[0].what
    steps = _step("L2", "failed", what), _step("L3", "failed", what)
    if chain is None:
        return TraceResult(*steps, nonce, faults=tuple(faults))
    return TraceResult(
        *steps,
        nonce,
        chain.root,
        chain.head.seed,
        len(chain.segments),
        faults=tuple(faults),
        steps=chain.last.step,
    )


def _step(level: LevelName, state: StepState, reason: str = "") -> LevelStep:
    return LevelStep(level, NAMES[level], state, reason)
