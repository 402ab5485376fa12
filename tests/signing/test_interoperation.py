"""What one of fmaudit and the package model-signing signs, the other verifies."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from auditor.bundle import Bundle
from auditor.cli import run
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.signing.keys import trusted
from auditor.signing.signature import read
from tests.signed import write_keys

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the packages that model-signing loads
    pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning"),
]
PRECIOUS = {
    "README.md": "# a model\n",
    "config.json": "{}",
    "a/b/weights.bin": "w" * 3000,
    "a-b/c.txt": "sorts before a/ by letters, after it by folders",
    "a/é ü.txt": "x",
    "empty": "",
    ".gitattributes": "*.bin filter=lfs",
    ".gitignore": "x",
    ".git/HEAD": "ref: refs/heads/main",
    ".github/workflows/x.yml": "on: push",
    'quo"te\\back.txt': "x",
}


@pytest.fixture
def model(tmp_path):
    """A folder with all that the two could list differently."""
    for name, text in PRECIOUS.items():
        path = tmp_path / "model" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "model"


@pytest.fixture
def pair(tmp_path):
    return write_keys(tmp_path)


def codes(model, key=None):
    """What the rules on signatures find at the model."""
    bundle = Bundle.open(model)
    bundle.trusted_keys = trusted((key,), model) if key else ()
    result = check(bundle, Settings(("SEC3",)), isolate=False)
    unread = [outcome for outcome in result.outcomes if outcome.state == "not checked"]
    assert not [outcome for outcome in unread if not outcome.reason.startswith("waits for")]
    return sorted(finding.code for finding in result.findings)


def theirs():
    from model_signing import hashing, signing, verifying

    return hashing, signing, verifying


def sign_theirs(model, key, hashes=None):
    _, signing, _ = theirs()
    config = signing.Config().use_elliptic_key_signer(private_key=key)
    hashing = theirs()[0].Config().set_ignored_paths(paths=["model.sig"])
    config.set_hashing_config(hashes(hashing) if hashes else hashing)
    config.sign(model, model / "model.sig")


def verify_theirs(model, key, **options):
    verifying = theirs()[2]
    config = verifying.Config().use_elliptic_key_verifier(public_key=key)
    config.set_ignore_unsigned_files(options.get("ignore_unsigned", False))
    config.verify(model, model / "model.sig")


CURVES = [ec.SECP256R1, ec.SECP384R1, ec.SECP521R1]


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_ours_is_verified_by_theirs(model, tmp_path, curve):
    private, public = write_keys(tmp_path, curve=curve)
    assert run(["sign", str(model), "--key", private]) == 0
    verify_theirs(model, public)


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_theirs_is_verified_by_ours(model, tmp_path, curve):
    private, public = write_keys(tmp_path, curve=curve)
    sign_theirs(model, private)
    assert codes(model, public) == []


def test_both_list_the_same_files_with_the_same_digest_of_the_model(model, pair):
    sign_theirs(model, pair[0])
    their = read("model.sig", (model / "model.sig").read_bytes())
    assert run(["sign", str(model), "--key", pair[0], "--force"]) == 0
    our = read("model.sig", (model / "model.sig").read_bytes())
    assert our.statement.resources == their.statement.resources
    assert sorted(our.statement.ignored) == sorted(their.statement.ignored)
    assert our.envelope.hint == their.envelope.hint


def test_both_leave_out_what_is_ignored(model, pair):
    assert run(["sign", str(model), "--key", pair[0], "--ignore", "a", "--ignore", "config.json"]) == 0
    verify_theirs(model, pair[1])
    (model / "a" / "b" / "weights.bin").write_text("changed")
    verify_theirs(model, pair[1])
    assert codes(model, pair[1]) == ["SEC309"]
    (model / "model.sig").unlink()
    sign_theirs(model, pair[0], lambda config: config.set_ignored_paths(paths=["model.sig", "a"]))
    assert codes(model, pair[1]) == ["SEC309"]


def test_a_repository_inside_is_left_out_so_that_both_agree(model, pair):
    (model / "a" / ".git").mkdir()
    (model / "a" / ".git" / "HEAD").write_text("x")
    assert run(["sign", str(model), "--key", pair[0]]) == 0
    verify_theirs(model, pair[1])
    assert codes(model, pair[1]) == []
    sign_theirs(model, pair[0])  # theirs lists what is in it; ours never looks there
    assert codes(model, pair[1]) == []


@pytest.mark.parametrize(("change", "ours"), [("README.md", "SEC305"), ("a/b/weights.bin", "SEC305")])
def test_a_changed_file_is_found_by_both(model, pair, change, ours):
    assert run(["sign", str(model), "--key", pair[0]]) == 0
    (model / change).write_text("changed")
    assert codes(model, pair[1]) == [ours]
    with pytest.raises(ValueError, match="Hash mismatch"):
        verify_theirs(model, pair[1])


def test_a_missing_and_an_added_file_are_found_by_both(model, pair):
    assert run(["sign", str(model), "--key", pair[0]]) == 0
    (model / "config.json").rename(model / "modeling.py")
    assert codes(model, pair[1]) == ["SEC306", "SEC308"]
    with pytest.raises(ValueError, match="Extra files"):
        verify_theirs(model, pair[1])


def test_an_added_file_is_told_also_where_nobody_is_trusted(model, pair):
    sign_theirs(model, pair[0])
    (model / "added.bin").write_text("x")
    assert codes(model) == ["SEC304", "SEC307"]


@pytest.mark.parametrize("algorithm", ["sha256", "blake2"])
@pytest.mark.parametrize("method", ["file", "shard"])
def test_their_other_digests_are_verified(model, pair, algorithm, method):
    def hashes(config):
        if method == "file":
            return config.use_file_serialization(hashing_algorithm=algorithm)
        return config.use_shard_serialization(hashing_algorithm=algorithm, shard_size=1000)

    sign_theirs(model, pair[0], hashes)
    assert codes(model, pair[1]) == []
    with (model / "a/b/weights.bin").open("r+b") as stream:
        stream.seek(2500)
        stream.write(b"x")
    assert codes(model, pair[1]) == ["SEC305"]
    (model / "a/b/weights.bin").write_text("w" * 3001)
    assert codes(model, pair[1]) == ["SEC305"]


def test_blake3_is_told_as_not_checked(model, pair):
    sign_theirs(model, pair[0], lambda config: config.use_file_serialization(hashing_algorithm="blake3"))
    result = check(Bundle.open(model), Settings(("SEC305",)), isolate=False)
    assert result.outcomes[0].state == "not checked"
    assert "BLAKE3" in result.outcomes[0].reason


def test_another_key_is_refused_by_both(model, tmp_path, pair):
    _, other = write_keys(tmp_path, "other", secret=5)
    assert run(["sign", str(model), "--key", pair[0]]) == 0
    assert codes(model, other) == ["SEC303"]
    with pytest.raises(ValueError, match="Key mismatch"):
        verify_theirs(model, other)


def test_a_signature_over_another_list_is_refused_by_both(model, pair):
    from cryptography.exceptions import InvalidSignature

    assert run(["sign", str(model), "--key", pair[0]]) == 0
    signature = json.loads((model / "model.sig").read_text())
    payload = base64.b64decode(signature["dsseEnvelope"]["payload"])
    signature["dsseEnvelope"]["payload"] = base64.b64encode(payload + b"\n").decode()
    (model / "model.sig").write_text(json.dumps(signature))
    assert codes(model, pair[1]) == ["SEC302"]
    with pytest.raises(InvalidSignature):
        verify_theirs(model, pair[1])


def test_a_link_is_refused_by_both(model, pair, capsys):
    (model / "link").symlink_to("README.md")
    assert run(["sign", str(model), "--key", pair[0]]) == 4
    assert "link cannot be signed" in capsys.readouterr().err
    assert not (model / "model.sig").exists()
    with pytest.raises(ValueError, match="symlink"):
        sign_theirs(model, pair[0])


def test_a_folder_in_another_place_under_another_name_verifies(model, pair, tmp_path):
    assert run(["sign", str(model), "--key", pair[0]]) == 0
    moved = tmp_path / "elsewhere" / "renamed"
    shutil.copytree(model, moved)
    assert codes(moved, pair[1]) == []
    verify_theirs(moved, pair[1])


@pytest.mark.slow
def test_their_command_line_and_ours_agree(model, pair):
    program = Path(sys.executable).with_name("model_signing")
    there = [str(model), "--signature", str(model / "model.sig")]
    assert run(["sign", str(model), "--key", pair[0]]) == 0
    done = subprocess.call([program, "verify", "key", *there, "--public_key", pair[1]])
    assert done == 0
    done = subprocess.call([program, "sign", "key", *there, "--private_key", pair[0]])
    assert done == 0
    assert codes(model, pair[1]) == []
