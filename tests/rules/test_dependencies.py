"""Lists of packages: what may change under the release is told, what is named for good is not."""

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings

COMMIT = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32"


def count(tmp_path, text, name="requirements.txt"):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    return len(check(Bundle.open(tmp_path), Settings(("SEC017",)), isolate=False).findings)


@pytest.mark.parametrize(
    "line",
    [
        "torch==2.6.0", "torch>=2", "numpy", "-r other.txt", "-e .", "./wheels/x.whl", "--hash=sha256:abc",
        f"git+https://github.com/a/b.git@{COMMIT}", f"b @ git+https://github.com/a/b@{COMMIT}#egg=b",
        "git+https://github.com/a/b.git@v1.2.3", "git+ssh://git@github.com/a/b.git@1.0#subdirectory=x",
        "--extra-index-url https://download.pytorch.org/whl/cu124", "--find-links ./wheels", "-i https://pypi.org/simple",
        "--extra-index-url=https://pypi.nvidia.com", "-f https://data.pyg.org/whl/torch-2.6.html",
        "# git+https://github.com/a/b.git", "torch # from git+https://github.com/a/b.git", "https://host.org/x-1.0.whl",
        "# see http://example.org", "x  # http://example.org/x.whl", "wheel @ https://host.org/x.whl",
    ],
)  # fmt: skip
def test_what_is_named_for_good_is_silent(tmp_path, line):
    assert count(tmp_path, f"{line}\n") == 0


@pytest.mark.parametrize(
    "line",
    [
        "git+https://github.com/a/b.git", "git+https://github.com/a/b.git@main", "b @ git+https://github.com/a/b",
        "git+ssh://git@github.com/a/b.git", "-e git+https://github.com/a/b.git@dev#egg=b",
        "--extra-index-url https://pypi.somebody.org/simple", "--index-url=http://10.0.0.1/simple", "-i https://x.org",
        "--trusted-host pypi.somebody.org", "--find-links http://host.org/wheels", "http://host.org/x-1.0-py3-none-any.whl",
        "x @ http://host.org/x.tar.gz", "--extra-index-url https://download.pytorch.org.somebody.org/whl",
    ],
)  # fmt: skip
def test_what_may_change_is_told_once(tmp_path, line):
    assert count(tmp_path, f"{line}\n") == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[project]\nurls = {home = "http://host.org"}\ndependencies = ["torch"]\n'),
        ("setup.py", "setup(url='http://host.org', author_email='a@host.org')\n"),
        ("README.md", "pip install git+https://github.com/a/b.git\n"),
        ("notes.txt", "--extra-index-url https://x.org\n"),
    ],
)
def test_addresses_that_nothing_is_installed_from_are_silent(tmp_path, name, text):
    assert count(tmp_path, text, name) == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", 'dependencies = ["b @ git+https://github.com/a/b.git"]\n'),
        ("code/requirements-dev.txt", "git+https://github.com/a/b.git\n"),
        ("environment.yml", "dependencies:\n- pip:\n  - git+https://github.com/a/b.git\n"),
    ],
)
def test_every_kind_of_list_is_read(tmp_path, name, text):
    assert count(tmp_path, text, name) == 1
