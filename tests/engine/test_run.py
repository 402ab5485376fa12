import pytest

from auditor.bundle import Absent, Bundle, Unread
from auditor.engine.run import MAX_FAULTS, MAX_TEXT, check, exit_code, sources
from auditor.engine.settings import Settings
from auditor.model import Place, Span
from auditor.readers.document import Unreadable


def silent(card):
    yield from ()


def loud(card):
    yield card.at("b").says("second")
    yield card.at("a").says("first", help="mend it")


def broken(card):
    yield card.at("a").says("met before the crash")
    raise ZeroDivisionError("<object at 0x7f0011223344>")


def outcomes(result):
    return {
        outcome.code: (outcome.state, outcome.count)
        for outcome in result.outcomes
        if outcome.code[:4] != "META"
    }


@pytest.fixture
def bundle(made_up, lines):
    return made_up(card=lines("README.md", a=1, b=2))


def test_a_rule_that_finds_nothing_has_passed(rules, bundle):
    rules("REC901", silent)
    assert outcomes(check(bundle)) == {"REC901": ("passed", 0)}


def test_findings_are_sorted_by_place_and_counted(rules, bundle):
    rules("REC901", loud)
    result = check(bundle)
    assert [(f.message, f.help, f.spans[0].line) for f in result.findings] == [
        ("first", "mend it", 1),
        ("second", "", 2),
    ]
    assert outcomes(result) == {"REC901": ("found", 2)}


def test_a_rule_whose_document_is_absent_is_not_applicable(rules, bundle):
    rules("REC901", loud, needs=("recipe",))
    (outcome,) = (o for o in check(bundle).outcomes if o.code == "REC901")
    assert (outcome.state, outcome.reason) == ("not applicable", "the bundle has no recipe")


def test_a_rule_whose_document_could_not_be_read_is_not_checked(rules, bundle):
    bundle.documents["recipe"] = Unread("recipe.yaml could not be read (SCH001)")
    rules("REC901", loud, needs=("card", "recipe"))
    (outcome,) = (o for o in check(bundle).outcomes if o.code == "REC901")
    assert (outcome.state, outcome.reason) == ("not checked", "recipe.yaml could not be read (SCH001)")


def test_absent_goes_before_unread_because_the_rule_would_not_apply_in_any_case(rules, bundle):
    bundle.documents |= {"recipe": Unread("unread"), "config": Absent("absent")}
    rules("REC901", loud, needs=("recipe", "config"))
    assert outcomes(check(bundle)) == {"REC901": ("not applicable", 0)}


def test_a_rule_does_not_look_where_another_took_its_ground(rules, bundle):
    rules("REC901", loud)
    rules("REC902", loud, after=("REC901",))
    rules("REC903", loud, after=("REC902",))
    result = check(bundle)
    assert outcomes(result) == {
        "REC901": ("found", 2),
        "REC902": ("not checked", 0),
        "REC903": ("not checked", 0),
    }
    assert [outcome.reason for outcome in result.outcomes[1:3]] == [
        "waits for REC901 loud, which found something"
    ] * 2


def test_a_rule_may_wait_for_one_that_stands_later_in_the_list(rules, bundle):
    rules("REC901", loud, after=("REC902",))
    rules("REC902", loud)
    result = check(bundle)
    assert outcomes(result) == {"REC901": ("not checked", 0), "REC902": ("found", 2)}
    assert [outcome.code for outcome in result.outcomes][:2] == ["REC901", "REC902"]


def test_a_ground_rule_runs_unselected_but_is_not_reported(rules, bundle):
    rules("REC901", loud)
    rules("REC902", loud, after=("REC901",))
    result = check(bundle, Settings(("REC902",)))
    assert outcomes(result) == {"REC902": ("not checked", 0)}
    assert result.findings == ()


def test_a_crash_is_a_finding_and_the_other_rules_go_on(rules, bundle):
    rules("REC901", broken)
    rules("REC902", loud)
    result = check(bundle)
    (crash,) = (f for f in result.findings if f.code == "META001")
    assert crash.message.startswith("`REC901` crashed: ZeroDivisionError: <object at 0x...> (test_run.py:")
    assert crash.spans == (Span("README.md"),)
    assert outcomes(result) == {"REC901": ("found", 1), "REC902": ("found", 2)}
    assert exit_code(result) == 2


def test_a_crash_before_any_finding_leaves_the_rule_not_checked(rules, bundle):
    def crashes(card):
        yield from card.missing

    rules("REC901", crashes)
    assert outcomes(check(bundle)) == {"REC901": ("not checked", 0)}


def test_a_crash_is_reported_even_where_it_is_not_selected(rules, bundle):
    rules("REC901", broken)
    result = check(bundle, Settings(("REC901",), ("META",)))
    assert [outcome.code for outcome in result.outcomes] == ["REC901", "META001"]


def test_a_crash_is_raised_on_request_so_that_it_can_be_reported_to_us(rules, bundle):
    rules("REC901", broken)
    with pytest.raises(ZeroDivisionError):
        check(bundle, isolate=False)


def test_a_file_that_a_rule_cannot_read_is_not_our_bug(rules, bundle):
    def reads(card):
        raise Unreadable("permission denied", Span("LICENSE"))
        yield

    rules("REC901", reads)
    result = check(bundle)
    assert result.outcomes[0].reason == "`LICENSE` could not be read: permission denied"
    assert result.findings == ()


def test_a_flood_of_faults_is_cut_and_says_so(rules, bundle):
    def floods(card):
        while True:
            yield card.at("a").says("again")

    rules("REC901", floods)
    result = check(bundle)
    assert outcomes(result) == {"REC901": ("found", MAX_FAULTS)}
    assert [f.level for f in result.findings if f.code == "META002"] == ["error"]


def test_text_of_a_bundle_cannot_swell_the_report(rules, bundle):
    def swells(card):
        yield Place("f" * 9_999, ("k" * 9_999, 1), label="l" * 9_999).says("m" * 9_999, help="h" * 9_999)

    rules("REC901", swells)
    (finding,) = check(bundle).findings
    place = finding.places[0]
    texts = (finding.message, finding.help, place.label, place.path[0], place.file, finding.spans[0].file)
    assert {len(text) for text in texts} == {MAX_TEXT + 3}


def test_a_place_that_knows_its_span_is_not_looked_up(rules, bundle):
    def knows(card):
        yield Place("body.md", span=Span("body.md", 7, 1, 7, 3)).says("here")

    rules("REC901", knows)
    assert check(bundle).findings[0].spans == (Span("body.md", 7, 1, 7, 3),)


def test_a_file_without_a_document_has_a_span_without_a_line(rules, bundle):
    def names(card):
        yield Place("LICENSE").says("odd")

    rules("REC901", names)
    assert check(bundle).findings[0].spans == (Span("LICENSE"),)


@pytest.mark.parametrize(
    ("level", "fail_on", "code"),
    [
        ("error", "error", 1),
        ("warning", "error", 0),
        ("warning", "warning", 1),
        ("note", "warning", 0),
        ("note", "note", 1),
        ("error", "note", 1),
    ],
)
def test_the_exit_code_is_one_at_or_above_the_gate(rules, bundle, level, fail_on, code):
    rules("REC901", loud, level=level)
    assert exit_code(check(bundle), fail_on) == code


def test_a_rule_that_was_not_checked_fails_a_complete_check_only(rules, bundle):
    bundle.documents["card"] = Unread("unread")
    rules("REC901", loud)
    result = check(bundle)
    assert (exit_code(result), exit_code(result, complete=True)) == (0, 1)


def test_the_same_bundle_gives_the_same_result(rules, bundle):
    rules("REC901", loud)
    rules("REC902", broken)
    assert check(bundle) == check(bundle)


def test_sources_hold_files_that_could_not_be_parsed(made_up, lines):
    bundle = made_up({"bad.yaml": b"\xef\xbb\xbf[\xff\n"}, card=lines("README.md", a=1))
    spans = [Span("README.md", 1, 1), Span("bad.yaml", 1, 1), Span("m.safetensors"), Span("gone.yaml", 1, 1)]
    assert sources(bundle, spans) == {"README.md": "a: 1\n", "bad.yaml": "[\ufffd\n"}


def test_a_placeholder_is_reported_once_as_a_placeholder(tmp_path):
    (tmp_path / "recipe.yaml").write_text('format: 1\nevaluation: {split: "<to fill: name of the split>"}\n')
    result = check(Bundle.open(tmp_path))
    assert [f.code for f in result.findings if f.places[0].path == ("evaluation", "split")] == ["SCH003"]


def test_what_keeps_a_selected_rule_from_looking_is_told(tmp_path):
    (tmp_path / "README.md").write_text("---\na: [\n---\n")
    result = check(Bundle.open(tmp_path), Settings(("CARD101",)))
    assert [finding.code for finding in result.findings] == ["SCH001"]
    assert exit_code(result) == 1
