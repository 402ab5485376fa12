"""The recipe's model, numbers and seeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.formats.derivation import derived_seeds, recipe_digest
from auditor.model import Fault, Fix, KeyPath
from auditor.readers.text import shown
from auditor.rules.edits import meant, number_written, quoted_as_printed, renamed
from auditor.rules.published import is_whole
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss, only_near, spelling
from auditor.rules.wording import dotted

if TYPE_CHECKING:
    from auditor.readers.document import Document

# Plain scalars that YAML 1.2 reads as numbers and PyYAML, a YAML 1.1 reader, as text: it wants a dot in the
# mantissa and a sign in the exponent, and no 8 or 9 after a leading zero (yaml/resolver.py).
_TEXT_IN_1_1 = re.compile(r"[-+]?(\d+[eE][-+]?\d+|(\d+\.\d*|\.\d+)[eE]\d+|0\d*[89]\d*)|0o[0-7]+")
# And numbers that it reads as other numbers: octal by a leading zero, base 60, grouped digits.
_OTHER_IN_1_1 = re.compile(r"[-+]?0[0-7]+|[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?|[-+]?\d+(_\d+)+")
# Above this rate Adam's steps, each about as long as the rate, are larger than common initial weights.
_HIGHEST_ADAM_RATE = 0.1


@rule("REC001", level="error", needs="recipe")
def unknown_reference_model(recipe: Document) -> Iterator[Fault]:
    """The recipe names a reference model that does not exist.

    Why: Nothing can be built, trained or compared.
    Bad:
        # recipe.yaml
        model: {reference: cnnn}
    Good:
        # recipe.yaml
        model: {reference: cnn}
    Fix: Use one of the names that the message lists.
    """
    from reference_models import catalogue

    name = recipe.get("model", "reference")
    if isinstance(name, str) and name not in catalogue.names():
        known = ", ".join(f"`{known}`" for known in catalogue.names())
        yield recipe.at("model", "reference").says(
            f"`{shown(name)}` is not a reference model, expected {known}",
            help=near_miss(name, catalogue.names()),
            fix=meant(recipe, ("model", "reference"), catalogue.names()),
        )


@rule("REC002", level="error", needs="recipe", after=("REC001",))
def unknown_model_parameter(recipe: Document) -> Iterator[Fault]:
    """The recipe gives the reference model a parameter that it does not have.

    Why: The value would have no effect, and whoever wrote it believed that it had.
    Bad:
        # recipe.yaml
        model: {parameters: {class: 2}}
    Good:
        # recipe.yaml
        model: {parameters: {classes: 2}}
    Fix: Correct the name, or remove it.
    """
    for key, known in _parameters(recipe).items():
        if key not in known:
            name = spelling(key, known) or only_near(key, known, 0.8)
            yield recipe.key("model", "parameters", key).says(
                f"`{recipe.get('model', 'reference')}` has no parameter `{shown(key)}`",
                help=near_miss(key, known) or f"its parameters: {', '.join(f'`{name}`' for name in known)}",
                fix=renamed(recipe, ("model", "parameters", key), name) if name else None,
            )


@rule("REC003", level="error", needs="recipe", after=("REC001", "REC002"))
def model_cannot_be_built(recipe: Document) -> Iterator[Fault]:
    """The reference model cannot be built with the recipe's parameters.

    Why: A parameter is missing, or has a value that no such network can have.
    Bad:
        # recipe.yaml
        model: {parameters: {padding: reflect}}
        # config.json
        {"model_type": "digits", "parameters": null}
    Good:
        # recipe.yaml
        model: {parameters: {padding: same}}
    Fix: Follow the message.
    """
    from reference_models import catalogue

    name = recipe.get("model", "reference")
    if isinstance(name, str) and name in catalogue.names():
        try:
            catalogue.shapes(name, recipe.mapping("model", "parameters"))
        except ValueError as error:
            yield recipe.at("model", "parameters").says(" ".join(str(error).split())[:200])


@rule("REC004", level="warning", needs="recipe")
def number_is_text(recipe: Document) -> Iterator[Fault]:
    """A number is written so that YAML 1.1 readers take it for text, or for another number.

    Why: PyYAML reads `1e-3` as text, `010` as eight and `1:30` as ninety: another program that reads this
        recipe trains another model, or stops.
    Bad:
        # recipe.yaml
        optimizer: {lr: 1e-3}
    Good:
        # recipe.yaml
        optimizer: {lr: 1.0e-3}
    Fix: Write `1.0e-3` or `0.001`; quote what is meant as text.
    Source: https://yaml.org/type/float.html
    """
    for path, value in recipe.scalars():
        if value is None or isinstance(value, bool) or not recipe.plain(*path):
            continue
        printed = recipe.printed(*path) or ""
        if not isinstance(value, str) and _TEXT_IN_1_1.fullmatch(printed):
            yield recipe.at(*path).says(
                f"`{dotted(path)}` is `{shown(printed)}`, which YAML 1.1 readers take for text",
                help="write the mantissa with a dot and the exponent with a sign, as in `1.0e-3`",
                fix=_in_plain_digits(recipe, path, value, printed),
            )
        elif _OTHER_IN_1_1.fullmatch(printed):
            yield recipe.at(*path).says(
                f"`{dotted(path)}` is `{shown(printed)}`, which YAML 1.1 readers take for another number",
                help="write it in plain decimal digits, or in quotes",
                fix=_in_plain_digits(recipe, path, value, printed),
            )


@rule("REC005", level="warning", needs="recipe", klass="implausible", certainty="likely")
def learning_rate_high(recipe: Document) -> Iterator[Fault]:
    """Adam's learning rate is higher than it can well be.

    Why: Each of Adam's steps moves a weight by about the learning rate; above 0.1 a step is larger than
        the weights themselves. Most often an exponent was lost.
    Bad:
        # recipe.yaml
        optimizer: {lr: 1.0}
    Good:
        # recipe.yaml
        optimizer: {lr: 0.001}
    Fix: Check the exponent; 0.001 is the rate of the paper.
    Source: Kingma and Ba 2015, section 2.1, arXiv:1412.6980.
    """
    rate = recipe.get("optimizer", "lr")
    if recipe.get("optimizer", "kind", default="adam") not in ("adam", "adamw"):
        return
    if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > _HIGHEST_ADAM_RATE:
        printed = shown(recipe.printed("optimizer", "lr") or "")
        yield recipe.at("optimizer", "lr").says(f"`lr` is {printed}, Adam is rarely run above 0.1")


@rule("REC006", level="error", needs="recipe")
def seeds_both_or_neither(recipe: Document) -> Iterator[Fault]:
    """The recipe lists seeds and derives them too, or does neither.

    Why: Which seeds the published runs used must be beyond doubt, or no run can be repeated.
    Bad:
        # recipe.yaml
        seeds: {derive: 3}
    Good:
        # recipe.yaml
        seeds: {values: [0, 1, 2]}
    Fix: Keep exactly one of `values` and `derive`.
    """
    seeds = recipe.get("seeds")
    if isinstance(seeds, dict):
        both = seeds.get("values") is not None and seeds.get("derive") is not None
        if both or (seeds.get("values") is None and seeds.get("derive") is None):
            given = "both `values` and `derive`" if both else "neither `values` nor `derive`"
            yield recipe.at("seeds").says(f"`seeds` gives {given}, expected one of the two")


@rule("REC007", level="error", needs="recipe")
def seed_given_twice(recipe: Document) -> Iterator[Fault]:
    """A seed is listed twice.

    Why: Two runs with one seed are one run; the spread over seeds comes out too small.
    Bad:
        # recipe.yaml
        seeds: {values: [0, 1, 2, 1]}
    Good:
        # recipe.yaml
        seeds: {values: [0, 1, 2, 3]}
    Fix: Replace the repeated seed by one that was not used.
    """
    first: dict[int, int] = {}
    for path, seed in recipe.items("seeds", "values"):
        if is_whole(seed):
            before = first.setdefault(seed, int(path[-1]))
            if before != path[-1]:
                yield recipe.at(*path).says(
                    f"seed {shown(recipe.printed(*path) or '')} is listed twice",
                    recipe.at("seeds", "values", before).labelled("first listed here"),
                )


@rule(
    "REC008",
    level="note",
    needs="recipe",
    certainty="likely",
    after=("REC006", "REC007", "CLM203", "CLM204"),
    since="2026.2",
)
def seeds_could_be_chosen(recipe: Document) -> Iterator[Fault]:
    """The recipe lists seeds that somebody picked, though it could derive them.

    Why: The best of twenty seeds lies two standard deviations above their mean, and no test of one number can
        tell it from an honest one. Seeds that follow from the recipe, or count from 0 or 1, leave no choice.
    Bad:
        # recipe.yaml
        seeds: {values: [0, 1, 2, 1337]}
    Good:
        # recipe.yaml
        seeds: {values: [0, 1, 2, 3]}
    Fix: Train the seeds that the recipe derives, and write `seeds: {derive: N}`: each is the first four bytes
        of the sha256 of the recipe's digest and its number.
    """
    listed = [seed for _, seed in recipe.items("seeds", "values")]
    if listed and all(map(is_whole, listed)) and sorted(listed) not in _counted(len(listed)):
        n = len(listed)
        derived = derived_seeds(recipe_digest({**recipe.mapping(), "seeds": {"derive": n}}), min(n, 5))
        numbers = ", ".join(map(str, derived)) + (" and more" if n > 5 else "")
        yield recipe.at("seeds").says(
            "the seeds are listed, so that they could be chosen",
            help=f"with `seeds: {{derive: {n}}}` this recipe has the seeds {numbers}",
        )


def _in_plain_digits(recipe: Document, path: KeyPath, value: object, printed: str) -> Fix | None:
    """The number that this format reads is one that every reader reads; what it reads as text is quoted."""
    if isinstance(value, str):
        grouped = "_" in printed  # perhaps a number was meant: SCH006 tells where one is wanted
        return None if grouped else quoted_as_printed(recipe, path)
    return number_written(recipe, path, str(value) if isinstance(value, int) else printed)


def _counted(n: int) -> tuple[list[int], list[int]]:
    return list(range(n)), list(range(1, n + 1))


def _parameters(recipe: Document) -> dict[str, dict[str, object]]:
    """The parameters that a known reference model is given, each with all that it has."""
    from reference_models import catalogue

    name = recipe.get("model", "reference")
    if not isinstance(name, str) or name not in catalogue.names():
        return {}
    known = catalogue.parameters(name)
    return dict.fromkeys(recipe.mapping("model", "parameters"), known)
