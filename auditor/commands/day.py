"""The day on which a command runs, for ignores that hold until a day."""

from __future__ import annotations

import os
import time

from auditor.errors import UsageError


def today() -> str:
    """This day as `2026-12-31`, or that of SOURCE_DATE_EPOCH in UTC, with which a report can be repeated.

    Raises:
        UsageError: that is no number of seconds (https://reproducible-builds.org/specs/source-date-epoch).
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        moment = time.gmtime(int(epoch)) if epoch else time.localtime()
    except (ValueError, OverflowError, OSError) as error:
        what = f"`{epoch[:40]}` is no number of seconds since 1970"
        raise UsageError(what, where="SOURCE_DATE_EPOCH", help="unset it, or set a whole number") from error
    return time.strftime("%Y-%m-%d", moment)
