"""`dataclass` as the standard library has it for the type checker, made several times as fast.

The standard one compiles eight methods for each frozen class, and a check needs some 130 classes. Here all
classes share `__eq__`, `__hash__` and `__repr__`, and `__init__` is compiled once for each number of fields:
the next class with as many gets the same code with its own names in it. `dataclasses.replace`, `fields` and
the like work as ever. What has more to it (inherited fields, `ClassVar`, `init=False`) is left to the
standard one. Frozen is what the type checker enforces; at run time it means that there is a hash.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414  said to be exported
else:
    import dataclasses
    from types import FunctionType

    def dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True) -> Any:
        """The decorator `dataclasses.dataclass` with these options."""

        def make(cls: type) -> type:
            own = vars(cls)
            made = _made(cls, slots=slots) or dataclasses.dataclass(slots=slots, repr=False, eq=False)(cls)
            fields = made.__dataclass_fields__.values()
            made._compared = tuple(field.name for field in fields if field.compare)  # noqa: SLF001
            if "__repr__" not in own:
                made.__repr__ = _repr
            if eq and "__eq__" not in own:
                made.__eq__ = _eq
                made.__hash__ = _hash if frozen else None
            return made

        return make

    @dataclasses.dataclass
    class _Sample:
        field: int

    _KIND = dataclasses.fields(_Sample)[0]._field_type  # noqa: SLF001  what marks a field as one of `fields()`
    _MISSING = dataclasses.MISSING

    def _made(cls: type, *, slots: bool) -> type | None:
        """The class with its fields and `__init__`, or None where there is more to it than its own fields."""
        own = dict(vars(cls))
        types = own.get("__annotations__")
        if not types or "__post_init__" in own or hasattr(cls, "__dataclass_fields__"):
            return None
        fields = {}
        for name, annotation in types.items():
            default = own.get(name, _MISSING)
            field = default if isinstance(default, dataclasses.Field) else dataclasses.field(default=default)
            if "ClassVar" in str(annotation) or "InitVar" in str(annotation) or not field.init:
                return None
            field.name, field.type, field._field_type, field.kw_only = name, annotation, _KIND, False  # noqa: SLF001
            fields[name] = field
        own |= {"__dataclass_fields__": fields, "__match_args__": tuple(fields)}
        own.setdefault("__init__", _init(cls, fields))
        if slots:
            for name in (*fields, "__dict__", "__weakref__"):
                own.pop(name, None)
            made = type(cls)(cls.__name__, cls.__bases__, own | {"__slots__": tuple(fields)})
            made.__qualname__ = cls.__qualname__
            return made
        for name in ("__dataclass_fields__", "__match_args__", "__init__"):
            setattr(cls, name, own[name])
        for name, field in fields.items():
            if field.default is not _MISSING:
                setattr(cls, name, field.default)
            elif name in own:
                delattr(cls, name)
        return cls

    def _init(cls: type, fields: dict[str, Any]) -> FunctionType:
        """An `__init__` that takes the fields in order and sets each."""
        made = tuple(field.default_factory is not _MISSING for field in fields.values())
        code = _template(made)
        names = {f"_{place}": name for place, name in enumerate(fields)}
        renamed = code.replace(
            co_varnames=tuple(names.get(name, name) for name in code.co_varnames),
            co_names=tuple(names.get(name, name) for name in code.co_names),
        )
        known = {"MISSING": _MISSING}
        for place, field in enumerate(fields.values()):
            if made[place]:
                known[f"make_{place}"] = field.default_factory
        defaults = tuple(
            _MISSING if factory else field.default
            for factory, field in zip(made, fields.values(), strict=True)
            if factory or field.default is not _MISSING
        )
        function = FunctionType(renamed, known, "__init__", defaults)
        function.__qualname__ = f"{cls.__qualname__}.__init__"
        return function

    @cache
    def _template(made: tuple[bool, ...]) -> Any:
        """The code of an `__init__` of fields `_0`, `_1` ...; those that are made by a factory are marked."""
        lines = [
            f" self._{place} = make_{place}() if _{place} is MISSING else _{place}" if factory
            else f" self._{place} = _{place}"
            for place, factory in enumerate(made)
        ]  # fmt: skip
        arguments = ", ".join(["self", *(f"_{place}" for place in range(len(made)))])
        space: dict[str, Any] = {}
        exec(f"def __init__({arguments}):\n" + ("\n".join(lines) or " pass"), space)  # noqa: S102  our own text
        return space["__init__"].__code__


def _values(record: Any) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in record._compared)  # noqa: SLF001


def _eq(record: Any, other: object) -> Any:
    return _values(record) == _values(other) if other.__class__ is record.__class__ else NotImplemented


def _hash(record: Any) -> int:
    return hash(_values(record))


def _repr(record: Any) -> str:
    import dataclasses

    shown = (field for field in dataclasses.fields(record) if field.repr)
    values = ", ".join(f"{field.name}={getattr(record, field.name)!r}" for field in shown)
    return f"{record.__class__.__qualname__}({values})"
