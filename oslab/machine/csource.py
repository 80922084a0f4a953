"""C programs: compiled with the system's compiler, run in an empty folder under limits, their end decoded.

Nothing is left behind: no process, no file, also after an interrupt.  The limits keep a mistake from harming the
machine it is made on; they are no wall against somebody who means harm.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oslab.base import Instance, Several, checked, integer, plural, quantity, readable, real, shown, text
from oslab.machine import sandbox
from oslab.machine.supervisor import DISCARDED
from oslab.machine.unavailable import Unavailable

__all__ = ["CRun", "Diagnostic", "Program", "compiler", "decode", "printed_lines", "run_c"]

ALWAYS = ("-std=gnu11", "-Wall", "-pthread")
BY_LINE = Path(__file__).with_name("by_line.c")
COMPILE_SECONDS, COMPILE_MEMORY = 30.0, 1 << 30  # for each process of the compiler
LINE = re.compile(r"^program\.c:(\d+):(?:(\d+):)? (fatal error|error|warning): (.*)$", re.M)
MEANING = {
    "SIGSEGV": "an address that it may not access",
    "SIGBUS": "an address without memory, as past the end of a mapped file",
    "SIGFPE": "a division by zero or an overflow",
    "SIGILL": "an instruction that the processor does not know",
    "SIGABRT": "abort(), as after a failed assertion",
    "SIGKILL": "which no program can catch",
    "SIGPIPE": "a write to a pipe that has no reader",
    "SIGTERM": "a request to end",
    "SIGALRM": "a timer that it set itself",
    "SIGXCPU": "its limit of processor time was reached",
    "SIGXFSZ": "its limit of file size was reached",
    "SIGTRAP": "a trap for a debugger",
    "SIGSYS": "a system call that is not allowed",
}
STOPPED = {
    "time": "stopped after {seconds}, its time limit",
    "processes": "stopped when it had more than {processes} at a time",
    "output": "stopped when it had printed more than {most}",
    "asked": "stopped on request",
}


@dataclass(frozen=True)
class Diagnostic:
    """One thing that the compiler says of one line; `column` is 0 where it names none.

    Attributes
    ----------
    kind, text : str
        ``error``, ``warning`` …, and what is said.
    """

    line: int
    column: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.kind}: {self.text}"


@dataclass(frozen=True)
class CRun:
    """What became of a C program.

    Attributes
    ----------
    status : str
        How it ended: ``"exit code 0"``, ``"killed by signal 11 (SIGSEGV), an address that it may not access"``,
        ``"stopped after 3 s, its time limit"``, ``"did not compile"``, ``"no compiler here"``.
    stdout, stderr : str
        What it printed, up to a limit.
    seconds : float
        From exec to end, by the wall clock.
    compiled : bool
    wait_status : int or None
        As ``waitpid`` gave it.
    exit_code, signal : int or None
        One of the two where it ended by itself.
    stopped : str
        The limit that it passed (``"time"``, ``"processes"``, ``"output"``), ``"asked"``, or ``""``.
    stdout_bytes, stderr_bytes : int
        All that it printed, kept or not.
    user, system : float
        Seconds on the processor, those of its children that it has waited for among them.
    peak : int
        Bytes resident at most; 0 where that was less than what the process had before exec, some 10 MiB.
    left : int
        Processes that still ran when it had ended, and were ended.
    litter : tuple of str
        What it left in /tmp, /var/tmp and /dev/shm, and System V objects, where it had no places of its own for these.
    diagnostics : tuple of Diagnostic
        Errors and warnings of the compiler.
    """

    status: str
    stdout: str = ""
    stderr: str = ""
    seconds: float = 0.0
    compiled: bool = True
    wait_status: int | None = None
    exit_code: int | None = None
    signal: int | None = None
    stopped: str = ""
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    user: float = 0.0
    system: float = 0.0
    peak: int = 0
    left: int = 0
    litter: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit code 0."""
        return self.exit_code == 0

    @property
    def message(self) -> str:
        """What became of it, in a sentence or two."""
        said = [f"{self.status[:1].upper()}{self.status[1:]}."]
        said += [f"{str(d)[:1].upper()}{str(d)[1:]}." for d in self.diagnostics if d.kind != "warning"][:3]
        for name in ("stdout", "stderr"):
            kept, total = len(getattr(self, name).encode()), getattr(self, f"{name}_bytes")
            if total > kept:
                said.append(
                    f"Of {'' if self.stopped else f'the {_size(total)} on '}{name} the first {_size(kept)} are kept."
                )
        if self.left:
            said.append(f"{self.left} of its processes still ran, and {'was' if self.left == 1 else 'were'} ended.")
        if self.litter:
            named = ", ".join(self.litter[:3]) + (" and more" if len(self.litter) > 3 else "")
            said.append(f"It left {plural(len(self.litter), 'thing')} behind: {named}.")
        return " ".join(said)

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each figure of the run."""
        rows = {"status": self.status}
        if self.wait_status is not None:
            rows |= {
                "wait status": f"{self.wait_status:#06x}",
                "wall clock, ms": readable(self.seconds * 1e3),
                "processor, user, ms": readable(self.user * 1e3),
                "processor, system, ms": readable(self.system * 1e3),
                "resident at most, MiB": readable(self.peak / 2**20) if self.peak else "less than 10",
                "stdout, bytes": str(self.stdout_bytes),
                "stderr, bytes": str(self.stderr_bytes),
            }
        rows |= {f"line {d.line}": f"{d.kind}: {d.text}" for d in self.diagnostics}
        return [{"what": what, "value": value} for what, value in rows.items()]

    def __str__(self) -> str:
        parts = [part.rstrip("\n") for part in (self.stdout, self.stderr) if part]
        return "\n".join([*parts, f"[{self.message}]"])


@functools.cache
def compiler() -> str | None:
    """Return the path of the C compiler (``CC``, else cc, gcc, clang); None without one, or where no program can be run."""
    if not hasattr(os, "fork"):
        return None
    asked = shlex.split(os.environ.get("CC", ""))[:1]
    found = next(filter(None, map(shutil.which, (*asked, "cc", "gcc", "clang"))), None)
    if found and sys.platform == "darwin" and found.startswith("/usr/bin/"):
        # Apple's stand-in opens a window that offers to install the tools; asking first opens none.
        tools = shutil.which("xcode-select")
        if not tools or subprocess.run([tools, "-p"], capture_output=True, check=False).returncode:
            return None
    return found


@dataclass(frozen=True)
class Word:
    """An argument that a program can be given: a text without a NUL."""

    def check(self, name: str, value: Any) -> str:
        """Return `value`; raise a `TypeError` or `ValueError` where it is none."""
        if "\0" in text(1 << 17).check(name, value):
            raise ValueError(f"{name}={shown(value)}: allowed are texts without a NUL")
        return value


_SOURCE = {"source": text(1 << 20), "flags": Several(Word(), least=0, most=100)}
_RUN = {
    "args": Several(Word(), least=0, most=1000),
    "stdin": text(1 << 24),
    "seconds": real(0, 600, above=True),
    "memory_mb": integer(1, 1 << 20, optional=True),
    "output_kb": integer(1, 1 << 16),
    "processes": integer(1, 1000),
    "linger": real(0, 60),
    "stop": Instance(Callable, optional=True),
}


@checked(**_SOURCE, **_RUN)
def run_c(
    source: str,
    *,
    args: Sequence[str] = (),
    stdin: str = "",
    seconds: float = 3.0,
    memory_mb: int | None = 512,
    output_kb: int = 64,
    processes: int = 32,
    linger: float = 0.0,
    flags: Sequence[str] = ("-O2",),
    stop: Callable[[], bool] | None = None,
) -> CRun:
    """Compile a C program, run it under limits, and say what became of it.

    Parameters
    ----------
    source : str
        The program.
    args : sequence of str
        Its arguments.
    stdin : str
        What it reads.
    seconds : float
        Wall-clock time that it may take.
    memory_mb : int, optional
        Address space of each of its processes, in MiB; None: no limit.
    output_kb : int
        How much of each output is kept, in KiB; it is stopped when it prints 64 times as much.
    processes : int
        Most at one time, itself among them.
    linger : float
        Seconds that its children may go on when it has ended.
    flags : sequence of str
        For the compiler, after ``-std=gnu11 -Wall -pthread``.
    stop : callable, optional
        The run is ended when it returns true; looked at twenty times a second.

    Returns
    -------
    CRun
        Also where it does not compile, or where there is no compiler.

    Raises
    ------
    TypeError, ValueError
        An argument that cannot be meant.

    Examples
    --------
    >>> print(run_c("int main(void) { return 3; }").status)
    exit code 3
    """
    with Program(source, flags=flags) as program:
        return program.run(
            *args,
            stdin=stdin,
            seconds=seconds,
            memory_mb=memory_mb,
            output_kb=output_kb,
            processes=processes,
            linger=linger,
            stop=stop,
        )


@checked(file=Instance(Path), arguments=_RUN["args"], seconds=_RUN["seconds"])
def printed_lines(file: Path, *arguments: str, seconds: float = 3.0) -> list[str]:
    """Compile and run one of the course's own C programs, and return the lines that it prints.

    Parameters
    ----------
    file : Path
        The source.
    *arguments : str
    seconds : float
        Wall-clock time that it may take.

    Raises
    ------
    Unavailable
        No compiler, or the program failed; the message says how.
    """
    run = Program(file.read_text(encoding="utf-8")).run(*arguments, seconds=seconds)
    if not run.ok:
        raise Unavailable(f"{file.name}: it could not be measured here: {run.message} {run.stdout}".strip())
    return run.stdout.splitlines()


class Program:
    """A C program compiled once, to be run many times.

    It is compiled when first run; the same source and flags are compiled once in a session.

    Parameters
    ----------
    source : str
    flags : sequence of str

    Examples
    --------
    >>> with Program("int main(int n, char **a) { return n; }") as program:
    ...     [program.run("a").exit_code, program.run("a", "b").exit_code]
    [2, 3]
    """

    @checked(**_SOURCE)
    def __init__(self, source: str, *, flags: Sequence[str] = ("-O2",)):
        self.source, self.flags = source, tuple(flags)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to be done: what is compiled goes with the session."""

    def compile(self, stop: Callable[[], bool] | None = None) -> CRun:
        """Compile, unless that has been done, and return what the compiler said; `stop` as for `run_c`."""
        return self._compile(stop)[0]

    @checked(**_RUN)
    def run(
        self,
        *args: str,
        stdin: str = "",
        seconds: float = 3.0,
        memory_mb: int | None = 512,
        output_kb: int = 64,
        processes: int = 32,
        linger: float = 0.0,
        stop: Callable[[], bool] | None = None,
    ) -> CRun:
        """Run it; arguments and limits as for `run_c`."""
        made, binary = self._compile(stop)
        if binary is None:
            return made
        with sandbox.run_folder() as folder:
            report = sandbox.supervise(
                [str(binary), *args],
                folder,
                stdin=stdin,
                seconds=seconds,
                output=output_kb << 10,
                linger=linger,
                memory=None if memory_mb is None else memory_mb << 20,
                processes=processes,
                stop=stop,
            )
        most = _size(output_kb * DISCARDED << 10)
        return _as_run(
            report, made.diagnostics, quantity(seconds, "s"), plural(processes, "process", "processes"), most
        )

    def _compile(self, stop: Callable[[], bool] | None) -> tuple[CRun, Path | None]:
        cc = compiler()
        if cc is None:
            return CRun("no compiler here", compiled=False), None
        key = hashlib.sha256(repr((cc, self.flags, self.source)).encode()).hexdigest()[:24]
        place = sandbox.session_folder() / key
        # Another program need not wait for this one; the same one waits for what is being made.
        lock = _LOCKS.setdefault(place, threading.Lock())
        while not lock.acquire(timeout=0.05):
            if stop is not None and stop():
                return CRun(f"{STOPPED['asked']}, before it was compiled", stopped="asked", compiled=False), None
        try:
            if place not in _COMPILED or not (place.exists() or _COMPILED[place].diagnostics):
                made = _compile(cc, self.flags, self.source, place, stop)
                if not made.compiled and not made.diagnostics:  # a limit, or an accident: it may go better next time
                    return made, None
                _COMPILED[place] = made
            return _COMPILED[place], place if _COMPILED[place].compiled else None
        finally:
            lock.release()


_LOCKS: dict[Path, threading.Lock] = {}
_COMPILED: dict[Path, CRun] = {}  # what the compiler said, by the binary


def _compile(cc: str, flags: tuple[str, ...], source: str, place: Path, stop: Callable[[], bool] | None) -> CRun:
    """Compile to a file; return what was said."""
    with sandbox.run_folder() as folder:
        (folder / "program.c").write_text(source, encoding="utf-8", errors="surrogatepass")
        command = [cc, *ALWAYS, "-fdiagnostics-color=never", *flags, "-o", "program", "program.c", str(BY_LINE), "-lm"]
        report = sandbox.supervise(
            command, folder, seconds=COMPILE_SECONDS, memory=COMPILE_MEMORY, stop=stop, apart=False
        )
        said = report["stderr"].decode(errors="replace")
        found = tuple(Diagnostic(int(m[1]), int(m[2] or 0), m[3], m[4]) for m in LINE.finditer(said))
        if report["wait_status"] == 0 and not report["stopped"]:
            (folder / "program").rename(place)
            return CRun("compiled", stderr=said, seconds=report["seconds"], diagnostics=found)
    status = "did not compile"
    if report["stopped"] == "asked":
        status = STOPPED["asked"]
    elif report["stopped"] or report["trouble"]:
        found = ()  # it had not come to its end
        status += f": the compiler was {_status(report, quantity(COMPILE_SECONDS, 's'), '32 processes', 'it may')[0]}"
    elif not found:
        status += f": {said.strip().splitlines()[-1] if said.strip() else 'the compiler failed'}"
    return CRun(
        status,
        stderr=said,
        seconds=report["seconds"],
        compiled=False,
        stopped=report["stopped"],
        stderr_bytes=report["stderr_bytes"],
        diagnostics=found,
    )


def _as_run(report: dict[str, Any], diagnostics: tuple[Diagnostic, ...], *limits: str) -> CRun:
    status, code, number = _status(report, *limits)
    kept = {
        name: report[name] for name in ("wait_status", "stopped", "left", "seconds", "stdout_bytes", "stderr_bytes")
    }
    used = {
        "user": report.get("user_time", 0.0),
        "system": report.get("system_time", 0.0),
        "peak": report.get("peak", 0),
    }
    said = {name: report[name].decode(errors="replace") for name in ("stdout", "stderr")}
    return CRun(
        status,
        exit_code=code,
        signal=number,
        litter=tuple(report.get("litter", ())),
        diagnostics=diagnostics,
        **kept,
        **used,
        **said,
    )


def _status(report: dict[str, Any], seconds: str, processes: str, most: str) -> tuple[str, int | None, int | None]:
    """How it ended in words; exit code and signal only where it ended by itself."""
    if report["trouble"]:
        return f"could not be started: {report['trouble']}", None, None
    if report["stopped"]:
        return STOPPED[report["stopped"]].format(seconds=seconds, processes=processes, most=most), None, None
    status = report["wait_status"]
    if os.WIFSIGNALED(status):
        return decode(status), None, os.WTERMSIG(status)
    return decode(status), os.WEXITSTATUS(status), None


@checked(wait_status=integer(0, 0xFFFFFFFF))
def decode(wait_status: int) -> str:
    """Say in words what a wait status means, as the macros of ``sys/wait.h`` take it apart.

    Parameters
    ----------
    wait_status : int
        As ``os.wait`` gives it.

    Examples
    --------
    >>> decode(0x0300)
    'exit code 3'
    >>> decode(9)
    'killed by signal 9 (SIGKILL), which no program can catch'
    """
    if os.WIFEXITED(wait_status):
        return f"exit code {os.WEXITSTATUS(wait_status)}"
    if os.WIFSTOPPED(wait_status):
        return f"stopped by signal {_signal(os.WSTOPSIG(wait_status))}"
    if os.WIFSIGNALED(wait_status):
        core = ", core dumped" if os.WCOREDUMP(wait_status) else ""
        return f"killed by signal {_signal(os.WTERMSIG(wait_status))}{core}"
    return "continued" if os.WIFCONTINUED(wait_status) else f"unknown wait status {wait_status:#x}"


def _signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return str(number)
    return f"{number} ({name})" + (f", {MEANING[name]}" if name in MEANING else "")


def _size(count: int) -> str:
    unit, size = next(
        (pair for pair in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)) if count >= pair[1]), ("", 1)
    )
    return quantity(count / size, unit) if unit else plural(count, "byte")
