"""Rows in train and test: leaks are found, what honest splits share by chance is no error."""

import json
import random

import pytest
from scipy.stats import binom

from auditor.bundle import Bundle
from auditor.rules.grams import grams
from auditor.rules.registry import needed
from auditor.rules.split_overlap import _CHANCE as CHANCE
from auditor.rules.split_overlap import (
    INSIDE,
    chance,
    rows_in_train_and_test,
    test_inside_train,
    texts_nearly_in_train,
)

WORDS = [
    f"{first}{second}" for first in "bcdfghklmn" for second in ("ako", "eli", "oru", "uma", "ine", "ost")
]
test_inside_train.__test__ = False


def told(folder):
    """What the three rules say of the data in a folder, by code."""
    bundle = Bundle.open(folder)
    found = {}
    for code, rule in (("DATA205", rows_in_train_and_test), ("DATA206", test_inside_train)):
        found[code] = [fault.message for fault in rule(needed(bundle, "overlaps"), needed(bundle, "tables"))]
    near = texts_nearly_in_train(needed(bundle, "tables"), needed(bundle, "overlaps"))
    return found | {"DATA207": [fault.message for fault in near]}


def lay(folder, train, test, name="data/{}.csv", header="text,label"):
    for split, rows in (("train", train), ("test", test)):
        path = folder / name.format(split)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".jsonl":
            keys = header.split(",")
            records = [dict(zip(keys, row.split(","), strict=True)) for row in rows]
            path.write_text("".join(json.dumps(record) + "\n" for record in records))
        else:
            path.write_text("\n".join([header, *rows]) + "\n")
    return folder


def texts(rng, count, words=8):
    return [" ".join(rng.choices(WORDS, k=words)) + f",{rng.randrange(2)}" for _ in range(count)]


@pytest.mark.parametrize("seed", range(5))
def test_honest_splits_of_text_share_nothing_worth_telling(tmp_path, seed):
    rng = random.Random(seed)
    found = told(lay(tmp_path, texts(rng, 400), texts(rng, 100)))
    assert found == {"DATA205": [], "DATA206": [], "DATA207": []}


@pytest.mark.parametrize("seed", range(5))
def test_a_few_natural_duplicates_are_a_warning_and_no_error(tmp_path, seed):
    rng = random.Random(seed)
    rows = texts(rng, 450)
    rows += rng.choices(rows, k=50)  # as in data from the web
    rng.shuffle(rows)
    found = told(lay(tmp_path, rows[:400], rows[400:]))
    assert found["DATA206"] == []
    assert len(found["DATA205"]) <= 1


@pytest.mark.parametrize("seed", range(10))
def test_a_table_of_few_values_is_no_error_though_most_rows_repeat(tmp_path, seed):
    rng = random.Random(seed)
    values = rng.choice([3, 5, 8])
    rows = [",".join(str(rng.randrange(values)) for _ in range(4)) for _ in range(900)]
    found = told(lay(tmp_path, rows[:700], rows[700:], header="a,b,c,label"))
    assert found["DATA206"] == []


def test_a_tenth_is_a_warning_and_more_is_an_error(tmp_path):
    rng = random.Random(1)
    train, test = texts(rng, 400), texts(rng, 100)
    ten = told(lay(tmp_path / "ten", train, test[:90] + train[:10]))
    eleven = told(lay(tmp_path / "eleven", train, test[:89] + train[:11]))
    assert ten["DATA205"] == ["10 of 100 rows of `test` (10.0 %) are rows of the train split too"]
    assert (ten["DATA206"], eleven["DATA205"]) == ([], [])
    assert eleven["DATA206"] == ["11 of 100 rows of `test` (11.0 %) are rows of the train split too"]


def test_validation_may_be_a_part_of_train_without_an_error(tmp_path):
    rng = random.Random(1)
    train = texts(rng, 100)
    lay(tmp_path, train, texts(rng, 20))
    (tmp_path / "data" / "validation.csv").write_text("\n".join(["text,label", *train[:20]]) + "\n")
    found = told(tmp_path)
    assert (found["DATA206"], len(found["DATA205"])) == ([], 1)


@pytest.mark.parametrize(
    "name",
    ["data/{}.csv", "{}.csv", "{}/part-1.csv", "data/{}-00000-of-00001.jsonl", "news_{}.csv", "en/{}.jsonl"],
)
def test_splits_are_known_by_the_names_of_files_and_folders(tmp_path, name):
    rng = random.Random(1)
    train = texts(rng, 30)
    assert len(told(lay(tmp_path, train, train[:10], name))["DATA206"]) == 1


@pytest.mark.parametrize("name", ["results/{}.csv", "{}_predictions.csv", "logs/{}.jsonl", "{}_metrics.csv"])
def test_what_came_of_a_run_is_no_data(tmp_path, name):
    rng = random.Random(1)
    train = texts(rng, 30)
    lay(tmp_path, train, train[:10], name)
    assert type(needed(Bundle.open(tmp_path), "tables")).__name__ == "Absent"


def test_numbers_of_rows_and_the_order_of_columns_do_not_hide_a_copy(tmp_path):
    rng = random.Random(1)
    train = texts(rng, 30)
    (tmp_path / "train.csv").write_text(
        "\n".join(["id,text,label", *(f"{i},{row}" for i, row in enumerate(train))])
    )
    swapped = [",".join(reversed(row.split(","))) for row in train[:10]]
    (tmp_path / "test.csv").write_text("\n".join(["label,text", *swapped]))
    assert len(told(tmp_path)["DATA206"]) == 1


def test_a_copy_in_another_format_is_one(tmp_path):
    rng = random.Random(1)
    train = texts(rng, 30)
    lay(tmp_path, train, train[:10], "data/{}.jsonl")
    lay(tmp_path, train, [], "data/{}.csv")
    (tmp_path / "data" / "test.csv").unlink()
    (tmp_path / "data" / "train.jsonl").unlink()
    assert len(told(tmp_path)["DATA206"]) == 1


def test_near_copies_are_found_and_template_texts_are_not(tmp_path):
    rng = random.Random(1)
    train, test = texts(rng, 200, 40), texts(rng, 50, 40)
    changed = [row.rsplit(" ", 1)[0] + " changed,1" for row in train[:10]]
    found = told(lay(tmp_path / "near", train, test[:40] + changed))
    assert found["DATA207"] == [
        "of 50 texts of `test`, 10 stand in train nearly word by word (the first on line 42)"
    ]
    frame = "the following is a question about the town that you should answer as well as you can"
    train, test = ([f"{frame} {row}" for row in texts(rng, count, 20)] for count in (200, 50))
    assert told(lay(tmp_path / "frame", train, test))["DATA207"] == []


def test_a_text_shorter_than_the_sequences_has_none():
    assert grams("one two three") == set()
    assert len(grams(" ".join(WORDS[:14]))) == 2


def test_without_contents_nothing_is_checked_and_the_reason_is_told(tmp_path):
    rng = random.Random(1)
    lay(tmp_path, texts(rng, 30), texts(rng, 10))
    bundle = Bundle.open(tmp_path, content=False)
    assert needed(bundle, "overlaps").reason == "contents are not read with --no-content"


def drawn(rng, kind, count):
    """What draws one row of data of a kind: of few values, of Zipf's, mixed with odd ones, or copied about."""
    few, share = rng.choice([5, 50, 500, 50_000]), rng.random() / 2
    pool = [rng.getrandbits(40) for _ in range(count)]
    return {
        "few": lambda: rng.randrange(few),
        "zipf": lambda: int(few ** rng.random()),
        "mixed": lambda: rng.randrange(10) if rng.random() < share else rng.getrandbits(40),
        "copied": lambda: rng.choice(pool) if rng.random() < share else rng.getrandbits(40),
    }[kind]


@pytest.mark.parametrize("kind", ["few", "zipf", "mixed", "copied"])
def test_no_split_at_random_is_taken_for_a_leak(kind):
    rng = random.Random(kind)
    for _ in range(500):
        n_train = rng.choice([30, 100, 300])
        n_test = max(5, int(n_train * rng.choice([0.1, 0.25, 0.5])))
        draw = drawn(rng, kind, n_train)
        train = [draw() for _ in range(n_train)]
        known = set(train)
        shared = sum(draw() in known for _ in range(n_test))
        twins = n_train - len(known)
        if shared > INSIDE * n_test:
            assert chance(shared, twins, n_train, n_test) >= CHANCE
        assert shared < n_test or twins


@pytest.mark.parametrize(("n_shared", "n_twins", "share"), [(11, 0, 1 / 3), (30, 10, 1 / 3), (5, 9, 0.5)])
def test_the_chance_is_no_less_than_the_exact_binomial_tail(n_shared, n_twins, share):
    n_train = 300
    n_test = round(share * n_train / (2 * (1 - share)))
    exact = binom.sf(n_shared - 1, n_shared + n_twins, 2 * n_test / (2 * n_test + n_train))
    assert chance(n_shared, n_twins, n_train, n_test) >= exact * 0.999
