"""The built wheel holds everything it needs: it is installed apart from the checkout and used outside of it."""

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

import auditor
from auditor.formats.schema import MODELS

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "digits-cnn"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def fmaudit(wheel, tmp_path_factory):
    """The installed command, in an environment that has the wheel and its dependencies but not the checkout."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(folder),
        "install",
        "--no-deps",
        "--no-index",
        "-q",
    ]
    subprocess.run([*install, str(wheel)], check=True)
    # Dependencies come from the environment that runs the tests. A .pth file puts them behind the wheel, and the
    # .pth files beside them, an editable install of this checkout among them, are not read.
    dependencies = Path(distribution("click").locate_file(""))
    (site / "dependencies.pth").write_text(f"{dependencies}\n")
    return folder / "bin" / "fmaudit"


def _call(*arguments, cwd):
    environment = {"PATH": os.environ["PATH"], "HOME": str(cwd)}
    done = subprocess.run(
        [*map(str, arguments)], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def bundle(tmp_path):
    shutil.copytree(EXAMPLE, tmp_path / "digits-cnn")
    return tmp_path / "digits-cnn"


def test_the_wheel_holds_the_packages_the_schemas_and_the_licence_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "auditor",
        "reference_models",
        f"fmaudit-{auditor.__version__}.dist-info",
    }
    assert {f"auditor/schemas/{name}.schema.json" for name in MODELS} <= set(names)
    assert f"fmaudit-{auditor.__version__}.dist-info/licenses/LICENSE" in names
    assert "auditor/rules/vocabulary/spdx.txt" in names
    assert "auditor/statements/benchmarks.txt" in names


def test_the_packages_come_from_the_wheel_and_not_from_the_checkout(fmaudit, tmp_path):
    python = fmaudit.parent / "python"
    code = "import auditor, reference_models; print(auditor.__file__, reference_models.__file__)"
    told = _call(python, "-c", code, cwd=tmp_path)[1].split()
    assert [Path(path).is_relative_to(fmaudit.parents[1]) for path in told] == [True, True]


def test_check_runs_outside_the_checkout(fmaudit, bundle, tmp_path):
    code, out, err = _call(fmaudit, "check", "digits-cnn", "--format", "json", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert json.loads(out)["tool"]["version"] == auditor.__version__


def test_check_finds_the_schemas_of_the_wheel(fmaudit, bundle, tmp_path):
    (bundle / "recipe.yaml").write_text("format: 2\n")
    code, out, _ = _call(fmaudit, "check", "digits-cnn", "--select", "SCH", cwd=tmp_path)
    assert code == 1
    assert "`format` is `2`, expected `1`" in out


def test_init_runs_outside_the_checkout(fmaudit, tmp_path):
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "config.json").write_text('{"model_type": "cnn", "parameters": {}}')
    code, _, err = _call(fmaudit, "init", "snapshot", cwd=tmp_path)
    assert (code, err) == (0, "")
    assert "reference: cnn" in (tmp_path / "snapshot" / "recipe.yaml").read_text()


@pytest.mark.slow
def test_reproduce_runs_outside_the_checkout(fmaudit, bundle, tmp_path):
    call = ("reproduce", "digits-cnn", "--seeds", "2", "--device", "cpu", "--quiet", "--format", "json")
    code, out, err = _call(fmaudit, *call, cwd=tmp_path)
    assert code in (0, 3), err  # two seeds may leave the verdict open; they must not refute an honest claim
    report = json.loads(out)
    assert [len(claim["runs"]) for claim in report["claims"]] == [2] * len(report["claims"])
    assert report["level"]["reached"] is not None
