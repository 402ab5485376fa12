"""Honest reports: predictions are drawn, every number is computed from them, and printed as tools print it."""

import random
from fractions import Fraction

from auditor.forensics.printed import decimal

MEASURES = ("precision", "recall", "f1")


def report(seed):
    """A card as the Trainer writes it, with a classification report or other scores, all of one drawn run."""
    rng = random.Random(seed)
    table = _confusion(rng)
    write = _writer(rng)
    parts = [
        _trainer(rng, table, write),
        rng.choice((_sklearn, _markdown, _ranked, _losses, _seeds))(rng, table),
    ]
    return "\n\n".join(parts) + "\n"


def scores_of_classes(table, zero_division=0):
    """Precision, recall, F1 and support of each class, as fractions; None where 0/0 is left out."""
    rows = []
    for index in range(len(table)):
        right = table[index][index]
        support, predicted = sum(table[index]), sum(row[index] for row in table)
        rows.append(
            (
                _share(right, predicted, zero_division),
                _share(right, support, zero_division),
                _share(2 * right, support + predicted, zero_division),
                support,
            )
        )
    return rows


def averaged(table, how, zero_division=0):
    """Precision, recall and F1 over classes; of the last class for `binary`."""
    rows = scores_of_classes(table, zero_division)
    n = sum(map(sum, table))
    if how == "binary":
        return rows[-1][:3]
    if how == "micro":
        return (Fraction(sum(table[i][i] for i in range(len(table))), n),) * 3
    if how == "macro":
        return tuple(sum(row[i] for row in rows) / len(rows) for i in range(3))
    return tuple(sum(row[i] * row[3] for row in rows) / n for i in range(3))


def _confusion(rng):
    """Counts of examples by their class (rows) and the class predicted (columns)."""
    classes = rng.randint(2, 5)
    skill, scale = rng.uniform(0, 1), rng.choice((4, 30, 300))
    table = [
        [int(rng.expovariate(1) * scale * (1 + 8 * skill * (i == j))) for j in range(classes)]
        for i in range(classes)
    ]
    if rng.random() < 0.1:  # one class is never predicted
        for row in table:
            row[0], row[-1] = 0, row[-1] + row[0]
    return table if sum(map(sum, table)) else [[1, 0], [0, 1]]


def _writer(rng):
    """One way to print a proportion for a whole card: digits, percent, rounded, cut off or rounded twice."""
    places, percent = rng.choice((2, 3, 4, 4, 4, 6)), rng.random() < 0.2
    how = rng.choice(("rounded", "rounded", "cut", "twice", "full"))

    def write(value):
        value = Fraction(value) * (100 if percent else 1)
        if how == "full":
            return repr(float(value) * (1 + rng.choice((-1, 0, 1)) * 2**-52))  # sums in another order
        if how == "cut":
            value = Fraction(int(value * 10**places), 10**places)
        if how == "twice":
            value = Fraction(decimal(value, places + 1))
        return decimal(value, places)

    return write


def _trainer(rng, table, write):
    how = rng.choice(("macro", "weighted", "micro", "binary"))
    named = f" {how}" if rng.random() < 0.3 else ""
    right = Fraction(sum(table[i][i] for i in range(len(table))), sum(map(sum, table)))
    names = ("Accuracy", *(f"{name.capitalize()}{named}" for name in MEASURES))
    values = (right, *averaged(table, how, rng.choice((0, 0, 1))))
    lines = [f"- {name}: {write(value)}" for name, value in zip(names, values, strict=True)]
    head = "| Epoch | Step | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 2)
    row = "| 1.0 | 10 | " + " | ".join(write(value) for value in values) + " |"
    return "It achieves:\n" + "\n".join(lines) + f"\n\n{head}\n{row}"


def _report_rows(rng, table, zero_division):
    rows = scores_of_classes(table, zero_division)
    n = sum(map(sum, table))
    labels = [f"class {index}" for index in range(len(rows))]
    right = averaged(table, "micro")[0]
    sums = [("accuracy", ("", "", right, n))]
    for how in ("macro", "weighted"):
        kept = [row for row in rows if None not in row]
        known = averaged(table, how, zero_division) if len(kept) == len(rows) else (right, right, right)
        sums.append((f"{how} avg", (*known, n)))
    return [*zip(labels, rows, strict=True), *sums]


def _sklearn(rng, table):
    """The text of `classification_report`, right-aligned, in a fenced block."""
    digits, zero_division = rng.choice((2, 2, 3, 4)), rng.choice((0, 0, 1, None))
    lines = ["              precision    recall  f1-score   support", ""]
    for label, scores in _report_rows(rng, table, zero_division):
        cells = [_cell(one, digits) for one in scores[:3]] + [str(scores[3])]
        lines.append(f"{label:>12} " + " ".join(f"{cell:>9}" for cell in cells))
    return "```\n" + "\n".join(lines) + "\n```"


def _markdown(rng, table):
    """The same as a table, perhaps in percent."""
    digits, zero_division, percent = rng.choice((2, 4)), rng.choice((0, 1, None)), rng.random() < 0.3
    lines = ["| Class | Precision | Recall | F1-score | Support |", "|---|---|---|---|---|"]
    for label, scores in _report_rows(rng, table, zero_division):
        factor = 100 if percent else 1
        cells = [_cell(one * factor if isinstance(one, Fraction) else one, digits) for one in scores[:3]]
        lines.append(f"| {label} | " + " | ".join(cells) + f" | {scores[3]:,} |")
    return "\n".join(lines)


def _ranked(rng, table):
    """Top-1, top-5 and their error, and errors of a regression."""
    n = rng.randint(10, 5000)
    first = rng.randint(0, n)
    fifth = rng.randint(first, n)
    noise = [rng.gauss(0, 2) for _ in range(20)]
    mae = sum(map(abs, noise)) / 20
    mse = sum(one * one for one in noise) / 20
    cells = [f"{100 * first / n:.2f}", f"{100 * fifth / n:.2f}", f"{100 - 100 * first / n:.2f}"]
    cells += [f"{mae:.3f}", f"{mse:.3f}", f"{mse**0.5:.3f}"]
    return (
        "| Model | Top1 | Top5 | Top1 err | MAE | MSE | RMSE |\n|"
        + "---|" * 7
        + f"\n| x | {' | '.join(cells)} |"
    )


def _losses(rng, table):
    import math

    loss = rng.uniform(0.1, 8)
    digits = rng.randint(2, 6)
    bits = rng.uniform(0.2, 3)
    return (
        f"| Text | Cross-entropy | Perplexity |\n|---|---|---|\n| x | {loss:.{digits}f} | {math.exp(loss):.{digits}f} |"
        f"\n\n| Text | Bits per byte | Byte perplexity |\n|---|---|---|\n| x | {bits:.4f} | {2**bits:.4f} |"
    )


def _seeds(rng, table):
    import statistics

    values = [rng.uniform(0.5, 0.9) for _ in range(rng.randint(2, 6))]
    deviation = rng.choice((statistics.stdev, statistics.pstdev))(values)
    head = "| Metric | " + " | ".join(f"Seed {i}" for i in range(len(values))) + " | Mean | Std |"
    cells = [f"{one:.4f}" for one in (*values, statistics.mean(values), deviation)]
    return f"{head}\n|{'---|' * (len(values) + 3)}\n| F1 | {' | '.join(cells)} |"


def _share(part, whole, zero_division):
    return Fraction(part, whole) if whole else None if zero_division is None else Fraction(zero_division)


def _cell(value, digits):
    return "nan" if value is None else value if isinstance(value, str) else decimal(value, digits)
