"""`fmaudit score BUNDLE`: how open a release is by the Model Openness Framework, and what it discloses."""

from __future__ import annotations

from functools import partial

import click

from auditor.commands.output import color_option, output_to, put, write

STYLES = ("text", "markdown", "json", "html")
CLASSES = {"III": 3, "II": 2, "I": 1}


@click.command("score")
@click.argument("bundle", type=click.Path())
@click.option(
    "--mof-profile",
    "profile",
    type=click.Choice(["mot", "spec"]),
    default="mot",
    show_default=True,
    help="By whose reading of the framework: mot, that of the Model Openness Tool; spec, where data sets may "
    "be under any licence or none.",
)
@click.option(
    "--require-class",
    "required",
    type=click.Choice(list(CLASSES)),
    help="Exit with 1 where the release is of a lower class.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(STYLES),
    default="text",
    show_default=True,
    help="What to print.",
)
@click.option("--output", "path", default="", metavar="FILE", help="Write it to a file instead.")
@click.option(
    "--export",
    type=click.Choice(["mot"]),
    help="Print the YAML file of the Model Openness Tool for the release, and no report.",
)
@color_option
def command(
    bundle: str,
    profile: str,
    required: str | None,
    style: str,
    path: str,
    export: str | None,
    color: bool | None,
) -> int:
    """Say how open the model release in the folder BUNDLE is: its class, and what would make it the next one.

    Then, for each item of four published lists of disclosures, where the release answers it. Nothing of the
    release is executed, and no large file is read.
    """
    from auditor.bundle import Bundle
    from auditor.errors import UsageError
    from auditor.openness.assessment import as_mot, coverage
    from auditor.openness.components import rank
    from auditor.openness.mot import write as as_yaml
    from auditor.report.score import render
    from auditor.rules.open_release import assessed

    if export and path:
        where = "--export and --output"
        raise UsageError("what is exported goes to standard output", where=where, help="leave --output out")
    asked = output_to(style, path, bundle)
    opened = Bundle.open(bundle)
    assessment = assessed(opened, "spec" if profile == "spec" else "mot")
    if export:
        put(as_yaml(as_mot(opened, assessment)))
    else:
        write([asked], partial(render, assessment=assessment, lists=coverage(opened, assessment)), color)
    return int(required is not None and rank(assessment.standing.klass) < rank(CLASSES[required]))
