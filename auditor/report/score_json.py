"""`fmaudit score` for programs: one JSON object, version 1, described by schemas/score.schema.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor import __version__
from auditor.openness.assessment import Assessed, Assessment
from auditor.openness.components import numeral
from auditor.openness.coverage import Coverage, Item
from auditor.report.json import dumps

VERSION = 1


def render(assessment: Assessment, lists: Sequence[Coverage]) -> str:
    """The whole report as text, ending in a newline."""
    standing = assessment.standing
    classes = [
        {
            "class": numeral(klass),
            "progress": round(standing.progress[klass], 2),
            "asked": standing.asked[klass],
            "lacks": [
                {"component": lack.component.name, "reason": lack.reason, "licence": lack.licence or None}
                for lack in standing.lacks[klass]
            ],
        }
        for klass in (3, 2, 1)
    ]
    return dumps(
        {
            "version": VERSION,
            "tool": {"name": "fmaudit", "version": __version__},
            "bundle": assessment.bundle,
            "unread": [{"file": file, "reason": reason} for file, reason in assessment.unread],
            "mof": {
                "profile": assessment.profile,
                "class": numeral(standing.klass) or None,
                "classes": classes,
                "components": [_component(part) for part in assessment.parts],
            },
            "lists": [_list(listed) for listed in lists],
        }
    )


def _component(part: Assessed) -> dict[str, Any]:
    return {
        "id": part.component.id,
        "name": part.component.name,
        "type": part.component.kind,
        "class": numeral(part.component.klass),
        "required": part.component.required,
        "state": part.state,
        "licences": [{"name": one.name, "source": one.source} for one in part.licences if one.name],
        "open": part.is_open,
        "type_appropriate": part.suits,
        "evidence": [
            {"file": piece.file, "line": piece.line or None, "note": piece.note} for piece in part.pieces
        ],
    }


def _list(listed: Coverage) -> dict[str, Any]:
    return {
        "name": listed.name,
        "title": listed.title,
        "source": listed.source,
        "date": listed.date,
        "found": listed.count("found"),
        "missing": listed.count("missing"),
        "outside": listed.count("outside"),
        "items": [_item(item) for item in listed.items],
    }


def _item(item: Item) -> dict[str, Any]:
    place = item.where
    return {
        "group": item.group,
        "name": item.name,
        "state": item.state,
        "where": {"file": place.file, "line": place.line or None, "note": place.note} if place else None,
        "reason": item.reason,
    }
