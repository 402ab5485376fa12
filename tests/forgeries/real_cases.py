"""Wrong numbers that were published: the numbers and where they stood, no foreign text.

Each case is laid over an honest bundle (or a bare card) in our own words, and names the rule that must find it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A published number that cannot hold.

    Attributes:
        code: the rule that finds it.
        source: where it was published.
        why: what contradicts what, in numbers.
        parts: the numbers as a release, in the syntax of `tests/layers.py`, laid over a folder with a card that
            has nothing but a front matter.
    """

    code: str
    source: str
    why: str
    parts: str


def _table(header, *rows):
    """A card whose body is one table."""
    lines = [f"| {header} |", "|" + "---|" * (header.count("|") + 1), *(f"| {row} |" for row in rows)]
    return "# README.md\n" + "\n".join(lines) + "\n"


CASES = []

_HUB = "a model card on the Hugging Face Hub, collected before May 2023: "
_TRIPLE = "Model | Precision | Recall | F1"


def _triple(source, precision, recall, f1, code="MET301"):
    """A row of precision, recall and F1 that no average gives."""
    why = f"F1 {f1} beside precision {precision} and recall {recall}"
    return Case(code, source, why, _table(_TRIPLE, f"ours | {precision} | {recall} | {f1}"))


CASES += [
    Case(
        "MET207",
        "github.com/meta-llama/llama, MODEL_CARD.md at 689c7f2: hours",
        "184320 + 368640 + 1720320 = 2273280, and 3311616 is printed",
        _table("Model | GPU hours", "7B | 184320", "13B | 368640", "70B | 1720320", "Total | 3311616"),
    ),
    Case(
        "MET207",
        "github.com/meta-llama/llama, MODEL_CARD.md at 689c7f2: tCO2eq",
        "31.22 + 62.44 + 291.42 = 385.08, and 539.00 is printed",
        _table(
            "Model | Carbon emitted (tCO2eq)", "7B | 31.22", "13B | 62.44", "70B | 291.42", "Total | 539.00"
        ),
    ),
    Case(
        "MET207",
        "github.com/meta-llama/llama-models, model card of Llama 3.2: prose and table",
        "833k + 86k = 919k, and the prose says 916k",
        _table("Model | Training time (GPU hours)", "1B and 3B | 833k", "others | 86k", "Total | 916k"),
    ),
    *(
        _triple(f"NLP-progress, information_extraction.md, issue 588: row {row}", *numbers)
        for row, numbers in enumerate(
            (
                ("98.2", "99.8", "99.9"),
                ("66.2", "92.4", "91.9"),
                ("62.7", "84.4", "81.9"),
                ("94.8", "97.9", "98.3"),
                ("67.9", "82.9", "79.3"),
            ),
            start=1,
        )
    ),
    _triple("NLP-progress, information_extraction.md, issue 588: row 6", "71.6", "50.8", "0.5", "MET304"),
    _triple("The_Prompt_Report, issue 184", ".30", ".30", ".45"),
    Case(
        "MET106",
        f"{_HUB}SiddharthaM_bert-engonly-sentiment-test, one of 36",
        "0.8966666666666666 is 269/300, the test split of imdb has 25000 examples",
        "# README.md\n---\nmodel-index:\n  - name: ours\n    results:\n"
        "      - task: {type: text-classification}\n        dataset: {name: imdb, type: imdb, args: plain_text}\n"
        "        metrics: [{type: accuracy, value: 0.8966666666666666}]\n---\n",
    ),
    _triple(f"{_HUB}Ammar-alhaj-ali_LayoutLMv3-Fine-Tuning-Invoice", "0.973737", "0.977688", "0.978852"),
    _triple(f"{_HUB}Tobias_bert, Hotel_classification", "66.67", "50.00", "66.67"),
    _triple(f"{_HUB}NazaGara_NER-fine-tuned-BETO", ".9958", ".9965", ".990"),
    _triple(f"{_HUB}Sennodipoi_LayoutLMv1-FUNSD-ft, first row", ".85", ".71", ".83"),
    _triple(f"{_HUB}Sennodipoi_LayoutLMv1-FUNSD-ft, second row", ".77", ".56", ".72"),
    _triple(f"{_HUB}Narsil_layoutlm-funsd", ".7599", ".8083", ".7866"),
    _triple(
        f"{_HUB}FinanceInc_auditor_sentiment_finetuned, verified by the hub", ".818542", ".808937", ".848282"
    ),
    Case(
        "MET208",
        f"{_HUB}IDEA-CCNL_Erlangshen-UniMC: 516 for 51.6",
        "the row's mean is 99.9, its average is printed as 48.34; other numbers are ours",
        _table(
            "Model | A | B | C | D | E | F | G | H | I | Avg",
            "one | 40 | 41 | 42 | 43 | 44 | 45 | 46 | 47 | 48 | 44.00",
            "two | 41 | 42 | 43 | 44 | 45 | 46 | 47 | 48 | 49 | 45.00",
            "three | 42 | 43 | 44 | 45 | 46 | 47 | 48 | 49 | 50 | 46.00",
            "ours | 516 | 47.9 | 47.9 | 47.9 | 47.9 | 47.9 | 48.0 | 48.0 | 48.0 | 48.34",
        ),
    ),
]
