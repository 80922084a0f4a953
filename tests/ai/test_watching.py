"""Labs 2, 5 and 6: their models, the children that they start, and that nothing is left of these."""

import dataclasses
import math
import os
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oslab import ai, explore
from oslab.ai import questions
from oslab.ai.counters import BUTTONS
from oslab.ai.diagnosis import CAUSES
from oslab.ai.measure import observed_loop, process_counters, speedups
from oslab.ai.measure.children import training_loop
from oslab.ai.measure.children.parallel_jobs import count_primes
from oslab.ai.parallel import divisions
from oslab.ai.prime_kernel import count_primes_compiled
from oslab.machine import capability_checks
from oslab.machine.capability import can
from oslab.machine.child import Child
from tests.naive import primes

here = pytest.mark.skipif(not can("procfs"), reason="no /proc here")


@pytest.fixture(autouse=True)
def _nothing_is_left():
    from oslab.machine import procfs

    before, threads = set(procfs.children()), threading.active_count()
    yield
    assert set(procfs.children()) <= before and threading.active_count() <= threads


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
    assert (run.speed <= most * (1 + 1e-9)).all() and (run.speed > 0).all()
    assert run.seconds[0] >= run.serial[0] * share * (1 if task == "primes" else 0) - 1e-12
    more = ai.run_parallel(task, n, workers, cpus + 1, share)
    assert (more.seconds <= run.seconds + 1e-12).all()
    free = ai.run_parallel(task, n, workers, cpus, 0.0, start=0.0)
    assert free.seconds[0] == free.seconds[1], "without lock and start they are the same"


def test_the_guide_s_case():
    run = ai.run_parallel("primes", 100_000, 4, 4)
    assert run.speed[0] == 1 and run.speed[1] > 2 and run.bound[0] == "lock"
    two = ai.run_parallel("primes", 100_000, 4, 2, start=0.08)
    assert two.seconds[1] == pytest.approx(two.serial[1] / 2 + 4 * 0.08 / 2), "starting takes CPU time too"
    waits = ai.run_parallel("waits", 100_000, 4, 2)
    assert waits.speed[0] > 3.9 > waits.speed[1] and "one job" in waits.why(0) and len(waits.table()) == 3
    for bad in ({"task": "x"}, {"n": 0}, {"workers": 0}, {"cpus": 65}, {"lock_share": 2}):
        with pytest.raises(ValueError, match=f"{next(iter(bad))}="):
            ai.run_parallel(**bad)


EVIDENCE = ai.Evidence(10.0, 100, 1.0, 0.0, 2e10, 9.0, 0.2, 0.1, 50.0, 0.0, 1, 5.0, 0.1)


@settings(deadline=None)
@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 3),
    st.floats(0, 1),
    st.floats(0, 4),
)
def test_all_time_is_booked_once(data, run, wait, system, stopped, loaders, loader, moved):
    e = dataclasses.replace(
        EVIDENCE,
        data=10 * data,
        run=10 * run,
        wait=10 * wait,
        system=10 * system * run,
        stopped=stopped,
        faults=1e6,
        loaders=loaders,
        loader_run=10 * loader * loaders,
        loader_wait=0.0,
        bytes=moved * 1e11,
    )
    found = ai.diagnose(e)
    assert set(found.shares) == set(CAUSES) and min(found.shares.values()) >= -1e-9
    assert sum(found.shares.values()) <= 1 + 1e-9
    assert found.shares["quota"] == pytest.approx(stopped)
    for cause in found.causes:
        assert found.shares[cause] >= 0.22
    assert found.causes or "the largest share" in found.doubt


def test_each_cause_and_not_sure():
    cases = {
        "compute": {},
        "cpu": {"run": 2.0, "wait": 7.0},
        "quota": {"stopped": 0.7, "run": 2.0, "data": 0.5},
        "loading": {"data": 9.0, "run": 1.0, "loader_run": 9.5},
        "storage": {"data": 9.0, "run": 1.0, "loader_run": 0.5},
        "memory": {"bytes": 1.5e11},
        "faults": {"system": 6.0, "faults": 2e6},
    }
    for cause, changes in cases.items():
        found = ai.diagnose(dataclasses.replace(EVIDENCE, **changes))
        assert found.causes[0] == cause, (cause, str(found))
        assert found.table()[0]["cause"] == CAUSES[cause] and CAUSES[cause] in found.verdict
    ahead = ai.diagnose(dataclasses.replace(EVIDENCE, data=4.0, run=5.0, wait=1.0, loader_run=3.0, loader_wait=1.0))
    assert ahead.shares["storage"] == pytest.approx(0) and ahead.shares["loading"] == pytest.approx(0.3)
    mixed = dataclasses.replace(EVIDENCE, data=9.0, run=0.5, loader_run=5.0, loader_wait=4.5, spinner_run=10.0)
    assert ai.diagnose(mixed).causes == ("loading", "cpu")
    for others, causes in ((0.2, ("loading", "cpu")), (0.9, ("loading", "cpu")), (5.0, ("loading", "others"))):
        found = ai.diagnose(dataclasses.replace(mixed, others=others))
        assert found.causes == causes, "who has the CPU is seen from who ran meanwhile"
        assert found.shares["cpu"] + found.shares["others"] == pytest.approx(ai.diagnose(mixed).shares["cpu"])
    held = dataclasses.replace(
        mixed, stopped=0.5, data=4.5, loader_run=2.5, loader_wait=2.0, spinner_run=6.0, others=1.0
    )
    assert (
        ai.diagnose(held).shares["others"]
        > 0.1
        > 0.05
        > ai.diagnose(dataclasses.replace(held, cpus=1.9)).shares["others"]
    ), "they ran while it was stopped"
    alone = dataclasses.replace(EVIDENCE, run=3.0, wait=6.0, loader_run=0.0, others=1.9)
    assert ai.diagnose(alone).causes == ("others", "compute"), "what is left is judged by itself"
    assert ai.diagnose(dataclasses.replace(alone, run=0.4, wait=9.5, data=0.1)).causes == ("others",), (
        "too little is left"
    )
    for changes, doubt in (
        ({"steps": 2}, "only 2 steps"),
        ({"run": math.nan}, "counters"),
        ({"run": 3.3, "bytes": 2e10, "wait": 2.5, "data": 4.0, "loader_run": 2.0}, "largest share"),
    ):
        found = ai.diagnose(dataclasses.replace(EVIDENCE, **changes))
        assert found.causes == () and doubt in found.verdict, str(found)
    for bad in ({"steps": -1}, {"data": 11.0}):
        with pytest.raises(ValueError, match=f"{next(iter(bad))}="):
            ai.diagnose(dataclasses.replace(EVIDENCE, **bad))


@settings(deadline=None)
@given(
    st.integers(0, 4), st.integers(1, 32), st.floats(0.1, 10), st.integers(1, 8), st.floats(0.1, 1), st.floats(0, 512)
)
def test_the_model_of_a_loop(workers, batch, decode, threads, quota, traffic):
    found = ai.train(workers, batch, decode, threads, quota, traffic)
    assert sum(found.shares.values()) == pytest.approx(1, abs=1e-6)
    assert found.shares["quota"] == pytest.approx(1 - quota)
    assert found.shares["storage"] < 1e-3 and found.shares["faults"] == 0
    cpus = ai.train(workers, batch, decode, threads, quota, traffic, cpus=64)
    assert cpus.shares["cpu"] < 1e-6
    work = (batch * (decode + 0.2) if not workers else max(batch * 0.2, batch * decode / workers)) / 1000
    assert cpus.shares["quota"] == pytest.approx(found.shares["quota"]) and cpus.step <= 8 / 4 + 1e-9
    if work / quota < 1:
        assert found.step >= work / quota * 0.8


def test_knobs_out_of_range():
    for bad in ({"workers": 9}, {"quota": 0}, {"batch": 0}, {"threads": 99}):
        with pytest.raises(ValueError, match=f"{next(iter(bad))}="):
            ai.train(**bad)


def test_recorded_loops_say_what_the_model_says():
    for one in observed_loop.load_loops():
        k = one.diagnosis.settings
        model = ai.train(**vars(k))
        assert model.causes[0] == one.diagnosis.causes[0], k
        assert one.diagnosis.step == pytest.approx(model.step, rel=0.4)


@here
def test_children_end_with_the_block_and_with_their_time():
    with Child("oslab.ai.measure.children.stressors", ["compute", 9]) as child:
        child.line(5)
        pid = child.pid
        assert child.running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with Child("oslab.ai.measure.children.stressors", ["lock", 0.2]) as child:
        child.line(5)
        end = time.monotonic() + 5
        while child.running and time.monotonic() < end:
            time.sleep(0.05)
        assert not child.running


@here
@pytest.mark.parametrize("helper", ["memory", "lock"])
def test_a_helper_is_given_away_by_its_counter(helper):
    *_, last = process_counters.watch(helper, 1)
    watched, recorded = last[helper], process_counters.load_watched()
    sign = ai.expect(helper).sign
    # What sleeps in fsync gives up its CPU thousands of times a second, too.
    calm = max(run.typical(sign) for key, run in recorded.items() if key not in (helper, "disk"))
    assert watched.typical(sign) > max(3 * calm, 1) and watched.where == "this machine"


@here
def test_watching_another_process_and_bad_input():
    *_, last = process_counters.watch("compute", 1, "kernel")
    assert "this notebook's process" in last["compute"].who
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
        assert isinstance(next(steps), float)
        steps.close()


def test_without_proc_a_sentence_and_the_recorded_run(monkeypatch, tmp_path):
    from oslab.machine import procfs

    def watching(helper="compute", seconds=1, process="helper"):
        return ai.expect(helper, seconds)

    lab = drive(ai.Counters, watching, **ai.WATCHING)
    monkeypatch.setattr(procfs.text, "PROC", tmp_path)
    monkeypatch.setattr(capability_checks.text, "PROC", tmp_path)
    lab.measure()
    assert "the files of /proc" in lab.error and "recorded on" in lab.text
    assert ai.own_counters() == []
    with pytest.raises(OSError, match="the files of /proc"):
        observed_loop.observe(1.0)
    lab.close()


@here
def test_a_loop_is_observed_and_its_quota_is_seen():
    evidence = observed_loop.observe(1.0, decode=0.1, quota=0.3)
    assert 0.5 < evidence.stopped < 0.85 and evidence.loaders == 1
    found = ai.diagnose(evidence)
    assert found.causes[0] == "quota", str(found)
    assert observed_loop.observe(1.0, decode=5.0, quota=0.2).loader_run < 0.45, "the loaders are held as well"
    storage = ai.diagnose(observed_loop.observe(1.0, decode=0.02, storage=8.0))
    assert storage.causes[0] == "storage", str(storage)
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


def drive(view, function, **options):
    explore(view, **options)(function)
    return function.lab


def ends(lab, *names):
    for name in names:
        widget = lab.controls[name]
        values = list(dict(widget.options).values()) if hasattr(widget, "options") else [widget.min, widget.max]
        for value in (values[0], values[-1]):
            widget.value = value
            assert lab.error == "", (name, value, lab.error)
            assert lab.picture(1.0)
    lab.reset()


def test_lab_2():
    def parallel(task="primes", n=100_000, workers=4, cpus=2, lock_share=1.0):
        return ai.run_parallel(task, n, workers, cpus, lock_share)

    lab = drive(ai.Ways, parallel, **ai.PARALLEL)
    assert "recorded on" in lab.text and "threads 1 ×" in lab.canvas.view.title
    lab.controls["task"].value = "waits"
    assert "threads 4 × as fast" in lab.canvas.view.title and "recorded on" in lab.text
    lab.controls["workers"].value = 5
    assert "press measure here" in lab.text
    ends(lab, "task", "n", "workers", "cpus", "lock_share")
    lab.close()


def test_lab_5():
    def watching(helper="compute", seconds=1, process="helper"):
        return ai.expect(helper, seconds)

    lab = drive(ai.Counters, watching, **ai.WATCHING)
    pictures = set()
    for helper in BUTTONS.values():
        lab.controls["helper"].value = helper
        assert "recorded on" in lab.text and lab.error == ""
        pictures.add(lab.picture(1.0))
    assert len(pictures) == 4
    if can("procfs"):
        lab.controls["helper"].press("memory")
        lab.measurement.join(20)
        assert "this machine" in lab.text and "memory" in lab.canvas.view.title and lab.error == ""
    lab.close()


def test_lab_6():
    def diagnosis(workers=1, batch=8, decode=4.0, threads=1, quota=1.0, traffic=0):
        return ai.train(workers, batch, decode, threads, quota, traffic)

    lab = drive(ai.Bottleneck, diagnosis, **ai.TRAINING)
    assert (
        "Recorded: 3" in lab.canvas.view.title
        and "mostly decoding" in lab.canvas.view.title
        and "recorded on" in lab.text
    )
    lab.controls["threads"].value = 4
    assert "mostly no CPU free" in lab.canvas.view.title
    lab.canvas.view.predict(CAUSES["cpu"])
    before = lab.picture(1.0)
    lab.controls["decode"].value = 3.9
    lab.controls["decode"].value = 4.0
    assert lab.picture(1.0) != before, "the guess is marked"
    lab.controls["threads"].value = 3
    assert "press measure here" in lab.text
    ends(lab, "workers", "batch", "decode", "threads", "quota", "traffic")
    lab.close()


@pytest.mark.parametrize("make", [questions.waiting_workers, questions.give_away, questions.slowest_part])
def test_predictions_have_their_keys(make):
    question = make()
    key = {"waiting_workers": "Threads", "give_away": "waited (voluntary switches)", "slowest_part": CAUSES["cpu"]}
    assert question.right == key[make.__name__] and question.right not in question.wrong and len(question.wrong) >= 2
    assert all(np.array([len(reason) for reason in question.wrong.values()]) > 10)
