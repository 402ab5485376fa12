"""Keras models, wherever their configurations are kept: what loading one would run."""

import json

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings
from tests import made
from tests.real_files import CONFIG, keras, legacy
from tests.rules.looking import looked


def sequential(*layers):
    return {"class_name": "Sequential", "config": {"layers": list(layers)}}


def function(module, name):
    return {"module": module, "class_name": "function", "config": name, "registered_name": "function"}


def layer(**config):
    return {"module": "keras.layers", "class_name": "Dense", "config": {"name": "it", **config}}


CODE = "4wEAAAAAAAAAAAAAAAABAAAAAQAAAEMAAABzBAAAAHwAUwApAU6pACkB2gF4cgEAAAByAQAAAA=="
LAMBDAS = {
    "Keras 3": {
        "module": "keras.layers",
        "class_name": "Lambda",
        "config": {"name": "it", "function": {"class_name": "__lambda__", "config": {"code": CODE}}},
    },
    "Keras 2, list": {
        "class_name": "Lambda",
        "config": {"name": "it", "function": [CODE, None, None], "function_type": "lambda"},
    },
    "Keras 2, tuple": {
        "class_name": "Lambda",
        "config": {"name": "it", "function": {"class_name": "__tuple__", "items": [CODE, None, None]}},
    },
    "type alone": {
        "class_name": "Lambda",
        "config": {"name": "it", "function": CODE, "function_type": "lambda"},
    },
}


@pytest.mark.parametrize("kind", LAMBDAS)
@pytest.mark.parametrize("store", ["keras", "h5", "h5 latest", "h5 gap", "metadata", "saved model"])
def test_compiled_code_is_found_wherever_it_is_kept(good, kind, store):
    config = sequential(LAMBDAS[kind])
    text = json.dumps(config)
    if store == "keras":
        (good / "model.keras").write_bytes(keras(config))
    elif store == "metadata":
        body = b"\x2a" + made.varint(len(text)) + text.encode()
        (good / "keras_metadata.pb").write_bytes(b"\x0a" + made.varint(len(body)) + body)
    elif store == "saved model":
        body = text.encode()
        for number in (3, 4, 1, 7, 2):
            body = made.varint(number << 3 | 2) + made.varint(len(body)) + body
        (good / "saved_model.pb").write_bytes(body)
    else:
        raw = legacy(config, libver="latest" if store == "h5 latest" else "earliest")
        if store == "h5 gap":
            raw = raw[:8] + b"\x09" + raw[9:]  # a superblock of the future
        (good / "model.h5").write_bytes(raw)
    findings, _ = looked(good, "SEC421")
    assert {finding.code for finding in findings} == {"SEC421"}


def test_without_contents_a_file_that_cannot_be_followed_is_not_searched(good):
    raw = legacy(sequential(LAMBDAS["Keras 3"]))
    (good / "model.h5").write_bytes(raw[:8] + b"\x09" + raw[9:])
    result = check(Bundle.open(good, content=False), Settings(select=("SEC421",)), isolate=False)
    assert [(outcome.state, outcome.reason) for outcome in result.outcomes] == [
        ("not checked", "`model.h5` could not be read: a superblock of version 9")
    ]


CALLS = {
    "CVE-2025-1550": layer(activation=function("subprocess", "Popen")),
    "CVE-2025-8747": layer(activation=function("keras.utils", "get_file")),
    "CVE-2025-8747, inner": layer(activation=function("keras.src.utils.file_utils", "get_file")),
    "CVE-2025-9906": layer(activation=function("keras.config", "enable_unsafe_deserialization")),
    "set_global_attribute": layer(
        activation=function("keras.src.backend.common.global_state", "set_global_attribute")
    ),
    "load_model": layer(activation=function("keras.models", "load_model")),
    "as a class": {"module": "keras.utils", "class_name": "get_file", "config": {}},
    "CVE-2025-49655": {
        "module": "keras.layers",
        "class_name": "TorchModuleWrapper",
        "config": {"module": "gAI="},
    },
    "eval": layer(activation=function("builtins", "eval")),
    "a class of builtins": {"module": "builtins", "class_name": "exec", "config": {}},
    "os": {"module": "os", "class_name": "popen", "config": {}},
    "a module of os": layer(activation=function("os.path", "expanduser")),
    "tensorflow": layer(activation=function("tensorflow.io", "write_file")),
    "tensorflow, inner": layer(activation=function("tensorflow.python.ops.gen_io_ops", "read")),
    "numpy": layer(activation=function("numpy", "load")),
    "hidden by a second key": None,
}


@pytest.mark.parametrize("name", CALLS)
def test_calls_beyond_the_model_are_found(good, name):
    text = json.dumps(sequential(CALLS[name]))
    if CALLS[name] is None:
        text = '{"class_name": "Dense", "config": {"class_name": "system", "module": "os"}, "config": {}}'
    (good / "model.keras").write_bytes(made.zipped({"config.json": text}))
    findings, _ = looked(good, "SEC421", "SEC422", "SEC423")
    assert {finding.code for finding in findings} == {"SEC422"}


HONEST = {
    "a function of math": layer(activation=function("math", "sqrt")),
    "an activation": layer(activation=function("keras.src.activations.activations", "relu")),
    "an operation": layer(activation=function("keras.ops", "relu")),
    "a registered class": {
        "module": None,
        "class_name": "Mine",
        "config": {},
        "registered_name": "mine>Mine",
    },
    "a class of keras.models": {
        "module": "keras.models",
        "class_name": "Sequential",
        "config": {"layers": []},
    },
    "an inner class": {"module": "keras.src.models.functional", "class_name": "Functional", "config": {}},
    "KerasHub": {
        "module": "keras_hub.src.models.gemma.gemma_backbone",
        "class_name": "GemmaBackbone",
        "config": {},
    },
    "FeatureSpace": {"module": "keras.utils", "class_name": "FeatureSpace", "config": {}},
    "a tensor's type": {"module": "tensorflow", "class_name": "TypeSpec", "config": {}},
    "a tuple": {"class_name": "__tuple__", "items": [1, 2]},
    "a vocabulary": {
        "class_name": "StringLookup",
        "config": {"name": "it", "vocabulary": "assets/vocab.txt"},
    },
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_configurations_are_silent(good, name):
    (good / "model.keras").write_bytes(made.zipped({"config.json": json.dumps(sequential(HONEST[name]))}))
    assert looked(good)[0] == ()


def test_a_lambda_that_names_a_function_is_a_warning(good):
    config = sequential(
        {"class_name": "Lambda", "config": {"name": "it", "function": "mine", "function_type": "function"}}
    )
    (good / "model.keras").write_bytes(made.zipped({"config.json": json.dumps(config)}))
    findings, _ = looked(good)
    assert [(one.code, one.message) for one in findings] == [
        ("SEC423", "the model needs a Lambda layer, `it` that calls a function by its name")
    ]


def test_every_configuration_of_an_archive_is_read(good):
    evil = json.dumps(sequential(CALLS["os"]))
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = keras(CONFIG, [("config.json", evil)])
    (good / "model.keras").write_bytes(raw)
    assert {finding.code for finding in looked(good)[0]} == {"SEC422"}


def test_an_encrypted_configuration_is_not_checked(good):
    raw = bytearray(made.zipped({"config.json": json.dumps(CONFIG)}))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (good / "model.keras").write_bytes(raw)
    _, outcomes = looked(good, "SEC421")
    assert outcomes["SEC421"].reason == "`model.keras` could not be read: `config.json` in it is encrypted"


def test_documents_that_are_not_keras_are_left_alone(good):
    hydra = {"class_name": "Net", "module": "os", "layers": [{"class_name": "Lambda", "module": "logging"}]}
    (good / "model.json").write_text(json.dumps(hydra))
    assert looked(good)[0] == ()


def test_a_preset_of_kerashub_is_read(good):
    preset = sequential(CALLS["os"]) | {"registered_name": "keras_hub>X"}
    (good / "task.json").write_text(json.dumps(preset))
    assert {finding.code for finding in looked(good)[0]} == {"SEC422"}
