"""The lines of a bundle that a finding is about, with their numbers and underlines.

```
 --> README.md:4:12
  |
4 |     value: 1e-1
  |            ^^^^ text, not a number
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

from auditor.model import Place, Span
from auditor.records import dataclass
from auditor.report.cells import cells, visible, width

MAX_SPANS = 12  # places shown of one finding; the rest are counted
MAX_CHARACTERS = 100  # of a source line; beyond that the part around the span is shown
LEAD = 40  # characters kept before the span of a cut line

Paint = Callable[[str, str], str]  # (style, text) -> text
Lines = Mapping[str, Sequence[str]]


def snippet(
    places: Sequence[Place], spans: Sequence[Span], lines: Lines, paint: Paint, root: str = ""
) -> list[str]:
    """The printed lines for all places of a finding, the first one marked `-->` and underlined `^^^`.

    Args:
        places: for labels and, in files without lines, for the name of what is meant.
        spans: one per place.
        lines: the lines of each text file by its path; a file that is missing is only named.
        paint: colours a piece of text as `gutter`, `primary` or `secondary`.
        root: put before each path, so that an editor can open it.
    """
    shown = list(zip(places, spans, strict=True))[:MAX_SPANS]
    pad = " " * len(str(max(span.line for _, span in shown)))
    printed: list[str] = []
    rank = {id(place): "primary" if index == 0 else "secondary" for index, (place, _) in enumerate(shown)}
    for index, (file, group) in enumerate(_by_file(shown)):
        drawn = [entry for entry in group if entry[1].line and file in lines]
        for number, entry in enumerate(group):
            if number == 0 or entry not in drawn:
                arrow = "-->" if index == number == 0 else ":::"
                printed.append(
                    paint("gutter", f"{pad}{arrow} ") + _where(entry, root, label=entry not in drawn)
                )
        if drawn:
            printed.append(paint("gutter", f"{pad} |"))
            printed += _excerpt(drawn, lines[file], rank, pad, paint)
            printed.append(paint("gutter", f"{pad} |"))
    if len(places) > MAX_SPANS:
        printed.append(paint("gutter", f"{pad} = ") + f"and {len(places) - MAX_SPANS} more places")
    return printed


def _by_file(shown: list[tuple[Place, Span]]) -> list[tuple[str, list[tuple[Place, Span]]]]:
    """The places grouped by file, files in order of first mention; the finding's own file first."""
    files: dict[str, list[tuple[Place, Span]]] = {}
    for entry in shown:
        files.setdefault(entry[1].file, []).append(entry)
    return list(files.items())


def _where(entry: tuple[Place, Span], root: str, *, label: bool) -> str:
    place, span = entry
    name = visible(root + span.file)
    if span.line:
        name += f":{span.line}:{span.column}"
    elif place.path:
        kind = "tensor" if span.file.endswith(".safetensors") else "at"
        name += f" {kind} {visible('.'.join(map(str, place.path)))}"
    return f"{name}: {visible(place.label)}" if label and place.label else name


def _excerpt(
    group: list[tuple[Place, Span]], lines: Sequence[str], rank: dict[int, str], pad: str, paint: Paint
) -> list[str]:
    printed: list[str] = []
    last = 0
    ordered = sorted(group, key=lambda entry: (entry[1].line, entry[1].column))
    for number, on_line in groupby(ordered, key=lambda entry: entry[1].line):
        if last and number > last + 1:
            printed.append(paint("gutter", "..."))
        last = number
        text = lines[number - 1].removesuffix("\r") if 0 < number <= len(lines) else ""
        drawn = [(*_marked(text, span), place) for place, span in on_line]
        for line, alike in groupby(drawn, key=itemgetter(0)):  # a long line is cut anew around far spans
            printed.append(paint("gutter", f"{number:>{len(pad)}} |") + (f" {line}" if line else ""))
            marks = [
                _Mark(offset, length, rank[id(place)], visible(place.label))
                for _, offset, length, place in alike
            ]
            printed += [paint("gutter", f"{pad} | ") + row for row in _rows(marks, paint)]
    return printed


@dataclass(frozen=True, slots=True)
class _Mark:
    """An underline: the cell at which it starts, its length in cells, how it is painted, what it says."""

    offset: int
    length: int
    style: str
    label: str

    def drawn(self, paint: Paint) -> str:
        """The underline itself."""
        return paint(self.style, ("^" if self.style == "primary" else "-") * self.length)


def _rows(marks: list[_Mark], paint: Paint) -> list[str]:
    """The rows below a source line: all underlines in one, the last with its label, the others' labels below.

    Underlines that overlap get a row each.
    """
    if any(left.offset + left.length > right.offset for left, right in pairwise(marks)):
        return [row for mark in marks for row in _rows([mark], paint)]
    row, end = "", 0
    for mark in marks:
        row += " " * (mark.offset - end) + mark.drawn(paint)
        end = mark.offset + mark.length
    rows = [row + (paint(marks[-1].style, f" {marks[-1].label}") if marks[-1].label else "")]
    below = [mark for mark in marks[:-1] if mark.label]
    if below:
        rows.append(_hung(below, paint))
    while below:
        *below, mark = below
        hung = _hung(below, paint)
        room = mark.offset - (below[-1].offset + 1 if below else 0)
        rows.append(hung + " " * room + paint(mark.style, mark.label))
    return rows


def _hung(marks: list[_Mark], paint: Paint) -> str:
    """A bar below the start of each mark, on which its label hangs."""
    row, end = "", 0
    for mark in marks:
        row += " " * (mark.offset - end) + paint(mark.style, "|")
        end = mark.offset + 1
    return row


def _marked(text: str, span: Span) -> tuple[str, int, int]:
    """The line as shown, the cell at which the underline starts, and its length in cells."""
    start = min(max(span.column - 1, 0), len(text))
    end = span.end_column - 1 if span.end_line == span.line else len(text)
    left, right = 0, len(text)
    if len(text) > MAX_CHARACTERS:
        left = max(0, min(start - LEAD, len(text) - MAX_CHARACTERS))
        right = left + MAX_CHARACTERS
    end = min(max(end, start), right)
    drawn = cells(text[left:right])
    head, tail = "..." if left else "", "..." if right < len(text) else ""
    offset = width(head + "".join(drawn[: start - left]))
    length = width("".join(drawn[start - left : end - left]))
    return (head + "".join(drawn) + tail).rstrip(), offset, max(length, 1)
