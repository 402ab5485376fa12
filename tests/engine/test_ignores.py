"""Comments, entries and patterns by which findings do not count, on real files with rules made up for them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.engine import run as engine
from auditor.engine.run import check, exit_code
from auditor.engine.settings import EVERYTHING, Settings
from auditor.engine.sources import effective
from auditor.model import Place, Rule
from auditor.rules import load, registry

DAY = "2026-06-15"


def claims(manifest):
    for path, claim in manifest.items("claims"):
        if claim.get("value") == "bad":
            yield manifest.at(*path, "value").says("a bad value", manifest.at("release"))


def everything(manifest):
    yield manifest.at().says("the whole file")


def weights(bundle):
    for name in ("lm_head.weight", "embed.weight"):
        yield Place("model.bin", (name,)).says("a bad tensor")


@pytest.fixture
def rules(monkeypatch):
    """REC901 to REC903 are rules, as are those about the check itself; no others are."""
    made = {
        "REC901": Rule("REC901", "bad-claim", "error", "sure", None, ("manifest",), (), claims),
        "REC902": Rule("REC902", "bad-file", "warning", "sure", None, ("manifest",), (), everything),
        "REC903": Rule("REC903", "bad-tensor", "error", "sure", None, ("bundle",), (), weights),
    }
    table = made | {code: rule for code, rule in load().items() if rule.family == "META"}
    registered = {**registry.registered(), **made}
    for module in ("auditor.rules.ignoring.registered", "auditor.rules.settings.registered"):
        monkeypatch.setattr(module, lambda: registered)
    monkeypatch.setattr(engine, "load", lambda: table)
    monkeypatch.setattr("auditor.engine.sources.load", lambda: registered)
    return table


@pytest.fixture
def found(rules, tmp_path, monkeypatch):
    """`found(text)`: what a check says of this fmaudit.yaml, as `{code: [lines]}`, and the result."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundle").mkdir()

    def look(text, select=("REC901", "META"), today=DAY, isolated=False, profile=None, **files):
        (tmp_path / "bundle" / "fmaudit.yaml").write_text(text)
        for name, content in files.items():
            (tmp_path / "bundle" / name.replace("_", ".")).write_text(content)
        bundle = Bundle.open(tmp_path / "bundle")
        settings = effective({"select": select, "profile": profile}, bundle, isolated=isolated)
        result = check(bundle, settings, today=today, isolate=False)
        lines = {}
        for finding in result.findings:
            lines.setdefault(finding.code, []).append(finding.spans[0].line)
        return lines, result

    return look


CLAIM = "release: x\nclaims:\n- value: bad{}\n"


def test_a_finding_without_a_word_counts(found):
    lines, result = found(CLAIM.format(""))
    assert (lines, result.ignored) == ({"REC901": [3]}, ())


@pytest.mark.parametrize(
    "text",
    [
        CLAIM.format(" # fmaudit: ignore[REC901]: why"),
        "release: x\nclaims:\n# fmaudit: ignore[REC901]: why\n- value: bad\n",
        "release: x\nclaims:\n- # fmaudit: ignore[bad-claim]: why\n  value: bad\n",
        "# fmaudit: ignore[REC901]: why\nrelease: x\nclaims:\n- value: bad\n",
        CLAIM.format(" # fmaudit: ignore[rec901] until 2026-06-15: why"),
    ],
)
def test_a_comment_at_any_of_its_places_ignores_a_finding(found, text):
    lines, result = found(text)
    (one,) = result.ignored
    assert lines == {}
    assert (one.finding.code, one.how, one.reason, one.by.file) == (
        "REC901",
        "comment",
        "why",
        "fmaudit.yaml",
    )
    assert one.by.column > 0
    (outcome,) = (o for o in result.outcomes if o.code == "REC901")
    assert (outcome.state, outcome.count, outcome.reason) == ("passed", 0, "1 finding ignored")
    assert exit_code(result) == 0


def test_a_comment_names_several_rules(found):
    text = "# fmaudit: ignore[REC901, REC902] until 2026-12-31: why\nrelease: x\nclaims: [{value: bad}]\n"
    lines, result = found(text, select=("REC901", "REC902", "META"))
    assert lines == {}
    assert [(one.finding.code, one.until) for one in result.ignored] == [
        ("REC902", "2026-12-31"),
        ("REC901", "2026-12-31"),
    ]


def test_the_day_after_the_last_a_finding_counts_again_and_the_comment_is_named(found):
    text = CLAIM.format(" # fmaudit: ignore[REC901] until 2026-06-14: why")
    lines, result = found(text)
    assert lines == {"REC901": [3], "META005": [3]}
    (expired,) = (finding for finding in result.findings if finding.code == "META005")
    assert expired.message == "the ignore of `REC901` ended on 2026-06-14"
    assert expired.level == "warning"


def test_without_a_day_nothing_has_ended(found):
    assert found(CLAIM.format(" # fmaudit: ignore[REC901] until 1999-01-01: why"), today="")[0] == {}


def test_an_ignore_that_finds_nothing_is_named(found):
    lines, result = found("release: x # fmaudit: ignore[REC901]: why\n")
    assert lines == {"META006": [1]}
    assert result.findings[0].message == "this ignores `REC901`, which finds nothing here"


def test_the_part_of_an_ignore_that_finds_nothing_is_named(found):
    text = CLAIM.format(" # fmaudit: ignore[REC901, REC902]: why")
    lines, result = found(text, select=("REC901", "REC902", "META"))
    assert lines == {"META006": [3], "REC902": [1]}
    assert "take `REC902` out" in result.findings[1].help


@pytest.mark.parametrize("select", [("REC902", "META"), ("REC901",)])
def test_an_ignore_is_judged_only_where_its_rule_and_the_judging_one_were_selected(found, select):
    lines, _ = found("release: x # fmaudit: ignore[REC901]: why\n", select=select)
    assert "META006" not in lines


def test_an_ignore_of_a_rule_that_could_not_look_is_not_judged(found, rules):
    rules["REC901"] = replace(rules["REC901"], after=("REC902",))
    text = "release: x # fmaudit: ignore[REC901]: why\n"
    assert "META006" not in found(text, select=("REC901", "REC902", "META"))[0]


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("ignore", "META004"),
        ("ignore: why", "META004"),
        ("ignore[]: why", "META004"),
        ("ignore[ALL]: why", "META004"),
        ("ignore[REC]: why", "META004"),
        ("ignore[REC9]: why", "META004"),
        ("ignore[REC901]", "META004"),
        ("ignore[REC901]:", "META004"),
        ("ignore[REC901] until 2026-02-30: why", "META004"),
        ("ignore[REC901] until tomorrow: why", "META004"),
        ("ignore[REC901] until: why", "META004"),
        ("ignor[REC901]: why", "META004"),
        ("disable=REC901", "META004"),
        ("", "META004"),
        ("ignore[META006]: why", "META004"),
        ("ignore[REC999]: why", "META003"),
    ],
)
def test_a_comment_that_is_refused_ignores_nothing_and_says_so(found, comment, code):
    lines, result = found(CLAIM.format(f" # fmaudit: {comment}"))
    assert lines == {"REC901": [3], code: [3]}
    assert result.ignored == ()


def test_what_is_right_in_a_comment_holds_beside_what_is_wrong(found):
    lines, result = found(CLAIM.format(" # fmaudit: ignore[REC901, REC9O2]: why"))
    assert lines == {"META003": [3]}
    assert len(result.ignored) == 1


def test_what_is_refused_is_told_even_where_it_was_not_selected(found):
    assert found(CLAIM.format(" # fmaudit: ignore"), select=("REC901",))[0] == {"REC901": [3], "META004": [3]}
    assert found(CLAIM.format(""), select=("REC901",))[1].outcomes[1:] == ()


def test_a_finding_about_the_check_itself_is_never_ignored(found):
    text = "release: x\n# fmaudit: ignore[META003]: why\ncheck: {ignore: [REC9O9]}\n"
    assert sorted(found(text)[0]) == ["META003", "META004"]


ENTRY = "release: x\nclaims: [{{value: bad}}]\ncheck:\n  ignores:\n  - {}\n"


@pytest.mark.parametrize(
    "entry",
    [
        "{rule: REC901, file: fmaudit.yaml, reason: why}",
        "{rule: bad-claim, file: '*.yaml', path: 'claims[0].value', reason: why}",
        "{rule: REC901, file: '**', path: claims, reason: why, until: 2026-06-15}",
        "{rule: REC901, file: fmaudit.yaml, path: release, reason: why}",
    ],
)
def test_an_entry_ignores_a_finding_at_its_place_and_below(found, entry):
    lines, result = found(ENTRY.format(entry))
    (one,) = result.ignored
    assert lines == {}
    assert (one.how, one.reason, one.by.file, one.by.line) == ("entry", "why", "fmaudit.yaml", 5)


@pytest.mark.parametrize(
    "entry",
    [
        "{rule: REC901, file: other.yaml, reason: why}",
        "{rule: REC901, file: fmaudit.yaml, path: 'claims[1]', reason: why}",
        "{rule: REC901, file: fmaudit.yaml, path: claim, reason: why}",
        "{rule: REC902, file: fmaudit.yaml, reason: why}",
    ],
)
def test_an_entry_for_another_place_ignores_nothing(found, entry):
    lines, _ = found(ENTRY.format(entry))
    assert lines["REC901"] == [2]


def test_an_entry_reaches_a_tensor_by_its_name(found):
    text = (
        "release: x\ncheck: {ignores: [{rule: REC903, file: model.bin, path: lm_head.weight, reason: why}]}\n"
    )
    _, result = found(text, select=("REC903",), model_bin="x")
    assert [one.finding.places[0].path for one in result.ignored] == [("lm_head.weight",)]
    assert [finding.places[0].path for finding in result.findings] == [("embed.weight",)]


def test_entries_end_and_lose_their_ground_as_comments_do(found):
    ended = ENTRY.format("{rule: REC901, file: fmaudit.yaml, reason: why, until: 2026-06-14}")
    assert found(ended)[0] == {"REC901": [2], "META005": [5]}
    idle = ENTRY.format("{rule: REC902, file: other.yaml, reason: why}")
    assert found(idle, select=("REC902", "META"))[0] == {"REC902": [1], "META006": [5]}


def test_a_pattern_of_files_ignores_and_is_listed(found):
    text = "release: x\nclaims: [{value: bad}]\ncheck:\n  per-file:\n    '*.yaml': [REC]\n"
    lines, result = found(text)
    assert lines == {}
    (one,) = result.ignored
    assert (one.how, one.reason, one.by.line) == ("per-file", "`per-file` of `*.yaml`", 5)


def test_a_comment_goes_before_an_entry_and_an_entry_before_a_pattern(found):
    entry = "{rule: REC901, file: fmaudit.yaml, reason: why}"
    text = (
        f"release: x\nclaims: [{{value: bad}}]\ncheck: {{ignores: [{entry}], per-file: {{'**': [REC901]}}}}\n"
    )
    assert [one.how for one in found(text)[1].ignored] == ["entry"]
    text = text.replace("bad}]", "bad}] # fmaudit: ignore[REC901]: why")
    lines, result = found(text)
    assert [one.how for one in result.ignored] == ["comment"]
    assert lines == {"META006": [3]}  # the entry has nothing left to do


def test_the_checkers_own_entry_may_find_nothing_and_its_end_is_told_of_the_bundle(found, tmp_path):
    own = '[[tool.fmaudit.ignores]]\nrule = "REC901"\nfile = "fmaudit.yaml"\nreason = "why"\n'
    (tmp_path / "pyproject.toml").write_text(own)
    assert found("release: x\n")[0] == {}
    (one,) = found(CLAIM.format(""))[1].ignored
    assert (one.by.file, one.by.line) == ("pyproject.toml", 1)
    (tmp_path / "pyproject.toml").write_text(own + "until = 2026-01-01\n")
    lines, result = found(CLAIM.format(""))
    assert lines == {"REC901": [3], "META005": [0]}
    assert result.findings[0].message == "the ignore of `REC901` ended on 2026-01-01 (pyproject.toml:1)"


def test_an_isolated_check_hears_no_comment(found):
    lines, result = found(CLAIM.format(" # fmaudit: ignore[REC901]: why"), isolated=True)
    assert (lines, result.remarks) == ({"REC901": [3]}, ())


def test_an_audit_counts_what_the_release_ignores_and_says_how_much(found):
    text = (
        "release: x\nclaims: [{value: bad}] # fmaudit: ignore[REC901]: why\n"
        "check: {ignore: [REC902], per-file: {model.bin: [REC903]}}\n"
    )
    lines, result = found(text, select=("REC",), profile="audit", model_bin="x")
    assert sorted(lines) == ["REC901", "REC902", "REC903"]
    assert result.remarks == ("4 findings count here that the release ignores",)
    assert result.ignored == ()


def test_comments_in_markdown_are_heard(rules, tmp_path):
    def headings(card):
        for heading in card.headings:
            yield card.place(heading.span).says("a heading")

    rules["REC901"] = Rule("REC901", "bad-claim", "error", "sure", None, ("card",), (), headings)
    (tmp_path / "README.md").write_text(
        "# One <!-- fmaudit: ignore[REC901]: why -->\n\n<!-- fmaudit: ignore[REC901]: why\nso -->\n\n# Two\n\n# Three\n"
    )
    result = check(Bundle.open(tmp_path), Settings(("REC901",)))
    assert [(one.finding.spans[0].line, one.reason) for one in result.ignored] == [(1, "why"), (6, "why so")]
    assert [finding.spans[0].line for finding in result.findings] == [8]


def test_a_finding_that_spans_lines_is_covered_by_a_comment_within(rules, tmp_path):
    from auditor.model import Span

    def block(card):
        yield Place("README.md", span=Span("README.md", 1, 1, 5, 1)).says("a block")

    rules["REC901"] = Rule("REC901", "bad-claim", "error", "sure", None, ("card",), (), block)
    (tmp_path / "README.md").write_text("one\ntwo\nthree <!-- fmaudit: ignore[REC901]: why -->\n")
    assert check(Bundle.open(tmp_path), Settings(("REC901",))).findings == ()


def test_what_others_wait_for_is_the_ground_even_where_it_is_ignored(found, rules):
    rules["REC902"] = replace(rules["REC902"], after=("REC901",))
    _, result = found(CLAIM.format(" # fmaudit: ignore[REC901]: why"), select=("REC901", "REC902"))
    assert [outcome.state for outcome in result.outcomes[:2]] == ["passed", "not checked"]


def test_a_newer_rule_does_not_run_under_an_older_rule_set(rules, tmp_path):
    rules["REC903"] = replace(rules["REC903"], since="2026.2")
    rules["REC902"] = replace(rules["REC902"], after=("REC903",))  # which is not there to wait for
    (tmp_path / "fmaudit.yaml").write_text("release: x\n")
    result = check(Bundle.open(tmp_path), Settings(("REC",), rules="2026.1"))
    assert [(outcome.code, outcome.state) for outcome in result.outcomes] == [
        ("REC901", "passed"),
        ("REC902", "found"),
    ]


@given(st.text(max_size=50))
def test_any_comment_is_heard_or_refused(text):
    from auditor.model import Span
    from auditor.readers.comments import Comment
    from auditor.rules.ignoring import _read

    for said in (text, f"ignore[{text}]: why", f"ignore[REC001] until {text}: why", f"ignore[REC001]{text}"):
        one = _read(Comment(" ".join(said.split()), Span("a", 1, 1, 1, 2), (1,)))
        assert one.codes or one.complaints
        assert not one.codes or one.reason


def test_many_comments_and_findings_take_no_long_time(tmp_path):
    import time

    lines = "".join(
        f"- {{component: x{i}}} # fmaudit: ignore[SCH007, SCH004, SCH005]: why\n" for i in range(1000)
    )
    (tmp_path / "fmaudit.yaml").write_text(f"format: 1\nrelease: x\ncomponents:\n{lines}")
    start = time.process_time()
    result = check(Bundle.open(tmp_path), EVERYTHING, today=DAY)
    assert time.process_time() - start < 20  # some 3 s, most of it spent in jsonschema
    assert len(result.ignored) >= 900


def test_an_ignore_of_a_file_that_is_not_there_says_so(found):
    lines, result = found(
        f"{CLAIM.format('')}check: {{ignores: [{{rule: REC901, file: ./x.yaml, reason: r}}]}}\n"
    )
    assert "META006" in lines
    assert [f.message for f in result.findings if f.code == "META006"] == [
        "this ignores `REC901`, which finds nothing in `./x.yaml`: the bundle has no such file"
    ]


def test_what_is_ignored_hides_nothing_of_a_rule_that_was_cut(found, rules):
    entries = "check: {ignores: [{rule: REC901, file: fmaudit.yaml, reason: r, path: claims}]}\n"
    many = "release: x\nclaims:\n" + "- value: bad\n" * (engine.MAX_FAULTS + 1)
    _, result = found(many + entries)
    assert [f.code for f in result.findings] == ["META002"]
    assert exit_code(result) == 1


def test_a_rule_that_the_release_leaves_out_may_be_cut(found):
    many = "release: x\nclaims:\n" + "- value: bad\n" * (engine.MAX_FAULTS + 1)
    _, result = found(f"{many}check: {{ignore: [REC901]}}\n", select=())
    assert [f.level for f in result.findings if f.code == "META002"] == ["note"]
    assert {one.how for one in result.ignored if one.finding.code == "REC901"} == {"release"}


def test_hostile_patterns_end_and_what_they_did_not_reach_counts(rules, tmp_path, monkeypatch):
    monkeypatch.setattr("auditor.engine.globs.MAX_STEPS", 1_000)
    glob = "**/" + "*a*a*a*b/**/" * 9
    entries = "".join(f"  - {{rule: REC901, file: '{glob}{n}', reason: r}}\n" for n in range(400))
    text = f"release: x\nclaims:\n- value: bad\ncheck:\n  ignores:\n{entries}"
    (tmp_path / "fmaudit.yaml").write_text(f"{text}  - {{rule: REC901, file: '**', reason: r}}\n")
    bundle = Bundle.open(tmp_path)
    result = check(bundle, effective({"select": ("REC901",)}, bundle), isolate=False)
    assert [f.code for f in result.findings] == ["REC901"]
    assert "the patterns of the settings take too long; what they did not reach counts" in result.remarks
