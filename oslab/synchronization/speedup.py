"""Amdahl's law: how much faster n threads can be when a share of the work is done under one lock."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Result, checked, columns, integer, plural, readable, real

__all__ = ["Amdahl", "amdahl"]


@dataclass(frozen=True, eq=False)
class Amdahl(Result):
    """What `amdahl` returns.

    Attributes
    ----------
    share : float
        Of the work under the lock.
    cpus : int
    threads : int64[n]
    speedup, on_cpus : float64[n]
        Throughput, that of one thread being 1, with a CPU for each thread, and with `cpus` of them.
    """

    share: float
    cpus: int
    threads: np.ndarray
    speedup: np.ndarray
    on_cpus: np.ndarray

    @property
    def limit(self) -> float:
        """What no number of CPUs can pass."""
        return 1 / self.share if self.share else float("inf")

    @property
    def bound(self) -> np.ndarray:
        """What no program with one lock can pass: a CPU for each thread, until the lock is always in use; float64[n]."""
        return np.minimum(self.threads, self.limit)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a number of threads."""
        few = f"{plural(self.cpus, 'CPU')} in all"
        return columns({"threads": self.threads, "a CPU each": self.speedup, few: self.on_cpus})

    def __str__(self) -> str:
        times, threads = readable(self.speedup[-1]), plural(len(self.threads), "thread")
        return f"share {readable(self.share)}: {times} times as fast with {threads}"


@checked(share=real(0, 1), cpus=integer(1, 4096, optional=True), threads=integer(1, 4096))
def amdahl(share: float = 0.25, cpus: int | None = None, threads: int = 8) -> Amdahl:
    """Work out Amdahl's law.

    Parameters
    ----------
    share : float
        Of the work under the lock, 0 to 1.
    cpus : int, optional
        Those of this machine if not given.
    threads : int
        The most.

    Raises
    ------
    TypeError, ValueError
        A share outside 0 to 1, fewer than one CPU or thread, more than 4096.

    Notes
    -----
    Speed-up 1 / (s + (1 − s) / n), n being threads, or CPUs if these are fewer; taking and handing over the lock costs
    nothing here.  Source: Amdahl, *Validity of the single processor approach to achieving large scale computing
    capabilities*, AFIPS 1967.
    """
    cpus = os.cpu_count() or 1 if cpus is None else cpus
    n = np.arange(1, threads + 1)
    curve = [1 / (share + (1 - share) / at) for at in (n, np.minimum(n, cpus))]
    return Amdahl(share, cpus, n, *curve)
