"""Real releases with values replaced by odd ones: check, claims and score answer, and nothing is raised.

`tests/mutations.py` damages bytes, which mostly breaks the syntax; here the syntax holds and the values do not.
"""

import json
import random
import time

import pytest

from auditor.bundle import Bundle
from auditor.engine.numbers import numbers
from auditor.engine.run import check
from auditor.formats.yaml_text import quoted
from auditor.openness.assessment import as_mot, coverage
from auditor.openness.mot import write
from auditor.readers.markdown import read_markdown
from auditor.report.numbers import render as told
from auditor.report.score import render as scored
from auditor.rules.open_release import assessed
from auditor.statements.prose import of_prose
from tests.forgeries.forging import lay
from tests.mutations import damaged

ODD = [
    *(None, True, -1, 0, 10**30, 1e308, -0.0, float("nan"), float("inf"), "", "x", "1e400", "9" * 400),
    *("²", "٣", "0.0000", "\x00", "\x1b[31m", "\u202e", "<script>", "a|b\n|c", "../../x", "https://["),
    *(
        "0000-01-01",
        "9999-99-99",
        "MIT AND (",
        [],
        {},
        [[]],
        [None, {}],
        {"": None},
        {"@id": None},
        {"a": {}},
    ),
]
CASES = 60  # some 90 milliseconds each


def places(value, path=()):
    yield path
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, inner in entries:
        yield from places(inner, (*path, step))


def odd(raw, choose):
    """A JSON document with some values replaced by odd ones, or put into a list or mapping."""
    value = json.loads(raw)
    for _ in range(choose.choice([1, 2, 4])):
        path = choose.choice(list(places(value))[1:] or [()])
        if not path:
            return json.dumps(choose.choice(ODD)).encode()
        owner = value
        for step in path[:-1]:
            owner = owner[step]
        if choose.random() < 0.2 and isinstance(owner, dict):
            owner[choose.choice(["", "@id", "name"])] = owner.pop(path[-1])
        else:
            owner[path[-1]] = choose.choice([*ODD, [owner[path[-1]]], {"name": owner[path[-1]]}])
    return json.dumps(value).encode()


@pytest.mark.parametrize("base", ["trainer", "croissant", "pretraining", "good"])
def test_a_release_with_odd_values_is_answered_for(tmp_path, base):
    root = lay(tmp_path / "release", base)
    honest = {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    texts = [path for path in honest if path.suffix != ".safetensors"]
    for seed in range(CASES // 4):
        choose = random.Random(seed)
        for path in (changed := choose.sample(texts, 2)):
            raw = honest[path]
            path.write_bytes(odd(raw, choose) if path.suffix == ".json" else damaged(raw, seed))
        check(Bundle.open(root), today="2026-11-23", isolate=False)
        opened = Bundle.open(root)
        assert told("text", numbers=numbers(opened, isolate=False), bundle=opened.name).endswith("\n")
        made = assessed(opened, "mot")
        assert scored("html", assessment=made, lists=coverage(opened, made)).endswith("\n")
        assert write(as_mot(opened, made)).startswith("framework:")
        for path in changed:
            path.write_bytes(honest[path])


def found(root, **files):
    for name, content in files.items():
        path = root / {"card": "README.md", "data": "croissant.json"}.get(name, f"{name}.json")
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return {one.code for one in check(Bundle.open(root), today="2026-11-23", isolate=False).findings}


def test_a_name_of_a_field_that_is_no_text_is_no_key(tmp_path):
    field = {"@type": "cr:Field", "@id": "r/a", "name": {"a": 1}, "dataType": "sc:Text"}
    records = {"@type": "cr:RecordSet", "@id": "r", "key": {"@id": "r/b"}, "field": [field]}
    assert "DATA014" in found(tmp_path, data={"@type": "sc:Dataset", "recordSet": [records]})


def test_a_property_without_a_name_is_passed_over(tmp_path):
    context = {"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"}
    assert found(tmp_path, data={"@context": context, "@type": "sc:Dataset", "": 1})


def test_a_family_of_models_that_is_no_text_bounds_no_context(tmp_path):
    config = {"model_type": {"a": 1}, "max_position_embeddings": 512}
    assert "META001" not in found(tmp_path, card="# m\n\n- Context length: 4096\n", config=config)


def test_marks_that_turn_the_text_around_are_escaped_in_yaml():
    assert quoted("a\u202eb\u2066") == '"a\\u202eb\\u2066"'


def test_a_sentence_of_many_numbers_is_doubted_once():
    card = read_markdown("README.md", ("5 params " * 60 + "than that.\n") * 1_000)
    start = time.process_time()
    assert not list(of_prose(card))
    assert time.process_time() - start < 3  # seconds; a search for each number takes far longer


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("card", "---\n" + "".join(f"k{n}: 1\n" for n in range(40_000)) + "---\n# m\n"),
        ("card", "---\nlicense:\n" + "- mit\n" * 60_000 + "---\n# m\n"),
        (
            "sbom.spdx",
            {
                "documentDescribes": [f"SPDXRef-{n}" for n in range(10_000)],
                "packages": [{"SPDXID": f"x{n}", "licenseDeclared": "MIT"} for n in range(10_000)],
            },
        ),
    ],
    ids=["keys", "licences", "packages"],
)
def test_many_entries_take_time_in_proportion(tmp_path, name, content):
    start = time.process_time()
    found(tmp_path, **{"card": "---\nlicense: mit\n---\n# m\n", name: content})
    assert time.process_time() - start < 10  # seconds; measured: 0.5 to 1.5 on a shared core
