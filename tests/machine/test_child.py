"""Whatever happens to a child or to its parent, the child is ended and waited for, and its complaint stays apart."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from oslab.machine import child as rooms
from oslab.machine.capability import Unavailable
from oslab.machine.child import Child, start_all, uninterrupted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no process groups")

ECHO = """import json, sys
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    print(json.dumps(json.loads(line) * 2), flush=True)
"""
FOREVER = "import json, time\nprint(json.dumps('ready'), flush=True)\ntime.sleep(60)"


def gone(pid):
    """Whether a process has ended and was waited for."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_what_is_said_comes_back_however_long():
    with Child(ECHO) as child:
        assert child.line(10) == "ready" and child.running
        for value in (21, "ä" * 100_000, [1, None]):
            child.say(value)
            assert child.line(10) == value * 2
    assert gone(child.pid) and not child._said


def test_two_lines_at_once_are_two():
    with Child("print('1\\n2', flush=True)\n") as child:
        assert (child.line(10), child.line(10)) == (1, 2)
        with pytest.raises(Unavailable, match="ended without an answer"):
            child.line(10)


def test_an_argument_a_file_and_a_module(tmp_path):
    file = tmp_path / "echo.py"
    file.write_text("import sys\nprint(sys.argv[1])")
    for program in (file, "import sys\nprint(sys.argv[1])"):
        with Child(program, {"a": [1, "ß"]}) as child:
            assert child.line(10) == {"a": [1, "ß"]}
    with Child("json.tool") as child:
        child.close()
        with pytest.raises(Unavailable, match=r"answer\. \(.*null"):  # it takes its argument for a file
            child.line(10)


def test_the_complaint_is_not_taken_for_data():
    with Child("import sys\nprint('oh', file=sys.stderr, flush=True)\nprint(3, flush=True)\n1 / 0") as child:
        assert child.line(10) == 3
        with pytest.raises(Unavailable, match=r"ended without an answer\. \(ZeroDivisionError"):
            child.line(10)
        while child.running:
            time.sleep(0.01)
        with pytest.raises(Unavailable, match="has ended"):
            for _ in range(100):
                child.say("x" * 10_000)


def test_silence_and_nonsense_are_sentences():
    with Child("import time\nprint('no json', flush=True)\ntime.sleep(60)") as child:
        with pytest.raises(Unavailable, match="not JSON: b'no json'"):
            child.line(10)
        with pytest.raises(Unavailable, match="no output for 100 ms"):
            child.line(0.1)
    assert gone(child.pid)


def test_it_may_end_by_itself_when_asked():
    begin = time.monotonic()
    with Child(ECHO, grace=5.0) as child:
        child.line(10)
        with pytest.raises(Unavailable):
            child.line(10, stop=lambda: time.monotonic() > begin + 0.2)
    assert gone(child.pid) and time.monotonic() < begin + 9


def test_its_own_children_end_with_it():
    text = "import json, os, time\nif not os.fork(): time.sleep(60)\nprint(json.dumps(os.getpid()), flush=True)\ntime.sleep(60)"
    with Child(text) as child:
        child.line(10)
        os.killpg(child.pid, 0)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.killpg(child.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    pytest.fail("its group lives")


def test_several_start_and_end_together():
    with pytest.raises(RuntimeError), start_all([Child(FOREVER) for _ in range(3)]) as children:
        assert [child.line(10) for child in children] == ["ready"] * 3
        raise RuntimeError
    assert all(gone(child.pid) for child in children)


def test_one_that_cannot_start_ends_the_others(monkeypatch, tmp_path):
    first, second = Child(FOREVER), Child(FOREVER)
    second._command = [str(tmp_path / "none")]
    with pytest.raises(FileNotFoundError), start_all([first, second]):
        pass
    assert gone(first.pid)


def test_a_child_that_is_forgotten_ends():
    child = Child(FOREVER).__enter__()
    pid = child.pid
    del child
    assert gone(pid)


def test_an_interrupt_is_put_off_until_the_block_is_done():
    done = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append(1)
        done.append(2)
    assert done == [1] and signal.signal(signal.SIGINT, before) is signal.default_int_handler
    thread = threading.Thread(target=lambda: done.append(uninterrupted().__enter__()))
    thread.start()
    thread.join()
    assert done == [1, None]


INTERRUPTED = """
import os, signal, sys, threading, time
from oslab.machine.child import Child, start_all
signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background may have been started without
waits = [0.001 * k for k in range(1, 60, 2)]
for wait in waits:
    timer = threading.Timer(wait, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        while True:
            with start_all([Child("import time\\ntime.sleep(60)") for _ in range(2)]):
                pass
    except KeyboardInterrupt:
        pass
    timer.join()
try:
    print(os.waitpid(-1, os.WNOHANG))
except ChildProcessError:
    print("none")
"""


def test_interrupts_at_any_moment_leave_nothing():
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout == "none\n", done.stderr


def test_where_there_are_no_process_groups(monkeypatch):
    monkeypatch.setattr(rooms.sys, "platform", "win32")
    with pytest.raises(Unavailable, match="process"):
        Child(ECHO)
