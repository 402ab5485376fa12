"""What each opcode does to the symbolic machine, by the names of pickletools."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from auditor.readers.forward import Forward, Held
from auditor.readers.pickle_values import (
    FORGOTTEN,
    INERT,
    LONG_TEXT,
    MAX_NAME,
    UNKNOWN,
    Broken,
    Constant,
    Fields,
    Made,
    holds_objects,
    is_wrapper,
    short_tuple,
)

if TYPE_CHECKING:
    from auditor.readers.pickle_machine import Machine

KEPT_LINE = 2**20  # bytes that are looked at of a text that ends with a line feed
SUSPECTS = frozenset(b"\x80\xc2c(VSUIg8PB7\x1f\xfd\x28\x04RM")  # first bytes of what might be a pickle
HIGHEST_PROTOCOL = 5

_DECIMAL = re.compile(rb"-?\d{1,30}L?")
_INDEX = re.compile(rb"\d{1,18}")
# What else C's PyLong_FromString takes for a number; after a zero byte it reads no further.
_ODD_INDEX = re.compile(rb"[ \t\r\v\f]*+\+?0*(\d(?:_?\d){0,17})[ \t\r\v\f]*+(?:\0.*)?", re.DOTALL)
_DTYPE = ("numpy", "dtype")


def _inert(machine: Machine, _: object) -> None:
    machine.push(INERT)


def _small(machine: Machine, argument: int) -> None:
    machine.push(argument)


def _signed(machine: Machine, argument: int) -> None:
    machine.push(argument - 2**32 if argument >= 2**31 else argument)


def _decimal(machine: Machine, argument: bytes) -> None:
    exact = _DECIMAL.fullmatch(argument) and argument not in {b"00", b"01"}
    machine.push(int(argument.rstrip(b"L")) if exact else INERT)


def _long(machine: Machine, count: int) -> None:
    if count <= 16:
        machine.push(int.from_bytes(machine.source.take(count), "little", signed=True))
    else:
        machine.source.pass_over(count)
        machine.push(INERT)


def _counted_bytes(machine: Machine, count: int) -> None:
    machine.push(machine.look_into(machine.source, count, False) or INERT)


def _counted_text(machine: Machine, count: int) -> None:
    if count > MAX_NAME:
        machine.push(machine.look_into(machine.source, count, True) or LONG_TEXT)
        return
    raw = machine.source.take(count)
    try:
        machine.push(_inside(machine, raw, True) or raw.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError as error:
        raise Broken("a text is not UTF-8") from error


def _counted_string(machine: Machine, count: int) -> None:
    """A text of Python 2, which is ASCII unless the loader says otherwise."""
    if count > MAX_NAME:
        machine.push(machine.look_into(machine.source, count, False) or LONG_TEXT)
        return
    raw = machine.source.take(count)
    machine.push(_inside(machine, raw, False) or raw.decode("latin-1"))


def _quoted_string(machine: Machine, line: bytes) -> None:
    raw = line.strip(b" \t\r\x0b\x0c")
    if len(line) < KEPT_LINE:
        if len(raw) < 2 or raw[:1] != raw[-1:] or raw[:1] not in {b'"', b"'"}:
            raise Broken("a quoted text has no quotes")
        raw = raw[1:-1]
        _line_text(machine, _unescaped(raw) if b"\\" in raw else raw, False)
    else:
        _long_line(machine, raw[1:])


def _escaped_text(machine: Machine, line: bytes) -> None:
    if len(line) >= KEPT_LINE:
        _long_line(machine, line)
        return
    try:
        text = line.decode("raw-unicode-escape")
    except UnicodeDecodeError as error:
        raise Broken("a text has a broken escape") from error
    _line_text(machine, text.encode("utf-8", "surrogatepass"), True)


def _line_text(machine: Machine, raw: bytes, is_text: bool) -> None:
    found = _inside(machine, raw, is_text)
    if found is None and len(raw) <= MAX_NAME:
        machine.push(raw.decode("utf-8" if is_text else "latin-1", "surrogatepass"))
    else:
        machine.push(found or LONG_TEXT)


def _long_line(machine: Machine, beginning: bytes) -> None:
    if beginning[:1] in {b"\x80", b"\\", b"c", b"("}:
        machine.gap("a line too long to be looked into could hold a pickle")
    machine.push(LONG_TEXT)


def _inside(machine: Machine, raw: bytes, is_text: bool) -> Constant | None:
    """What is known of a pickle in a text that is held."""
    if len(raw) < 8 or raw[0] not in SUSPECTS:  # fewer bytes import and call nothing
        return None
    return machine.look_into(Forward(Held(raw), machine.at), len(raw), is_text)


def _next_buffer(machine: Machine, _: object) -> None:
    machine.gap("it takes a buffer from outside of itself")
    machine.push(UNKNOWN)


def _nothing(machine: Machine, _: object) -> None:
    pass


def _append(machine: Machine, _: object) -> None:
    machine.pop()
    machine.change(machine.top())


def _extend(machine: Machine, _: object) -> None:
    machine.pop_to_mark()
    machine.change(machine.top())


def _collect(machine: Machine, _: object) -> None:
    """LIST and FROZENSET."""
    machine.pop_to_mark()
    machine.push(INERT)


def _tuple_of(machine: Machine, count: int) -> None:
    items = [machine.pop() for _ in range(count)]
    machine.push(short_tuple(items[::-1]))


def _tuple(machine: Machine, _: object) -> None:
    machine.push(short_tuple(machine.pop_to_mark()))


def _empty_tuple(machine: Machine, _: object) -> None:
    machine.push(())


def _empty_mapping(machine: Machine, _: object) -> None:
    machine.push(Fields())


def _mapping(machine: Machine, _: object) -> None:
    items = machine.pop_to_mark()
    fields = Fields()
    for key, value in zip(items[::2], items[1::2], strict=False):
        fields.put(key, value)
    machine.push(fields)


def _set_item(machine: Machine, _: object) -> None:
    value, key = machine.pop(), machine.pop()
    target = machine.top()
    if isinstance(target, Fields):
        target.put(key, value)
    machine.change(target)


def _set_items(machine: Machine, _: object) -> None:
    items = machine.pop_to_mark()
    target = machine.top()
    if isinstance(target, Fields):
        for key, value in zip(items[::2], items[1::2], strict=False):
            target.put(key, value)
    machine.change(target)


def _drop(machine: Machine, _: object) -> None:
    """POP takes a mark away where nothing lies above it, as the unpicklers do."""
    if machine.marks and machine.marks[-1] == len(machine.stack):
        machine.marks.pop()
    else:
        machine.pop()


def _drop_to_mark(machine: Machine, _: object) -> None:
    machine.pop_to_mark()


def _double(machine: Machine, _: object) -> None:
    machine.push(machine.top())


def _mark(machine: Machine, _: object) -> None:
    machine.mark()


def _recall(machine: Machine, index: int) -> None:
    machine.push(machine.get(index))


def _recall_line(machine: Machine, line: bytes) -> None:
    machine.push(machine.get(_index(machine, line)))


def _remember(machine: Machine, index: int) -> None:
    machine.put(index, machine.top())


def _remember_line(machine: Machine, line: bytes) -> None:
    machine.put(_index(machine, line), machine.top())


def _remember_next(machine: Machine, _: object) -> None:
    machine.put(machine.remembered(), machine.top())


def _extension(machine: Machine, code: int) -> None:
    machine.gap(f"it asks for extension {code:,}, and what that is only the loader knows")
    machine.push(UNKNOWN)


def _global_lines(machine: Machine, lines: bytes) -> None:
    machine.push(machine.imported(*_names(lines)))


def _global_stack(machine: Machine, _: object) -> None:
    name, module = machine.pop(), machine.pop()
    if isinstance(name, str) and isinstance(module, str):
        machine.push(machine.imported(module, name))
        return
    for value in (module, name):
        could_be = isinstance(value, str | Constant | Made) or value in _COULD_BE_TEXT
        if not could_be or is_wrapper(value):
            raise Broken("the name of what it imports is no text")
    machine.gap("it imports something whose name could not be told")
    machine.has_acted = True
    machine.push(UNKNOWN)


def _reduce(machine: Machine, _: object) -> None:
    arguments, called = machine.pop(), machine.pop()
    machine.push(machine.call(called, arguments, "called"))


def _instance(machine: Machine, lines: bytes) -> None:
    called = machine.imported(*_names(lines))
    machine.push(machine.call(called, short_tuple(machine.pop_to_mark()), "called"))


def _object(machine: Machine, _: object) -> None:
    items = machine.pop_to_mark()
    if not items:
        raise Broken("it makes an object of nothing")
    machine.push(machine.call(items[0], short_tuple(items[1:]), "called"))


def _new_object(machine: Machine, _: object) -> None:
    arguments, called = machine.pop(), machine.pop()
    machine.push(machine.call(called, arguments, "created"))


def _new_object_named(machine: Machine, _: object) -> None:
    machine.pop()
    _new_object(machine, 0)


def _build(machine: Machine, _: object) -> None:
    state = machine.pop()
    target = machine.top()
    machine.change(target)
    if is_wrapper(target):
        target.state = state
        machine.skip_array(machine, target)
    elif isinstance(target, Made) and (target.of.module, target.of.name) == _DTYPE:
        target.state = state
        is_of_objects = target.hint.lstrip("<>|=").startswith(("O", "object"))
        if is_of_objects and not holds_objects(state):  # numpy would take the bytes of an array for addresses
            machine.gap("a dtype of objects is told that it holds none")


def _protocol_is(machine: Machine, version: int) -> None:
    if version > HIGHEST_PROTOCOL:
        raise Broken(f"it is of protocol {version}, and the highest is {HIGHEST_PROTOCOL}")
    machine.protocol = version


def _frame(machine: Machine, length: int) -> None:
    if machine.frame_end:
        machine.gap("a frame begins inside another")
    machine.frame_end = machine.source.position + length


def _persistent(machine: Machine, _: object) -> None:
    named = machine.pop()
    if isinstance(named, tuple) and named and named[0] == "storage":  # torch.save
        machine.push(INERT)
        return
    machine.gap("it asks the loader for an object by a name that only the loader knows")
    machine.push(UNKNOWN)


def _persistent_line(machine: Machine, _: object) -> None:
    machine.gap("it asks the loader for an object by a name that only the loader knows")
    machine.push(UNKNOWN)


def _stop(machine: Machine, _: object) -> None:
    machine.result = machine.pop()


def _names(lines: bytes) -> list[str]:
    try:
        return lines.decode().split("\n")
    except UnicodeDecodeError as error:
        raise Broken("the name of what it imports is not UTF-8") from error


def _index(machine: Machine, line: bytes) -> int:
    """The number of a remembered value; the unpicklers read odd spellings each in its way."""
    if _INDEX.fullmatch(line):
        return int(line)
    odd = _ODD_INDEX.fullmatch(line.replace(b"0_", b"0"))
    if odd is None:
        raise Broken("the number of a remembered value is none")
    machine.gap("the number of a remembered value is spelt so that readers differ")
    return int(odd[1])


def _unescaped(raw: bytes) -> bytes:
    """The text as pickle itself reads it; an escape that Python does not know stays as it stands."""
    import warnings
    from codecs import escape_decode

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bytes(escape_decode(raw)[0])
        except ValueError as error:
            raise Broken("a quoted text has a broken escape") from error


_COULD_BE_TEXT = (LONG_TEXT, FORGOTTEN, UNKNOWN)
ACTS: dict[str, Callable[[Machine, Any], None]] = {
    **dict.fromkeys(("NONE", "NEWTRUE", "NEWFALSE", "FLOAT", "BINFLOAT"), _inert),
    **dict.fromkeys(("EMPTY_LIST", "EMPTY_SET"), _inert),
    **dict.fromkeys(("INT", "LONG"), _decimal),
    **dict.fromkeys(("BININT1", "BININT2"), _small),
    "BININT": _signed,
    **dict.fromkeys(("LONG1", "LONG4"), _long),
    "STRING": _quoted_string,
    **dict.fromkeys(("BINSTRING", "SHORT_BINSTRING"), _counted_string),
    **dict.fromkeys(("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"), _counted_bytes),
    "UNICODE": _escaped_text,
    **dict.fromkeys(("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"), _counted_text),
    "NEXT_BUFFER": _next_buffer,
    "READONLY_BUFFER": _nothing,
    "APPEND": _append,
    **dict.fromkeys(("APPENDS", "ADDITEMS"), _extend),
    **dict.fromkeys(("LIST", "FROZENSET"), _collect),
    "EMPTY_TUPLE": _empty_tuple,
    "TUPLE": _tuple,
    "TUPLE1": lambda machine, _: _tuple_of(machine, 1),
    "TUPLE2": lambda machine, _: _tuple_of(machine, 2),
    "TUPLE3": lambda machine, _: _tuple_of(machine, 3),
    "EMPTY_DICT": _empty_mapping,
    "DICT": _mapping,
    "SETITEM": _set_item,
    "SETITEMS": _set_items,
    "POP": _drop,
    "POP_MARK": _drop_to_mark,
    "DUP": _double,
    "MARK": _mark,
    **dict.fromkeys(("BINGET", "LONG_BINGET"), _recall),
    "GET": _recall_line,
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), _remember),
    "PUT": _remember_line,
    "MEMOIZE": _remember_next,
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), _extension),
    "GLOBAL": _global_lines,
    "STACK_GLOBAL": _global_stack,
    "REDUCE": _reduce,
    "BUILD": _build,
    "INST": _instance,
    "OBJ": _object,
    "NEWOBJ": _new_object,
    "NEWOBJ_EX": _new_object_named,
    "PROTO": _protocol_is,
    "STOP": _stop,
    "FRAME": _frame,
    "PERSID": _persistent_line,
    "BINPERSID": _persistent,
}
