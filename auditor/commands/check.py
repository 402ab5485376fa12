"""`fmaudit check BUNDLE`: looks at every file of a release, executes nothing, writes only on `--fix`."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import click

from auditor.commands.completion import rule_words
from auditor.commands.day import today
from auditor.commands.ending import verbose
from auditor.commands.fixing import fix_options, print_fixes, write_fixes
from auditor.commands.output import (
    color_option,
    output_option,
    outputs,
    put,
    shown_root,
    statistics_option,
    style_option,
    write,
)
from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.engine.settings import Settings


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
@output_option
@statistics_option
@click.option(
    "--select",
    multiple=True,
    callback=split,
    shell_complete=rule_words,
    metavar="RULES",
    help="Run only these rules: codes, families such as MET, or names; ALL is the default.",
)
@click.option(
    "--ignore",
    multiple=True,
    callback=split,
    shell_complete=rule_words,
    metavar="RULES",
    help="Leave these rules out.",
)
@click.option(
    "--for",
    "profile",
    type=click.Choice(["draft", "release", "audit"]),
    help="draft: only what is surely an error. release: all but hints, the default. audit: everything, "
    "nothing that the release ignores, and warnings fail.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    help="Exit with 1 if anything at or above this level was found; by default error, for audits warning.",
)
@click.option("--complete", is_flag=True, help="Exit with 1 also if a rule could not be checked.")
@click.option("--baseline", metavar="FILE", help="Findings in this file are known and do not count.")
@click.option(
    "--isolated",
    is_flag=True,
    help="Read no settings, ignores or baseline from the release or pyproject.toml.",
)
@click.option(
    "--trust-key",
    "trust_keys",
    multiple=True,
    metavar="PEM",
    help="Public key or certificate whose signature the release must bear; what the release ignores is not "
    "heard then. Repeatable.",
)
@click.option(
    "--no-content",
    is_flag=True,
    help="Read no file from end to end: headers of weights, but not their numbers, and no digests.",
)
@click.option(
    "--second-opinion",
    type=click.Choice(["picklescan"]),
    help="Let this scanner, where it is installed, look at pickles too (SEC209).",
)
@click.option("--show-settings", is_flag=True, help="Print what holds and who said so, and check nothing.")
@fix_options
@color_option
def command(
    bundle: str,
    style: str | None,
    files: tuple[str, ...],
    statistics: bool,
    isolated: bool,
    no_content: bool,
    second_opinion: str | None,
    show_settings: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    color: bool | None,
    **flags: object,
) -> int:
    """Look for faults in the model release in the folder BUNDLE.

    Nothing of it is executed, and without --fix nothing is written.
    """
    from auditor.bundle import Bundle
    from auditor.engine.run import check, exit_code, sources
    from auditor.engine.sources import effective
    from auditor.report.formats import render, spans

    start = time.perf_counter()
    _refuse_what_is_not_printed(
        show_settings=show_settings, diff=diff, fix=fix, reports=bool(style or files or statistics)
    )
    asked = outputs(style, files, bundle, statistics=statistics)
    opened = Bundle.open(bundle, content=not no_content)
    opened.second_opinion = second_opinion or ""
    settings = effective(
        {name.replace("_", "-"): value for name, value in flags.items()}, opened, isolated=isolated
    )
    if show_settings:
        return _show(settings)
    if settings.trust_keys:
        from auditor.signing.keys import trusted

        opened.trusted_keys = trusted(settings.trust_keys, opened.root)
    look = partial(check, settings=settings, today=today(), isolate=not verbose())
    if diff:
        return print_fixes(opened, look, unsafe=unsafe_fixes)
    opened, result = write_fixes(opened, look, unsafe=unsafe_fixes) if fix else (opened, look(opened))
    rendered = partial(
        render,
        result=result,
        sources=sources(opened, spans(result)),
        root=shown_root(bundle),
        statistics=statistics,
        timing={"seconds": round(time.perf_counter() - start, 6)},
        fail_on=settings.fail_on,
        complete=settings.complete,
    )
    write(asked, rendered, color)
    return exit_code(result, settings.fail_on, complete=settings.complete)


def _refuse_what_is_not_printed(*, show_settings: bool, diff: bool, fix: bool, reports: bool) -> None:
    """Raises a UsageError where an option would be passed over without a word."""
    help_ = "leave one of them out"
    if show_settings and (fix or diff):
        what = "settings are shown and nothing is fixed"
        raise UsageError(what, where=f"--show-settings and {'--diff' if diff else '--fix'}", help=help_)
    if reports and (show_settings or diff):
        what = "settings are no report" if show_settings else "a patch is no report"
        where = f"{'--show-settings' if show_settings else '--diff'} with --format, --output or --statistics"
        raise UsageError(what, where=where, help=help_)


def _show(settings: Settings) -> int:
    """The settings stand on stdout; 0."""
    from auditor.engine.select import chosen
    from auditor.report.settings import render
    from auditor.rules import load

    put(render(settings, len(chosen(load(), settings))))
    return 0
