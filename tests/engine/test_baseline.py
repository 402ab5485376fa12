import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.commands.baseline import _present
from auditor.engine.baseline import read_known, updated
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.errors import UsageError
from auditor.formats.baseline import Known, baseline_text

CARD = "---\nlicense: mit\nlicence: mit\nlicense_name: x\n---\n# A\n\nSee [here](missing.md) and [there](gone.md).\n"


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "README.md").write_text(CARD)
    return folder


def known(folder):
    opened = Bundle.open(folder)
    return _present(opened, check(opened, Settings()))


def checked(folder, file, **changes):
    return check(Bundle.open(folder), Settings(baseline=str(file), **changes))


def test_known_findings_do_not_count_and_are_listed(bundle, tmp_path):
    file = tmp_path / "b.json"
    file.write_text(baseline_text(known(bundle)))
    result = checked(bundle, file)
    assert result.findings == ()
    assert len(result.ignored) == len(known(bundle)) > 2
    assert {one.how for one in result.ignored} == {"baseline"}
    assert {one.by.file for one in result.ignored} == {"b.json"}  # no absolute path in a result
    assert min(one.by.line for one in result.ignored) == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("---\n# A", "tags: [x]\n---\n\n\n\n# A"),
        lambda text: text.replace("---\nlicense: mit\n", "---\ntags: [x]\nlicense: mit\n"),
        lambda text: text.replace("\n", "\r\n"),
    ],
)
def test_a_moved_line_keeps_its_finding_known(bundle, tmp_path, change):
    file = tmp_path / "b.json"
    file.write_text(baseline_text(known(bundle)))
    (bundle / "README.md").write_bytes(change(CARD).encode())
    assert checked(bundle, file).findings == ()


def test_a_new_finding_counts(bundle, tmp_path):
    file = tmp_path / "b.json"
    file.write_text(baseline_text(known(bundle)))
    (bundle / "README.md").write_text(CARD.replace("license_name: x", "license_name: x\nlicenze: y"))
    assert [finding.code for finding in checked(bundle, file).findings] == ["CARD003"]


def test_an_entry_that_no_longer_occurs_is_told(bundle, tmp_path):
    file = tmp_path / "b.json"
    file.write_text(baseline_text(known(bundle)))
    (bundle / "README.md").write_text(CARD.replace("licence: mit\n", ""))
    (stale,) = checked(bundle, file).findings
    assert (stale.code, stale.level) == ("META007", "note")
    assert stale.message == "1 entry of the baseline no longer occurs: `CARD003` in line 4"
    assert "fmaudit baseline" in stale.help


def test_an_entry_of_a_rule_that_did_not_run_is_not_judged(bundle, tmp_path):
    file = tmp_path / "b.json"
    file.write_text(baseline_text(known(bundle)))
    (bundle / "README.md").write_text(CARD.replace("licence: mit\n", ""))
    assert checked(bundle, file, select=("LIC", "META")).findings == ()


def test_a_finding_that_a_comment_ignores_keeps_its_place_among_equals(bundle, tmp_path):
    text = "# A\n\n/home/alice/x\n\n/home/alice/x\n\n/home/alice/x\n"
    (bundle / "README.md").write_text(text)
    equals = [one for one in known(bundle) if one.code == "PRV002"]
    file = tmp_path / "b.json"
    file.write_text(baseline_text(equals[1:]))
    comment = "/home/alice/x <!-- fmaudit: ignore[PRV002]: why -->\n"
    (bundle / "README.md").write_text(text.replace("/home/alice/x\n", comment, 1))
    result = checked(bundle, file, select=("PRV002", "META"))
    assert result.findings == ()
    assert [one.how for one in result.ignored] == ["comment", "baseline", "baseline"]


def test_a_baseline_of_the_release_is_read_inside_the_bundle_alone(bundle, tmp_path):
    inside = Settings(baseline="b.json", baseline_inside=True)
    (bundle / "b.json").write_text(baseline_text(known(bundle)))
    assert check(Bundle.open(bundle), inside).findings == ()
    (bundle / "b.json").unlink()
    (tmp_path / "outside.json").write_text(baseline_text(known(bundle)))
    (bundle / "b.json").symlink_to(tmp_path / "outside.json")
    assert len(check(Bundle.open(bundle), inside).ignored) == 0


@pytest.mark.parametrize(
    ("make", "what", "where"),
    [
        (lambda path: None, "no such baseline", ""),
        (lambda path: path.mkdir(), "no file", ""),
        (lambda path: path.write_text('{\n  "version": 3,\n  "findings": []}'), "`version` is 3", ":2:14"),
        (lambda path: path.write_text("{"), "", ":1:2"),
        (lambda path: path.write_bytes(b"\xff"), "not UTF-8", ":1:1"),
    ],
)
def test_a_broken_baseline_of_the_checker_is_wrong_usage(bundle, tmp_path, make, what, where):
    file = tmp_path / "b.json"
    make(file)
    with pytest.raises(UsageError) as caught:
        checked(bundle, file)
    assert what in caught.value.what
    assert caught.value.where == f"{file}{where}"
    assert caught.value.help


KNOWN = st.builds(
    Known,
    st.sampled_from([f"{n:016x}:1" for n in range(9)]),
    st.sampled_from(["CARD101", "MET001", "GONE001"]),
    st.just("a"),
    st.sampled_from(["old words", "new words"]),
)


@given(st.lists(KNOWN), st.lists(KNOWN), st.sets(st.sampled_from(["CARD101", "MET001"])))
def test_without_leave_to_grow_it_only_shrinks(before, present, judged):
    exist = {"CARD101", "MET001"}
    after = updated(before, present, judged, exist, grow=False)
    occurring = {one.id for one in present}
    assert {one.id for one in after} <= {one.id for one in before}
    assert {one.id for one in before if one.id in occurring} <= {one.id for one in after}
    for one in after:
        assert one.id in occurring or (one.code in exist and one.code not in judged)
    grown = updated(before, present, judged, exist, grow=True)
    assert {one.id for one in grown} == {one.id for one in after} | occurring


LINES = ["tags: [a]", "# a comment", "", "language: en", "widget: [{text: a}]"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(LINES), unique=True), st.integers(0, 5))
def test_what_is_written_around_them_leaves_findings_known(tmp_path_factory, lines, blank):
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "README.md").write_text(CARD)
    select = Settings(("CARD003", "LIC", "CARD2"))
    before = {one.id for one in _known_of(folder, select)}
    front = "".join(f"{line}\n" for line in lines)
    moved = CARD.replace("---\nlicense: mit", f"---\n{front}license: mit").replace(
        "# A\n", "\n" * blank + "# A\n"
    )
    (folder / "README.md").write_text(moved)
    after = {one.id for one in _known_of(folder, select)}
    shutil.rmtree(folder)
    assert before
    assert before == after


def _known_of(folder, chosen):
    opened = Bundle.open(folder)
    return _present(opened, check(opened, chosen))


def test_a_baseline_is_read_up_to_a_size(tmp_path, monkeypatch):
    monkeypatch.setattr("auditor.engine.baseline.MAX_BYTES", 10)
    (tmp_path / "b.json").write_text(baseline_text([]))
    with pytest.raises(UsageError, match="more than 10 bytes"):
        read_known(str(tmp_path / "b.json"))
