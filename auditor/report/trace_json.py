"""`fmaudit trace` for programs: one JSON object, version 1, described by schemas/trace.schema.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from auditor import __version__
from auditor.report.json import dumps
from auditor.tracing.result import Segment, TraceFault, TraceResult

VERSION = 1


def render(result: TraceResult, bundle: str) -> str:
    """The whole report as text, ending in a newline."""
    chances = {bad: chance for _, bad, chance in result.chances()}
    return dumps(
        {
            "version": VERSION,
            "tool": {"name": "fmaudit", "version": __version__},
            "bundle": bundle,
            "root": result.root or None,
            "nonce": result.nonce,
            "seed": result.seed,
            "segments_total": result.n_segments,
            "levels": [asdict(step) for step in (result.started, result.traced)],
            "faults": [_fault(fault) for fault in result.faults],
            "segments": [_segment(segment) for segment in result.segments],
            "starts": result.starts,
            "detection": [{"bad": bad, "probability": round(p, 6)} for bad, p in chances.items()],
            "cost": {
                "steps": result.steps,
                "replayed": result.replayed,
                "doubled": result.doubled,
                "share": round((result.replayed + result.doubled) / result.steps, 6) if result.steps else 0.0,
            },
        }
    )


def _fault(fault: TraceFault) -> dict[str, Any]:
    file, _, line = fault.where.partition(":")
    return {"level": fault.level, "file": file, "line": int(line) if line else None, "message": fault.what}


def _segment(segment: Segment) -> dict[str, Any]:
    """Measured values as text that reads back to the same number; JSON has no infinity."""
    fields = asdict(segment)
    for name in ("distance", "tolerance"):
        fields[name] = None if fields[name] is None else repr(fields[name])
    return fields
