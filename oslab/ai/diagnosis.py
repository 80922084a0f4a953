"""Why is training slow?  Every second of the loop is booked to a cause; the largest are named, or none if it is not clear."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

__all__ = ["CAUSES", "Diagnosis", "Evidence", "diagnose"]

CAUSES = {
    "loading": "decoding in the loaders", "storage": "loaders waiting for storage", "cpu": "waiting for a free CPU",
    "quota": "the CPU quota", "memory": "memory bandwidth", "faults": "page faults of new memory",
    "compute": "the arithmetic itself"}
REMEDIES = {
    "loading": "more loaders, or a cheaper decoder", "storage": "more reads ahead, or data nearer",
    "cpu": "fewer threads, or more CPUs", "quota": "a larger quota, or fewer threads under it",
    "memory": "fewer passes over memory: fused operations, smaller types", "faults": "buffers that are used again",
    "compute": "nothing stands in its way: a faster algorithm or device"}
CLEAR, BESIDE, MIXED = 0.34, 0.22, 0.5
FEWEST_STEPS, LEAST_SECONDS = 4, 0.5


@dataclass(frozen=True)
class Evidence:
    """What was counted while a loop ran; shares of its time are worked out of these.

    Attributes
    ----------
    seconds : float
        How long it ran.
    steps : int
    data : float
        Seconds in which the loop had no batch, as it counts itself.
    bytes, roof : float
        Bytes that its arrays moved, as it counts itself; bytes a second that this machine can move.
    run, wait : float
        Seconds on a CPU, and ready without one, from ``/proc/PID/schedstat``.
    system : float
        Seconds in the kernel, from ``/proc/PID/stat``.
    faults : float
        Page faults, from ``/proc/PID/stat``.
    stopped : float
        Share of the samples in which it was not allowed to run (state T, or its group throttled).
    loaders : int
    loader_run, loader_wait : float
        Seconds of all loaders together.
    others : float
        CPUs' worth of time that programs took which do not belong to the loop; NaN: not known.
    """

    seconds: float
    steps: int
    data: float
    bytes: float
    roof: float
    run: float
    wait: float
    system: float
    faults: float
    stopped: float
    loaders: int
    loader_run: float = 0.0
    loader_wait: float = 0.0
    others: float = 0.0


@dataclass(frozen=True)
class Diagnosis:
    """What limits a loop.

    Attributes
    ----------
    shares : dict of str to float
        Share of the loop's time by key of `CAUSES`; they make up 1, but for what could not be booked.
    causes : tuple of str
        Those that are named, the largest first; empty: not sure.
    doubt : str
        Why not, or ''.
    evidence : tuple of str
        A sentence for each question that was asked, in this order.
    step : float
        Seconds a step.
    """

    shares: dict[str, float]
    causes: tuple[str, ...]
    doubt: str
    evidence: tuple[str, ...]
    step: float

    @property
    def verdict(self) -> str:
        """The finding in a few words."""
        if not self.causes:
            return f"not sure: {self.doubt}"
        return " and ".join(CAUSES[cause] for cause in self.causes)

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each cause, the largest first."""
        return [{"cause": CAUSES[c], "share of the time": round(s, 3), "what helps": REMEDIES[c]}
                for c, s in sorted(self.shares.items(), key=lambda one: -one[1])]

    def __str__(self) -> str:
        return "\n".join([f"{self.step * 1000:.3g} ms a step; {self.verdict}", *(f"  {line}" for line in self.evidence)])


def diagnose(e: Evidence) -> Diagnosis:
    """Book the time of a loop to its causes, and name those that matter.

    In this order: was it allowed to run (quota)?  Had it a batch to work on?  If not, were its loaders decoding, ready
    without a CPU, or asleep (storage)?  If so, was the loop itself ready without a CPU, in the kernel for page faults,
    moving bytes as fast as the machine can, or computing?  A cause is named that takes at least 34 % of the time; a
    second one beside it, with at least 22 % and half of the first.  Less is "not sure".

    Raises
    ------
    ValueError
        A negative count, or more time without data than there was.
    """
    for name in ("seconds", "steps", "data", "bytes", "system", "faults", "stopped", "loaders"):
        value = getattr(e, name)
        if not value >= 0 and not math.isnan(value):
            raise ValueError(f"{name}={value!r}: at least 0")
    if e.seconds and e.data > e.seconds * 1.001:
        raise ValueError(f"data={e.data!r}: at most seconds={e.seconds!r}")
    numbers = (e.run, e.wait, e.system, e.stopped, e.loader_run, e.loader_wait)
    if e.seconds < LEAST_SECONDS or e.steps < FEWEST_STEPS:
        return _unsure(e, f"only {e.steps} steps in {e.seconds:.3g} s")
    if any(math.isnan(number) for number in numbers):
        return _unsure(e, "counters of /proc are missing")
    shares, said = _book(e)
    return _name(e, shares, said)


def _unsure(e: Evidence, doubt: str) -> Diagnosis:
    return Diagnosis(dict.fromkeys(CAUSES, 0.0), (), doubt, (), e.seconds / max(e.steps, 1))


def _book(e: Evidence) -> tuple[dict[str, float], list[str]]:
    allowed = 1 - min(e.stopped, 1.0)
    starved = min(e.data / e.seconds, 1.0) * allowed
    shares = dict.fromkeys(CAUSES, 0.0)
    shares["quota"] = 1 - allowed
    said = [f"Stopped by its quota: {1 - allowed:.0%} of the time.",
            f"Without a batch: {starved:.0%} of the time{'' if e.loaders else ' (it decodes itself: no loaders)'}."]
    on_cpu, ready = e.run / e.seconds, e.wait / e.seconds
    if e.loaders:
        whole = e.loaders * e.seconds * allowed
        run, wait = e.loader_run / whole, e.loader_wait / whole
        # A loader that is ahead sleeps too, since its pipe is full; but not while the loop has no batch.
        asleep = max(0.0, 1 - run - wait - max(0.0, 1 - e.data / e.seconds))
        total = max(run + wait + asleep, 1e-9)
        for cause, part in (("loading", run), ("cpu", wait), ("storage", asleep)):
            shares[cause] += starved * part / total
        said.append(f"Its loaders: {run:.0%} decoding, {wait:.0%} ready without a CPU, {asleep:.0%} asleep though late.")
    else:
        # The loop's own time on and off the CPU, split as the whole is.
        part = min(1.0, on_cpu / max(starved, 1e-9))
        known = max(on_cpu + ready, 1e-9)
        asleep = max(0.0, allowed - on_cpu - ready)
        shares["storage"] += min(asleep, starved)
        left = starved - shares["storage"]
        shares["loading"] += left * on_cpu / known
        shares["cpu"] += left * ready / known
        ready *= 1 - left / max(known, left) if part else 1.0
    busy = max(0.0, allowed - starved)
    queued = min(ready, busy)
    shares["cpu"] += queued
    rest = busy - queued
    in_kernel = min(e.system / e.seconds, rest)
    shares["faults"] = in_kernel if e.faults / e.seconds > 1000 else 0.0
    moving = min(e.bytes / e.roof / e.seconds if e.roof else 0.0, rest - shares["faults"])
    shares["memory"] = moving
    shares["compute"] = rest - shares["faults"] - moving
    said += [f"With a batch: {queued:.0%} ready without a CPU{_others(e)}.",
             f"In the kernel {e.system / e.seconds:.0%}, with {e.faults / e.seconds:.3g} page faults a second.",
             f"{e.bytes / e.seconds / 1e9:.3g} GB/s of the {e.roof / 1e9:.3g} GB/s that this machine moves: {moving:.0%}."]
    return shares, said


def _others(e: Evidence) -> str:
    return f" (other programs took {e.others:.2g} CPUs)" if e.others >= 0.05 else ""


def _name(e: Evidence, shares: dict[str, float], said: list[str]) -> Diagnosis:
    order = sorted(shares, key=lambda cause: -shares[cause])
    first, others = order[0], order[1:]
    step = e.seconds / e.steps
    if shares[first] < CLEAR:
        doubt = f"the largest share is {shares[first]:.0%}, {CAUSES[first]}"
        return Diagnosis(shares, (), doubt, tuple(said), step)
    beside = [c for c in others if shares[c] >= BESIDE and shares[c] >= MIXED * shares[first]]
    return Diagnosis(shares, (first, *beside[:1]), "", tuple(said), step)
