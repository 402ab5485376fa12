"""What could run, or reach out of the bundle, when somebody opens it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname
from typing import TYPE_CHECKING

from auditor.model import Fault, Place
from auditor.readers.document import Document
from auditor.readers.magic import kind_of
from auditor.readers.text import shown
from auditor.rules.content import beginnings
from auditor.rules.formats import Taken
from auditor.rules.leftovers import is_of_training
from auditor.rules.paths import escapes, whole_file
from auditor.rules.registry import needed, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle

_HUB_CACHE = re.compile(r"(\.\./)+blobs/([0-9a-f]{40}|[0-9a-f]{64})")
_MAGIC = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xcf")
_SHARD = re.compile(r"-\d{5}-of-(?=\d{5}\.)")
_NATIVE_NAMES = (".so", ".dll", ".dylib", ".exe", ".pyd", ".node")


@rule("SEC001", level="error", needs="bundle")
def link_out_of_bundle(bundle: Bundle) -> Iterator[Fault]:
    """A symbolic link leads out of the bundle.

    Why: Whoever copies or uploads the folder copies what the link points at on their own machine, or
        ships nothing.
    Bad:
        # data/extra.csv, link to ../../elsewhere/extra.csv
    Good:
        # data/extra.csv, link to digits.csv
    Fix: Put the file itself there.
    """
    cached = []
    for file in bundle.files:
        if file.leads_out:
            if _HUB_CACHE.fullmatch(file.target):
                cached.append(file)
            else:
                yield whole_file(file.path).says(
                    f"the link leads to `{shown(file.target)}`, out of the bundle"
                )
    if cached:
        yield whole_file(cached[0].path).says(
            f"{len(cached)} links lead into the hub's cache, where this tool does not follow",
            help="download with `hf download NAME --local-dir DIR` and check that folder",
        )


@rule("SEC002", level="error", needs="documents")
def path_out_of_bundle(documents: tuple[Document, ...]) -> Iterator[Fault]:
    """A manifest, index or recipe names a file outside the bundle.

    Why: Loaders open what they are told to open: `../../` in a shard's name reads a file of the user's.
    Bad:
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "../../digits.csv", "encodingFormat": "text/csv",
          "sha256": "7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90"}]}
    Good:
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "https://example.org/digits.csv", "encodingFormat": "text/csv",
          "sha256": "7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90"}]}
    Fix: Name a file inside the bundle, or a URL with its sha256.
    Source: https://github.com/huggingface/transformers/issues/46097
    """
    for document in documents:
        for place, path, beside in _named_paths(document):
            if escapes(path, beside):
                yield place.says(f"`{shown(path)}` leads out of the bundle")


@rule("SEC004", level="warning", needs="bundle")
def weights_are_pickled(bundle: Bundle) -> Iterator[Fault]:
    """A file is a Python pickle.

    Why: Reading a pickle runs the instructions in it; a changed one runs anything. safetensors cannot.
    Bad:
        # pytorch_model.bin, whole file, as hex
        80 02 7d 71 00 2e
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Convert it: `safetensors.torch.save_file(torch.load(path, weights_only=True), ...)`.
    Source: https://docs.python.org/3/library/pickle.html (the warning at the top)
    """
    found = needed(bundle, "pickles")
    pickles = found.read if isinstance(found, Taken) else []
    sets: dict[str, list[str]] = {}
    for path in dict.fromkeys(one.file for one in pickles if not one.found.in_numpy):
        together = dirname(path) + "/" if is_of_training(path) else _SHARD.sub("-#-of-", path)
        sets.setdefault(together, []).append(path)
    for together, (path, *others) in sets.items():
        what, runs = "the file is a pickle", "reading it runs what is written in it"
        if others:
            number = f"{len(others):,} more {'files' if others[1:] else 'file'} of "
            what += f", and so {'are' if others[1:] else 'is'} {number}"
            what += "training beside it" if together.endswith("/") else "its set"
            runs = "reading them runs what is written in them"
        help_ = "leave out what only training needs" if together.endswith("/") else "ship safetensors"
        yield whole_file(path).says(f"{what}: {runs}", help=help_)


@rule("SEC005", level="warning", needs="bundle")
def native_program(bundle: Bundle) -> Iterator[Fault]:
    """The bundle ships a compiled program or library.

    Why: Nobody can read what it does, and it runs with the rights of whoever loads it.
    Bad:
        # code/kernel.so, whole file, as hex
        7f 45 4c 46 02 01 01 00
    Good:
        # code/kernel.c, whole file
        int main(void) { return 0; }
    Fix: Ship the source and how to build it.
    """
    for file, start in beginnings(bundle):
        named = file.path.lower().endswith(_NATIVE_NAMES)
        if named or start.startswith(_MAGIC) or kind_of(start)[0] == "program":
            yield whole_file(file.path).says("a compiled program or library")


def _named_paths(document: Document) -> Iterator[tuple[Place, str, str]]:
    """Every path that a document names: its place, its text, and the file it is relative to."""
    name = document.file
    if name == "fmaudit.yaml":
        owners = [path for path, _ in document.items("components")]
        for claim, _ in document.items("claims"):
            owners.extend(path for path, _ in document.items(*claim, "evidence"))
        keys = [(*path, "path") for path in owners]
    elif name == "recipe.yaml":
        keys = [("data", "manifest")]
    elif name.endswith("croissant.json"):
        inside = [path for path, _ in document.items("distribution")]
        keys = [(*path, "contentUrl") for path in inside if document.get(*path, "containedIn") is None]
    elif name.endswith(".index.json"):
        # A hundred thousand tensors lie in a hundred files: each file counts once, at its first tensor.
        first = {str(path): tensor for tensor, path in reversed(document.mapping("weight_map").items())}
        keys = [("weight_map", tensor) for tensor in reversed(first.values())]
    else:
        return
    for key in keys:
        path = document.get(*key)
        if isinstance(path, str):
            yield document.at(*key), path, "" if name.endswith(".yaml") else name
