"""A child process that ends with its time, with its parent, and with its context manager, whichever comes first."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from typing import Any

from oslab.machine.capability import Unavailable

__all__ = ["Child", "bound"]

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
LONGEST = 20


class Child:
    """Runs ``python -m module``, in a process group of its own, which is killed at the end.

    Parameters
    ----------
    module : str
        Of this package; it calls `bound` first.
    argument : object
        Handed over as JSON.
    """

    def __init__(self, module: str, argument: Any = None):
        if sys.platform in ("win32", "emscripten"):
            raise Unavailable("Child processes as these need a system with process groups; what was recorded is shown.")
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(argument)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            process_group=0,
            env=os.environ | ONE_THREAD,
        )
        self.pid = self._process.pid

    def speaks(self, seconds: float) -> bool:
        """Wait until it has printed something, or ended, but no longer than this."""
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def line(self, seconds: float) -> Any:
        """Return the next line that it prints, read as JSON.

        Raises
        ------
        Unavailable
            It said nothing in time, or ended.
        """
        ready = self.speaks(seconds)
        text = self._process.stdout.readline() if ready else ""
        if not text:
            raise Unavailable(
                f"The child process {'ended without a word' if ready else f'said nothing for {seconds:g} s'}."
            )
        return json.loads(text)

    def say(self, line: str = "") -> None:
        """Write a line to its standard input.

        Raises
        ------
        Unavailable
            It has ended.
        """
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Unavailable("The child process has ended.") from error

    def signal(self, number: int) -> None:
        """Send a signal to the whole group."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def end(self) -> None:
        """Kill the group and wait."""
        # The group keeps its number while the leader is not waited for, even when that has ended.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: Any) -> None:
        self.end()


def bound(seconds: float, lifeline: bool = True) -> None:
    """Called in the child: end it, and not its parent, after `seconds`, or when the parent is gone.

    Parameters
    ----------
    seconds : float
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
