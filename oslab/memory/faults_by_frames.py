"""Faults against memory: where one frame more means more faults (Belady's anomaly)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Result, Several, checked, columns, integer, plural
from oslab.memory.demand_paging import FRAMES, simulate
from oslab.memory.replacement.user_policy import POLICY, label_of
from oslab.memory.traces.trace import TRACE

__all__ = ["FaultCounts", "fault_counts"]


@dataclass(frozen=True, eq=False)
class FaultCounts(Result):
    """What `fault_counts` returns.

    Attributes
    ----------
    frames : ndarray of int64, shape (k,)
        1 to k.
    faults : dict of str to ndarray of int64, shape (k,)
        By policy key.
    references : int
    focus : int
        The number of frames looked at.
    labels : dict of str to str
        Names on screen, by policy key.
    refused : dict of str to str
        Policies of the learner's own that could not be run, by name, and why.
    """

    frames: np.ndarray
    faults: dict[str, np.ndarray]
    references: int
    focus: int
    labels: dict[str, str]
    refused: dict[str, str]

    def anomalies(self, policy: str) -> list[int]:
        """Return the numbers of frames at which a policy faults more often than with one frame less."""
        return (self.frames[1:][np.diff(self.faults[policy]) > 0]).tolist()

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a number of frames."""
        return columns({"frames": self.frames} | {self.labels[key]: of for key, of in self.faults.items()})

    def __str__(self) -> str:
        lines = [f"{self.labels[key]}: " + " ".join(map(str, of.tolist())) for key, of in self.faults.items()]
        head = f"faults in {plural(self.references, 'reference')} with 1 to {plural(len(self.frames), 'frame')}"
        return "\n".join([head, *lines])


@checked(trace=TRACE, policies=Several(POLICY, most=20), most=integer(1, 64), focus=FRAMES)
def fault_counts(trace: Any, policies: tuple[Any, ...] = ("fifo", "lru"), most: int = 7, focus: int = 3) -> FaultCounts:
    """Count the faults of several policies for 1 to `most` frames.

    Parameters
    ----------
    trace : Trace or array_like of int
    policies : tuple of str or class
        Keys of `POLICIES`, or classes of your own; one that breaks a law is left out and its error kept.
    most : int
        Frames, at most 64.
    focus : int
        The number of frames that a picture marks.

    Raises
    ------
    ValueError
        No frame, more than 64 frames, or what `simulate` refuses.

    Notes
    -----
    Source: Belady, Nelson and Shedler, An anomaly in space-time characteristics of certain programs, 1969.

    Examples
    --------
    >>> fault_counts([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]).anomalies("fifo")
    [4]
    """
    sizes = np.arange(1, most + 1)
    faults, labels, refused = {}, {}, {}
    for policy in policies:
        key = policy if isinstance(policy, str) else label_of(policy)
        labels[key] = label_of(policy)
        try:
            faults[key] = np.array([simulate(trace, policy, int(n)).faults for n in sizes])
        except Exception as error:  # the learner's own code may raise anything
            if isinstance(policy, str):
                raise
            refused[key] = str(error)
    return FaultCounts(sizes, faults, len(trace), min(focus, most), labels, refused)
