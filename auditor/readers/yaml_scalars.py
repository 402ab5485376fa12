"""Plain YAML scalars as values, by the core schema of YAML 1.2.2 (chapter 10.3).

`yes`, `1:30`, `1_000` and dates, which YAML 1.1 gives other types, are text here; `1e-3` is a number.
"""

from __future__ import annotations

import re
from typing import Any

from auditor.readers.text import MAX_DIGITS

CORE = "tag:yaml.org,2002:"
TEXT_TAGS = ("!", CORE + "str")
TYPES: dict[str, tuple[type, ...]] = {
    CORE + "null": (type(None),),
    CORE + "bool": (bool,),
    CORE + "int": (int,),
    CORE + "float": (int, float),
}

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_NUMBER_START = frozenset("-+.0123456789")
_NUMBER = re.compile(r"[-+]?(?:([0-9]++)(\.[0-9]*+)?|\.[0-9]++)([eE][-+]?[0-9]++)?")
_BASED = re.compile(r"0(?:o[0-7]++|x[0-9a-fA-F]++)")
_BASED_LENGTH = 257  # `0x` and 255 digits: 16**255 is the last power of 16 below 1e308


def core(text: str) -> Any:
    """The value of a plain scalar.

    Raises:
        OverflowError: an integer of more than MAX_DIGITS digits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START:
        return text
    number = _NUMBER.fullmatch(text)
    if number is not None:
        digits, fraction, exponent = number.groups()
        if digits is None or fraction is not None or exponent is not None:
            return float(text)
        if len(digits) > MAX_DIGITS:
            raise OverflowError(f"an integer of {len(digits):,} digits is too long to read")
        return int(text)
    if _BASED.fullmatch(text) is None:
        return text
    if len(text) > _BASED_LENGTH:
        raise OverflowError(f"an integer of {len(text) - 2:,} digits is too long to read")
    return int(text, 0)
