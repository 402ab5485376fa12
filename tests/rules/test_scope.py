"""What rules leave alone, and what they catch beyond their manual pages: the conditions they state."""

import gzip
import zipfile

import pytest

VALIDATION = """\
# fmaudit.yaml
claims:
  - id: a
    metric: {metric}
    value: "{value}"
    data: {{split: validation, n: {n}}}
    {more}
"""
ACCURACY = "{type: accuracy, unit: proportion}"


def claim(value, metric=ACCURACY, n=6, more=""):
    return VALIDATION.format(value=value, metric=metric, n=n, more=more)


@pytest.mark.parametrize(
    ("value", "metric", "more"),
    [
        ("83.33", "{type: accuracy, unit: percent}", ""),
        ("0.8", ACCURACY, ""),  # one digit cannot tell sixths apart
        ("0.9444", ACCURACY, "runs: {n: 3, statistic: mean}"),  # 17 of 3 x 6
        ("0.9167", ACCURACY, "runs: {n: 2, statistic: median}"),  # halfway between 5/6 and 6/6
        ("0.8412", "{type: accuracy, unit: proportion, average: macro}", ""),
        ("0.8412", "{type: balanced_accuracy, unit: proportion}", ""),
        ("0.8412", ACCURACY, "runs: {n: 3, statistic: mean}\n    evidence: []"),
    ],
)
def test_values_that_some_count_gives_or_that_are_no_counts_are_possible(messages, value, metric, more):
    expected = value == "0.8412" and "macro" not in metric and "balanced" not in metric
    assert bool(messages("MET101", claim(value, metric, more=more))) is expected


def test_a_full_print_tells_how_many_examples_there_were(findings):
    (finding,) = (f for f in findings(claim("0.8966666666666666", n=25_000)) if f.code == "MET101")
    assert finding.help == "0.8966666666666666 is 269/300"


def test_an_impossible_claim_is_one_finding_however_many_of_its_runs_are_impossible_too(messages):
    runs = 'runs: {n: 2, values: ["0.8412", "0.8412"], statistic: mean}'
    (message,) = messages("MET101", claim("0.8412", more=runs))
    assert "(and 2 of its other values)" in message


@pytest.mark.parametrize(
    ("value", "metric", "outside"),
    [
        ("1.20", "{type: wer, unit: proportion}", False),
        ("-0.20", "{type: matthews_correlation, unit: proportion}", False),
        ("-0.20", "{type: loss, unit: nats}", True),
        ("100.00000000000001", "{type: f1, unit: percent}", False),
        ("100.1", "{type: f1, unit: percent}", True),
    ],
)
def test_only_metrics_with_bounds_have_a_range(messages, value, metric, outside):
    assert bool(messages("MET001", claim(value, metric))) is outside


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("| Split | Accuracy |\n|---|---|\n| test | 0.5000 |", False),  # another split
        ("| | Accuracy |\n|---|---|\n| ours | 83.33 |", False),
        ("| | Accuracy |\n|---|---|\n| theirs | 0.5 |\n| ours | 0.83 |", False),
        ("| metric | mean | std |\n|---|---|---|\n| accuracy | 0.8333 | 0.5 |", False),
        ("| metric | mean |\n|---|---|\n| accuracy | 0.5 |", True),
        ("| | F1 |\n|---|---|\n| ours | 0.5 |", False),
    ],
)
def test_tables_are_compared_where_they_speak_of_the_same_thing(messages, table, found):
    assert bool(messages("CLM002", claim("0.8333") + f"# README.md\n{table}\n")) is found


@pytest.mark.parametrize(
    ("pointer", "found"), [("/a~1b/0", False), ("/a~1b/1", True), ("/c", True), ("x", True)]
)
def test_a_json_pointer_is_followed_as_rfc_6901_says(messages, pointer, found):
    more = f"evidence: [{{path: results/more.json, pointer: {pointer}}}]"
    example = claim("0.8333", more=more) + '# results/more.json, whole file\n{"a/b": [0.8333]}\n'
    assert bool(messages("CLM103", example)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It has 18,946 parameters.", False),
        ("It has 19k parameters.", False),
        ("It has 18k parameters.", False),  # cut off, as Qwen2.5-32B is of 32.8 billion
        ("It has 20k parameters.", True),
        ("It has 17k parameters.", True),
        ("It has 7B parameters.", True),
        ("A function of 3 parameters.", False),
        ("```\n34,826 parameters\n```", False),
    ],
)
def test_numbers_of_parameters_are_read_from_running_text(messages, text, found):
    assert bool(messages("CLM206", f"# README.md\n{text}\n")) is found


@pytest.mark.parametrize(
    ("size", "agrees"), [("{} B", True), ("{}", True), ("1.3 kB", False), ("1.1 kB", True), ("1.0 KiB", True)]
)
def test_a_size_is_compared_at_the_precision_it_is_printed_with(findings, good, size, agrees):
    manifest = good / "data" / "croissant.json"
    actual = (good / "data" / "digits.csv").stat().st_size
    assert actual == 1065
    text = manifest.read_text().replace(f"{actual} B", size.format(actual))
    manifest.write_text(text)
    assert any(finding.code == "DATA103" for finding in findings()) is not agrees


def test_rows_of_a_packed_file_are_counted(good, messages):
    packed = good / "data" / "digits.csv.gz"
    packed.write_bytes(gzip.compress((good / "data" / "digits.csv").read_bytes()))
    manifest = good / "data" / "croissant.json"
    manifest.write_text(
        manifest.read_text().replace(
            '"digits.csv",\n      "contentSize', '"digits.csv.gz",\n      "contentSize'
        )
    )
    example = "# recipe.yaml\ndata: {splits: {test: {first_row: 100}}}"
    assert messages("DATA202", example) == ["`test` ends at row 106, `data/digits.csv.gz` has 24"]


@pytest.mark.parametrize("damage", [lambda raw: raw[:-9], lambda raw: raw + raw, lambda raw: raw[:20]])
def test_damaged_or_doubled_gzip_is_not_counted(good, messages, damage):
    packed = good / "data" / "digits.csv"
    packed.write_bytes(damage(gzip.compress(packed.read_bytes())))
    assert messages("DATA202", "# recipe.yaml\ndata: {splits: {test: {first_row: 100}}}") == []


def test_links_into_the_hub_cache_are_told_once(findings):
    blob = "../../blobs/" + "0" * 40
    found = findings(f"# a.md, link to {blob}\n# b.md, link to {blob}\n")
    assert [(finding.code, finding.message.split()[0]) for finding in found] == [("SEC001", "2")]


def test_an_absolute_link_leads_out(messages):
    assert messages("SEC001", "# a.md, link to /etc/passwd") == [
        "the link leads to `/etc/passwd`, out of the bundle"
    ]


def test_the_archives_of_torch_are_pickles(good, messages):
    with zipfile.ZipFile(good / "model.pt", "w") as archive:
        archive.writestr("model/data.pkl", b"\x80\x02.")
    assert len(messages("SEC004", "")) == 1


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            [f"pytorch_model-0000{number}-of-00003.bin" for number in (1, 2, 3)],
            [
                "the file is a pickle, and so are 2 more files of its set: reading them runs what is written in them"
            ],
        ),
        (
            ["checkpoint-10/optimizer.pt", "checkpoint-10/scheduler.pt"],
            [
                (
                    "the file is a pickle, and so is 1 more file of training beside it: "
                    "reading them runs what is written in them"
                )
            ],
        ),
        (["a.bin", "b.bin"], ["the file is a pickle: reading it runs what is written in it"] * 2),
    ],
    ids=["shards", "states of training", "apart"],
)
def test_pickles_that_belong_together_are_told_once(good, messages, names, expected):
    for name in names:
        (good / name).parent.mkdir(exist_ok=True)
        (good / name).write_bytes(b"\x80\x04K\x01.")
    assert messages("SEC004", "") == expected


def test_bytes_that_merely_begin_like_a_pickle_are_none(good, messages):
    (good / "noise.dat").write_bytes(b"\x80\x02" + bytes(50))
    assert messages("SEC004", "") == []


def test_a_pickle_under_any_name_is_found(good, messages):
    (good / "notes.txt").write_bytes(b"\x80\x04K\x01.")
    assert len(messages("SEC004", "")) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jane.doe@gmail.com", True),
        ("git@github.com:a/b", False),
        ("x@example.org", False),
        ("1234+me@users.noreply.github.com", False),
        ("icon@2x.png", False),
        ("model@v1.0", False),
    ],
)
def test_addresses_of_people_are_told_from_the_rest(messages, text, found):
    assert bool(messages("PRV001", f"# results/log.txt, whole file\n{text}\n")) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/home/jane/x", True),
        ("C:\\Users\\Jane\\x", True),
        ("/Users/jane/x", True),
        ("/home/user/x", False),
        ("https://example.org/home/jane/x", False),
        ("/home/", False),
    ],
)
def test_home_directories_of_people_are_told_from_the_rest(messages, text, found):
    assert bool(messages("PRV002", f"# results/log.txt, whole file\n{text}\n")) is found


@pytest.mark.parametrize(
    ("rate", "found"),
    [("1e-3", True), ("1.5e3", True), ("1.0e-3", False), ("0.001", False), ('"1e-3"', False)],
)
def test_numbers_that_yaml_1_1_reads_otherwise_are_found(messages, rate, found):
    assert bool(messages("REC004", f"# recipe.yaml\noptimizer: {{lr: {rate}}}")) is found


@pytest.mark.parametrize("word", ["012", "1:30", "1_000", "09", "0o17"])
def test_whole_numbers_that_yaml_1_1_reads_otherwise_are_found(messages, word):
    assert messages("REC004", f"# recipe.yaml\ntraining: {{epochs: {word}}}")


def test_a_secret_is_not_printed(findings):
    token = "hf_" + ("aBcDeFgHiJ" * 4)[:34]
    (finding,) = findings(f"# results/log.txt, whole file\ntoken {token}\n")
    assert finding.code == "SEC101"
    assert token not in finding.message
    assert finding.spans[0].column == 7


def test_the_placeholder_in_code_is_code(messages):
    assert messages("CARD101", "# README.md\n```python\n# TODO\n```\n") == []


def test_a_licence_family_covers_its_members(findings):
    example = """\
# README.md
---
license: bsd
---
# fmaudit.yaml
license: null
components: null
# LICENSE, whole file
Redistribution and use in source and binary forms, with or without modification, are permitted
provided that the following conditions are met
"""
    assert [finding.code for finding in findings(example)] == ["LIC006"]
