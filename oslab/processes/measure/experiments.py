"""What is measured of processes and threads, run as a program of its own: it imports nothing of the course.

``python -I -S experiments.py KIND …`` writes one JSON object; every child is waited for.
"""

import gc
import importlib
import json
import mmap
import os
import pickle
import queue
import re
import select
import signal
import sys
import threading
import time
from functools import partial

PAGE = mmap.PAGESIZE
MIB = 1 << 20
REPEATS = 7
CHILD_SECONDS = 2.5


def start_child(work):
    """Fork a child that works and ends, and return its number."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def run_children(*works):
    """Let each work run in a child of its own, and return the exit codes."""
    children = [start_child(work) for work in works]
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def run_threads(*works):
    """Let each work run in a thread of its own, to the end of all."""
    threads = [threading.Thread(target=work) for work in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def in_child(work, seconds=CHILD_SECONDS):
    """Fork, let the child work, and return what it gives back, as JSON through a pipe; it is killed when it hangs."""
    reader, writer = os.pipe()
    child = start_child(lambda: os.write(writer, json.dumps(work()).encode()))
    os.close(writer)
    try:
        ready, _, _ = select.select([reader], [], [], seconds)
        text = os.read(reader, 1 << 16) if ready else b""
    finally:
        if not text:
            os.kill(child, signal.SIGKILL)
        os.close(reader)
        os.waitpid(child, 0)
    return json.loads(text)


def spawn_and_wait(*arguments):
    """Start a new interpreter, and wait for its end."""
    os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-I", *arguments], {}), 0)


def smaps(address=None):
    """Sums of /proc/self/smaps in pages: of the range with this address, or of all."""
    found = {"Private_Dirty": 0, "Private_Clean": 0, "Shared_Dirty": 0, "Shared_Clean": 0}
    inside = address is None
    with open("/proc/self/smaps") as lines:
        for line in lines:
            if head := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
                inside = address is None or int(head[1], 16) <= address < int(head[2], 16)
            name, _, value = line.partition(":")
            if inside and name in found:
                found[name] += int(value.split()[0]) * 1024 // PAGE
    return found


def own_pages(pages):
    """Anonymous memory in small pages, each of them touched; and its address."""
    import ctypes

    memory = mmap.mmap(-1, pages * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        try:
            memory.madvise(mmap.MADV_NOHUGEPAGE)
        except OSError:
            pass  # a kernel without huge pages
    for k in range(pages):
        memory[k * PAGE] = 1
    return memory, ctypes.addressof(ctypes.c_char.from_buffer(memory))


def sharing(pages, *shares):
    """Of so many pages, those that a forked child has for itself after writing a share of them."""
    pages = int(pages)
    memory, address = own_pages(pages)
    rows = []
    for share in map(float, shares):

        def write(share=share):
            for k in range(round(share * pages)):
                memory[k * PAGE] = 2
            seen = smaps(address)
            return [seen["Private_Dirty"] + seen["Private_Clean"], seen["Shared_Dirty"] + seen["Shared_Clean"]]

        rows.append(in_child(write))
    return {"private": [r[0] for r in rows], "shared": [r[1] for r in rows]}


def first_write(pages):
    """µs a page: writing the pages once more in the parent; the first write and the second in a forked child."""
    pages = int(pages)
    memory, _ = own_pages(pages)

    def sweep():
        start = time.perf_counter()
        for k in range(0, pages * PAGE, PAGE):
            memory[k] = 3
        return (time.perf_counter() - start) / pages * 1e6

    rows = []
    for _ in range(REPEATS):
        sweep()  # takes the protection away that the last fork left
        rows.append([sweep(), *in_child(lambda: [sweep(), sweep()])])
    return {"rows": rows}


def own(path, module, share):
    """Of pickled data: MiB that a worker has for itself, forked or new; ms until it has the data."""
    importlib.import_module(module)

    def load():
        with open(path, "rb") as file:
            return pickle.load(file)

    data = load()
    gc.freeze()

    def read():
        for _ in data:
            pass

    def write():
        for k in range(round(float(share) * len(data))):
            data[k] = data[k]

    def grown(work):
        before = smaps()["Private_Dirty"]
        _kept = work()  # what was loaded stays until it has been counted
        return (smaps()["Private_Dirty"] - before) * PAGE / MIB

    spawn = partial(spawn_and_wait, "-c", f"import pickle; pickle.load(open({path!r}, 'rb'))")
    rows, times = [], []
    for _ in range(3):
        rows.append([in_child(lambda work=work: grown(work), 20) for work in (read, write, load)])
        times.append([time_call(lambda: in_child(int), 1) / 1e3, time_call(spawn, 1) / 1e3])
    return {"rows": rows, "times": times}


def creation():
    """µs to make one and wait for its end: a thread, a fork, a new interpreter."""
    thread, fork = partial(run_threads, int), partial(run_children, int)
    spawn = partial(spawn_and_wait, "-S", "-c", "0")
    return {"rows": [[time_call(thread, 50), time_call(fork, 20), time_call(spawn, 2)] for _ in range(REPEATS)]}


def time_call(call, times):
    """µs a call."""
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times * 1e6


def passing():
    """µs to hand over 1 MiB: to a thread by reference; to a process by shared memory, by a pipe, and pickled by a pipe."""
    block = bytes(MIB)
    numbers = [float(k) for k in range(MIB // 8)]
    shared = mmap.mmap(-1, MIB)
    there, back = queue.SimpleQueue(), queue.SimpleQueue()

    def answer():
        while (item := there.get()) is not None:
            back.put(len(item))

    helper = threading.Thread(target=answer)
    down, up = os.pipe(), os.pipe()

    def receive():
        os.close(down[1])
        with os.fdopen(down[0], "rb") as source:
            while kind := source.read(1):
                if kind == b"p":
                    pickle.loads(source.read(int.from_bytes(source.read(8), "little")))
                elif kind == b"b":
                    source.read(MIB)
                else:
                    len(shared[:])
                os.write(up[1], b".")

    child = start_child(receive)
    os.close(down[0])
    os.close(up[1])
    helper.start()
    with os.fdopen(down[1], "wb", buffering=0) as sink:

        def send(*parts):
            for part in parts:
                view = memoryview(part)
                while view:
                    view = view[sink.write(view) :]
            os.read(up[0], 1)

        def hand_over():
            there.put(block)
            back.get()

        def share():
            shared[:] = block
            send(b"s")

        def send_pickled():
            text = pickle.dumps(numbers)
            send(b"p", len(text).to_bytes(8, "little"), text)

        rows = [
            [
                time_call(hand_over, 20),
                time_call(share, 10),
                time_call(lambda: send(b"b", block), 10),
                time_call(send_pickled, 3),
            ]
            for _ in range(REPEATS)
        ]
    there.put(None)
    helper.join()
    os.waitpid(child, 0)
    return {"rows": rows}


def crashing():
    """How many of two workers go on when one reads address 0: two threads of a process, two processes."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def crash():
        os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(CHILD_SECONDS)

    def threads():
        threading.Thread(target=crash).start()
        time.sleep(CHILD_SECONDS)

    # One process with two threads counts for both workers.
    return {"left": [2 * run_children(threads).count(0), run_children(crash, int).count(0)]}


def seeing():
    """What the parent sees of a change that a worker made: by a thread, by a child."""
    cell = [0]

    def change():
        cell[0] += 1

    run_threads(change)
    seen = [cell[0]]
    cell[0] = 0
    in_child(change)
    return {"seen": [*seen, cell[0]]}


def counting(loops):
    """Ms for two CPU-bound jobs: one after the other, in two threads, in two processes."""
    loops = int(loops)

    def job():
        total = 0
        for k in range(loops):
            total += k
        return total

    # One after the other, in two threads, in two processes.
    ways = (job, 2), (partial(run_threads, job, job), 1), (partial(run_children, job, job), 1)
    return {"rows": [[times * time_call(way, times) / 1e3 for way, times in ways] for _ in range(5)]}


def switches(seconds):
    """Switches a second of two processes: one that sleeps 1 ms at a time, two that compute on one CPU."""
    import resource

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    seconds = float(seconds)

    def count_while(work):
        before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        while time.perf_counter() - start < seconds:
            work()
        after, took = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - start
        return [(after.ru_nvcsw - before.ru_nvcsw) / took, (after.ru_nivcsw - before.ru_nivcsw) / took]

    sleeper = in_child(lambda: count_while(lambda: time.sleep(0.001)))
    rival = start_child(lambda: count_while(int))
    computing = in_child(lambda: count_while(int))
    os.waitpid(rival, 0)
    return {"sleeps": sleeper, "computes": computing}


KINDS = {f.__name__: f for f in (sharing, first_write, own, creation, passing, crashing, seeing, counting, switches)}

if __name__ == "__main__":
    print(json.dumps(KINDS[sys.argv[1]](*sys.argv[2:])))
