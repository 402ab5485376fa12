"""The walk over pickles beside Python's own tools: same opcodes, same ends, same imports; and its bounds."""

import copyreg
import io
import pickle
import pickletools
import random
import struct
import zipfile
from collections import OrderedDict

import pytest

from auditor.readers.forward import Forward, Held
from auditor.readers.pickle import Budget, may_begin, may_go_on, walk
from auditor.readers.pickle_machine import MAX_OPCODES
from auditor.readers.pickle_opcodes import COUNTED, FIXED, LINE, LINES, OPCODES
from tests.pickles.benign import benign
from tests.pickles.writing import EVIL, EVIL_0, KIND, SYSTEM, imported, pickled, proto, text, value

FORMS = {
    **dict.fromkeys(("decimalnl_short", "decimalnl_long", "floatnl", "stringnl", "stringnl_noescape"), LINE),
    **dict.fromkeys(("unicodestringnl",), LINE),
    "stringnl_noescape_pair": LINES,
    **dict.fromkeys(("uint1",), "1"),
    **dict.fromkeys(("uint2",), "2"),
    **dict.fromkeys(("int4", "uint4"), "4"),
    **dict.fromkeys(("float8", "uint8"), "8"),
    **dict.fromkeys(("long1", "string1", "bytes1", "unicodestring1"), "c1"),
    **dict.fromkeys(("bytes4", "unicodestring4"), "c4"),
    **dict.fromkeys(("long4", "string4"), "c-4"),
    **dict.fromkeys(("bytes8", "bytearray8", "unicodestring8"), "c8"),
}


def walked(raw, **options):
    return walk(Forward(Held(raw)), **options)


def names(found):
    return {(one.module, one.name) for one in found.imports}


def honest_pickles():
    """The bytes of every pickle in the honest files that pickle.load could read as it stands."""
    for name, raw in benign():
        if name.endswith((".pkl", ".pickle")) and raw[:1] == b"\x80":
            yield name, raw
        if name.endswith((".pt", ".pth", ".ckpt")) and raw[:2] == b"PK" and name != "without_checksums.pt":
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                yield name, archive.read(next(one for one in archive.namelist() if one.endswith("data.pkl")))


HONEST = [(name, raw) for name, raw in honest_pickles() if raw[1:]]


def test_the_table_of_opcodes_is_that_of_pickletools():
    assert {code: row[0] for code, row in OPCODES.items()} == {
        ord(one.code): one.name for one in pickletools.opcodes
    }
    for one in pickletools.opcodes:
        assert OPCODES[ord(one.code)][1] == (FORMS[one.arg.name] if one.arg else "")
    assert {form for _, form in OPCODES.values()} <= {"", LINE, LINES, *FIXED, *COUNTED}


@pytest.mark.parametrize(("name", "raw"), HONEST, ids=[name for name, _ in HONEST])
def test_an_honest_pickle_ends_where_pickletools_says_and_has_no_gap(name, raw):
    found = walked(raw, known=True)
    end = 0
    while end < len(raw) and raw[end : end + 1] == b"\x80":
        end += [place for _, _, place in pickletools.genops(raw[end:])][-1] + 1
    assert (found.end, [gap for _, one in found.all() for gap in one.gaps]) == (end, [])


class Stand:
    """An inert thing that takes whatever a pickle does to it."""

    def __init__(self, *_):
        pass

    def __call__(self, *_, **__):
        return Stand()

    def __setstate__(self, _):
        pass

    def append(self, _):
        pass

    def extend(self, _):
        pass

    def __setitem__(self, *_):
        pass

    def __hash__(self):
        return 1


class Recording(pickle.Unpickler):
    """Records what is imported and hands out stand-ins; used on honest pickles made here, and on nothing else."""

    def __init__(self, raw):
        super().__init__(io.BytesIO(raw))
        self.asked = set()

    def find_class(self, module, name):
        self.asked.add((module, name))
        return Stand

    def persistent_load(self, _):
        return Stand()


@pytest.mark.parametrize(("name", "raw"), HONEST, ids=[name for name, _ in HONEST])
def test_the_imports_of_an_honest_pickle_are_those_that_the_unpickler_asks_for(name, raw):
    unpickler = Recording(raw)
    unpickler.load()
    first = walked(raw[: [place for _, _, place in pickletools.genops(raw)][-1] + 1], known=True)
    assert names(first) == unpickler.asked


@pytest.mark.parametrize("protocol", range(6))
def test_random_values_are_followed_in_every_protocol(protocol):
    generator = random.Random(protocol)

    def some(depth=0):
        kind = generator.randrange(11 if depth < 4 else 7)
        leaves = [
            None,
            True,
            generator.randrange(-(10**30), 10**30),
            generator.random(),
            "é" * generator.randrange(300),
        ]
        leaves += [generator.randbytes(generator.randrange(300)), OrderedDict(a=1)]
        if kind < 7:
            return leaves[kind]
        things = [some(depth + 1) for _ in range(generator.randrange(12))]
        return [things, tuple(things), {str(number): one for number, one in enumerate(things)}, {1, 2, "x"}][
            kind - 7
        ]

    for _ in range(50):
        thing = [some() for _ in range(20)]
        raw = pickle.dumps(thing, protocol)
        found = walked(raw, known=True)
        assert (found.end, found.gaps, found.count) == (len(raw), [], 1)
        unpickler = Recording(raw)
        unpickler.load()
        assert names(found) == unpickler.asked


def test_the_extension_registry_is_not_read():
    copyreg.add_extension("collections", "OrderedDict", 241)
    try:
        found = walked(pickle.dumps(OrderedDict, 2))
    finally:
        copyreg.remove_extension("collections", "OrderedDict", 241)
    assert (names(found), [gap.why for gap in found.gaps]) == (
        set(),
        ["it asks for extension 241, and what that is only the loader knows"],
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80",
        b"\x80\x04",
        b"\x80\x09N.",
        b"# A text.\n",
        b"count\nname\nI1\n.",
        b"cat\ndog\n.",
        b"config.json\nmodel.bin\n./x\n",
        b"N.",
        b"(the)\n",
        bytes(1000),
        b"\x80\x02" + bytes(range(3, 256)),
    ],
    ids=repr,
)
def test_other_bytes_are_no_pickle(raw):
    assert walked(raw) is None


def test_bytes_without_mark_are_a_pickle_where_a_name_says_so():
    assert walked(b"I1\n.", known=True).count == 1
    assert walked(b"I1\n.") is None


def test_a_beginning_tells_whether_it_may_go_on():
    assert may_begin(EVIL)
    assert may_go_on(EVIL_0)
    assert may_go_on(EVIL_0[:20])
    assert may_go_on(b"(S'" + b"a" * 600)
    assert not may_go_on(b"MIT License\n\nCopyright")
    assert not may_go_on(b"")


def test_what_follows_a_pickle_is_followed_too():
    found = walked(KIND + EVIL + b"rest")
    assert (names(found), found.count, found.end) == ({("os", "system")}, 2, len(KIND + EVIL))


def test_numbers_after_old_torch_pickles_are_not_read_as_opcodes():
    parts = [pickle.dumps(0x1950A86A20F9469CFC6C, 2), *[pickle.dumps(1, 2)] * 4]
    found = walked(b"".join(parts) + EVIL)
    assert (found.is_torch, found.count, names(found)) == (True, 5, set())


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\x80\x02}q\x00X\x05\x00\x00\x00", "it breaks off: the bytes end"),
        (pickled(SYSTEM)[:-1], "it breaks off: the bytes end"),
        (proto(4) + SYSTEM + b"\xff", "0xff is no opcode"),
        (proto(4) + SYSTEM + b"0R.", "it takes a value where there is none"),
        (proto(4) + SYSTEM + b"t.", "it goes back to a mark where there is none"),
        (proto(4) + SYSTEM + b"h\x07.", "it recalls value 7, which it has not remembered"),
        (proto(4) + SYSTEM + b"p0\ng0_0\n.", "the number of a remembered value is spelt so that readers differ"),
        (proto(4) + SYSTEM + b"gx\n.", "the number of a remembered value is none"),
        (proto(4) + SYSTEM + b"T\xff\xff\xff\xff.", "a length is out of range"),
        (proto(4) + SYSTEM + b"\x8e" + b"\xff" * 8, "a length is out of range"),
        (proto(4) + SYSTEM + b"\x80\x09.", "it is of protocol 9, and the highest is 5"),
        (proto(4) + SYSTEM + b"\x8c\x01\xff.", "a text is not UTF-8"),
        (proto(4) + SYSTEM + b"Sx\n.", "a quoted text has no quotes"),
        (proto(4) + SYSTEM + b"S'\\x'\n.", "a quoted text has a broken escape"),
        (proto(4) + SYSTEM + b"V\\u1\n.", "a text has a broken escape"),
        (proto(4) + SYSTEM + b"NN\x93.", "the name of what it imports is no text"),
        (proto(4) + SYSTEM + b"N)R.", "it calls what cannot be called"),
        (proto(4) + SYSTEM + b"(o.", "it makes an object of nothing"),
        (proto(4) + SYSTEM + b"c\xff\nx\n.", "the name of what it imports is not UTF-8"),
        (proto(4) + SYSTEM + b"c" + b"a" * 1001 + b"\nx\n.", "the name of what it imports has more than 1,000 characters"),
        (proto(4) + b"(" * 1_000_100, "it holds more than 1,000,000 values at once"),
        (proto(4) + b"N" + b"".join(b"r" + struct.pack("<I", 9 * n + 9) for n in range(100_100)), "it remembers more values than any pickler would number so"),
        (proto(4) + b"".join(b"cm%d\nn\n0" % n for n in range(10_100)), "it imports more than 10,000 things"),
        (proto(4) + value([text("x").decode("latin-1")]) + b"\x98\x97.", "it takes a buffer from outside of itself"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)  # fmt: skip
def test_what_cannot_be_followed_says_why(raw, why):
    assert [gap.why for gap in walked(raw, known=True).gaps] == [why]


def test_more_opcodes_than_the_budget_are_not_followed():
    found = walked(proto(4) + b"N0" * 1000, budget=Budget(opcodes=1000))
    assert [gap.why for gap in found.gaps] == [f"it has more than {MAX_OPCODES:,} opcodes"]


def test_a_text_with_an_unknown_escape_gives_no_warning():
    assert names(walked(rb"S'\q'" + b"\n0" + EVIL_0)) == {("os", "system")}


def test_an_import_is_told_with_its_place_and_uses():
    found = walked(pickled(imported("a.b", "C"), b")\x81}b", SYSTEM))
    uses = [(one.module, one.name, one.at, sorted(one.uses)) for one in found.imports]
    assert uses == [("a.b", "C", 10, ["created"]), ("os", "system", 27, ["called"])]


def test_inner_pickles_are_told_with_their_place():
    found = walked(pickled(value({"extra": EVIL})))
    assert [(inner.at, inner.written, names(inner.walk)) for inner in found.inner] == [
        (16, "bytes", {("os", "system")})
    ]


def test_texts_of_pickles_are_followed_to_a_depth():
    raw = EVIL
    for _ in range(6):
        raw = pickled(value({"extra": raw}))
    found = walked(raw)
    assert any("deeper" in gap.why for _, one in found.all() for gap in one.gaps)


def test_texts_that_are_long_or_look_like_imports_take_no_time_in_the_square_of_their_length():
    raw = pickled(*[text("c" * 4000 + "\n" + "i" * 4000)] * 500)
    assert walked(raw, known=True).gaps == []
