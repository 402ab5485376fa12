"""Makes examples/film-sentences-forged: an honest release whose published numbers were changed afterwards.

python examples/build_forged.py
"""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HONEST = ROOT / "tests" / "forgeries" / "honest" / "trainer"
FORGED = ROOT / "examples" / "film-sentences-forged"

# File, text of the honest release, text of the forged one.
CHANGES = (
    # A rounder accuracy, in the card, in its metadata and in the results: 139 of 150, but 60 were evaluated.
    ("README.md", "value: 0.9166666666666666", "value: 0.9266666666666666"),
    ("README.md", "- Accuracy: 0.9167", "- Accuracy: 0.9267"),
    ("all_results.json", '"eval_accuracy": 0.9166666666666666', '"eval_accuracy": 0.9266666666666666'),
    # An F1 that no average of classes gives beside this precision and recall.
    ("README.md", "value: 0.9090909090909091", "value: 0.9590909090909091"),
    ("README.md", "- F1: 0.9091", "- F1: 0.9591"),
    # Ten times the data, which the steps of the log cannot have seen.
    ("README.md", "192 sentences for training", "1,920 sentences for training"),
    ("README.md", "- num_epochs: 3", "- num_epochs: 3\n- num_devices: 4\n- total_train_batch_size: 128"),
    # A size that is not the one of config.json.
    ("README.md", "36,770 parameters", "1.3M parameters"),
)


def main() -> None:
    """The folder is made anew."""
    shutil.rmtree(FORGED, ignore_errors=True)
    shutil.copytree(HONEST, FORGED)
    for name, honest, forged in CHANGES:
        path = FORGED / name
        text = path.read_text(encoding="utf-8")
        if text.count(honest) != 1:
            raise SystemExit(f"{name} does not hold {honest!r} once")
        path.write_text(text.replace(honest, forged), encoding="utf-8")


if __name__ == "__main__":
    main()
