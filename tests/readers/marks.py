"""What a span underlines, and what a reader says of a broken text."""

import pytest

from auditor.readers.document import Unreadable
from auditor.readers.text import split_lines


def underlined(source, span):
    """The characters of a text that a span covers."""
    assert span.end_line == span.line
    return split_lines(source)[span.line - 1][span.column - 1 : span.end_column - 1]


def refusal(read, *arguments):
    """The Unreadable that reading raises."""
    with pytest.raises(Unreadable) as caught:
        read(*arguments)
    return caught.value


def attempt(read, *arguments):
    """The document, or the Unreadable that reading raises; anything else is a failure."""
    try:
        return read(*arguments)
    except Unreadable as error:
        return error


def met(read, text):
    """Line, column and message of a refusal."""
    error = refusal(read, "a.txt", text)
    return error.span.line, error.span.column, error.what
