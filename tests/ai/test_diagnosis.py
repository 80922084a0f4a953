"""What limits a training loop: every second is booked once, each cause is found, and the model of a loop."""

import dataclasses
import math

import pytest
from hypothesis import given, settings, strategies as st

from oslab import ai
from oslab.ai.diagnosis import CAUSES
from oslab.ai.measure import observed_loop

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
        "ready": {"run": 2.0, "wait": 7.0},
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
    assert ai.diagnose(mixed).causes == ("loading", "ready")
    for others, causes in ((0.2, ("loading", "ready")), (0.9, ("loading", "ready")), (5.0, ("loading", "others"))):
        found = ai.diagnose(dataclasses.replace(mixed, others=others))
        assert found.causes == causes, "who has the CPU is seen from who ran meanwhile"
        assert found.shares["ready"] + found.shares["others"] == pytest.approx(ai.diagnose(mixed).shares["ready"])
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
    assert cpus.shares["ready"] < 1e-6
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
