import json

from tests.statements.conftest import told

TRAINER = {
    "epoch": 3.0,
    "eval_accuracy": 0.9166666666666666,
    "eval_loss": 0.3381,
    "eval_runtime": 0.4321,
    "eval_samples": 60,
    "eval_samples_per_second": 138.857,
    "train_loss": 0.428567,
    "train_samples": 192,
    "total_flos": 1515718656.0,
}


def test_results_of_the_trainer_are_grouped_by_their_prefix(stated):
    found = stated({"all_results.json": json.dumps(TRAINER)})
    assert told(found) == [("accuracy", "0.9166666666666666"), ("loss", "0.3381"), ("loss", "0.428567")]
    assert [one.n for one in found] == [60, 60, 192]
    assert [one.split for one in found] == ["", "", "train"]
    assert {one.source for one in found} == {"results"}


def test_the_log_of_the_trainer_gives_its_evaluations(stated):
    log = [
        {"epoch": 1.0, "loss": 0.563, "step": 12},
        {"epoch": 1.0, "eval_f1": 0.8, "eval_loss": 0.62, "eval_runtime": 0.4, "step": 12},
        {"epoch": 2.0, "eval_f1": 0.9, "eval_loss": 0.45, "step": 24},
    ]
    found = stated(
        {"trainer_state.json": json.dumps({"log_history": log}), "checkpoint-12/trainer_state.json": "{}"}
    )
    assert told(found) == [("f1", "0.8"), ("loss", "0.62"), ("f1", "0.9"), ("loss", "0.45")]
    assert {one.source for one in found} == {"training log"}
    assert len({one.group for one in found}) == 2


def test_both_forms_of_lm_evaluation_harness_are_read(stated):
    new = {
        "results": {
            "arc_easy": {"alias": "arc_easy", "acc,none": 0.5, "acc_stderr,none": 0.01, "acc_norm,none": 0.4}
        },
        "n-samples": {"arc_easy": {"original": 2376, "effective": 100}},
    }
    old = {"results": {"piqa": {"acc": 0.6, "acc_stderr": 0.02}}, "versions": {"piqa": 0}}
    found = stated({"results_new.json": json.dumps(new), "old_results.json": json.dumps(old)})
    assert [(one.dataset, one.metric.name, one.metric.role, one.n) for one in found] == [
        ("piqa", "accuracy", "value", None),
        ("piqa", "accuracy", "stderr", None),
        ("arc_easy", "accuracy", "value", 100),
        ("arc_easy", "accuracy", "stderr", 100),
        ("arc_easy", "accuracynorm", "value", 100),
    ]


def test_a_filter_makes_another_metric(stated):
    results = {"gsm8k": {"exact_match,strict-match": 0.5, "exact_match,flexible-extract": 0.6}}
    found = stated({"results_1.json": json.dumps({"results": results})})
    assert len({one.metric.name for one in found}) == 2


def test_a_flat_file_speaks_of_the_split_in_its_name(stated):
    found = stated(
        {"results/test.json": '{"accuracy": 0.90, "note": "x", "loss": null}', "config.json": '{"f1": 1}'}
    )
    assert told(found) == [("accuracy", "0.90")]
    assert found[0].split == "test"


def test_broken_and_odd_files_state_nothing(stated):
    odd = {
        "a_results.json": "[1]",
        "b_results.json": "{",
        "c_results.json": '{"results": {"x": 3, "y": {"acc": "a"}}}',
    }
    assert stated(odd | {"trainer_state.json": '{"log_history": [3, {"eval_f1": true}]}'}) == ()
