"""Which rules run, and in which order: all that follows from the settings alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from auditor.engine.select import chosen, of_set, wanted_codes
from auditor.engine.settings import Settings
from auditor.model import Rule
from auditor.records import dataclass


def order_of(every: Mapping[str, Rule], settings: Settings) -> Order:
    """The order of a check with these settings; worked out once for a table of rules.

    Raises:
        UsageError: a word of the settings means no rule, or no rule is left.
    """
    return _order(_Rules(every), settings)


class _Rules:
    """The table of all rules as a key of a cache: the same table is the same key."""

    __slots__ = ("every",)

    def __init__(self, every: Mapping[str, Rule]) -> None:
        self.every = every

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rules) and self.every is other.every

    def __hash__(self) -> int:
        return id(self.every)


@dataclass(frozen=True, slots=True)
class Order:
    """What follows from the settings alone: which rules are selected, and which run in which order.

    Attributes:
        rules: those of the rule set, and the selected ones.
        selected: codes of those whose outcomes are reported.
        running: the selected rules and all they wait for, in registry order, each after those it waits for.
        left: codes that the settings leave out otherwise than by `ignore`.
    """

    rules: Mapping[str, Rule]
    selected: frozenset[str]
    running: tuple[Rule, ...]
    left: frozenset[str]


@lru_cache(maxsize=8)  # a folder of a thousand releases is checked with the same settings a thousand times
def _order(known: _Rules, settings: Settings) -> Order:
    every = known.every
    selected = {rule.code for rule in chosen(every, settings)}
    in_set = of_set(every, settings.rules)
    rules = {code: rule for code, rule in every.items() if code in in_set or code in selected}
    left = wanted_codes(every, Settings(ignore=settings.ignore)) - selected
    return Order(rules, frozenset(selected), tuple(_running(rules, selected)), frozenset(left))


def _running(rules: Mapping[str, Rule], selected: set[str]) -> list[Rule]:
    ordered: dict[str, Rule] = {}

    def settle(code: str, waiting: tuple[str, ...]) -> None:
        if code in ordered or code in waiting or code not in rules or not rules[code].needs:
            return
        for earlier in rules[code].after:
            settle(earlier, (*waiting, code))
        ordered[code] = rules[code]

    for code in rules:
        if code in selected:
            settle(code, ())
    return list(ordered.values())
