"""Costs are measured once and kept; probes give them with their spread, with a compiler or without."""

import json
import os

import numpy as np
import pytest

from oslab.base.series import Series
from oslab.machine import cost, csource, probes, recorded
from oslab.machine.capability import Unavailable
from oslab.machine.cost import Cost, kept
from oslab.machine.csource import CRun, Diagnostic
from oslab.machine.recorded import measured


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("OSLAB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(cost, "_KEPT", {})


def counted():
    calls = []

    def measure():
        calls.append(1)
        return [measured("call", ["x"], [[10.0], [12.0], [11.0 + len(calls)]], "ns")]

    return calls, measure


def test_a_cost_is_measured_once_and_found_again_by_another_process():
    calls, measure = counted()
    first = kept("call", measure)[0]
    cost._KEPT.clear()
    again = kept("call", measure)[0]
    assert len(calls) == 1 and again.to_json() == first.to_json()
    assert again.origin == "this machine" and again.machine and again.repeats == 3
    kept("other", measure)
    kept("call", measure, fresh=True)
    assert len(calls) == 3


def test_a_damaged_file_is_measured_anew():
    calls, measure = counted()
    kept("call", measure)
    for file in cost._folder().iterdir():
        file.write_text("{")
    cost._KEPT.clear()
    kept("call", measure)
    assert len(calls) == 2 and json.loads(file.read_text())["series"]


def test_where_nothing_can_be_written_it_is_kept_in_memory(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OSLAB_CACHE_DIR", str(tmp_path / "file"))
    calls, measure = counted()
    kept("call", measure)
    kept("call", measure)
    assert len(calls) == 1


def test_another_machine_measures_for_itself(monkeypatch):
    calls, measure = counted()
    kept("call", measure)
    monkeypatch.setattr(recorded, "machine_kind", lambda: "another")
    kept("call", measure)
    assert len(calls) == 2


def test_a_cost_is_a_number_that_tells_where_it_comes_from():
    c = Cost.of(Series.of_repeats("call", ["x"], [[1.0], [5.0], [2.0]], "ns", origin="recorded", machine="M", date="D"))
    assert (float(c), c.low, c.high, c.repeats) == (2.0, 1.0, 5.0, 3)
    assert str(c) == "call: 2 ns (1 to 5 in 3 repeats, recorded on M, D)"
    assert c.table() == [{"what": "call", "median, ns": 2.0, "low": 1.0, "high": 5.0, "repeats": 3}]


@pytest.mark.parametrize("compiler", [True, False])
def test_probes_measure(monkeypatch, compiler):
    if compiler and csource.compiler() is None:
        pytest.skip("no C compiler here")
    if not compiler:
        monkeypatch.setattr(probes, "compiler", lambda: None)
    monkeypatch.setattr(probes, "COUNTS", {"call": 2000, "switch": 100, "fork": 2})
    affinity = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    call, switch = probes.system_call_cost(), probes.switch_cost("threads")
    returned, ended = probes.fork_cost([0, 1])
    assert call.unit == "ns" and call.repeats == 7 and call.low <= float(call) <= call.high
    assert float(switch) > 0 and "a whole hop through a pipe" in switch.note
    assert float(probes.switch_cost()) > 0
    assert returned.x.tolist() == [0, 1] and (ended.high > 0).all() and (returned.median > 0).all()
    if affinity:
        assert os.sched_getaffinity(0) == affinity


def test_a_probe_that_fails_says_so(monkeypatch):
    monkeypatch.setattr(probes, "compiler", lambda: None)
    monkeypatch.setattr(probes, "COUNTS", {"call": 10**9})
    monkeypatch.setattr(probes, "SECONDS", 0.2)
    with pytest.raises(Unavailable, match="call: it hung, and was killed after 200 ms"):
        probes.system_call_cost()


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: probes.switch_cost("friends"), "between='friends'"),
        (lambda: probes.fork_cost([]), "touched_mib"),
        (lambda: probes.fork_cost([-1]), "touched_mib"),
        (lambda: probes.fork_cost([1000]), "touched_mib"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_a_run_of_a_program_is_recorded_and_read_again(tmp_path):
    run = CRun(
        "exit code 0",
        stdout="a\n",
        wait_status=0,
        exit_code=0,
        stdout_bytes=2,
        seconds=np.pi,
        diagnostics=(Diagnostic(1, 2, "warning", "hm"),),
    )
    found = recorded.load_program(recorded.save_program(tmp_path / "a.json", run))
    assert found.run == run and found.machine == recorded.machine_kind() and found.date
    assert found.where == f"recorded on {found.machine}, {found.date}"
    with pytest.raises(ValueError, match="Did not compile"):
        recorded.save_program(tmp_path / "b.json", CRun("did not compile", compiled=False))
    (tmp_path / "c.json").write_text("[]")
    with pytest.raises(ValueError, match="c.json"):
        recorded.load_program(tmp_path / "c.json")


def test_series_are_recorded_with_machine_kernel_and_date(tmp_path):
    series = Series.of_repeats("call", [1.0], [[1.23456789], [2.0]], "ns", origin="this machine")
    [record] = json.loads(recorded.save(tmp_path / "runs" / "a.json", [series]).read_text())["series"]
    assert record["origin"] == "recorded" and record["machine"] and record["kernel"] and record["date"]
    with pytest.raises(ValueError, match="comes from a model"):
        recorded.save(tmp_path / "b.json", [Series("m", [1.0], [1.0], "ns")])
    with pytest.raises(ValueError, match="series is empty"):
        recorded.save(tmp_path / "b.json", [])
    with pytest.raises(ValueError, match="recorded in oslab.machine are none"):
        recorded.load("oslab.machine", "a")
