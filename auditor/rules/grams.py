"""Texts that are nearly the same, by the sequences of 13 words that they share.

Thirteen words are what GPT-3's authors looked for in their benchmarks (Brown et al. 2020, appendix C). A text
counts as nearly the same where seven tenths of its sequences are met elsewhere, the share that PaLM's authors
chose (Chowdhery et al. 2022, section 8).
"""

from __future__ import annotations

from dataclasses import field
from heapq import heappush, heapreplace

from auditor.records import dataclass

WORDS = 13
NEARLY = 0.7
MAX_SAMPLED = 1_000  # texts of a split; their share is then known to about 1.5 points at 5 %
MAX_WORDS = 2_000  # of a text; the rest of a longer one is not compared


def grams(text: str) -> set[int]:
    """A number for each sequence of 13 words, without regard to case and blanks."""
    words = text.lower().split(None, MAX_WORDS)[:MAX_WORDS]
    return set(map(hash, zip(*(words[shift:] for shift in range(WORDS)), strict=False)))


@dataclass(slots=True)
class Sample:
    """At most MAX_SAMPLED texts, chosen by the digest of their row: the same whatever their order."""

    heap: list[tuple[int, int, str]] = field(default_factory=list)  # minus the digest, line, text

    def take(self, digest: int, line: int, text: str) -> None:
        """The text is among the sample if its digest is among the smallest."""
        if len(self.heap) < MAX_SAMPLED:
            heappush(self.heap, (-digest, line, text))
        elif -digest > self.heap[0][0]:
            heapreplace(self.heap, (-digest, line, text))
