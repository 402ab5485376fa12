import json

import pytest

from auditor.cli import run
from tests.commands.reproducing import EXAMPLES


def test_every_number_of_a_release_is_listed(capsys):
    assert run(["claims", str(EXAMPLES / "digits-cnn")]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split()[:3] == ["number", "read", "as"]
    assert out.splitlines()[-1].endswith("0 contradicted")


def test_a_broken_release_is_listed_with_what_contradicts_it_and_exits_with_0(capsys):
    assert run(["claims", str(EXAMPLES / "digits-cnn-broken")]) == 0
    assert " CLM00" in capsys.readouterr().out


def test_one_metric_can_be_asked_for_by_any_of_its_names(capsys):
    assert run(["claims", str(EXAMPLES / "digits-cnn"), "--metric", "acc", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["numbers"]
    assert {number["name"] for number in found} == {"accuracy"}


def test_the_same_release_gives_the_same_bytes(capsys):
    outs = []
    for _ in range(2):
        run(["claims", str(EXAMPLES / "digits-cnn"), "--format", "json"])
        outs.append(capsys.readouterr().out)
    assert outs[0] == outs[1]


@pytest.mark.parametrize("style", ["text", "markdown", "json"])
def test_without_a_bundle_there_is_nothing_to_list(style, tmp_path, capsys):
    assert run(["claims", str(tmp_path / "none"), "--format", style]) == 4
    assert capsys.readouterr().out == ""
