"""Every format of `fmaudit score` by its name; only the one that is asked for is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.openness.assessment import Assessed, Assessment
    from auditor.openness.classes import Lack
    from auditor.openness.coverage import Coverage


def render(style: str, *, assessment: Assessment, lists: Sequence[Coverage], color: bool = False) -> str:
    """The report in the format of this name, ending in a newline."""
    if style == "json":
        from auditor.report import score_json

        return score_json.render(assessment, lists)
    if style == "html":
        from auditor.report import score_html

        return score_html.render(assessment, lists)
    if style == "markdown":
        from auditor.report import score_markdown

        return score_markdown.render(assessment, lists)
    from auditor.report import score_text

    return score_text.render(assessment, lists, color=color)


def title(assessment: Assessment) -> str:
    """The class in words."""
    from auditor.openness.components import TITLES, numeral

    klass = assessment.standing.klass
    if not klass:
        return "no class of the Model Openness Framework"
    return f"Class {numeral(klass)}, {TITLES[klass]}"


def lacking(lack: Lack) -> str:
    """What is wrong with a component that keeps the release from a class."""
    name = lack.component.name
    if lack.component.id == 11:
        name += " (or Research paper)"
    if lack.reason == "not open":
        return f"{name}: `{lack.licence}` is not an open licence"
    return f"{name} is missing" if lack.reason == "missing" else f"{name} has no licence"


def licence(part: Assessed) -> str:
    """The licences of a component and what is to be said of them; empty for one that is missing."""
    if not part.pieces:
        return ""
    names = ", ".join(one.name for one in part.licences if one.name)
    if not names:
        return "none"
    if not part.is_open:
        return f"{names} (not open)"
    return names if part.suits else f"{names} (open, not made for {KINDS[part.component.kind]})"


def where(part: Assessed) -> list[str]:
    """The places of the evidence, in order."""
    return [place(piece.file, piece.line, piece.note if piece.outside else "") for piece in part.pieces]


def place(file: str, line: int, note: str = "") -> str:
    """`path:line`, or the path alone."""
    at = f"{file}:{line}" if line else file
    return f"{at} ({note})" if "://" in note else at


KINDS = {"code": "code", "data": "data", "document": "documents"}
