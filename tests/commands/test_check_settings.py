"""Settings, ignores and profiles through the whole command."""

import json

import pytest

from auditor.cli import run

MANIFEST = "format: 1\nrelease: x 1.0\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "README.md").write_text("# A model\n")
    return tmp_path


@pytest.fixture
def told(here, capsys):
    def call(*arguments):
        code = run(["check", "bundle", *arguments])
        return code, *capsys.readouterr()

    return call


def test_show_settings_says_what_holds_and_who_said_so(told, here):
    (here / "pyproject.toml").write_text('[tool.fmaudit]\nfail-on = "note"\nignore = ["CARD"]\n')
    (here / "bundle" / "fmaudit.yaml").write_text(f"{MANIFEST}check:\n  rules: '2026.1'\n  ignore: [OPEN]\n")
    code, out, err = told("--show-settings", "--select", "CARD,MET,OPEN")
    rows = {line.split()[0]: line.split(None, 1)[1].split("  ") for line in out.split("\n\n")[0].splitlines()}
    said = {key: (cells[0], cells[-1].strip()) for key, cells in rows.items()}
    assert (code, err) == (0, "")
    assert said["fail-on"] == ("note", "pyproject.toml:2")
    assert said["rules"] == ("2026.1", "fmaudit.yaml:4")
    assert said["ignore"] == ("CARD, OPEN", "pyproject.toml:3, fmaudit.yaml:5")
    assert said["select"] == ("CARD, MET, OPEN", "--select")
    assert said["complete"] == ("no", "default")
    assert "rules run\n" in out
    assert "the release's own word (left out in fmaudit.yaml:5, fmaudit.yaml:4)" in out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--isolated"], "not heard (--isolated)"),
        (["--for", "audit"], "not heard (audit)"),
        (["--trust-key", "key.pem"], "not heard (it must bear a trusted signature)"),
    ],
)
def test_show_settings_says_why_the_release_is_not_heard(told, arguments, why):
    assert why in told("--show-settings", *arguments)[1]


def test_the_settings_decide_the_exit_code(told, here):
    assert told()[0] == 0
    (here / "bundle" / "fmaudit.yaml").write_text(f"{MANIFEST}check: {{fail-on: warning}}\n")
    assert told()[0] == 1
    assert told("--fail-on", "error")[0] == 0
    assert told("--isolated")[0] == 0
    (here / "pyproject.toml").write_text('[tool.fmaudit]\nfail-on = "error"\n')
    assert told()[0] == 0


def test_an_audit_fails_on_warnings_by_itself(told):
    assert told("--for", "audit")[0] == 1
    assert told("--for", "audit", "--fail-on", "error")[0] == 0
    assert told("--for", "draft", "--fail-on", "note")[0] == 0


@pytest.mark.parametrize(
    "style", ["text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown"]
)
def test_the_exit_code_is_the_same_in_every_format(told, here, style):
    (here / "bundle" / "fmaudit.yaml").write_text(f"{MANIFEST}check: {{fail-on: warning}}\n")
    assert told("--format", style)[0] == 1
    (here / "bundle" / "fmaudit.yaml").write_text(
        f"{MANIFEST}check: {{ignore: [CARD, LIC, OPEN], fail-on: note}}\n"
    )
    assert told("--format", style)[0] == 0


def test_a_report_says_what_is_ignored_and_why(told, here):
    text = f"{MANIFEST}check:\n  ignores: [{{rule: CARD002, file: README.md, reason: no front matter yet}}]\n"
    (here / "bundle" / "fmaudit.yaml").write_text(text)
    assert "no front matter yet" in told()[1]
    (ignored,) = json.loads(told("--format", "json")[1])["ignored"]
    assert (ignored["finding"]["code"], ignored["reason"]) == ("CARD002", "no front matter yet")
    _, out, _ = told("--for", "audit")
    assert "1 finding counts here that the release ignores" in out


def test_the_day_is_that_of_source_date_epoch(told, here, monkeypatch):
    (here / "bundle" / "README.md").write_text(
        "---\na: 1\nlicence: mit # fmaudit: ignore[CARD003] until 2026-01-01: why\n---\n# A\n"
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01T00:00:00Z
    assert "META005" not in told()[1]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767312000")
    assert "META005" in told()[1]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    code, _, err = told()
    assert (code, "SOURCE_DATE_EPOCH" in err) == (2, True)


def test_without_it_the_day_is_today(told, here):
    (here / "bundle" / "README.md").write_text(
        "---\nlicence: mit # fmaudit: ignore[CARD003] until 2020-01-01: why\n---\n"
    )
    assert "ended on 2020-01-01" in told()[1]


def test_a_fault_in_pyproject_is_told_in_three_lines(told, here):
    (here / "pyproject.toml").write_text("[tool.fmaudit]\nfail_on = 'note'\n")
    code, out, err = told()
    assert (code, out) == (2, "")
    assert err == (
        "error: `fail_on` is not a field of `[tool.fmaudit]`\n --> pyproject.toml:2:1\n"
        "  = help: there is a field with a similar name: `fail-on`\n"
    )
    assert told("--isolated")[0] == 0


def test_a_fault_in_the_release_is_a_finding_and_the_rest_holds(told, here):
    (here / "bundle" / "fmaudit.yaml").write_text(
        f"{MANIFEST}check: {{fail_on: note, ignore: [CARD, LIC, OEPN]}}\n"
    )
    code, out, err = told()
    assert (code, err) == (1, "")
    assert "error[SCH004]" in out
    assert "error[META003] unknown-rule: `OEPN` is no rule or family" in out
    assert "warning[CARD002]" not in out


def test_nothing_is_left_to_run_names_who_said_so(told, here):
    (here / "pyproject.toml").write_text('[tool.fmaudit]\nignore = ["CARD"]\n')
    code, _, err = told("--select", "CARD")
    assert code == 2
    assert " --> --select, pyproject.toml:2\n  = help: `fmaudit rule` lists the rules\n" in err


@pytest.mark.parametrize(
    "check",
    [
        "ignore: [ALL]",
        "select: [META]",
        "ignore: [CARD002]",
        "select: [MET], ignore: [MET]",
        "profile: draft",
    ],
)
def test_what_only_the_release_leaves_out_is_looked_at_and_told(told, here, check):
    (here / "bundle" / "fmaudit.yaml").write_text(f"{MANIFEST}check: {{{check}}}\n")
    left_out = json.loads(told("--format", "json")[1])["ignored"]
    assert "CARD002" in {one["finding"]["code"] for one in left_out}
    assert {(one["how"], one["by"]["file"], one["by"]["line"]) for one in left_out} == {
        ("release", "fmaudit.yaml", 3)
    }
    assert "CARD002" not in {f["code"] for f in json.loads(told("--format", "json")[1])["findings"]}
    for style in ("text", "concise", "github", "markdown"):
        out = told("--format", style)[1].lower()
        assert "left out by the release: " in out.replace("`", "")
        assert "card002 1" in out.replace("`", "")
    assert "CARD002" in {f["code"] for f in json.loads(told("--isolated", "--format", "json")[1])["findings"]}


def test_a_release_cannot_leave_out_the_rules_about_the_check_by_selecting_others(told, here):
    (here / "bundle" / "fmaudit.yaml").write_text(f"{MANIFEST}check: {{select: [MET]}}\n")
    (here / "bundle" / "pyproject.toml").write_text("[tool.fmaudit]\n")
    assert "note[META009]" in told()[1]


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--diff", "--format", "json"], "a patch is no report"),
        (["--diff", "--output", "json=a.json"], "a patch is no report"),
        (["--show-settings", "--format", "json"], "settings are no report"),
        (["--show-settings", "--fix"], "settings are shown and nothing is fixed"),
    ],
)
def test_an_option_that_would_be_passed_over_is_refused(told, arguments, what):
    code, out, err = told(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {what}\n --> ")
