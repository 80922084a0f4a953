"""Addresses taken apart and walked: the values of the manuals, laws beside a twin that is a dict, bad input."""

import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory import PageTable, PhysicalMemory, parse_address, split
from oslab.memory.addresses import is_canonical

KIB4, MIB2, GIB1 = 4096, 2 << 20, 1 << 30
SIZES = (KIB4, MIB2, GIB1)
EXAMPLE = 0x00007F1234567ABC


@pytest.mark.parametrize(
    ("size", "indices", "offset"),
    [(KIB4, (254, 72, 418, 359), 0xABC), (MIB2, (254, 72, 418), 0x167ABC), (GIB1, (254, 72), 0x34567ABC)],
)
def test_the_example_of_the_facts(size, indices, offset):
    parts = split(EXAMPLE, size)
    assert (parts.indices, parts.offset, parts.reads) == (indices, offset, len(indices))
    assert split(EXAMPLE, size, 5).indices == (0, *indices)
    tables = PageTable()
    tables.map(EXAMPLE - offset, 7 * size, size)
    walk = tables.walk(EXAMPLE)
    assert (walk.physical, walk.reads, walk.page_size) == (7 * size + offset, len(indices), size)
    assert [step.index for step in walk.path] == list(indices)
    assert [step.level for step in walk.path] == ["PGD", "PUD", "PMD", "PTE"][: len(indices)]


@given(st.integers(0, (1 << 48) - 1), st.sampled_from(SIZES))
def test_indices_and_offset_make_the_address_again(low, size):
    address = low if low < 1 << 47 else low | 0xFFFF << 48
    parts, value = split(address, size), 0
    for index in parts.indices:
        value = value * 512 + index
    assert value * size + parts.offset == low
    assert sum(int(row["bits"].split("-")[0]) - int(row["bits"].split("-")[1]) + 1 for row in parts.table()) == 48


@pytest.mark.parametrize(
    ("levels", "good", "bad"),
    [
        (
            4,
            (0, 0x00007FFFFFFFFFFF, 0xFFFF800000000000, (1 << 64) - 1),
            (0x0000800000000000, 0xFFFF7FFFFFFFFFFF, 1 << 63),
        ),
        (5, (0x00FFFFFFFFFFFFFF, 0xFF00000000000000, 0x0000800000000000), (1 << 56, 0xFEFFFFFFFFFFFFFF)),
    ],
)
def test_canonical_addresses(levels, good, bad):
    for address in good:
        assert is_canonical(address, levels) and split(address, levels=levels).address == address
    for address in bad:
        assert not is_canonical(address, levels)
        with pytest.raises(ValueError, match="not canonical"):
            split(address, levels=levels)
        walk = PageTable(levels).walk(address)
        assert (walk.fault, walk.physical, walk.reads) == ("non-canonical", None, 0)


def test_la57_adds_a_level():
    tables = PageTable(5)
    tables.map(0x00AB_0000_0000_0000, 0)
    walk = tables.walk(0x00AB_0000_0000_0123)
    assert [step.level for step in walk.path] == ["PGD", "P4D", "PUD", "PMD", "PTE"] and walk.physical == 0x123


def test_faults_and_their_reasons():
    tables = PageTable()
    tables.map(0x1000, 0x5000, writable=False)
    tables.map(0xFFFF_8000_0000_0000, 0x6000, user=False)
    missing = tables.walk(0x2000)
    assert (missing.fault, missing.reads, missing.path[-1].entry) == ("not present", 4, None)
    assert tables.walk(1 << 40).reads == 1
    assert "Entry 2 of the PTE is not present" in missing.reason
    write = tables.walk(0x1234, write=True)
    assert (write.fault, write.physical, write.page_size) == ("protection", None, 4096) and "read-only" in write.reason
    assert tables.walk(0x1234).physical == 0x5234
    assert tables.walk(0xFFFF_8000_0000_0000).fault == "protection"
    assert tables.walk(0xFFFF_8000_0000_0000, user=False).physical == 0x6000
    assert str(missing).endswith("4 memory reads.") and len(missing.table()) == 4


# Pages in a small piece of the address space, so that they overlap and share tables,
# in both halves of it.
pages = st.tuples(
    st.sampled_from(SIZES),
    st.sampled_from([254 << 39, 0xFFFF8000 << 32]),
    st.integers(0, 1),
    st.integers(0, 2),
    st.integers(0, 2),
).map(lambda t: (t[0], (t[1] + (t[2] << 30) + (t[3] << 21) + (t[4] << 12)) // t[0] * t[0]))


class Twin:
    """Page tables told as a dict: what each byte of 4 KiB stands for is looked up among all pages."""

    def __init__(self):
        self.pages = {}

    def overlaps(self, virtual, size):
        return any(start < virtual + size and virtual < start + length for start, (length, _) in self.pages.items())

    def find(self, address):
        return next(
            (
                physical + address - start
                for start, (length, physical) in self.pages.items()
                if start <= address < start + length
            ),
            None,
        )


def replay(operations, table=PageTable):
    """Map and unmap in both, and return where they differ first, or None."""
    tables, twin = table(), Twin()
    empty = tables.memory.used
    for k, (remove, (size, virtual)) in enumerate(operations):
        if remove:
            known = twin.pages.pop(virtual, None)
            if known:
                tables.unmap(virtual + known[0] - 1)
        else:
            overlap = twin.overlaps(virtual, size)
            try:
                tables.map(virtual, (k + 1) * GIB1, size)
                done = True
            except ValueError:
                done = False
            if done == overlap:
                return k
            if done:
                twin.pages[virtual] = (size, (k + 1) * GIB1)
        for address in {start + o for _, (_, start) in operations for o in (0, 5000, MIB2 + 3, GIB1 - 1)}:
            if tables.walk(address).physical != twin.find(address):
                return k
    assert [(v, s, e.address) for v, s, e in tables.mappings()] == [(v, *twin.pages[v]) for v in sorted(twin.pages)]
    for virtual in list(twin.pages):
        tables.unmap(virtual)
    assert tables.memory.used == empty and tables.table_bytes == 4096
    return None


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.booleans(), pages), min_size=1, max_size=14))
def test_tables_equal_a_dict_of_pages(operations):
    assert replay(operations) is None


def test_a_planted_bug_is_seen_by_the_twin():
    class Forgetful(PageTable):
        def unmap(self, virtual):
            entry = super().unmap(virtual)
            self.map(virtual & -4096, entry.address)
            return entry

    assert replay([(False, (KIB4, 0)), (True, (KIB4, 0))], Forgetful) == 1


def test_overlap_is_refused_and_changes_nothing():
    tables = PageTable()
    tables.map(0, 0, MIB2)
    before, used = list(tables.mappings()), tables.memory.used
    for virtual, size in ((0, KIB4), (0x1000, KIB4), (0, MIB2), (0, GIB1)):
        with pytest.raises(ValueError, match="covers it already|mapped already"):
            tables.map(virtual, 0, size)
    assert list(tables.mappings()) == before and tables.memory.used == used


def test_a_memory_that_is_full_leaves_the_tables_as_they_were():
    memory = PhysicalMemory(3 * 4096)
    tables = PageTable(memory=memory)
    with pytest.raises(MemoryError, match="no 4 KiB in a row are free; 12 KiB of 12 KiB taken"):
        tables.map(0, 0)
    assert memory.used == 4096 and not list(tables.mappings())


@pytest.mark.parametrize("text", ["0x7f1234567abc", "7F12 3456_7abc", " 0X7F1234567ABC"])
def test_reads_hexadecimal(text):
    assert parse_address(text) == EXAMPLE == split(text).address


@pytest.mark.parametrize("text", ["", "0x", "nonsense", "0x12g4", "-5", "1.5", "0x" + "f" * 17, "1" * 10**6, "\udc80"])
def test_nonsense_is_no_address(text):
    with pytest.raises(ValueError, match="hexadecimal digits, such as"):
        parse_address(text)


def test_a_number_is_the_address_itself():
    assert parse_address(EXAMPLE) == parse_address(f"{EXAMPLE:x}") == EXAMPLE
    with pytest.raises(ValueError, match="a decimal number is given as an int"):
        parse_address("139714789123456789012")
    with pytest.raises(TypeError, match="address=None"):
        parse_address(None)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: split(-1), ValueError, "address=-1"),
        (lambda: split(1 << 64), ValueError, "address=18446744073709551616"),
        (lambda: split(1.5), TypeError, "address=1.5"),
        (lambda: split(True), TypeError, "address=True"),
        (lambda: split(0, 8192), ValueError, "page_size=8192: allowed are 4096, 2097152, 1073741824"),
        (lambda: split(0, levels=3), ValueError, "levels=3: allowed are 4, 5"),
        (lambda: PageTable(6), ValueError, "levels=6"),
        (lambda: PageTable().map(1, 0), ValueError, "virtual=0x1: allowed are multiples"),
        (lambda: PageTable().map(0, 4096, MIB2), ValueError, "physical=0x1000: allowed are multiples"),
        (lambda: PageTable().map(0, 1 << 52), ValueError, "physical="),
        (lambda: PageTable().unmap(0), ValueError, "no page is mapped"),
        (lambda: PageTable().map(1 << 47, 0), ValueError, "not canonical"),
    ],
)
def test_refuses(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize(
    ("address", "bits", "indices", "offset"),
    [
        (
            0x00403004,
            (10, 10, 12),
            (1, 3),
            4,
        ),  # Tanenbaum, Modern Operating Systems, 4th ed., figure 3-13: PT1 = 1, PT2 = 3
        (
            19,
            (4, 2),
            (4,),
            3,
        ),  # Silberschatz, 10th ed., figure 9.10 draws pages of 4 bytes: address 19 is page 4, byte 3
        (20_500, (4, 12), (5,), 20),  # Tanenbaum, 4th ed., 3.3.1: 20500 is 20 bytes from the start of virtual page 5
        (8196, (4, 12), (2,), 4),  # the same, figure 3-10: page 2, offset 4
        (0x12345678, (8, 6, 6, 12), (0x12, 0x0D, 0x05), 0x678),
    ],
)
def test_layouts_of_other_machines(address, bits, indices, offset):
    parts = split(address, bits=bits)
    assert (parts.indices, parts.offset, parts.page_size) == (indices, offset, 1 << bits[-1])
    joined = 0
    for value, width in zip((*parts.indices, parts.offset), bits, strict=True):
        joined = (joined << width) + value
    assert joined == address and [row["value"] for row in parts.table()][:-1] == list(indices)


def test_sizes_of_tables():
    """Silberschatz, 10th ed., 9.4.1: 32 bits, pages of 4 KiB, entries of 4 bytes: 4 MiB at one level, 4 KiB tables at two."""
    assert split(0, bits=(20, 12)).table_sizes(4) == (4 << 20,)
    assert split(0, bits=(10, 10, 12)).table_sizes(4) == (4096, 4096)
    assert split(0).table_sizes() == (4096,) * 4
    with pytest.raises(ValueError, match="bits=.*allowed are at most 64 bits"):
        split(1 << 32, bits=(10, 10, 12))
    with pytest.raises(ValueError, match="bits has 1 items"):
        split(0, bits=(12,))
