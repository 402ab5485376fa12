"""What META003, META004, META008 and META009 say of comments and of the release's own settings."""

import pytest

CHECK = "# fmaudit.yaml\ncheck: {}\n"
BODY = "# README.md\n{}\n"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("{select: [CRAD], ignore: [MET9]}", ["`CRAD` is no rule or family", "`MET9` is no rule or family"]),
        ("{per-file: {x: [CARD999, CARD]}}", ["`CARD999` is no rule or family"]),
        ("{ignores: [{rule: CARD1O1, file: x, reason: y}]}", ["`CARD1O1` is no rule"]),
        ("{ignore: [3, '']}", []),
        ("[3]", []),
        ("{ignores: {a: b}}", []),
    ],
)
def test_words_that_mean_no_rule(messages, table, expected):
    assert messages("META003", CHECK.format(table)) == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{rule: CARD, file: x, reason: y}", "and an ignore names single ones"),
        ("{rule: all, file: x, reason: y}", "and an ignore names single ones"),
        ("{rule: META006, file: x, reason: y}", "`META006` is about the check itself and cannot be ignored"),
        ("{rule: CARD101, file: x, reason: ' '}", "`reason` is blank"),
        ("{rule: CARD101, file: x, reason: y, until: 2026-02-30}", "no day of the calendar"),
    ],
)
def test_entries_that_are_refused(messages, entry, expected):
    (message,) = messages("META004", CHECK.format(f"{{ignores: [{entry}]}}"))
    assert expected in message


@pytest.mark.parametrize(
    "entry", ["{rule: CARD101, file: x}", "{file: x, reason: y}", "{rule: CARD101, reason: y}"]
)
def test_an_entry_without_reason_rule_or_file_lacks_a_field(messages, entry):
    assert len(messages("SCH005", CHECK.format(f"{{ignores: [{entry}]}}"))) == 1


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("{rules: '2031.1'}", "`rules` is `2031.1`, expected `2026.1` or `2026.2`"),
        ("{rules: '2025.1'}", "`rules` is `2025.1`, expected `2026.1` or `2026.2`"),
        ("{ignore: [META]}", "`META` is about the check itself, and a release cannot leave that out"),
        (
            "{per-file: {x: [META006]}}",
            "`META006` is about the check itself, and a release cannot leave that out",
        ),
        ("{baseline: gone.json}", "the bundle has no file `gone.json`"),
        ("{baseline: ../../etc/passwd}", "the bundle has no file `../../etc/passwd`"),
    ],
)
def test_settings_that_cannot_be_followed(messages, table, expected):
    assert messages("META008", CHECK.format(table)) == [expected]


def test_a_baseline_that_is_none_is_shown_where_it_breaks(findings):
    example = CHECK.format("{baseline: b.json}") + '# b.json, whole file\n{"version": 1,\n"findings": 3}\n'
    (finding,) = (one for one in findings(example) if one.code == "META008")
    assert finding.message == "the baseline cannot be read: `findings` is not a list"
    assert [span.file for span in finding.spans] == ["b.json", "fmaudit.yaml"]
    assert finding.spans[0].line == 2


def test_a_rule_set_that_is_a_number_is_told_to_be_quoted(findings):
    (finding,) = findings(CHECK.format("{rules: 2026.1}"))
    assert (finding.code, finding.help) == ("SCH006", 'put it in quotes: "2026.1"')


def test_a_comment_in_any_yaml_or_markdown_file_is_read(findings):
    example = (
        "# notes/a.md, whole file\n<!-- fmaudit: ignore -->\n# deep/b.yml, whole file\na: 1 # fmaudit: x\n"
    )
    found = findings(example)
    assert [(one.code, one.spans[0].file, one.spans[0].line) for one in found] == [
        ("META004", "deep/b.yml", 1),
        ("META004", "notes/a.md", 1),
    ]


def test_a_file_that_cannot_be_read_has_no_comments(findings):
    assert {one.code for one in findings("# deep/b.yml, whole file\na: [ # fmaudit: x\n")} <= {"SCH001"}


def test_comments_are_sought_in_so_many_bytes(findings, monkeypatch):
    monkeypatch.setattr("auditor.rules.ignoring.MAX_BYTES", 40)
    small = "# a.yml, whole file\na: 1 # fmaudit: x\n"
    large = f"# b.yml, whole file\na: {'x' * 40} # fmaudit: x\n"
    assert [one.spans[0].file for one in findings(small + large) if one.code == "META004"] == ["a.yml"]


def test_more_comments_than_are_read_is_said_once(messages):
    example = "# many.yml, whole file\n" + "- 1 # fmaudit: ignore[CARD101]: why\n" * 1005
    (message,) = messages("META004", example)
    assert message.startswith("the file holds more than 1,000 comments")
