"""The two kinds of pydantic base: ours (unknown fields refused) and foreign (unknown fields kept)."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Ours(BaseModel):
    """A table of a file that fmaudit defines: an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Foreign(BaseModel):
    """A table of a file that another standard defines: what it adds is kept and not judged."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)


def _as_printed(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


# [0-9], not \d, which in Python takes the digits of every script and in an editor only these ten. An exponent
# may only shrink: `1e2` would hide how many digits were printed. Two digits of it keep every value finite.
NUMBER = r"^[-+]?([0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})([eE]-[0-9]{1,2})?$"


def text_like(pattern: str, expected: str, example: str) -> Any:
    """Text that matches a pattern; editors and `check` say in the words of `expected` what it should be."""
    words = f"expected {expected}, such as `{example}`"
    return Field(pattern=pattern, examples=[example], json_schema_extra={"patternErrorMessage": words})


Number = Annotated[
    str,
    BeforeValidator(_as_printed, json_schema_input_type=Annotated[str, Field(pattern=NUMBER)] | float),
    text_like(NUMBER, "a number in decimal digits", "0.9750"),
]
"""A number kept as printed, because its digits are evidence; quote it so that no reader drops a zero."""

# Bounds far beyond what a reference model is trained on: no field can ask for more than a machine has.
Count = Annotated[int, Field(ge=1, le=2**31)]
Row = Annotated[int, Field(ge=0, le=2**31)]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
RelativePath = Annotated[str, text_like(r"^[^/\\]", "a path inside the bundle", "results/test.json")]
"""A path inside the bundle, with forward slashes."""
