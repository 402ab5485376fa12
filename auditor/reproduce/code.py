"""Which code trains and measures: no result of other code is taken over."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import auditor

MEASURING = ("runs.py", "provenance.py")  # of this folder


@cache
def code_digest() -> str:
    """Digest of the code whose change may change a run's bits or scores, and of the version."""
    import reference_models

    package, models = Path(auditor.__file__).parent, Path(reference_models.__file__).parent
    digest = hashlib.sha256(auditor.__version__.encode())
    ours = [*package.glob("training/*.py"), *package.glob("formats/recipe*.py")]
    ours += [Path(__file__).with_name(name) for name in MEASURING]
    for path in sorted([*ours, *models.glob("**/*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
