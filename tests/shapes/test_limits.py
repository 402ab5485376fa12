"""What the tables of limits say is refused, transformers refuses; the rest of these families it runs."""

import warnings
from copy import deepcopy

import pytest
import torch
import transformers

from auditor.shapes.limits import GROUPED, PADDED, TURNED, WIDTHS
from tests.shapes.oracle import built
from tests.shapes.variants import VARIANTS


def with_field(fields, path, value):
    first, _, rest = path.partition(".")
    return fields | {first: with_field(fields[first], rest, value) if rest else value}


def base_class(kind):
    return transformers.AutoModel._model_mapping[type(transformers.AutoConfig.for_model(kind))].__name__


def run(kind, fields):
    """The model answers, on a CPU, or something is raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = transformers.AutoConfig.for_model(kind, **deepcopy(fields))
        return transformers.AutoModel.from_config(config)(input_ids=torch.tensor([[1, 2, 3]]))


@pytest.mark.parametrize(
    ("kind", "heads"), [(kind, heads) for kind, pairs in WIDTHS.items() for _, heads in pairs]
)
def test_heads_that_do_not_divide_the_width_make_no_model(kind, heads):
    built(kind, base_class(kind), VARIANTS[kind][0])
    with pytest.raises(Exception, match=r"(?i)divisible|multiple|divide|validat"):
        built(kind, base_class(kind), with_field(VARIANTS[kind][0], heads, 5))


@pytest.mark.parametrize("kind", sorted(GROUPED))
def test_key_heads_that_do_not_divide_the_heads_make_no_attention(kind):
    fields = VARIANTS[kind][0] | {"pad_token_id": 0, "num_experts_per_tok": 1}
    run(kind, fields | {"num_key_value_heads": 2})
    with pytest.raises(Exception, match=r"(?i)size|divide|validat|shape"):
        run(kind, fields | {"num_key_value_heads": 3})


@pytest.mark.parametrize("kind", sorted(TURNED))
def test_a_head_of_odd_size_cannot_be_turned(kind):
    fields = VARIANTS[kind][0] | {
        "pad_token_id": 0,
        "hidden_size": 28,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    }
    with pytest.raises(Exception, match=r"(?i)size|shape|dim|validat"):
        run(kind, fields | {"head_dim": 7})


@pytest.mark.parametrize("kind", sorted(PADDED))
def test_padding_outside_of_the_vocabulary_makes_no_embedding(kind):
    with pytest.raises(AssertionError, match="Padding_idx"):
        built(kind, base_class(kind), VARIANTS[kind][0] | {"pad_token_id": 96})
