"""`fmaudit check BUNDLE`: looks at every file of a release, executes nothing, writes nothing."""

from __future__ import annotations

import time

import click

from auditor.commands.ending import verbose
from auditor.commands.output import color_option, colored, put, shown_root, style_option
from auditor.errors import UsageError
from auditor.model import Level


def split(_: click.Context, option: click.Parameter, words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a repeatable option that also takes several with commas between.

    Raises:
        UsageError: it was given without a word, as by a variable that is not set.
    """
    found = tuple(word.strip() for text in words for word in text.split(",") if word.strip())
    if words and not found:
        raise UsageError(
            "no rule is named", where=f"--{option.name}", help="name one, or leave the option out"
        )
    return found


@click.command("check")
@click.argument("bundle", type=click.Path())
@style_option
@click.option(
    "--select",
    multiple=True,
    callback=split,
    metavar="RULES",
    help="Run only these rules: codes, families such as MET, or names; ALL is the default.",
)
@click.option("--ignore", multiple=True, callback=split, metavar="RULES", help="Leave these rules out.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    default="error",
    show_default=True,
    help="Exit with 1 if anything at or above this level was found.",
)
@click.option("--complete", is_flag=True, help="Exit with 1 also if a rule could not be checked.")
@color_option
def command(
    bundle: str,
    style: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: Level,
    complete: bool,
    color: bool | None,
) -> int:
    """Look for faults in the model release in the folder BUNDLE.

    Nothing of it is executed, and nothing is written.
    """
    from auditor.bundle import Bundle
    from auditor.engine.run import check, exit_code, sources
    from auditor.engine.select import Selection

    start = time.perf_counter()
    opened = Bundle.open(bundle)
    result = check(opened, Selection(select or ("ALL",), ignore), isolate=not verbose())
    if style == "json":
        from auditor.report import json

        report = json.render(result, {"seconds": round(time.perf_counter() - start, 6)})
    else:
        texts = sources(opened, (span for finding in result.findings for span in finding.spans))
        if style == "sarif":
            from auditor.report import sarif

            report = sarif.render(result, texts, root=shown_root(bundle))
        else:
            from auditor.report import text

            report = text.render(result, texts, colored(color), root=shown_root(bundle))
    put(report)
    return exit_code(result, fail_on, complete=complete)
