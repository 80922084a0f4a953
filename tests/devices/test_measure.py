"""Measurements run as an ordinary user, agree with the models where these promise it, and leave nothing behind."""

import os
import select
import subprocess
import sys
import threading

import pytest

from oslab import devices, machine
from oslab.base.series import Series
from oslab.devices.measure import capabilities, epoll_pipe, interrupts, io_programs, ring_indices
from oslab.devices.operation_costs import JOBS, TERMS
from oslab.machine import capability_checks, recorded

LINUX = sys.platform == "linux"
compiled = pytest.mark.skipif(not (LINUX and machine.can("compiler")), reason="no compiler, or not Linux")
ringed = pytest.mark.skipif(
    not (machine.can("io_uring") and machine.can("liburing")), reason="no io_uring, or no liburing"
)


@pytest.fixture(autouse=True)
def leaves_nothing():
    before = set(os.listdir("/proc/self/fd")) if LINUX else set()
    threads = threading.active_count()
    yield
    assert threading.active_count() == threads
    assert not LINUX or len(set(os.listdir("/proc/self/fd")) - before) <= 1


@pytest.mark.skipif(not LINUX, reason="no epoll")
@pytest.mark.parametrize(
    "arguments", [("edge", 2048, 1024, False), ("edge", 5000, 700, True), ("level", 2048, 1024, False)]
)
def test_a_pipe_returns_what_the_model_does(arguments):
    [series] = epoll_pipe.real_pipe(*arguments)
    story = devices.watch_pipe(*arguments)
    assert series.x.tolist() == [s.call for s in story.done] and series.median.tolist() == [
        s.returned for s in story.done
    ]


@ringed
@pytest.mark.parametrize("arguments", [(8, 4, 4, False), (7, 3, 5, False), (20, 10, 12, True)])
def test_a_real_ring_has_the_indices_of_the_job(arguments):
    operations, batch, entries, sqpoll = arguments
    columns = ring_indices.real_ring(*arguments)
    job = devices.run_job(operations, batch, entries, sqpoll=sqpoll)
    rows = [tuple(row) for row in zip(*(s.median for s in columns))]
    assert len(rows) == job.steps + 1 and all(job.agrees(k, row) for k, row in enumerate(rows))
    if not sqpoll:
        assert rows == [s.indices for s in job.states] and not job.agrees(job.steps, (0, 0, 0, 0))


@pytest.mark.skipif(not LINUX, reason="no /proc")
def test_packets_to_oneself_raise_soft_interrupts(monkeypatch):
    monkeypatch.setattr(interrupts, "SPAN", 0.05)
    try:
        rest, busy = [item for item in interrupts.interrupt_rates() if not isinstance(item, float)][-1]
    except machine.Unavailable as missing:
        pytest.skip(str(missing))
    assert rest.x.tolist() == busy.x.tolist() and rest.repeats == busy.repeats == interrupts.ROUNDS
    assert (rest.low >= 0).all() and (busy.low >= 0).all()
    assert busy.high[busy.x.tolist().index("NET_RX (soft)")] > 0, "each packet is taken in by a soft interrupt"


@compiled
def test_each_term_has_a_cost():
    [series] = io_programs.measure_costs()
    assert series.x.tolist() == list(TERMS) and (series.low >= 0).all() and (series.median > 0).any()
    assert devices.bill_operations(**dict(zip(TERMS, series.median.tolist()))).bills["threads"].total > 0


@compiled
@pytest.mark.parametrize("job", ["echo", "cached"])
def test_a_race_makes_the_calls_that_the_model_says(job, monkeypatch):
    monkeypatch.setattr(io_programs, "REPEATS", 1)
    monkeypatch.setattr(io_programs, "ECHOES", 1600)
    rate, calls, _ = [item for item in io_programs.race(job, 4) if not isinstance(item, float)][-1]
    expected = devices.expect_race(job, 4).calls
    assert rate.label == f"{job} 4" and (rate.median > 0).all() and "threads" in rate.x
    for way, made in zip(calls.x.tolist(), calls.median):
        # Fewer may be ready together than there are connections.
        most = {"epoll": 3.0, "io_uring": 2.0}.get(way, expected[way] + 0.01) if job == "echo" else expected[way] + 0.01
        assert expected[way] - 0.01 <= made <= most + 0.02


@compiled
@pytest.mark.skipif(not machine.can("strace"), reason="no strace")
def test_strace_counts_the_calls_that_the_program_counts(tmp_path):
    program = tmp_path / "reads"
    subprocess.run(["cc", "-O2", "-pthread", "-o", program, io_programs.PROGRAMS / "reads.c"], check=True)
    found = {}
    for reads in (8, 808):
        command = [
            "strace",
            "-f",
            "-c",
            "-e",
            "trace=io_uring_enter,pread64",
            "-o",
            tmp_path / "counts",
            program,
            "8",
            str(reads),
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode or "refused" in done.stdout:
            pytest.skip("strace or io_uring is refused here")
        words = [line.split() for line in (tmp_path / "counts").read_text().splitlines()]
        found[reads] = {w[-1]: int(w[3]) for w in words if w and w[-1] in ("io_uring_enter", "pread64")}
    more = {name: found[808][name] - found[8][name] for name in found[8]}  # the loader preads too
    assert more == {"pread64": 800, "io_uring_enter": 2 * 100}


DRIVE = """
import os, time
from {place} import {name} as Ring
rings = []
for entries, sqpoll, script in {scripts!r}:
    ring, name = Ring(entries, sqpoll=sqpoll), 0
    for action in script:
        if action == "push":
            name += 1
            ring.push(name, "now")
        elif action in ("look", "sleep"):
            seconds = dict(look=0.1, sleep=1.5)[action]
            ring.pass_time(round(1000 * seconds)) if {modelled} else time.sleep(seconds)
        else:
            getattr(ring, action)()
    rings.append(ring)
    os.getppid()
"""
SCRIPTS = {
    "two batches": (4, False, ["push"] * 4 + ["submit"] + ["reap"] * 4 + ["push"] * 2 + ["submit"] + ["reap"] * 3),
    "kept aside": (1, False, ["push", "submit"] * 4 + ["reap"] * 5),
    "asked for by submit": (1, False, ["push", "submit"] * 4 + ["reap", "submit"] + ["reap"] * 3),
    "polled": (4, True, ["look"] + (["push", "push", "submit", "look"] + ["reap"] * 2) * 2),
    "asleep": (4, True, ["look", "push", "submit", "look", "sleep", "push", "submit", "look", "reap", "reap"]),
}


@ringed
@pytest.mark.skipif(not machine.can("strace"), reason="no strace")
def test_strace_counts_the_calls_that_the_model_counts(tmp_path):
    scripts = list(SCRIPTS.values())
    shared: dict = {}
    exec(DRIVE.format(place="oslab.devices.rings", name="Rings", scripts=scripts, modelled=True), shared)
    code = DRIVE.format(place="oslab.machine.io_uring", name="RealRing", scripts=scripts, modelled=False)
    command = ["strace", "-e", "trace=io_uring_enter,getppid", "-o", tmp_path / "calls", sys.executable, "-c", code]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=os.path.dirname(os.path.dirname(os.path.dirname(__file__))),
    )
    if "ptrace" in done.stderr:
        pytest.skip("strace is refused here")
    assert done.returncode == 0, done.stderr
    parts = (tmp_path / "calls").read_text().split("getppid(")[: len(scripts)]
    counted = dict(zip(SCRIPTS, (part.count("io_uring_enter(") for part in parts)))
    assert counted == {name: ring.state.calls - 1 for name, ring in zip(SCRIPTS, shared["rings"])}  # less the set-up


@pytest.mark.skipif(not LINUX, reason="no epoll")
def test_epoll_refuses_regular_files(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    with open(tmp_path / "file") as file, select.epoll() as watch, pytest.raises(PermissionError):
        watch.register(file)


@compiled
def test_programs_refuse_what_cannot_be_meant():
    source = (io_programs.PROGRAMS / "echo.c").read_text()
    assert machine.Program(source).run("99", "1").exit_code == 1


@pytest.mark.skipif(not LINUX, reason="measured on Linux")
def test_an_ordinary_user_can_measure_too(as_ordinary_user):
    done = as_ordinary_user(
        "from oslab.devices.measure import epoll_pipe, ring_indices; epoll_pipe.real_pipe('edge'); "
        "ring_indices.real_ring(4, 2, 2); print('both')"
    )
    assert done.stdout.strip() == "both" or "This needs" in done.stderr, done.stderr


def test_where_it_is_refused_the_sentence_names_the_switch(monkeypatch):

    monkeypatch.setattr(capability_checks, "LINUX", True)
    monkeypatch.setattr(capability_checks, "_system_call", lambda *a: (-1, 1))
    monkeypatch.setattr(capability_checks, "_read", lambda path: "2" if path.name == "io_uring_disabled" else None)
    with pytest.raises(machine.Unavailable, match="kernel.io_uring_disabled=2"):
        ring_indices.real_ring()
    assert "no, switched off for all" in capabilities.what_is_allowed()


def test_without_a_compiler_the_labs_say_so(monkeypatch):
    from oslab.machine import csource

    monkeypatch.setattr(csource, "compiler", lambda: None)
    with pytest.raises(machine.Unavailable, match="C compiler"):
        io_programs.measure_costs()
    with pytest.raises(machine.Unavailable, match="C compiler"):
        list(io_programs.race())


def test_races_refuse_other_jobs():
    with pytest.raises(ValueError, match="'echo', 'cached', 'direct'"):
        list(io_programs.race("tea"))


def test_recorded_runs_are_whole():
    found = {name: recorded.load("oslab.devices", name) for name in recorded.names("oslab.devices")}
    assert set(found) == {"costs", "pipe", "races", "rates", "ring"}
    assert all(
        isinstance(s, Series) and s.machine and s.date and s.origin == "recorded"
        for some in found.values()
        for s in some
    )
    assert {s.label for s in found["races"]} == {f"{job} {n}" for job in JOBS for n in io_programs.TOGETHER}
    for name in ("reads", "echo"):
        assert recorded.load_program(io_programs.PROGRAMS / f"{name}.json").run.ok


def test_an_interrupt_line_that_comes_or_goes_is_no_burst_and_no_error(monkeypatch):
    monkeypatch.setattr(interrupts, "SPAN", 0.01)
    seen = iter(range(100))

    def count():
        k = next(seen)
        lines = {"timer": 100 * k, "NET_RX (soft)": 7 * k}
        return lines | ({"disk": 10**9 + k} if k % 3 else {}) | ({"reset": 50 - k} if k < 9 else {})

    monkeypatch.setattr(interrupts, "count_interrupts", count)
    last = [item for item in interrupts.interrupt_rates() if not isinstance(item, float)][-1]
    assert {s.label for s in last} == {"at rest", "with packets"}
    for series in last:
        assert {"timer", "disk"} <= set(series.x.tolist()) and (series.low >= 0).all()
        assert series.high.max() < 1e6, "a line that came counts from when it was there"
