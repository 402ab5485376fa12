"""Beside the manual pages of REC009 to REC013: the other ways in which each of them is met."""

import pytest

from auditor.readers.yaml import read_yaml
from auditor.rules.splits import label_among_inputs, unknown_split
from auditor.rules.training import (
    batch_cannot_be_cut,
    stopped_on_measured_split,
    targets_both_or_neither,
    warmup_outlasts_training,
)


def said(rule, *documents):
    return [fault.message for fault in rule(*(read_yaml("recipe.yaml", text) for text in documents))]


def test_a_label_beside_other_targets_is_found():
    text = "data: {splits: {test: {kind: csv, label_column: 3, target_columns: [4]}}}"
    assert said(targets_both_or_neither, text) == ["`test` names both `label_column` and `target_columns`"]


def test_any_target_among_the_inputs_is_found():
    text = "data: {splits: {test: {kind: csv, features: 3, target_columns: [3, 2]}}}"
    assert said(label_among_inputs, text) == ["the target of `test` is column 2, columns 0 to 2 are inputs"]


def test_a_batch_that_is_compared_as_a_whole_is_not_cut():
    text = "loss: {kind: contrastive}\ntraining: {accumulate: 2, batch_size: 8}"
    (message,) = said(batch_cannot_be_cut, text)
    assert "compares a whole batch" in message


def test_a_claim_that_gates_nothing_may_be_measured_where_training_stops():
    recipe = "training: {early_stopping: {split: dev}}"
    claims = "claims: [{primary: true, data: {split: test}}, {data: {split: dev}}]"
    assert said(stopped_on_measured_split, recipe, claims) == []


def test_stopping_by_the_evaluated_split_is_found_without_claims():
    recipe = "training: {early_stopping: {split: test}}"
    assert said(stopped_on_measured_split, recipe, "format: 1") == [
        "`test` says when to stop, and is what the recipe evaluates on"
    ]


def test_training_cannot_stop_by_a_split_that_is_not_there():
    recipe = "data: {splits: {train: {}, test: {}}}\ntraining: {early_stopping: {split: dev}}"
    assert said(unknown_split, recipe) == ["`dev` is not a split of this recipe"]


@pytest.mark.parametrize(("warmup", "n_found"), [(5, 0), (6, 1)])
def test_steps_of_a_text_are_counted_in_blocks(warmup, n_found):
    """Of 33 characters blocks of 8 take 32; the last one is only a target. 4 blocks, 2 a step, 3 epochs."""
    recipe = (
        "data: {splits: {train: {kind: text, length: 33, block: 8}}}\n"
        f"schedule: {{warmup_steps: {warmup}}}\ntraining: {{batch_size: 2, epochs: 3}}"
    )
    assert len(said(warmup_outlasts_training, recipe)) == n_found
