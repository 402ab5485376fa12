"""Keras models: what loading one would import, call and read, told from its configuration."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.keras_configs import find_configs
from auditor.rules.paths import escapes, is_url, whole_file
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Absent, Bundle
    from auditor.rules.keras_configs import Configs
    from auditor.rules.zips import Zips

# Packages of classes and functions that whoever loads the model has installed anyway.
_ROOTS = frozenset(
    {"keras", "tf_keras", "keras_core", "keras_hub", "keras_nlp", "keras_cv", "tensorflow", "tf", "numpy"}
)
_HARMLESS = frozenset(
    {"math", "cmath", "collections", "numbers", "fractions", "decimal", "datetime", "enum", "typing"}
)
_VALUES = frozenset(  # classes of `builtins` that only hold a value, and Keras's names for two more
    {
        *("str", "int", "float", "bool", "list", "tuple", "dict", "set", "bytes", "slice", "complex"),
        *("NoneType", "__tuple__", "__lambda__"),
    }
)
_CALLED_BUILTINS = frozenset(
    {
        *("eval", "exec", "compile", "open", "__import__", "getattr", "setattr", "delattr", "input"),
        *("breakpoint", "vars", "globals", "locals", "print", "exit", "quit"),
    }
)
# Functions that load, fetch, write or switch something: CVE-2025-1550, -8747 and -9906 call the first four.
_CALLED = frozenset(
    {
        *("get_file", "load_model", "set_global_attribute", "enable_unsafe_deserialization", "load_weights"),
        *("save_model", "model_from_json", "deserialize_keras_object", "load", "loadtxt", "genfromtxt"),
        *("fromfile", "memmap", "py_function", "numpy_function", "py_func", "read_file", "write_file"),
        *("load_img", "load_data", "load_library", "load_op_library", "import_module", "run"),
    }
)
_READ = ("vocabulary", "vocabulary_file", "vocab_file")  # settings of layers that may be paths


@provides("keras")
def keras_configs(bundle: Bundle) -> Configs | Absent:
    """Every configuration of a Keras model."""
    return find_configs(bundle)


@rule("WGT342", level="error", needs="zips", since="2026.2")
def keras_archive_incomplete(zips: Zips) -> Iterator[Fault]:
    """A `.keras` file has no configuration.

    Why: Keras cannot load it: nothing says which layers the weights belong to.
    Bad:
        # model.keras, zip of metadata.json
        {"keras_version": "3.5.0"}
    Good:
        # model.keras, zip of config.json
        {"module": "keras", "class_name": "Sequential", "config": {"layers": []}, "registered_name": null}
    Fix: Save the model again with `model.save("model.keras")`.
    Source: https://keras.io/guides/serialization_and_saving/
    """
    for zipped in zips:
        if zipped.file.lower().endswith(".keras") and not zipped.named("config.json"):
            yield whole_file(zipped.file).says("`config.json` is missing in it")


@rule("SEC421", level="error", needs="keras", since="2026.2")
def keras_lambda_code(configs: Configs) -> Iterator[Fault]:
    """A Keras model holds compiled Python code (a Lambda layer).

    Why: Loading the model runs the code; nobody can read it, and with HDF5 no `safe_mode` keeps it off.
    Bad:
        # model.keras, zip of config.json
        {"class_name": "Sequential", "config": {"layers": [
          {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "scale",
            "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}}}]}}
    Good:
        # model.keras, zip of config.json
        {"class_name": "Sequential", "config": {"layers": [
          {"module": "keras.layers", "class_name": "Rescaling",
            "config": {"name": "scale", "scale": 2.0, "offset": 0.0}}]}}
    Fix: Write the function as a layer of Keras, or as a registered class whose source is shipped.
    Source: CVE-2024-3660, CVE-2025-9905
    """
    for config in configs:
        for mark in config.marks:
            yield config.at().says(f"`{shown(mark)}` stands in the file, which cannot be followed further")
        lambdas = [one for one in config.objects if one.get("class_name") == "Lambda" and _has_code(one)]
        bare = [one for one in config.objects if one.get("class_name") == "__lambda__"]
        for layer in lambdas:
            yield config.at(_name(layer)).says(
                f"the Lambda layer `{shown(_name(layer))}` is compiled Python code"
            )
        if bare and not lambdas:
            yield config.at().says("`__lambda__` is compiled Python code")


@rule("SEC422", level="error", needs="keras", since="2026.2")
def keras_calls_out(configs: Configs) -> Iterator[Fault]:
    """The configuration of a Keras model names a function or class that reaches beyond the model.

    Why: Keras imports and calls what the configuration names: loading the model runs it.
    Bad:
        # model.keras, zip of config.json
        {"class_name": "Sequential", "config": {"layers": [
          {"module": "keras.layers", "class_name": "Dense", "config": {"name": "d",
            "activation": {"module": "os", "class_name": "function", "config": "system"}}}]}}
    Good:
        # model.keras, zip of config.json
        {"class_name": "Sequential", "config": {"layers": [
          {"module": "keras.layers", "class_name": "Dense", "config": {"name": "d", "activation": "relu"}}]}}
    Fix: Save the model again from its source.
    Source: CVE-2025-1550, CVE-2025-8747, CVE-2025-9906, CVE-2025-49655
    """
    for config in configs:
        for one in config.objects:
            called = _reaches(one)
            if called:
                yield config.at(_name(one)).says(f"loading the model calls `{shown(called)}`")


@rule("SEC423", level="warning", needs="keras", since="2026.2")
def keras_needs_foreign_code(configs: Configs) -> Iterator[Fault]:
    """A Keras model needs classes or functions that Keras does not have.

    Why: Loading the model imports a module of that name, or runs code that the user must bring along.
    Bad:
        # model.keras, zip of config.json
        {"class_name": "Sequential", "config": {"layers": [
          {"module": "my_layers", "class_name": "Scale", "config": {"name": "scale"},
            "registered_name": "my_layers>Scale"}]}}
    Good:
        # model.keras, zip of config.json
        {"class_name": "Sequential", "config": {"layers": [
          {"module": "keras.layers", "class_name": "Rescaling",
            "config": {"name": "scale", "scale": 2.0, "offset": 0.0}}]}}
    Fix: Say in the card which package brings it, or build the model of Keras's own layers.
    Source: https://keras.io/guides/serialization_and_saving/#custom-objects
    """
    for config in configs:
        foreign: dict[str, str] = {}
        for one in config.objects:
            module = one.get("module")
            if isinstance(module, str) and not _is_known(module) and not _reaches(one):
                foreign.setdefault(module, _called(one))
            elif one.get("class_name") == "Lambda" and not _has_code(one):
                foreign.setdefault("", f"a Lambda layer, `{_name(one)}`")
        for module, first in foreign.items():
            where = f"from the module `{shown(module)}`" if module else "that calls a function by its name"
            yield config.at(module).says(f"the model needs {shown(first, 100)} {where}")


@rule("SEC424", level="error", needs="keras", since="2026.2")
def keras_names_a_file(configs: Configs) -> Iterator[Fault]:
    """The configuration of a Keras model names a file outside of the bundle, or a URL.

    Why: Loading the model reads that file of the user's, or asks that server; elsewhere it cannot be loaded.
    Bad:
        # model.keras, zip of config.json
        {"class_name": "Sequential", "config": {"layers": [{"class_name": "StringLookup",
          "config": {"name": "lookup", "vocabulary": "/etc/passwd"}}]}}
    Good:
        # model.keras, zip of config.json
        {"class_name": "Sequential", "config": {"layers": [{"class_name": "StringLookup",
          "config": {"name": "lookup", "vocabulary": ["a", "b"]}}]}}
    Fix: Give the layer its vocabulary as a list, and save the model again.
    Source: CVE-2025-12058
    """
    for config in configs:
        for one in config.objects:
            settings = one.get("config")
            for key in _READ if isinstance(settings, dict) else ():
                path = one["config"].get(key)
                if isinstance(path, str) and (is_url(path) or escapes(path, config.file)):
                    yield config.at(_name(one)).says(f"`{key}` is `{shown(path)}`")


def _has_code(layer: dict[str, Any]) -> bool:
    """Whether a Lambda layer holds its function as compiled code: as a list, a tuple, or an object for it."""
    settings = layer.get("config")
    if not isinstance(settings, dict):
        return False
    function = settings.get("function")
    if isinstance(function, dict):
        return function.get("class_name") in ("__lambda__", "__tuple__")
    return isinstance(function, list) or settings.get("function_type") == "lambda"


def _reaches(one: dict[str, Any]) -> str:
    """The function or class that an object of the configuration makes reach beyond the model; else empty."""
    module, name, settings = one.get("module"), one.get("class_name"), one.get("config")
    if name == "TorchModuleWrapper":  # keeps its module as a pickle
        return "torch.load"
    called = settings if name == "function" else name
    if not isinstance(module, str) or not isinstance(called, str):
        return ""
    root = module.partition(".")[0]
    if root == "builtins":
        reaches = called in _CALLED_BUILTINS or (name != "function" and called not in _VALUES)
    elif root in _ROOTS:  # functions of some modules; Keras takes their names for classes as well
        is_function = name == "function" or called[:1].islower()
        reaches = is_function and (called in _CALLED or _reaching().fullmatch(module) is not None)
    else:
        reaches = root in sys.stdlib_module_names and root not in _HARMLESS
    return f"{module}.{called}" if reaches else ""


@lru_cache(maxsize=1)
def _reaching() -> re.Pattern[str]:
    """Modules of Keras, TensorFlow and NumPy that load, fetch, write or switch something."""
    keras = r"utils|config|saving|models|export|datasets|distribution|preprocessing|legacy\.saving"
    keras += r"|backend\.(?:config|common\.global_state)"
    tensorflow = r"io|io_ops|gen_io_ops|gfile|file_io|script_ops|load_library|saved_model|resource_loader"
    tensorflow += rf"|debugging|profiler|keras\.(?:{keras})"
    numpy = r"f2py|distutils|testing|ctypeslib|lib\.npyio|lib\._npyio_impl"
    return re.compile(
        rf"(?:tf_keras|keras)(?:\.src)?\.(?:{keras})(?:\..*)?"
        rf"|(?:tensorflow|tf)\.(?:.*\.)?(?:{tensorflow})(?:\..*)?|numpy\.(?:{numpy})(?:\..*)?"
    )


def _is_known(module: str) -> bool:
    root = module.partition(".")[0]
    return root in _ROOTS or root in _HARMLESS or root == "builtins"


def _called(one: dict[str, Any]) -> str:
    name = one.get("config") if one.get("class_name") == "function" else one.get("class_name")
    return f"`{name}`" if isinstance(name, str) else "something"


def _name(one: dict[str, Any]) -> str:
    """The name of a layer, or of its class."""
    settings = one.get("config")
    name = settings.get("name") if isinstance(settings, dict) else None
    return name if isinstance(name, str) else str(one.get("class_name"))[:60]
