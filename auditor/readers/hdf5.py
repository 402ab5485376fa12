"""HDF5 files: the attributes in which Keras keeps its configuration, and every other file that is named.

Format: HDF5 File Format Specification 3.0. Superblocks 0 to 3, object headers 1 and 2, groups and attributes
of the old and the new kind are followed; the data of datasets is not read. What cannot be followed is a gap,
and said to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from auditor.model import Place, Span
from auditor.readers.document import Unreadable
from auditor.readers.hdf5_attributes import MAX_VALUE_BYTES, MAX_VALUES, Attribute, wanted
from auditor.readers.hdf5_heaps import (
    Store,
    fractal_heap,
    global_object,
    heap_object,
    heap_records,
    local_name,
    name_in,
    symbol_entries,
)
from auditor.readers.window import Unfollowed, Window
from auditor.records import dataclass

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_OBJECTS = 100_000
MAX_MESSAGES = 1_000_000  # of all object headers
MAX_GAPS = 20  # that are listed
_LINK_INFO, _LINK, _EXTERNAL_FILES, _LAYOUT, _ATTRIBUTE = 0x02, 0x06, 0x07, 0x08, 0x0C
_CONTINUATION, _SYMBOL_TABLE, _ATTRIBUTE_INFO = 0x10, 0x11, 0x15
_SHARED = 2  # flag of a message that stands elsewhere


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another file that this one names: by which object, and how (link, storage, virtual dataset)."""

    owner: str
    kind: str
    path: str


@dataclass(slots=True)
class Hdf5File:
    """One HDF5 file.

    Attributes:
        end: where the file says that it ends, counted from its first byte.
        attributes: those of WANTED, of any object.
        elsewhere: every other file that is named.
        n_objects: how many groups and datasets were met.
        gaps: what could not be followed, the first MAX_GAPS.
        member: its name in the archive that it is in; empty where it is a file of its own.
    """

    file: str
    size_bytes: int
    end: int = 0
    attributes: list[Attribute] = field(default_factory=list)
    elsewhere: list[Elsewhere] = field(default_factory=list)
    n_objects: int = 0
    gaps: list[Unfollowed] = field(default_factory=list)
    member: str = ""

    def at(self, name: str = "") -> Place:
        """The place of an object, or of the file: it has no lines."""
        return Place(self.file, tuple(part for part in (self.member, name) if part), span=Span(self.file))


def read_hdf5(window: Window) -> Hdf5File:
    """What the file that the window shows says of itself, as far as it can be followed.

    Raises:
        Unreadable: there is no superblock.
        Unfollowed: there is one, of a version or with sizes that are not known here.
    """
    found = Hdf5File(window.file, window.size_bytes)
    store, end, root = _superblock(window)
    found.end = end
    _Walk(store, found).objects(root)
    return found


def find_signature(window: Window) -> int | None:
    """Where the superblock stands: at 0, or behind a block of the user's at 512, 1024, 2048 and so on."""
    place = 0
    while place + len(SIGNATURE) <= window.size_bytes:
        if window.at(place, len(SIGNATURE), "the signature") == SIGNATURE:
            return place
        place = place * 2 or 512
    return None


def _superblock(window: Window) -> tuple[Store, int, int]:
    """The store, the address that the file ends at, and that of the root group's header (II.A)."""
    place = find_signature(window)
    if place is None:
        raise window.fault(0, "this is no HDF5 file: the signature is missing")
    version = window.number(place + 8, 1, "the superblock")
    if version > 3:
        raise Unfollowed(f"a superblock of version {version}", Span(window.file))
    sizes = place + (13 if version < 2 else 9)
    store = Store(window, window.number(sizes, 1, "sizes"), window.number(sizes + 1, 1, "sizes"), 0)
    if store.offset_bytes not in (2, 4, 8) or store.length_bytes not in (2, 4, 8):
        raise Unfollowed("a superblock with addresses of an unusual size", Span(window.file))
    width = store.offset_bytes
    # Addresses: base, free space or extension, end of file, driver or root group; before 2 the root's entry.
    first = place + (24 if version == 0 else 28 if version == 1 else 12)
    base, _, end, last = (window.number(first + n * width, width, "the superblock") for n in range(4))
    store.base = place  # H5F__super_read takes this, whatever the file says, and moves the end along
    if version < 2:
        last = window.number(first + 5 * width, width, "the superblock")
    return store, end + place - base, last


class _Walk:
    """Goes from the root to every object; an object that cannot be followed is a gap and no end."""

    __slots__ = ("_found", "_messages_left", "_store")

    def __init__(self, store: Store, found: Hdf5File) -> None:
        self._store = store
        self._found = found
        self._messages_left = MAX_MESSAGES

    def objects(self, root: int) -> None:
        pending = [("/", root)]
        seen = {root}
        while pending:
            path, address = pending.pop()
            self._found.n_objects += 1
            for name, child in self._children(path, address):
                if child in seen:
                    continue
                if len(seen) == MAX_OBJECTS:
                    self._gap(self._store.unfollowed(child, f"more than {MAX_OBJECTS:,} objects"))
                    return
                seen.add(child)
                pending.append((f"{path.rstrip('/')}/{name}"[:1_000], child))

    def _children(self, path: str, address: int) -> Iterator[tuple[str, int]]:
        """Name and address of what a group holds; what else the object says is kept."""
        try:
            for kind, flags, begin, end in self._messages(address):
                try:
                    if flags & _SHARED and kind in (_ATTRIBUTE, _LINK, _LINK_INFO, _ATTRIBUTE_INFO):
                        self._gap(self._store.unfollowed(begin, "a message that is shared"))
                    elif kind == _SYMBOL_TABLE:
                        raw = self._store.at(begin, 2 * self._store.offset_bytes, "a group")
                        tree, heap = self._store.offset(raw, 0), self._store.offset(raw, len(raw) // 2)
                        if self._store.is_set(tree):
                            yield from symbol_entries(self._store, tree, heap)
                    elif kind == _LINK:
                        yield from self._link(path, self._store.at(begin, end - begin, "a link"))
                    elif kind == _LINK_INFO:
                        yield from self._dense_links(path, begin)
                    else:
                        self._keep(path, kind, begin, end)
                except Unreadable as error:
                    self._gap(error)
        except Unreadable as error:
            self._gap(error)

    def _keep(self, path: str, kind: int, begin: int, end: int) -> None:
        if kind == _ATTRIBUTE:
            self._attribute(path, self._store.at(begin, end - begin, "an attribute"))
        elif kind == _ATTRIBUTE_INFO:
            self._dense_attributes(path, begin)
        elif kind == _EXTERNAL_FILES:
            self._external_files(path, begin)
        elif kind == _LAYOUT:
            self._layout(path, begin, end)

    def _gap(self, error: Unreadable) -> None:
        if len(self._found.gaps) < MAX_GAPS:
            known = error if isinstance(error, Unfollowed) else Unfollowed(error.what, error.span)
            self._found.gaps.append(known)

    def _messages(self, address: int) -> Iterator[tuple[int, int, int, int]]:
        """Kind, flags, begin and end of each message of an object header (IV.A.1), continuations included."""
        store = self._store
        if store.at(address, 4, "an object") == b"OHDR":
            flags = store.number(address + 5, 1, "an object")
            place = address + 6 + (16 if flags & 32 else 0) + (4 if flags & 16 else 0)
            size = 1 << (flags & 3)
            length = store.number(place, size, "an object")
            pending, head = [(place + size, length)], 6 if flags & 4 else 4
        else:
            if store.number(address, 1, "an object") != 1:
                raise store.unfollowed(address, "no object header of a known version")
            pending, head = [(address + 16, store.number(address + 8, 4, "an object"))], 8
        while pending:
            place, length = pending.pop()
            end = place + length
            while place + head <= end:
                self._messages_left -= 1
                if self._messages_left < 0:
                    raise store.unfollowed(place, f"more than {MAX_MESSAGES:,} messages")
                raw = store.at(place, head, "a message")
                kind, size, flags = (
                    (raw[0] | raw[1] << 8, raw[2] | raw[3] << 8, raw[4])
                    if head == 8
                    else (raw[0], raw[1] | raw[2] << 8, raw[3])
                )
                begin = place + head
                if begin + size > end:
                    raise store.unfollowed(place, "a message that does not end in its object header")
                if kind == _CONTINUATION:
                    raw = store.at(begin, store.offset_bytes + store.length_bytes, "a continuation")
                    block, length = store.offset(raw, 0), store.length(raw, store.offset_bytes)
                    if head != 8:
                        store.signed(block, b"OCHK", 0, "continuation")
                        block, length = block + 4, length - 8  # less signature and checksum
                    pending.append((block, length))
                else:
                    yield kind, flags, begin, begin + size
                place = begin + size

    def _link(self, path: str, raw: bytes) -> Iterator[tuple[str, int]]:
        """A link message (IV.A.2.g): the object it leads to, or the file, which is kept."""
        if len(raw) < 4:
            raise Unfollowed(f"a link in `{path}` that is cut off", Span(self._found.file))
        flags, place, kind = raw[1], 2, 0
        if flags & 8:
            kind, place = raw[place], place + 1
        place += (8 if flags & 4 else 0) + (1 if flags & 16 else 0)
        width = 1 << (flags & 3)
        size = int.from_bytes(raw[place : place + width], "little")
        name = raw[place + width : place + width + size].decode("utf-8", "backslashreplace")
        rest = raw[place + width + size :]
        if kind == 0 and len(rest) >= self._store.offset_bytes:
            yield name, self._store.offset(rest, 0)
        elif kind == 64 and len(rest) > 3:
            self._elsewhere(f"{path.rstrip('/')}/{name}", "link", name_in(rest[3:]))
        elif kind != 1:
            raise Unfollowed(f"a link of kind {kind} in `{path}`", Span(self._found.file))

    def _dense_links(self, path: str, begin: int) -> Iterator[tuple[str, int]]:
        """A link info message (IV.A.2.c): links in a fractal heap, by the tree of their names."""
        flags = self._store.number(begin + 1, 1, "links")
        for raw in self._dense(begin + 2 + (8 if flags & 1 else 0), 4):
            yield from self._link(path, raw)

    def _dense_attributes(self, path: str, begin: int) -> None:
        """An attribute info message (IV.A.2.v): the same for attributes."""
        flags = self._store.number(begin + 1, 1, "attributes")
        for raw in self._dense(begin + 2 + (2 if flags & 1 else 0), 0):
            self._attribute(path, raw)

    def _dense(self, place: int, skip: int) -> Iterator[bytes]:
        store = self._store
        raw = store.at(place, 2 * store.offset_bytes, "a heap")
        address, tree = store.offset(raw, 0), store.offset(raw, store.offset_bytes)
        if store.is_set(address) and store.is_set(tree):
            heap = fractal_heap(store, address)
            for record in heap_records(store, tree, skip):
                yield heap_object(store, heap, record[: heap.id_bytes], MAX_VALUE_BYTES)

    def _attribute(self, path: str, raw: bytes) -> None:
        kept = self._found.attributes
        for attribute in wanted(self._store, path, raw):
            if len(kept) == MAX_VALUES:
                raise Unfollowed(f"more than {MAX_VALUES} configurations", Span(self._found.file))
            kept.append(attribute)

    def _external_files(self, path: str, begin: int) -> None:
        """An external data files message (IV.A.2.h)."""
        store = self._store
        raw = store.at(begin, 8 + store.offset_bytes, "external files")
        heap, used = store.offset(raw, 8), int.from_bytes(raw[6:8], "little")
        for slot in range(used):
            place = begin + len(raw) + slot * 3 * store.length_bytes
            name = store.number(place, store.length_bytes, "an external file")
            self._elsewhere(path, "storage", local_name(store, heap, name))

    def _layout(self, path: str, begin: int, end: int) -> None:
        """A data layout message (IV.A.2.i), of which only that of virtual datasets names files."""
        store = self._store
        raw = store.at(begin, min(end - begin, 6 + store.offset_bytes), "a layout")
        if len(raw) < 6 + store.offset_bytes or raw[0] < 4 or raw[1] != 3:
            return
        index = int.from_bytes(raw[2 + store.offset_bytes : 6 + store.offset_bytes], "little")
        block = global_object(store, store.offset(raw, 2), index, 8_192)
        version, flags = block[0] if block else 0, 0
        names = block[1 + store.length_bytes :]
        if version:  # III.F: since version 1 every entry has flags, and 4 stands for this very file
            flags, names = names[0] if names else 0, names[1:]
        name = name_in(names)
        if not flags & 4 and name != ".":
            self._elsewhere(path, "virtual dataset", name)
        if store.length(block, 1) > 1 or version > 1:  # the rest stands behind selections
            raise Unfollowed(f"the further sources of the virtual dataset `{path}`", Span(self._found.file))

    def _elsewhere(self, owner: str, kind: str, path: str) -> None:
        if len(self._found.elsewhere) < MAX_OBJECTS:
            self._found.elsewhere.append(Elsewhere(owner, kind, path))
