"""Whole files are read once, shared out among workers, and never where that was not wanted."""

import hashlib
import json
import os
import sys

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.readers.document import Unreadable
from auditor.rules import content, sweeps
from auditor.rules import contents as contents_module
from auditor.rules.content import SKIPPED
from auditor.rules.contents import Contents, read_ahead, stated
from auditor.rules.registry import needed
from tests.layers import safetensors


def shard(names, fill=b"\x01\x02\x03\x3c", count=64):
    header = {
        name: {"dtype": "F32", "shape": [8, count // 8], "data_offsets": [i * 4 * count, (i + 1) * 4 * count]}
        for i, name in enumerate(names)
    }
    return safetensors(json.dumps(header), fill * count * len(names))


@pytest.fixture
def lay(tmp_path):
    """`lay({path: bytes})`: the bundle with these files, and a list of the digests of some of them."""

    def make(files, listed=(), **options):
        for path, raw in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(raw)
        lines = [f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in listed]
        (tmp_path / "SHA256SUMS").write_text("".join(lines) or "\n")
        return Bundle.open(tmp_path, **options)

    return make


@pytest.fixture(params=["inline", "threads"])
def either_way(request, monkeypatch):
    if request.param == "threads":
        monkeypatch.setattr(sweeps, "VECTOR_FROM_BYTES", 0)
        monkeypatch.setattr(sweeps, "workers", lambda: 3)
        monkeypatch.setattr(sweeps, "PART_BYTES", 300)


FILES = {
    "a.safetensors": shard(["a.0", "a.1", "a.2", "a.3"]),
    "b.safetensors": shard(["b"]),
    "data.bin": os.urandom(5000),
    "README.md": b"# model\n",
}


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("listed", [(), tuple(FILES), ("a.safetensors",)])
def test_a_digest_is_that_of_hashlib_whatever_else_is_read(lay, path, listed):
    bundle = lay(FILES, listed)
    assert content.sha256(bundle, path) == hashlib.sha256(FILES[path]).hexdigest()


@pytest.mark.usefixtures("either_way")
def test_every_tensor_has_its_account(lay):
    contents = needed(lay(FILES, tuple(FILES)), "contents")
    told = {tensor.name: tally.head[:4] for _, tensor, tally in contents.each()}
    assert told == dict.fromkeys(["a.0", "a.1", "a.2", "a.3", "b"], b"\x01\x02\x03\x3c")


@pytest.mark.usefixtures("either_way")
def test_digests_and_accounts_come_from_one_pass(lay, monkeypatch):
    opened = []
    bundle = lay(FILES, tuple(FILES))
    contents = needed(bundle, "contents")
    stated(bundle)
    real = sweeps.sweep
    monkeypatch.setattr(
        sweeps, "sweep", lambda path, *rest, **how: opened.append(path) or real(path, *rest, **how)
    )
    monkeypatch.setattr(sweeps, "PART_BYTES", 2**20)
    assert list(contents.each())
    for path in FILES:
        content.sha256(bundle, path)
    assert sorted(opened) == sorted(FILES)


def test_a_digest_of_a_text_reads_no_weights(lay):
    bundle = lay(FILES, ("README.md", "a.safetensors"))
    content.sha256(bundle, "README.md")
    assert sorted(bundle.swept) == ["README.md"]


def test_what_is_stated_is_what_lists_and_manifests_name(lay):
    item = {"@type": "cr:FileObject", "contentUrl": "data.bin", "sha256": "0" * 64}
    manifest = json.dumps({"distribution": [item, {**item, "contentUrl": "gone"}]}).encode()
    bundle = lay({**FILES, "croissant.json": manifest}, ("a.safetensors",))
    assert stated(bundle) == {"a.safetensors", "data.bin"}


def test_a_change_of_another_file_keeps_what_was_read(lay):
    bundle = lay(FILES, ("a.safetensors",))
    list(needed(bundle, "contents").each())
    other = bundle.with_contents({"README.md": b"# other\n"})
    assert other.swept["a.safetensors"] is bundle.swept["a.safetensors"]
    assert content.sha256(other, "README.md") == hashlib.sha256(b"# other\n").hexdigest()


@pytest.mark.parametrize(
    "header",
    [
        {"x": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}},
        {"x": {"dtype": "F31", "shape": [2], "data_offsets": [0, 8]}},
        {"x": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}},
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}},
    ],
)  # fmt: skip
def test_tensors_that_do_not_fit_are_not_read_and_others_are(lay, header):
    bundle = lay({"a.safetensors": safetensors(json.dumps(header), bytes(8)), "b.safetensors": shard(["b"])})
    each = needed(bundle, "contents").each()
    assert next(each)[1].name == "b"
    with pytest.raises(Unreadable, match="do not fit its bytes"):
        next(each)


def test_a_file_that_vanishes_is_told(lay, tmp_path):
    bundle = lay(FILES)
    bundle.get("weights")
    (tmp_path / "a.safetensors").unlink()
    result = check(bundle, Settings(select=("WGT201",)))
    assert result.outcomes[0].state == "not checked"
    assert "`a.safetensors` could not be read" in result.outcomes[0].reason


def test_a_file_that_is_not_there_has_no_digest(lay):
    with pytest.raises(Unreadable, match="no such file"):
        content.sha256(lay(FILES), "gone")


def test_same_compares_all_bytes(lay):
    files = {
        "a.safetensors": shard(["x"]),
        "b.safetensors": shard(["x"]),
        "c.safetensors": shard(["x"])[:-1] + b"\0",
    }
    bundle = lay(files)
    contents = needed(bundle, "contents")
    a, b, c = [(file, file.tensors[0]) for file in bundle.get("weights")]
    assert contents.same(a, b)
    assert not contents.same(a, c)


def test_without_content_nothing_is_read_from_end_to_end(lay):
    bundle = lay(FILES, tuple(FILES), content=False)
    outcomes = {outcome.code: outcome for outcome in check(bundle).outcomes}
    for code in ("WGT201", "WGT202", "WGT205", "WGT209"):
        assert (outcomes[code].state, outcomes[code].reason) == ("not checked", SKIPPED)
    for code in ("WGT001", "WGT013", "WGT025"):
        assert outcomes[code].state == "passed"
    assert SKIPPED in outcomes["SEC311"].reason
    assert bundle.swept == {}
    with pytest.raises(Unreadable, match="--no-content"):
        content.sha256(bundle, "data.bin")
    with pytest.raises(Unreadable, match="--no-content"):
        content.count_lines(bundle, "README.md")
    assert content.head(bundle, "README.md") == b"# model\n"


def test_a_crash_of_a_worker_is_raised(lay, monkeypatch):
    monkeypatch.setattr(sweeps, "VECTOR_FROM_BYTES", 0)
    monkeypatch.setattr(sweeps, "sweep", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        content.sha256(lay(FILES), "data.bin")


@pytest.mark.parametrize(("listed", "n_jobs"), [((), 4), (("a.safetensors",), 1)])
def test_tensors_of_one_file_are_shared_out_unless_it_is_hashed(lay, monkeypatch, listed, n_jobs):
    monkeypatch.setattr(sweeps, "PART_BYTES", 200)
    monkeypatch.setattr(sweeps, "VECTOR_FROM_BYTES", 0)
    jobs = []
    monkeypatch.setattr(sweeps, "_share", lambda bundle, pending: jobs.extend(pending) or [])
    Contents(lay({"a.safetensors": FILES["a.safetensors"]}, listed))._read_all()
    assert len(jobs) == n_jobs
    assert sum(job.looked_bytes for job in jobs) == 4 * 4 * 64


@pytest.fixture
def ahead(monkeypatch):
    monkeypatch.setattr(contents_module, "READ_AHEAD_FROM_BYTES", 0)
    monkeypatch.setattr(contents_module, "workers", lambda: 2)


def outcomes(result):
    return [(outcome.code, outcome.state, outcome.reason) for outcome in result.outcomes]


@pytest.mark.usefixtures("ahead", "either_way")
def test_reading_ahead_finds_the_same(lay, monkeypatch):
    files = {
        **FILES,
        "c.safetensors": shard(["c"], fill=b"\xff\xff\xff\xff"),
        "d.safetensors": shard(["d"], fill=bytes(4)),
    }
    interval = sys.getswitchinterval()
    first = check(lay(files, tuple(files)))
    assert sys.getswitchinterval() == interval
    monkeypatch.setattr(contents_module, "READ_AHEAD_FROM_BYTES", 2**60)
    second = check(lay(files, tuple(files)))
    assert first.findings == second.findings
    assert outcomes(first) == outcomes(second)
    assert "WGT201" in {finding.code for finding in first.findings}


@pytest.mark.usefixtures("ahead")
def test_a_crash_while_reading_ahead_is_a_crash_of_the_rule_that_waits(lay, monkeypatch):
    monkeypatch.setattr(sweeps, "sweep", lambda *_, **__: 1 / 0)
    found = {finding.code for finding in check(lay(FILES, tuple(FILES))).findings}
    assert "META001" in found


@pytest.mark.usefixtures("ahead")
@pytest.mark.parametrize("settings", [Settings(select=("CARD",)), Settings(ignore=("WGT",))])
def test_nothing_is_read_ahead_where_not_all_rules_run(lay, settings):
    bundle = lay({path: raw for path, raw in FILES.items() if path != "data.bin"})
    check(bundle, settings)
    assert bundle.swept == {}


@pytest.mark.usefixtures("ahead")
def test_nothing_is_read_ahead_without_content(lay):
    bundle = lay(FILES, content=False)
    read_ahead(bundle)
    assert bundle.swept == {}
