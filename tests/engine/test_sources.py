import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.engine import settings as engine_settings
from auditor.engine.pyproject import own_word
from auditor.engine.run import check
from auditor.engine.settings import PerFile, Settings
from auditor.engine.sources import effective
from auditor.errors import UsageError
from auditor.formats import settings as formats_settings
from auditor.rules.registry import RULE_SETS


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder that a check runs from."""
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def heard(here):
    """`heard(own, release, **flags)`: the settings of a check with these two tables and flags."""

    def settle(own="", release="", isolated=False, **flags):
        (here / "pyproject.toml").write_text(f"[tool.fmaudit]\n{own}\n" if own else "")
        (here / "bundle").mkdir(exist_ok=True)
        table = f"check: {release}\n" if release else ""
        (here / "bundle" / "fmaudit.yaml").write_text(f"format: 1\nrelease: x\n{table}")
        asked = {name.replace("_", "-"): value for name, value in flags.items()}
        return effective(asked, Bundle.open(here / "bundle"), isolated=isolated)

    return settle


def test_nobody_says_anything(heard):
    assert heard() == Settings()


def test_the_stronger_word_holds(heard):
    own, release = 'fail-on = "note"\nselect = ["MET"]', "{fail-on: warning, select: [CARD], complete: true}"
    assert heard(own, release).fail_on == "note"
    assert heard(own, release, fail_on="error").fail_on == "error"
    assert heard("", release).fail_on == "warning"
    settings = heard(own, release)
    assert (settings.select, settings.complete) == (("MET",), True)
    assert heard(own, release, select=("REC",)).select == ("REC",)


def test_what_is_ignored_adds_up(heard):
    settings = heard(
        'ignore = ["CARD"]\n[tool.fmaudit.per-file]\n"a" = ["MET"]',
        "{ignore: [OPEN], per-file: {b: [LIC]}}",
        ignore=("DATA",),
    )
    assert settings.ignore == ("DATA", "CARD", "OPEN")
    assert [(each.glob, each.words) for each in settings.per_file] == [("a", ("MET",)), ("b", ("LIC",))]
    assert settings.origins["ignore"] == "--ignore, pyproject.toml:2, fmaudit.yaml:3"


def test_a_rule_that_a_stronger_word_names_is_not_ignored_by_a_weaker(heard):
    settings = heard("", "{ignore: [CARD102, CARD103]}", select=("CARD102",))
    assert settings.ignore == ("CARD103",)
    assert heard("", "{ignore: [CARD]}", select=("CARD",)).ignore == ("CARD",)
    assert "CARD101" in heard("", "{ignore: [CARD]}", select=("CARD102", "MET")).ignore
    assert "CARD102" not in heard("", "{ignore: [CARD]}", select=("CARD102", "MET")).ignore


def test_every_setting_says_where_it_comes_from(heard):
    settings = heard(
        'rules = "2026.1"\nbaseline = "b.json"', "{fail-on: warning, profile: draft}", profile="release"
    )
    assert settings.origins == {
        "rules": "pyproject.toml:2",
        "baseline": "pyproject.toml:3",
        "fail-on": "fmaudit.yaml:3",
        "profile": "--for",
    }
    assert (settings.rules, settings.baseline, settings.baseline_inside) == ("2026.1", "b.json", False)


def test_files_that_pyproject_names_lie_beside_it(heard, here, monkeypatch):
    deep = here / "a" / "b"
    deep.mkdir(parents=True)
    heard('baseline = "sub/b.json"\ntrust-keys = ["key.pem"]')
    monkeypatch.chdir(deep)
    settings = effective({}, Bundle.open(here / "bundle"))
    assert settings.baseline == str(Path("../../sub/b.json"))
    assert settings.trust_keys == (str(Path("../../key.pem")),)


def test_a_baseline_of_the_release_lies_in_the_bundle(heard):
    settings = heard("", "{baseline: b.json}")
    assert (settings.baseline, settings.baseline_inside) == ("b.json", True)


def test_isolated_hears_the_flags_alone(heard):
    settings = heard('fail-on = "note"', "{ignore: [CARD]}", isolated=True, complete=True)
    assert settings == Settings(complete=True, isolated=True, comments=False)


def test_a_broken_pyproject_does_not_stop_an_isolated_check(heard):
    assert heard("fail-on = = 1", isolated=True).fail_on == "error"


def test_an_audit_takes_no_word_of_the_release(heard):
    settings = heard('ignore = ["DATA"]', "{ignore: [CARD], fail-on: note, rules: '2026.1'}", profile="audit")
    assert (settings.ignore, settings.fail_on, settings.rules) == (("DATA",), "warning", RULE_SETS[-1])
    assert settings.comments is False
    assert settings.unheard.ignore == ("DATA", "CARD")
    assert settings.origins["fail-on"] == "--for (audit)"


def test_a_release_may_ask_for_an_audit(heard):
    settings = heard("", "{profile: audit, ignore: [CARD]}")
    assert (settings.profile, settings.fail_on, settings.ignore) == ("audit", "warning", ())


def test_a_release_that_must_bear_a_signature_is_not_heard(heard):
    settings = heard('fail-on = "note"', "{ignore: [CARD]}", trust_keys=("key.pem",))
    assert (settings.fail_on, settings.ignore, settings.comments) == ("note", (), False)


def test_a_release_cannot_trust_its_own_keys(heard):
    assert heard("", "{trust-keys: [key.pem]}").trust_keys == ()


def test_what_of_a_release_cannot_be_followed_is_left_out_and_the_rest_holds(heard):
    settings = heard(
        "",
        "{fail-on: never, profile: 3, rules: '2031.1', select: [CARD, CRAD], ignore: [META, META006, LIC, 7], "
        "per-file: {x: [NOPE, MET], y: 3}, baseline: [], complete: maybe, ignores: ["
        "{rule: CARD101, file: README.md, reason: ' '}, {rule: CARD, file: a, reason: b}, 3, "
        "{rule: CARD101, file: README.md, reason: b, until: 2026-02-30}, "
        "{rule: META006, file: README.md, reason: b}, {rule: CARD101, reason: b}, "
        "{rule: model-card-without-licence, file: README.md, reason: b, path: [x]}, "
        "{rule: card102, file: README.md, reason: b, until: 2026-02-28}]}",
    )
    assert (settings.fail_on, settings.profile, settings.rules) == ("error", "release", RULE_SETS[-1])
    assert (settings.select, settings.ignore, settings.baseline) == (("CARD",), ("LIC",), "")
    assert [(each.glob, each.words) for each in settings.per_file] == [("x", ("MET",)), ("y", ())]
    assert [(entry.rule, entry.until) for entry in settings.ignores] == [("CARD102", "2026-02-28")]


def test_a_release_that_ignores_all_keeps_the_rules_about_the_check(heard):
    assert "META" not in heard("", "{ignore: [ALL]}").ignore


def test_rules_that_the_release_leaves_out_are_counted_aloud(heard):
    settings = heard("", "{ignore: [LIC001, LIC002]}")
    (remark,) = settings.remarks
    assert remark.startswith(
        "what 2 rules find does not count by the release's own word (left out in fmaudit"
    )
    assert settings.left_out.codes == {"LIC001", "LIC002"}
    assert (settings.left_out.by.file, settings.left_out.by.line) == ("fmaudit.yaml", 3)
    assert heard('ignore = ["LIC"]', "{ignore: [LIC001]}").remarks == ()
    assert heard("", "{fail-on: note}").remarks == ()


def test_the_nearest_table_is_taken_up_to_the_repository(here, heard, monkeypatch):
    heard('fail-on = "note"')
    inner = here / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[project]\nname = 'tool.fmaudit'\n")
    monkeypatch.chdir(inner)
    assert own_word(Bundle.open(here / "bundle")).shown == "../pyproject.toml"
    (inner / ".git").mkdir()
    assert own_word(Bundle.open(here / "bundle")) is None


def test_a_pyproject_of_the_bundle_is_not_the_checkers(here, heard, monkeypatch):
    heard()
    inside = here / "bundle" / "deep"
    inside.mkdir()
    for folder in (inside, inside.parent):
        (folder / "pyproject.toml").write_text('[tool.fmaudit]\nignore = ["SEC"]\n')
    monkeypatch.chdir(inside)
    assert effective({}, Bundle.open(here / "bundle")).ignore == ()
    assert effective({}, Bundle.open("..")).ignore == ()


@pytest.mark.parametrize(
    ("table", "where", "what", "advice"),
    [
        ("fail-on = 3", "2:11", "`fail-on` is `3`, expected text", ""),
        ("fail_on = 'note'", "2:1", "`fail_on` is not a field of `[tool.fmaudit]`", "`fail-on`"),
        ("fail-on = 'warnign'", "2:11", "expected `error`, `warning` or `note`", "`warning`"),
        ("select = ['CARD', 'CRAD']", "2:19", "`CRAD` is no rule or family", "similar: `CARD`"),
        ("rules = '2031.1'", "2:9", "`rules` is `2031.1`, expected `2026.1` or `2026.2`", "newer fmaudit"),
        ("per-file = {a = ['META006']}", "2:18", "`per-file` does not reach it", "`ignore`"),
        ("baseline = ''", "2:12", "`baseline` is empty, expected some text", ""),
        ("per-file = {a = 'x'}", "2:17", "`per-file.a` is the text `x`, expected a list", ""),
        ("[[tool.fmaudit.ignores]]\nrule = 'CARD101'\nfile = 'a'", "2:1", "lacks `reason`", "Why"),
        ("ignores = [{rule = 'CARD', file = 'a', reason = 'b'}]", "2:20", "means ", "single|each"),
        ("ignores = [{rule = 'CARD101', file = 'a', reason = 'b', until = 2026-13-01}]", "2:", "", ""),
        ("x = ", "2:5", "invalid value", "toml.io"),
    ],
)
def test_a_fault_in_pyproject_is_wrong_usage_at_its_line_and_column(heard, table, where, what, advice):
    import re

    with pytest.raises(UsageError) as caught:
        heard(table)
    assert caught.value.where.startswith(f"pyproject.toml:{where}")
    assert what in caught.value.what
    assert re.search(advice, caught.value.help)


def test_a_toml_date_is_a_date(heard):
    (entry,) = heard("ignores = [{rule = 'CARD101', file = 'a', reason = 'b', until = 2026-12-31}]").ignores
    assert (entry.until, entry.by.file, entry.by.line, entry.of_release) == (
        "2026-12-31",
        "pyproject.toml",
        2,
        False,
    )


def test_a_pyproject_that_is_not_text_is_wrong_usage(heard, here):
    heard()
    (here / "pyproject.toml").write_bytes(b"[tool.fmaudit]\nx = '\xff'\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        effective({}, Bundle.open(here / "bundle"))


@pytest.mark.parametrize(
    "text",
    [
        '[tool]\n"fmaudit" = {fail-on = "note"}',
        "[tool.'fmaudit']\nfail-on = \"note\"",
        '[ tool . fmaudit ]\nfail-on = "note"',
        'tool.fmaudit.fail-on = "note"',
    ],
)
def test_a_table_is_read_however_toml_lets_it_be_written(heard, here, text):
    heard()
    (here / "pyproject.toml").write_text(text)
    assert effective({}, Bundle.open(here / "bundle")).fail_on == "note"


@pytest.mark.parametrize(
    "text", ["tool = {fmaudit = 3}", "tool.fmaudit = ''", "[[tool.fmaudit]]\nselect = ['MET']"]
)
def test_settings_that_are_no_table_are_wrong_usage(heard, here, text):
    heard()
    (here / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError, match=r"`tool\.fmaudit` is no table") as caught:
        effective({}, Bundle.open(here / "bundle"))
    assert caught.value.where.startswith("pyproject.toml:1:")


def test_the_checkers_baseline_may_lie_anywhere(heard):
    assert heard('baseline = "/somewhere/b.json"').baseline == "/somewhere/b.json"


def test_a_pyproject_without_the_table_is_not_parsed(heard, here):
    heard()
    (here / "pyproject.toml").write_text("this is not TOML")
    assert effective({}, Bundle.open(here / "bundle")) == Settings()


def test_the_engine_takes_as_much_as_the_schema_allows():
    for name in ("MAX_PATTERNS", "MAX_ENTRIES"):
        assert getattr(engine_settings, name) == getattr(formats_settings, name)


def test_a_pattern_knows_where_it_stands(heard):
    (pattern,) = heard("", "\n  per-file:\n    docs/*: [MET]").per_file
    assert isinstance(pattern, PerFile)
    assert (pattern.by.file, pattern.by.line) == ("fmaudit.yaml", 5)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["CARD", "CRAD", "2026.1", "2026-02-30", " ", ""]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["rule", "file", "reason", "until", "path", "x"]), inner, max_size=5
        )
    ),
    max_leaves=6,
)
KEYS = ["rules", "profile", "select", "ignore", "per-file", "fail-on", "complete", "baseline", "ignores", "x"]


@hypothesis_settings(
    max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.dictionaries(st.sampled_from([*KEYS, "trust-keys"]), VALUES))
def test_any_table_is_followed_or_refused_and_never_raises_anything_else(here, table):
    (here / "bundle").mkdir(exist_ok=True)
    manifest = {"format": 1, "release": "x", "check": table}
    (here / "bundle" / "fmaudit.yaml").write_text(json.dumps(manifest))
    (here / "pyproject.toml").unlink(missing_ok=True)
    bundle = Bundle.open(here / "bundle")
    with suppress(UsageError):  # the release may leave no rule
        check(bundle, replace(effective({}, bundle), select=("META", "SCH"), ignore=()), isolate=False)
    (here / "pyproject.toml").write_text(
        "[tool.fmaudit]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in table.items())
    )
    with suppress(UsageError):
        effective({}, bundle)


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps("none" if value is None else value)
