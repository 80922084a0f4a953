"""The child of lab 2: the same jobs one after another, by threads, by processes, and by threads without the lock."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

from oslab.machine.child import bound

__all__ = ["count_primes"]


def count_primes(n: int) -> int:
    """Count the primes below n by trial division, in plain Python."""
    count = 0
    for i in range(2, n):
        prime, j = True, 2
        while j * j <= i:
            if i % j == 0:
                prime = False
                break
            j += 1
        count += prime
    return count


def wait(n: int) -> None:
    """Wait n microseconds, as for a disk, and do half a millisecond's work."""
    end = time.thread_time() + 0.5e-3
    while time.thread_time() < end:
        pass
    time.sleep(n * 1e-6)


JOBS: dict[str, Callable[[int], object]] = {"primes": count_primes, "waits": wait}


def _time(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _threads(job: Callable[[int], object], n: int, workers: int) -> None:
    them = [threading.Thread(target=job, args=(n,)) for _ in range(workers)]
    for one in them:
        one.start()
    for one in them:
        one.join()


def _processes(task: str, n: int, workers: int) -> None:
    command = [sys.executable, "-m", __spec__.name, json.dumps({"job": task, "n": n})]
    them = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(workers)]
    for one in them:
        one.communicate()
    if any(one.returncode for one in them):
        raise SystemExit("a worker failed")


def _measure(task: str, n: int, workers: int) -> None:
    job = JOBS[task]
    kernel = job
    if task == "primes":
        from oslab.ai.prime_kernel import count_primes_compiled

        kernel = count_primes_compiled
        kernel(10)
    found = {}
    for way, one, run in (
        ("threads", job, lambda: _threads(job, n, workers)),
        ("processes", job, lambda: _processes(task, n, workers)),
        ("threads without the lock", kernel, lambda: _threads(kernel, n, workers)),
    ):
        alone = workers * _time(partial(one, n))
        found[way] = [alone, _time(run)]
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    if "job" in wanted:
        JOBS[wanted["job"]](wanted["n"])
    else:
        bound(12)
        _measure(wanted["task"], wanted["n"], wanted["workers"])
