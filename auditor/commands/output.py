"""What every command prints: in which formats and colours, where it goes, with which paths."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import click

from auditor.errors import CannotRun, UsageError
from auditor.records import dataclass
from auditor.report.formats import COUNTED, FORMATS

MAX_SUMMARY = 1 << 20  # bytes that GitHub takes as the summary of a step: "a maximum size of 1MiB"
LEAST_SUMMARY = 2_048  # bytes below which a summary would not even hold the counts

style_option = click.option(
    "--format", "style", type=click.Choice(FORMATS), help="What to print; text is the default."
)
output_option = click.option(
    "--output",
    "files",
    multiple=True,
    metavar="FORMAT=PATH",
    help="Write a report in a further format to a file, as in sarif=fmaudit.sarif; - prints it instead.",
)
statistics_option = click.option(
    "--statistics", is_flag=True, help="Count findings by rule instead of showing each, in text and concise."
)
color_option = click.option(
    "--color/--no-color",
    default=None,
    help="Colour the text, or not; by default where it goes to a terminal and NO_COLOR is not set.",
)


@dataclass(frozen=True, slots=True)
class Output:
    """One report: its format, and the file it goes to; no file means standard output."""

    style: str
    path: str = ""


def outputs(
    style: str | None, files: Sequence[str], bundle: str, *, statistics: bool = False
) -> tuple[Output, ...]:
    """The reports that were asked for, the printed one first; all that can be told before is right.

    Args:
        style: the format of `--format`; None stands for text unless `--output` prints another.
        files: the words of `--output`.
        bundle: the folder that is looked at, into which nothing may be written.
        statistics: whether `--statistics` was given.

    Raises:
        UsageError: a word is not FORMAT=PATH, two reports go to one place, a place cannot be written to or
            lies in the bundle, or no report shows statistics.
    """
    asked = [_output(word) for word in files]
    if style is not None or all(output.path for output in asked):
        asked.append(Output(style or "text"))
    if statistics and not any(output.style in COUNTED for output in asked):
        raise UsageError(f"only {' and '.join(COUNTED)} show statistics", where="--statistics")
    taken: set[Path | None] = set()
    for output in asked:
        place = _real(output.path) if output.path else None
        if place in taken:
            what = output.path or "standard output"
            raise UsageError(f"two reports go to {what}", where="--output", help="name a file for each")
        taken.add(place)
        if place is not None:
            where = f"--output {output.style}={output.path}"
            if os.path.exists(output.path) and not os.path.exists(place):  # noqa: PTH110  /dev/stdout, if a pipe
                raise _no_regular_file(where)
            _check_place(place, where, bundle)
    if any(output.style == "github" for output in asked) and (
        summary := os.environ.get("GITHUB_STEP_SUMMARY")
    ):
        _refuse_inside(_real(summary), "GITHUB_STEP_SUMMARY", bundle)
    return tuple(sorted(asked, key=lambda output: output.path))


def output_to(style: str, path: str, bundle: str) -> Output:
    """The one report of a command, to a file, or to standard output where none is named.

    Raises:
        UsageError: the file cannot be written to or lies in the bundle.
    """
    if path in ("", "-"):
        return Output(style)
    _check_place(_real(path), f"--output {path}", bundle)
    return Output(style, path)


def write(asked: Sequence[Output], render: Callable[..., str], color: bool | None) -> None:
    """Every report stands where it was asked for, the printed one also where a file could not be written.

    Args:
        asked: the reports.
        render: makes one; takes its format, and `color` and `max_bytes` by name.
        color: as `--color` says.

    Raises:
        CannotRun: a file could not be written.
    """
    try:
        for output in asked:
            if output.path:
                _write_whole(output, render(output.style))
        if any(output.style == "github" for output in asked):
            _summarize(render)
    finally:
        for output in asked:
            if not output.path:
                put(render(output.style, color=colored(color)))


def printed(asked: Sequence[Output]) -> str:
    """The format that goes to standard output; empty where none does."""
    return next((output.style for output in asked if not output.path), "")


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
    """What stands before the bundle's files: their folder, as seen from the current one.

    Empty where that is the bundle itself, or where the bundle lies outside of it: no report may depend on
    where a checkout lies.
    """
    path = Path(os.path.normpath(bundle))
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    outside = path.anchor or path.parts[:1] in ((), ("..",))
    return "" if outside else f"{path.as_posix()}/"


def _output(word: str) -> Output:
    style, _, path = word.partition("=")
    if style not in FORMATS or not path:
        what = "no file is named" if style in FORMATS else f"`{style}` is no format"
        formats = ", ".join(FORMATS)
        raise UsageError(what, where=f"--output {word}", help=f"write FORMAT=PATH; the formats are {formats}")
    return Output(style, "" if path == "-" else path)


def _real(path: str) -> Path:
    """Where a path leads: a link to a report keeps its place, and what it points to is replaced."""
    return Path(os.path.realpath(path))


def _check_place(place: Path, where: str, bundle: str) -> None:
    """Raises a UsageError where no report can be written to the real path `place`."""
    _refuse_inside(place, where, bundle)
    if not place.parent.is_dir():
        raise UsageError("there is no such folder", where=where, help="make the folder first")
    if place.is_dir():
        raise UsageError("this is a folder", where=where, help="name a file in it")
    if os.path.lexists(place) and not place.is_file():  # a rename would put a file in the place of a device
        raise _no_regular_file(where)
    if not os.access(place.parent, os.W_OK):
        raise UsageError("the folder cannot be written to", where=where, help="name a place that is yours")


def _no_regular_file(where: str) -> UsageError:
    return UsageError("this is no regular file", where=where, help="`-` stands for standard output")


def _refuse_inside(place: Path, where: str, bundle: str) -> None:
    if bundle and place.is_relative_to(_real(bundle)):
        raise UsageError(
            "this lies in the release that is looked at, into which nothing is written",
            where=where,
            help="name a file outside of it",
        )


def _write_whole(output: Output, text: str) -> None:
    """The file holds the report; at no moment does it hold a part of it."""
    place = _real(output.path)
    partial = place.with_name(f".fmaudit-{os.urandom(4).hex()}.partial")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(partial, flags, 0o666), "wb") as stream:
            stream.write(text.encode())
        partial.replace(place)
    except OSError as error:
        what = f"the report cannot be written ({error.strerror})"
        raise CannotRun(
            what, where=f"--output {output.style}={output.path}", help="name another place"
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink()


def _summarize(render: Callable[..., str]) -> None:
    """The summary of a GitHub job ends with the report, as far as there is room; its lack fails no gate."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with Path(path).open("ab") as stream:
            left = MAX_SUMMARY - stream.tell()
            if left >= LEAST_SUMMARY:
                stream.write(render("markdown", max_bytes=left).encode())
    except OSError as error:
        click.echo(f"note: the summary of the job cannot be written ({error.strerror})", err=True)
