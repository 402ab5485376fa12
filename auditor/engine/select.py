"""Which rules a check runs: by code, family or other prefix of a code, name, or ALL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.errors import UsageError
from auditor.model import Rule


@dataclass(frozen=True, slots=True)
class Selection:
    """The rules asked for; what is ignored is left out even where it is also selected."""

    select: tuple[str, ...] = ("ALL",)
    ignore: tuple[str, ...] = ()


def chosen(rules: Mapping[str, Rule], selection: Selection) -> tuple[Rule, ...]:
    """The selected rules in registry order.

    Raises:
        UsageError: a word of the selection means no rule, or no rule is left.
    """
    wanted = _codes(rules, selection.select, "--select") - _codes(rules, selection.ignore, "--ignore")
    if not wanted:
        raise UsageError(
            "no rule is left to run",
            where="--select, --ignore",
            help="`fmaudit rule --all` lists the rules",
        )
    return tuple(rule for code, rule in rules.items() if code in wanted)


def find(rules: Mapping[str, Rule], word: str) -> Rule:
    """The one rule of this code or name.

    Raises:
        UsageError: there is none; the help names those with a similar code or name.
    """
    for rule in rules.values():
        if word.upper() == rule.code or word.lower() == rule.name:
            return rule
    raise _unknown(rules, word, "")


def near(word: str, words: Iterable[str]) -> str:
    """The words that look like this one, in back quotes; empty where none does."""
    from difflib import get_close_matches

    return ", ".join(f"`{match}`" for match in get_close_matches(word, list(words), n=3, cutoff=0.6))


def _codes(rules: Mapping[str, Rule], words: tuple[str, ...], flag: str) -> set[str]:
    codes: set[str] = set()
    for word in words:
        met = {code for code, rule in rules.items() if _means(word, rule)}
        if not met:
            raise _unknown(rules, word, flag)
        codes |= met
    return codes


def _means(word: str, rule: Rule) -> bool:
    upper = word.upper()
    if upper.isalpha():  # a family is a whole word: MET does not mean META
        return upper in ("ALL", rule.family) or word.lower() == rule.name
    return rule.code.startswith(upper) or rule.name == word.lower()


def _unknown(rules: Mapping[str, Rule], word: str, flag: str) -> UsageError:
    close = near(word.upper(), rules) or near(word.lower(), (rule.name for rule in rules.values()))
    similar = f"similar: {close}" if close else "`fmaudit rule --all` lists the rules"
    kind = "rule or family" if flag else "rule"
    return UsageError(f"`{word}` is no {kind}", where=flag, help=similar)
