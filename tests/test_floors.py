"""The floors of auditor/ (imports go down only), read from the syntax tree so that late imports count too."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = [  # lowest first; the names within one floor may use each other
    {"", "errors", "model", "records", "shipped"},
    {"readers"},
    {"forensics", "verdict", "shapes", "signing"},
    {"bundle"},
    {"formats"},
    {"statements", "openness"},
    {"rules"},
    {"engine"},
    {"training"},
    {"tracing"},
    {"reproduce"},
    {"report"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}
FILES = sorted((ROOT / "auditor").rglob("*.py"))
MODELS = sorted((ROOT / "reference_models").rglob("*.py"))


def imports(path):
    """The dotted names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module
            if node.module == "auditor":
                yield from (f"auditor.{alias.name}" for alias in node.names if alias.name in HEIGHT)


def floor(path):
    return path.relative_to(ROOT / "auditor").with_suffix("").parts[0].replace("__init__", "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_import_points_to_the_same_floor_or_one_below(path):
    used = {
        name.split(".")[1] if "." in name else "" for name in imports(path) if name.split(".")[0] == "auditor"
    }
    assert {name for name in used if HEIGHT[name] > HEIGHT[floor(path)]} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_packages_of_an_extra_are_imported_by_its_own_wing_alone(path):
    extras = {
        *("torch", "sklearn", "scipy", "safetensors", "cryptography"),
        *("torchmetrics", "jiwer", "lion_pytorch"),
    }
    used = {name.split(".")[0] for name in imports(path)} & extras
    allowed = {
        "training": {"torch", "sklearn", "safetensors", "torchmetrics", "jiwer", "lion_pytorch"},
        "tracing": {"torch", "safetensors"},
        "reproduce": {"torch", "scipy", "safetensors"},
        "verdict": {"scipy"},
        "signing": {"cryptography"},
    }
    assert used - allowed.get(floor(path), set()) == set()


@pytest.mark.parametrize("path", MODELS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_reference_model_stands_alone(path):
    assert {name for name in imports(path) if name.split(".")[0] == "auditor"} == set()
