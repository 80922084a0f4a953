"""Threads and processes: their limits, and the primes that they count."""

import pytest
from hypothesis import given, settings, strategies as st

from oslab import ai
from oslab.ai.measure.children.parallel_jobs import count_primes
from oslab.ai.parallel import divisions
from oslab.ai.prime_kernel import count_primes_compiled
from tests.naive import primes


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 700))
def test_primes_and_divisions_are_those_of_trial_division(n):
    assert divisions(n) == primes.divisions(n)
    assert count_primes(n) == count_primes_compiled(n) == primes.count_primes(n)


@settings(deadline=None)
@given(
    st.sampled_from(["primes", "waits"]),
    st.integers(10, 50_000),
    st.integers(1, 64),
    st.integers(1, 63),
    st.floats(0, 1),
)
def test_no_way_beats_its_limits(task, n, workers, cpus, share):
    run = ai.run_parallel(task, n, workers, cpus, share)
    most = workers if task == "waits" else min(workers, cpus)
    assert (run.speedup <= most * (1 + 1e-9)).all() and (run.speedup > 0).all()
    assert run.seconds[0] >= run.serial[0] * share * (1 if task == "primes" else 0) - 1e-12
    more = ai.run_parallel(task, n, workers, cpus + 1, share)
    assert (more.seconds <= run.seconds + 1e-12).all()
    free = ai.run_parallel(task, n, workers, cpus, 0.0, start=0.0)
    assert free.seconds[0] == free.seconds[1], "without lock and start they are the same"


def test_the_guide_s_case():
    run = ai.run_parallel("primes", 100_000, 4, 4)
    assert run.speedup[0] == 1 and run.speedup[1] > 2 and run.bound[0] == "lock"
    two = ai.run_parallel("primes", 100_000, 4, 2, start=0.08)
    assert two.seconds[1] == pytest.approx(two.serial[1] / 2 + 4 * 0.08 / 2), "starting takes CPU time too"
    waits = ai.run_parallel("waits", 100_000, 4, 2)
    assert waits.speedup[0] > 3.9 > waits.speedup[1] and "one job" in waits.why(0) and len(waits.table()) == 3
    assert two.starting == pytest.approx(0.16 / two.seconds[1]), "of the processes' time"
    for bad in ({"task": "x"}, {"n": 0}, {"workers": 0}, {"cpus": 65}, {"lock_share": 2}):
        with pytest.raises(ValueError, match=f"{next(iter(bad))}="):
            ai.run_parallel(**bad)
