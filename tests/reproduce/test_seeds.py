"""Published and fresh seeds."""

import hashlib
from itertools import islice

from auditor.formats.derivation import derived_seed, recipe_digest
from auditor.formats.recipe import Seeds
from auditor.reproduce.seeds import fresh_seeds, published_seeds

STATED = {"training": {"epochs": 3}, "seeds": {"derive": 2}}
DIGEST = recipe_digest(STATED)


def test_derived_seeds_follow_from_the_recipe_alone():
    assert published_seeds(Seeds(derive=2), DIGEST) == (derived_seed(DIGEST, 0), derived_seed(DIGEST, 1))


def test_fresh_seeds_are_not_published_and_not_repeated():
    seeds = Seeds(derive=2)
    fresh = list(islice(fresh_seeds(seeds, DIGEST), 20))
    assert len(set(fresh)) == 20
    assert not set(fresh) & set(published_seeds(seeds, DIGEST))


def test_listed_seeds_are_never_drawn_as_fresh():
    listed = Seeds(values=[0, derived_seed(DIGEST, 0)])
    assert derived_seed(DIGEST, 0) not in list(islice(fresh_seeds(listed, DIGEST), 20))


def test_a_changed_recipe_has_other_seeds():
    changed = recipe_digest(STATED | {"training": {"epochs": 4}})
    assert published_seeds(Seeds(derive=2), changed) != published_seeds(Seeds(derive=2), DIGEST)


def test_the_order_of_fields_does_not_count():
    assert recipe_digest(dict(reversed(STATED.items()))) == DIGEST


def test_seeds_are_four_bytes_of_a_sha256():
    assert derived_seed("abc", 0).to_bytes(4, "big") == hashlib.sha256(b"abc/0").digest()[:4]
