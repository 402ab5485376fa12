"""Published and fresh seeds."""

from itertools import islice

from auditor.formats.recipe import Recipe
from auditor.reproduce.seeds import derived_seed, fresh_seeds, published_seeds, recipe_digest


def test_derived_seeds_follow_from_the_recipe_alone(recipe):
    digest = recipe_digest(recipe)
    assert published_seeds(recipe) == (derived_seed(digest, 0), derived_seed(digest, 1))


def test_fresh_seeds_are_not_published_and_not_repeated(recipe):
    fresh = list(islice(fresh_seeds(recipe), 20))
    assert len(set(fresh)) == 20
    assert not set(fresh) & set(published_seeds(recipe))


def test_listed_seeds_are_never_drawn_as_fresh(recipe):
    listed = recipe.model_dump(exclude_unset=True)
    drawn = next(fresh_seeds(Recipe.model_validate(listed | {"seeds": {"values": [0, 1]}})))
    again = Recipe.model_validate(listed | {"seeds": {"values": [0, drawn]}})
    assert drawn not in list(islice(fresh_seeds(again), 20))


def test_a_changed_recipe_has_other_seeds(recipe):
    changed = recipe.model_copy(update={"training": recipe.training.model_copy(update={"epochs": 4})})
    assert published_seeds(changed) != published_seeds(recipe)


def test_a_default_written_out_is_another_recipe_but_layout_is_not(recipe):
    values = recipe.model_dump(exclude_unset=True)
    reordered = dict(reversed(values.items()))
    assert recipe_digest(Recipe.model_validate(reordered)) == recipe_digest(recipe)


def test_seeds_are_four_bytes_of_a_sha256():
    # sha256("abc/0") begins with these bytes
    import hashlib

    assert derived_seed("abc", 0).to_bytes(4, "big") == hashlib.sha256(b"abc/0").digest()[:4]
