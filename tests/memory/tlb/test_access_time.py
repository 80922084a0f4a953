"""The effective access time against published exercises, against simulated TLBs, and out of range."""

import numpy as np
import pytest

from oslab.memory import access_time_of, effective_access_time, simulate_tlb

PUBLISHED = [
    # Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 9.3.2: 10 ns, a table of one level
    ({"hit_ratio": 0.80, "tlb": 0, "memory": 10, "levels": 1}, 12),
    ({"hit_ratio": 0.99, "tlb": 0, "memory": 10, "levels": 1}, 10.1),
    # 10.2.3: 200 ns, 8 ms, one fault in a thousand accesses
    ({"hit_ratio": 1, "tlb": 0, "memory": 200, "fault_ratio": 0.001, "fault_time": 8_000_000}, 8199.8),
    # Silberschatz, 6th ed., 9.4: a look 20 ns, memory 100 ns, 80 % and 98 %
    ({"hit_ratio": 0.80, "tlb": 20, "memory": 100, "levels": 1}, 140),
    ({"hit_ratio": 0.98, "tlb": 20, "memory": 100, "levels": 1}, 122),
    # GATE CS 2014, set 3: a look 10 ms, memory 80 ms, hit ratio 0.6
    ({"hit_ratio": 0.6, "tlb": 10, "memory": 80, "levels": 1}, 122),
]


@pytest.mark.parametrize(("given", "answer"), PUBLISHED)
def test_published_exercises(given, answer):
    assert effective_access_time(**given) == pytest.approx(answer)


def test_formula_equals_a_simulated_tlb():
    pages = np.random.default_rng(2).integers(0, 100, 5000)
    found, run = access_time_of(pages, 32, 1.0, 100.0, 4), simulate_tlb(pages << 12, 32, 32)
    assert found.hit_ratio == run.hit_ratio and found.here == pytest.approx(1.0 + run.effective_time(100.0))
    assert found.times[0] == 501 and found.times[-1] == 101 and len(found.table()) == 12
    assert str(found).startswith("hit ratio 0.")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"hit_ratio": 1.1}, "hit_ratio=1.1"),
        ({"memory": -1}, "memory=-1"),
        ({"levels": 11}, "levels=11"),
        ({"fault_ratio": 2}, "fault_ratio=2"),
    ],
)
def test_refuses(given, said):
    with pytest.raises(ValueError, match=said):
        effective_access_time(**{"hit_ratio": 0.9, "tlb": 1, "memory": 100, **given})
    with pytest.raises(ValueError, match="trace holds page"):
        access_time_of([1 << 40])
