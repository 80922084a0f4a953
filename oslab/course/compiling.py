"""The kernels compiled by several processes at low priority, and a line that tells how far they are."""

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from oslab.base import checked, flag, real
from oslab.machine import cpu_quota, usable_cpus

__all__ = ["NUMBERS", "Compilers"]

NUMBERS = bytes(range(32, 127))  # a byte for each warmer; none means anything to a terminal or to Windows
MOST = 8  # processes, each with some 150 MB
PAUSE = 0.2  # seconds between two looks


class Compilers:
    """Processes of their own, one a CPU, that share the warmers out among them; the first begins at once.

    Each takes the number of its next warmer from one pipe.  They go on when this process has other things to do, or ends.

    Parameters
    ----------
    quiet : bool
        Whether their error messages are dropped.

    Attributes
    ----------
    folder : str
        Where the kernels are kept; '' where they cannot be.
    kernels : int
        How many there are.
    """

    @checked(quiet=flag())
    def __init__(self, quiet: bool = True):
        self._quiet, self.folder, self.kernels = quiet, "", 0
        self._first: list[str] = []
        self._rest: list[str] = []
        self._numbers, end = os.pipe()
        os.write(end, NUMBERS)
        os.close(end)
        self._processes = [self._start(subprocess.PIPE)]

    def _start(self, output: int) -> subprocess.Popen:
        low: dict[str, Any] = (
            {"creationflags": subprocess.BELOW_NORMAL_PRIORITY_CLASS}
            if os.name == "nt"
            else {"start_new_session": True}
        )
        errors = subprocess.DEVNULL if self._quiet else None
        command = [sys.executable, "-m", "oslab.course.warm", "worker"]
        return subprocess.Popen(command, stdin=self._numbers, stdout=output, stderr=errors, **low)

    def begin(self) -> bool:
        """Learn what is to be done, and start the other processes; return whether there is anything to do."""
        said = self._processes[0].stdout
        plan = json.loads((said.readline() if said else "") or '{"kernels": 0, "folder": "", "first": [], "rest": []}')
        self.kernels, self.folder, self._first, self._rest = (plan[k] for k in ("kernels", "folder", "first", "rest"))
        cpus = min(usable_cpus(), math.ceil(cpu_quota() or MOST), MOST, len(self._first) + len(self._rest))
        self._processes += [self._start(subprocess.DEVNULL) for _ in range(cpus - 1)]
        os.close(self._numbers)
        return bool(self._first or self._rest)

    @checked(everything=flag(), patience=real(0, unlimited=True))
    def wait(self, everything: bool = False, patience: float = math.inf) -> bool:
        """Wait for the kernels of the first chapters, or for all, with a line; return whether they are there.

        Parameters
        ----------
        everything : bool
            Whether to wait for all.
        patience : float
            Seconds after which to go on without them.
        """
        end = time.monotonic() + patience
        marks = [Path(mark) for mark in self._first + self._rest * everything]
        shown, line = sys.stdout.isatty(), ""
        while not (done := all(mark.exists() for mark in marks)) and time.monotonic() < end:
            if all(process.poll() is not None for process in self._processes):
                break
            ready = len([*Path(self.folder).glob("*.nbi")])
            if shown or not line:
                line = f"Compiling the labs' kernels, once: {ready} of {self.kernels} …"
                print(f"\r{line}", end="" if shown else "\n", flush=True)
            time.sleep(PAUSE)
        print(f"\r{' ' * len(line)}\r" * (shown and bool(line)), end="", flush=True)
        return done

    def stop(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.terminate()
