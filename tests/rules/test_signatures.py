"""What is said of signatures that are missing, doubtful, of another kind, or partial."""

import os

import pytest

from auditor.bundle import Bundle
from auditor.cli import run
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.signing.keys import trusted
from tests import signed


@pytest.fixture
def release(tmp_path):
    folder = tmp_path / "release"
    (folder / "results").mkdir(parents=True)
    for name in ("model.bin", "modeling.py", "README.md", "config.json", "results/test.json"):
        (folder / name).write_text(f"this is {name}")
    return folder


@pytest.fixture
def key(tmp_path):
    return signed.write_keys(tmp_path)[1]


def outcomes(folder, *keys):
    """State or findings by code of the rules on signatures."""
    bundle = Bundle.open(folder)
    bundle.trusted_keys = trusted(keys, folder)
    result = check(bundle, Settings(("SEC30", "SEC310")), isolate=False)
    messages = {finding.code: finding.message for finding in result.findings}
    return {each.code: messages.get(each.code, each.state) for each in result.outcomes}


def test_a_release_that_is_not_signed_is_told_as_such_and_has_no_finding(release):
    assert set(outcomes(release).values()) == {"not applicable"}


def test_a_release_that_is_not_signed_fails_where_a_key_is_trusted(release, key):
    assert outcomes(release, key)["SEC303"] == "the release is not signed, and a trusted key was given"


def test_a_signature_that_is_taken_away_or_broken_fails_where_a_key_is_trusted(release, key):
    (release / "model.sig").write_text("{}")
    found = outcomes(release, key)
    assert "SEC301" in found["SEC303"]
    assert found["SEC305"] == "not checked"


def test_a_signed_release_passes_with_the_key_and_is_told_without(release, key):
    signed.lay(release, release / "model.sig")
    assert set(outcomes(release, key).values()) == {"passed"}
    found = outcomes(release)
    assert found.pop("SEC304").startswith("the signature by the key `429bce97")
    assert {found.pop(code) for code in ("SEC303", "SEC308", "SEC310")} == {"not applicable"}
    assert set(found.values()) == {"passed"}


OTHER_KINDS = {
    "OpenPGP": b"-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n",
    "OpenPGP, packed": b"\x89\x02\x33\x04\x00",
    "ssh": b"-----BEGIN SSH SIGNATURE-----\n",
    "minisign": b"untrusted comment: x\n",
}


@pytest.mark.parametrize("raw", OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_a_signature_of_another_kind_is_no_fault_and_not_checked(release, key, raw):
    (release / "model.sig").write_bytes(raw)
    found = outcomes(release)
    assert found["SEC301"] == "passed"
    assert found["SEC304"] == found["SEC305"] == "not checked"
    assert "another kind" in outcomes(release, key)["SEC303"]


def test_a_signature_under_another_name_is_found_and_those_of_single_files_are_not(release, key):
    signed.lay(release, release / "vendor.sig")
    (release / "model.bin.sig").write_bytes(b"\x89\x02\x33")
    (release / "model.bin.sigstore.json").write_text('{"mediaType": "x", "messageSignature": {}}')
    assert set(outcomes(release, key).values()) == {"passed"}


def test_of_two_signatures_the_trusted_one_counts(release, key, tmp_path):
    signed.lay(
        release,
        release / "model.sig",
        files={"config.json": "00" * 32},
        key=signed.write_keys(tmp_path, "b", secret=7)[0],
    )
    signed.lay(release, release / "vendor.sig")
    assert set(outcomes(release, key).values()) == {"passed"}
    assert "config.json" not in outcomes(release)["SEC304"]
    assert "signed was 000000" in outcomes(release)["SEC305"]


def test_not_more_than_eight_signatures_are_looked_at(release):
    for number in range(20):
        signed.lay(release, release / f"{number:02}.sig", files={"config.json": "00" * 32})
    bundle = Bundle.open(release)
    assert len(check(bundle, Settings(("SEC304",)), isolate=False).findings) == 8


def test_what_is_added_is_an_error_where_a_loader_may_take_it(release, key):
    signed.lay(release, release / "model.sig", files={"modeling.py": None, "README.md": None})
    found = outcomes(release, key)
    assert "trusted key signed" in found["SEC308"]
    assert "those that were signed" in found["SEC307"]
    assert outcomes(release)["SEC308"] == "not applicable"


def test_code_named_like_a_licence_is_an_error_beside_a_trusted_signature(release, key):
    signed.lay(release, release / "model.sig")
    (release / "license.py").write_text("")
    assert "trusted key signed" in outcomes(release, key)["SEC308"]


def test_what_may_come_after_a_signature_is_silent(release, key):
    signed.lay(release, release / "model.sig")
    for name in ("SHA256SUMS", "sbom.cdx.json", "x.intoto.jsonl", "model.bin.asc"):
        (release / name).write_text("x")
    (release / ".cache" / "huggingface" / "download").mkdir(parents=True)
    (release / ".cache" / "huggingface" / "download" / "config.json.metadata").write_text("x")
    assert set(outcomes(release, key).values()) == {"passed"}


def test_weights_and_code_that_are_left_out_are_named(release, key):
    signed.lay(release, release / "model.sig", ignore=["model.bin", "modeling.py"])
    assert outcomes(release, key)["SEC309"] == "the signature leaves out `model.bin` and 1 more"
    signed.lay(release, release / "model.sig", ignore=["results", "README.md"])
    assert outcomes(release, key)["SEC309"] == "passed"


def test_everything_left_out_is_named(release, key):
    from auditor.signing import statement

    payload = statement.written(
        "m", [statement.Resource("README.md", "sha256", signed.digests(release)["README.md"])], ["."]
    )
    signed.lay_payload(release / "model.sig", payload)
    assert outcomes(release, key)["SEC309"] == "the signature leaves out `model.bin` and 1 more"


def exchanged(release, how, tmp_path):
    """The configuration is not what was signed, in a way that cannot be compared."""
    config = release / "config.json"
    if how == "a pointer":
        config.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n")
        return
    config.rename(tmp_path / "config.json")
    if how == "a pipe":
        os.mkfifo(config)
    else:
        config.symlink_to("../config.json" if how == "a link out" else "README.md")


@pytest.mark.parametrize("how", ["a pointer", "a link out", "a link", "a pipe"])
def test_what_cannot_be_compared_is_not_checked_and_an_error_where_a_key_is_trusted(
    release, key, tmp_path, how
):
    signed.lay(release, release / "model.sig")
    exchanged(release, how, tmp_path)
    assert outcomes(release)["SEC305"] == "not checked"
    found = outcomes(release, key)
    assert found["SEC306"] == "passed"
    assert found["SEC310"].startswith("not held against its signature")


def test_without_contents_a_trusted_key_fails(release, key):
    signed.lay(release, release / "model.sig")
    bundle = Bundle.open(release, content=False)
    bundle.trusted_keys = trusted((key,), release)
    result = check(bundle, Settings(("SEC310",)), isolate=False)
    assert len(result.findings) == 5


def test_another_hash_than_sha256_is_computed_and_obeys_no_content(release, key):
    from hashlib import blake2b

    from auditor.signing import statement

    digest = blake2b((release / "model.bin").read_bytes()).hexdigest()
    payload = statement.written("m", [statement.Resource("model.bin", "blake2b", digest)], ["."])
    signed.lay_payload(release / "model.sig", payload)
    assert outcomes(release, key)["SEC310"] == "passed"
    bundle = Bundle.open(release, content=False)
    bundle.trusted_keys = trusted((key,), release)
    assert len(check(bundle, Settings(("SEC310",)), isolate=False).findings) == 1


def test_the_command_takes_keys_and_fails_closed(release, key, tmp_path, capsys):
    signed.lay(release, release / "model.sig")
    other = signed.write_keys(tmp_path, "other", secret=7)[1]
    only = ["--select", "SEC30"]
    assert run(["check", str(release), *only, "--trust-key", key]) == 0
    assert run(["check", str(release), *only, "--trust-key", other]) == 1
    assert run(["check", str(release), *only, "--trust-key", other, "--trust-key", key]) == 0
    assert run(["check", str(release), *only, "--trust-key", "nowhere.pem"]) == 2
    assert run(["check", str(release), *only, "--trust-key", str(release / "config.json")]) == 2
    assert "lies in the bundle" in capsys.readouterr().err


def test_a_release_cannot_talk_a_trusted_key_away(release, key):
    (release / "model.sig").write_text("{}")
    (release / "fmaudit.yaml").write_text(
        "release: x\ncheck:\n  ignore:\n    - {rule: SEC303, reason: because, until: 2999-01-01}\n  select: [MET]\n"
    )
    assert run(["check", str(release), "--trust-key", key]) == 1
