"""What a checkpoint holds against what its architecture has; no judgement here on what is a fault.

Names are compared as loaders compare them: with or without the prefix of the base model, old names rewritten,
buffers and heads of other tasks passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from auditor.records import dataclass
from auditor.shapes.layout import Layout, Shape
from auditor.shapes.side import Side

_INDEX = re.compile(r"\d{1,9}")
_NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")
_WRAPPERS = ("module.", "_orig_mod.", "base_model.model.", "_forward_module.", "model.", "transformer.")


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack of layers that has another height than the config says, or lacks layers in between.

    Attributes:
        stem: what begins the names of its layers, `model.layers.`.
        expected: how many there should be.
        height: one more than the highest layer that is there.
        gaps: layers below that one which are not there at all.
    """

    stem: str
    expected: Side
    height: int
    gaps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A tensor of another shape than expected; `name` is its name in the architecture."""

    name: str
    expected: Shape
    met: Shape


@dataclass(slots=True)
class Comparison:
    """What was found out; names are those of the architecture, but in `unexpected` those in the file.

    Attributes:
        found: name in the file of each tensor of the architecture that is there.
        stacks: those of another height, and those with gaps.
        missing: tensors of the base model that are not there, though their layer is.
        missing_heads: tensors of the head that are not there.
        missing_output: the output embedding where it is not there and more than a base model is, else empty.
        unexpected: tensors that the architecture does not have, those of surplus layers left out.
        differing: tensors of another shape.
        wrapper: what begins the name of each tensor and should not, where that explains that none was found.
    """

    layout: Layout
    found: dict[str, str] = field(default_factory=dict)
    stacks: list[Stack] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    missing_heads: list[str] = field(default_factory=list)
    missing_output: str = ""
    unexpected: list[str] = field(default_factory=list)
    differing: list[Difference] = field(default_factory=list)
    wrapper: str = ""


def compare(layout: Layout, shapes: Mapping[str, Shape]) -> Comparison:
    """The tensors of a checkpoint, by name, against a layout."""
    known = layout.all()
    result = Comparison(layout)
    strange: dict[str, str] = {}  # in the architecture's manner, by name in the file
    for name in shapes:
        own = _own_name(layout, name, known)
        if own in known:
            result.found.setdefault(own, name)
        elif not _is_passed_over(layout, own):
            strange[name] = own
    if not result.found.keys() & layout.base.keys():
        result.found = {}
        result.missing, result.unexpected = list(layout.base), list(strange)
        result.wrapper = _wrapper(layout, shapes, known)
        return result
    absent, surplus = _compare_stacks(layout, result, strange)
    tied = {tie.source for tie in layout.ties if any(copy in result.found for copy in tie.copies)}
    bare = bool(layout.prefix) and not any(name.startswith(layout.prefix) for name in result.found.values())
    for name in layout.required():
        if name in result.found or name in tied or _is_under(name, absent):
            continue
        if name == layout.output and not bare:
            result.missing_output = name
        else:
            (result.missing if name in layout.base else result.missing_heads).append(name)
    result.unexpected = [name for name, own in strange.items() if not _is_under(own, surplus)]
    for own, name in result.found.items():
        if shapes[name] != known[own]:
            result.differing.append(Difference(own, known[own], shapes[name]))
    return result


def pattern(name: str) -> str:
    """A name with `*` for each number in it, which is the same for every layer."""
    return _NUMBER.sub("*", name)


def _own_name(layout: Layout, name: str, known: Mapping[str, Shape]) -> str:
    """A tensor's name as the architecture spells it, or would where it has no such tensor."""
    for old, new in layout.renames:
        name = name.replace(old, new)
    if name in known or not layout.prefix:
        return name
    if layout.prefix + name in known:
        return layout.prefix + name
    inner = name.removeprefix(layout.prefix)
    if inner in known:
        return inner
    bare = any((layout.prefix + name).startswith(stem) for stem in layout.stacks)
    return layout.prefix + name if bare else name


def _is_passed_over(layout: Layout, name: str) -> bool:
    inner = name.removeprefix(layout.prefix)
    return (
        name.endswith(layout.buffers or ("\0",))
        or name.startswith(layout.others)
        or inner.startswith(layout.others)
    )


def _compare_stacks(
    layout: Layout, result: Comparison, strange: Mapping[str, str]
) -> tuple[set[str], set[str]]:
    """Stems of the layers that are missing as a whole, and of those that are too many."""
    there: dict[str, set[int]] = {stem: set() for stem in layout.stacks}
    for name in (*result.found, *strange.values()):
        for end in (match.start() for match in _NUMBER.finditer(name)):
            index = _INDEX.match(name, end)
            if name[:end] in there and index:
                there[name[:end]].add(int(index[0]))
    absent: set[str] = set()
    surplus: set[str] = set()
    for stem, expected in layout.stacks.items():
        if _is_under(stem, absent):
            continue
        height = max(there[stem], default=-1) + 1
        lacking = [index for index in range(expected) if index not in there[stem]]
        absent.update(f"{stem}{index}." for index in lacking)
        surplus.update(f"{stem}{index}." for index in there[stem] if index >= expected)
        gaps = tuple(index for index in lacking if index < height)
        if gaps or height != expected:
            result.stacks.append(Stack(stem, expected, height, gaps))
    return absent, surplus


def _is_under(name: str, stems: set[str]) -> bool:
    """Whether a name lies in one of the layers with these stems."""
    return bool(stems) and any(name[: match.end() + 1] in stems for match in _NUMBER.finditer(name))


def _wrapper(layout: Layout, shapes: Mapping[str, Shape], known: Mapping[str, Shape]) -> str:
    """What some tool put before every name, where the names are the architecture's without it."""
    for wrapper in _WRAPPERS:
        inner = [name.removeprefix(wrapper) for name in shapes if name.startswith(wrapper)]
        if sum(_own_name(layout, name, known) in known for name in inner) * 2 > len(layout.base):
            return wrapper
    return ""
