"""Pieces of code in a card: what is wrong with them as Python, JSON or YAML, if anything is. Nothing is run.

Authors abridge: `...`, `<your token>`, commands of a shell between lines of Python, printed output. A piece
with any of these is either read without them or left alone.
"""

from __future__ import annotations

import re

from auditor.readers.text import split_lines
from auditor.records import dataclass

MAX_SNIPPETS = 100  # blocks of a card that are looked at: parsing a million would take minutes
# Characters of one block: the longest of honest cards have a few thousand, and a tree takes up to 1.8 KB
# a word (measured in readers/python_code.py).
MAX_SNIPPET = 20_000
_ABRIDGED = r"\.\.\.|…|<[A-Za-z][\w /-]{0,60}>|\{\{|\{%|\[\["
_COMMANDS = ("!", "%", "$ ", "? ")
_PRINTED = ("=> ", "-> ", "→", "<<< ", "==> ", "Out[")  # what authors set before output
_SHELL = (
    r"(?:pip3?|conda|uv|apt|apt-get|brew|npm|git|cd|wget|curl|export|sudo|python3?|huggingface-cli|hf|docker|bash"
    r"|CUDA_VISIBLE_DEVICES=\S+|mkdir|source|ls|cat)\s"
)
_PROSE_WORDS = 3  # a line of more words without any sign of code is prose, or was printed
_KEYWORDS = frozenset(
    {
        "import",
        "from",
        "def",
        "class",
        "for",
        "while",
        "if",
        "with",
        "print",
        "return",
        "async",
        "try",
        "lambda",
    }
)
_NEWER = ("f-string", "invalid escape", "positional patterns")  # grammar that a later Python may have changed


@dataclass(frozen=True, slots=True)
class Broken:
    """What is wrong with a piece of code, and on which line of it, counted from 1."""

    what: str
    line: int


def broken_python(text: str) -> Broken | None:
    """The first reason why a piece is no Python 3, or None where it is, or was not meant to be whole."""
    lines = _python_lines(text)
    error = _syntax_error("\n".join(lines)) if lines is not None else None
    if lines is None or error is None or any(word in error.what for word in _NEWER):
        return None
    if error.what.startswith("expected an indented block") and re.search(r":\s*#|:[ \t]*\n\s*#", text):
        return None  # a comment stands for what is to be done there
    if ">>>" in text and _syntax_error("\n".join(_typed_on(text))) is None:
        return None
    at = lines[error.line - 1] if 0 < error.line <= len(lines) else ""
    prose = len(at.split()) > _PROSE_WORDS and not re.search(r"[()\[\]{}=:]", at)
    if prose and not at.lstrip().startswith(("print ", "import ", "from ", "def ", "class ")):
        return None
    if error.line > 1 and _is_output(lines[: error.line - 1], at):
        return None
    return error


def broken_json(text: str) -> Broken | None:
    """The first reason why a piece is no JSON; None also for pieces, comments and JSON Lines."""
    from json import JSONDecodeError, loads

    if (
        len(text) > MAX_SNIPPET
        or not text.strip()
        or re.search(_ABRIDGED, text)
        or re.search(r"//|/\*|(?m:^\s*#)", text)
    ):
        return None
    is_piece = text.lstrip().startswith('"')  # of an object, without its braces
    first: JSONDecodeError | None = None
    for whole in (text, f"{{{text}}}", f"{{{text.rstrip().rstrip(',')}}}"):
        try:
            loads(whole)
        except JSONDecodeError as error:
            first = error if first is None or (is_piece and first.msg == "Extra data") else first
        except (ValueError, RecursionError):  # numbers of thousands of digits, deep nesting
            return None
        else:
            return None
    if first is None or (first.msg == "Extra data" and _all_json(split_lines(text.strip()))):
        return None
    return Broken(first.msg[:1].lower() + first.msg[1:], first.lineno)


def broken_yaml(text: str) -> Broken | None:
    """The first reason why a piece is no YAML; None also where it has text in place of values."""
    if len(text) > MAX_SNIPPET or not text.strip() or re.search(_ABRIDGED, text):
        return None
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for _ in yaml.parse(text, Loader=loader):  # events only, so that aliases are not expanded
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return Broken(error.problem or "cannot be parsed", (mark.line if mark is not None else 0) + 1)
    except (yaml.YAMLError, RecursionError):
        return None
    return None


def _python_lines(text: str) -> list[str] | None:
    """The lines that are to be Python, blank where they are something else; None for a piece left alone."""
    from textwrap import dedent

    if len(text) > MAX_SNIPPET or not text.strip() or "\0" in text:
        return None
    lines = split_lines(dedent(text.replace("\t", "    ")))
    if any(line.lstrip().startswith(">>> ") for line in lines):
        lines = [_without_prompt(line) for line in lines]
    elif re.search(_ABRIDGED, text) or any(line.startswith(">> ") for line in lines):
        return None
    return ["" if _is_no_python(line.lstrip()) else line for line in lines]


def _is_no_python(line: str) -> bool:
    """Whether a line, without the blanks before it, is a command or marked as output."""
    return line.startswith((*_COMMANDS, *_PRINTED)) or re.match(_SHELL, line) is not None


def _without_prompt(line: str) -> str:
    """What was typed at a prompt, or nothing for what was printed."""
    typed = line.lstrip()
    return typed[4:] if typed.startswith((">>> ", "... ")) else ""


def _typed_on(text: str) -> list[str]:
    """What was typed by authors who set a prompt before the first line of a statement only.

    Lines without one belong to the statement while a bracket is open.
    """
    lines, depth = [], 0
    for line in split_lines(text):
        prompted = line.lstrip().startswith((">>>", "..."))
        typed = _without_prompt(line) if prompted else line if depth > 0 else ""
        depth += sum(map(typed.count, "([{")) - sum(map(typed.count, ")]}"))
        lines.append(typed)
    return lines


def _syntax_error(code: str) -> Broken | None:
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the compiler on the text, not on us
            ast.parse(code)
    except SyntaxError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        return Broken(what.removesuffix(". Perhaps you forgot a comma?"), max(error.lineno or 1, 1))
    except (ValueError, RecursionError, MemoryError):  # long numbers, deep expressions
        return None
    return None


def _is_output(before: list[str], line: str) -> bool:
    """Whether a line is what the piece before it printed: that is Python, and this is no statement."""
    if line[:1].isspace() or _syntax_error("\n".join(before)) is not None:
        return False
    word = re.match(r"([A-Za-z_]\w*)(\s*(?:[=(.\[:]|$))?", line)
    return word is not None and word[2] is None and word[1] not in _KEYWORDS


def _all_json(lines: list[str]) -> bool:
    """Whether each line is a document, as in JSON Lines."""
    from json import loads

    try:
        return all(loads(line) is not None for line in lines if line.strip())
    except (ValueError, RecursionError):
        return False
