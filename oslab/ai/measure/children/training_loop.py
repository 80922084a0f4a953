"""The child of lab 6: a small training loop, with loaders that decode, a step that computes, and what stands in its way."""

import json
import mmap
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from oslab.ai.diagnosis import FEWEST_STEPS
from oslab.machine.caches import beyond_caches
from oslab.machine.child import bound

__all__ = ["arithmetic"]

SIDE = 160
LEAST_ARRAYS = 36 << 20  # bytes of the three together
LONGER = 5  # seconds that it may go on for the fewest steps that can be judged: on a busy machine they take long
TICKET = 4096  # a batch that is ready is a page in a pipe; a pipe of two pages holds two batches


def _burn(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:  # a system call, so it is not asked all the time
        sum(range(1000))


def _child(seconds: float, work: Any) -> int:
    """Fork; the child works until its parent is gone or its time is over."""
    parent, pid = os.getpid(), os.fork()
    if pid:
        return pid
    try:
        signal.alarm(int(seconds) + LONGER + 2)
        while os.getppid() == parent:
            work()
    finally:
        os._exit(0)


def _loader(k: dict[str, Any]) -> tuple[int, int]:
    """Start a loader; return its number and the end of the pipe from which its batches are read."""
    import fcntl

    ours, theirs = os.pipe()
    fcntl.fcntl(ours, 1031, 2 * TICKET)  # F_SETPIPE_SZ: how far it may be ahead

    def work() -> None:
        if k["storage"]:
            time.sleep(k["storage"] * k["batch"] / 1000)
        _burn(k["decode"] * k["batch"] / 1000)
        os.write(theirs, bytes(TICKET))

    pid = _child(k["seconds"], work)
    os.close(theirs)
    return pid, ours


def _spin() -> None:
    _burn(0.05)


def arithmetic(batch: int, threads: int) -> tuple[Callable[[], Any], int]:
    """Return a function that computes a step, and how many processes must spin beside it in place of a library's threads.

    PyTorch where it can be imported, with so many threads of its own; else numpy with one.
    """
    try:
        import torch
    except ImportError:
        import numpy as np

        side = np.random.default_rng(0).random((SIDE, SIDE))
        out = np.empty_like(side)
        return lambda: [np.matmul(side, side, out=out) for _ in range(batch)], threads - 1
    torch.set_num_threads(threads)
    weights, samples = torch.rand(SIDE, SIDE), torch.rand(batch, SIDE, SIDE)
    return lambda: torch.relu_(torch.matmul(samples, weights)), 0


def _train(k: dict[str, Any]) -> None:
    import numpy as np

    step, spinning = arithmetic(k["batch"], k["threads"])
    a, b, c = (np.ones(beyond_caches(LEAST_ARRAYS) // 24) for _ in range(3))
    roof = max(_rate(np, a, b, c) for _ in range(4))
    loaders = [_loader(k) for _ in range(k["workers"])]
    spinners = [_child(k["seconds"], _spin) for _ in range(spinning)]
    print(json.dumps({"loaders": [pid for pid, _ in loaders], "spinners": spinners, "roof": roof}), flush=True)
    sys.stdin.readline()  # the parent has begun to watch
    done = {"steps": 0, "data": 0.0, "bytes": 0, "seconds": 0.0}
    part, at = int(k["traffic"] * 2**20) // 24, 0
    begin = now = time.perf_counter()
    while (passed := now - begin) < k["seconds"] or done["steps"] < FEWEST_STEPS and passed < k["seconds"] + LONGER:
        if loaders:
            left = TICKET
            while left:
                left -= len(os.read(loaders[done["steps"] % len(loaders)][1], left))
        else:
            if k["storage"]:
                time.sleep(k["storage"] * k["batch"] / 1000)
            _burn(k["decode"] * k["batch"] / 1000)
        done["data"] += time.perf_counter() - now
        step()
        left = part
        while left > 0:
            n = min(left, len(a) - at)
            np.add(a[at : at + n], b[at : at + n], out=c[at : at + n])
            left, at = left - n, (at + n) % len(a)
            done["bytes"] += 24 * n
        if k["fresh"]:
            block = mmap.mmap(-1, int(k["fresh"] * 2**20))
            np.frombuffer(block, np.uint8)[::4096] = 1
            del block
        done["steps"] += 1
        now = time.perf_counter()
    done["seconds"] = now - begin
    print(json.dumps(done), flush=True)


def _rate(np: Any, a: Any, b: Any, c: Any) -> float:
    begin = time.thread_time()  # not the clock on the wall: others may have the CPU meanwhile
    np.add(a, b, out=c)
    return 3 * a.nbytes / (time.thread_time() - begin)


if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    bound(wanted["seconds"] + LONGER + 5, lifeline=False)
    _train(wanted)
