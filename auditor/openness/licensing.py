"""Which licences are open, which suit code, data and documents, and which of several a component bears.

Open, as the Model Openness Tool has it: approved by the Open Source Initiative, or free to the Free Software
Foundation, or a known licence for open data, or OpenMDW. Not copied from the tool, as slips:

- Its list of open data names `ODC-PDDL-1.0`, which is no SPDX identifier, so that data under PDDL-1.0 counts
  as closed although the same tool calls that licence appropriate for data. Here PDDL-1.0 is open.
- A licence has one type there: CC0-1.0 and CC-BY-4.0 are of documents, so that data under them is called not
  type-appropriate, against the framework's own advice for data. Here they suit both.
- BSD-3-Clause, MPL-2.0 and the GNU licences are missing among the licences for code. Here every licence that
  is approved or free and not made for data or documents suits code.

None of the last two changes a class: a licence that is open but of another type passes with a remark.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from auditor.openness.components import Kind

Test = Callable[[str], bool]

DATA = Path(__file__).parent / "data"
MAX_WORDS = 100  # of a licence expression; the longest seen in releases have some ten

# The licences for open data in LicenseHandler.php, in lower case, with all their national versions.
_OPEN_DATA = re.compile(
    r"cc0-1\.0|cc-by-(?:[1-4]\.[05])(?:-(?:at|au|de|igo|nl|us))?"
    r"|cc-by-sa-(?:[1-4]\.[015])(?:-(?:at|de|igo|jp|uk))?"
    r"|cdla-permissive-[12]\.0|cdla-sharing-1\.0|pddl-1\.0|odc-by-1\.0|odbl-1\.0|gfdl-1\.3|ogl-canada-2\.0"
    r"|ogl-uk-[23]\.0|openmdw-1\.[01]"
)
_FOR_DATA = re.compile(
    r"cc0-1\.0|cc-by-(?!nc|nd)(?:sa-)?[\d.]+.*|cdla-.*|pddl-1\.0|odc-by-1\.0|odbl-1\.0|[co]-uda-1\.0|ogl-.*"
    r"|openmdw-.*"
)
_FOR_DOCUMENTS = re.compile(
    r"apache-2\.0|cc0-1\.0|cc-by-(?!nc|nd)(?:sa-)?[\d.]+.*|cc-pddc|freebsd-doc|gfdl-.*|openmdw-.*"
)
_HUB = {  # identifiers of the Hugging Face Hub that SPDX writes differently
    "pddl": "pddl-1.0",
    "odbl": "odbl-1.0",
    "odc-by": "odc-by-1.0",
    "lgpl-lr": "lgpllr",
}
_TOKEN = re.compile(r"[()]|[^\s()]+")


def is_open(licence: str) -> bool:
    """Whether a licence, or an SPDX expression of several, is open: one of an OR, each of an AND."""
    return _holds(licence, _is_open_one)


def suits(licence: str, kind: Kind) -> bool:
    """Whether an open licence was made for what it is put on; what is not open suits nothing."""
    return _holds(licence, lambda one: _is_open_one(one) and _suits_one(one, kind))


def canonical(licence: str) -> str:
    """An identifier in lower case and in SPDX's spelling."""
    lower = licence.strip().lower()
    return _HUB.get(lower, lower)


@cache
def free_licences() -> frozenset[str]:
    """Identifiers in lower case that OSI or FSF vouch for."""
    text = (DATA / "free_licences.txt").read_text(encoding="utf-8")
    return frozenset(line.split()[0].lower() for line in text.splitlines() if line and line[0] != "#")


def _is_open_one(identifier: str) -> bool:
    plain = canonical(identifier).removesuffix("+")
    return plain in free_licences() or _OPEN_DATA.fullmatch(plain) is not None


def _suits_one(identifier: str, kind: Kind) -> bool:
    plain = canonical(identifier).removesuffix("+")
    if kind == "data":
        return _FOR_DATA.fullmatch(plain) is not None
    if kind == "document":
        return _FOR_DOCUMENTS.fullmatch(plain) is not None
    other = _FOR_DATA.fullmatch(plain) or plain.startswith(("cc-", "gfdl", "freebsd-doc"))
    return plain.startswith("openmdw-") or not other


def _holds(licence: str, test: Test) -> bool:
    """Whether a test of single licences holds for an expression (SPDX 2.3, annex D); not if malformed."""
    words = _TOKEN.findall(licence)[: MAX_WORDS + 1]
    if not words or len(words) > MAX_WORDS:
        return False
    value, rest = _any(words, 0, test)
    return value and rest == len(words)


def _any(words: list[str], at: int, test: Test) -> tuple[bool, int]:
    value, at = _all(words, at, test)
    while at < len(words) and words[at].upper() == "OR":
        other, at = _all(words, at + 1, test)
        value = value or other
    return value, at


def _all(words: list[str], at: int, test: Test) -> tuple[bool, int]:
    value, at = _one(words, at, test)
    while at < len(words) and words[at].upper() == "AND":
        other, at = _one(words, at + 1, test)
        value = value and other
    return value, at


def _one(words: list[str], at: int, test: Test) -> tuple[bool, int]:
    """A single licence, with its exception if there is one, or an expression in brackets."""
    if at < len(words) and words[at] == "(":
        value, at = _any(words, at + 1, test)
        closed = at < len(words) and words[at] == ")"
        return value and closed, at + 1
    if at >= len(words):
        return False, at + 1  # beyond the end, so that the whole is malformed
    value = test(words[at])
    at += 1
    if at + 1 < len(words) and words[at].upper() == "WITH":
        at += 2  # an exception only permits more
    return value, at
