"""Parameters of a reference model: defaults filled in, impossible values refused in words; no torch here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

LARGEST = 65536  # of a size: far beyond what is retrained in an audit


def filled(
    model: str,
    defaults: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    sizes: Collection[str],
    shares: Collection[str] = (),
    switches: Collection[str] = (),
) -> dict[str, Any]:
    """All parameters of `model`; a default of None means that one must be given.

    Args:
        model: name of the model, for messages.
        defaults: every parameter the model has.
        given: what the recipe says.
        sizes: parameters that are whole numbers from 1 to `LARGEST`.
        shares: parameters from 0 to below 1.
        switches: parameters that are true or false.

    Raises:
        ValueError: a parameter is unknown, missing, or of an impossible value; the text says which.
    """
    unknown = sorted(set(given) - set(defaults))
    if unknown:
        raise ValueError(f"`{unknown[0]}` is not a parameter of {model} ({', '.join(defaults)})")
    full = {**defaults, **given}
    for name in sizes:
        value = full[name]
        if value is None:
            raise ValueError(f"{model} needs `{name}`")
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
            raise ValueError(f"`{name}` of {model} is {value!r}, expected a whole number from 1 to {LARGEST}")
    for name in shares:
        value = full[name]
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1:
            raise ValueError(f"`{name}` of {model} is {value!r}, expected a number from 0 to below 1")
    for name in switches:
        if not isinstance(full[name], bool):
            raise ValueError(f"`{name}` of {model} is {full[name]!r}, expected true or false")  # noqa: TRY004  # as above
    return full
