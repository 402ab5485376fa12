"""SPDX licence expressions: whether they can be read, and whether their identifiers are still in use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Bundle, Unread
from auditor.model import Fault, Place
from auditor.readers.text import shown
from auditor.rules.licence_sources import OPERATORS, identifiers, stated
from auditor.rules.registry import provides, rule
from auditor.rules.vocabulary import deprecated_licences, spdx_licences

if TYPE_CHECKING:
    from license_expression import Licensing

    Expressions = tuple[tuple[Place, str], ...]

_LONGEST = (
    1_000  # characters; parsing takes 15 us a word (measured), and the longest real ones have a hundred
)
_MOST = 200  # expressions of one bundle that are parsed


@rule("LIC008", level="warning", needs="expressions", since="2026.2")
def broken_licence_expression(expressions: Expressions) -> Iterator[Fault]:
    """A licence expression cannot be read, so that nobody knows whether one may choose.

    Why: `AND` binds to all, `OR` leaves the choice; a tool that cannot parse the expression takes neither.
    Bad:
        # fmaudit.yaml
        license: Apache-2.0 OR (MIT
    Good:
        # fmaudit.yaml
        license: Apache-2.0 OR (MIT AND CC-BY-4.0)
    Fix: Write identifiers with `AND`, `OR`, `WITH` and parentheses between them; after `WITH` comes an
        exception, not a licence. Read by the package `license-expression`, without which this is not checked.
    Source: SPDX 2.3, annex D.
    """
    for place, text in expressions:
        wrong = _wrong(text)
        if wrong:
            yield place.says(f"`{shown(text)}` is no licence expression: {shown(wrong, 100)}")


@rule("LIC009", level="note", needs="bundle", since="2026.2")
def deprecated_licence(bundle: Bundle) -> Iterator[Fault]:
    """A licence is named by an identifier that SPDX has withdrawn.

    Why: `GPL-3.0` does not say whether later versions may be chosen, which is why there are two names now.
    Bad:
        # fmaudit.yaml
        components:
          - {component: Model card, path: README.md}
          - {component: Training code, path: recipe.yaml, license: GPL-3.0}
    Good:
        # fmaudit.yaml
        components:
          - {component: Model card, path: README.md}
          - {component: Training code, path: recipe.yaml, license: GPL-3.0-only}
    Fix: Write the identifier with `-only` or `-or-later`, or that which has replaced it. The front matter of
        a card is left alone: there the hub's own identifiers count, and `gpl-3.0` is one of them.
    Source: https://spdx.org/licenses/, deprecated license identifiers.
    """
    for place, text in stated(bundle):
        for identifier in identifiers(text) if place.file != "README.md" else ():
            lower = identifier.lower()
            if lower in deprecated_licences():
                plain = spdx_licences()[lower].removesuffix("+")
                newer = [f"{plain}-only", f"{plain}-or-later"]
                known = all(name.lower() in spdx_licences() for name in newer)
                help_ = f"write `{newer[0]}` or `{newer[1]}`" if known else ""
                yield place.says(
                    f"`{shown(identifier)}` is an identifier that SPDX has withdrawn", help=help_
                )


@provides("expressions")
def expressions(bundle: Bundle) -> Expressions | Absent | Unread:
    """The texts of licences that have an operator of SPDX, with their places."""
    found = [(place, text) for place, text in stated(bundle) if _is_expression(text)][:_MOST]
    if not found:
        return Absent("no licence is an expression of several")
    try:
        _licensing()
    except ImportError:
        return Unread("the package license-expression is not installed")
    return tuple(found)


def _is_expression(text: str) -> bool:
    """Whether a text is meant as an expression: it has a parenthesis, or an operator between identifiers."""
    words = text.split()
    named = OPERATORS.intersection(word.lower() for word in words) and not text.islower()
    return len(text) <= _LONGEST and (bool(named) or text.startswith("("))


def _wrong(text: str) -> str:
    """What keeps an expression from being read; empty where it can be, whether its names are known or not."""
    from boolean import ParseError
    from license_expression import ExpressionError

    try:
        _licensing().parse(text)
    except ParseError as error:
        return str(error).strip().rstrip(".")
    except ExpressionError as error:
        return str(error).strip().rstrip(".") or "it cannot be parsed"
    except (AssertionError, IndexError):  # boolean.py 5.0 on `( AND MIT` and on `( )`
        return "a parenthesis has nothing in it, or an operator nothing beside it"
    except RecursionError:
        return "it is nested too deeply"
    words = text.replace(")", " ").split()
    after = [
        word
        for before, word in pairwise(words)
        if before.lower() == "with" and word.lower() in spdx_licences()
    ]
    return f"`{after[0]}` after WITH is a licence, not an exception" if after else ""


@cache
def _licensing() -> Licensing:
    """The parser with SPDX's identifiers and exceptions (takes 40 ms, most of it to import; measured).

    Raises:
        ImportError: it is not installed.
    """
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()
