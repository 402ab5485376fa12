"""Fixes are applied round by round; what would break a file, bring an error or mend nothing is taken back."""

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.engine import fixes, run
from auditor.engine.fixes import MAX_ROUNDS, MAX_TRIALS, mend
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.model import Edit, Fix, Place, Rule, Span
from auditor.rules import load
from tests.layers import lay_good


def word_rule(code, word, instead, *, level="warning", safety="safe"):
    """A made-up rule that finds a word in the lines of notes.yaml and writes another in its place."""

    def wrong_word(bundle):
        text = bundle.read_bytes("notes.yaml").decode().replace("\ufeff", "")
        for number, line in enumerate(text.splitlines(), 1):
            for found in re.finditer(word, line):
                span = Span("notes.yaml", number, found.start() + 1, number, found.end() + 1)
                place = Place("notes.yaml", (f"{word} {number}",), span=span)
                fix = None if instead is None else Fix(f"write {instead}", (Edit(place, instead),), safety)
                yield place.says(f"`{word}` stands here", fix=fix)

    return Rule(code, "wrong-word", level, "sure", None, ("bundle",), (), wrong_word)


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """`notes(text, rule, ...)`: what comes of mending notes.yaml by made-up rules alone."""

    def mended(text, *rules, unsafe=False):
        table = {rule.code: rule for rule in rules}
        table |= {code: rule for code, rule in load().items() if rule.family == "META"}
        monkeypatch.setattr(run, "load", lambda: table)
        monkeypatch.setattr(fixes, "load", lambda: table)
        (tmp_path / "notes.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        result = mend(Bundle.open(tmp_path), check, unsafe=unsafe)
        return result, result.after.get("notes.yaml", b"").decode()

    return mended


def codes(result):
    return [finding.code for finding in result.fixed], [each.finding.code for each in result.refused]


def test_every_place_is_mended_in_one_go(notes):
    result, text = notes("a: bad, bad\nb: bad\n", word_rule("REC901", "bad", "good"))
    assert text == "a: good, good\nb: good\n"
    assert codes(result) == (["REC901"] * 3, [])
    assert result.result.findings == ()


def test_nothing_is_written(notes, tmp_path):
    notes("a: bad\n", word_rule("REC901", "bad", "good"))
    assert (tmp_path / "notes.yaml").read_text() == "a: bad\n"


def test_where_nothing_is_found_nothing_changes(notes):
    result, _ = notes("a: fine\n", word_rule("REC901", "bad", "good"))
    assert (result.before, result.after, result.fixed) == ({}, {}, ())


def test_unsafe_fixes_wait_until_they_are_asked_for(notes):
    rule = word_rule("REC901", "bad", "good", safety="unsafe")
    assert notes("a: bad\n", rule)[0].after == {}
    assert notes("a: bad\n", rule, unsafe=True)[1] == "a: good\n"


def test_of_fixes_that_overlap_one_waits_for_the_next_round(notes):
    result, text = notes(
        "a: badly\n", word_rule("REC901", "badly", "well"), word_rule("REC902", "bad", "good")
    )
    assert codes(result) in ((["REC901"], []), (["REC902"], []))
    assert text in ("a: well\n", "a: goodly\n")


def test_a_fix_may_make_another_possible(notes):
    result, text = notes("a: one\n", word_rule("REC901", "one", "two"), word_rule("REC902", "two", "three"))
    assert text == "a: three\n"
    assert codes(result) == (["REC901", "REC902"], [])


def test_rules_that_undo_each_other_come_to_an_end(notes):
    result, _ = notes("a: one\n", word_rule("REC901", "one", "two"), word_rule("REC902", "two", "one"))
    assert len(result.fixed) == MAX_ROUNDS


def test_a_fix_that_breaks_the_file_is_taken_back_and_the_others_stay(notes):
    text = "".join(f"k{number}: bad\n" for number in range(20)) + "x: evil\n"
    result, after = notes(
        text, word_rule("REC901", "bad", "good"), word_rule("REC902", "evil", "[never closed")
    )
    assert after == text.replace("bad", "good")
    assert codes(result) == (["REC901"] * 20, ["REC902"])
    assert "could not be read any more" in result.refused[0].reason
    assert [finding.code for finding in result.result.findings] == ["REC902"]


def test_a_fix_that_mends_nothing_is_taken_back(notes):
    result, after = notes(
        "a: bad\nb: evil\n", word_rule("REC901", "bad", "good"), word_rule("REC902", "evil", "evil too")
    )
    assert after == "a: good\nb: evil\n"
    assert codes(result) == (["REC901"], ["REC902"])
    assert result.refused[0].reason == "REC902 would still be found"


def test_a_fix_that_changes_nothing_is_not_tried(notes):
    result, _ = notes("a: bad\n", word_rule("REC901", "bad", "bad"))
    assert (codes(result), result.after) == (([], []), {})


def test_a_fix_that_brings_an_error_is_taken_back(notes):
    rules = (
        word_rule("REC901", "bad", "good"),
        word_rule("REC902", "evil", "worse"),
        word_rule("REC903", "worse", None, level="error"),
    )
    result, after = notes("a: bad\nb: evil\n", *rules)
    assert after == "a: good\nb: evil\n"
    assert result.refused[0].reason == "it would bring REC903: `worse` stands here"


def test_a_fix_may_bring_a_warning(notes):
    rules = word_rule("REC902", "evil", "worse"), word_rule("REC903", "worse", None)
    assert notes("b: evil\n", *rules)[1] == "b: worse\n"


def test_errors_of_rules_that_were_not_selected_count_too(notes, tmp_path):
    rules = word_rule("REC902", "evil", "worse"), word_rule("REC903", "worse", None, level="error")
    notes("b: evil\n", *rules)
    chosen = Settings(("REC902",))
    result = mend(Bundle.open(tmp_path), lambda bundle: check(bundle, chosen))
    assert codes(result) == ([], ["REC902"])


def test_many_bad_fixes_end_the_search(notes):
    text = "".join(f"k{number}: {'evil' if number % 2 else 'bad'}\n" for number in range(160))
    result, after = notes(text, word_rule("REC901", "bad", "good"), word_rule("REC902", "evil", "evil too"))
    assert "evil too" not in after
    assert len(result.refused) + len(result.fixed) == 160
    assert any("too many" in each.reason for each in result.refused)


def test_a_rule_with_more_findings_than_are_listed_is_mended_round_by_round(notes):
    text = "".join(f"k{number}: bad\n" for number in range(2500))
    result, after = notes(text, word_rule("REC901", "bad", "good", level="error"))
    assert after == text.replace("bad", "good")
    assert len(result.fixed) == 2500


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_a_character_is_not_written(notes, text):
    assert notes("a: bad\n", word_rule("REC901", "bad", text))[0].after == {}


def test_an_edit_that_lies_outside_the_file_is_not_applied(notes):
    def outside(bundle):
        place = Place("notes.yaml", span=Span("notes.yaml", 7, 1, 7, 2))
        yield place.says("odd", fix=Fix("x", (Edit(place, "x"),)))

    result, _ = notes("a: bad\n", Rule("REC901", "outside", "error", "sure", None, ("bundle",), (), outside))
    assert (codes(result), result.after) == (([], []), {})


@pytest.mark.parametrize(
    "file", ["missing.yaml", "../notes.yaml", "/etc/passwd", "link.yaml", "data", "binary.yaml"]
)
def test_what_is_no_text_of_the_bundle_is_not_changed(notes, tmp_path, file):
    (tmp_path / "data").mkdir()
    (tmp_path / "real.txt").write_text("real\n")
    (tmp_path / "link.yaml").symlink_to("real.txt")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")

    def elsewhere(bundle):
        place = Place(file, span=Span(file, 1, 1, 1, 2))
        yield place.says("odd", fix=Fix("x", (Edit(place, "x"),)))

    result, _ = notes(
        "a: bad\n", Rule("REC901", "elsewhere", "error", "sure", None, ("bundle",), (), elsewhere)
    )
    assert (codes(result), result.after) == (([], []), {})


def test_the_edits_of_one_fix_are_applied_together_or_not_at_all(notes, tmp_path):
    (tmp_path / "other.yaml").write_text("b: bad\n")

    def both(bundle):
        if b"bad" in bundle.read_bytes("other.yaml"):
            here, there = (Place(file, span=Span(file, 1, 4, 1, 7)) for file in ("notes.yaml", "other.yaml"))
            yield here.says("bad in two", fix=Fix("x", (Edit(here, "good"), Edit(there, "[good"))))

    result, _ = notes("a: bad\n", Rule("REC901", "both", "error", "sure", None, ("bundle",), (), both))
    assert (codes(result), result.after) == (([], ["REC901"]), {})


def test_a_file_that_changed_since_it_was_checked_is_left_alone(tmp_path):
    folder = lay_good(tmp_path / "release")
    recipe = folder / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("determinism", "determinsm"))
    bundle = Bundle.open(folder)
    bundle.read_all()
    recipe.write_text("format: 1\n" + recipe.read_text())
    assert mend(bundle, check).after == {}


def test_the_bundle_that_is_answered_is_the_one_that_would_be_read_from_the_disk(tmp_path):
    folder = lay_good(tmp_path / "release")
    (folder / "recipe.yaml").write_text((folder / "recipe.yaml").read_text().replace("epochs", "epoch"))
    result = mend(Bundle.open(folder), check)
    for path, raw in result.after.items():
        (folder / path).write_bytes(raw)
    again = Bundle.open(folder)
    assert [dataclasses.astuple(file) for file in result.bundle.files] == [
        dataclasses.astuple(file) for file in again.files
    ]
    assert result.result.findings == check(again).findings
    assert result.bundle.document("recipe.yaml").value == again.document("recipe.yaml").value


SLIPS = {
    "epochs: ": "epoch: ",
    "determinism: strict": "determinism: Strict",
    "lr: 0.001": "lr: 1e-3",
    "divide_by: ": "'divide_byy': ",
    "kind: adam": "kind: Adam",
    "python: ": '"Python": ',
}
RIGHT = SLIPS | {"lr: 0.001": "lr: 1.0e-3", "divide_by: ": "'divide_by': ", "python: ": '"python": '}


@settings(deadline=None, max_examples=30)
@given(
    st.sets(st.sampled_from(sorted(SLIPS))),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs"))),
    st.booleans(),
)
def test_a_fix_keeps_every_other_byte(tmp_path_factory, slips, end, mark, remark, last):
    folder = lay_good(tmp_path_factory.mktemp("any") / "release")
    plain = (folder / "recipe.yaml").read_text()
    texts = []
    for written in (SLIPS, {key: RIGHT[key] if RIGHT[key] != SLIPS[key] else key for key in SLIPS}):
        text = plain
        for right in slips:
            assert right in text
            text = text.replace(right, written[right], 1)
        text = f"# {remark}\n{text}# {remark}" + ("\n" if last else "")
        texts.append((b"\xef\xbb\xbf" if mark else b"") + text.replace("\n", end).encode())
    (folder / "recipe.yaml").write_bytes(texts[0])
    result = mend(Bundle.open(folder), check)
    assert result.after == ({"recipe.yaml": texts[1]} if slips else {})
    assert len(result.fixed) == len(slips)


def test_trials_are_bounded():
    assert MAX_TRIALS <= 100


FILES = ("README.md", "fmaudit.yaml", "recipe.yaml", "config.json", "data/croissant.json")
MUTATION = st.tuples(
    st.sampled_from(FILES),
    st.sampled_from(["drop", "double", "swap case", "double line", "quote", "space"]),
    st.integers(0, 10_000),
)


def mutated(text, how, at):
    at %= len(text)
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at) + 1 or len(text)
    return {
        "drop": text[:at] + text[at + 1 :],
        "double": text[:at] + text[at] + text[at:],
        "swap case": text[:at] + text[at].swapcase() + text[at + 1 :],
        "double line": text[:end] + text[start:end] + text[end:],
        "quote": text[:at] + '"' + text[at:],
        "space": text[:at] + " " + text[at:],
    }[how]


@settings(deadline=None, max_examples=12)
@given(st.lists(MUTATION, min_size=1, max_size=6))
def test_whatever_is_wrong_mending_makes_nothing_worse(tmp_path_factory, mutations):
    folder = lay_good(tmp_path_factory.mktemp("any") / "release")
    for file, how, at in mutations:
        path = folder / file
        path.write_text(mutated(path.read_text(), how, at))
    before = check(Bundle.open(folder)).findings
    result = mend(Bundle.open(folder), lambda bundle: check(bundle, isolate=False), unsafe=True)
    for path, raw in result.after.items():
        (folder / path).write_bytes(raw)
    after = check(Bundle.open(folder)).findings
    assert after == result.result.findings
    errors = [
        {(each.code, each.places[0].path) for each in found if each.level == "error"}
        for found in (before, after)
    ]
    assert errors[1] <= errors[0]
    assert len(after) < len(before) or not result.after
