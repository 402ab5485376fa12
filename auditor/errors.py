"""Every error a user can cause, each with what we met, where, and what to do.

AuditError
├── UsageError        the command line or a setting is wrong                    exit 2
├── CannotRun         no bundle, no data, no device, no room on the disk        exit 4
└── Refused           policy forbids it (foreign code without a sandbox)        exit 5
Interrupted           Ctrl-C or SIGTERM; what was finished is kept              exit 128 + signal

A fault inside a bundle is a finding, never one of these. Only `commands/` catches them.
"""


class AuditError(Exception):
    """Something the user can put right.

    Args:
        what: what was met, lower case, no full stop.
        where: the file, flag or field it was met at, or empty.
        help: what to do next, or empty.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", help: str = "") -> None:  # noqa: A002  the word users read
        super().__init__(what)
        self.what = what
        self.where = where
        self.help = help


class UsageError(AuditError):
    """The command line or a setting is wrong."""


class CannotRun(AuditError):  # noqa: N818  reads as a sentence where it is raised
    """The work could not be done, which says nothing about the release."""

    exit_code = 4


class Refused(AuditError):  # noqa: N818
    """Policy forbids the work."""

    exit_code = 5


class Interrupted(AuditError):  # noqa: N818
    """A signal ended the work; finished work is kept."""

    def __init__(self, signal_number: int, *, where: str = "", help: str = "") -> None:  # noqa: A002
        super().__init__("interrupted", where=where, help=help)
        self.exit_code = 128 + signal_number
