"""Personal data in lines of text: what looks like it, proven by check digits where it has any.

Numbers of phones, bank accounts, cards and machines. A pattern that a table of numbers meets by chance is
left out, or asks for several different ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from auditor.records import dataclass

_BLOCK = 2**16  # characters that are looked at together: lines are then found for the few matches only
_MOST = 20_000  # of one kind that are looked at in a file; to try a check digit takes some 5 microseconds
# Card numbers that payment services publish for tests.
_TEST_CARDS = frozenset(
    {"4111111111111111", "4242424242424242", "4012888888881881", "5555555555554444", "5105105105105100"}
    | {"378282246310005", "371449635398431", "6011111111111117", "6011000990139424", "4000056655665556"}
)


@dataclass(slots=True)
class Trace:
    """All of one kind in one file: the first with its line, most of it hidden, and the different ones."""

    line: int
    masked: str
    distinct: set[str]


class Traces:
    """What was met in the lines of one file, by kind."""

    __slots__ = ("_first", "_left", "_lines", "_next", "_size", "found")

    def __init__(self) -> None:
        self.found: dict[str, Trace] = {}
        self._lines: list[str] = []
        self._size = 0
        self._first = self._next = 1
        self._left = dict.fromkeys(_hints(), _MOST)

    def take(self, lines: list[str]) -> None:
        """The next lines are looked at, now or with those after them."""
        self._lines += lines
        self._next += len(lines)
        self._size += sum(map(len, lines))
        if self._size >= _BLOCK:
            self.look()

    def look(self) -> None:
        """All lines that were taken have been looked at."""
        block = "".join(self._lines)
        for kind, begin, value in _matches(block, self._left):
            trace = self.found.get(kind)
            if trace is None:
                line = self._first + sum(1 for _ in self._before(begin))
                trace = self.found[kind] = Trace(line, masked(value), set())
            trace.distinct.add(value)
        self._lines, self._size, self._first = [], 0, self._next

    def _before(self, offset: int) -> Iterator[str]:
        """The lines that end before an offset of the block."""
        end = 0
        for line in self._lines:
            end += len(line)
            if end > offset:
                return
            yield line


def masked(value: str) -> str:
    """The value with all but its first three characters hidden; its length and blanks stay."""
    return value[:3] + re.sub(r"[A-Za-z0-9]", "·", value[3:])


def is_iban(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616-1, 6: MOD 97-10 of ISO/IEC 7064)."""
    letters = text.replace(" ", "")
    turned = letters[4:] + letters[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def passes_luhn(digits: str) -> bool:
    """Whether the last digit of a card number is its check digit (ISO/IEC 7812-1, annex B)."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


def _matches(block: str, left: dict[str, int]) -> Iterator[tuple[str, int, str]]:
    """Kind, place and text of each match in a block, and `left` says how many more are looked at."""
    patterns = _patterns()
    for kind, hint in _hints().items():
        if left[kind] and hint.search(block):
            for match in islice(patterns[kind].finditer(block), left[kind]):
                left[kind] -= 1
                if _is_real(kind, match[0]):
                    yield kind, match.start(), match[0]


def _is_real(kind: str, text: str) -> bool:
    """Whether what looks like it can be one."""
    if kind == "e-mail address":
        return not _patterns()["nobody"].search(text)
    if kind == "phone number":  # ITU-T E.164, 6: 15 digits at most; 555 are the numbers of films
        return 8 <= sum(char.isdigit() for char in text) <= 15 and "555" not in text
    if kind == "IBAN":
        letters = text.replace(" ", "")
        return len(letters) == _iban_lengths().get(letters[:2]) and is_iban(letters)
    if kind == "card number":
        digits = re.sub(r"\D", "", text)
        return passes_luhn(digits) and digits not in _TEST_CARDS and len(set(digits)) > 3
    numbers = [int(part) for part in text.split(".")]  # a version has small numbers
    return max(numbers) < 256 and sum(n > 31 for n in numbers) > 1 and not _patterns()["reserved"].match(text)


@lru_cache(maxsize=1)
def _hints() -> dict[str, re.Pattern[str]]:
    """What a block holds if it holds one of a kind: patterns that begin with few letters."""
    return {
        "e-mail address": re.compile("@"),
        "phone number": re.compile(r"\+[1-9]|\([2-9][0-9]{2}\)"),
        "IBAN": re.compile(r"[A-Z][A-Z][0-9]{2}[A-Z0-9 ]{4}"),
        "card number": re.compile(r"[ -](?:[0-9]{4}[ -][0-9]{4}|[0-9]{6}[ -][0-9]{5})"),
        "IP address": re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"),
    }


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    """The patterns; each repetition is bounded, so that hostile lines cost no more than others.

    A card number stands in groups, as on the card: sixteen digits in a row are what many identifiers are.
    """
    return {
        "e-mail address": re.compile(
            r"(?<![\w.+:/-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![\w@])"
        ),
        "nobody": re.compile(
            r"(?i)^(?:git|noreply|no-reply)@|noreply\.github\.com$|@(?:.*\.)?example\."
            r"|@.*\.(?:test|invalid|png)$"
        ),
        "reserved": re.compile(  # IANA IPv4 Special-Purpose Address Registry, and multicast
            r"(?:0|10|127|169\.254|192\.168|192\.0\.[02]|198\.51\.100|203\.0\.113|198\.1[89]"
            r"|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|2(?:2[4-9]|[3-5]\d))\."
        ),
        "phone number": re.compile(
            r"(?<![\w.+/=-])(?:\+(?!\d{4}-\d\d-\d\d)[1-9]\d{0,2}[ -]?"
            r"(?:\(\d{1,4}\)[ -]?)?\d{1,5}(?:[ -]\d{2,8}){1,4}"
            r"|\+[1-9]\d{0,2}(?:\.\d{2,4}){3,4}"
            r"|\([2-9]\d{2}\) ?[2-9]\d{2}-\d{4})(?![\w.+-])"
        ),
        "IBAN": re.compile(
            r"\b[A-Z]{2}[0-9]{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)\b"
        ),
        "card number": re.compile(
            r"(?<![\w.-])(?<!\d )(?:[45][0-9]{3}|6011|2[2-7][0-9]{2})([ -])"
            r"[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?![\w.-]| \d)"
            r"|(?<![\w.-])(?<!\d )3[47][0-9]{2}([ -])[0-9]{6}\2[0-9]{5}(?![\w.-]| \d)"
        ),
        "IP address": re.compile(r"(?<![\w.-])[1-9][0-9]{0,2}(?:\.(?:[1-9][0-9]{0,2}|0)){3}(?![\w.-])"),
    }


@lru_cache(maxsize=1)
def _iban_lengths() -> dict[str, int]:
    """Characters of an IBAN by country (SWIFT IBAN registry, release 99, those that are longest in use)."""
    table = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 ES24 FI18 "
        "FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 "
        "LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 "
        "SI19 SK24 SM27 TN24 TR26 UA29 VG24 XK20"
    )
    return {entry[:2]: int(entry[2:]) for entry in table.split()}
