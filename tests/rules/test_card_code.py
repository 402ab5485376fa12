"""Code in cards: what is read as broken, what authors abridge, and which model and files it names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.rules.snippets import MAX_SNIPPET, broken_json, broken_python, broken_yaml

HONEST_PYTHON = [
    "",
    "from transformers import pipeline\npipe = pipeline('fill-mask', model=model)\n",
    ">>> unmasker('a [MASK]')\n\n[{'sequence': \"[CLS] a\",\n  'score': 0.1}]\n>>> 1 +\\\n... 2\n3",
    ">>> messages = [\n    {'role': 'user',\n     'content': 'x'},\n]\n>>> model(messages)\n{'a': [1,\n 2]}",
    "if not verified:\n    # There is no connection then.\n",
    ">> model.generate()\nhello",
    "!pip install transformers\nimport transformers",
    "%pip install -q x\nimport x",
    "pip install -U sentence-transformers\nfrom sentence_transformers import SentenceTransformer",
    "    import torch\n    torch.ones(3)\n",  # in a list
    "model = load(...)\nmodel(image, ..., beam=5, ...)",
    "login(token=<your token>)",
    "for step in range(5):\n\tids = model(step)\n\tprint(ids)",
    "model.predict(x)\nThe answer is 42, said the model: yes",
    "prompt = f'{a['b']}'",  # Python 3.12
    "await model.generate()",
    "tokenizer.decode(ids)\n# output: 'SELECT COUNT'",
    "print(model.generate(x))\n{'label': 'POSITIVE', 'score': 0.9}",
    "{{ code }}",
    "from pipelines import pipeline\nnlp('42')\n=> [{'answer': '42', 'question': 'What?'}]\n\n# for qa\nnlp({\n  'a': 1\n})\n=> 'the answer to life'",
]
BROKEN_PYTHON = [
    ("model = load('x'\nprint(model)", 1),
    ("import torch\nprint 'hello'\n", 2),
    ("x = 1\nif x\n    y = 2\n", 2),
    ("def f():\nreturn 1\n", 2),
    (">>> f(1, 2\n>>> f(3)\n", 1),
    ("text = 'unfinished\nmodel(text)\n", 1),
]


@pytest.mark.parametrize("text", HONEST_PYTHON)
def test_python_that_is_whole_or_was_abridged_is_left_alone(text):
    assert broken_python(text) is None


@pytest.mark.parametrize(("text", "line"), BROKEN_PYTHON)
def test_python_that_is_broken_is_found_on_its_line(text, line):
    found = broken_python(text)
    assert found is not None
    assert found.line == line


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '"exact": 78.49,\n"f1": 81.7\n',
        '{"a": 1,\n ...\n}',
        '{"a": 1}  // the first',
        '{"a": 1}\n{"a": 2}\n',
        '{"a": <a number>}',
        "# a comment\n{}",
        '{"a": ' + "1" * 6_000 + "}",
        "",
    ],
)
def test_json_that_is_whole_or_a_piece_is_left_alone(text):
    assert broken_json(text) is None


def test_json_with_a_trailing_comma_is_broken_on_its_line():
    found = broken_json('{"a": 1,\n "b": 2,\n}')
    assert found is not None
    assert found.line >= 2


def test_yaml_with_tabs_is_broken_and_several_documents_are_not():
    assert broken_yaml("a:\n\tb: 1\n").line == 2
    assert broken_yaml("a: 1\n---\nb: 2\n") is None
    assert broken_yaml("a: {{ name }}\n") is None


@pytest.mark.parametrize("reader", [broken_python, broken_json, broken_yaml])
@pytest.mark.parametrize(
    "text", ["(" * 9_000, "[" * 9_000, "-" * 9_999, "9" * 9_000, "\0", "x" * (MAX_SNIPPET + 1)]
)
def test_hostile_pieces_end_without_an_exception(reader, text):
    reader(text)


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="()[]{}:='\"\\\n \t>.!%#abc019,*", max_size=120))
def test_any_text_is_read_or_told_as_broken(text):
    for reader in (broken_python, broken_json, broken_yaml):
        found = reader(text)
        assert found is None or 1 <= found.line <= text.count("\n") + 2


def card(code, language="python"):
    return f"# README.md\n```{language}\n{code}\n```\n"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ('AutoModel.from_pretrained("somebody/other-net")', True),
        ('AutoModel.from_pretrained("somebody/digits-cnn-large")', False),  # another size
        ('AutoModel.from_pretrained("somebody/digits_cnn")', False),
        ('AutoModel.from_pretrained("somebody/cnn-digits")', False),
        ('AutoTokenizer.from_pretrained("somebody/other-net")', False),  # its tokenizer may be another's
        ('pipeline("fill-mask", model="somebody/other-net")', True),
        ('model_id = "somebody/other-net"', True),
        ('load_dataset("somebody/other-net")', False),
        ('a = "somebody/other-net"\nAutoModel.from_pretrained("somebody/digits-cnn")', False),
    ],
)
def test_code_is_of_another_model_where_no_name_is_akin_to_the_cards(messages, code, told):
    assert bool(messages("CARD117", card(code))) is told


def test_code_that_loads_the_base_model_is_left_alone(messages):
    base = "# README.md\n---\nbase_model: somebody/other-net\n---\n"
    assert messages("CARD117", base + card('AutoModel.from_pretrained("somebody/other-net")')) == []


@pytest.mark.parametrize(
    ("code", "language", "told"),
    [
        ("python train.py", "bash", True),
        ("$ CUDA_VISIBLE_DEVICES=0 python3 scripts/run.py --x", "sh", True),
        ("git clone https://github.com/x/y\npython train.py", "bash", False),
        ("python -m train", "bash", False),
        (
            "python run_squad.py\n```\nIt is [here](https://github.com/x/y/blob/main/run_squad.py).\n```",
            "bash",
            False,
        ),
        ("python train.py", "", False),
        ('model = torch.load("best.pt")', "python", True),
        ('model = YOLO("model.safetensors")', "python", False),
        ('path = hf_hub_download("x/y", "best.pt")\ntorch.load("best.pt")', "python", False),
    ],
)
def test_files_that_code_names_are_looked_for_unless_they_are_fetched(messages, code, language, told):
    assert bool(messages("CARD118", card(code, language))) is told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("```python\nx = 1\n", True),
        ("```python\nx = 1\n```\n", False),
        ("~~~\nx = 1\n~~~ \n", False),
        ("````\n```\nx\n```\n````\n", False),
        ("```\n", False),  # nothing in it
    ],
)
def test_code_without_an_end_is_told(messages, text, told):
    assert bool(messages("CARD121", f"# README.md\n{text}")) is told


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("| Task | Accuracy |\n|---|---|\n| a | 0.9 |", True),
        ("| Training Loss | Epoch | Accuracy |\n|---|---|---|\n| 0.2 | 1.0 | 0.9 |", False),
        ("| Layer | Size |\n|---|---|\n| a | 12 |", False),
        ("| Task | Accuracy |\n|---|---|\n| a | 0.9 |\n\n```\nlm_eval --model x\n```", False),
    ],
)
def test_results_want_a_command_unless_they_are_a_log_of_training(messages, table, told):
    head = "# recipe.yaml, absent\n# fmaudit.yaml, absent\n# README.md, whole file\n# A\n\n"
    assert bool(messages("CARD119", f"{head}{table}\n")) is told
