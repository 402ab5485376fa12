import json

import pytest

from auditor.cli import run

CARD = "---\nlicense: mit\nlicence: mit\n---\n# A\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a bundle in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "README.md").write_text(CARD)
    return tmp_path


@pytest.fixture
def told(here, capsys):
    """`told(*arguments)`: exit code, stdout and stderr of one call."""

    def call(*arguments):
        code = run([*map(str, arguments)])
        return code, *capsys.readouterr()

    return call


def codes(path):
    return [entry["code"] for entry in json.loads(path.read_text())["findings"]]


def test_findings_are_taken_in_only_on_demand(told, here):
    assert told("baseline", "bundle", "b.json")[0] == 2
    code, out, _ = told("baseline", "bundle", "b.json", "--write")
    assert code == 0
    assert out.endswith("taken in\n")
    assert "+ CARD003 README.md: " in out
    assert "CARD003" in codes(here / "b.json")
    (here / "bundle" / "README.md").write_text(CARD.replace("licence", "lisense"))
    assert told("check", "bundle", "--baseline", "b.json", "--fail-on", "warning")[0] == 1
    code, out, _ = told("baseline", "bundle", "b.json")
    assert (code, out.splitlines()[-1].endswith("1 dropped")) == (0, True)
    assert "CARD003" not in codes(here / "b.json")
    assert told("check", "bundle", "--baseline", "b.json", "--fail-on", "warning")[0] == 1
    told("baseline", "bundle", "b.json", "--write")
    assert told("check", "bundle", "--baseline", "b.json", "--fail-on", "note")[0] == 0


def test_a_baseline_that_is_current_is_not_written(told, here):
    told("baseline", "bundle", "b.json", "--write")
    before = (here / "b.json").stat().st_mtime_ns
    for extra in ([], ["--write"]):
        code, out, _ = told("baseline", "bundle", "b.json", *extra)
        assert (code, out.count("\n")) == (0, 1)
    assert (here / "b.json").stat().st_mtime_ns == before


def test_the_settings_name_the_baseline(told, here):
    code, _, err = told("baseline", "bundle")
    assert (code, "no baseline is named" in err) == (2, True)
    (here / "bundle" / "fmaudit.yaml").write_text("format: 1\nrelease: x\ncheck: {baseline: b.json}\n")
    assert told("baseline", "bundle", "--write")[0] == 0
    assert "CARD003" in codes(here / "bundle" / "b.json")
    assert "META008" not in codes(here / "bundle" / "b.json")
    assert told("check", "bundle", "--fail-on", "note")[0] == 0
    (here / "pyproject.toml").write_text('[tool.fmaudit]\nbaseline = "own.json"\n')
    assert told("baseline", "bundle", "--write")[0] == 0
    assert (here / "own.json").is_file()


def test_what_a_comment_ignores_is_not_taken_in(told, here):
    (here / "bundle" / "README.md").write_text(
        CARD.replace("licence: mit", "licence: mit # fmaudit: ignore[CARD003]: why")
    )
    told("baseline", "bundle", "b.json", "--write")
    assert "CARD003" not in codes(here / "b.json")


def test_nothing_is_written_through_a_link(told, here):
    (here / "b.json").symlink_to(here / "target")
    code, _, err = told("baseline", "bundle", "b.json", "--write")
    assert (code, "nothing is written through it" in err) == (2, True)
    assert not (here / "target").exists()


def test_a_broken_baseline_is_wrong_usage_at_its_line(told, here):
    (here / "b.json").write_text('{\n"version": 9, "findings": []}')
    for command in (["baseline", "bundle", "b.json", "--write"], ["check", "bundle", "--baseline", "b.json"]):
        code, _, err = told(*command)
        assert code == 2
        assert " --> b.json:2:12" in err
        assert "help: take the file away, then `fmaudit baseline" in err  # for the same command fails again


def test_a_folder_is_no_baseline_and_none_is_made_in_its_place(told, here):
    code, _, err = told("check", "bundle", "--baseline", "bundle")
    assert (code, err.splitlines()[0]) == (2, "error: this is no file")
    assert "--write" not in err


def test_a_broken_baseline_of_the_release_is_named_as_one(told, here):
    (here / "bundle" / "fmaudit.yaml").write_text("format: 1\nrelease: x\ncheck: {baseline: README.md}\n")
    code, out, _ = told("check", "bundle", "--format", "concise")
    assert code == 1
    assert (
        "README.md:1:1: error[META008] unusable-setting: the baseline cannot be read: expected a value" in out
    )


def test_entries_of_rules_that_did_not_run_stay(told, here):
    told("baseline", "bundle", "b.json", "--write")
    before = codes(here / "b.json")
    (here / "bundle" / "README.md").write_text("---\nlicense: mit\n---\n# A\n")
    (here / "pyproject.toml").write_text('[tool.fmaudit]\nignore = ["CARD003"]\n')
    told("baseline", "bundle", "b.json")
    assert codes(here / "b.json") == before


def test_an_empty_name_is_wrong_usage(told):
    assert told("baseline", "bundle", "")[0] == 2
    assert told("check", "bundle", "--baseline", "")[0] == 2
