"""`why` from a command or a process to a verdict: the command line, the JSON, what cannot be read, what ends."""

import json
import os
import subprocess
import sys
import time

import pytest

from oslab import ai, machine
from oslab.ai.causes import CAUSES, NOTES
from oslab.ai.measure import why_command
from oslab.ai.verdict import Why
from oslab.course import commands
from oslab.machine import procfs

here = pytest.mark.skipif(not machine.can("procfs"), reason="no /proc here")
LOOP = [sys.executable, "-c", "while True: sum(range(1000))"]


def living(pid):
    return getattr(procfs.stat(pid), "state", "Z") not in "ZX"


@here
def test_a_command_is_watched_and_ended():
    found = ai.why(LOOP, 0.6)
    assert set(found.shares) == set(CAUSES) and sum(found.shares.values()) == pytest.approx(1)
    assert set(found.causes) <= {"compute", "others"}, "there is nothing else that it does"
    assert not living(found.pid) and 0 < found.cost < 0.5 and set(found.notes) <= set(NOTES)
    text = str(found)
    assert "Why: " in text and "Evidence" in text and "% of a CPU" in text and found.table()
    assert all(lab.partition(".ipynb#")[1] for lab in found.labs)
    assert Why.from_json(found.to_json()).causes == found.causes
    with pytest.raises(ValueError, match="allowed is a line"):
        Why.from_json('{"schema": 99}')


@here
def test_the_command_line(capsys):
    assert commands.main(["why", "--json", "--seconds", "0.5", "--", *LOOP]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1 and sum(told["shares"].values()) == pytest.approx(1, abs=0.01)
    assert {"causes", "follows", "notes", "shares", "unread"} <= told.keys()
    with subprocess.Popen(LOOP) as one:
        assert commands.main(["why", "--seconds", "0.5", "-p", str(one.pid)]) == 0
        one.kill()
    assert f"(process {one.pid})" in capsys.readouterr().out


@here
@pytest.mark.parametrize(
    "arguments, said",
    [
        (["-p", "4194000"], "There is no process 4194000"),
        (["--", sys.executable, "-c", "raise SystemExit(3)"], "ended within 1 s, with status 3"),
        (["--", "no-such-program"], "no-such-program"),
        (["--seconds", "0", "--", "true"], "--seconds=0.0: allowed"),
        (["-p", str(os.getpid())], "allowed is another process"),
    ],
)
def test_what_cannot_be_watched_is_a_sentence(arguments, said, capsys):
    assert why_command.main(arguments) == 1
    assert said in capsys.readouterr().err


def test_bad_commands():
    for bad in ([], "", [1], None, True, 1.5, -1, ["no-such-program"]):
        with pytest.raises((TypeError, ValueError), match="pid_or_command="):
            ai.why(bad)
    for arguments in ([], ["-p", "1", "--", "true"], ["--try", "-p", "1"]):
        with pytest.raises(SystemExit):
            why_command.main(arguments)


@here
def test_the_children_of_a_command_end_with_it():
    text = "import os, subprocess, sys, time\nif not os.fork(): os.setsid()\ntime.sleep(60)"
    before = set(procfs.children())
    found = ai.why([sys.executable, "-c", text], 0.5)
    assert found.causes in ((), ("sleep",)) and set(procfs.children()) <= before
    assert not living(found.pid)


@here
def test_a_program_that_ends_while_it_is_watched():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1.2)"]) as one:
        begin = time.monotonic()
        found = ai.why(one.pid, 20)
    assert time.monotonic() - begin < 10 and found.seconds < 8
    assert found.causes or "not sure" in found.verdict


TRIED = """
import os, sys, time
end = time.time() + 0.6 if os.environ.get("OMP_NUM_THREADS") == "1" else time.time() + 1.0
while time.time() < end: time.sleep(0.01)
"""


@here
def test_a_remedy_is_tried(monkeypatch, capsys):
    command = [sys.executable, "-c", TRIED]
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setitem(why_command.KNOBS, "sleep", why_command.KNOBS["ready"])
    assert why_command.main(["--try", "--seconds", "0.5", "--", *command]) == 0
    said = capsys.readouterr().out
    assert "Tried: OMP_NUM_THREADS=1" in said and "times as fast" in said
    assert (
        why_command.main(["--try", "--seconds", "0.5", "--", sys.executable, "-c", "import time; time.sleep(0.8); 1/0"])
        == 1
    )


@here
def test_it_starts_without_what_it_does_not_need():
    arguments = ["why", "--json", "--seconds", "0.5", "-p", str(os.getpid())]
    text = (
        f"import sys; from oslab.course.commands import main; main({arguments}); "
        "names = 'numpy', 'numba', 'matplotlib', 'pandas', 'IPython', 'ipywidgets', 'oslab.machine.csource'; "
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    told, late = done.stdout.splitlines()
    assert json.loads(told)["pid"] == os.getpid() and late == "[]", "it starts at once: what it watches goes on"


@here
def test_without_the_right_to_trace(monkeypatch):
    from oslab.machine.procfs import waits

    monkeypatch.setattr(waits, "CALLS", {})
    found = ai.why([sys.executable, "-c", "import time; time.sleep(60)"], 0.5)
    assert any("/proc/PID/task/TID/syscall" in line for line in found.unread)
    assert found.causes in (("sleep",), ()), "the wait channel tells timers, or nothing does"


class Shell:
    """What of IPython the magic needs."""

    def register_magic_function(self, function, kind, name):
        self.magics = {(kind, name): function}

    def run_cell(self, cell):
        exec(cell, {})


@here
def test_a_cell_is_watched_from_a_child(monkeypatch, capsys):
    import oslab

    before, shell = set(procfs.children()), Shell()
    oslab.load_ipython_extension(shell)
    run = shell.magics["cell", "why"]
    found = run("", "import time; time.sleep(0.7)")
    assert found.pid == os.getpid() and found.seconds > 0 and found.evidence[-1].startswith("A timer of 10 ms")
    assert set(found.causes) <= {"sleep", "others"}, "\n".join(found.evidence)
    assert set(procfs.children()) <= before
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert run("2", "pass") is None and "not watched" in capsys.readouterr().err


def test_the_benchmark_s_programs_and_grades():
    from benchmarks.known_causes.registry import PROGRAMS
    from benchmarks.why import ASIDE, DISTURBED, TUNED, grade

    assert len(PROGRAMS) == 36 and len(TUNED) == 24 and len(ASIDE) == 12 and not set(TUNED) & set(ASIDE)
    assert len({known.kind for known in PROGRAMS.values()}) >= 12
    assert {cause for known in PROGRAMS.values() for cause in known.causes} <= set(CAUSES)
    shares = dict.fromkeys(CAUSES, 0.0) | {"others": 2 * DISTURBED}

    def graded(name, *causes, notes=(), others=2 * DISTURBED):
        return grade(PROGRAMS[name], Why("x", 1, 3.0, shares | {"others": others}, causes, "", notes=notes))

    assert graded("python_threads", "gil") == graded("python_threads", "others", "gil") == "right"
    assert graded("python_threads", "lock") == graded("python_threads", "gil", "storage") == "wrong"
    assert graded("python_threads", "compute") == graded("python_threads", "gil", "others", others=0.1) == "wrong"
    assert graded("python_threads") == graded("python_threads", "others") == "not sure"
    assert graded("workers_read_a_list", "sleep") == "not sure"
    assert graded("workers_read_a_list", notes=("copy_on_write",)) == "right"
