"""Syntax errors of `json.loads` as one clear message, the stretch it concerns, and a remedy.

Python 3.13 words and places some of them differently from 3.11; the same fault reads the same here.
"""

from __future__ import annotations

import json
import re

from auditor.readers.text import Lines, shown

_WORD = re.compile(r"[\w.+-]+")
_REMEDIES = {
    "True": "write `true`",
    "False": "write `false`",
    "None": "write `null`",
    "'": "use double quotes",
    "/": "remove the comment: JSON has none",
    "#": "remove the comment: JSON has none",
}


def explain(error: json.JSONDecodeError, lines: Lines) -> tuple[str, int, int, str]:
    """The fault in our words, from where to where, and how to mend it."""
    text, at, problem = error.doc, error.pos, error.msg
    if not text.strip():
        return "the file is empty", 0, 0, ""
    before = text[:at].rstrip()
    char = text[at : at + 1]
    if problem.startswith("Illegal trailing comma") or (char in ("}", "]") and before.endswith(",")):
        comma = at if char == "," else len(before) - 1
        closing = text[comma + 1 :].lstrip()[:1]
        return f"a comma stands before the closing `{closing}`", comma, comma + 1, "remove the comma"
    if problem.startswith("Unterminated string"):
        return "the text that starts here never ends", at, lines.end_of_line(at), ""
    if problem.startswith("Invalid control character"):
        if char in ("\n", "\r"):
            return "a line ends inside a text", at, at, "close its quotes, or write `\\n`"
        what = "a tab" if char == "\t" else f"the character U+{ord(char):04X}"
        escape = "\\t" if char == "\t" else f"\\u{ord(char):04x}"
        return f"{what} stands inside a text", at, at + 1, f"write `{escape}`"
    if problem.startswith("Invalid \\u"):
        return "this escape lacks digits", at, at + 1, "`\\u` takes 4 hexadecimal digits"
    if problem.startswith("Invalid \\"):
        return "this escape is unknown", at, at + 2, "double the backslash"
    word = _WORD.match(text, at)
    met = word[0] if word else char
    name = f"`{shown(met)}`" if met else "the end of the file"
    remedy = _REMEDIES.get(met, "")
    end = at + len(met)
    if problem.startswith("Extra data"):
        return (
            f"{name} stands after the end of the document",
            at,
            end,
            remedy or "keep one document in a file",
        )
    if problem.startswith("Expecting property name"):
        return f"expected a key in double quotes, met {name}", at, end, remedy
    if problem.startswith("Expecting ':'"):
        return f"expected `:` after the key, met {name}", at, end, remedy
    if problem.startswith("Expecting ',' delimiter"):
        return f"expected `,` or the closing bracket, met {name}", at, end, remedy
    if problem.startswith("Expecting value"):
        return f"expected a value, met {name}", at, end, remedy
    if "BOM" in problem:
        return "a second byte-order mark", at, at + 1, "remove it"
    return f"not JSON: {problem}", at, end, remedy
