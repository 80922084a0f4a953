"""Scheduling beside the same schedules in C++, in one run: ``python benchmarks/scheduling.py [decisions]``.

Peers (g++ -O3 -march=native, the same rows of every turn): std::deque for rr, std::set of pairs for cfs, a heap for
srtf; and SimSo (PyPI, where it is installed) on one workload that both can run.  Contenders take turns; medians over the
rounds, and medians of the ratios within a round, so that a busy machine hits all alike.
"""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from oslab.scheduling import Workload, simulate
from oslab.scheduling.simulation import SchedulingRun
from oslab.scheduling.workload import MS

ROUNDS = 7
TASKS = (1_000, 100_000)


class InCpp:
    """The C++ loops, compiled into a folder that is removed afterwards."""

    def __init__(self, folder: Path):
        library = folder / "scheduling.so"
        subprocess.run(
            [
                "g++",
                "-O3",
                "-march=native",
                "-std=c++17",
                "-shared",
                "-fPIC",
                "-o",
                library,
                Path(__file__).with_suffix(".cpp"),
            ],
            check=True,
        )
        self.library = ctypes.CDLL(str(library))

    def seconds(self, policy: str, workload: Workload, rows: int, quantum: int = 0) -> tuple[float, np.ndarray]:
        """Return the seconds of a run, and its turns."""
        turns, marks = np.empty((rows, 4), np.int64), np.zeros((rows, 2), np.uint8)
        given = {
            "rr": [workload.parts.ctypes, ctypes.c_int64(quantum)],
            "cfs": [workload.parts.ctypes, workload.weight.ctypes],
            "srtf": [workload.arrival_ns.ctypes, workload.parts.ctypes],
        }[policy]
        call = getattr(self.library, policy)
        call.restype = ctypes.c_int64
        begin = time.perf_counter()
        made = call(ctypes.c_int64(len(workload)), *given, turns.ctypes, marks.ctypes)
        return time.perf_counter() - begin, turns[:made]


def here(policy: str, workload: Workload, rows: int, most: int = 0, **options) -> tuple[float, np.ndarray]:
    """Return the seconds of a run of the engine, to its end or for `most` decisions, and its turns."""
    run = SchedulingRun(workload, policy, **options)
    run.state = run.state._replace(turns=np.empty((rows, 4), np.int64), marks=np.zeros((rows, 2), np.uint8))
    begin = time.perf_counter()
    run.advance(most or rows)
    return time.perf_counter() - begin, run.state.turns[: run.made]


def workloads(n: int, decisions: int) -> dict[str, tuple[Workload, int, dict]]:
    """Return a workload, an upper limit of its decisions and the options, by policy, for n runnable tasks."""
    draw = np.random.default_rng(1)
    turns = max(1, decisions // n)
    even = draw.uniform(0.5, 1.5, n) * turns
    nice = draw.integers(-5, 6, n)
    weight = Workload([0] * n, [1] * n, nice=nice).weight
    come = draw.exponential(1.0, decisions // 3).cumsum()  # a stream of short ones on top of n long ones
    stream = Workload(
        np.concatenate([np.zeros(n), come]),
        np.concatenate([draw.uniform(500, 1500, n), draw.exponential(0.6, len(come)) + 0.01]),
    )
    return {
        "rr": (Workload([0] * n, even), 2 * decisions, {"quantum": 1.0}),
        "cfs": (Workload([0] * n, even * 0.75 * weight / weight.mean(), nice=nice), 4 * decisions, {"tick": 0}),
        "srtf": (stream, 4 * decisions, {}),
    }


def compare(folder: Path, decisions: int) -> None:
    """Print millions of decisions a second here and in C++, and the ratio."""
    in_cpp = InCpp(folder) if shutil.which("g++") else None
    print(f"{'policy':10}{'tasks':>9}{'decisions':>11}{'M/s':>8}{'C++':>8}{'ratio':>8}")
    for n in TASKS:
        for policy, (workload, rows, options) in workloads(n, decisions).items():
            contenders: dict[str, Callable] = {"here": lambda: here(policy, workload, rows, **options)}  # noqa: B023
            if in_cpp:
                quantum = round(options.get("quantum", 0) * MS)
                contenders["C++"] = lambda: in_cpp.seconds(policy, workload, rows, quantum)  # noqa: B023
            first = {name: contender()[1] for name, contender in contenders.items()}
            assert "C++" not in first or np.array_equal(first["C++"], first["here"]), f"{policy}: C++ decides otherwise"
            taken: dict[str, list[float]] = {name: [] for name in contenders}
            for _ in range(ROUNDS):
                for name, contender in contenders.items():
                    taken[name].append(contender()[0])
            made = len(first["here"])
            rates = [f"{made / np.median(taken[name]) / 1e6:.1f}" if name in taken else "-" for name in ("here", "C++")]
            ratio = f"{np.median(np.array(taken['C++']) / np.array(taken['here'])):.2f}" if in_cpp else "-"
            print(f"{policy:10}{n:>9}{made:>11}{rates[0]:>8}{rates[1]:>8}{ratio:>8}", flush=True)


def growth(decisions: int) -> None:
    """Print what a decision of the tree's policies costs with more and more tasks: flat over log2 n, caches aside."""
    print(f"\n{'policy':10}{'tasks':>9}{'M/s':>8}{'ns':>8}{'ns over log2(tasks)':>22}")
    draw = np.random.default_rng(2)
    for policy in ("cfs", "eevdf"):
        for n in (100, 1_000, 10_000, 100_000):
            workload = Workload([0] * n, [1e8 / n] * n, nice=draw.integers(-5, 6, n))
            most = max(decisions // 4, 2 * n)
            seconds = np.median([here(policy, workload, most + 1, most, tick=0)[0] for _ in range(5)])
            each = 1e9 * seconds / most
            print(f"{policy:10}{n:>9}{1e3 / each:>8.2f}{each:>8.0f}{each / np.log2(n):>22.1f}", flush=True)


def simso(tasks: int = 20, ms: int = 2000) -> None:
    """Print what periodic tasks under fixed priorities take here and in SimSo, where it is installed; same response times."""
    try:
        from simso.configuration import Configuration
        from simso.core import Model
    except ImportError:
        print("\nSimSo is not installed (pip install simso)")
        return
    plan = Configuration()
    plan.cycles_per_ms, plan.duration = 1000, ms * 1000
    for i in range(tasks):
        plan.add_task(
            name=f"T{i}",
            identifier=i + 1,
            period=10 + i,
            activation_date=0,
            wcet=0.4,
            deadline=10 + i,
            abort_on_miss=False,
            data={"priority": tasks - i},
        )
    plan.add_processor(name="CPU", identifier=1)
    plan.scheduler_info.clas = "simso.schedulers.FP"
    plan.check_all()
    jobs = sorted((at, i) for i in range(tasks) for at in range(0, ms, 10 + i))
    workload = Workload([at for at, _ in jobs], [0.4] * len(jobs), priority=[i for _, i in jobs])
    turnaround = simulate(workload, "priority").turnaround
    ours, theirs = [], []
    for _ in range(5):
        model = Model(plan)
        begin = time.perf_counter()
        model.run_model()
        theirs.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        simulate(workload, "priority")
        ours.append(time.perf_counter() - begin)
    for i in range(tasks):
        found = [job.response_time / 1000 for job in model.results.tasks[model.task_list[i]].jobs if job.response_time]
        mine = [t for t, (_, k) in zip(turnaround, jobs, strict=True) if k == i]
        assert np.allclose(found, mine[: len(found)]) and len(found) >= len(mine) - 1, f"SimSo schedules T{i} otherwise"
    print(
        f"\n{len(jobs)} jobs of {tasks} periodic tasks, fixed priorities, {ms} ms: {1e3 * np.median(ours):.2f} ms here, "
        f"{1e3 * np.median(theirs):.0f} ms in SimSo: {np.median(np.array(theirs) / np.array(ours)):.0f} times"
    )


def main() -> None:
    """Run everything."""
    decisions = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(
        f"about {decisions} decisions, medians of {ROUNDS} rounds; {platform.machine()}, Python {platform.python_version()}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), decisions)
    growth(decisions)
    simso()


if __name__ == "__main__":
    main()
