"""What a forgery is, how it is laid, and what the whole registry says of it."""

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from auditor.bundle import Bundle
from auditor.engine.run import check
from tests.layers import lay_good, lay_over

HERE = Path(__file__).parent
HONEST = ("good", *sorted(path.name for path in (HERE / "honest").iterdir() if path.is_dir()))
# Bundles whose model is small enough to be built beside its config when it is laid.
WITH_WEIGHTS = ("trainer",)


@dataclass(frozen=True)
class Forgery:
    """A named mutation of an honest bundle, and the rule that is meant to find it.

    Attributes:
        code: the rule.
        name: what was forged, in words; unique.
        base: name of the honest bundle: `good`, or a folder of `honest/`.
        parts: what is laid over it, in the syntax of `tests/layers.py`.
        swaps: triples of file, text and text instead; the first one must stand in the file.
    """

    code: str
    name: str
    base: str
    parts: str = ""
    swaps: tuple[tuple[str, str, str], ...] = ()


def lay(folder, base):
    """The honest bundle of this name stands in `folder`, which must not exist yet; returns it."""
    if base == "good":
        return lay_good(folder)
    shutil.copytree(HERE / "honest" / base, folder)
    if base in WITH_WEIGHTS:
        lay_over(folder, "# model.safetensors, tensors of config.json\n{}\n")
    return folder


def forge(folder, forgery):
    """The forged bundle stands in `folder`; returns it.

    Raises:
        ValueError: a text that was to be swapped does not stand in its file.
    """
    lay(folder, forgery.base)
    for file, old, new in forgery.swaps:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        if old not in text or old == new:
            raise ValueError(f"`{forgery.name}`: {file} of {forgery.base} does not hold {old!r}")
        path.write_text(text.replace(old, new), encoding="utf-8")
    lay_over(folder, forgery.parts)
    return folder


def findings(folder):
    """What the whole registry finds in a folder."""
    return check(Bundle.open(folder), today="2026-11-23", isolate=False).findings


@cache
def forgeries():
    """Every forgery of every family, in order of its rule's code."""
    from tests.forgeries import (
        clm_scores,
        clm_training,
        data,
        data_structure,
        met,
        met_scores,
        met_tables,
    )

    found = [
        *data.FORGERIES,
        *data_structure.FORGERIES,
        *met.FORGERIES,
        *met_scores.FORGERIES,
        *met_tables.FORGERIES,
        *clm_scores.FORGERIES,
        *clm_training.FORGERIES,
    ]
    return tuple(sorted(found, key=lambda forgery: (forgery.code, forgery.name)))
