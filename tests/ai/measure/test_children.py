"""Children that are watched, timed or held to a quota: what they show, and that nothing is left of them."""

import os
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from oslab import ai
from oslab.ai import counters
from oslab.ai.diagnosis import CAUSES
from oslab.ai.measure import observed_loop, process_counters, speedups
from oslab.ai.measure.children import training_loop
from oslab.machine.capability import Unavailable, can
from oslab.machine.procfs import Samples

here = pytest.mark.skipif(not can("procfs"), reason="no /proc here")


@pytest.fixture(autouse=True)
def _nothing_is_left():
    from oslab.machine import procfs

    before, threads = set(procfs.children()), threading.active_count()
    yield
    assert set(procfs.children()) <= before and threading.active_count() <= threads


@here
@pytest.mark.parametrize("helper", ["memory", "lock"])
def test_a_helper_is_given_away_by_its_counter(helper):
    *_, last = process_counters.watch(helper, 1)
    watched = last[helper]  # how far above the others it stands is a matter of the machine's load
    assert watched.typical(ai.expect(helper).sign) > 0 and watched.where == "this machine"


@here
def test_watching_another_process_and_bad_input():
    *_, last = process_counters.watch("compute", 1, "kernel")
    assert last["kernel"].who == "this notebook's own process" and last["kernel"].where == "this machine"
    assert list(last) == ["kernel"], "the helper was not watched"
    *_, last = process_counters.watch("compute", 1, str(os.getpid()))
    assert last[str(os.getpid())].who.startswith(f"process {os.getpid()} (")
    for bad, message in (
        ({"process": "init"}, "process='init'"),
        ({"process": "999999999"}, "no process 999999999"),
        ({"seconds": 11}, "seconds=11"),
        ({"helper": "gpu"}, "helper='gpu'"),
    ):
        with pytest.raises((ValueError, OSError), match=message):
            list(process_counters.watch(**{"helper": "compute", "seconds": 1} | bad))


@here
def test_a_stopped_measurement_leaves_nothing():
    for steps in (
        process_counters.watch("compute", 5),
        observed_loop.run_loop(quota=0.5),
        speedups.measure_speedups("waits", 10_000, 2),
    ):
        try:
            assert isinstance(next(steps), float)
        except Unavailable:  # too busy a machine for this one; what was started is ended all the same
            continue
        steps.close()


@here
def test_a_loop_is_observed_and_its_quota_is_seen():
    # What of it limits the loop is a matter of the machine and its load; that is judged on what was recorded.
    try:
        held = observed_loop.observe(1.0, decode=0.1, quota=0.3)
        storage = observed_loop.observe(1.0, decode=0.02, storage=8.0)
    except Unavailable as busy:
        pytest.skip(str(busy))
    assert held.stopped > storage.stopped and held.loaders == storage.loaders == 1
    for evidence in (held, storage):
        assert 0 <= evidence.stopped <= 1 and evidence.steps > 0 and set(ai.diagnose(evidence).causes) <= set(CAUSES)
    with pytest.raises(ValueError, match="seconds=0"):
        observed_loop.observe(0)


def test_the_step_is_torch_s_where_it_can_be_imported(monkeypatch):
    said = {}
    fake = SimpleNamespace(
        set_num_threads=lambda n: said.update(threads=n),
        rand=lambda *shape: np.ones(shape),
        matmul=np.matmul,
        relu_=lambda batch: said.update(batch=batch),
    )
    monkeypatch.setitem(sys.modules, "torch", fake)
    step, spinning = training_loop.arithmetic(3, 5)
    step()
    assert (said["threads"], spinning) == (5, 0), "the library has its threads, none is made beside it"
    assert (
        said["batch"].shape == (3, training_loop.SIDE, training_loop.SIDE)
        and (said["batch"] == training_loop.SIDE).all()
    )
    monkeypatch.setitem(sys.modules, "torch", None)
    step, spinning = training_loop.arithmetic(3, 5)
    assert len(step()) == 3 and spinning == 4


@here
def test_ways_are_measured():
    *shares, series = speedups.measure_speedups("waits", 50_000, 3)
    assert all(isinstance(share, float) for share in shares) and len(series) == 3
    assert series[0].median[0] > 1.5, "threads wait at the same time"
    with pytest.raises(ValueError, match="workers=9"):
        list(speedups.measure_speedups(workers=9))


@here
def test_samples_just_after_one_another_give_no_rate():
    """The last sample of a run may come a moment after the one before: what grew meanwhile is no rate."""
    time, written = np.array([0.0, 0.1, 0.2, 0.2004, 0.3]), np.array([0.0, 1e6, 2e6, 1e7, 1.1e7])
    values = {name: written for name in counters.PANELS}
    watched = process_counters.scale("it", Samples(time, values), "this machine")
    assert watched.time.tolist() == [0.1, 0.2, 0.3] and watched.values["written_characters"].max() < 100
    assert process_counters.scale("it", Samples(time[2:4], {name: written[2:4] for name in values}), "here") is None
