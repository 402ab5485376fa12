"""Whether a path inside a bundle is one that a pattern means. Patterns come with bundles: none may hang."""

from __future__ import annotations

from collections.abc import Callable, Sequence

# Of all patterns and paths of a check together; 100 patterns on the 10,000 files of a large release take a
# tenth of it. Measured: 2 seconds.
MAX_STEPS = 20_000_000


def matches(pattern: str, path: str) -> bool:
    """Whether the whole path fits: `*` and `?` stand for characters of one name, `**` for any folders.

    The time grows with the product of both lengths at most, whatever the pattern.
    """
    return Globs().fit(pattern, path)


class Globs:
    """Patterns held against paths until MAX_STEPS are used up; from then on none fits.

    Attributes:
        left: steps that are left; below zero when they are used up.
    """

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def fit(self, pattern: str, path: str) -> bool:
        """As `matches`."""
        if self.left < 0:
            return False
        self.left -= 1 + len(pattern) // 16  # what it costs to split it
        return self._fits(pattern.split("/"), path.split("/"), "**", self._name_fits)

    def _name_fits(self, pattern: str, name: str) -> bool:
        return self._fits(pattern, name, "*", _char_fits)

    def _fits(
        self, wanted: Sequence[str], met: Sequence[str], any_of: str, fits: Callable[[str, str], bool]
    ) -> bool:
        """Whether `met` is what `wanted` says, where `any_of` stands for any number of items.

        Only the last `any_of` is ever tried again with one more item: an earlier one has nothing to gain.
        """
        at, index, retry, taken = 0, 0, -1, 0
        while index < len(met):
            self.left -= 1
            if at < len(wanted) and wanted[at] == any_of:
                at, retry, taken = at + 1, at + 1, index
            elif at < len(wanted) and fits(wanted[at], met[index]):
                at, index = at + 1, index + 1
            elif retry >= 0:
                taken += 1
                at, index = retry, taken
            else:
                return False
        return all(each == any_of for each in wanted[at:])


def _char_fits(wanted: str, met: str) -> bool:
    return wanted in ("?", met)
