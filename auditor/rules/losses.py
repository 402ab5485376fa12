"""Loss, perplexity and bits: one quantity in three units; and scores that tell nothing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.loss import bits_per_byte, exponential, power_of_two
from auditor.forensics.printed import ANY, decimal, places
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.blocks import Block
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.statements.score import Score

_SAME_SPLITS = {
    "": ("", "validation"),
    "validation": ("validation", ""),
}  # the Trainer names one of them only


@rule("MET401", level="error", needs="blocks", klass="inconsistent", since="2026.2")
def perplexity_differs_from_cross_entropy(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """The perplexity is not that of the cross-entropy beside it.

    Why: Perplexity is e to the cross-entropy in nats (2 to that in bits), by definition.
    Bad:
        # README.md
        | Model | Cross-entropy | Perplexity |
        |---|---|---|
        | ours | 0.4105 | 1.8076 |
    Good:
        # README.md
        | Model | Cross-entropy | Perplexity |
        |---|---|---|
        | ours | 0.4105 | 1.5076 |
    Fix: Compute one from the other, of the same split. A negative log-likelihood may be of whole
        sentences; it is compared by MET402.
    Source: Jelinek and others 1977, "Perplexity: a measure of the difficulty of speech recognition tasks".
    """
    for perplexity, loss in _pairs(blocks):
        if _is_likelihood(loss):
            yield _differ(perplexity, loss)


@rule("MET402", level="warning", needs="blocks", klass="implausible", certainty="likely", since="2026.2")
def perplexity_differs_from_loss(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """The perplexity is not that of the loss beside it.

    Why: Where the loss is the mean over tokens, as the Trainer reports it for language models, perplexity is
        e to its power. Other losses have terms of other tasks, or weights; then they should be named.
    Bad:
        # README.md
        Measured on the held-out text:

        - Loss: 0.4105
        - Perplexity: 1.8076
    Good:
        # README.md
        Measured on the held-out text:

        - Loss: 0.4105
        - Perplexity: 1.5076
    Fix: Publish both of the same evaluation, or say what else is in the loss. Perplexity for each word
        or byte, and a loss or perplexity of training, are not compared.
    Source: measured: 20 of 33 cards differ, all of one author, whose loss is of several tasks.
    """
    for perplexity, loss in _pairs(blocks):
        if not _is_likelihood(loss):
            yield _differ(perplexity, loss)


@rule("MET403", level="error", needs="blocks", klass="impossible", since="2026.2")
def bits_per_byte_differ_from_perplexity(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """The perplexity for each byte is not 2 to the bits per byte beside it.

    Why: Both are the same log-likelihood divided by the same number of bytes.
    Bad:
        # results/wikitext_results.json, whole file
        {"results": {"wikitext": {"byte_perplexity,none": 1.9012, "bits_per_byte,none": 0.8269}}}
    Good:
        # results/wikitext_results.json, whole file
        {"results": {"wikitext": {"byte_perplexity,none": 1.7739, "bits_per_byte,none": 0.8269}}}
    Fix: Ship the file as the evaluation wrote it.
    Source: lm-evaluation-harness: `byte_perplexity` is exp(-ll / bytes), `bits_per_byte` is
        -ll / (bytes · ln 2).
    """
    for block in blocks:
        if "byteperplexity" not in block.scores or "bitsperbyte" not in block.scores:
            continue
        perplexity, bits = block.one("byteperplexity"), block.one("bitsperbyte")
        if perplexity is None or bits is None:
            continue
        expected = power_of_two(bits.value.interval(ANY))
        low, high = perplexity.value.interval(ANY)
        if expected is not None and (high < expected[0] or expected[1] < low):
            middle = decimal((expected[0] + expected[1]) / 2, min(places(perplexity.value), 12))
            yield perplexity.place.says(
                f"`{shown(perplexity.text)}` is {shown(perplexity.value.text)}, 2 to the "
                f"{shown(bits.value.text)} bits is {middle}",
                bits.place,
            )


@rule("MET407", level="warning", needs="blocks", klass="implausible", certainty="likely", since="2026.2")
def more_bits_per_byte_than_per_token(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """The bits per byte are more than the loss in bits per token.

    Why: Bits per byte are the loss over ln 2 and over the bytes of a token, and a token has at least one.
    Bad:
        # README.md
        | Text | Loss | Bits per byte |
        |---|---|---|
        | held out | 0.4105 | 0.9102 |
    Good:
        # README.md
        | Text | Loss | Bits per byte |
        |---|---|---|
        | held out | 0.4105 | 0.1410 |
    Fix: Divide by the bytes, not by the characters or tokens; take both of the same text.
    Source: Gao and others 2020, "The Pile", section 3.1, arXiv:2101.00027.
    """
    one = (Fraction(1), Fraction(1))
    for block in blocks:
        if "bitsperbyte" not in block.scores or "loss" not in block.scores:
            continue
        bits, loss = block.one("bitsperbyte"), block.one("loss")
        if bits is not None and loss is not None and loss.value.value >= 0:
            most = bits_per_byte(loss.value.interval(ANY), one)[1]
            if bits.value.interval(ANY)[0] > most:
                yield bits.place.says(
                    f"`{shown(bits.text)}` is {shown(bits.value.text)}, a loss of {shown(loss.value.text)} "
                    f"is {decimal(most, min(places(bits.value), 12))} bits a token",
                    loss.place.labelled("the loss"),
                )


@rule("MET406", level="warning", needs="blocks", klass="implausible", certainty="likely", since="2026.2")
def correlation_is_zero(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """Matthews correlation is exactly 0.

    Why: So it is where a model answers with one class throughout; an accuracy beside it is the share of that
        class.
    Bad:
        # README.md
        | Model | Accuracy | MCC |
        |---|---|---|
        | ours | 0.8333 | 0.0 |
    Good:
        # README.md
        | Model | Accuracy | MCC |
        |---|---|---|
        | ours | 0.8333 | 0.6325 |
    Fix: Look at the confusion table.
    Source: scikit-learn, `matthews_corrcoef`, is 0 where a side of the table is empty. Measured: 1 of 65
        cards, of a model that answers with one class.
    """
    for block in blocks:
        score = block.one("mcc") if "mcc" in block.scores else None
        if score is not None and not score.value.value and block.source != "training log":
            yield score.place.says(f"`{shown(score.text)}` is {shown(score.value.text)}")


def _pairs(blocks: tuple[Block, ...]) -> Iterator[tuple[Score, Score]]:
    """Each perplexity with the loss of the same evaluation, where they do not fit in any unit."""
    losses = {
        (block.group, block.split): loss
        for block in blocks
        if "loss" in block.scores and (loss := block.one("loss")) is not None
    }
    for block in blocks if losses else ():
        perplexity = block.one("perplexity") if "perplexity" in block.scores else None
        if perplexity is None:
            continue
        for split in _SAME_SPLITS.get(block.split, (block.split,)):
            loss = losses.get((block.group, split))
            if loss is not None:
                if not _fits(perplexity, loss):
                    yield perplexity, loss
                break


def _fits(perplexity: Score, loss: Score) -> bool:
    low, high = perplexity.value.interval(ANY)
    for power in (exponential, power_of_two):
        expected = power(loss.value.interval(ANY))
        if expected is None or (low <= expected[1] and expected[0] <= high):
            return True
    return False


def _is_likelihood(loss: Score) -> bool:
    return "entropy" in loss.text.lower()


def _differ(perplexity: Score, loss: Score) -> Fault:
    expected = exponential((loss.value.value, loss.value.value)) or (Fraction(), Fraction())
    middle = decimal(expected[0], min(places(perplexity.value), 12))
    return perplexity.place.says(
        f"`{shown(perplexity.text)}` is {shown(perplexity.value.text)}, e to the {shown(loss.value.text)} "
        f"is {middle}",
        loss.place.labelled("the loss"),
    )
