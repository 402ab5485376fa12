"""Rows of text in aligned columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auditor.report.cells import visible, width


def aligned(rows: Sequence[Sequence[str]], paint: Callable[[str, str], str], right: int = 0) -> list[str]:
    """The rows in columns, the first emphasised; in the first `right` columns text stands to the right."""
    shown = [[visible(cell) for cell in row] for row in rows]
    sizes = [max(width(cell) for cell in column) for column in zip(*shown, strict=True)]
    lines = []
    for row in shown:
        room = [" " * (size - width(cell)) for cell, size in zip(row, sizes, strict=True)]
        padded = [
            room[column] + cell if column < right else cell + room[column] for column, cell in enumerate(row)
        ]
        lines.append("  ".join(padded).rstrip())
    return [paint("strong", lines[0]), *lines[1:]]
