"""`fmaudit claims BUNDLE`: every number of a release, before any rule."""

from __future__ import annotations

from functools import partial

import click

from auditor.commands.ending import verbose
from auditor.commands.output import Output, color_option, write


@click.command("claims")
@click.argument("bundle", type=click.Path())
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
@click.option(
    "--metric",
    "names",
    multiple=True,
    metavar="NAME",
    help="List only numbers of this metric or quantity: accuracy, f1, params_total. Repeatable.",
)
@color_option
def command(bundle: str, style: str, names: tuple[str, ...], color: bool | None) -> int:
    """List every number that the model release in the folder BUNDLE states.

    For each: where it stands, what it was read as, where else the same number stands, and which rules about
    data, scores and claims it contradicts. Nothing is judged here: the exit code is 0.
    """
    from auditor.bundle import Bundle
    from auditor.engine.numbers import numbers
    from auditor.report.numbers import render
    from auditor.statements.metrics import metric

    opened = Bundle.open(bundle)
    found = numbers(opened, isolate=not verbose())
    if names:
        wanted = {name for word in names for name in (word, metric(word).name)}
        found = tuple(one for one in found if one.name in wanted or one.name.partition("@")[0] in wanted)
    write([Output(style)], partial(render, numbers=found, bundle=opened.name), color)
    return 0
