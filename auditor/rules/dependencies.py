"""Lists of packages that the release asks its users to install."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.registry import rule
from auditor.rules.texts import is_text, lines

if TYPE_CHECKING:
    from auditor.bundle import Bundle, File

_LISTS = re.compile(
    r"(?:[\w.-]*requirements[\w.-]*|constraints[\w.-]*)\.(?:txt|in)|pyproject\.toml|setup\.(?:cfg|py)|Pipfile"
    r"|(?:environment|conda)[\w.-]*\.ya?ml",
    re.IGNORECASE,
)
_GIT = re.compile(rb"git\+(?:https?|ssh|git|file)://[^\s\"'#;,\]]{1,300}")
_PINNED = re.compile(rb"@(?:[0-9a-f]{7,64}|(?:refs/tags/)?[\w.-]*\d[\w.-]*)$")  # a commit, or a version's tag
_INDEX = re.compile(
    rb"(?:--(?:extra-)?index-url|--find-links|--trusted-host|^\s*-[if])[ =]+[\"']?(?P<where>[^\s\"',]{1,300})"
)
_PLAIN = re.compile(rb"(?<![\w+])http://(?P<host>[^\s/\"':]{1,200})[^\s\"',]{0,300}")
# Indexes of those who make the packages; whoever asks for them asks for no stranger.
_KNOWN = (
    *("pypi.org", "pythonhosted.org", "pytorch.org", "nvidia.com", "googleapis.com", "huggingface.co"),
    *("pyg.org", "vllm.ai", "flashinfer.ai", "openmmlab.com", "github.com", "github.io", "intel.com"),
    "amd.com",
)
_OWN_MACHINE = (b"localhost", b"127.0.0.1", b"www.apache.org", b"www.w3.org")


@rule("SEC017", level="warning", needs="bundle", certainty="likely", since="2026.2")
def dependency_may_change(bundle: Bundle) -> Iterator[Fault]:
    """A list of packages takes one from a moving branch, over plain HTTP, or from an index of a stranger.

    Why: What is installed is decided on the day of installing, by whoever can push to the branch, sits on the
        line, or owns the index. An extra index can also answer for the names of all other packages.
    Bad:
        # code/requirements.txt, whole file
        git+https://github.com/somebody/toolkit.git@main
    Good:
        # code/requirements.txt, whole file
        --extra-index-url https://download.pytorch.org/whl/cpu
        torch==2.6.0
        git+https://github.com/somebody/toolkit.git@4d7a214614ab2935c943f9e0ff69d22eadbb8f32
    Fix: Name a release, or the commit that you used.
    Source: https://pip.pypa.io/en/stable/topics/vcs-support/; https://pip.pypa.io/en/stable/topics/secure-installs/
    """
    for line in lines(bundle, hint=(b"://", b"--trusted-host"), where=_is_list):
        text = line.raw.partition(b" #")[0] if not line.raw.lstrip().startswith(b"#") else b""
        for begin, end, what in _doubts(text):
            yield line.match(begin, end).place.says(what)
            break


def _is_list(file: File) -> bool:
    return _LISTS.fullmatch(basename(file.path)) is not None and is_text(file)


def _doubts(text: bytes) -> Iterator[tuple[int, int, str]]:
    """From where to where a line of a list takes something that may change, and what that is."""
    git = _GIT.search(text)
    if git and not _PINNED.search(git[0]):
        yield git.start(), git.end(), "this branch moves: the commit that is installed is not named"
    index = _INDEX.search(text)
    if index and not _is_known(index["where"]):
        where = shown(index["where"].decode("utf-8", "replace"))
        yield index.start(), index.end(), f"packages are taken from `{where}`"
    plain = _PLAIN.search(text)
    if plain and not plain["host"].startswith(_OWN_MACHINE) and (index or _is_package(text, plain)):
        yield plain.start(), plain.end(), "this comes over plain HTTP, which anybody on the line can change"


def _is_known(where: bytes) -> bool:
    """Whether an index belongs to those who make its packages, or is a folder."""
    match = re.match(rb"(?:https://)?([A-Za-z0-9.-]+)", where)
    if b"://" not in where and (where.startswith((b".", b"/")) or b"." not in where):
        return True
    host = match[1].decode() if match and not where.startswith(b"http:") else ""
    return any(host == known or host.endswith(f".{known}") for known in _KNOWN)


def _is_package(text: bytes, address: re.Match[bytes]) -> bool:
    """Whether an address is one of a package: an archive's, or one after `NAME @`."""
    named = re.search(rb"@\s*$", text[: address.start()])
    return named is not None or re.search(rb"\.(?:whl|zip|tar\.gz)\b", address[0]) is not None
