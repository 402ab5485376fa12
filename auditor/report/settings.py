"""The settings of a check for people: each with its value and where that was said."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.engine.settings import Settings
from auditor.report.cells import visible
from auditor.report.table import aligned


def render(settings: Settings, n_rules: int) -> str:
    """One line for each setting, then what follows from all of them; `n_rules` is how many rules run."""
    heads = ("setting", "value", "said by")
    rows = [(key, value, settings.origins.get(key, "default")) for key, value in _values(settings)]
    lines = aligned([heads, *rows], lambda _, text: text)
    return "\n".join([*lines, "", f"{n_rules} rules run", *map(visible, settings.remarks)]) + "\n"


def _values(settings: Settings) -> Iterable[tuple[str, str]]:
    yield "profile", settings.profile
    yield "rules", settings.rules
    yield "select", _list(settings.select)
    yield "ignore", _list(settings.ignore)
    yield "per-file", "; ".join(f"{each.glob}: {_list(each.words)}" for each in settings.per_file) or "-"
    yield "ignores", str(len(settings.ignores) or "-")
    yield "comments", "heard" if settings.comments else f"not heard ({_why_deaf(settings)})"
    yield "baseline", settings.baseline or "-"
    yield "fail-on", settings.fail_on
    yield "complete", "yes" if settings.complete else "no"
    yield "trust-keys", _list(settings.trust_keys)


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "-"


def _why_deaf(settings: Settings) -> str:
    """Why nothing that the release says is heard."""
    if settings.isolated:
        return "--isolated"
    return "audit" if settings.unheard is not None else "it must bear a trusted signature"
