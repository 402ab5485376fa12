"""`fmaudit sign BUNDLE --key key.pem`: a signature over the files of a release, in the format of OpenSSF."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING

import click

from auditor.errors import CannotRun, UsageError

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.signing.keys import Signer
    from auditor.signing.statement import Resource

SIGNATURE = "model.sig"
PASSWORD = "FMAUDIT_KEY_PASSWORD"  # noqa: S105  the name of a variable
# What model-signing 1.1.1 leaves out too (hashing.py, Config.hash), so that both sign the same files.
GIT = (".git", ".gitattributes", ".github", ".gitignore")
DOWNLOADS = ".cache/huggingface"  # written by `hf download --local-dir`, and never uploaded


@click.command("sign", epilog="Make a key: openssl ecparam -name prime256v1 -genkey -noout -out key.pem")
@click.argument("bundle", type=click.Path())
@click.option(
    "--key", required=True, metavar="PEM", help="Private key: elliptic curve P-256, P-384 or P-521."
)
@click.option("--output", metavar="PATH", help=f"Where the signature goes; by default {SIGNATURE} in BUNDLE.")
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="PATH",
    help="File or folder of BUNDLE to leave out; repeatable.",
)
@click.option("--force", is_flag=True, help="Replace a signature that is there.")
def command(bundle: str, key: str, output: str | None, ignored: tuple[str, ...], force: bool) -> int:
    """Sign every file of the release in the folder BUNDLE, as OpenSSF model signing 1.0 (OMS) does.

    Run `fmaudit check` first: what is signed is what lies there, faults and all. Git's own files, the
    signature and links are not signed; a link is refused. An encrypted key takes its password from
    FMAUDIT_KEY_PASSWORD or asks for it. Whoever has the public key can verify with
    `fmaudit check BUNDLE --trust-key signer.pem`, or with the package model-signing.
    """
    from auditor.bundle import Bundle
    from auditor.commands.new_file import refuse_what_is_no_file, write_new
    from auditor.commands.output import put
    from auditor.signing import envelope, statement

    opened = Bundle.open(bundle)
    place = Path(output) if output is not None else opened.root / SIGNATURE
    refuse_what_is_no_file(place, str(place))
    if place.exists():
        _refuse_to_replace(place, key, force=force)
    by = _signer(key, opened)
    left_out = [*_left_out(opened, ignored), *_own(opened, place)]
    resources = _resources(opened, left_out)
    payload = statement.written(opened.name, resources, left_out)
    if _listing(Bundle.open(bundle)) != _listing(opened):
        raise CannotRun("the folder changed while it was signed", where=bundle, help="run it again")
    write_new(place, envelope.written(payload, by.sign(payload), by.fingerprint))
    signed = {resource.path for resource in resources}
    size = sum(file.size_bytes for file in opened.files if file.path in signed)
    put(f"signed {len(resources)} file{'' if len(resources) == 1 else 's'} of {size:,} bytes\n")
    put("".join(f"  left out: {path}\n" for path in sorted(ignored)))
    put(f"  key: {by.fingerprint}\nwrote {place}\n")
    put(f"next: fmaudit check {bundle} --trust-key signer.pem, with the public half of {key}\n")
    return 0


def _refuse_to_replace(place: Path, key: str, *, force: bool) -> None:
    """What lies at the place is a signature, and may be replaced.

    Raises:
        UsageError: it is something else, such as the key; or it is a signature, without `force`.
    """
    from auditor.rules.stated import SIGNATURE_ENDINGS

    is_key = Path(key).exists() and place.samefile(key)
    if is_key or not place.name.endswith(SIGNATURE_ENDINGS):
        what = "this is the private key" if is_key else "a file that is no signature is there"
        raise UsageError(what, where=str(place), help=f"name another file, such as {SIGNATURE}")
    if not force:
        raise UsageError("a signature is there already", where=str(place), help="`--force` replaces it")


def _signer(key: str, bundle: Bundle) -> Signer:
    """The private key, decrypted.

    Raises:
        UsageError: as `keys.signer`; it lies in the bundle; or it needs a password and none is to be had.
    """
    from auditor.signing.keys import PasswordNeeded, signer

    if _inside(bundle, key) is not None:
        raise UsageError(
            "the private key lies in the release", where=key, help="keep it elsewhere, and never ship it"
        )
    password = os.environ.get(PASSWORD)
    try:
        return signer(key, password.encode() if password else None)
    except PasswordNeeded as error:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError(
                "the key is encrypted", where=key, help=f"put its password into {PASSWORD}"
            ) from error
    asked = click.prompt(f"Password of {key}", hide_input=True, err=True)
    return signer(key, str(asked).encode())


def _left_out(bundle: Bundle, ignored: tuple[str, ...]) -> Iterator[str]:
    """What is not signed, as paths of the bundle: git's, what downloads leave, and what the user named."""
    yield from GIT
    for folder, folders, files in os.walk(bundle.root):
        if ".git" in (*folders, *files) and Path(folder) != bundle.root:  # of a repository inside
            yield (Path(folder) / ".git").relative_to(bundle.root).as_posix()
        folders[:] = [name for name in folders if name != ".git"]
    if any(file.path.startswith(f"{DOWNLOADS}/") for file in bundle.files):
        yield DOWNLOADS
    for path in ignored:
        plain = normpath(path.replace(os.sep, "/"))
        if not any(file.path == plain or file.path.startswith(f"{plain}/") for file in bundle.files):
            raise UsageError(
                f"`{path}` is not in the bundle", where="--ignore", help="write it relative to the bundle"
            )
        yield plain


def _own(bundle: Bundle, place: Path) -> Iterator[str]:
    """The signature itself, where it goes into the bundle."""
    inside = _inside(bundle, str(place.parent))
    if inside is not None:
        yield normpath(f"{inside}/{place.name}")


def _inside(bundle: Bundle, path: str) -> str | None:
    """The path relative to the bundle, None where it lies elsewhere."""
    root, real = os.path.realpath(bundle.root), os.path.realpath(path)
    relative = os.path.relpath(real, root).replace(os.sep, "/")
    return None if relative == ".." or relative.startswith("../") else relative


def _resources(bundle: Bundle, left_out: list[str]) -> list[Resource]:
    """Every file to sign with its digest.

    Raises:
        CannotRun: a folder or a file cannot be read, something is no plain file or has a name that is not
            UTF-8, or nothing is left to sign.
    """
    from concurrent.futures import ThreadPoolExecutor

    from auditor.signing.statement import Statement

    if bundle.faults:
        path, fault = bundle.faults[0]
        raise CannotRun(fault.what, where=f"{bundle.root}/{path}", help=fault.help)
    for file in bundle.files:
        where = f"{bundle.root}/{file.path}"
        if not file.is_regular:  # model-signing refuses links too, also those that it would leave out
            what = "a link cannot be signed" if file.is_link else "this is no plain file and cannot be signed"
            raise CannotRun(what, where=where, help="put the file itself there, or take it away")
        if bundle.system_name(file.path) != file.path:
            raise CannotRun("a name that is not UTF-8 cannot be signed", where=where, help="rename the file")
    signed = Statement("", (), tuple(left_out))
    paths = [file.path for file in bundle.files if not signed.leaves_out(file.path)]
    if not paths:
        raise CannotRun("no file is left to sign", where=str(bundle.root), help="ignore less")
    with ThreadPoolExecutor() as pool:  # hashlib lets other threads run
        return list(pool.map(lambda path: _resource(bundle, path), paths))


def _resource(bundle: Bundle, path: str) -> Resource:
    import hashlib

    from auditor.readers.document import Unreadable
    from auditor.rules.content import blocks
    from auditor.signing.statement import Resource

    digest = hashlib.sha256()
    try:
        for block in blocks(bundle, path):
            digest.update(block)
        return Resource(path, "sha256", digest.hexdigest())
    except Unreadable as error:
        raise CannotRun(error.what, where=f"{bundle.root}/{path}", help=error.help) from error


def _listing(bundle: Bundle) -> list[tuple[str, int, int]]:
    return [(file.path, file.size_bytes, file.mode) for file in bundle.files]
