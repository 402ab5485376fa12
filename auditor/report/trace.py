"""`fmaudit trace` for people at a terminal: the segments, what is wrong, what the sample could find."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from auditor.report.cells import inert, visible
from auditor.report.table import aligned
from auditor.report.text import STYLES
from auditor.tracing.result import Segment, TraceResult

Paint = Callable[[str, str], str]
SHOWN = 5  # faults; the table tells of the others
HEADINGS = ("segment", "steps", "audited as", "off by", "allowed", "verdict")


def render(style: str, *, result: TraceResult, bundle: str, color: bool = False) -> str:
    """The report in the format of this name, ending in a newline."""
    if style == "json":
        from auditor.report import trace_json

        return trace_json.render(result, bundle)
    paint: Paint = (
        (lambda kind, text: f"\x1b[{STYLES[kind]}m{text}\x1b[0m") if color else (lambda _, text: text)
    )
    return "\n".join(map(inert, _lines(result, bundle, paint))) + "\n"


def _lines(result: TraceResult, bundle: str, paint: Paint) -> Iterator[str]:
    if result.root:
        n = result.n_segments
        yield f"{visible(bundle)}: chain {result.root[:12]} of seed {result.seed}, {n} segments"
    else:
        yield f"{visible(bundle)}: the chain cannot be read"
    if result.segments:
        yield ""
        yield from aligned([HEADINGS, *map(_row, result.segments)], paint)
    if result.faults:
        yield ""
        for fault in result.faults[:SHOWN]:
            yield f"{paint('error', fault.where)}: {visible(fault.what)}"
        if len(result.faults) > SHOWN:
            yield f"and {len(result.faults) - SHOWN} more"
    remedy = _remedy(result)
    if remedy:
        yield f"help: {remedy}"
    if result.segments:
        yield ""
        yield from _sampled(result)
    yield ""
    for step in (result.started, result.traced):
        kind = {"passed": "good", "failed": "error"}.get(step.state, "strong")
        shown = [fault.where for fault in result.faults[:SHOWN] if fault.what == step.reason]
        reason = f", see {shown[0]}" if shown else f": {visible(step.reason)}" if step.reason else ""
        yield f"{step.level} {step.name}: {paint(kind, step.state)}{reason}"


def _remedy(result: TraceResult) -> str:
    """What to do about the worst that was met; empty where there is nothing to do."""
    if result.failed and not result.segments:
        return (
            "ship chain and checkpoints as one run of this recipe wrote them: `--record FOLDER` does it anew"
        )
    if not result.root:
        return "install a newer fmaudit"
    if any(one.bad and one.bad[1] > one.bad[0] + 1 for one in result.segments):
        return "a chain with a line after every step (`--record FOLDER --every 1`) would name the step"
    if result.failed:
        return "ask the publisher what was done there, or for the chain of a run by this recipe"
    if any(one.state == "not checked" for one in result.segments):
        return "ask the publisher for the stored states, which `--record FOLDER` writes"
    if any(one.state == "unresolved" for one in result.segments):
        return "ask the publisher for a chain of more segments: `--record FOLDER --segments N`"
    return ""


def _row(segment: Segment) -> tuple[str, ...]:
    return (
        str(segment.number),
        f"{segment.first + 1:,} to {segment.last:,}",
        segment.why,
        "" if segment.distance is None else f"{segment.distance:.2g}",
        "" if segment.tolerance is None else f"{segment.tolerance:.2g}",
        f"{segment.state}, {segment.reason}" if segment.state == "passed" else segment.state,
    )


def _sampled(result: TraceResult) -> Iterator[str]:
    drawn = sum(segment.why == "drawn" for segment in result.segments)
    always = len(result.segments) - drawn
    yield f"nonce {visible(result.nonce)}: {drawn} drawn beside {always} that always are audited"
    if result.starts:
        yield f"of {result.starts} others the stored state and the first step were looked at"
    merged: dict[tuple[int, float], list[str]] = {}
    for name, bad, chance in result.chances():
        merged.setdefault((bad, chance), []).append(name)
    told = [f"{' or '.join(names)} ({bad}): {chance:.0%}" for (bad, chance), names in merged.items()]
    yield f"chance to meet a bad segment, were there {', '.join(told)}"
    spent = result.replayed + result.doubled
    doubled = f", {result.doubled:,} of them in double precision" if result.doubled else ""
    yield f"cost: {spent:,} steps{doubled}, {spent / result.steps:.1%} of the run's {result.steps:,}"
