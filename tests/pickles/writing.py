"""Pickles written opcode by opcode, as bytes; nothing here is ever unpickled, not even by a test.

A piece is bytes that leave one value on the stack. Commands and sources in the corpus would leave the file MARKER
where they are run, and a test looks that it is not there.
"""

import pickle
import struct

MARKER = "fmaudit-was-executed"
COMMAND = f"echo executed > {MARKER}"
SOURCE = f"open({MARKER!r}, 'w').close()"


def pickled(*pieces, protocol=4):
    """A whole pickle: protocol, pieces, STOP."""
    return proto(protocol) + b"".join(pieces) + pickle.STOP


def proto(number):
    return pickle.PROTO + bytes([number])


def text(value):
    raw = value.encode("utf-8", "surrogatepass")
    if len(raw) < 256:
        return pickle.SHORT_BINUNICODE + bytes([len(raw)]) + raw
    return pickle.BINUNICODE + struct.pack("<I", len(raw)) + raw


def raw_bytes(value):
    return pickle.BINBYTES + struct.pack("<I", len(value)) + value


def imported(module, name):
    return text(module) + text(name) + pickle.STACK_GLOBAL


def old_imported(module, name):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def tuple_of(*pieces):
    return pickle.MARK + b"".join(pieces) + pickle.TUPLE


def called(function, *arguments):
    return function + tuple_of(*arguments) + pickle.REDUCE


def value(thing):
    """A piece for a plain value."""
    if isinstance(thing, bytes):
        return raw_bytes(thing)
    if isinstance(thing, str):
        return text(thing)
    if isinstance(thing, list):
        return pickle.EMPTY_LIST + pickle.MARK + b"".join(map(value, thing)) + pickle.APPENDS
    if isinstance(thing, tuple):
        return tuple_of(*map(value, thing))
    if isinstance(thing, dict):
        items = b"".join(value(key) + value(one) for key, one in thing.items())
        return pickle.EMPTY_DICT + pickle.MARK + items + pickle.SETITEMS
    if thing is None:
        return pickle.NONE
    if isinstance(thing, bool):
        return pickle.NEWTRUE if thing else pickle.NEWFALSE
    return pickle.BININT + struct.pack("<i", thing)


SYSTEM = called(imported("os", "system"), text(COMMAND))
EVIL = pickled(SYSTEM)  # what every scanner knows
EVIL_0 = b"cos\nsystem\n(S'" + COMMAND.encode() + b"'\ntR."
UNKNOWN_EVIL = pickled(called(imported("torch.utils.collect_env", "run"), text(COMMAND)))
STATE = {"weight": [1, 2, 3], "bias": (4, 5)}
KIND = pickled(value(STATE))
