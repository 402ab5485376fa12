from tests.statements.conftest import told


def test_claims_of_the_manifest_are_scores(stated):
    found = stated(
        {
            "fmaudit.yaml": "format: 1\nclaims:\n  - id: a\n    metric: {type: f1, unit: proportion, average: macro}\n"
            '    value: "0.9140"\n    data: {split: dev, n: 300}\n  - {id: b, value: no}\n'
        }
    )
    assert told(found) == [("f1", "0.9140")]
    one = found[0]
    assert (one.source, one.unit, one.average, one.split, one.n) == (
        "manifest",
        "proportion",
        "macro",
        "validation",
        300,
    )


def test_results_for_the_hub_name_data_and_no_metric(stated):
    text = "- dataset: {id: cais/hle, task_id: default}\n  value: 20.90\n- 3\n"
    found = stated({"README.md": "x\n", ".eval_results/hle.yaml": text})
    assert [(one.dataset, one.value.text, one.metric.known) for one in found] == [
        ("cais/hle", "20.90", False)
    ]


def test_a_metafile_of_openmmlab_names_model_data_and_metrics(stated):
    text = (
        "Models:\n- Name: resnet18\n  Metadata: {FLOPs: 1820000000}\n  Results:\n  - Dataset: ImageNet-1k\n"
        "    Metrics: {Top 1 Accuracy: 69.90, Top 5 Accuracy: 89.43}\n    Task: Image Classification\n"
    )
    found = stated({"metafile.yml": text})
    assert told(found) == [("accuracy", "69.90"), ("topkaccuracy@5", "89.43")]
    assert (found[0].dataset, found[0].label) == ("ImageNet-1k", "resnet18")


def test_the_last_line_of_a_metric_of_mlflow_counts(stated):
    found = stated({"mlruns/0/abc/metrics/eval_f1": "1700000000000 0.8 1\n1700000000500 0.91 2\n"})
    assert told(found) == [("f1", "0.91")]
    span = found[0].place.span
    assert (span.line, span.column, span.end_column) == (2, 15, 19)


def test_two_runs_of_mlflow_say_nothing_of_the_release(stated):
    files = {f"mlruns/0/{run}/metrics/eval_f1": "1 0.8 1\n" for run in "ab"}
    assert stated(files) == ()
