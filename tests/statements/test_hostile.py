"""Real documents with bytes changed, cut and repeated: statements are read or left out, and nothing is raised."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.readers.document import Unreadable
from auditor.readers.markdown import read_markdown
from auditor.statements.card import list_scores, model_index_scores
from auditor.statements.card_tables import table_scores
from auditor.statements.collected import scores
from auditor.statements.sentences import sentence_scores

HONEST = Path(__file__).parent.parent / "forgeries" / "honest"
CARD = (
    HONEST / "trainer" / "README.md"
).read_text() + "\n<table><tr><th>Accuracy<th rowspan=2>F1<tr><td>1</table>\n"
FILES = {
    "all_results.json": (HONEST / "trainer" / "all_results.json").read_text(),
    "trainer_state.json": (HONEST / "trainer" / "trainer_state.json").read_text(),
    ".eval_results/a.yaml": (HONEST / "ner" / ".eval_results" / "news-entities.yaml").read_text(),
    "metafile.yml": "Models:\n- Name: a\n  Results:\n  - Dataset: b\n    Metrics: {Top 1 Accuracy: 69.9}\n",
    "mlruns/0/a/metrics/f1": "1 0.5 1\n",
}
PIECES = [
    "|",
    "---",
    "<td rowspan=999999>",
    "- Accuracy: 1e9999\n",
    "\0",
    "\r",
    "[",
    "{",
    ": ",
    "9" * 400,
    "NaN",
    "±",
]


@st.composite
def changed(draw, text):
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        text = text[:start] + draw(st.sampled_from(PIECES) | st.text(max_size=8)) + text[end:]
    return text


def read_all(text):
    try:
        card = read_markdown("README.md", text)
    except Unreadable:
        return []
    readers = (model_index_scores, list_scores, table_scores, sentence_scores)
    return [score for reader in readers for score in reader(card)]


@settings(max_examples=50, deadline=None)
@given(changed(CARD))
def test_a_changed_card_is_read(text):
    assert all(score.value.unit > 0 for score in read_all(text))


@pytest.mark.parametrize("path", sorted(FILES))
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_changed_file_is_read(path, data, tmp_path_factory):
    place = tmp_path_factory.mktemp("bundle") / path
    place.parent.mkdir(parents=True, exist_ok=True)
    text = data.draw(changed(FILES[path]))
    place.write_bytes(text.encode("utf-8", "surrogatepass"))
    root = place
    for _ in path.split("/"):
        root = root.parent
    assert isinstance(scores(Bundle.open(root)), tuple)


@pytest.mark.parametrize(
    "text",
    [
        "- Accuracy: 0.91\n" * 100_000,
        "It achieves 92.4% accuracy.\n" * 100_000,
        "it achieves " * 200_000,
        "<table>" + "<tr><td>accuracy<td>0.1" * 100_000,
        "<table><tr>" + "<td rowspan=1000 colspan=1000>accuracy" * 10_000 + "</table>",
        "|" + " accuracy |" * 30_000 + "\n|" + "---|" * 30_000 + "\n|" + " 0.9 |" * 30_000 + "\n",
        "- Accuracy: " + "9" * 1_000_000 + "\n",
    ],
    ids=["list", "sentences", "subjects", "html", "spans", "columns", "digits"],
)
def test_a_large_card_ends_soon(text):
    start = time.process_time()
    read_all(text)
    assert time.process_time() - start < 5  # seconds; measured: 0.1 to 1.1 on a shared core


def test_a_large_log_is_read_to_its_bound(tmp_path):
    log = [{"eval_f1": 0.5, "step": step} for step in range(20_000)]
    (tmp_path / "trainer_state.json").write_text(json.dumps({"log_history": log}))
    assert len(scores(Bundle.open(tmp_path))) <= 5_000
