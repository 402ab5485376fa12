"""Traces of people: homes on every kind of machine are found, paths that only resemble them are not."""

import pytest

HOMES = [
    "/home/jane/checkpoints/last",
    "/Users/jane/x",
    "C:\\\\Users\\\\jane\\\\x",
    "D:/Users/jane/x",
    "C:\\Documents and Settings\\jane\\x",
    "/mnt/nfs/home/jane/x",
    "/scratch/users/jane/run-1/x",
    "/gpfs/projects/bsc88/home/jane/x",
    "/data1/home/jane/x",
    "/lustre/users/jane/x",
    "/mnt/c/Users/jane/x",
]
OTHERS = [
    "/home/user/x",
    "/home/ubuntu/x",
    "https://example.org/home/jane/x",
    "/mnt/data/model",
    "/scratch/project_462000/x",
    "/data/users/table.csv",
    "/opt/users/jane/x",
    "data/home/jane/x",
    "/mnt/home/",
    "/root/model",
    "/workspace/model",
]


@pytest.mark.parametrize("path", HOMES)
def test_a_home_is_found(messages, good, path):
    (good / "results" / "log.txt").write_text(f"loading '{path}' now\n")
    assert messages("PRV002", "") == ["a path into somebody's home directory"]


@pytest.mark.parametrize("path", OTHERS)
def test_another_path_is_none(messages, good, path):
    (good / "results" / "log.txt").write_text(f"loading '{path}' now\n")
    assert messages("PRV002", "") == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("jane.doe@gmail.com", 1),
        ("mailto:jane.doe@gmail.com", 1),
        ("<jane.doe@gmail.com>", 1),
        ("https://jane:word-9-word@data.uni-x.org/x", 0),
        ("https://jane@data.uni-x.org/x", 0),
        ("ssh://git@github.com/x", 0),
    ],
)
def test_an_address_is_no_part_of_a_url(messages, good, text, count):
    (good / "results" / "log.txt").write_text(f"{text}\n")
    assert len(messages("PRV001", "")) == count


@pytest.mark.parametrize(
    "name", ["meta.json", "croissant.json", "codemeta.json", ".zenodo.json", "package.json"]
)
def test_metadata_of_packages_give_an_address_as_contact(messages, good, name):
    (good / name).write_text('{"author": "Jane Doe", "email": "jane.doe@gmail.com"}\n')
    assert messages("PRV001", "") == []
