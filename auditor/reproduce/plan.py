"""What an audit is going to do, settled before anything heavy is imported."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from auditor.bundle import Absent, Bundle, Unread
from auditor.errors import CannotRun, UsageError
from auditor.formats.derivation import recipe_digest
from auditor.formats.manifest import Claim, Manifest
from auditor.formats.recipe import Recipe
from auditor.model import KeyPath, Span
from auditor.readers.document import Document
from auditor.reproduce.contradictions import contradictions, long_warmup
from auditor.reproduce.seeds import fresh_seeds
from auditor.training.arrays import Arrays
from auditor.training.data import DataFile, data_files, decode, fetch
from auditor.verdict.prediction import LOOKS
from reference_models import catalogue

MOST_STEPS = 5 * 10**7  # of one run; their losses take 200 MB
MOST_WEIGHTS = 10**9  # a reference model beyond this would not train on one machine
FEWEST_RUNS = 2  # a spread needs two
Format = TypeVar("Format", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Plan:
    """A release's recipe and claims, read and validated, and how they will be tested.

    Attributes:
        looks: numbers of fresh runs after which the verdict is taken; it stops at the first decisive one.
            Empty where no fresh runs are wanted.
        spans: where each claim stands, by id.
    """

    bundle: Bundle
    recipe: Recipe
    manifest: Manifest
    digest: str
    data_manifest: Document
    files: dict[str, DataFile]
    data_folder: Path | None
    run_dir: Path
    looks: tuple[int, ...]
    n_weights: int
    nonce: str
    spans: dict[str, Span]

    @property
    def claims(self) -> list[Claim]:
        """The published values."""
        return self.manifest.claims

    @property
    def seeds(self) -> tuple[int, ...]:
        """The fresh seeds, as many as the last look needs."""
        source = fresh_seeds(self.recipe.seeds, self.digest, self.nonce)
        return tuple(next(source) for _ in range(self.looks[-1] if self.looks else 0))

    @property
    def most_at_once(self) -> int:
        """The most seeds that are trained between two looks, each of which may have a process."""
        return max((after - before for before, after in pairwise((0, *self.looks))), default=1)

    def gates(self, claim: Claim) -> bool:
        """Whether the release stands or falls with this claim."""
        return claim.primary or not any(other.primary for other in self.claims)

    def evaluated_splits(self) -> tuple[str, ...]:
        """Every split that a claim or the recipe's evaluation names, sorted."""
        return tuple(sorted({self.recipe.evaluation.split, *(claim.data.split for claim in self.claims)}))


def make_plan(
    bundle: Bundle,
    *,
    seeds: int | None = None,
    nonce: str = "",
    data_folder: Path | None = None,
    run_dir: Path | None = None,
) -> Plan:
    """The plan for a bundle; `seeds` fixes the number of fresh runs, else the sequential looks are used.

    Raises:
        CannotRun: the bundle lacks what a reproduction needs, or it is not well formed.
        UsageError: the run directory would lie inside the bundle.
    """
    recipe_document, manifest_document = _document(bundle, "recipe"), _document(bundle, "manifest")
    recipe = _validated(recipe_document, Recipe)
    manifest = _validated(manifest_document, Manifest)
    _refuse_odd_seeds(recipe, recipe_document)
    n_weights = _count_weights(recipe, recipe_document)
    _refuse_odd_claims(manifest, manifest_document)
    _refuse_odd_splits(recipe, manifest, recipe_document)
    for fault in contradictions(recipe, manifest):
        raise CannotRun(fault.what, where=_where(recipe_document, fault.path), help=fault.help)
    data_manifest = bundle.document(recipe.data.manifest)
    if not isinstance(data_manifest, Document):
        raise CannotRun(data_manifest.reason, where=recipe_document.file, help="mend `data.manifest`")
    return Plan(
        bundle=bundle,
        recipe=recipe,
        manifest=manifest,
        digest=recipe_digest(recipe_document.value),
        data_manifest=data_manifest,
        files=data_files(recipe.data, data_manifest),
        data_folder=data_folder,
        run_dir=_outside(bundle, run_dir),
        looks=LOOKS if seeds is None else (seeds,),
        n_weights=n_weights,
        nonce=nonce,
        spans={
            claim.id: manifest_document.locate(manifest_document.at("claims", index, "value"))
            for index, claim in enumerate(manifest.claims)
        },
    )


def load_data(plan: Plan) -> dict[str, Arrays]:
    """Every split the audit needs, its bytes held against the data manifest.

    Raises:
        CannotRun: a file is not here, its digest differs, it cannot be decoded, or a run would never end.
    """
    arrays = _decoded(plan)
    training, n = plan.recipe.training, len(arrays["train"].targets)
    steps = training.epochs * -(-n // training.batch_size)
    if steps > MOST_STEPS:
        raise CannotRun(
            f"a run would have {steps:,} steps, more than {MOST_STEPS:,}",
            where="recipe.yaml",
            help="reference models are meant to be retrained on one machine",
        )
    if fault := long_warmup(plan.recipe, steps):
        raise CannotRun(fault.what, where="recipe.yaml", help=fault.help)
    return arrays


def _decoded(plan: Plan) -> dict[str, Arrays]:
    raw = {
        name: fetch(file, plan.bundle, plan.data_manifest.file, plan.data_folder)
        for name, file in plan.files.items()
    }
    divide_by = float(plan.recipe.data.divide_by)
    if divide_by == 0:
        raise CannotRun("inputs would be divided by 0", where="recipe.yaml", help="mend `data.divide_by`")
    return {name: decode(name, split, divide_by, raw) for name, split in plan.recipe.data.splits.items()}


def _outside(bundle: Bundle, run_dir: Path | None) -> Path:
    """The run directory: as asked, else here, or beside the bundle where here is inside it."""
    root = bundle.root.resolve()
    here = Path("fmaudit-runs") / bundle.name
    if run_dir is None and here.resolve().is_relative_to(root):
        return root.parent / here
    if run_dir is not None and run_dir.resolve().is_relative_to(root):
        raise UsageError(
            "the run directory lies inside the bundle",
            where=f"--run-dir {run_dir}",
            help="name one elsewhere: an audit writes nothing into a release",
        )
    return run_dir or here


def _document(bundle: Bundle, need: str) -> Document:
    found = bundle.get(need)
    if isinstance(found, Absent):
        raise CannotRun(
            found.reason,
            where=bundle.name,
            help="a reproduction needs a recipe and claims; `fmaudit init` writes a first version of both",
        )
    if isinstance(found, Unread):
        raise CannotRun(found.reason, where=bundle.name, help="`fmaudit check` says where it breaks off")
    assert isinstance(found, Document)
    return found


def _validated(document: Document, form: type[Format]) -> Format:
    try:
        return form.model_validate(_with_printed_digits(document))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        path = tuple(_existing(document.value, first["loc"]))
        named = ".".join(str(part) for part in first["loc"])
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        message = first["msg"][:1].lower() + first["msg"][1:]
        raise CannotRun(
            f"`{named}`: {message}{more}",
            where=_where(document, path),
            help="`fmaudit check` lists every fault of this file",
        ) from error


def _with_printed_digits(document: Document) -> Any:
    """The document's values, numbers of claims as printed: `0.9750` read as a number would lose its zero."""
    value = copy.deepcopy(document.value)
    for path, number in document.scalars():
        if path[:1] == ("claims",) and isinstance(number, float):
            parent = value
            for step in path[:-1]:
                parent = parent[step]
            parent[path[-1]] = document.printed(*path)
    return value


def _existing(value: Any, path: tuple[str | int, ...]) -> Iterator[str | int]:
    """The steps of a pydantic location that the document has; it also names branches of unions."""
    for step in path:
        known = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        if step in known:
            value = value[step]
            yield step


def _where(document: Document, path: KeyPath) -> str:
    span = document.locate(document.at(*path))
    return f"{span.file}:{span.line}:{span.column}"


def _refuse_odd_seeds(recipe: Recipe, document: Document) -> None:
    if (recipe.seeds.values is None) == (recipe.seeds.derive is None):
        raise CannotRun(
            "`seeds` needs exactly one of `values` and `derive`",
            where=_where(document, ("seeds",)),
            help="list the seeds of the published runs, or say how many were derived",
        )


def _count_weights(recipe: Recipe, document: Document) -> int:
    import math

    name = recipe.model.reference
    try:
        shapes = catalogue.shapes(name, recipe.model.parameters)
    except KeyError as error:
        known = ", ".join(catalogue.names())
        raise CannotRun(
            f"there is no reference model `{name}`",
            where=_where(document, ("model", "reference")),
            help=f"the reference models are: {known}",
        ) from error
    except ValueError as error:
        raise CannotRun(
            str(error), where=_where(document, ("model", "parameters")), help="mend it"
        ) from error
    n_weights = sum(math.prod(shape) for shape in shapes.values())
    if n_weights > MOST_WEIGHTS:
        raise CannotRun(
            f"the model would have {n_weights:,} weights, more than {MOST_WEIGHTS:,}",
            where=_where(document, ("model", "parameters")),
            help="reference models are meant to be retrained on one machine",
        )
    return n_weights


def _refuse_odd_claims(manifest: Manifest, document: Document) -> None:
    if not manifest.claims:
        raise CannotRun(
            "the release claims nothing, so there is nothing to reproduce",
            where=_where(document, ("claims",)),
            help="add the published values under `claims`",
        )
    seen: set[str] = set()
    for index, claim in enumerate(manifest.claims):
        if claim.id in seen:
            where = _where(document, ("claims", index, "id"))
            raise CannotRun(f"two claims are called `{claim.id}`", where=where, help="give each its own id")
        seen.add(claim.id)


def _refuse_odd_splits(recipe: Recipe, manifest: Manifest, document: Document) -> None:
    wanted = ["train", recipe.evaluation.split, *(claim.data.split for claim in manifest.claims)]
    for split in wanted:
        if split not in recipe.data.splits:
            raise CannotRun(
                f"the recipe has no split `{split}`",
                where=_where(document, ("data", "splits")),
                help=f"its splits are: {', '.join(sorted(recipe.data.splits))}",
            )
