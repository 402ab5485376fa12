"""The tokenizer and the special tokens against the embedding."""

import json

import pytest

from tests.rules.checkpoints import BERT, GPT2, LLAMA, lay, outcome, tensors, told


def release(folder, config, found=None, **files):
    """A release with further JSON files, named by what stands before `.json`."""
    lay(folder, config, found)
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    return folder


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (95, []),
        (
            96,
            [("ARC301", "the highest token `z` has number 96, and `model.embed_tokens.weight` has 96 rows")],
        ),
    ],
)
def test_a_learned_token_needs_a_row(tmp_path, highest, expected):
    vocab = {"a": 0, "z": highest}
    assert told(release(tmp_path / "r", LLAMA, tokenizer={"model": {"vocab": vocab}})) == expected


def test_an_embedding_that_was_padded_is_fine(tmp_path):
    vocab = {f"t{index}": index for index in range(50)}
    assert told(release(tmp_path / "r", LLAMA, tokenizer={"model": {"vocab": vocab}})) == []


def test_an_added_token_without_a_row_is_a_warning(tmp_path):
    """Gemma 3 has one for pictures in its text models, and many LLaMA fine-tunes one for padding."""
    tokenizer = {"model": {"vocab": {"a": 95}}, "added_tokens": [{"id": 96, "content": "<image_soft_token>"}]}
    assert told(release(tmp_path / "r", LLAMA, tokenizer=tokenizer)) == [
        (
            "ARC304",
            "the added token `<image_soft_token>` has number 96, and `model.embed_tokens.weight` has 96 rows",
        )
    ]


def test_of_quantised_weights_the_config_says_how_many_rows_there_are(tmp_path):
    config = LLAMA | {"quantization_config": {"bits": 4}}
    folder = release(
        tmp_path / "r", config, {"x.qweight": (4, 4)}, tokenizer={"model": {"vocab": {"a": 100}}}
    )
    assert told(folder) == [("ARC301", "the highest token `a` has number 100, and `vocab_size` is 96")]


def test_the_lines_of_a_list_of_words_are_its_numbers_for_bert_alone(tmp_path):
    words = "\n".join(f"w{index}" for index in range(97)) + "\n"
    for config, expected in ((BERT, ["ARC301"]), (LLAMA, [])):
        folder = release(tmp_path / config["model_type"], config)
        (folder / "vocab.txt").write_text(words)
        assert [code for code, _ in told(folder)] == expected


def test_a_tokenizer_that_is_cut_off_is_an_error_and_the_rest_is_not_checked(tmp_path):
    folder = release(tmp_path / "r", LLAMA, added_tokens={"x": 5})
    (folder / "tokenizer.json").write_text('{"model": {"vocab": {')
    ((code, message),) = told(folder)
    assert code == "ARC307"
    assert message.startswith("the file is not JSON")
    assert outcome(folder, "ARC301")[0] == "not checked"


def test_a_model_without_words_has_nothing_to_hold_a_tokenizer_against(tmp_path):
    config = {"model_type": "vit", "architectures": ["ViTModel"], "hidden_size": 16, "num_hidden_layers": 1}
    folder = release(
        tmp_path / "r", config | {"intermediate_size": 8}, tokenizer={"model": {"vocab": {"a": 10**6}}}
    )
    assert told(folder) == []
    assert outcome(folder, "ARC301") == ("not applicable", "the model has no embedding of words")


def test_special_tokens_left_over_from_another_config(tmp_path):
    config = GPT2 | {"bos_token_id": 50256, "eos_token_id": [49, 50256], "pad_token_id": -1}
    folder = release(tmp_path / "r", config, generation_config={"eos_token_id": 50, "pad_token_id": None})
    rows = "`transformer.wte.weight` has 50 rows"
    assert told(folder) == [
        ("ARC303", f"`bos_token_id` is 50256, and {rows}"),
        ("ARC303", f"`eos_token_id` is 50256, and {rows}"),
        ("ARC303", f"`eos_token_id` is 50, and {rows}"),
    ]


@pytest.mark.parametrize(("padding", "expected"), [(95, []), (-1, []), (None, []), (96, ["ARC302"])])
def test_padding_that_the_embedding_cannot_be_built_with(tmp_path, padding, expected):
    assert [
        code for code, _ in told(lay(tmp_path / "r", LLAMA | {"pad_token_id": padding}, tensors(LLAMA)))
    ] == expected


@pytest.mark.parametrize(
    ("config", "longest", "expected"),
    [
        (GPT2, 12, []),
        (GPT2, 13, ["`model_max_length` is 13, the model has 12 positions"]),
        (GPT2, 10**30, []),
        (GPT2, 1e30, []),
        (LLAMA, 10**6, []),  # rotary positions have no table
        (BERT | {"model_type": "roberta", "architectures": ["RobertaForMaskedLM"]}, 38, []),
        (
            BERT | {"model_type": "roberta", "architectures": ["RobertaForMaskedLM"]},
            40,
            ["`model_max_length` is 40, the model has 38 positions"],
        ),
    ],
)
def test_texts_longer_than_the_positions(tmp_path, config, longest, expected):
    folder = release(tmp_path / "r", config, tokenizer_config={"model_max_length": longest})
    assert told(folder) == [("ARC305", message) for message in expected]


@pytest.mark.parametrize(
    ("names", "numbers", "count"),
    [
        ({"0": "a", "1": "b"}, {"a": 0, "b": 1}, 0),
        ({"0": "a", "1": "b"}, {"a": "0", "b": "1"}, 0),
        ({"0": "a", "1": "b"}, {"b": 0, "a": 1}, 2),
        ({"0": "a", "1": "a"}, {"a": 1}, 0),
        (
            {"0": "a", "1": "b"},
            {"LABEL_0": 0, "LABEL_1": 1},
            0,
        ),  # another set of names says nothing of the order
        ({"0": "a"}, {"a": {"x": 1}}, 0),
        (["a", "b"], {"a": 1}, 0),
    ],
)
def test_names_of_classes_in_both_directions(tmp_path, names, numbers, count):
    config = BERT | {"id2label": names, "label2id": numbers}
    assert [code for code, _ in told(lay(tmp_path / "r", config, tensors(BERT)))] == ["ARC306"] * count
