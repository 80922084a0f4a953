"""Amdahl's law: how much faster n threads can be when a share of the work is done under one lock."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Amdahl", "amdahl"]


@dataclass(frozen=True, eq=False)
class Amdahl:
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

    def table(self) -> list[dict[str, Any]]:
        """Return one row a number of threads."""
        return [
            {"threads": int(n), "a CPU each": round(float(a), 3), f"{self.cpus} CPUs": round(float(b), 3)}
            for n, a, b in zip(self.threads, self.speedup, self.on_cpus)
        ]

    def __str__(self) -> str:
        return f"share {self.share:.3g}: {self.speedup[-1]:.3g} times as fast with {self.threads[-1]} threads"


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
    ValueError
        A share outside 0 to 1, fewer than one CPU or thread.

    Notes
    -----
    Speed-up 1 / (s + (1 − s) / n), n being threads, or CPUs if these are fewer; taking and handing over the lock costs
    nothing here.  Source: Amdahl, *Validity of the single processor approach to achieving large scale computing
    capabilities*, AFIPS 1967.
    """
    cpus = os.cpu_count() or 1 if cpus is None else cpus
    if not 0 <= share <= 1:
        raise ValueError(f"share={share!r}: allowed are numbers from 0 to 1")
    if cpus < 1 or threads < 1:
        raise ValueError(f"cpus={cpus!r}, threads={threads!r}: allowed are whole numbers from 1 up")
    n = np.arange(1, threads + 1)
    curve = [1 / (share + (1 - share) / at) for at in (n, np.minimum(n, cpus))]
    return Amdahl(share, cpus, n, *curve)
