r"""What text looks like in a terminal: nothing invisible, nothing obeyed, and how many cells it takes.

A bundle is hostile input: its control characters, bidirectional overrides and lone surrogates are
shown as escapes (`\x1b`, `\u202e`), never sent.
"""

TAB = "    "


def visible(text: str) -> str:
    """The text on one line, with everything that a terminal would obey or hide spelled out."""
    if text.isprintable():  # false for controls, format characters, surrogates and odd spaces
        return text
    return "".join(map(_visible, text))


def cells(text: str) -> list[str]:
    """What each character of a source line is shown as; a tab is four spaces."""
    if text.isprintable():
        return list(text)
    return [TAB if char == "\t" else _visible(char) for char in text]


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
