r"""What text looks like in a terminal or a log: nothing invisible, nothing obeyed; how many cells it takes.

A bundle is hostile input: its control characters, bidirectional overrides and lone surrogates are
shown as escapes (`\x1b`, `\u202e`), never sent. CI services obey lines as well: `##[command]`
anywhere in a line (GitHub, Azure, TeamCity) and `::command::` at its start (GitHub).
"""

import re

TAB = "    "
ORDER = r"#(?=#\w*\[)"  # the first sign of an order in a log: `##[error]`, `##vso[...]`, `##teamcity[...]`


def visible(text: str) -> str:
    """The text on one line, with everything that a terminal or a log would obey or hide spelled out."""
    if not text.isprintable():  # false for controls, format characters, surrogates and odd spaces
        text = "".join(map(_visible, text))
    return re.sub(ORDER, r"\\x23", text) if "##" in text else text


def cells(text: str) -> list[str]:
    """What each character of a source line is shown as; a tab is four spaces."""
    shown = list(text)
    if not text.isprintable():
        shown = [TAB if char == "\t" else _visible(char) for char in text]
    if "##" in text:
        for order in re.finditer(ORDER, text):
            shown[order.start()] = "\\x23"
    return shown


def inert(line: str) -> str:
    """A printed line that GitHub's runner does not take for a command; our own `:::` is none."""
    start = line.lstrip() if "::" in line else ""
    if not start.startswith("::") or start.startswith(":::"):
        return line
    return line.replace("::", "\\x3a:", 1)


def width(text: str) -> int:
    """The number of terminal cells that visible text takes: wide characters two, marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in "WF" else 1 for char in text
    )


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    if char == "\n":
        return "\\n"
    code = ord(char)
    if code > 0x7F:
        from unicodedata import category

        if category(char) == "Zs":  # a space of another width is harmless and common in East Asian text
            return char
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
