"""``%%why``: runs a cell in this kernel, while a child process watches it, and says why it is slow."""

import contextlib
import ctypes
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from oslab.ai.causes import percent
from oslab.ai.verdict import Why
from oslab.machine.capability import Unavailable, need

__all__ = ["register", "watched"]

LONGEST = 120  # seconds of a cell that are watched
TICK, LATE = 0.01, 0.002
PR_SET_PTRACER = 0x59616D61  # Yama: who may look at this process though it is no descendant


def register(shell: Any) -> None:
    """Register the magic with an IPython shell."""
    shell.register_magic_function(lambda line, cell: run_cell(shell, line, cell), "cell", "why")


def run_cell(shell: Any, line: str, cell: str) -> Why | None:
    """Run a cell, watched; return why it is slow, or None if that cannot be found out, which is printed."""
    seconds = float(line) if line.strip().replace(".", "", 1).isdigit() else LONGEST
    with watched(seconds) as found:
        shell.run_cell(cell)
    if isinstance(found[0], str):
        print(found[0], file=sys.stderr)
        return None
    return found[0]


@contextlib.contextmanager
def watched(seconds: float = LONGEST) -> Iterator[list[Any]]:
    """Watch this process from a child while the block runs.

    Yields
    ------
    list
        Empty; afterwards with one item: a `Why`, or a sentence that says why there is none.
    """
    found: list[Any] = []
    try:
        need("procfs")
        command = [sys.executable, "-m", "oslab", "why", "--json", "--until-eof"]
        command += ["--seconds", str(min(max(seconds, 0.5), LONGEST)), "-p", str(os.getpid())]
        watcher = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    except (Unavailable, OSError) as error:
        yield found
        found.append(f"The cell was not watched: {error}")
        return
    _let_look(watcher.pid)
    watcher.stdout.readline()  # it watches
    over, late = threading.Event(), [0, 0]
    timer = threading.Thread(target=_count_late, args=(over, late), daemon=True)
    timer.start()
    try:
        yield found
    finally:
        over.set()
        timer.join()
        try:
            told, complaint = watcher.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            watcher.kill()
            told, complaint = watcher.communicate()
        try:
            why = Why.from_json(told)
            if late[1]:
                share = percent(late[0] / late[1])
                said = f"A timer of 10 ms in this process was late in {share} of its turns (it needs the GIL)."
                why = replace(why, evidence=(*why.evidence, said))
            found.append(why)
        except ValueError:
            found.append(f"The cell was not watched: {complaint.strip() or 'the watcher ended'}")


def _let_look(pid: int) -> None:
    """Let another process look at this one, where Yama allows it to none but descendants."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(pid), 0, 0, 0)


def _count_late(over: threading.Event, late: list[int]) -> None:
    """Count the turns of a timer that were late, less the time for which its thread was ready without a CPU."""
    name = f"/proc/self/task/{threading.get_native_id()}/schedstat"
    with contextlib.suppress(OSError, ValueError, IndexError), open(name, "rb", buffering=0) as file:
        while not over.is_set():
            ready, begin = int(os.pread(file.fileno(), 80, 0).split()[1]), time.perf_counter()
            time.sleep(TICK)
            passed = time.perf_counter() - begin - (int(os.pread(file.fileno(), 80, 0).split()[1]) - ready) / 1e9
            late[0] += passed > TICK + LATE
            late[1] += 1
