"""No rule crashes, whatever types stand in the documents."""

import json
import shutil

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.engine.run import check
from tests.layers import GOOD, card, lay_good

DOCUMENTS = (
    "fmaudit.yaml",
    "recipe.yaml",
    "README.md",
    "config.json",
    "data/croissant.json",
    "results/test.json",
)
INDEX = {"metadata": {"total_size": 8}, "weight_map": {"conv1.bias": "model-00001-of-00001.safetensors"}}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=True),
    st.sampled_from(
        ["", "/", "..", "../x", "a\0b", "é" * 300, "0.5", "1e999", "nan", "C:\\x", "file:///x", "-1"]
    ),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return lay_good(tmp_path_factory.mktemp("hostile") / "digits-cnn")


def load(name):
    text = (GOOD / name).read_text(encoding="utf-8")
    return json.loads(text) if name.endswith(".json") else yaml.safe_load(card(text)[0] or text)


def dump(name, value):
    if name.endswith(".json"):
        return json.dumps(value)
    text = json.dumps(value)  # JSON is YAML, NaN and Infinity apart, which are then text
    return (
        f"---\n{text}\n---\n{card((GOOD / name).read_text(encoding='utf-8'))[1]}"
        if name == "README.md"
        else text
    )


def paths(value, here=()):
    """Every key path in a parsed document."""
    yield here
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield from paths(inner, (*here, key))


def changed(value, path, odd):
    """The document with `odd` at `path`, or with nothing there where `odd` is `...`."""
    if not path:
        return {} if odd is ... else odd
    copy = value.copy()
    if len(path) == 1 and odd is ...:
        del copy[path[0]]
    else:
        copy[path[0]] = changed(value[path[0]], path[1:], odd)
    return copy


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_value_may_be_missing_or_of_any_type(base, data):
    name = data.draw(st.sampled_from(DOCUMENTS))
    value = load(name)
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.sampled_from(list(paths(value))))
        value = changed(value, where, data.draw(st.one_of(st.just(...), ODD)))
    (base / name).write_text(dump(name, value), encoding="utf-8")
    try:
        check(Bundle.open(base), isolate=False)
    finally:
        shutil.copy(GOOD / name, base / name)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_shard_index_may_hold_anything(base, data):
    where = data.draw(st.sampled_from(list(paths(INDEX))))
    (base / "model.safetensors.index.json").write_text(json.dumps(changed(INDEX, where, data.draw(ODD))))
    check(Bundle.open(base), isolate=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.text(max_size=5),
        st.fixed_dictionaries(
            {
                "dtype": st.sampled_from(["F32", "F64", "BF16", "F16", "F8_E4M3", "I64", "F4", "X", ""]),
                "shape": st.lists(st.integers(0, 2**64), max_size=4),
                "data_offsets": st.lists(st.integers(0, 2**40), min_size=2, max_size=2),
            }
        ),
        max_size=4,
    ),
    st.binary(max_size=64),
)
def test_a_header_may_promise_anything(base, header, data):
    from tests.layers import safetensors

    (base / "extra.safetensors").write_bytes(safetensors(json.dumps(header), data))
    check(Bundle.open(base), isolate=False)
    (base / "extra.safetensors").unlink()
