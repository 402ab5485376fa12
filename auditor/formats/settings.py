"""Settings of a check, in the same words in `check:` of `fmaudit.yaml` and in `[tool.fmaudit]`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from auditor.formats.strict import Ours, RelativePath, text_like
from auditor.model import Level

# The engine takes no more either (auditor/engine/settings.py), and says there why.
MAX_PATTERNS = 100
MAX_ENTRIES = 1_000

Word = Annotated[str, Field(min_length=1)]


class Ignore(Ours):
    """Findings that do not count: those of one rule in one file or at one place of it."""

    rule: Word
    """Code or name of the rule."""
    file: Word
    """File inside the bundle; `*` stands for any part of a name, `**` for any folders."""
    path: Word | None = None
    """Key path as messages show it, such as `claims[0].value`, or name of a tensor."""
    until: Annotated[str, text_like(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "a date", "2026-12-31")] | None = None
    """Last day on which they do not count."""
    reason: Word
    """Why they do not count; every report shows it."""


class Check(Ours):
    """How this release is checked, by its own word; flags and the checker's pyproject.toml outrank it."""

    rules: Annotated[str, text_like(r"^[0-9]{4}\.[0-9]{1,2}$", "a rule set", "2026.1")] | None = None
    """Rule set; rules that entered later do not run."""
    profile: Literal["draft", "release", "audit"] | None = None
    """draft: what is surely an error. release: all but hints. audit: everything, and nothing ignored."""
    select: Annotated[list[Word], Field(min_length=1)] | None = None
    """Rules to run: codes, families such as MET, names, or ALL."""
    ignore: list[Word] = []
    """Rules to leave out."""
    per_file: Annotated[dict[str, list[Word]], Field(alias="per-file", max_length=MAX_PATTERNS)] = {}
    """Rules whose findings do not count in files of this name; `*` for a part of it, `**` for folders."""
    fail_on: Level | None = Field(default=None, alias="fail-on")
    """Level from which on a finding fails the check."""
    complete: bool | None = None
    """Whether a rule that could not look fails it too."""
    baseline: RelativePath | None = None
    """File of findings that are known and do not count; `fmaudit baseline` keeps it."""
    ignores: Annotated[list[Ignore], Field(max_length=MAX_ENTRIES)] = []
    """Findings that do not count, one by one, where a comment cannot stand beside them."""


class Tool(Check):
    """How whoever runs the check wants it: `[tool.fmaudit]` of pyproject.toml."""

    baseline: Word | None = None
    """File of findings that are known and do not count, from the folder of pyproject.toml."""
    trust_keys: list[Word] = Field(default=[], alias="trust-keys")
    """Files with the public keys whose signatures are trusted, from the folder of pyproject.toml."""
