"""The TLB against its naive twin, the laws it obeys, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory import PageTable, simulate, simulate_tlb
from tests.naive.tlb import tlb

SIZES = (4096, 2 << 20, 1 << 30)
# Few pages close together, so that they meet in the sets, and some far away, so that walks part.
near = st.integers(0, 40).map(lambda page: page * 4096 + 7)
far = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 9)).map(
    lambda t: t[0] << 39 | t[1] << 30 | t[2] << 21
)
addresses = st.lists(st.one_of(near, far), min_size=1, max_size=120)
shapes = st.sampled_from([(1, 1), (4, 1), (4, 2), (4, 4), (6, 2), (12, 3), (16, 4)])


@st.composite
def cases(draw):
    where = draw(addresses)
    n = len(where)
    entries, ways = draw(shapes)
    l2_entries, l2_ways = draw(st.one_of(st.just((0, None)), shapes))
    return where, {
        "entries": entries,
        "ways": ways,
        "l2_entries": l2_entries,
        "l2_ways": l2_ways,
        "page_size": draw(st.one_of(st.sampled_from(SIZES), st.lists(st.sampled_from(SIZES), min_size=n, max_size=n))),
        "spaces": draw(st.one_of(st.none(), st.lists(st.integers(0, 2), min_size=n, max_size=n))),
        "pcid": draw(st.booleans()),
        "walk_cache": draw(st.integers(0, 3)),
        "levels": draw(st.sampled_from([4, 5])),
    }


def events(run):
    return list(zip(run.level.tolist(), run.reads.tolist(), strict=True))


@settings(max_examples=300, deadline=None)
@given(cases())
def test_equals_its_naive_twin(case):
    where, options = case
    assert events(simulate_tlb(where, **options)) == list(tlb(where, **options))


@pytest.mark.parametrize("pcid", [True, False])
def test_equals_its_twin_over_several_slices(pcid):
    draw = np.random.default_rng(3)
    where = np.minimum(draw.geometric(0.01, 150_000), 2000) * 4096
    options = {
        "entries": 48,
        "ways": 3,
        "l2_entries": 384,
        "l2_ways": 6,
        "pcid": pcid,
        "walk_cache": 2,
        "spaces": (np.arange(150_000) // 700 % 3).tolist(),
    }
    assert events(simulate_tlb(where, **options)) == list(tlb(where.tolist(), **options))


def test_a_planted_bug_is_seen_by_the_twin():
    def first_in_first_out(where, entries):
        queue = []
        for page in where:
            if page not in queue:
                queue = [*queue, page][-entries:]
                yield 0
            else:
                yield 1

    where = [0, 1, 0, 2, 0, 1]
    assert [level for level, _ in tlb([p * 4096 for p in where], 2, 2)] != list(first_in_first_out(where, 2))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 11), min_size=1, max_size=120), st.integers(1, 9))
def test_misses_of_a_fully_associative_tlb_are_lrus_page_faults(pages, entries):
    run = simulate_tlb(np.array(pages) * 4096, entries, entries)
    assert (run.hit == simulate(pages, "lru", entries).hit).all()


def test_the_law_of_page_faults_fails_with_sets():
    pages = [0, 2, 0, 2]
    assert simulate_tlb(np.array(pages) * 4096, 2, 1).misses != simulate(pages, "lru", 2).faults


@settings(max_examples=100, deadline=None)
@given(addresses, shapes)
def test_tlb_on_or_off_gives_the_same_physical_address(where, shape):
    tables = PageTable()
    for k, page in enumerate(sorted({address // 4096 for address in where})):
        tables.map(page * 4096, (1000 - k) * 4096)
    run = simulate_tlb(where, *shape)
    assert run.translate(tables).tolist() == [tables.walk(address).physical for address in where]


def test_the_law_fails_if_a_page_is_moved_and_nobody_tells_the_tlb():
    tables = PageTable()
    tables.map(0, 0x5000)
    run = simulate_tlb([0, 0], 1, 1)

    class Moving:
        def walk(self, address):
            found = tables.walk(address)
            tables.unmap(0)
            tables.map(0, 0x9000)
            return found

    assert run.translate(Moving()).tolist() == [0x5000, 0x5000] != [0x5000, tables.walk(0).physical]


@settings(max_examples=60, deadline=None)
@given(addresses, st.sampled_from([1, 2, 4]))
def test_more_ways_never_miss_more_in_as_many_sets(where, ways):
    assert simulate_tlb(where, 4 * 2 * ways, 2 * ways).misses <= simulate_tlb(where, 4 * ways, ways).misses


@settings(max_examples=60, deadline=None)
@given(addresses, st.lists(st.integers(0, 2), min_size=120, max_size=120))
def test_a_flush_never_saves_a_miss(where, spaces):
    spaces = spaces[: len(where)]
    tagged, flushed = (simulate_tlb(where, 6, 6, spaces=spaces, pcid=pcid) for pcid in (True, False))
    alone = simulate_tlb(where, 6, 6)
    # What stays of other spaces takes places, but it can never hurt more than losing everything.
    assert tagged.misses <= flushed.misses
    assert flushed.misses >= alone.misses or len(set(spaces)) == 1


def test_walks_read_as_many_tables_as_the_page_size_asks():
    for size, reads in zip(SIZES, (4, 3, 2), strict=True):
        assert simulate_tlb([0x7F1234567ABC], page_size=size).reads.tolist() == [reads]
        assert simulate_tlb([0x7F1234567ABC], page_size=size, levels=5).reads.tolist() == [reads + 1]


def test_paging_structure_caches_shorten_the_second_walk():
    run = simulate_tlb([0, 4096, 2 << 20, 1 << 30], walk_cache=4)
    assert run.reads.tolist() == [4, 1, 2, 3]


def test_effective_access_time():
    run = simulate_tlb([0, 0, 0, 0])
    assert run.effective_time(100) == 100 + 4 * 100 / 4
    assert run.effective_time(100, read=10) == 110
    run = simulate_tlb([0, 4096, 0], 1, 1, l2_entries=2, l2_ways=2)
    assert run.level.tolist() == [0, 0, 2]
    assert run.effective_time(90, l2=6, read=30) == 90 + 6 / 3 + 8 * 30 / 3


def test_addresses_of_the_kernel_half_are_taken():
    high = 0xFFFF_8000_0000_0000
    run = simulate_tlb([high, high + 8, 0, high])
    assert run.level.tolist() == [0, 1, 0, 1]


def test_same_address_in_two_spaces_is_two_pages():
    assert simulate_tlb([0, 0, 0, 0], spaces=[1, 2, 1, 2]).misses == 2
    assert simulate_tlb([0, 0, 0, 0], spaces=[1, 2, 1, 2], pcid=False).misses == 4


def test_prints_and_tables():
    run = simulate_tlb([0, 4096, 0], 1, 1, l2_entries=2, l2_ways=2)
    assert [row["accesses"] for row in run.table()] == [0, 1, 2]
    assert str(run).startswith("TLB of 1 and 2 entries: 1 hit and 2 misses in 3 accesses")
    assert (run.l1_hits, run.l2_hits, run.walk_reads, run.hit_ratio) == (0, 1, 8, 1 / 3)


BAD = [
    ({"ways": 3}, ValueError, "ways=3: allowed are numbers that divide entries=64"),
    ({"ways": 0}, ValueError, "ways=0"),
    ({"entries": True}, TypeError, "entries=True"),
    ({"entries": 6.5}, TypeError, "entries=6.5"),
    ({"entries": 0}, ValueError, "entries=0"),
    ({"l2_entries": 10, "l2_ways": 4}, ValueError, "l2_ways=4: allowed are numbers that divide l2_entries=10"),
    ({"l2_entries": -1}, ValueError, "l2_entries=-1"),
    ({"walk_cache": -1}, ValueError, "walk_cache=-1"),
    ({"page_size": 8192}, ValueError, "page_size=.*8192.*: allowed are 4096, 2097152, 1073741824"),
    ({"page_size": [4096]}, ValueError, "page_size has shape"),
    ({"page_size": 4096.0}, ValueError, "page_size"),
    ({"spaces": [0]}, ValueError, "spaces has shape"),
    ({"spaces": [0, 256]}, ValueError, "spaces goes from 0 to 256"),
    ({"spaces": [0.5, 1]}, TypeError, "spaces holds float64"),
    ({"levels": 3}, ValueError, "levels=3"),
    ({"addresses": []}, ValueError, "addresses has shape"),
    ({"addresses": [-1, 0]}, ValueError, "addresses holds -1"),
    ({"addresses": [0.5, 1]}, TypeError, "addresses=0.5"),
    ({"addresses": np.array([0.5])}, TypeError, "holds float64"),
    ({"addresses": ["a", "b"]}, TypeError, "addresses"),
    ({"addresses": [0, 1 << 47]}, ValueError, r"addresses\[1\]=0x800000000000 is not canonical"),
    ({"addresses": [1 << 64, 0]}, ValueError, "addresses"),
    ({"addresses": [None, 0]}, TypeError, "addresses"),
]


@pytest.mark.parametrize(("change", "kind", "message"), BAD)
def test_refuses(change, kind, message):
    with pytest.raises(kind, match=message):
        simulate_tlb(**({"addresses": [0, 4096]} | change))


def test_an_unmapped_page_is_named():
    with pytest.raises(ValueError, match=r"addresses\[1\]=0x9000: Entry 9 of the PTE is not present"):
        tables = PageTable()
        tables.map(0, 0)
        simulate_tlb([0, 0x9000]).translate(tables)
