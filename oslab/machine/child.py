"""A child process that ends with its time, with its parent, and with its context manager, whichever comes first.

All wings start their children here.  A child is a module, a file or a text of Python; it gets its argument as JSON in
``sys.argv[1]``, prints lines of JSON and reads lines of JSON.  What it writes to its standard error stays apart.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from oslab.base import Instance, duration, real
from oslab.machine.unavailable import Unavailable

__all__ = ["Child", "bound", "start_all", "uninterrupted"]

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
LONGEST = 20
LOOK = 0.05  # seconds between two looks at the stop flag
COMPLAINT = 300  # characters of its standard error that a message shows


class Child:
    r"""Runs Python in a process group of its own, which is killed and waited for at the end, also after an interrupt.

    It starts when the `with` block is entered.  For several at a time use `start_all`.

    Parameters
    ----------
    program : str or Path
        A module's name; a file; or, if it has more than one line, the text of a program.  Files and texts run with
        the standard library only (``-I -S``).
    argument : object
        Handed over as JSON.
    grace : float
        Seconds for which it may go on when its standard input is closed, before it is killed.
    session : bool
        Start a session too, so that it has no terminal.  Linux may then weigh it apart from its parent (autogroup).

    Attributes
    ----------
    pid : int
        Its number, which is also its group's; 0 before it starts.

    Raises
    ------
    TypeError, ValueError
        A program that is neither text nor path, or a time out of range.
    Unavailable
        A system without process groups.

    Examples
    --------
    >>> with Child("import json\nprint(json.dumps([1, 2]))") as child:
    ...     child.line(5.0)
    [1, 2]
    """

    def __init__(self, program: str | Path, argument: Any = None, *, grace: float = 0.0, session: bool = False):
        self._process: subprocess.Popen[bytes] | None = None
        if sys.platform in ("win32", "emscripten"):
            raise Unavailable("This needs child processes in groups, which this system does not have.")
        Instance((str, Path)).check("program", program)
        real(0, 60).check("grace", grace)
        alone = ["-I", "-S"] if isinstance(program, Path) or "\n" in program else []
        what = [str(program)] if isinstance(program, Path) else ["-c" if alone else "-m", program]
        self._command = [sys.executable, *alone, *what, json.dumps(argument)]
        self._grace, self._session = grace, session
        self._errors: Any = None
        self._said = bytearray()
        self.pid = 0

    def __enter__(self) -> Child:
        try:
            with uninterrupted():
                self._errors = tempfile.TemporaryFile()
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    bufsize=0,
                    start_new_session=self._session,
                    process_group=None if self._session else 0,
                    env=os.environ | ONE_THREAD,
                )
                self.pid = self._process.pid
        except BaseException:
            self.end()
            raise
        return self

    def speaks(self, seconds: float) -> bool:
        """Wait until it has printed something, or ended, but no longer than this."""
        return b"\n" in self._said or bool(select.select([self._process.stdout], [], [], seconds)[0])

    def line(self, seconds: float, stop: Callable[[], bool] | None = None) -> Any:
        """Return the next line that it prints, read as JSON.

        Parameters
        ----------
        seconds : float
            How long to wait for it.
        stop : callable, optional
            Looked at twenty times a second; when it returns true, standard input is closed, which asks the child to end.

        Raises
        ------
        Unavailable
            It said nothing in time, ended, or said something else.
        """
        end, asked = time.monotonic() + seconds, False
        while b"\n" not in self._said:
            left = end - time.monotonic()
            if left <= 0:
                raise Unavailable(f"The child process gave no output for {duration(seconds)}.")
            if self.speaks(min(left, LOOK)):
                data = os.read(self._process.stdout.fileno(), 1 << 16)
                self._said += data
                if not data:
                    raise Unavailable(f"The child process ended without an answer.{self.complaint}")
            if stop is not None and not asked and stop():
                asked = True
                self.close()
        text, _, self._said = self._said.partition(b"\n")
        try:
            return json.loads(text)
        except ValueError as error:
            raise Unavailable(f"The child process printed something that is not JSON: {bytes(text[:80])!r}") from error

    def say(self, value: Any = None) -> None:
        """Write a value to its standard input, as a line of JSON.

        Raises
        ------
        Unavailable
            It has ended.
        """
        rest = memoryview(json.dumps(value).encode() + b"\n")
        try:
            while rest:
                rest = rest[os.write(self._process.stdin.fileno(), rest) :]
        except (OSError, ValueError) as error:
            raise Unavailable(f"The child process has ended.{self.complaint}") from error

    def close(self) -> None:
        """Close its standard input."""
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def signal(self, number: int) -> None:
        """Send a signal to the whole group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        if hasattr(os, "waitid"):  # looks without collecting it: its group's number stays its own
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        return self._process.poll() is None

    @property
    def complaint(self) -> str:
        """The end of what it wrote to its standard error, in brackets; or nothing."""
        # Read at a place of its own: the child shares the file's position.
        size = os.fstat(self._errors.fileno()).st_size
        text = os.pread(self._errors.fileno(), COMPLAINT, max(0, size - COMPLAINT)).decode(errors="replace").strip()
        return f" ({text.splitlines()[-1]})" if text else ""

    def end(self) -> None:
        """Kill the group and wait; nothing is done where that has been done."""
        with uninterrupted():
            process, self._process = self._process, None
            if process is not None:
                _end(process, self._grace)
            if self._errors is not None:
                self._errors.close()

    def __exit__(self, *_: Any) -> None:
        self.end()

    def __del__(self) -> None:
        # An interrupt between the end of a block and `__exit__` leaves this as the last to hold the child.
        if self._process is not None:
            self.end()


def _end(process: subprocess.Popen[bytes], grace: float) -> None:
    with contextlib.suppress(OSError):
        process.stdin.close()
    if grace:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    # The group keeps its number while the leader is not waited for, even when that has ended.
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


@contextlib.contextmanager
def start_all(children: Sequence[Child]) -> Iterator[Sequence[Child]]:
    """Start children that run at one time, and end them all."""
    with contextlib.ExitStack() as stack:
        for child in children:
            stack.push(child)  # before it starts, or an interrupt between the two would leave it
            child.__enter__()
        yield children


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Put off an interrupt (Ctrl-C, the notebook's stop button) until the block is done.

    Only the main thread is ever interrupted; elsewhere nothing is done.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came: list[Any] = []
    signal.signal(signal.SIGINT, lambda *what: came.append(what))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        before(*came[-1])


def bound(seconds: float, lifeline: bool = True) -> None:
    """Called in the child: end it, and not its parent, after `seconds`, or when the parent is gone.

    Parameters
    ----------
    seconds : float
        At most 20.
    lifeline : bool
        Watch standard input, whose end says that the parent is gone, in a thread; else the child has to read it itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the notebook's interrupt reaches the parent, which ends this
    signal.alarm(int(min(seconds, LONGEST)) + 2)

    def wait() -> None:
        os.read(0, 1)
        os.killpg(0, signal.SIGKILL)

    if lifeline:
        threading.Thread(target=wait, daemon=True).start()
