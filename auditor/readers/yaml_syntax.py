"""PyYAML's syntax errors as one clear message, the stretch it concerns, and a remedy.

The C parser and the pure Python one word the same fault differently; parts of both wordings are listed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

from auditor.readers.text import Lines, shown

_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Explanation(NamedTuple):
    """What is wrong, from where to where, and how to mend it."""

    what: str
    start: int
    end: int
    remedy: str = ""


# Part of the parser's words, our words, remedy; the first that fits is taken. {char} is what the parser met,
# {opening} the character and {line} the line at which the broken construct starts.
_PROBLEMS = (
    (
        "mapping values are not allowed",
        "`:` is not expected here",
        "quote a value that holds `: `, and indent the keys of one mapping alike",
    ),
    (
        "entries are not allowed",
        "`-` is not expected here",
        "start a list on the line after its key, and quote a value that begins with `- `",
    ),
    ("cannot start any token", "a value cannot start with {char}", "quote the value"),
    ("unknown escape", "this escape is unknown", "double the backslash, or use single quotes"),
    ("escape code", "this escape is half of a character", "write the character itself"),
    ("hexadecimal", "this escape lacks digits", "`\\x` takes 2 digits, `\\u` 4 and `\\U` 8"),
    ("hexdecimal", "this escape lacks digits", "`\\x` takes 2 digits, `\\u` 4 and `\\U` 8"),
    ("expected alphabetic", "no name follows `{opening}`", "quote a value that begins with `{opening}`"),
    ("expected ':'", "a key without `:`", "write `: ` after the key, or indent the line to continue a value"),
    ("undefined tag", "this tag is refused", "remove it, or quote a value that begins with `!`"),
    ("incompatible YAML", "this is not YAML 1", "remove the `%YAML` line"),
    ("<document start>", "{char} stands after the end of the document", ""),
    ("node content", "a value is missing before {char}", "quote a value that begins with {char}"),
)
# The same for a construct that goes on where it should not; these are found in the parser's context.
_CONTEXTS = (
    (
        "block mapping",
        "neither a key nor the end of the mapping that starts on line {line}",
        "keep a quoted value whole inside its quotes, and indent the keys of one mapping alike",
    ),
    (
        "block collection",
        "neither `- ` nor the end of the list that starts on line {line}",
        "indent the items of one list alike",
    ),
    (
        "block sequence",
        "neither `- ` nor the end of the list that starts on line {line}",
        "indent the items of one list alike",
    ),
    (
        "flow",
        "expected `,` or the end of the `{opening}` on line {line}, met {char}",
        "quote a text that holds {char}",
    ),
)


def explain(error: Exception, text: str, lines: Lines) -> Explanation:
    """The fault in our words."""
    if isinstance(error, yaml.reader.ReaderError):
        refused = _NOT_YAML.search(text)
        at = refused.start() if refused else 0
        return Explanation(
            f"the character U+{ord(text[at]):04X} is not allowed in YAML", at, at + 1, "remove it"
        )
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Explanation(f"not YAML: {shown(str(error))}", 0, 0)
    problem, context, at = error.problem or "", error.context or "", error.problem_mark.index
    opened = at if error.context_mark is None else error.context_mark.index
    char, opening = text[at : at + 1], text[opened : opened + 1]
    if char == "\t" and ("start any token" in problem or "tab character" in problem):
        return Explanation("a tab is used for indentation", at, at + 1, "indent with spaces")
    if opening in ("[", "{") and not text[at:].strip() and "flow" in context:
        return Explanation(f"`{opening}` is never closed", opened, opened + 1)
    if "unexpected" in problem and "quoted" in context:
        return Explanation("the quoted text that starts here never ends", opened, lines.end_of_line(opened))
    if char.strip():
        met = "a backquote" if char == "`" else f"`{shown(char)}`"
    else:
        met = "the end of the line" if char else "the end of the file"
    facts = {
        "char": met,
        "opening": shown(opening),
        "line": lines.position(opened)[0],
    }
    fitting = [row for row in _PROBLEMS if row[0] in problem]
    fitting += [row for row in _CONTEXTS if row[0] in context]
    if not fitting:
        return Explanation(f"not YAML: {context + ', ' if context else ''}{problem}", at, at + 1)
    _, what, remedy = fitting[0]
    return Explanation(what.format(**facts), at, at + 1, remedy.format(**facts))
