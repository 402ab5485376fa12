"""Traces of people and their machines in text files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.rules.registry import rule
from auditor.rules.texts import is_text, matches

if TYPE_CHECKING:
    from auditor.bundle import Bundle, File

# Bounded repetitions keep the search linear on hostile lines.
_EMAIL = (
    rb"(?:(?<![\w.+:/-])|(?<=mailto:))"  # not the `user:password@` of a URL
    rb"[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![\w@])"
)
_NOBODY = (
    rb"(?i)^(?:git|noreply|no-reply)@|noreply\.github\.com$|@(?:.*\.)?example\.|@.*\.(?:test|invalid|png)$"
)
# On clusters homes lie deeper: `/mnt/nfs/home/jane/`, `/scratch/users/jane/`. A known root and a folder below
# keep the paths of URLs and tables out.
_HOME = (
    rb"(?<![\w.:/\\-])(?:"
    rb"(?:/home/|/Users/|[A-Za-z]:(?:\\{1,2}|/)(?:Users|Documents and Settings)(?:\\{1,2}|/))"
    rb"[A-Za-z][\w.-]{0,40}(?=[/\\\"'\s]|$)"
    rb"|/(?:mnt|gpfs|lustre|nfs|data|scratch|work|cluster|storage|export|vol|private|beegfs)\d{0,3}"
    rb"(?:/[\w.-]{1,40}){0,4}?/(?:home|homes|users|Users)/[A-Za-z][\w.-]{0,40}(?=/))"
)
_HOMES = (b"/home", b"Users", b"/users", b"Documents and Settings")
_NOT_PEOPLE = frozenset(
    {b"user", b"username", b"runner", b"ubuntu", b"jovyan", b"me", b"you", b"shared", b"name"}
)
# Where an address is given on purpose.
_CONTACT = (
    *("readme", "license", "licence", "copying", "notice", "citation", "authors", "contributing", "security"),
    *("codemeta", "codeowners", "croissant", "maintainers", "meta.json", "package.json", "pkg-info"),
    *("setup.cfg", ".zenodo"),
)
_CODE = (".py", ".ipynb", ".js", ".ts", ".c", ".h", ".cpp", ".cu", ".toml", ".md", ".bib", ".html")


@rule("PRV001", level="warning", needs="bundle", certainty="likely")
def email_address(bundle: Bundle) -> Iterator[Fault]:
    """A data, configuration or log file holds an e-mail address.

    Why: Addresses in data are personal data; in logs and configurations they were written by a tool, unasked.
    Bad:
        # results/test.json, whole file
        {"accuracy": 0.8333, "user": "jane.doe@gmail.com"}
    Good:
        # CITATION.cff, whole file
        cff-version: 1.2.0
        authors: [{name: Jane Doe, email: jane.doe@gmail.com}]
    Fix: Remove it. Cards, licences, citations, metadata of packages and code are not looked at: there it is a
        contact.
    Source: Regulation (EU) 2016/679, article 4(1).
    """
    for match in matches(bundle, _EMAIL, hint=(b"@",), where=_may_hold_addresses):
        if not re.search(_NOBODY, match.text.encode()):
            yield match.place.says("an e-mail address", help="remove it, or replace it by a role")


@rule("PRV002", level="warning", needs="bundle", certainty="likely")
def home_directory(bundle: Bundle) -> Iterator[Fault]:
    """A text file names somebody's home directory.

    Why: The path tells a person's name and means nothing on any other machine; whatever is read from it
        will fail.
    Bad:
        # config.json
        {"_name_or_path": "/home/jane/checkpoints/last"}
    Good:
        # config.json
        {"_name_or_path": "checkpoints/last"}
    Fix: Write a path relative to the bundle, or the name of the model.
    """
    for match in matches(bundle, _HOME, hint=_HOMES):
        name = re.split(r"[/\\]+", match.text)[-1]
        if name.lower().encode() not in _NOT_PEOPLE:
            yield match.place.says(
                "a path into somebody's home directory", help="write a path inside the bundle"
            )


def _may_hold_addresses(file: File) -> bool:
    name = basename(file.path).lower()
    return is_text(file) and not name.startswith(_CONTACT) and not name.endswith(_CODE)
