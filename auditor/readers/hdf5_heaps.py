"""Where HDF5 keeps small things: local, global and fractal heaps, and the two kinds of B-trees over them.

Format: HDF5 File Format Specification 3.0, sections III.A to III.G. Checksums are not verified; every
address and length is held against the file, and whatever a tree says, a limited number of nodes is visited.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import Span
from auditor.readers.window import Unfollowed, Window
from auditor.records import dataclass

MAX_NODES = 200_000  # of all trees and blocks of one file; a file of 10,000 tensors has about 2,000
MAX_READ_BYTES = 256 * 2**20  # all in all; what leads to 30,000 objects has some 30 MB
MAX_DEPTH = 32  # of a tree; ten levels hold more than any disk
MAX_NAME_BYTES = 4_096


@dataclass(slots=True)
class Store:
    """The file as its structures see it: addresses count from `base`, in numbers of `O` and `L` bytes."""

    window: Window
    offset_bytes: int
    length_bytes: int
    base: int
    nodes_left: int = MAX_NODES
    bytes_left: int = MAX_READ_BYTES

    def at(self, address: int, count: int, what: str) -> bytes:
        """Bytes at an address.

        Raises:
            Unreadable: they lie outside of the file, or too many were read before.
        """
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise self.unfollowed(address, f"more than {MAX_READ_BYTES:,} bytes to read, with {what}")
        return self.window.at(self.base + address, count, what)

    def number(self, address: int, count: int, what: str) -> int:
        """The number at an address."""
        return int.from_bytes(self.at(address, count, what), "little")

    def offset(self, raw: bytes, inside: int) -> int:
        """The address that stands inside of some bytes."""
        return int.from_bytes(raw[inside : inside + self.offset_bytes], "little")

    def length(self, raw: bytes, inside: int) -> int:
        """The length that stands inside of some bytes."""
        return int.from_bytes(raw[inside : inside + self.length_bytes], "little")

    def is_set(self, address: int) -> bool:
        """Whether an address is one: all bits say that there is nothing."""
        return address != (1 << 8 * self.offset_bytes) - 1

    def signed(self, address: int, signature: bytes, count: int, what: str) -> bytes:
        """The `count` bytes after a signature that must stand at an address.

        Raises:
            Unfollowed: it does not, or too many such blocks were visited.
        """
        self.nodes_left -= 1
        if self.nodes_left < 0:
            raise self.unfollowed(address, f"more than {MAX_NODES:,} blocks, with {what}")
        raw = self.at(address, len(signature) + count, what)
        if not raw.startswith(signature):
            raise self.unfollowed(address, f"no {what}")
        return raw[len(signature) :]

    def unfollowed(self, address: int, what: str) -> Unfollowed:
        """That what stands at an address is not what it should be, or not known here."""
        place = self.window.begin + self.base + address
        return Unfollowed(f"{what} at byte {place:,}", Span(self.window.file))


def local_name(store: Store, heap: int, offset: int) -> str:
    """The name at an offset of a local heap (III.D)."""
    size = store.length_bytes
    raw = store.signed(heap, b"HEAP", 4 + 2 * size + store.offset_bytes, "local heap")
    segment, data = store.length(raw, 4), store.offset(raw, 4 + 2 * size)
    if offset >= segment:
        raise store.unfollowed(heap, "a name outside of its local heap")
    return name_in(store.at(data + offset, min(segment - offset, MAX_NAME_BYTES), "a name"))


def name_in(raw: bytes) -> str:
    """The text up to the first NUL."""
    return raw.partition(b"\0")[0].decode("utf-8", "backslashreplace")


def global_object(store: Store, collection: int, index: int, limit: int) -> bytes:
    """An object of a global heap, at most its first `limit` bytes (III.E)."""
    size = store.length_bytes
    raw = store.signed(collection, b"GCOL", 4 + size, "global heap")
    end = collection + store.length(raw, 4)
    place = collection + 8 + size
    while place + 8 + size <= end:
        store.nodes_left -= 1
        if store.nodes_left < 0:
            raise store.unfollowed(place, f"more than {MAX_NODES:,} blocks, with a global heap")
        head = store.at(place, 8 + size, "an object of a global heap")
        found, length = int.from_bytes(head[:2], "little"), store.length(head, 8)
        if found == index:
            return store.at(place + 8 + size, min(length, limit), "an object of a global heap")
        if not found:
            break
        place += 8 + size + -(-length // 8) * 8
    raise store.unfollowed(collection, f"no object {index} in the global heap")


def symbol_entries(store: Store, tree: int, heap: int, depth: int = 0) -> Iterator[tuple[str, int]]:
    """Name and object header of every entry of a group of the old kind (III.A.1, III.B, III.C)."""
    if depth > MAX_DEPTH:
        raise store.unfollowed(tree, f"a tree of more than {MAX_DEPTH} levels")
    offset, size = store.offset_bytes, store.length_bytes
    raw = store.signed(tree, b"TREE", 4 + 2 * offset, "tree of a group")
    level, used = raw[1], int.from_bytes(raw[2:4], "little")
    if raw[0] != 0:
        raise store.unfollowed(tree, "a tree of chunks in place of a group's")
    entries = store.at(tree + 8 + 2 * offset, used * (size + offset) + size, "tree of a group")
    for number in range(used):
        child = store.offset(entries, number * (size + offset) + size)
        if level:
            yield from symbol_entries(store, child, heap, depth + 1)
            continue
        count = int.from_bytes(store.signed(child, b"SNOD", 4, "symbol table")[2:4], "little")
        width = 2 * offset + 24
        table = store.at(child + 8, count * width, "symbol table")
        for row in range(count):
            entry = table[row * width : (row + 1) * width]
            is_soft = int.from_bytes(entry[2 * offset : 2 * offset + 4], "little") == 2
            if not is_soft:  # a soft link names an object of this file, which is met by its own name
                yield local_name(store, heap, store.offset(entry, 0)), store.offset(entry, offset)


def heap_records(store: Store, tree: int, skip: int) -> Iterator[bytes]:
    """Every record of a version 2 B-tree, without its first `skip` bytes (III.A.2)."""
    offset = store.offset_bytes
    raw = store.signed(tree, b"BTHD", 14 + offset, "tree")
    node_bytes, width, depth = (int.from_bytes(raw[a:b], "little") for a, b in ((2, 6), (6, 8), (8, 10)))
    root, count = store.offset(raw, 12), int.from_bytes(raw[12 + offset : 14 + offset], "little")
    if depth > MAX_DEPTH or not width or node_bytes < 10 + width:
        raise store.unfollowed(tree, "a tree whose nodes have no room or too many levels")
    # How many bytes the counts of records take in a pointer to a child, level by level (H5B2hdr.c).
    most = (node_bytes - 10) // width
    per_child, cumulative, pointer = _bytes_for(most), most, [0]
    for level in range(1, depth + 1):
        pointer.append(offset + per_child + (_bytes_for(cumulative) if level > 1 else 0))
        fits = max(0, node_bytes - 10 - pointer[-1]) // (width + pointer[-1])
        cumulative = (fits + 1) * cumulative + fits
    if store.is_set(root):
        yield from _node_records(store, root, count, depth, (width, skip, per_child, pointer))


def _node_records(
    store: Store, node: int, count: int, depth: int, sizes: tuple[int, int, int, list[int]]
) -> Iterator[bytes]:
    width, skip, per_child, pointer = sizes
    raw = store.signed(node, b"BTIN" if depth else b"BTLF", 2 + count * width, "node of a tree")
    for number in range(count):
        yield raw[2 + number * width + skip : 2 + (number + 1) * width]
    if depth:
        size = pointer[depth]
        children = store.at(node + 6 + count * width, (count + 1) * size, "node of a tree")
        for number in range(count + 1):
            child = children[number * size : (number + 1) * size]
            held = int.from_bytes(child[store.offset_bytes : store.offset_bytes + per_child], "little")
            yield from _node_records(store, store.offset(child, 0), held, depth - 1, sizes)


@dataclass(frozen=True, slots=True)
class FractalHeap:
    """The header of a fractal heap (III.G), as far as objects are found by it."""

    address: int
    id_bytes: int
    filters: int
    max_managed: int
    huge_tree: int
    width: int
    start: int
    max_direct: int
    max_bits: int
    root: int
    rows: int

    @property
    def offset_bytes(self) -> int:
        """Bytes of an offset in the heap."""
        return -(-self.max_bits // 8)

    @property
    def direct_rows(self) -> int:
        """How many rows of the table hold direct blocks."""
        return self.max_direct.bit_length() - self.start.bit_length() + 2


def fractal_heap(store: Store, address: int) -> FractalHeap:
    """The heap at an address.

    Raises:
        Unfollowed: there is none, or its numbers are no powers of two where they must be.
    """
    size, offset = store.length_bytes, store.offset_bytes
    raw = store.signed(address, b"FRHP", 18 + 12 * size + 3 * offset, "fractal heap")
    huge = 10 + size
    table = 10 + 10 * size + 2 * offset
    heap = FractalHeap(
        address,
        id_bytes=int.from_bytes(raw[1:3], "little"),
        filters=int.from_bytes(raw[3:5], "little"),
        max_managed=int.from_bytes(raw[6:10], "little"),
        huge_tree=store.offset(raw, huge),
        width=int.from_bytes(raw[table : table + 2], "little"),
        start=store.length(raw, table + 2),
        max_direct=store.length(raw, table + 2 + size),
        max_bits=int.from_bytes(raw[table + 2 + 2 * size : table + 4 + 2 * size], "little"),
        root=store.offset(raw, table + 6 + 2 * size),
        rows=int.from_bytes(raw[table + 6 + 2 * size + offset : table + 8 + 2 * size + offset], "little"),
    )
    powers = (heap.width, heap.start, heap.max_direct)
    if not all(number and not number & (number - 1) for number in powers) or heap.max_bits > 64:
        raise store.unfollowed(address, "a fractal heap whose sizes are no powers of two")
    if heap.filters:
        raise store.unfollowed(address, "a fractal heap that is filtered")
    return heap


def heap_object(store: Store, heap: FractalHeap, key: bytes, limit: int) -> bytes:
    """The object of a fractal heap that its id names, at most its first `limit` bytes."""
    if len(key) < heap.id_bytes or heap.id_bytes < 2:
        raise store.unfollowed(heap.address, "an id that is cut off in a fractal heap")
    kind = key[0] >> 4 & 3
    if kind == 2:  # the object stands in its id; a long one has 12 bits for its length
        if heap.id_bytes > 18:
            length = ((key[0] & 15) << 8 | key[1]) + 1
            return key[2 : 2 + length]
        return key[1 : 2 + (key[0] & 15)]
    if kind == 1:
        return _huge_object(store, heap, key, limit)
    if kind:
        raise store.unfollowed(heap.address, "an object of no known kind in a fractal heap")
    inside = int.from_bytes(key[1 : 1 + heap.offset_bytes], "little")
    # H5HFhdr.c: as many bytes as the smaller of the two sizes takes
    size = min(-(-(heap.max_direct.bit_length() - 1) // 8), _bytes_for(heap.max_managed))
    length = int.from_bytes(key[1 + heap.offset_bytes : 1 + heap.offset_bytes + size], "little")
    block, begin = heap.root, 0
    if heap.rows:
        block, begin = _direct_block(store, heap, inside)
    return store.at(block + inside - begin, min(length, limit), "an object of a fractal heap")


def _huge_object(store: Store, heap: FractalHeap, key: bytes, limit: int) -> bytes:
    offset, size = store.offset_bytes, store.length_bytes
    if heap.id_bytes >= 1 + offset + size:  # the id says where
        return store.at(store.offset(key, 1), min(store.length(key, 1 + offset), limit), "a huge object")
    wanted = int.from_bytes(key[1 : 1 + size], "little")
    for record in heap_records(store, heap.huge_tree, 0):
        if store.length(record, offset + size) == wanted:
            return store.at(
                store.offset(record, 0), min(store.length(record, offset), limit), "a huge object"
            )
    raise store.unfollowed(heap.address, "no huge object of that id in a fractal heap")


def _direct_block(store: Store, heap: FractalHeap, inside: int) -> tuple[int, int]:
    """Address of the direct block that holds an offset of the heap, and the offset that it begins at."""
    address, rows, begin = heap.root, heap.rows, 0
    for _ in range(MAX_DEPTH):
        row = max(0, ((inside - begin) // (heap.start * heap.width)).bit_length())
        if row >= rows:
            break
        block_bytes = heap.start << max(0, row - 1)
        row_begin = begin + (heap.start * heap.width << (row - 1) if row else 0)
        column = (inside - row_begin) // block_bytes
        entry = 5 + store.offset_bytes + heap.offset_bytes
        entry += (row * heap.width + column) * store.offset_bytes
        raw = store.signed(address, b"FHIB", 1, "indirect block of a fractal heap")
        raw = store.at(address + entry, store.offset_bytes, "indirect block of a fractal heap")
        address, begin = store.offset(raw, 0), row_begin + column * block_bytes
        if row < heap.direct_rows:
            return address, begin
        rows = block_bytes.bit_length() - (heap.start * heap.width).bit_length() + 1
    raise store.unfollowed(heap.address, "an offset that no block of the fractal heap holds")


def _bytes_for(number: int) -> int:
    """Bytes that a number up to this one takes (H5VM_limit_enc_size)."""
    return max(0, number.bit_length() - 1) // 8 + 1
