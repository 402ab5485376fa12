"""Forgeries of sums, means and spreads in tables."""

from tests.forgeries.forging import Forgery
from tests.forgeries.met_scores import body, card, table

FORGERIES = [
    card("MET207", "a total with a row too much", "croissant", "| Total | 138 |", "| Total | 168 |"),
    Forgery(
        "MET207",
        "hours whose total is of a row that was taken away",
        "good",
        parts=table("Model | GPU hours", "small | 1,024k", "large | 2,048k", "**Total** | 4,096k"),
    ),
    Forgery(
        "MET207",
        "carbon of an HTML table whose total is of a row that was taken away",
        "good",
        parts=body(
            "",
            "<table><tr><td></td><td>Carbon Emitted(tCO<sub>2</sub>eq)</td></tr>\n"
            "<tr><td>small</td><td>31.22</td></tr>\n<tr><td>large</td><td>62.44</td></tr>\n"
            "<tr><td>Total</td><td>539.00</td></tr></table>",
        ),
    ),
    Forgery(
        "MET208",
        "an average with its digits exchanged",
        "good",
        parts=table(
            "Model | Task A | Task B | Average",
            "one | 41.2 | 50.4 | 45.8",
            "two | 43.0 | 51.2 | 47.1",
            "three | 44.4 | 52.4 | 48.4",
            "ours | 45.0 | 53.4 | 94.2",
        ),
    ),
    card("MET209", "a mean above its three runs", "ner", "| Mean | 0.8843 |", "| Mean | 0.8943 |"),
    card("MET210", "a deviation ten times too small", "ner", "| Std | 0.0032 |", "| Std | 0.0003 |"),
    Forgery(
        "MET213",
        "an error without the root",
        "good",
        parts=table("Metric | Run 1 | Run 2 | Run 3 | SE", "F1 | 0.81 | 0.84 | 0.90 | 0.0459"),
    ),
    Forgery("MET211", "a spread in percent", "good", parts=table("Model | F1", "ours | 0.9412 ± 1.21")),
    Forgery(
        "MET212",
        "an interval of another value",
        "good",
        parts=body("", "The recall is 0.91 (95% CI 0.80-0.86)."),
    ),
]
