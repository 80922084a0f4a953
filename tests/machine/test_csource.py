"""Whatever a C program does, its end is told in a sentence, and nothing of it is left."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from oslab.machine import csource, sandbox, supervisor
from oslab.machine.csource import Program, decode, run_c

ROOT = Path(__file__).parents[2]
needs_cc = pytest.mark.skipif(csource.compiler() is None, reason="no C compiler here")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

LOOP = "int main(void) { for (;;); }"
BOMB = "#include <unistd.h>\nint main(void) { for (;;) fork(); }"
FLEEING_BOMB = "#include <unistd.h>\nint main(void) { for (;;) if (!fork()) setsid(); }"
GIGABYTE = "#include <stdio.h>\nint main(void) { for (long i = 0; i < 1 << 30; i++) putchar('x'); }"
KILLED = "#include <signal.h>\n#include <unistd.h>\nint main(void) { kill(getpid(), SIGKILL); }"
LITTER = """#include <stdlib.h>
int main(void) { return system("mkdir -p a/b; echo x > a/b/c; chmod 0 a/b; (sleep 60; true) & (setsid sleep 60; true) &"); }"""
GREEDY = """#include <stdlib.h>
#include <string.h>
int main(void) { for (;;) { char *p = malloc(1 << 22); if (!p) return 9; memset(p, 1, 1 << 22); } }"""

CASES = {
    "loops": (LOOP, {"seconds": 0.3}, "Stopped after 0.3 s, its time limit."),
    "forks": (BOMB, {"processes": 20}, "Stopped when it had more than 20 processes at a time."),
    "forks and flees": (FLEEING_BOMB, {"processes": 20}, "Stopped when it had more than 20 processes at a time."),
    "prints a gigabyte": (
        GIGABYTE,
        {"output_kb": 8},
        "Stopped when it had printed more than 512 KiB. Of stdout the first 8 KiB are kept.",
    ),
    "does not compile": ("int main(void) {\n  return x;\n}", {}, "Did not compile. Line 2: error: 'x' undeclared"),
    "does not link": ("int f(void);\nint main(void) { return f(); }", {}, "Did not compile: "),
    "is killed": (KILLED, {}, "Killed by signal 9 (SIGKILL), which no program can catch."),
    "uses a bad address": ("int main(void) { return *(volatile int *)8; }", {}, "Killed by signal 11 (SIGSEGV), "),
    "takes all memory": (GREEDY, {"memory_mb": 64}, "Exit code 9."),
    "leaves children": (LITTER, {}, "of its processes still ran, and were ended."),
}


def traces():
    """Processes that run in the session's folder, and the files in it."""
    home = sandbox.session_folder()
    processes = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            where = os.readlink(f"/proc/{name}/cwd")
        except OSError:
            continue
        if where.startswith(str(home)):
            processes.append(int(name))
    files = sorted(p.name for p in home.iterdir() if len(p.name) != 24)  # those of 24 letters are kept programs
    return supervisor.descendants(), processes, files


@pytest.mark.parametrize("case", CASES)
@needs_cc
@linux
def test_message_is_clear_and_nothing_is_left(case):
    source, limits, said = CASES[case]
    before = traces()
    run = run_c(source, **limits)
    assert said in run.message
    assert traces() == before


@linux
def test_what_is_left_would_be_seen():
    before = traces()
    with sandbox.run_folder() as folder:
        left = subprocess.Popen(["sleep", "60"], cwd=folder)
        after = traces()
        left.kill()
        left.wait()
    assert left.pid in after[0] and left.pid in after[1] and folder.name in after[2]
    assert traces() == before


@needs_cc
@linux
def test_as_an_ordinary_user(as_ordinary_user):
    script = textwrap.dedent(f"""
        from oslab.machine import sandbox, supervisor
        from oslab.machine.csource import run_c
        for source in {[LOOP, BOMB, FLEEING_BOMB, GIGABYTE, LITTER]!r}:
            run = run_c(source, seconds=1 if source == {LOOP!r} else 20, processes=20)
            home = sandbox.session_folder()
            print(run.stopped, run.left > 0, supervisor.descendants(), [p.name for p in home.iterdir() if len(p.name) != 24])
        print(run_c('#include <stdio.h>\\n#include <unistd.h>\\nint main(void) {{ printf("%d", getuid()); }}').stdout, home)
        """)
    done = as_ordinary_user(script)
    *lines, last = done.stdout.splitlines() or [done.stderr]
    assert [line.split(" ", 1)[0] for line in lines] == ["time", "processes", "processes", "output", ""], done.stderr
    assert all(line.endswith("[] ['lock']") for line in lines) and lines[-1].split()[0] == "True"
    user, home = last.split()
    assert user == "65534" and not Path(home).exists()


@needs_cc
@pytest.mark.skipif(os.getuid() != 0, reason="only root gives away users")
def test_root_runs_a_program_as_nobody_else():
    ask = '#include <stdio.h>\n#include <unistd.h>\nint main(void) { printf("%d %d", getuid(), setuid(0)); }'
    user, regained = map(int, run_c(ask).stdout.split())
    assert user in range(61184, 65520) and regained == -1


SESSION = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background may have been started without
from oslab.machine import sandbox
from oslab.machine.csource import Program, run_c
program = Program("#include <unistd.h>\\nint main(void) {{ if (!fork()) setsid(); pause(); }}")
program.compile()
print(sandbox.session_folder(), flush=True)
program.run(seconds=30)
"""


def in_session(sign):
    """Start a process that runs a program, send it a signal, and return its folder."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])}
    session = subprocess.Popen(
        [sys.executable, "-c", SESSION.format()], stdout=subprocess.PIPE, text=True, env=env, stderr=subprocess.DEVNULL
    )
    home = Path(session.stdout.readline().strip())
    until(lambda: len(running_in(home)) == 2)
    session.send_signal(sign)
    session.wait(10)
    session.stdout.close()
    until(lambda: not running_in(home))
    return home


def running_in(home):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{name}/cwd").startswith(str(home)):
                found.append(int(name))
        except OSError:
            continue
    return found


def until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@needs_cc
@linux
def test_an_interrupt_leaves_nothing():
    assert not in_session(signal.SIGINT).exists()


@needs_cc
@linux
def test_a_killed_kernel_leaves_no_process_and_the_next_session_clears_its_folder():
    home = in_session(signal.SIGKILL)
    assert home.exists()
    mine = sandbox.session_folder()
    sandbox._make_session.cache_clear()
    new = sandbox.session_folder()
    assert not home.exists() and mine.exists() and new != mine


@needs_cc
def test_threads_run_programs_beside_each_other():
    source = "#include <stdio.h>\nint main(int n, char **a) { puts(a[1]); return 0; }"
    said = {}
    threads = [
        threading.Thread(target=lambda k=k: said.update({k: run_c(source, args=[str(k)]).stdout})) for k in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {k: f"{k}\n" for k in range(6)}


@needs_cc
def test_a_run_is_stopped_on_request():
    begin = time.monotonic()
    run = run_c(LOOP, seconds=20, stop=lambda: time.monotonic() > begin + 0.3)
    assert run.status == "stopped on request" and run.seconds < 10


@needs_cc
def test_orphans_may_linger():
    source = (
        '#include <stdio.h>\n#include <unistd.h>\nint main(void) { if (!fork()) { usleep(100000); puts("late"); } }'
    )
    assert run_c(source).stdout == "" and run_c(source, linger=5).stdout == "late\n"


@needs_cc
def test_input_arguments_and_both_outputs():
    source = """#include <stdio.h>
int main(int n, char **a) { int x = 0; scanf("%d", &x); printf("%d\\n", 2 * x); fputs(a[1], stderr); return n; }"""
    run = run_c(source, args=["hé"], stdin="21")
    assert (run.stdout, run.stderr, run.exit_code, run.ok) == ("42\n", "hé", 2, False)
    assert str(run) == "42\nhé\n[Exit code 2.]"
    assert run.wait_status == 0x200 and {row["what"] for row in run.table()} >= {"status", "wait status"}


@needs_cc
def test_output_comes_before_a_sudden_end():
    run = run_c('#include <stdio.h>\nint main(void) { puts("seen"); __builtin_trap(); }')
    assert run.stdout == "seen\n" and run.signal in (signal.SIGILL, signal.SIGTRAP)


@needs_cc
def test_a_program_is_compiled_once(monkeypatch):
    asked = []
    real = sandbox.supervise
    monkeypatch.setattr(
        sandbox, "supervise", lambda command, *a, **k: asked.append(command[-1]) or real(command, *a, **k)
    )
    with Program("int main(int n, char **a) { return n + 40; }") as program:
        assert [program.run().exit_code, program.run("x").exit_code] == [41, 42]
    Program(program.source).run()
    assert asked.count("-lm") == 1
    for kept in [p for p in sandbox.session_folder().iterdir() if len(p.name) == 24]:
        kept.unlink()  # as a cleaner of temporary files may
    assert program.run().exit_code == 41
    assert asked.count("-lm") == 2
    Program(program.source, flags=("-O0",)).run()
    assert asked.count("-lm") == 3


@needs_cc
def test_warnings_are_kept_with_their_lines():
    run = run_c("int main(void) {\n  int unused;\n  return 0;\n}")
    [warning] = run.diagnostics
    assert (warning.line, warning.kind) == (2, "warning") and run.message == "Exit code 0."


def test_without_a_compiler(monkeypatch):
    monkeypatch.setattr(csource, "compiler", lambda: None)
    run = run_c("int main(void) { return 0; }")
    assert not run.compiled and run.message == "No compiler here."


def test_a_program_that_cannot_be_started(tmp_path):
    report = sandbox.supervise([str(tmp_path / "none")], tmp_path)
    assert "No such file" in report["trouble"] and report["wait_status"] is None


@given(st.integers(0, 255))
def test_exit_codes_are_decoded(code):
    assert decode(code << 8) == f"exit code {code}"


@given(st.sampled_from(sorted(signal.Signals)), st.booleans())
@settings(max_examples=40)
def test_signals_are_decoded(sign, core):
    said = decode(sign | core << 7)
    assert said.startswith(f"killed by signal {int(sign)} ({sign.name})") and said.endswith("core dumped") == core
    assert decode(sign << 8 | 0x7F).startswith(f"stopped by signal {int(sign)} ({sign.name})")


@pytest.mark.parametrize(
    "options, error, said",
    [
        ({"seconds": 0}, ValueError, "seconds=0"),
        ({"seconds": float("inf")}, ValueError, "seconds=inf"),
        ({"seconds": "3"}, TypeError, "seconds='3'"),
        ({"memory_mb": -1}, ValueError, "memory_mb=-1"),
        ({"output_kb": 0.5}, TypeError, "output_kb=0.5"),
        ({"processes": True}, TypeError, "processes=True"),
        ({"args": [3]}, TypeError, "args[0]=3"),
        ({"args": ["a\0b"]}, ValueError, "args[0]"),
        ({"stdin": b"x"}, TypeError, "stdin"),
        ({"flags": "-O2"}, TypeError, "flags='-O2'"),
        ({"stop": 3}, TypeError, "stop=3"),
        ({"processes": 10**9}, ValueError, "processes=1000000000"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, error, said):
    with pytest.raises(error, match=re.escape(said)):
        run_c("int main(void) { return 0; }", **options)


def test_source_must_be_text():
    with pytest.raises(TypeError, match="source=3"):
        run_c(3)


@needs_cc
@linux
def test_a_bomb_is_stopped_where_processes_must_be_looked_for(tmp_path, monkeypatch):
    text = supervisor.__file__ and Path(supervisor.__file__).read_text()
    assert text.count("/proc/loadavg")
    text = text.replace("/proc/loadavg", "/proc/none")
    plain = tmp_path / "supervisor.py"
    plain.write_text(text)
    monkeypatch.setattr(sandbox, "SUPERVISOR", plain)
    before = traces()
    assert run_c(FLEEING_BOMB, processes=20, seconds=5).stopped == "processes"
    assert run_c(LITTER).left >= 2
    assert traces() == before


@linux
def test_descendants_are_found():
    script = "import os, time\nif os.fork(): time.sleep(60)\nelse:\n  os.fork(); time.sleep(60)"
    top = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)

    def found():  # of this tree: other tests' servers may be children of this process too
        return sorted(
            pid for pid in supervisor.descendants() if os.path.exists(f"/proc/{pid}") and os.getsid(pid) == top.pid
        )

    try:
        until(lambda: len(found()) >= 3)
        assert len(found()) == 3
    finally:
        os.killpg(top.pid, signal.SIGKILL)
        top.wait()


def test_folders_that_bar_the_way_are_removed(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c").write_text("x")
    (tmp_path / "a").chmod(0)
    sandbox._remove(tmp_path)
    assert not tmp_path.exists()


def test_temporary_folder_where_nothing_may_run(monkeypatch, tmp_path):
    class Mount:
        f_flag = getattr(os, "ST_NOEXEC", 8)

    monkeypatch.setattr(os, "statvfs", lambda _: Mount)
    monkeypatch.setattr(os, "ST_NOEXEC", 8, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert sandbox._executable_root() != Path(tempfile.gettempdir())


@needs_cc
def test_a_compiler_that_was_stopped_is_asked_again(monkeypatch):
    program = Program("int main(void) { return 6; }")
    monkeypatch.setattr(csource, "COMPILE_SECONDS", 1e-3)
    slow = program.run()
    assert "Did not compile: the compiler was stopped after 0.001 s" in slow.message and not slow.compiled
    monkeypatch.undo()
    assert program.run().exit_code == 6


@needs_cc
@linux
def test_a_compiler_has_a_limit_on_memory():
    run = run_c('#include "/dev/zero"')
    assert not run.compiled and run.seconds < csource.COMPILE_SECONDS


SLOW_TO_COMPILE = """
#define A(x) x x x x x x x x
#define B(x) A(A(A(x)))
int f(int x) { B(B(x = x * 3 + 1;)) return x; }
int main(void) { return 0; }"""


@needs_cc
def test_compiling_stops_on_request_and_lets_others_by():
    before = traces() if sys.platform == "linux" else None
    begin, stopped = time.monotonic(), threading.Event()
    runs = []
    two = [threading.Thread(target=lambda: runs.append(run_c(SLOW_TO_COMPILE, stop=stopped.is_set))) for _ in range(2)]
    for thread in two:
        thread.start()
    time.sleep(0.3)
    assert run_c("int main(void) { return 4; }").exit_code == 4
    still = [thread.is_alive() for thread in two]
    stopped.set()
    for thread in two:
        thread.join(15)
    assert still == [True, True] and time.monotonic() < begin + 20
    assert [run.stopped for run in runs] == ["asked"] * 2 and not any(run.compiled for run in runs)
    assert all(run.message.startswith("Stopped on request") for run in runs)
    assert before is None or traces() == before


@needs_cc
def test_a_lone_surrogate_is_no_error():
    run = run_c('#include <stdio.h>\nint main(void) { puts("\ud800"); int c = getchar(); return c; }', stdin="\udcff")
    assert run.compiled and run.exit_code == 0xED


def test_deep_folders_are_removed(tmp_path):
    top = tmp_path / "top"
    top.mkdir()
    (top / "file").write_text("x")
    (top / "link").symlink_to("/")
    here = os.open(top, os.O_RDONLY)
    for k in range(3000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
        if k % 500 == 0:
            os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    sandbox._remove(top)
    assert not top.exists() and Path("/").exists()


UNTIDY = """#include <fcntl.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void) {
  printf("%d", close(creat("/tmp/oslab-untidy", 0600)) + close(shm_open("/oslab-untidy", O_CREAT | O_RDWR, 0600))
    + mkdir("/var/tmp/oslab-untidy", 0700) + close(creat("/var/tmp/oslab-untidy/file", 0600)));
  return shmget(IPC_PRIVATE, 4096, 0600) < 0 || msgget(IPC_PRIVATE, 0600) < 0 || semget(IPC_PRIVATE, 1, 0600) < 0;
}"""


@pytest.fixture
def untidy():
    """Return a function that says what of the program above can be seen from here; what stays is removed at the end."""
    files = [Path(place, "oslab-untidy") for place in ("/tmp", "/var/tmp", "/dev/shm")]
    yield lambda: (
        [str(file) for file in files if file.exists()],
        [Path("/proc/sysvipc", kind).read_text().count("\n") for kind in ("shm", "msg", "sem")],
    )
    for file in files:
        shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)


@needs_cc
@linux
def test_what_a_program_leaves_elsewhere_goes_with_it_or_is_counted(untidy):
    before = untidy()
    run = run_c(UNTIDY)
    assert run.ok and run.stdout == "0"
    if run.litter:  # it had no places of its own
        assert "It left" in run.message and "/tmp/oslab-untidy" in run.litter
    else:
        assert untidy() == before


@needs_cc
@linux
@pytest.mark.skipif(os.getuid() != 0, reason="only root gives away users")
def test_without_places_of_its_own_what_is_left_is_counted_and_removed(tmp_path, monkeypatch, untidy):
    plain = tmp_path / "supervisor.py"
    plain.write_text(Path(supervisor.__file__).read_text().replace("if c.unshare(", "if True or c.unshare("))
    monkeypatch.setattr(sandbox, "SUPERVISOR", plain)
    before = untidy()
    run = run_c(UNTIDY)
    assert len(run.litter) == 6 and "It left 6 things behind: " in run.message
    assert untidy() == before


@needs_cc
@linux
def test_what_ps_complains_of_is_no_report(tmp_path, monkeypatch):
    text = Path(supervisor.__file__).read_text()
    for there in ("/proc/self/stat", "/proc/loadavg", 'f"/proc/'):
        assert text.count(there)
        text = text.replace(there, f"{there}-none")
    plain = tmp_path / "supervisor.py"
    plain.write_text(text)
    ps = tmp_path / "ps"
    ps.write_text("#!/bin/sh\necho 'no such thing' >&2\necho '1 0'\n")
    ps.chmod(0o755)
    monkeypatch.setattr(sandbox, "SUPERVISOR", plain)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert run_c("int main(void) { return 2; }").exit_code == 2
