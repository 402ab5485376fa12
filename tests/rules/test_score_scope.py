"""Where the rules on scores keep silent: each condition that made honest cards look wrong has a test."""

import pytest

ROW = "# README.md\n| Model | {} |\n{}\n| ours | {} |\n"


def table(head, cells):
    return ROW.format(head, "|" + "---|" * (head.count("|") + 2), cells)


def index(*entries):
    """A card whose model-index has these entries: pairs of dataset and metrics in flow style."""
    lines = ["# README.md", "---", "model-index:", "  - name: ours", "    results:"]
    for dataset, metrics in entries:
        lines += ["      - task: {type: text-classification}", f"        dataset: {dataset}"]
        lines += [f"        metrics: [{metrics}]"]
    return "\n".join([*lines, "---", ""])


@pytest.fixture
def met(findings):
    """`met(example)`: codes of this family that speak of the good bundle with the example laid over it."""

    def codes(example):
        return {finding.code for finding in findings(example) if finding.code.startswith("MET")}

    return codes


def test_a_number_rounded_twice_is_within_one_unit(met):
    # 2PR / (P + R) = 0.97565, once rounded 0.9757, rounded again from 0.97565 with three places 0.976
    assert met(table("Precision | Recall | F1", "0.974 | 0.978 | 0.977")) == set()


def test_percentages_with_their_sign_beside_a_proportion_mislead_nobody(met):
    assert met(table("Precision | Recall | F1", "36.36% | 100.00% | 0.5333")) == set()
    assert met(table("Precision | Recall | F1", "36.36 | 100.00 | 0.5333")) == {"MET304"}


def test_noise_of_the_last_bits_is_no_fault(met):
    # exact is 0.9090909090909091; summed in another order it may end in 0908
    metrics = (
        "{type: precision, value: 0.8928571428571429, args: {average: binary}}, "
        "{type: recall, value: 0.9259259259259259, args: {average: binary}}, "
        "{type: f1, value: 0.9090909090909088, args: {average: binary}}"
    )
    assert met(index(("{type: films, name: films, split: test}", metrics))) == set()


def test_several_data_sets_in_one_index_are_not_compared(met):
    first = "{type: precision, value: 0.60}, {type: recall, value: 0.60}"
    assert (
        met(
            index(
                ("{type: films, name: films, split: test}", first),
                ("{type: books, name: books, split: test}", "{type: f1, value: 0.95}"),
            )
        )
        == set()
    )


def test_a_loss_of_several_tasks_is_doubted_and_not_called_impossible(findings):
    found = findings("# README.md\nMeasured:\n\n- Loss: 0.4105\n- Perplexity: 9.5012\n")
    assert {(one.code, one.level) for one in found} == {("MET402", "warning")}


def test_a_perplexity_of_words_is_not_that_of_tokens(met):
    assert met(table("Cross-entropy | Word perplexity", "0.4105 | 9.5012")) == set()


@pytest.mark.parametrize("head", ["Rouge1 | RougeL", "rouge1 | rouge2"])
def test_bootstrapped_rouge_may_be_two_percent_in_the_wrong_order(met, head):
    assert met(table(head, "0.4180 | 0.4210")) == set()


def test_rouge_triples_are_drawn_one_by_one(met):
    assert (
        met("# README.md\n| Measure | P | R | F1 |\n|---|---|---|---|\n| ROUGE-L | 0.30 | 0.30 | 0.33 |\n")
        == set()
    )


@pytest.mark.parametrize(("precision", "f1"), [("0.0000", "0.0000"), ("1.0000", "0.0000")])
def test_a_class_that_is_never_predicted_follows_its_convention(met, precision, f1):
    assert (
        met(
            "# README.md\n| Class | Precision | Recall | F1-score | Support |\n|---|---|---|---|---|\n"
            "| zero | 0.8333 | 1.0000 | 0.9091 | 50 |\n"
            f"| one | {precision} | 0.0000 | {f1} | 10 |\n"
            "| micro avg | 0.8333 | 0.8333 | 0.8333 | 60 |\n"
        )
        == set()
    )


def test_a_report_with_a_score_that_is_no_number_is_not_summed(met):
    assert (
        met(
            "# README.md\n```\n              precision    recall  f1-score   support\n\n"
            "        zero       0.83      1.00      0.91        50\n"
            "         one        nan      0.00      0.00        10\n\n"
            "   macro avg       0.83      0.50      0.45        60\n```\n"
        )
        == set()
    )


def test_a_report_of_some_classes_is_a_warning(met):
    assert met(
        "# README.md\n| Class | Precision | Recall | F1-score | Support |\n|---|---|---|---|---|\n"
        "| zero | 0.8000 | 0.8000 | 0.8000 | 50 |\n| one | 0.7000 | 0.7000 | 0.7000 | 10 |\n"
        "| macro avg | 0.6500 | 0.6500 | 0.6500 | 90 |\n"
    ) == {"MET311"}


def test_accuracy_of_tokens_is_not_a_share_of_sequences(met):
    example = (
        '# config.json\n{"architectures": ["BertForTokenClassification"]}\n'
        '# results/eval_results.json, whole file\n{"eval_exact_match": 0.9211, "eval_samples": 60}\n'
    )
    assert met(example) == set()


def test_a_mean_of_seeds_need_not_be_harmonic(met):
    assert (
        met(table("Micro precision | Micro recall | Micro F1", "0.80 ± 0.05 | 0.60 ± 0.05 | 0.68 ± 0.04"))
        == set()
    )


def test_a_few_runs_behind_a_mean_are_not_its_examples(met):
    assert met("# README.md\nMeasured:\n\n- Exact match: 0.8412 (n = 5)\n") == set()


def test_a_rate_that_leaves_room_for_answers_withheld_is_honest(met):
    assert met(table("Exact match | Accuracy (strict) | Error rate", "0.40 | 0.45 | 0.35")) == set()


def test_a_total_of_rates_is_no_sum(met):
    lines = "| a | 40 |\n| b | 60 |\n| Total | 55 |\n"
    assert met(f"# README.md\n| Part | Hours per run |\n|---|---|\n{lines}") == set()


def test_a_total_beside_a_subtotal_is_left_alone(met):
    lines = "| a | 40 |\n| b | 60 |\n| Subtotal | 100 |\n| c | 5 |\n| Total | 105 |\n"
    assert met(f"# README.md\n| Part | Hours |\n|---|---|\n{lines}") == set()


def test_an_average_of_something_else_is_left_alone(met):
    rows = "".join(f"| m{i} | {40 + i} | {50 + i} | {61 + i} |\n" for i in range(5))
    assert met(f"# README.md\n| Model | A | B | Avg |\n|---|---|---|---|\n{rows}") == set()


def test_a_data_set_of_unknown_size_says_nothing(met):
    metric = "{type: exact_match, value: 0.8966666666666666}"
    assert met(index(("{type: films, name: films, split: test}", metric))) == set()


def test_a_share_of_32_bits_is_one_of_the_test_set(met):
    # float32(776 / 872) = 0.8899082541465759
    metric = "{type: exact_match, value: 0.8899082541465759}"
    assert met(index(("{type: glue, name: glue, config: sst2, split: validation}", metric))) == set()


def test_a_group_of_tasks_has_a_pooled_error(met):
    assert (
        met(
            '# results/results_2026.json, whole file\n{"results": {"all": {"acc,none": 0.5, "acc_stderr,none": 0.2}}, '
            '"group_subtasks": {"all": ["one", "two"]}, "n-samples": {"all": {"original": 90, "effective": 90}}}\n'
        )
        == set()
    )


def test_percent_signs_and_differences_are_read_as_such(met):
    assert met(table("Recall (%) | Specificity", "-3.1 | 99.1%")) == set()
