"""How people name rules: by code, by the beginning of a code, by family, by name, or ALL of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.model import Rule


def meant(rules: Mapping[str, Rule], word: str) -> set[str]:
    """The codes of the rules that the word means; none where it means nothing."""
    return {code for code, rule in rules.items() if _means(word, rule)}


def named(rules: Mapping[str, Rule], word: str) -> Rule | None:
    """The one rule of which the word is the code or the name."""
    found = rules.get(word.upper())
    return found or next((rule for rule in rules.values() if rule.name == word.lower()), None)


def near(word: str, words: Iterable[str]) -> str:
    """The words that look like this one, in back quotes; empty where none does."""
    from difflib import get_close_matches

    # difflib takes time with the square of the length; no code or name is longer than a line.
    return ", ".join(f"`{match}`" for match in get_close_matches(word[:100], sorted(words), n=3, cutoff=0.6))


def similar(rules: Mapping[str, Rule], word: str, *, families: bool = True) -> str:
    """A help for a word that means no rule: words that look like it, or where the rules are listed."""
    known = {rule.family for rule in rules.values()} if families and word.isalpha() else ()
    close = near(word.upper(), known)
    close = close or near(word.upper(), rules) or near(word.lower(), (rule.name for rule in rules.values()))
    return f"similar: {close}" if close else "`fmaudit rule` lists the rules"


def _means(word: str, rule: Rule) -> bool:
    upper = word.upper()
    if upper.isalpha():  # a family is a whole word: MET does not mean META
        return upper in ("ALL", rule.family) or word.lower() == rule.name
    return bool(upper) and (rule.code.startswith(upper) or rule.name == word.lower())
