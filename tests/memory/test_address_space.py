"""Address spaces over one memory, and where an address goes."""

import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory import AddressSpace, PhysicalMemory, locate, two_processes


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20), st.booleans())
def test_two_processes_meet_only_in_the_shared_page(pages, shared):
    first, second = two_processes(pages, shared)
    frames = [{entry.address for _, _, entry in space.page_table.mappings()} for space in (first, second)]
    assert len(frames[0] & frames[1]) == shared
    virtual = [[v for v, _, _ in space.page_table.mappings()] for space in (first, second)]
    assert virtual[0] == virtual[1] and len(virtual[0]) == pages + shared
    # Frames of pages and of tables are all different: what memory has handed out is what is used.
    used = len(frames[0] | frames[1]) * 4096 + first.page_table.table_bytes + second.page_table.table_bytes
    assert first.memory.used == used


def test_what_one_writes_the_other_may_not_where_it_is_read_only():
    first, second = two_processes()
    assert first.walk(0x7F0000000000, write=True).fault == second.walk(0x7F0000000000, write=True).fault == "protection"
    assert first.walk(0x7F0000000123).physical == second.walk(0x7F0000000123).physical


def test_memory_comes_back_when_pages_go():
    memory = PhysicalMemory(1 << 20)
    first, second = AddressSpace("A", memory), AddressSpace("B", memory)
    before = memory.used
    first.allocate(0x400000, 3)
    second.share(0x400123, first, at=0x800000)
    assert second.walk(0x800123).physical == first.walk(0x400123).physical
    second.unmap(0x800000)
    assert first.walk(0x400000).physical is not None
    for k in range(3):
        first.unmap(0x400000 + 4096 * k)
    assert memory.used == before and first.resident == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a, b: a.allocate(0, 0), "pages=0"),
        (lambda a, b: a.allocate(0, True), "pages=True"),
        (lambda a, b: a.allocate(0x400000), "mapped already"),
        (lambda a, b: a.share(0x999000, b), "B has no page there"),
        (lambda a, b: a.share(0, AddressSpace("C", PhysicalMemory(1 << 20))), "lives in another memory"),
        (lambda a, b: a.unmap(0), "no page is mapped"),
        (lambda a, b: PhysicalMemory(5), "size=5"),
        (lambda a, b: a.memory.allocate(5000), "size=5000"),
        (lambda a, b: a.memory.free(1), "nothing was allocated"),
    ],
)
def test_refuses(call, message):
    first, second = two_processes()
    used = first.memory.used
    with pytest.raises(TypeError if message == "pages=True" else ValueError, match=message):
        call(first, second)
    assert first.memory.used == used


def test_full_memory_gives_the_page_back_whose_tables_found_no_room():
    memory = PhysicalMemory(4096 * 4)
    space = AddressSpace("A", memory)
    with pytest.raises(MemoryError):
        space.allocate(0)
    assert memory.used == 4096


@pytest.mark.parametrize(
    ("size", "levels", "reads"),
    [(4096, 4, 4), (2 << 20, 4, 3), (1 << 30, 4, 2), (4096, 5, 5), (2 << 20, 5, 4), (1 << 30, 5, 3)],
)
def test_locate(size, levels, reads):
    found = locate("0x7f1234567abc", size, levels)
    assert (found.reads, found.table_bytes, found.walk.page_size) == (reads, reads * 4096, size)
    assert found.physical % size == found.offset == 0x7F1234567ABC % size


def test_locate_faults_where_the_machine_does():
    found = locate(1 << 47)
    assert (found.canonical, found.physical, found.reads) == (False, None, 0) and "not canonical" in str(found)
    assert locate(1 << 47, levels=5).physical is not None


@pytest.mark.parametrize(
    ("page", "write", "fault"),
    [
        ("mapped", True, None),
        ("read-only", False, None),
        ("read-only", True, "protection"),
        ("kernel only", False, "protection"),
        ("missing", False, "not present"),
    ],
)
@pytest.mark.parametrize("size", [4096, 2 << 20, 1 << 30])
def test_locate_meets_every_fault_in_the_last_table(page, write, fault, size):
    found = locate(page_size=size, page=page, write=write)
    assert found.walk.fault == fault and found.reads == len(found.indices)
    assert (found.physical is None) == (fault is not None)


def test_locate_refuses_another_page():
    with pytest.raises(ValueError, match="page='gone': allowed are 'mapped', 'read-only', 'kernel only', 'missing'"):
        locate(page="gone")


def test_they_print():
    first, _ = two_processes(2)
    assert str(first) == "A: 12 KiB mapped, 28 KiB of page tables"
    assert [row["shared"] for row in two_processes(1)[1].table()] == [False, True]
