"""Text of a bundle as Markdown in which it is nothing but text.

A comment on a pull request notifies whoever it mentions and shows every link and image, so that a
hostile file name could speak in fmaudit's name. What is not plain words and numbers therefore stands
in code spans, in which no service looks for markup, links, mentions, issue numbers or commits.
"""

from __future__ import annotations

import re

from auditor.report.cells import visible

# Words and numbers. No seven hexadecimal digits: they could name a commit. No dot within a word: an address
# becomes a link. No colon before one: `:word:` becomes a picture. No digit after a dash: `GH-1` is an issue.
_WORD = r"(?!\d*[0-9a-f]{7,}\b)[^\W_]+(?:['’-][^\W\d_]+)*|[-+]?\d{1,6}(?:[.,/]\d{1,6})*%?"
_PLAIN = re.compile(rf"[(]*(?:{_WORD})?(?:'s)?[),.;:?]*|[-+/=±×]")


def prose(text: str) -> str:
    """A message: names in back quotes become code, and so does every word that could be markup."""
    pieces = visible(text).split("`")
    if len(pieces) % 2 == 0:  # a back quote without its fellow: no telling what is quoted
        return code(text)
    parts: list[str] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            parts += [_code(piece)] if piece else []
        else:
            parts += _words(piece)
    return _apart(parts)


def code(text: str) -> str:
    """The text in a code span that it cannot end."""
    return _code(visible(text))


def cell(markdown: str) -> str:
    """The Markdown for a table's cell: a bar would end it, even in code (GFM 0.29, section 4.10)."""
    return markdown.replace("|", "\\|")


def _code(shown: str) -> str:
    if not shown.strip():
        return ""
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    room = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{room}{shown}{room}{fence}"


def _words(piece: str) -> list[str]:
    """The piece cut at its spaces, which stay; stretches of words that are not plain become one code span."""
    parts: list[str] = []
    odd: list[str] = []
    for word in re.split("( +)", piece):
        if word.startswith(" ") or not word:
            (odd or parts).append(word)
        elif _PLAIN.fullmatch(word):
            parts += [*_closed(odd), word]
            odd = []
        else:
            odd.append(word)
    return [*parts, *_closed(odd)]


def _closed(odd: list[str]) -> list[str]:
    """One code span for words and spaces; spaces at its end stay outside."""
    text = "".join(odd)
    bare = text.rstrip(" ")
    return [part for part in (_code(bare), text[len(bare) :]) if part]


def _apart(parts: list[str]) -> str:
    """The parts in a row; a space keeps two code spans from becoming one."""
    joined = ""
    for part in parts:
        joined += f" {part}" if part.startswith("`") and joined.endswith("`") else part
    return joined.strip()
