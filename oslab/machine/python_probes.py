"""The programs of ``probes.c`` for machines without a compiler: same arguments, same lines.

What the interpreter adds is taken out by difference where there is a twin without the kernel's part; fork is
dearer here, since the interpreter has more pages and does some work of its own around it.
"""

import mmap
import os
import sys
import threading
import time
from collections.abc import Callable
from itertools import repeat

__all__ = ["main"]

REPEATS = 7


def main(kind: str, count: str, more: str = "") -> None:
    """Print what was measured."""
    measure = {"call": _call, "switch": _switch, "fork": _fork}[kind](int(count), more)
    for r in range(REPEATS + 1):
        values = next(measure)
        if r:
            print(*(f"{value:.2f}" for value in values))


def _each(act: Callable[[], object], count: int) -> float:
    begin = time.perf_counter_ns()
    for _ in repeat(None, count):
        act()
    return (time.perf_counter_ns() - begin) / count


def _call(count: int, _: str):
    while True:
        yield [_each(os.getppid, count) - _each(threading.get_ident, count)]


def _switch(count: int, threads: str):
    there, back = os.pipe(), os.pipe()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    def echo() -> None:
        while os.read(there[0], 1):
            os.write(back[1], b"x")

    if threads:
        threading.Thread(target=echo, daemon=True).start()
    elif not os.fork():
        os.close(there[1])
        echo()
        os._exit(0)

    def both(to: int) -> None:
        os.write(to, b"x")
        os.read(back[0], 1)

    while True:
        yield _each(lambda: both(there[1]), count) / 2, _each(lambda: both(back[1]), count)


def _fork(count: int, mib: str):
    memory = mmap.mmap(-1, max(1, int(mib or 0)) << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        memory.madvise(mmap.MADV_NOHUGEPAGE)
    for start in range(0, int(mib or 0) << 20, mmap.PAGESIZE):
        memory[start] = 1
    while True:
        returned, begin = 0, time.perf_counter_ns()
        for _ in repeat(None, count):
            start = time.perf_counter_ns()
            child = os.fork()
            if not child:
                os._exit(0)
            returned += time.perf_counter_ns() - start
            os.waitpid(child, 0)
        yield returned / count, (time.perf_counter_ns() - begin) / count


if __name__ == "__main__":
    main(*sys.argv[1:])
