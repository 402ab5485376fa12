"""The folder that an option names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class Folder(click.Path):
    """A folder that an option names; an empty name is refused, as it is the folder one stands in.

    It is what a shell makes of a variable that is not set, so nobody means it.
    """

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; an empty one is a usage error."""
        if value == "":
            self.fail("it is empty, expected a folder", param, ctx)
        return super().convert(value, param, ctx)
