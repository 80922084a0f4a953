"""Why is training slow?  Every second of the loop is booked to a cause; the largest are named, or none if it is not clear."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from oslab.ai import causes
from oslab.ai.booking import FAULTS_A_SECOND, split_ready
from oslab.ai.causes import join_names, name_causes, percent
from oslab.base import Instance, Result, checked, duration, integer, plural, readable, real

__all__ = ["CAUSES", "Diagnosis", "Evidence", "diagnose"]

# A loop that counts its batches can tell its loaders' decoding from its own arithmetic.
CAUSES = {"loading": "decoding in the loaders", **causes.CAUSES}
REMEDIES = {"loading": "more loaders, or a cheaper decoder", **causes.REMEDIES}
FEWEST_STEPS, LEAST_SECONDS = 4, 0.5


@dataclass(frozen=True)
class Evidence:
    """What was counted while a loop ran; shares of its time are worked out of these.

    Attributes
    ----------
    seconds : float
        How long it ran.
    steps : int or None
        None: it does not count them.
    data : float or None
        Seconds in which the loop had no batch, as it counts itself; None: what it sleeps for is then not known.
    bytes : float or None
        Bytes that its arrays moved, as it counts itself; None: memory cannot be told from arithmetic.
    roof : float
        Bytes a second that this machine can move.
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
        CPUs' worth of time that programs took which do not belong to the loop, and the hypervisor; NaN: not known.
    spinner_run : float
        Seconds of the library's other threads, and of those that spin in their place, all together.
    cpus : float
        On which it may run.

    Raises
    ------
    ValueError
        A negative count, or more time without data than there was.
    """

    seconds: float
    steps: int | None
    data: float | None
    bytes: float | None
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
    spinner_run: float = 0.0
    cpus: float = math.inf

    def __post_init__(self) -> None:
        # Counters that could not be read are NaN.
        for f in fields(self):
            value = getattr(self, f.name)
            if value is None and f.name in ("steps", "data", "bytes"):
                continue
            if f.name in ("steps", "loaders"):
                integer(0, 10**12).check(f.name, value)
            elif not (
                isinstance(value, float) and math.isnan(value) and f.name not in ("seconds", "data", "bytes", "roof")
            ):
                real(0, 1e18, unlimited=f.name == "cpus").check(f.name, value)
        if self.data is not None and self.data > self.seconds * 1.001:
            raise ValueError(f"data={self.data!r}: allowed are numbers up to seconds={self.seconds!r}")

    def split_wait(self, wait: float, run: float) -> tuple[float, float]:
        """Divide the time for which a process waited for a CPU: its own family had the CPU, or others had it."""
        family = self.run + self.loader_run + self.spinner_run
        # Others may have the CPUs while the loop is stopped by its quota, and take nothing from it.
        left = max(0.0, self.cpus * (1 - self.stopped) * self.seconds - family) if self.stopped < 1 else 0.0
        others = min(0.0 if math.isnan(self.others) else self.others * self.seconds, left)
        return split_ready(wait, run, family, others)


@dataclass(frozen=True)
class Diagnosis(Result):
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
    settings : LoopSettings or None
        The loop's, if known.
    counted : dict of str to dict of str to float
        What the evidence counts, of whom and of what: shares of a time, or of what memory can move.
    """

    shares: dict[str, float]
    causes: tuple[str, ...]
    doubt: str
    evidence: tuple[str, ...]
    step: float
    settings: Any = None
    counted: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """The finding in a few words."""
        if not self.causes:
            return f"not sure: {self.doubt}"
        return join_names(CAUSES[cause] for cause in self.causes)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each cause, the largest first."""
        for cause, share in sorted(self.shares.items(), key=lambda one: -one[1]):
            yield {"cause": CAUSES[cause], "share of the time": share, "what helps": REMEDIES[cause]}

    def __str__(self) -> str:
        return "\n".join([f"{duration(self.step)} a step; {self.verdict}", *(f"  {line}" for line in self.evidence)])


@checked(e=Instance(Evidence))
def diagnose(e: Evidence) -> Diagnosis:
    """Book the time of a loop to its causes, and name those that matter.

    The causes, and when one is named, are those of `why`; `CAUSES` has ``loading`` beside them.

    In this order: was it allowed to run (quota)?  Was it ready without a CPU, and did its own helpers or other programs have
    it?  Did it sleep without a batch; and if so, were its loaders decoding, ready without a CPU, or asleep as well
    (storage)?  Was it in the kernel for page faults, moving bytes as fast as the machine can, or computing?

    Parameters
    ----------
    e : Evidence
        What was counted.
    """
    numbers = (e.run, e.wait, e.system, e.stopped, e.loader_run, e.loader_wait)
    if e.seconds < LEAST_SECONDS or (e.steps is not None and e.steps < FEWEST_STEPS):
        return _unsure(e, f"only {plural(e.steps or 0, 'step')} in {duration(e.seconds)}")
    if any(math.isnan(number) for number in numbers):
        return _unsure(e, "counters of /proc are missing")
    shares, said, counted = _book(e)
    return Diagnosis(shares, *name_causes(shares, CAUSES), tuple(said), _step(e), counted=counted)


def _step(e: Evidence) -> float:
    return math.nan if e.steps is None else e.seconds / max(e.steps, 1)


def _unsure(e: Evidence, doubt: str) -> Diagnosis:
    return Diagnosis(dict.fromkeys(CAUSES, 0.0), (), doubt, (), _step(e))


def _book(e: Evidence) -> tuple[dict[str, float], list[str], dict[str, dict[str, float]]]:
    allowed = 1 - min(e.stopped, 1.0)
    on_cpu, ready = min(e.run / e.seconds, allowed), e.wait / e.seconds
    ready = min(ready, allowed - on_cpu)
    # A loop that was given its batch, but no CPU yet, still counts itself as without data; the kernel knows better.
    data = 0.0 if e.data is None else e.data / e.seconds
    starved = min(allowed - on_cpu - ready, data)
    shares = dict.fromkeys(CAUSES, 0.0)
    shares["quota"] = 1 - allowed
    shares["ready"], shares["others"] = e.split_wait(ready, e.run)
    said = [
        f"Stopped by its quota: {percent(1 - allowed)} of the time.",
        f"Asleep without a batch: {percent(starved)}.",
    ]
    if e.loaders:
        whole = e.loaders * e.seconds * max(allowed, 1e-9)
        run, wait = e.loader_run / whole, e.loader_wait / whole
        # A loader that is ahead sleeps too, since its pipe is full; but not while the loop has no batch.
        asleep = max(0.0, 1 - run - wait - (1 - starved / max(allowed, 1e-9)))
        total = max(run + wait + asleep, 1e-9)
        own, others = e.split_wait(wait, e.loader_run / e.loaders)
        for cause, part in (("loading", run), ("ready", own), ("others", others), ("storage", asleep)):
            shares[cause] += starved * part / total
        loaders = {"decoding": run, "ready, no CPU free": wait, "asleep though late": asleep}
        said.append(
            f"Its loaders: {percent(run)} decoding, {percent(wait)} ready without a CPU, "
            f"{percent(asleep)} asleep although a batch is due."
        )
    else:
        shares["storage"] = starved
        decoding = max(0.0, min(data, 1.0) * allowed - starved)
        shares["loading"] = decoding * on_cpu / max(on_cpu + ready, 1e-9)
        loaders = {"none: the loop decodes": shares["loading"]}
        said.append(f"It has no loaders: {percent(shares['loading'])} decoding.")
    rest = on_cpu - (0.0 if e.loaders else shares["loading"])
    in_kernel = min(e.system / e.seconds, rest)
    shares["faults"] = in_kernel if e.faults / e.seconds > FAULTS_A_SECOND else 0.0
    shares["memory"] = min((e.bytes or 0.0) / e.roof / e.seconds if e.roof else 0.0, rest - shares["faults"])
    shares["compute"] = rest - shares["faults"] - shares["memory"]
    shares["unknown"] = max(0.0, 1 - sum(shares.values()))
    said += [
        f"The loop: {percent(on_cpu)} on a CPU, {percent(ready)} ready without one{_others(e)}.",
        f"In the kernel {percent(e.system / e.seconds)}, with {readable(e.faults / e.seconds)} page faults a second.",
        f"It moved {readable((e.bytes or 0) / e.seconds / 1e9)} of the {readable(e.roof / 1e9)} GB/s that memory gives."
        if e.bytes is not None
        else "How many bytes it moved is not known.",
    ]
    counted = {
        "the loop": {"on a CPU": on_cpu, "ready, no CPU free": ready, "asleep without a batch": starved},
        "its loaders": loaders,
        "its limits": {"stopped by the quota": 1 - allowed, "in the kernel": e.system / e.seconds},
    }
    if e.bytes is not None and e.roof:
        counted["its limits"]["memory's bandwidth"] = e.bytes / e.roof / e.seconds
    return shares, said, counted


def _others(e: Evidence) -> str:
    return f" (other programs kept {e.others:.1f} CPUs busy)" if e.others >= 0.1 else ""
