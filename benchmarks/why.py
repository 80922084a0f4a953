"""How often `oslab why` names the right cause: 36 programs that use real packages, each slow by construction for one cause.

Each is started anew for a round, watched when it has come to its steady state, and ended.  A round is *right* when the
first cause named is one that the program was made for, and no other is named but those that must come with it;
*not sure* and *wrong* are counted apart.  Where a note is what the program was made for, the note must be there.  Of
three rounds, of which the last runs beside two busy loops, the majority counts.  While others take more than a fifth of
a CPU, ``others`` may be named as well.

Every third program by name is put aside: rules are tuned on the other 24 only (``--set tuned``), and the put-aside ones
are watched at the end (``--set aside``).  Beside ours stand, for the programs that they can judge, state counts as Poder's
`psn` samples them, and py-spy's share of samples with the interpreter's lock.

    python -m benchmarks.why --set tuned --rounds 1
    python -m benchmarks.why --pairs          # how much watching slows a program
    setpriv --reuid 65534 … python -m benchmarks.why   # as an ordinary user
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.known_causes import computing, sharing, waiting  # noqa: F401
from benchmarks.known_causes.registry import PROGRAMS, Known
from oslab.ai.measure.watched_program import why
from oslab.ai.verdict import Why
from oslab.machine import procfs

NAMES = sorted(PROGRAMS)
ASIDE = NAMES[1::3]
TUNED = [name for name in NAMES if name not in ASIDE]
DISTURBED, PERIOD = 0.2, 0.1
BUSY = "while True: pass"


@contextlib.contextmanager
def quota_group(quota: float) -> Iterator[Any]:
    """A control group with a quota, and how to put a process into it; nothing where none may be made."""
    second = Path("/sys/fs/cgroup/cgroup.controllers").exists()  # version 2
    folder = Path("/sys/fs/cgroup") / ("" if second else "cpu") / f"known-cause-{os.getpid()}"
    helper = os.environ.get("KNOWN_CAUSE_GROUP")  # made beforehand for an ordinary user
    try:
        if helper:
            folder = Path(helper)
        else:
            folder.mkdir()
            allowed = str(int(quota * 100_000))
            (folder / ("cpu.max" if second else "cpu.cfs_quota_us")).write_text(allowed)
        yield lambda pid: (folder / "cgroup.procs").write_text(str(pid))
    finally:
        if not helper and folder.is_dir():
            with contextlib.suppress(OSError):
                for pid in (folder / "cgroup.procs").read_text().split():
                    os.kill(int(pid), signal.SIGKILL)
                time.sleep(0.1)
                folder.rmdir()


@contextlib.contextmanager
def stop_signals(pid: int, quota: float) -> Iterator[None]:
    """Let a process run for a share of each period only."""
    over = threading.Event()

    def hold() -> None:
        while not over.is_set():
            os.kill(pid, signal.SIGCONT)
            over.wait(PERIOD * quota)
            os.kill(pid, signal.SIGSTOP)
            over.wait(PERIOD * (1 - quota))
        os.kill(pid, signal.SIGCONT)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def running(name: str) -> Iterator[int]:
    """A program in its steady state."""
    known = PROGRAMS[name]
    with contextlib.ExitStack() as stack:
        join = stack.enter_context(quota_group(known.quota)) if known.by == "group" else None
        one_thread = {} if known.kind.startswith("too many") else {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.known_causes", name],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            process_group=0,
            env=os.environ | one_thread,
        )
        stack.callback(process.wait)
        stack.callback(lambda: os.killpg(process.pid, signal.SIGKILL))
        if process.stdout.readline() != "ready\n":
            raise SystemExit(f"{name} did not start")
        if join:
            join(process.pid)
        if known.by == "stop":
            stack.enter_context(stop_signals(process.pid, known.quota))
        time.sleep(0.3)
        yield process.pid


@contextlib.contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Keep so many CPUs busy."""
    loops = [subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def grade(known: Known, found: Why) -> str:
    """Return ``right``, ``wrong`` or ``not sure``."""
    named = [cause for cause in found.causes if cause != "others"]
    if "others" in found.causes and found.shares["others"] < DISTURBED:
        return "wrong"
    if set(named) - set(known.causes) - set(known.also):
        return "wrong"
    if known.note:
        return "right" if known.note in found.notes else "not sure"
    if not named:
        return "not sure"
    return "right" if named[0] in known.causes else "wrong"


def psn_like(pid: int, seconds: float = 1.0) -> str:
    """The state that most threads are in, by counting `stat` and `syscall` or `wchan` as psn does; no more."""
    seen: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for process in [pid, *procfs.children(pid)]:
            for task in Path(f"/proc/{process}/task").glob("*"):
                with contextlib.suppress(OSError, IndexError):
                    state = (task / "stat").read_text().rpartition(") ")[2][0]
                    seen[state + (":" + (task / "wchan").read_text() if state in "SD" else "")] += 1
        time.sleep(0.05)
    return ", ".join(f"{state} {count / seen.total():.0%}" for state, count in seen.most_common(2)) if seen else ""


def py_spy_gil(pid: int) -> str:
    """The share of py-spy's samples in which some thread held the interpreter's lock."""
    tool = os.environ.get("PY_SPY") or os.path.join(os.path.dirname(sys.executable), "py-spy")
    with tempfile.TemporaryDirectory() as folder:
        counts = []
        for more in (["--gil"], ["--idle"]):
            file = os.path.join(folder, "out")
            command = [tool, "record", "-p", str(pid), "-d", "1", "-r", "50", "-f", "raw", "-o", file, "--nonblocking"]
            subprocess.run([*command, *more], capture_output=True, timeout=20, check=False)
            with contextlib.suppress(OSError):
                counts.append(sum(int(n) for n in re.findall(r" (\d+)$", Path(file).read_text(), re.M)))
    return f"{counts[0] / 50:.0%}" if counts else ""


def run_rounds(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Watch the programs; print a line for each, and return rows."""
    names = {"tuned": TUNED, "aside": ASIDE, "all": NAMES}[given.set]
    names = given.only.split(",") if given.only else names[given.part :: given.parts]
    rows = []
    for name in names:
        known, row = PROGRAMS[name], {"name": name, "kind": PROGRAMS[name].kind, "grades": [], "named": []}
        for turn in range(given.rounds):
            with busy_loops(2 if given.rounds > 1 and turn == given.rounds - 1 else 0), running(name) as pid:
                found = why(pid, given.seconds)
                if given.peers and turn == 0:
                    row["psn"], row["py_spy"] = psn_like(pid), py_spy_gil(pid)
            row["grades"].append(grade(known, found))
            row["named"].append(list(found.causes) + list(found.notes))
            row["cost"] = max(row.get("cost", 0.0), found.cost)
            if given.verbose or row["grades"][-1] != "right":
                shares = {cause: round(share, 2) for cause, share in found.shares.items() if share > 0.03}
                print("   ", row["grades"][-1], list(found.causes), found.notes, shares, flush=True)
                if given.verbose:
                    print(*(f"        {line}\n" for line in found.evidence), sep="", end="")
        counted = Counter(row["grades"])
        row["grade"] = counted.most_common(1)[0][0] if counted.most_common(1)[0][1] * 2 > given.rounds else "not sure"
        rows.append(row)
        print(f"{row['grade']:9} {name:28} {row['kind']:20}", row["named"], row.get("psn", ""), flush=True)
    total = Counter(row["grade"] for row in rows)
    print(f"right {total['right']} of {len(rows)}, not sure {total['not sure']}, wrong {total['wrong']}")
    return rows


PAIRED = """
import sys, time
{setup}
for line in sys.stdin:
    begin, cpu, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begin < {seconds}:
        {work}
        done += 1
    print(done, time.process_time() - cpu, flush=True)
"""
SETUPS = {
    "arithmetic": ("import zlib, os; data = os.urandom(20_000)", "zlib.compress(data)"),
    "memory, 768 MiB": ("import numpy as np; a, b, c = (np.ones(1 << 25) for _ in range(3))", "np.add(a, b, out=c)"),
    "Python objects": ("data = list(range(1000))", "sorted(data, key=lambda x: -x)"),
}


def run_pairs(seconds: float, pairs: int) -> None:
    """Print how much watching slows a program: by pairs of spans of one process, watched and not, in turn.

    Beside the time that a piece of work takes stands the CPU time that it takes, which other programs hardly change.
    """
    for name, (setup, work) in SETUPS.items():
        slower: dict[str, list[float]] = {"time": [], "CPU time": []}
        text = PAIRED.format(setup=setup, work=work, seconds=seconds)
        with subprocess.Popen([sys.executable, "-c", text], stdin=-1, stdout=-1, text=True, bufsize=1) as one:
            for k in range(-1, pairs):
                done, cpu = {}, {}
                for watched in (True, False) if k % 2 else (False, True):
                    one.stdin.write("\n")
                    if watched:
                        why(one.pid, seconds - 0.05)
                    count, used = one.stdout.readline().split()
                    done[watched], cpu[watched] = int(count), float(used) / int(count)
                if k >= 0:  # the first pair warms up
                    slower["time"].append(done[False] / done[True] - 1)
                    slower["CPU time"].append(cpu[True] / cpu[False] - 1)
            one.stdin.close()
        for what, ratios in slower.items():
            low, middle, high = quantiles(ratios, n=4)
            print(f"{name:20} {what:9} {middle:+.1%} (quartiles {low:+.1%} and {high:+.1%}, {pairs} pairs)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=("tuned", "aside", "all"), default="all")
    parser.add_argument("--only", help="names, with commas between them")
    parser.add_argument("--parts", type=int, default=1, help="divide the programs into so many parts …")
    parser.add_argument("--part", type=int, default=0, help="… and take this one, from 0")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--peers", action="store_true", help="also count states as psn does, and run py-spy --gil")
    parser.add_argument("--pairs", type=int, default=0, help="instead: so many pairs, watched and not")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--json", help="where to write all of it")
    given = parser.parse_args()
    if given.pairs:
        run_pairs(given.seconds, given.pairs)
        return
    rows = run_rounds(given)
    if given.json:
        Path(given.json).write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
