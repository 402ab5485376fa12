"""`fmaudit init BUNDLE`: writes a first fmaudit.yaml and recipe.yaml from what the other files say."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from auditor.errors import UsageError


@click.command("init")
@click.argument("bundle", type=click.Path())
@click.option("--force", is_flag=True, help="Replace the files that are there.")
def command(bundle: str, force: bool) -> int:
    """Write a first fmaudit.yaml and recipe.yaml for the model release in the folder BUNDLE.

    They hold what its files already say. What they do not say is left as `<to fill: ...>`, and
    `fmaudit check` lists what is left.
    """
    from auditor.bundle import Bundle
    from auditor.commands.new_file import refuse_what_is_no_file, write_new
    from auditor.commands.output import put
    from auditor.formats.draft_manifest import manifest
    from auditor.formats.draft_recipe import recipe
    from auditor.readers.document import Document

    opened = Bundle.open(bundle)
    drafts = {"fmaudit.yaml": (manifest, "recipe.yaml"), "recipe.yaml": (recipe, "fmaudit.yaml")}
    there = [name for name in drafts if os.path.lexists(opened.root / name)]
    for name in there:
        refuse_what_is_no_file(opened.root / name, f"{bundle}/{name}")
    if len(there) == len(drafts) and not force:
        raise UsageError(
            f"{' and '.join(there)} are there already", where=bundle, help="`--force` replaces them"
        )
    kept = () if force else there
    documents = {name: opened.document(name) for name in kept}
    stay = {name: found for name, found in documents.items() if isinstance(found, Document)}
    texts = {
        name: draft(opened, stay.get(beside)) for name, (draft, beside) in drafts.items() if name not in kept
    }
    for name, text in texts.items():
        write_new(opened.root / name, text)
    for name, text in texts.items():
        places = list(_left(text))
        put(f"wrote {name}: {len(places) or 'no'} place{'' if len(places) == 1 else 's'} left to fill\n")
        put("".join(f"  {name}:{line}:{column}: {wanted}\n" for line, column, wanted in places))
    put("".join(f"kept {name}, which was there\n" for name in kept))
    unreadable = opened.get("unreadable")
    for file, error in unreadable if isinstance(unreadable, tuple) else ():
        put(f"nothing was taken from {file}: {error.what}\n")
    put(f"next: fmaudit check {bundle}\n")
    return 0


def _left(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column and description of each placeholder in a drafted file."""
    from auditor.formats.conformance import TO_FILL

    for number, line in enumerate(text.splitlines(), 1):
        before, found, after = line.partition(f'"{TO_FILL}')
        if found and not line.startswith("#"):
            yield number, len(before) + 1, after.partition('>"')[0].lstrip(": ")
