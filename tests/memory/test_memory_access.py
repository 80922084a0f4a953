"""One access followed: as many reads as the walk of the page tables makes, and the five steps in their order."""

import pytest

from oslab.memory import follow_access, locate

CASES = [(size, levels) for size in (4096, 2 << 20, 1 << 30) for levels in (4, 5)]


@pytest.mark.parametrize(("size", "levels"), CASES)
def test_a_miss_reads_what_the_walk_reads_and_the_data(size, levels):
    journey, walk = follow_access(page_size=size, levels=levels), locate(0x7F1234567ABC, size, levels).walk
    assert journey.reads == walk.reads + 1 and journey.time == 100 * journey.reads
    assert [(stop.place, stop.sentence.split("entry ")[1].split()[0]) for stop in journey.stops if stop.phase == 3] == [
        (step.level, str(step.index)) for step in walk.path
    ]


@pytest.mark.parametrize(("size", "levels"), CASES)
def test_the_five_steps_come_in_order(size, levels):
    phases = [stop.phase for stop in follow_access(page_size=size, levels=levels).stops]
    assert phases == sorted(phases) and set(phases) == {1, 2, 3, 4, 5}
    assert phases.count(3) == len(phases) - 4
    hit = follow_access(page_size=size, hit=True, levels=levels)
    assert ([stop.phase for stop in hit.stops], hit.reads) == ([1, 5], 1)


def test_states_reasons_and_rows():
    journey = follow_access("7f1234567abc")
    assert journey.state(0) is None and journey.state(3).place == "PGD" and journey.steps == len(journey.table()) == 8
    assert journey.why(3) == "Memory read 1: entry 254 of the PGD gives the address of the next table."
    assert str(journey).splitlines()[-1].endswith("reads the data at offset 0xabc.")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: follow_access("nonsense"), "address='nonsense'"),
        (lambda: follow_access(1 << 47), "not canonical"),
        (lambda: follow_access(page_size=1), "page_size=1"),
        (lambda: follow_access(levels=2), "levels=2"),
        (lambda: follow_access(latency=0), "latency=0"),
        (lambda: follow_access(latency=float("nan")), "latency=nan"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
