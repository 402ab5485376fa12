"""Forgeries of scores that stand together: ranges, counts, precision and recall, reports, losses."""

from tests.forgeries.forging import Forgery


def body(*lines):
    """Lines added to the card."""
    return "# README.md\n" + "\n".join(lines) + "\n"


def table(header, *rows):
    """A table added to the card."""
    return body(f"| {header} |", "|" + "---|" * (header.count("|") + 1), *(f"| {row} |" for row in rows))


def card(code, name, base, old, new):
    """A swap in the card."""
    return Forgery(code, name, base, swaps=(("README.md", old, new),))


def results(code, name, old, new):
    """The same swap in both files of results of the Trainer."""
    files = ("all_results.json", "eval_results.json")
    return Forgery(code, name, "trainer", swaps=tuple((file, old, new) for file in files))


HARNESS = "results/results_2026-03-02T10-11-12.131415.json"
REPORT = "Class | Precision | Recall | F1-score | Support"

FORGERIES = [
    card("MET103", "a recall of 192.59 %", "trainer", "- Recall: 0.9259", "- Recall: 192.59%"),
    card(
        "MET104",
        "a recall with its point three digits too far right",
        "trainer",
        "value: 0.9259259259259259",
        "value: 925.9259259259259",
    ),
    card(
        "MET104", "a negative accuracy in model-index", "trainer", "value: 0.9166666666666666", "value: -0.5"
    ),
    results("MET105", "an accuracy between 55 and 56 of 60", "0.9166666666666666", "0.9266666666666666"),
    Forgery(
        "MET105",
        "a share that 48 examples do not give",
        "good",
        parts=body("", "Other rows:", "", "- Exact match: 0.7612 (n = 48)"),
    ),
    Forgery(
        "MET106",
        "55 of 60 published for the whole of imdb",
        "trainer",
        swaps=(("README.md", "type: film-sentences", "type: imdb"),),
    ),
    Forgery(
        "MET107", "a standard error of fewer answers", "pretraining", swaps=((HARNESS, "0.01018", "0.02018"),)
    ),
    Forgery(
        "MET108",
        "a standard error of more answers",
        "pretraining",
        swaps=(
            (HARNESS, "0.01018", "0.00518"),
            (HARNESS, '"task": "arc_easy",', '"output_type": "multiple_choice",'),
        ),
    ),
    results(
        "MET109",
        "a rate of other samples",
        '"eval_samples_per_second": 138.857',
        '"eval_samples_per_second": 40.5',
    ),
    card("MET301", "an F1 above precision and recall", "trainer", "- F1: 0.9091", "- F1: 0.9591"),
    card("MET301", "an F1 below what precision and recall allow", "trainer", "- F1: 0.9091", "- F1: 0.7091"),
    Forgery(
        "MET302",
        "a micro F1 within the bounds that is no harmonic mean",
        "good",
        parts=table("Model | Micro precision | Micro recall | Micro F1", "ours | 0.9012 | 0.7034 | 0.7800"),
    ),
    Forgery(
        "MET303",
        "macro precision and recall beside a weighted F1",
        "good",
        parts=table("Model | Accuracy | Precision | Recall | F1", "ours | 0.8333 | 0.7805 | 0.7671 | 0.8301"),
    ),
    Forgery(
        "MET304",
        "a proportion among percentages",
        "good",
        parts=table("Model | Precision | Recall | F1", "ours | 82.1 | 80.3 | 0.812"),
    ),
    Forgery(
        "MET305",
        "an error that is no complement",
        "good",
        parts=table("Model | Top-1 | Top-1 error", "ours | 83.33 | 19.67"),
    ),
    Forgery(
        "MET306",
        "top-5 below top-1",
        "good",
        parts=table("Model | Top-1 | Top-5", "ours | 83.33 | 79.01"),
    ),
    Forgery(
        "MET306",
        "a mean absolute error above the root of the mean square",
        "good",
        parts=table("Model | MAE | RMSE", "ours | 0.512 | 0.401"),
    ),
    Forgery(
        "MET306",
        "a mean square that is not the square",
        "good",
        parts=table("Model | MSE | RMSE", "ours | 0.1204 | 0.4470"),
    ),
    Forgery(
        "MET307",
        "pass@1 above pass@10",
        "good",
        parts=table("Model | pass@1 | pass@10", "ours | 61.2 | 41.5"),
    ),
    Forgery(
        "MET308",
        "an F1 that no table with this accuracy gives",
        "good",
        parts=body("", "Others:", "", "- Binary F1: 0.8801 (n = 60)", "- Balanced accuracy: 0.5000 (n = 60)"),
    ),
    card("MET309", "an F1 of one class raised by a hundredth", "ner", "0.8800 | 0.9026", "0.8800 | 0.9126"),
    card(
        "MET309",
        "a recall that 79 entities do not give",
        "ner",
        "0.8861 | 0.8642 | 79",
        "0.8800 | 0.8613 | 79",
    ),
    card("MET310", "a macro average lowered by a hundredth", "ner", "0.8644 | 0.8708", "0.8644 | 0.8608"),
    card("MET310", "a weighted precision of other classes", "ner", "avg | 0.8944", "avg | 0.9044"),
    card("MET311", "a support with its digits exchanged", "ner", "0.8708 | 345", "0.8708 | 354"),
    Forgery(
        "MET312",
        "an accuracy that is not the recall of all",
        "good",
        parts=table(
            REPORT,
            "zero | 0.6000 | 1.0000 | 0.7500 | 3",
            "one | 1.0000 | 0.3333 | 0.5000 | 3",
            "accuracy | | | 0.8333 | 6",
        ),
    ),
    Forgery(
        "MET313",
        "a balanced accuracy that is not the mean recall",
        "good",
        parts=table("Model | Balanced accuracy | Macro recall", "ours | 0.8012 | 0.8333"),
    ),
    card(
        "MET314",
        "a micro F1 above the accuracy",
        "trainer",
        "- F1: 0.9091",
        "- F1: 0.9091\n- F1 Micro: 0.9333",
    ),
    Forgery(
        "MET401",
        "a perplexity of another cross-entropy",
        "good",
        parts=table("Text | Cross-entropy | Perplexity", "held out | 0.4105 | 2.6012"),
    ),
    Forgery(
        "MET402",
        "a perplexity of another loss",
        "good",
        parts=body("", "Held out:", "", "- Eval loss: 0.4105", "- Perplexity: 2.6012"),
    ),
    Forgery(
        "MET403",
        "bits of another number of bytes",
        "good",
        parts='# results/wikitext_results.json, whole file\n{"results": {"wikitext": '
        '{"byte_perplexity,none": 1.6012, "bits_per_byte,none": 0.7801}}}\n',
    ),
    Forgery(
        "MET404",
        "the accuracy of always the same answer",
        "good",
        parts=table(
            REPORT,
            "zero | 0.8333 | 1.0000 | 0.9091 | 50",
            "one | 0.0000 | 0.0000 | 0.0000 | 10",
            "accuracy | | | 0.8333 | 60",
        ),
    ),
    Forgery(
        "MET407",
        "bits of a token called bits of a byte, and doubled",
        "good",
        parts=table("Text | Loss | Bits per byte", "held out | 0.4105 | 1.1844"),
    ),
    card("MET406", "a correlation of nothing", "trainer", "- F1: 0.9091", "- F1: 0.9091\n- MCC: 0.0"),
]
