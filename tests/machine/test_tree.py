"""A tree of processes is sampled: threads that come and go, what they sleep in, and that nothing is left behind."""

import contextlib
import os
import subprocess
import sys
import time

import pytest

from oslab.machine import can, procfs
from oslab.machine.procfs import tree
from oslab.machine.procfs.tree import TreeSampler
from oslab.machine.procfs.waits import CALLS, Look, Wait

pytestmark = [
    pytest.mark.skipif(not can("procfs"), reason="no /proc here"),
    pytest.mark.skipif(not CALLS, reason="system calls of this processor are not known"),
]


def started(text):
    """Run Python, which prints a line when it is ready."""
    one = subprocess.Popen(
        [sys.executable, "-c", text + "\n"], stdout=subprocess.PIPE, stdin=subprocess.PIPE, process_group=0
    )
    one.stdout.readline()
    return one


@pytest.fixture
def run():
    here = []

    def start(text):
        here.append(started(text))
        return here[-1].pid

    yield start
    for one in here:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.pid, 9)
        one.communicate()


READY = "print('ready', flush=True)\n"
SLEEPS = {
    "sleep": "import time\n" + READY + "while True: time.sleep(1)",
    "sleep with select": "import select\n" + READY + "while True: select.select([], [], [], 1)",
    "sleep of asyncio": "import asyncio\n" + READY + "asyncio.run(asyncio.sleep(60))",
    "network": "import socket\na = socket.create_server(('127.0.0.1', 0))\n"
    "b = socket.create_connection(a.getsockname())\n" + READY + "b.recv(1)",
    "network with poll": "import socket\na = socket.create_server(('127.0.0.1', 0))\n"
    "b = socket.create_connection(a.getsockname(), timeout=60)\n" + READY + "b.recv(1)",
    "unknown": READY + "input()",
    "futex": "import threading\na = threading.Lock(); a.acquire()\n" + READY + "a.acquire()",
    "helpers": "import os, time\nif not os.fork(): time.sleep(60)\n" + READY + "os.wait()",
    "helpers through a pipe": "import os, time\nr, w = os.pipe()\nif not os.fork(): time.sleep(60)\n"
    + READY
    + "os.read(r, 1)",
    "lock": "import fcntl, os, tempfile, time\nf = tempfile.NamedTemporaryFile()\nr, w = os.pipe()\n"
    "g = open(f.name)\nif not os.fork(): g = open(f.name); fcntl.flock(g, 2); os.write(w, b'x'); time.sleep(60)\n"
    "os.read(r, 1)\n" + READY + "fcntl.flock(g, 2)",
}
LOCKED = (
    "import fcntl, os, tempfile, time\nf = tempfile.NamedTemporaryFile()\nr, w = os.pipe()\n{before}\n"
    "if not os.fork(): {own}; fcntl.flock({which}, 2); os.write(w, b'x'); time.sleep(60)\n"
    "os.read(r, 1)\n" + READY + "while True: time.sleep(0.05)"
)
# Pauses between two attempts at a lock look like a timer.  Opened before the fork, the file is locked for both.
SLEEPS["lock of a file, by pauses"] = LOCKED.format(before="", own="g = open(f.name)", which="g")
SLEEPS["sleep beside an inherited lock"] = LOCKED.format(before="g = open(f.name)", own="pass", which="g")
SLEEPS["sleep beside an inherited lock"] = SLEEPS["sleep beside an inherited lock"].replace("flock(g", "flock(f")


@pytest.mark.parametrize("case", SLEEPS)
def test_what_a_thread_sleeps_in(case, run):
    pid = run(SLEEPS[case])
    look = Look(pid, lambda: [pid, *procfs.children(pid)])
    end = time.monotonic() + 5
    while getattr(found := look.at(pid, "S"), "kind", "") != case.split()[0] and time.monotonic() < end:
        time.sleep(0.02)  # it has said that it is ready, and is on its way
    assert found.kind == case.split()[0], found


def test_without_the_right_to_trace_the_wait_channel_tells_what_it_can(run):
    pid = run(SLEEPS["sleep"])
    look = Look(pid, lambda: [pid])
    look.refused = True
    time.sleep(0.1)
    assert look.at(pid, "S") in (Wait("sleep", "hrtimer_nanosleep"), Wait("unknown", "state S"))
    assert look.at(pid, "D").kind in ("storage", "sleep"), "a sleep that nothing interrupts"
    assert Look(1 << 22, list).at(1 << 22, "S").kind == "unknown"


GIL = """
import threading
def work():
    while True: sum(range(1000))
for _ in range(3): threading.Thread(target=work, daemon=True).start()
print('ready', flush=True)
work()
"""


def test_threads_that_want_the_interpreter_s_lock(run):
    sampler = TreeSampler(run(GIL))
    sampler.run(0.6)
    kinds = [piece.wait.kind for one in sampler.intervals for piece in one.pieces.values() if piece.wait]
    free = hasattr(sys, "_is_gil_enabled") and not sys._is_gil_enabled()
    assert free or kinds.count("gil") > 0.5 * len(kinds) > 0
    assert len(sampler.threads) == 4 and not sampler.ended and sampler.seconds >= 0.5
    assert all(one.run >= 0 and one.wakes >= 0 for one in sampler.threads.values())


FAMILY = """
import subprocess, sys, threading, time
print('ready', flush=True)
sys.stdin.readline()
child = subprocess.Popen([sys.executable, '-c', 'import time; end = time.time() + 30\\nwhile time.time() < end: pass'])
thread = threading.Thread(target=time.sleep, args=(30,)); thread.start()
"""


def test_children_and_threads_that_start_later_are_seen():
    with started(FAMILY) as one:
        sampler = TreeSampler(one.pid)
        one.stdin.write(b"\n")
        one.stdin.flush()
        sampler.run(1.5)
        assert len(sampler.processes) == 2 and len(sampler.threads) >= 3
        ran = {pid: sum(t.run for t in sampler.threads.values() if t.pid == pid) for pid in sampler.processes}
        assert ran[sampler.processes[1]] > 0
        for pid in sampler.processes:
            os.kill(pid, 9)


def test_it_ends_with_its_root_and_closes_its_files(run):
    pid = run(READY + "sum(range(10_000_000))")
    before = len(procfs.descriptors())
    sampler = TreeSampler(pid)
    begin = time.monotonic()
    sampler.run(20)
    assert time.monotonic() - begin < 15 and sampler.ended
    assert len(procfs.descriptors()) == before


def test_a_hundred_children_do_not_stop_it(run):
    pid = run(
        "import os, time\n" + READY + "for _ in range(100): os.fork() or time.sleep(3) or os._exit(0)\ntime.sleep(3)"
    )
    sampler = TreeSampler(pid, probe_memory=False)
    sampler.run(1.0)
    assert len(sampler.threads) > 50 and sampler.intervals
    assert TreeSampler(1 << 22).ended, "no such process"


def test_many_threads_do_not_use_up_the_descriptors(run, monkeypatch):
    monkeypatch.setattr(tree, "MOST_OPEN", 8)
    pid = run(
        "import threading, time\nfor _ in range(40): threading.Thread(target=time.sleep, args=(30,)).start()\n" + READY
    )
    before = len(procfs.descriptors())
    sampler = TreeSampler(pid, probe_memory=False)
    while len(sampler.intervals) < 3:
        sampler.sweep()
        assert len(procfs.descriptors()) == before, "each thread's files are closed again"
    assert len(sampler.threads) >= 41
    assert {piece.wait.kind for piece in sampler.intervals[-1].pieces.values() if piece.wait} <= {"sleep", "futex"}
