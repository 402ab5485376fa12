"""Whole files of a bundle, read once: digests that something states, and accounts of all tensors.

Rules that need the accounts say `needs="contents"`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Unread
from auditor.model import Span
from auditor.readers.document import Document, Unreadable
from auditor.readers.numel import numel
from auditor.readers.safetensors import DTYPE_BITS, Tensor, TensorFile
from auditor.readers.sweep import Stretch
from auditor.readers.tally import Tally
from auditor.records import dataclass
from auditor.rules.content import SKIPPED
from auditor.rules.registry import needed, provides
from auditor.rules.sweeps import Job, Swept, begin, run, workers

if TYPE_CHECKING:
    from auditor.bundle import Bundle

READ_AHEAD_FROM_BYTES = 2**26  # takes 0.1 s, as does all else that a check has to do
_COMPARED_BYTES = 2**20  # of each of two tensors at a time
_NO_FIT = "its tensors do not fit its bytes, as other findings say"


@provides("contents")
def contents(bundle: Bundle) -> Contents | Unread:
    """What the files of the bundle hold, read when first asked for; nothing where that was not wanted."""
    return Contents(bundle) if bundle.content else Unread(SKIPPED)


@dataclass(slots=True)
class Known:
    """What has been read of one file; no tallies where its tensors do not fit its bytes."""

    digest: str = ""
    tallies: tuple[Tally | None, ...] | None = None
    error: Unreadable | None = None


class Contents:
    """Digests and tallies of a bundle's files; `Unreadable` where a file cannot be read whole."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._known: dict[str, Known] = bundle.swept
        self._waiting: Callable[[], list[Swept]] | None = None
        weights = bundle.get("weights")
        self._weights = {file.file: file for file in weights} if isinstance(weights, tuple) else {}

    def begin(self) -> None:
        """All that is to be read is read from now on, beside the calling thread."""
        self._waiting = begin(self._bundle, self._jobs(self._weights.values(), stated(self._bundle)))

    def sha256(self, path: str) -> str:
        """The file's digest in lower-case hexadecimal digits."""
        if path in self._weights or self._waiting is not None:
            self._read_all()
        if not self._has_digest(path):
            texts = (stated(self._bundle) - self._weights.keys()) | {path}
            self._note(run(self._bundle, self._jobs([], texts)))
        known = self._known[path]
        if known.error is not None:
            raise known.error
        return known.digest

    def tallies(self, file: TensorFile) -> tuple[Tally | None, ...]:
        """The account of each tensor in the order of the header; None for one without bytes."""
        self._read_all()
        known = self._known[file.file]
        if known.error is not None:
            raise known.error
        if known.tallies is None:
            raise Unreadable(_NO_FIT, Span(file.file))
        return known.tallies

    def each(self) -> Iterator[tuple[TensorFile, Tensor, Tally]]:
        """Every tensor of every file that has bytes, with its account.

        Raises:
            Unreadable: after all others, if a file could not be read whole.
        """
        error: Unreadable | None = None
        for file in self._weights.values():
            try:
                tallies = self.tallies(file)
            except Unreadable as unreadable:
                error = error or unreadable
                continue
            for tensor, tally in zip(file.tensors, tallies, strict=True):
                if tally is not None:
                    yield file, tensor, tally
        if error is not None:
            raise error

    def same(self, one: tuple[TensorFile, Tensor], other: tuple[TensorFile, Tensor]) -> bool:
        """Whether two tensors of one format and shape have the same bytes."""
        (file, tensor), (elsewhere, twin) = one, other
        for held in (file, elsewhere):
            self.tallies(held)  # refuses files whose tensors do not fit their bytes
        with self._bundle.opened(file.file) as left, self._bundle.opened(elsewhere.file) as right:
            for done in range(0, tensor.end - tensor.begin, _COMPARED_BYTES):
                count = min(_COMPARED_BYTES, tensor.end - tensor.begin - done)
                here = os.pread(left.fileno(), count, file.data_start + tensor.begin + done)
                if here != os.pread(right.fileno(), count, elsewhere.data_start + twin.begin + done):
                    return False
        return True

    def _has_digest(self, path: str) -> bool:
        known = self._known.get(path)
        return known is not None and (known.digest != "" or known.error is not None)

    def _read_all(self) -> None:
        """Every file of weights has its account, and in the same pass its digest where one is stated."""
        if self._waiting is not None:
            wait, self._waiting = self._waiting, None
            self._note(wait())
        unread = [file for path, file in self._weights.items() if path not in self._known]
        if unread:
            self._note(run(self._bundle, self._jobs(unread, stated(self._bundle))))

    def _jobs(self, files: Iterable[TensorFile], digests: Iterable[str]) -> list[Job]:
        """What is to be done that the files have their accounts, and these paths their digests."""
        stretches: dict[str, tuple[int, Stretch | None]] = {}
        for file in files:
            order = _in_order(file)
            self._known[file.file] = Known()
            if order is not None:
                tallies = {index: Tally(file.tensors[index].dtype) for index in order}
                stretch = Stretch(
                    file.data_start, [file.tensors[i] for i in order], [tallies[i] for i in order]
                )
                self._known[file.file].tallies = tuple(tallies.get(i) for i in range(len(file.tensors)))
                stretches[file.file] = (file.size_bytes, stretch if order else None)
        asked = {path for path in digests if not self._has_digest(path)}
        for path in asked - stretches.keys():
            entry = self._bundle.file(path)
            stretches[path] = (entry.size_bytes if entry is not None else 0, None)
        jobs = [
            Job(path, size, path in asked, stretch) for path, (size, stretch) in sorted(stretches.items())
        ]
        return [job for job in jobs if job.digest or job.stretch]

    def _note(self, ended: Iterable[Swept]) -> None:
        for path, digest, error in ended:
            known = self._known.setdefault(path, Known())
            known.digest = digest or known.digest
            known.error = error or known.error


def read_ahead(bundle: Bundle) -> None:
    """Large weights are read from now on, while the caller loads rules and looks at documents."""
    size = sum(file.size_bytes for file in bundle.files if file.path.endswith(".safetensors"))
    if size >= READ_AHEAD_FROM_BYTES and bundle.content and workers() > 1:
        found = needed(bundle, "contents")
        if isinstance(found, Contents):
            found.begin()


def stated(bundle: Bundle) -> set[str]:
    """Every file that something in the bundle states a sha256 of."""
    from auditor.rules.data import local_files
    from auditor.rules.stated import stated_digests

    digests = stated_digests(bundle)
    found: set[str] = set(digests) if isinstance(digests, dict) else set()
    data = bundle.get("data")
    if isinstance(data, Document):
        found.update(path for _, item, path in local_files(data) if item.get("sha256") and bundle.has(path))
    return found


def _in_order(file: TensorFile) -> list[int] | None:
    """The file's tensors that have bytes, in order of their places; None where they do not fit its bytes.

    Tensors that lie over each other are refused too: what is read stays within the size of the file.
    """
    tensors = file.tensors
    order = sorted((i for i in range(len(tensors)) if tensors[i].end > tensors[i].begin),
                   key=lambda i: tensors[i].begin)  # fmt: skip
    end = 0
    for index in order:
        tensor = tensors[index]
        bits, count = DTYPE_BITS.get(tensor.dtype), numel(tensor.shape)
        if bits is None or count is None or count * bits != 8 * (tensor.end - tensor.begin):
            return None
        if tensor.begin < end:
            return None
        end = tensor.end
    return order if file.data_start + end <= file.size_bytes else None
