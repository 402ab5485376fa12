"""Cards as the Trainer writes them, of scores that follow from random counts: no rule on numbers speaks of them.

FMAUDIT_REPORTS=10000 makes the test try that many.
"""

import json
import os
import random

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings

REPORTS = int(os.environ.get("FMAUDIT_REPORTS", "40"))


def evaluation(chance, n):
    """The scores of a random confusion table of n examples, and a random loss."""
    positives = chance.randint(1, n - 1)
    tp, tn = chance.randint(1, positives), chance.randint(0, n - positives)
    fp, fn = n - positives - tn, positives - tp
    return {
        "eval_loss": chance.uniform(0.05, 2.0),
        "eval_accuracy": (tp + tn) / n,
        "eval_precision": tp / (tp + fp),
        "eval_recall": tp / positives,
        "eval_f1": 2 * tp / (2 * tp + fp + fn),
    }


def short(value):
    """As transformers/modelcard.py prints floats: four decimals where there are more."""
    text = str(value)
    return f"{value:.4f}" if len(text.partition(".")[2]) > 4 else text


def write(folder, chance):
    """A release with a card, and by chance with result files and the log, stands in the folder."""
    n, epochs, batch = (
        chance.choice([60, 277, 872, 2000, 25000]),
        chance.randint(1, 6),
        chance.choice([8, 16]),
    )
    steps = chance.randint(10, 2000)
    rows = [evaluation(chance, n) | {"epoch": float(e), "step": steps * e} for e in range(1, epochs + 1)]
    final = chance.choice(rows) if chance.random() < 0.4 else rows[-1]
    names = {key: key.removeprefix("eval_").capitalize() for key in final if key.startswith("eval_")}
    metrics = [
        f"    - {{name: {name}, type: {name.lower()}, value: {final[key]}}}"
        for key, name in names.items()
        if key != "eval_loss"
    ]
    front = ["---", "license: apache-2.0", "model-index:", "- name: made", "  results:"]
    front += ["  - task: {name: Text Classification, type: text-classification}"]
    front += ["    dataset: {name: made, type: made, config: default, split: validation}", "    metrics:"]
    items = [f"- {name}: {short(final[key])}" for key, name in names.items()]
    heads = ["Training Loss", "Epoch", "Step", "Validation Loss", *list(names.values())[1:]]
    table = [f"| {' | '.join(heads)} |", "|" + ":---:|" * len(heads)]
    for row in rows:
        cells = [short(chance.uniform(0, 2)), str(row["epoch"]), str(row["step"])]
        table.append(f"| {' | '.join(cells + [short(row[key]) for key in names])} |")
    settings = [
        "### Training hyperparameters",
        "",
        f"- train_batch_size: {batch}",
        f"- num_epochs: {epochs}",
        "",
    ]
    body = [
        "# made",
        "It achieves the following results on the evaluation set:",
        *items,
        "",
        *settings,
        *table,
    ]
    (folder / "README.md").write_text("\n".join([*front, *metrics, "---", *body, ""]))
    if chance.random() < 0.5:
        runtime = round(chance.uniform(1, 100), 4)
        speed = {"eval_runtime": runtime, "eval_samples_per_second": round(n / runtime, 3), "eval_samples": n}
        scores = {key: final[key] for key in names} | speed
        for name in ("all_results.json", "eval_results.json"):
            (folder / name).write_text(json.dumps(scores, indent=2))
        (folder / "trainer_state.json").write_text(json.dumps({"best_metric": None, "log_history": rows}))


def test_honest_reports_are_silent(tmp_path):
    for seed in range(REPORTS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        write(folder, random.Random(seed))
        found = check(Bundle.open(folder), Settings(select=("MET", "CLM")), isolate=False).findings
        assert [(seed, one.code, one.message) for one in found if one.level != "note"] == []
