"""Who says how a check is done: the flags, the checker's pyproject.toml, the release's own fmaudit.yaml.

In this order: whoever runs the gate outranks whoever wrote the release. Of single values and of `select` the
stronger word holds; what is ignored adds up. A rule that only the release leaves out looks nevertheless, and
what it finds is listed as ignored: no release passes by what it does not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from auditor.bundle import Bundle
from auditor.engine.pyproject import Own, own_word
from auditor.engine.select import wanted_codes
from auditor.engine.settings import (
    MAX_ENTRIES,
    MAX_PATTERNS,
    PROFILES,
    Entry,
    LeftOut,
    PerFile,
    Profile,
    Settings,
)
from auditor.errors import UsageError
from auditor.model import LEVELS, KeyPath, Level, Rule
from auditor.readers.document import Document
from auditor.records import dataclass
from auditor.rules import load
from auditor.rules.ignoring import is_date, single_rule
from auditor.rules.naming import meant, named
from auditor.rules.registry import FAMILIES, RULE_SETS

MANIFEST, CHECK = "fmaudit.yaml", ("check",)
FLAGS = {"profile": "--for", "trust-keys": "--trust-key"}  # those not called as the setting is


@dataclass(frozen=True, slots=True)
class Source:
    """What one of them says: values by the names of the settings in the files, and where each stands."""

    values: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)


SILENT = Source()


def effective(flags: Mapping[str, Any], bundle: Bundle, *, isolated: bool = False) -> Settings:
    """The settings of a check of this bundle.

    Args:
        flags: what the command line says, by the names of the settings; None, False and () say nothing.
        bundle: whose fmaudit.yaml is heard last.
        isolated: hear the flags alone.

    Raises:
        UsageError: a flag or the checker's pyproject.toml is wrong, or no rule is left.
    """
    rules = load()
    asked = _flags(flags)
    if isolated:
        return replace(_merged(rules, asked, SILENT, SILENT), comments=False, isolated=True)
    own = _own(own_word(bundle), rules)
    if any("trust-keys" in source.values for source in (asked, own)):
        # Until its signature holds, a release that must bear one has no say in how it is checked.
        return replace(_merged(rules, asked, own, SILENT), comments=False)
    manifest = bundle.get("manifest")
    release = _read(manifest, CHECK, MANIFEST, rules) if isinstance(manifest, Document) else SILENT
    heard = _merged(rules, asked, own, release)
    if heard.profile != "audit":
        left_out = _left_out(rules, heard, _merged(rules, asked, own, SILENT), release, bundle)
        return replace(heard, left_out=left_out, remarks=_told(left_out))
    said = Source({key: value for key, value in release.values.items() if key == "profile"}, release.where)
    alone = _merged(rules, asked, own, said)
    return replace(alone, comments=False, unheard=heard)


def _flags(flags: Mapping[str, Any]) -> Source:
    values = {key: value for key, value in flags.items() if value not in (None, False, ())}
    where = {key: FLAGS.get(key, f"--{key}") for key in values}
    for key, value in values.items():
        if value == "" or (isinstance(value, tuple) and "" in value):  # a variable that is not set
            raise UsageError("no file is named", where=where[key], help="name one, or leave the option out")
    return Source(values, where)


def _own(own: Own | None, rules: Mapping[str, Rule]) -> Source:
    """What pyproject.toml says; the files it names lie beside it."""
    if own is None:
        return SILENT
    source = _read(own.table, (), own.shown, rules)
    values = dict(source.values)
    if "baseline" in values:
        values["baseline"] = own.beside(values["baseline"])
    keys = [own.beside(key) for _, key in own.table.items("trust-keys")]
    where = dict(source.where)
    if keys:
        values["trust-keys"] = tuple(keys)
        where["trust-keys"] = _line(own.table, ("trust-keys",), own.shown)
    return Source(values, where)


def _read(document: Document, base: KeyPath, shown: str, rules: Mapping[str, Rule]) -> Source:
    """What a table says, as far as it can be followed; what cannot is told elsewhere."""
    is_release = shown == MANIFEST
    values: dict[str, Any] = {}
    for key, allowed in (("profile", PROFILES), ("fail-on", LEVELS), ("rules", RULE_SETS)):
        if document.get(*base, key) in allowed:
            values[key] = document.get(*base, key)
    if document.get(*base, "complete") is True:
        values["complete"] = True
    if isinstance(document.get(*base, "baseline"), str):
        values["baseline"] = document.get(*base, "baseline")
    values["select"] = _known(document, (*base, "select"), rules)
    ignore = _known(document, (*base, "ignore"), rules)
    values["ignore"] = tuple(_speakable(ignore, rules)) if is_release else ignore
    values["per-file"] = tuple(_patterns(document, (*base, "per-file"), shown, rules))
    values["ignores"] = tuple(_entries(document, base, shown, rules))
    values = {key: value for key, value in values.items() if value}
    return Source(values, {key: _line(document, (*base, key), shown) for key in values})


def _known(document: Document, path: KeyPath, rules: Mapping[str, Rule]) -> tuple[str, ...]:
    words = (word for _, word in document.items(*path))
    return tuple(word for word in words if isinstance(word, str) and meant(rules, word))


def _speakable(words: Iterable[str], rules: Mapping[str, Rule]) -> Iterator[str]:
    """The words, less the rules about the check itself, which a release cannot leave out."""
    for word in words:
        if word.upper() == "ALL":
            yield from (family for family in FAMILIES if family != "META")
        elif all(rules[code].family != "META" for code in meant(rules, word)):
            yield word


def _patterns(document: Document, path: KeyPath, shown: str, rules: Mapping[str, Rule]) -> Iterator[PerFile]:
    for glob in [*document.mapping(*path)][:MAX_PATTERNS]:
        words = _known(document, (*path, glob), rules)
        by = replace(document.locate(document.key(*path, glob)), file=shown)
        yield PerFile(glob, tuple(_speakable(words, rules)) if shown == MANIFEST else words, by)


def _entries(document: Document, base: KeyPath, shown: str, rules: Mapping[str, Rule]) -> Iterator[Entry]:
    """The entries of `ignores` that say all they must."""
    for path, entry in [*document.items(*base, "ignores")][:MAX_ENTRIES]:
        texts = [document.get(*path, name) for name in ("rule", "file", "reason")]
        until, inside = (document.get(*path, name, default="") or "" for name in ("until", "path"))
        if not all(isinstance(text, str) for text in (*texts, until, inside)) or not isinstance(entry, dict):
            continue
        word, file, reason = texts
        place = document.at(*path)
        rule = single_rule(rules, word, place)
        if isinstance(rule, Rule) and file and reason.strip() and (not until or is_date(until)):
            by = replace(document.locate(place), file=shown)
            yield Entry(rule.code, file, reason, until, inside, by, shown == MANIFEST)


def _merged(rules: Mapping[str, Rule], *sources: Source) -> Settings:
    """What the sources say together, the strongest first."""

    def first(key: str, otherwise: Any) -> Any:
        said = next((source for source in sources if key in source.values), None)
        if said is None:
            return otherwise
        origins[key] = said.where[key]
        return said.values[key]

    def all_of(key: str) -> tuple[Any, ...]:
        said = [source for source in sources if key in source.values]
        if said:
            origins[key] = ", ".join(source.where[key] for source in said)
        return tuple(value for source in said for value in source.values[key])

    origins: dict[str, str] = {}
    profile: Profile = first("profile", "release")
    fail_on: Level = first("fail-on", "warning" if profile == "audit" else "error")
    if profile == "audit":
        origins.setdefault("fail-on", f"{origins['profile']} (audit)")
    all_of("ignore")
    baseline = first("baseline", "")
    return Settings(
        select=first("select", ("ALL",)),
        ignore=tuple(_ignored(rules, sources)),
        profile=profile,
        rules=first("rules", RULE_SETS[-1]),
        per_file=all_of("per-file"),
        ignores=all_of("ignores"),
        baseline=baseline,
        baseline_inside=bool(baseline) and origins["baseline"].startswith(f"{MANIFEST}:"),
        fail_on=fail_on,
        complete=first("complete", False),
        trust_keys=all_of("trust-keys"),
        origins=origins,
    )


def _ignored(rules: Mapping[str, Rule], sources: Iterable[Source]) -> Iterator[str]:
    """The words of every `ignore`; a rule that a stronger source selects by its own code or name stays."""
    kept: set[str] = set()
    for source in sources:
        for word in source.values.get("ignore", ()):
            codes = meant(rules, word)
            yield from sorted(codes - kept) if codes & kept else (word,)
        found = (named(rules, word) for word in source.values.get("select", ()))
        kept |= {rule.code for rule in found if rule is not None}


def _left_out(
    rules: Mapping[str, Rule], heard: Settings, alone: Settings, release: Source, bundle: Bundle
) -> LeftOut | None:
    """The rules that would count but for the release's word."""
    keys = [key for key in ("select", "ignore", "profile", "rules") if key in release.values]
    codes = wanted_codes(rules, alone) - wanted_codes(rules, heard)
    manifest = bundle.get("manifest")
    if not keys or not codes or not isinstance(manifest, Document):
        return None
    where = ", ".join(dict.fromkeys(release.where[key] for key in keys))
    return LeftOut(frozenset(codes), f"left out in {where}", manifest.locate(manifest.key(*CHECK, keys[0])))


def _told(left_out: LeftOut | None) -> tuple[str, ...]:
    """A line on what does not count, if anything does not."""
    number = sum(not code.startswith("META") for code in left_out.codes) if left_out else 0
    if left_out is None or not number:
        return ()
    rules = "1 rule finds" if number == 1 else f"{number} rules find"
    return (
        f"what {rules} does not count by the release's own word ({left_out.reason}); `--isolated` counts it",
    )


def _line(document: Document, path: KeyPath, shown: str) -> str:
    return f"{shown}:{document.locate(document.key(*path)).line}"
