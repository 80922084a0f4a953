"""Reach and switches: values that can be worked out, processors of facts, and what is refused."""

import numpy as np
import pytest

from oslab.memory import PROCESSORS, switch_costs, tlb_reach
from oslab.memory.tlb.processors import geometry
from oslab.memory.tlb.reach import chase

MIB = 1 << 20


def test_processors_reach_what_the_facts_say():
    zen4 = geometry("zen4")
    assert (zen4.entries, zen4.ways, zen4.l2_entries) == (72, 72, 3072)
    assert zen4.reach() == 12 * MIB and zen4.reach(2 * MIB) == 6144 * MIB
    assert geometry("zen2")[:1] == (64,) and geometry("zen2").l2_entries == 2048
    assert "unverified" in PROCESSORS["golden_cove"].label
    for key in PROCESSORS:
        found = geometry(key)
        assert found.entries % found.ways == 0 and found.l2_entries % max(1, found.l2_ways) == 0
    assert geometry("own", entries=1536, ways=8) == (1536, 8, 0, 0, 32)


def test_every_level_is_seen_once_the_one_before_is_full():
    shares = [tlb_reach(size * 4096).share.tolist() for size in (72, 73, 3072)]
    assert shares == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
    assert tlb_reach(6144 * 4096).share.tolist() == [0, 0, 1]


def test_huge_pages_need_one_entry_for_512():
    assert tlb_reach(128 * MIB, page_size=2 * MIB).extra_here == 0
    assert tlb_reach(128 * MIB).extra_here == pytest.approx(15, rel=0.01)


def test_a_stride_that_skips_sets_reaches_less():
    far = tlb_reach(16 * MIB, stride=65536)
    assert far.pages == 256 and far.share.tolist() == [0, 0, 1]


def test_extra_cost_is_the_price_of_what_happens():
    result = tlb_reach(MIB, l2_ns=3)
    assert result.extra_here == 3 and result.extra.median[result.sizes == MIB] == 3
    assert tlb_reach(32 * MIB, read_ns=25).extra_here == pytest.approx(25, rel=0.02)


def test_a_chase_touches_every_place_once_a_round():
    where = chase(64 * 4096)
    assert sorted(where[:64]) == list(range(0, 64 * 4096, 4096)) and (where[:64] == where[64:]).all()
    long = chase(1 << 30)
    assert len(np.unique(long)) == len(long) == 2 << 14


def test_without_tags_a_switch_costs_a_walk_for_every_page():
    for processes in (2, 3, 6):
        result = switch_costs(100, processes, 32_768)
        assert result.flushed_here == pytest.approx(1000 * 100 / 32_768)
        assert result.tagged_here == 0 and result.fits
    alone = switch_costs(100, 1, 64)
    assert alone.tagged_here == alone.flushed_here == 0


def test_tags_do_not_help_once_all_processes_together_do_not_fit():
    result = switch_costs(3072, 4, 16_384)
    assert not result.fits and result.tagged_here > 0.6 * result.flushed_here


def test_they_print():
    assert str(tlb_reach()).startswith("4\u202f096 pages of 4 KiB: 0 of the accesses hit the L1 TLB")
    assert str(switch_costs()).startswith("2 processes of 256 pages, a switch every 4\u202f096 accesses: 0 walks")
    assert len(tlb_reach().table()) == 21 and len(switch_costs().table()) == 7


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tlb_reach(0), "working_set=0"),
        (lambda: tlb_reach(1 << 31), "working_set"),
        (lambda: tlb_reach(stride=0), "stride=0"),
        (lambda: tlb_reach(page_size=5), "page_size"),
        (lambda: tlb_reach(read_ns=-1), "read_ns=-1"),
        (lambda: tlb_reach(l2_ns=float("nan")), "l2_ns=nan"),
        (lambda: tlb_reach(processor="z80"), "processor='z80': allowed are 'zen4'"),
        (lambda: tlb_reach(processor="own", ways=3), "ways=3: allowed are 1, 2, 4, 8"),
        (lambda: switch_costs(0), "pages=0"),
        (lambda: switch_costs(processes=17), "processes=17"),
        (lambda: switch_costs(every=1 << 16), "every=65536"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("call", [lambda: tlb_reach(True), lambda: tlb_reach(stride=1.5), lambda: switch_costs(2.5)])
def test_refuses_another_type(call):
    with pytest.raises(TypeError):
        call()
