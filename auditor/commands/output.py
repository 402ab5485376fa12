"""What every command prints: in which format and colours, where it goes, with which paths."""

from __future__ import annotations

import os
import sys

import click

style_option = click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="What to print.",
)
color_option = click.option(
    "--color/--no-color",
    default=None,
    help="Colour the text, or not; by default where it goes to a terminal and NO_COLOR is not set.",
)


def put(text: str) -> None:
    """The text stands on stdout; characters that its encoding lacks are escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def colored(color: bool | None) -> bool:
    """Whether to colour: as asked, else on a terminal unless NO_COLOR is set (https://no-color.org)."""
    if color is None:
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return color


def shown_root(bundle: str) -> str:
    """What stands before the bundle's files in text and SARIF: the path as it was typed.

    Empty where the path is absolute or climbs out of the current folder: no report may depend on where
    a checkout lies.
    """
    path = os.path.normpath(bundle).replace(os.sep, "/")
    return (
        ""
        if bundle.startswith(("/", os.sep)) or path[1:2] == ":" or path.split("/")[0] in (".", "..")
        else f"{path}/"
    )
