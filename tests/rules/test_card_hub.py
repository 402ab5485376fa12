"""What CARD says of `huggingface_hub` is what `huggingface_hub` does; skipped where it is not installed."""

import logging

import pytest

from auditor.readers.markdown import read_markdown
from auditor.rules import eval_values, front_block, model_index, model_values

hub = pytest.importorskip("huggingface_hub", reason="the oracle is not installed")

RESULT = "{task: {type: t}, dataset: {type: d, name: d}, metrics: [{type: m, value: VALUE}]SOURCE}"


def index(value="1.5", source=""):
    results = RESULT.replace("VALUE", value).replace("SOURCE", source)
    return f"---\nmodel-index: [{{name: a, results: [{results}]}}]\n---\n# x\n"


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("# T\n---\nlicense: mit\n---\n", front_block.front_matter_not_first),
        ("--- \nlicense: mit\n---\n", front_block.blank_after_opening),
    ],
)
def test_metadata_that_is_told_to_be_lost_is_lost(text, rule):
    assert hub.ModelCard(text).data.to_dict() == {}
    assert len(list(rule(read_markdown("README.md", text)))) == 1


def test_a_mark_hides_the_metadata():
    assert hub.ModelCard("\ufeff---\nlicense: mit\n---\n").data.to_dict() == {}


@pytest.mark.parametrize(
    "text", ["\n\n---\nlicense: mit\n---\n", "---\nlicense: mit\n--- \n", "---\r\nlicense: mit\r\n---\r\n"]
)
def test_metadata_that_the_hub_reads_is_read_here(text):
    assert hub.ModelCard(text).data.to_dict() == read_markdown("README.md", text).value


def test_a_source_without_a_url_stops_the_library():
    text = index(source=", source: {name: x}")
    with pytest.raises(ValueError, match="source_url"):
        hub.ModelCard(text)
    assert len(list(model_values.source_without_url(read_markdown("README.md", text)))) == 1


def test_a_result_without_data_stops_the_library():
    text = index().replace("dataset: {type: d, name: d}, ", "")
    with pytest.raises(ValueError, match="dataset"):
        hub.ModelCard(text)
    assert len(list(model_index.result_without_data(read_markdown("README.md", text)))) == 1


def test_results_of_several_models_get_the_name_of_the_last():
    results = RESULT.replace("VALUE", "1").replace("SOURCE", "")
    text = f"---\nmodel-index: [{{name: a, results: [{results}]}}, {{name: b, results: [{results}]}}]\n---\n"
    (model,) = hub.ModelCard(text).data.to_dict()["model-index"]
    assert model["name"] == "b"
    assert len(model["results"][0]["metrics"]) == 2
    assert len(list(model_index.several_models(read_markdown("README.md", text)))) == 1


def test_a_number_without_a_point_is_text_to_the_library():
    (model,) = hub.ModelCard(index("1e-4")).data.to_dict()["model-index"]
    assert model["results"][0]["metrics"][0]["value"] == "1e-4"


def test_a_source_of_a_result_file_needs_a_url():
    with pytest.raises(ValueError, match="source_url"):
        hub.EvalResultEntry(dataset_id="a/b", task_id="c", value=1, source_name="x")
    assert eval_values.eval_source_without_url.__name__ == "eval_source_without_url"
