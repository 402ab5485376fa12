"""Which rules a check runs, out of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from auditor.engine.settings import Profile, Settings
from auditor.errors import UsageError
from auditor.model import Rule
from auditor.rules.naming import meant, named, similar
from auditor.rules.registry import RULE_SETS


def chosen(rules: Mapping[str, Rule], settings: Settings) -> tuple[Rule, ...]:
    """The rules that run, in registry order: selected, not ignored, of the profile and the rule set.

    Those that only the release leaves out run as well. A rule that is selected by its own code or
    name runs in every profile.

    Raises:
        UsageError: a word of the settings means no rule, or no rule is left.
    """
    wanted = wanted_codes(rules, settings) | (settings.left_out.codes if settings.left_out else frozenset())
    if not wanted:
        raise _nothing_left(rules, settings)
    return tuple(rule for code, rule in rules.items() if code in wanted)


def wanted_codes(rules: Mapping[str, Rule], settings: Settings) -> set[str]:
    """The codes of the rules that run, as in `chosen`; perhaps none.

    Raises:
        UsageError: a word of the settings means no rule.
    """
    own = {rule.code for rule in (named(rules, word) for word in settings.select) if rule}
    suited = {code for code, rule in rules.items() if code in own or _suits(rule, settings.profile)}
    selected = _codes(rules, settings.select, "--select") & suited & of_set(rules, settings.rules).keys()
    return selected - _codes(rules, settings.ignore, "--ignore")


def of_set(rules: Mapping[str, Rule], rule_set: str) -> dict[str, Rule]:
    """The rules that had entered with this rule set; those about the check itself belong to each."""
    sets = RULE_SETS[: RULE_SETS.index(rule_set) + 1]
    return {code: rule for code, rule in rules.items() if rule.since in sets or rule.family == "META"}


def find(rules: Mapping[str, Rule], word: str) -> Rule:
    """The one rule of this code or name.

    Raises:
        UsageError: there is none; the help names those with a similar code or name.
    """
    found = named(rules, word)
    if found is None:
        raise UsageError(f"`{word}` is no rule", help=similar(rules, word, families=False))
    return found


def _codes(rules: Mapping[str, Rule], words: tuple[str, ...], flag: str) -> set[str]:
    codes: set[str] = set()
    for word in words:
        met = meant(rules, word)
        if not met:
            raise UsageError(f"`{word}` is no rule or family", where=flag, help=similar(rules, word))
        codes |= met
    return codes


def _suits(rule: Rule, profile: Profile) -> bool:
    """Whether the rule runs in a profile without being named."""
    if profile == "draft":
        return rule.level == "error" and rule.certainty == "sure"
    return profile == "audit" or rule.certainty != "hint"


def _nothing_left(rules: Mapping[str, Rule], settings: Settings) -> UsageError:
    """Names the settings that leave nothing, and the one to change."""
    said = [settings.origins[key] for key in ("select", "ignore") if key in settings.origins]
    selected = replace(settings, ignore=())
    if wanted_codes(rules, selected):
        help_ = "`fmaudit rule` lists the rules"
    elif wanted_codes(rules, replace(selected, profile="audit")):
        help_ = f"the profile {settings.profile} runs none of them; `--for audit` runs every rule"
    else:
        help_ = f"they entered after the rule set {settings.rules}"
    return UsageError("no rule is left to run", where=", ".join(said) or "--select, --ignore", help=help_)
