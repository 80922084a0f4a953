"""Programs of several threads or processes: too many of them, locks, the interpreter's lock, helpers."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
import zlib

from benchmarks.known_causes.registry import program, ready
from benchmarks.known_causes.waiting import folder

CPUS = os.cpu_count() or 1


def together(work, count: int) -> None:
    """Run so many threads, and wait for them."""
    threads = [threading.Thread(target=work, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    ready()
    for thread in threads:
        thread.join()


def fork_all(work, count: int) -> None:
    """Run so many processes, and wait for them."""
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=work, args=(k,), daemon=True) for k in range(count)]
    for worker in workers:
        worker.start()
    ready()
    for worker in workers:
        worker.join()


@program("too many threads", "ready")
def openblas_oversubscribed() -> None:
    import numpy as np
    from threadpoolctl import threadpool_limits

    a = np.random.default_rng(1).random((300, 300))
    with threadpool_limits(6 * CPUS):

        def work(_: int) -> None:
            while True:
                a @ a

        together(work, 5 * CPUS)


@program("too many threads", "ready")
def lightgbm_many_threads() -> None:
    import lightgbm
    import numpy as np

    x = np.random.default_rng(1).random((20_000, 20))
    data = lightgbm.Dataset(x, x[:, 0] > 0.5)
    options = {"num_threads": 8 * CPUS, "verbose": -1, "objective": "binary"}
    lightgbm.train(options, data, 2)
    ready()
    while True:
        lightgbm.train(options, data, 50)


@program("too many processes", "ready", also=("compute",))
def pool_of_parsers() -> None:
    import json

    text = json.dumps([{"k": list(range(30))}] * 200)

    def work(_: int) -> None:
        while True:
            json.loads(text)

    fork_all(work, 5 * CPUS)


@program("lock", "lock", also=("compute",))
def threads_one_lock() -> None:
    lock, data = threading.Lock(), os.urandom(200_000)

    def work(_: int) -> None:
        while True:
            with lock:
                zlib.compress(data)

    together(work, 4)


@program("lock", "lock", also=("compute",))
def processes_one_lock() -> None:
    lock = multiprocessing.get_context("fork").Lock()

    def work(_: int) -> None:
        while True:
            with lock:
                sorted(range(200_000), reverse=True)

    fork_all(work, 4)


@program("lock", "lock", also=("sleep", "storage"))
def sqlite_writers() -> None:
    import sqlite3

    path = os.path.join(folder(), "base")
    sqlite3.connect(path).execute("create table t (x)").connection.commit()

    def work(_: int) -> None:
        base = sqlite3.connect(path, timeout=60, isolation_level=None)
        base.execute("pragma synchronous=off")
        while True:
            base.execute("begin immediate")
            base.executemany("insert into t values (?)", [(k,) for k in range(20_000)])
            base.execute("rollback")

    fork_all(work, 4)


@program("lock", "lock", also=("compute",))
def file_lock() -> None:
    import fcntl

    path = os.path.join(folder(), "lock")

    def work(_: int) -> None:
        with open(path, "w") as file:
            while True:
                fcntl.flock(file, fcntl.LOCK_EX)
                zlib.compress(os.urandom(300_000))
                fcntl.flock(file, fcntl.LOCK_UN)

    fork_all(work, 4)


@program("interpreter's lock", "gil", also=("compute",))
def python_threads() -> None:
    def work(k: int) -> None:
        while True:
            sum(i * i for i in range(10_000 + k))

    together(work, 4)


@program("interpreter's lock", "gil", also=("compute",))
def pandas_apply_in_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    import pandas as pd

    frames = [pd.DataFrame({"a": range(3000)}) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        ready()
        while True:
            list(pool.map(lambda frame: [frame.apply(lambda row: row.a * 2, axis=1) for _ in range(20)], frames))


@program("helpers", "compute", also=("gil",))
def thumbnails_by_one_worker() -> None:
    from PIL import Image

    def make(seed: int) -> int:
        picture = Image.effect_noise((500, 500), seed)
        return picture.resize((64, 64), Image.Resampling.BICUBIC).size[0]

    fork = multiprocessing.get_context("fork")
    tasks, done = fork.SimpleQueue(), fork.SimpleQueue()

    def serve() -> None:
        while True:
            done.put(make(tasks.get()))

    fork.Process(target=serve, daemon=True).start()
    ready()
    for k in range(10**9):
        tasks.put(k % 50)
        done.get()


@program("helpers", "compute", also=("kernel", "memory"))
def output_of_a_child() -> None:
    child = "import random\nwhile True: print(sum(random.random() for _ in range(3000)), flush=True)"
    with subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE) as producer:
        ready()
        for line in producer.stdout:
            len(line)


@program("copy-on-write", "faults", "compute", "kernel", "sleep", also=("memory", "ready"), note="copy_on_write")
def workers_read_a_list() -> None:
    samples = [{"label": str(k), "size": float(k)} for k in range(1_200_000)]

    def work(k: int) -> None:
        # As an epoch does: each sample is looked at, nothing is written.
        for start in range(0, len(samples), 20_000):
            held = samples[start : start + 20_000]
            [sample["label"] for sample in held]
            time.sleep(0.05)
        while True:
            time.sleep(1)

    fork_all(work, 2)
