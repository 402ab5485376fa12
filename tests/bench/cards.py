"""What the rules on cards cost: a thousand cards in one process, and one card of a megabyte against one of ten."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pairs import Amount, Ratio, amount, ratio

CARDS = 1_000
SUBJECTS = ("CARD", "LIC", "MET", "CLM")  # the families that read cards; the last two hold the forensics

# As transformers/modelcard.py writes it; the numbers differ from card to card.
_CARD = """\
---
license: apache-2.0
tags:
- generated_from_trainer
datasets:
- imdb
metrics:
- accuracy
- f1
base_model: distilbert-base-uncased
model-index:
- name: distilbert-{index}
  results:
  - task:
      name: Text Classification
      type: text-classification
    dataset:
      name: imdb
      type: imdb
      config: plain_text
      split: test
      args: plain_text
    metrics:
    - name: Accuracy
      type: accuracy
      value: {accuracy}
    - name: F1
      type: f1
      value: {f1}
---

<!-- This model card has been generated automatically according to the information the Trainer had access to. You
should probably proofread and complete it, then remove this comment. -->

# distilbert-{index}

This model is a fine-tuned version of [distilbert-base-uncased](https://huggingface.co/distilbert-base-uncased) on the
imdb dataset.
It achieves the following results on the evaluation set:
- Loss: {loss:.4f}
- Accuracy: {accuracy:.4f}
- F1: {f1:.4f}

## Model description

A classifier of film reviews.

## Intended uses & limitations

Reviews in English; nothing else was tried.

## Training and evaluation data

The train and test split of imdb.

## Training procedure

### Training hyperparameters

The following hyperparameters were used during training:
- learning_rate: 2e-05
- train_batch_size: 16
- eval_batch_size: 16
- seed: {index}
- optimizer: Adam with betas=(0.9,0.999) and epsilon=1e-08
- lr_scheduler_type: linear
- num_epochs: 2

### Training results

| Training Loss | Epoch | Step | Validation Loss | Accuracy | F1     |
|:-------------:|:-----:|:----:|:---------------:|:--------:|:------:|
| 0.2309        | 1.0   | 1563 | 0.1961          | 0.9266   | 0.9265 |
| 0.1527        | 2.0   | 3126 | {loss:.4f}          | {accuracy:.4f}   | {f1:.4f} |


### Framework versions

- Transformers 4.30.2
- Pytorch 2.0.1+cu118
- Datasets 2.13.1
- Tokenizers 0.13.3
"""


def cards(pairs: int) -> Iterator[tuple[str, float, Ratio | Amount]]:
    """CPU time of the rules on cards, a card; and how it grows with the card's length."""
    from auditor.engine.settings import Settings

    gc.set_threshold(100_000, 20, 20)  # as the program does, auditor/__main__.py
    alone = Settings(select=SUBJECTS, profile="audit")
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        paths = [_laid(folder / f"card-{index:04}", _card(index)) for index in range(CARDS)]
        yield (
            f"rules {', '.join(SUBJECTS)} on each of {CARDS:,} cards of the Trainer, after start-up",
            3,
            _cpu_ms_a_card(paths, alone, max(3, pairs // 3)),
        )
        yield (
            f"every rule on each of the {CARDS:,} cards",
            6,
            _cpu_ms_a_card(paths, replace(alone, select=("ALL",)), max(3, pairs // 3)),
        )
        small, large = (_laid(folder / f"long-{size}", _long_card(size)) for size in (10**6, 10**7))
        yield "a card of 10 MB  /  one of 1 MB", 12, ratio(_checked(large, alone), _checked(small, alone), 3)


def _cpu_ms_a_card(paths: list[Path], settings: object, times: int) -> Amount:
    runs = [_checked(path, settings) for path in paths]
    runs[0]()  # imports the rules
    taken = []
    for _ in range(times):
        start = time.process_time()
        for run in runs:
            run()
        taken.append((time.process_time() - start) * 1000 / len(paths))
    return amount(taken, "ms")


def _checked(path: Path, settings: object) -> Callable[[], object]:
    from auditor.bundle import Bundle
    from auditor.engine import run

    return lambda: run.check(Bundle.open(path), settings)


def _card(index: int) -> str:
    choose = random.Random(index)
    accuracy = choose.randint(20_000, 24_000) / 25_000
    return _CARD.format(index=index, accuracy=accuracy, f1=accuracy - 0.00012, loss=choose.uniform(0.2, 0.4))


def _long_card(size: int) -> str:
    """A card whose sections, lists and tables repeat up to so many characters."""
    head, body = _card(0).split("\n# ", maxsplit=1)
    return head + f"\n# {body}" * (size // len(body))


def _laid(folder: Path, card: str) -> Path:
    folder.mkdir()
    (folder / "README.md").write_text(card, encoding="utf-8")
    return folder
