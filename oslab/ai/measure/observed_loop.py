"""Lab 6 on this machine: a training loop runs in a child, held to its quota, and is watched through /proc."""

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from oslab.ai import Diagnosis, Evidence, Why, diagnose, why
from oslab.ai.training import SETTINGS, LoopSettings, train
from oslab.base import Series, checked, readable, real, rounded, text
from oslab.machine import Child, need, recorded
from oslab.machine.limits import throttled_time, usable_cpus
from oslab.machine.procfs import Sampler, own_processes, system_stat

__all__ = ["Observed", "load_loops", "observe", "own_processes", "recorded_loops", "run_loop"]

INTERVAL, PERIOD = 0.017, 0.1  # no sample shall always meet the same part of a period
LOOP = ("run_time", "wait_time", "system_time", "minor_faults", "stopped")
LOADER = ("run_time", "wait_time")
SECONDS, PROGRAM_SECONDS = 2.0, 4.0


@checked(seconds=real(1, 10, unit="s"))
def observe(seconds: float = SECONDS, **settings: float) -> Evidence:
    """Run a training loop in a child and count; takes up to 11 s more than `seconds` on a busy machine, and leaves nothing.

    The quota is held with stop signals, as an ordinary user can: in each 100 ms the loop and its children run for
    their share and are stopped for the rest.

    Parameters
    ----------
    seconds : float
        1 to 10.
    **settings
        Fields of `LoopSettings`.

    Raises
    ------
    Unavailable
        No /proc, or no child processes.
    ValueError
        A knob out of range.
    """
    *_, evidence = _observe(seconds, LoopSettings(**settings))  # type: ignore[arg-type]
    return evidence


def _observe(seconds: float, k: LoopSettings) -> Iterator[float | Evidence]:
    """Yield shares of the time, then the evidence; closed early it ends the loop."""
    need("procfs")
    with Child("oslab.ai.measure.children.training_loop", vars(k) | {"seconds": seconds}) as child:
        begun = child.line(15.0)
        main = f"/proc/{child.pid}/task/{child.pid}"  # the thread that trains, and not those that help or spin
        samplers = [
            Sampler(main, LOOP, interval=INTERVAL, longest=20.0),
            *(Sampler(pid, LOADER, interval=INTERVAL, longest=20.0) for pid in begun["loaders"]),
            *(Sampler(pid, ("run_time",), interval=0.2, longest=20.0) for pid in (child.pid, *begun["spinners"])),
        ]
        with contextlib.ExitStack() as stack:
            stack.enter_context(_hold_quota(child, k.quota))
            child.say()
            for sampler in samplers:
                stack.enter_context(sampler)
            begin, before, throttled = time.perf_counter(), _busy_seconds(), throttled_time(child.pid)
            while not child.speaks(0.2) and (passed := time.perf_counter() - begin) < seconds + 11:
                yield min(0.99, passed / (seconds + 0.3))
            done = child.line(0.5)
            passed = time.perf_counter() - begin
            busy, throttled = (
                (_busy_seconds() - before) / passed,
                (throttled_time(child.pid) - throttled) / passed / usable_cpus(),
            )
    loop, *others = [one.samples for one in samplers]
    loaders, spinners = others[: len(begun["loaders"])], others[len(begun["loaders"]) :]
    stretch = done["seconds"] / max(loop.time[-1], 1e-9) if len(loop.time) else float("nan")

    stopped = min(1.0, float(np.nanmean(loop.values["stopped"])) + throttled)

    def grown(name: str) -> float:
        return loop.grown(name) * stretch

    yield Evidence(
        done["seconds"],
        done["steps"],
        min(done["data"], done["seconds"]),
        done["bytes"],
        begun["roof"],
        grown("run_time"),
        grown("wait_time"),
        grown("system_time"),
        grown("minor_faults"),
        stopped,
        len(loaders),
        sum(one.grown("run_time") for one in loaders) * stretch,
        sum(one.grown("wait_time") for one in loaders) * stretch,
        max(0.0, busy - sum(one.grown("run_time") for one in others) / max(loop.time[-1], 1e-9)),
        max(0.0, sum(one.grown("run_time") for one in spinners) * stretch - grown("run_time")),
        usable_cpus(),
    )


def _busy_seconds() -> float:
    """Seconds that the CPUs on which this process may run were busy, or taken away by the hypervisor."""
    stat = system_stat()
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    return sum(cpu.busy + cpu.steal for number, cpu in stat.cpus.items() if number in allowed) if stat else float("nan")


@contextlib.contextmanager
def _hold_quota(child: Child, quota: float) -> Iterator[None]:
    """Let the child's group run for a share of each period only."""
    if quota >= 1:
        yield
        return
    over = threading.Event()

    def hold() -> None:
        while not over.is_set():
            child.signal(signal.SIGCONT)
            over.wait(PERIOD * quota)
            child.signal(signal.SIGSTOP)
            over.wait(PERIOD * (1 - quota))
        child.signal(signal.SIGCONT)

    thread = threading.Thread(target=hold, name="oslab-quota", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@dataclass(frozen=True)
class Observed:
    """A diagnosis of a loop that ran, or of a program, and where."""

    diagnosis: Diagnosis | Why
    where: str


@checked(
    **{name: SETTINGS[name] for name in ("workers", "batch", "decode", "threads", "quota", "traffic")},
    program=text(1000),
)
def run_loop(
    workers: int = 1,
    batch: int = 8,
    decode: float = 4.0,
    threads: int = 1,
    quota: float = 1.0,
    traffic: float = 0.0,
    program: str = "",
) -> Iterator[Any]:
    """Observe a loop, or a program of yours, and say what limits it: what lab 6's button does; leaves nothing.

    Parameters
    ----------
    workers, batch, decode, threads, quota, traffic
        As in `LoopSettings`; it ends within some 3 s.
    program : str
        The number of a process, with what else the menu shows behind it, or a command; watched for `PROGRAM_SECONDS`.

    Yields
    ------
    float or list of Observed
        Shares of the time; the loop that ran.
    """
    if program:
        yield from _watch(program)
        return
    settings = LoopSettings(workers, batch, decode, threads, quota, traffic)
    for one in _observe(SECONDS, settings):
        found = diagnose(one) if isinstance(one, Evidence) else None
        yield [Observed(replace(found, settings=settings), "this machine")] if found else one


def _watch(program: str) -> Iterator[Any]:
    """Watch a program in a thread, so that shares of the time can be told meanwhile."""
    number = program.split(maxsplit=1)[0] if program.strip() else ""
    what = int(number) if number.isdecimal() else program
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(why, what, PROGRAM_SECONDS)
        begin = time.perf_counter()
        while not found.done():
            time.sleep(0.2)
            yield min(0.99, (time.perf_counter() - begin) / (PROGRAM_SECONDS + 1.5))
    try:
        yield [Observed(replace(found.result(), settings=program), "this machine")]
    except ValueError as error:  # `why` names its own argument
        raise ValueError(str(error).replace("pid_or_command", "program", 1)) from error


def to_series(settings: LoopSettings, evidence: Evidence) -> Series:
    """Return what was counted as a series that can be recorded; its label says the settings."""
    names = [field.name for field in fields(Evidence)]
    return Series(
        json.dumps(vars(settings)),
        names,
        [float(getattr(evidence, name)) for name in names],
        "as in Evidence",
        origin="this machine",
        **recorded.here(),
    )


def load_loops() -> list[Observed]:
    """Return the recorded loops, diagnosed now."""
    found = []
    for series in recorded.load("oslab.ai", "loops"):
        counted = dict(zip(series.x.tolist(), series.median.tolist()))
        evidence = Evidence(**counted | {"steps": int(counted["steps"]), "loaders": int(counted["loaders"])})
        found.append(
            Observed(replace(diagnose(evidence), settings=LoopSettings(**json.loads(series.label))), series.where)
        )
    return found


def recorded_loops() -> list[dict[str, Any]]:
    """Return one row for each recorded loop: what was set, the step as modelled and as it was, what limits it."""
    standard = vars(LoopSettings())
    rows = []
    for one in load_loops():
        settings = vars(one.diagnosis.settings)
        changed = ", ".join(f"{name} {readable(value)}" for name, value in settings.items() if value != standard[name])
        rows.append(
            {
                "changed": changed or "nothing",
                "model, ms": rounded(train(**settings).step * 1000, 3),
                "loop, ms": rounded(one.diagnosis.step * 1000, 3),
                "it is": one.diagnosis.verdict,
            }
        )
    return rows
