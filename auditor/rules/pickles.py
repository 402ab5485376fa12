"""What pickles would import, call and change, wherever in the bundle they lie; none of them is run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.content import blocks
from auditor.rules.explored import InFile
from auditor.rules.formats import Taken
from auditor.rules.imports import Verdict, verdict
from auditor.rules.paths import whole_file
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.packages import FoundPickle
    from auditor.readers.pickle import Import

    Pickles = Taken[InFile[FoundPickle]]

SECOND_OPINION = "second opinion"  # key of `Bundle.memo`: which other scanner was asked for
MAX_OPINION_BYTES = 2**28  # of a file that picklescan is given; it reads pickles whole
_NAMED = 3  # imports that one message names
# Endings of formats that hold no pickle: who loads such a file does not expect one.
_OTHERS = (
    *(".safetensors", ".gguf", ".onnx", ".h5", ".keras", ".msgpack", ".pb", ".tflite", ".json", ".jsonl"),
    *(".yaml", ".yml", ".toml", ".txt", ".md", ".csv", ".tsv", ".parquet", ".arrow", ".py", ".png", ".jpg"),
    *(".jpeg", ".gif", ".webp", ".pdf", ".html", ".svg", ".wav", ".mp3", ".mp4"),
)


@rule("SEC201", level="error", needs="pickles", since="2026.2")
def pickle_runs_code(pickles: Pickles) -> Iterator[Fault]:
    """A pickle imports what is known to run code or commands, or to lead to them.

    Why: Whoever loads the file runs what its author wrote into it, with their own rights.
    Bad:
        # pytorch_model.bin, whole file
        cos
        system
        (S'echo hello'
        tR.
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Do not load it. Ship the weights as safetensors, written by whoever trained them.
    Source: https://docs.python.org/3/library/pickle.html (the warning at the top)
    """
    for pickle in pickles:
        for inside, imports in _judged(pickle, "runs code"):
            yield pickle.at().says(
                f"{_which(pickle)} {inside}imports {_names(imports)}: known to run code or to lead to it",
                help="do not load this file; ship safetensors",
            )


@rule("SEC202", level="error", needs="pickles", certainty="likely", since="2026.2")
def pickle_imports_unlisted(pickles: Pickles) -> Iterator[Fault]:
    """A pickle imports something that is not on the list of harmless things.

    Why: A pickle can import and call anything installed. Lists of dangerous things are always a step behind
        (advisories against scanners with such lists name dozens), so everything but weights is refused.
    Bad:
        # pytorch_model.bin, whole file
        cmodels
        Net
        (tR.
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Save the state alone, `torch.save(model.state_dict(), ...)`; better, ship safetensors.
    Source: https://github.com/mmaitre314/picklescan/issues/66
    """
    for pickle in pickles:
        for inside, imports in _judged(pickle, "unlisted"):
            yield pickle.at().says(
                f"{_which(pickle)} {inside}imports {_names(imports)}, which weights do not need",
                help="save the state alone, or ship safetensors",
            )


@rule("SEC203", level="error", needs="pickles", certainty="likely", since="2026.2")
def pickle_not_followed(pickles: Pickles) -> Iterator[Fault]:
    r"""A pickle cannot be followed, so that nobody can tell what it would do.

    Why: Every trick against scanners is a stream that they read otherwise than Python does. What picklers
        write can be followed.
    Bad:
        # pytorch_model.bin, as bytes
        b"\x80\2X\2\0\0\0osq\0h\5h\0\x93."
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the file again with the library that reads it; better, ship safetensors.
    Source: https://github.com/trailofbits/fickling/security/advisories
    """
    for pickle in pickles:
        if any(_has_worse(pickle)):
            continue
        for inside, walk in pickle.found.walk.all():
            if walk.gaps:
                first = min(walk.gaps, key=lambda gap: gap.at)
                yield pickle.at().says(
                    f"{_which(pickle)} {inside}cannot be followed from byte {first.at:,} on: {first.why}"
                )
                break


@rule("SEC204", level="error", needs="pickles", since="2026.2")
def pickle_changes_import(pickles: Pickles) -> Iterator[Fault]:
    """A pickle sets attributes or items of something that it imported.

    Why: That changes the library for the whole program: a harmless function then does something else.
    Bad:
        # pytorch_model.bin, whole file
        ccollections
        OrderedDict
        (dS'update'
        cbuiltins
        list
        sb.
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Do not load it.
    Source: https://github.com/protectai/modelscan/issues/89
    """
    for pickle in pickles:
        for inside, walk in pickle.found.walk.all():
            changed = [one for one in walk.imports if "changed" in one.uses]
            if changed:
                yield pickle.at().says(
                    f"{_which(pickle)} {inside}changes {_names(changed)} itself, not an object made by it",
                    help="do not load this file; ship safetensors",
                )


@rule("SEC205", level="warning", needs="pickles", since="2026.2")
def pickle_needs_library(pickles: Pickles) -> Iterator[Fault]:
    r"""A pickle imports the code of a model library.

    Why: It is a program's object, not weights: it loads only with that library, often of that version alone,
        and `torch.load(..., weights_only=True)` refuses it.
    Bad:
        # model.pkl, as bytes
        b"\x80\2csklearn.svm._classes\nSVC\n)\x81}b."
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Say which versions it needs; better, ship the parameters as safetensors, or the model as ONNX.
    Source: https://scikit-learn.org/stable/model_persistence.html
    """
    for pickle in pickles:
        if not any(_has_worse(pickle)):
            for inside, imports in _judged(pickle, "library"):
                yield pickle.at().says(
                    f"{_which(pickle)} {inside}imports {_names(imports)}, code of a library"
                )


@rule("SEC206", level="warning", needs="pickles", since="2026.2")
def pickle_under_false_name(pickles: Pickles) -> Iterator[Fault]:
    r"""A pickle has the name of another format.

    Why: Filters that go by names let it pass, and whoever opens it does not expect a program.
    Bad:
        # vocabulary.txt, as bytes
        b"\x80\2]q\0K\1a."
    Good:
        # vocabulary.txt, whole file
        one
    Fix: Ship the content in the format that the name says.
    """
    for pickle in pickles:
        name = pickle.where or pickle.file
        if name.lower().endswith(_OTHERS) and not pickle.found.in_numpy:
            ending = name.rpartition(".")[2]
            yield pickle.at().says(f"{_which(pickle)} is named as if it were `.{shown(ending)}`")


@provides(SECOND_OPINION)
def second_opinion(bundle: Bundle) -> Bundle | Absent | Unread:
    """The bundle, where picklescan was asked for and is installed."""
    if not bundle.second_opinion:
        return Absent("asked for with `--second-opinion picklescan`")
    from importlib.util import find_spec

    if find_spec("picklescan") is None:
        return Unread("picklescan is not installed: `pip install picklescan`")
    return bundle


@rule("SEC209", level="error", needs=(SECOND_OPINION, "pickles"), since="2026.2")
def picklescan_objects(bundle: Bundle, pickles: Pickles) -> Iterator[Fault]:
    """Another scanner, picklescan, calls a file dangerous.

    Why: A second scanner with another method: it lists what is dangerous where this tool lists what is not.
    Bad:
        # pytorch_model.bin, whole file
        cos
        system
        (S'echo hello'
        tR.
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Do not load it.
    Source: https://github.com/mmaitre314/picklescan
    """
    import io
    import logging
    from posixpath import splitext

    from picklescan import scanner  # type: ignore[import-untyped]

    logging.getLogger("picklescan").setLevel(logging.CRITICAL + 1)
    for path in dict.fromkeys(pickle.file for pickle in pickles.read):
        file = bundle.file(path)
        if file is None or file.size_bytes > MAX_OPINION_BYTES:
            continue
        content = io.BytesIO(b"".join(blocks(bundle, path, 0, file.size_bytes)))
        try:
            told = scanner.scan_bytes(content, path, splitext(path)[1])
        except Exception:  # noqa: BLE001, S112  a scanner that fails has no opinion
            continue
        named = [f"{one.module}.{one.name}" for one in told.globals if one.safety.value == "dangerous"]
        if named:
            shown_first = ", ".join(f"`{shown(one)}`" for one in sorted(named)[:_NAMED])
            yield whole_file(path).says(f"picklescan calls it dangerous for {shown_first}")


def _judged(pickle: InFile[FoundPickle], wanted: Verdict) -> Iterator[tuple[str, list[Import]]]:
    """The imports with this verdict, in each pickle of a file and in its texts."""
    for inside, walk in pickle.found.walk.all():
        found = [one for one in walk.imports if _verdict(pickle, one) == wanted]
        if found:
            yield inside, found


def _verdict(pickle: InFile[FoundPickle], imported: Import) -> Verdict:
    around = pickle.found.around
    return verdict(imported, in_torchscript=around is not None and around.has_code)


def _has_worse(pickle: InFile[FoundPickle]) -> Iterator[bool]:
    """Whether each import of a pickle is an error by itself."""
    for _, walk in pickle.found.walk.all():
        for one in walk.imports:
            yield "changed" in one.uses or _verdict(pickle, one) in {"runs code", "unlisted"}


def _which(pickle: InFile[FoundPickle]) -> str:
    return f"`{shown(pickle.where)}` in it" if pickle.where else "the pickle"


def _names(imports: list[Import]) -> str:
    """The first few by name, and where the first stands."""
    names = [f"`{shown(f'{one.module}.{one.name}')}`" for one in imports[:_NAMED]]
    more = len(imports) - len(names)
    listed = ", ".join(names) + (f" and {more} more" if more else "")
    return f"{listed} (byte {imports[0].at:,})"
