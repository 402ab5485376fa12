"""Code that is said to be released, and what it takes to run it again: packages and hyper-parameters."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.model import Fault, Place, Span
from auditor.readers.document import Document, Unreadable
from auditor.readers.markdown import MarkdownDocument
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.content import head
from auditor.rules.paths import whole_file
from auditor.rules.prose import matches
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle

CODE_ENDINGS = (".py", ".ipynb", ".sh", ".jl", ".r", ".cpp", ".rs", ".go")
LOADING = (
    "modeling_",
    "configuration_",
    "tokenization_",
    "processing_",
    "image_processing_",
)  # of transformers
MAX_SCRIPT_BYTES = 2**18  # of one script that is read; entry points have some hundred lines
MOST_SCRIPTS = 5  # that are read, one of each kind and some more
_ENTRY_POINTS = (7, 18, 8, 16)  # training, evaluation, inference, preparation
_LOCKS = ("uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "pixi.lock", "conda-lock.yml")
_KINDS = {"train": 7, "fine": 7, "eval": 18, "infer": 8, "prepr": 16, "data": 16}
_IN_CARD = (
    "hyperparameter",
    "hyper-parameter",
    "learning rate",
    "learning_rate",
    "batch size",
    "batch_size",
    "epochs",
)
_IN_CODE = (b"learning_rate", b"lr=", b"--lr", b"batch_size", b"TrainingArguments(", b"hparams", b"config")


@dataclass(frozen=True, slots=True)
class Script:
    """An entry point in Python that ships with the bundle."""

    path: str
    component: str
    text: str


@provides("scripts")
def scripts(bundle: Bundle) -> tuple[Script, ...] | Absent:
    """The Python code for training, evaluation, inference and preparation, as declared or by its name."""
    if not any(file.path.endswith(".py") for file in bundle.files):
        return Absent("the bundle has no Python code")
    from auditor.openness.components import by_id
    from auditor.openness.evidence import collect
    from auditor.openness.files import by_path

    found: dict[str, Script] = {}
    declared = [(number, piece) for number, pieces in collect(bundle).items() for piece in pieces]
    for number, piece in (*declared, *by_path(bundle)):
        if number in _ENTRY_POINTS and piece.file.endswith(".py") and len(found) < MOST_SCRIPTS:
            try:
                text = head(bundle, piece.file, MAX_SCRIPT_BYTES).decode("utf-8", "replace")
            except Unreadable:
                continue
            found.setdefault(piece.file, Script(piece.file, by_id()[number].name, text))
    return tuple(found.values()) or Absent("the bundle has no entry point in Python")


@rule(
    "OPEN101",
    level="warning",
    needs=("card", "bundle"),
    klass="unsupported",
    certainty="likely",
    since="2026.2",
)
def released_code_missing(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """The card says that code is in this repository, and the bundle has no code of the kind.

    Why: The sentence is what readers cite when they call a release reproducible. Not looked at: code that is
        said to lie elsewhere, and sentences with a link. Any file of code but that which loads the model
        keeps this rule silent, since its name need not tell what it does.
    Bad:
        # README.md
        The preprocessing code is included in this repository.
    Good:
        # README.md
        The preprocessing code is included in this repository.
        # prepare.py, whole file
        print("rows 0 to 11 are for training")
    Fix: Ship the code, or say where it lies.
    Source: https://github.com/paperswithcode/releasing-research-code, items 2 and 3.
    """
    if " code " not in card.source and "scripts" not in card.source:
        return
    said = re.compile(
        r"\b(?P<what>training|fine-?tuning|evaluation|eval|inference|preprocessing|data preparation)\s+"
        r"(?:code|scripts?)\s+(?:is|are)\s+(?:also\s+)?(?:included|released|provided|available|shipped|part)\b"
        r"[^.\n]{0,40}?\b(?:this (?:repo|repository|release|bundle|folder)|the (?:repo|repository))\b",
        re.IGNORECASE,
    )
    for match, place in matches(card, said):
        if "http" in match.string or "](" in match.string:
            continue
        number = next(number for word, number in _KINDS.items() if match["what"].lower().startswith(word))
        if not any(_is_entry(file.path) for file in bundle.files):
            from auditor.openness.components import by_id

            yield place.says(
                f"this says that the {match['what'].lower()} code is here, and the bundle has no code at all",
                help=f"ship it, or say in `fmaudit.yaml` where `{by_id()[number].name}` lies",
            )


@rule("OPEN102", level="note", needs=("scripts", "bundle"), certainty="likely", since="2026.2")
def dependencies_unsaid(scripts: tuple[Script, ...], bundle: Bundle) -> Iterator[Fault]:
    """Code is shipped that imports packages, and nothing says which.

    Why: In a year nobody knows which versions it ran with, and it does not run with those of the day.
    Bad:
        # train.py, whole file
        import pandas
        print(pandas.__version__, "batch_size", 4)
    Good:
        # train.py, whole file
        import pandas
        print(pandas.__version__, "batch_size", 4)
        # requirements.txt, whole file
        pandas==2.3.1
    Fix: Ship a `requirements.txt`, `environment.yml` or lock file.
    Source: https://github.com/paperswithcode/releasing-research-code, item 1.
    """
    from auditor.openness.evidence import collect

    if 22 in collect(bundle):
        return
    recipe = bundle.get("recipe")
    said = {*recipe.mapping("environment")} if isinstance(recipe, Document) else set()
    card = bundle.get("card")
    if isinstance(card, MarkdownDocument) and (
        "pip install" in card.source or "Framework versions" in card.source
    ):
        return
    for script in scripts:
        for name, line, column in _imported(script, bundle):
            if name not in said:
                place = Place(script.path, span=Span(script.path, line, column, line, column + len(name)))
                yield place.says(
                    f"`{shown(name)}` is imported, and no file says which version",
                    help="ship a `requirements.txt` or a lock file",
                )
                return


@rule("OPEN103", level="note", needs="bundle", certainty="hint", since="2026.2")
def dependencies_unpinned(bundle: Bundle) -> Iterator[Fault]:
    """A list of packages pins none of them, and there is no lock file.

    Why: What is installed depends on the day, and so may the results.
    Bad:
        # requirements.txt, whole file
        pandas
        scipy>=1.10
    Good:
        # requirements.txt, whole file
        pandas==2.3.1
        scipy>=1.10
    Fix: Write the versions that you used: `pip freeze`, or a lock file.
    Source: https://github.com/paperswithcode/releasing-research-code, item 1.
    """
    if any(bundle.has(name) for name in _LOCKS):
        return
    for file in bundle.files:
        name = basename(file.path).lower()
        if "requirements" not in name or not name.endswith(".txt") or not file.is_regular:
            continue
        try:
            text = head(bundle, file.path, MAX_SCRIPT_BYTES).decode("utf-8", "replace")
        except Unreadable:
            continue
        packages = [
            line.strip()
            for line in text.splitlines()
            if re.match(r"\s*[A-Za-z][\w.\[\],-]*\s*(?:[<>=!~;]|$)", line)
        ]
        if packages and not any("==" in line for line in packages) and "@" not in text:
            several = f"{len(packages)} packages are" if len(packages) > 1 else "a package is"
            yield whole_file(file.path).says(f"{several} named, and no version is pinned")


@rule(
    "OPEN104",
    level="note",
    needs=("scripts", "bundle"),
    klass="unsupported",
    certainty="likely",
    since="2026.2",
)
def hyperparameters_unsaid(scripts: tuple[Script, ...], bundle: Bundle) -> Iterator[Fault]:
    """Training code is shipped, and no file says with which hyper-parameters it was run.

    Why: The code alone trains some model, not this one. Looked at are a recipe, files of settings, the card,
        and words such as `learning_rate` in the code itself.
    Bad:
        # recipe.yaml, absent
        # fmaudit.yaml
        components: [{component: Data preprocessing code, path: prepare.py}]
        claims: null
        shipped_seed: null
        # prepare.py, whole file
        print("prepared")
        # train.py, whole file
        print("trained")
    Good:
        # train.py, whole file
        print("trained")
    Fix: Ship a recipe or a file of settings, or list them in the card.
    Source: https://github.com/paperswithcode/releasing-research-code, item 2.
    """
    from auditor.formats.said import SETTINGS
    from auditor.openness.components import by_id

    training = [script for script in scripts if script.component == by_id()[7].name]
    if not training or isinstance(bundle.get("recipe"), Document):
        return
    names = {basename(file.path).lower() for file in bundle.files}
    settings = any("config" in file.path.rpartition("/")[0].lower() for file in bundle.files)
    if settings or names & {
        *SETTINGS,
        "training_args.bin",
        "args.json",
        "config.yaml",
        "params.yaml",
        "params.json",
    }:
        return
    card = bundle.get("card")
    if isinstance(card, MarkdownDocument) and any(word in card.source.lower() for word in _IN_CARD):
        return
    if not any(word in script.text.encode() for word in _IN_CODE for script in training):
        yield whole_file(training[0].path).says(
            "this trains the model, and no file says with which hyper-parameters"
        )


def _is_entry(path: str) -> bool:
    """Whether a file is code of any kind but that which loads the model."""
    name = basename(path).lower()
    return name.endswith(CODE_ENDINGS) and not name.startswith(LOADING)


def _imported(script: Script, bundle: Bundle) -> Iterator[tuple[str, int, int]]:
    """The packages that a script imports, Python's own and the bundle's left out, with their places."""
    own = {part for file in bundle.files for part in (file.path.split("/")[0], basename(file.path))}
    for number, line in enumerate(script.text.splitlines(), start=1):
        match = re.match(r"\s{0,40}(?:import|from)\s{1,10}([A-Za-z_]\w*)", line)
        if match and match[1] not in sys.stdlib_module_names and not {match[1], f"{match[1]}.py"} & own:
            yield match[1], number, match.start(1) + 1
