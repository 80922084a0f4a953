"""Bursts of real tasks from the kernel's own events: what `perf script` prints after `perf sched record`, or ftrace."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from oslab.base import Instance, Several, checked, integer

__all__ = ["RecordedTask", "read_events"]

SWITCH = re.compile(
    r"(\d+)\.(\d+):\s+(?:sched:)?sched_switch:\s+prev_comm=(.*?) prev_pid=(\d+) prev_prio=(\d+) prev_state=(\S+) ==> "
    r"next_comm=(.*?) next_pid=(\d+) next_prio=(\d+)"
)
WAKING = re.compile(r"(\d+)\.(\d+):\s+(?:sched:)?sched_wak(?:ing|eup|eup_new):\s+comm=.*? pid=(\d+) ")
FORK = re.compile(r"sched_process_fork:\s+comm=.*? pid=(\d+) child_comm=.*? child_pid=(\d+)")
NICE_0 = 120  # the kernel's priority of nice 0


@dataclass
class RecordedTask:
    """What one task did: times in ns.

    Attributes
    ----------
    name : str
        Its command and number.
    arrival : int
        When it was ready first, from the first event on.
    parts : list of int
        CPU, waiting, CPU and so on; waiting in the queue for a CPU is left out.
    nice : int
    """

    name: str
    arrival: int
    nice: int
    parts: list[int] = field(default_factory=list)
    _on: int = -1  # since when it runs
    _off: int = -1  # since when it waits
    _ready: int = -1

    @property
    def cpu(self) -> int:
        """CPU time in all."""
        return sum(self.parts[::2])

    def start(self, now: int) -> None:
        """It gets a CPU."""
        if self._off >= 0:
            waited = (self._ready if self._ready >= self._off else now) - self._off
            self.parts.append(max(waited, 1))
        self._on, self._off, self._ready = now, -1, -1

    def stop(self, now: int, asleep: bool) -> None:
        """It loses the CPU: it waits for something, or for the CPU itself."""
        ran = max(now - self._on, 1)
        if len(self.parts) % 2 == 0:
            self.parts.append(ran)
        else:
            self.parts[-1] += ran  # it had only been preempted
        self._on, self._off = -1, now if asleep else -1

    def wake(self, now: int) -> None:
        """What it waited for is there."""
        self._ready = now

    @property
    def running(self) -> bool:
        """Whether it has a CPU."""
        return self._on >= 0


@checked(lines=Instance(Iterable), most=integer(1, 100_000), of=Several(integer(1), optional=True))
def read_events(lines: Iterable[str], most: int = 12, of: Collection[int] | None = None) -> list[RecordedTask]:
    """Return the `most` tasks with the most CPU time, in order of arrival.

    Parameters
    ----------
    lines : iterable of str
        What is no event of the scheduler is passed over; idle processors, and perf itself, are left out.
    most : int
    of : collection of int, optional
        Only these tasks, by number, and those that they start.

    Raises
    ------
    ValueError
        No switch among the lines.
    """
    tasks: dict[str, RecordedTask] = {}
    kept = None if of is None else set(map(str, of))
    begin = now = -1
    for line in lines:
        if waking := WAKING.search(line):
            now = _ns(waking[1], waking[2])
            if waking[3] in tasks:
                tasks[waking[3]].wake(now)
        elif switch := SWITCH.search(line):
            now = _ns(switch[1], switch[2])
            begin = now if begin < 0 else begin
            old, new = switch.group(4, 8)
            if old in tasks and tasks[old].running:
                tasks[old].stop(now, not switch[6].startswith("R"))
                tasks[old].name = _name(switch[3], old)  # it may have become another program
            if new != "0" and (kept is None or new in kept):
                if new not in tasks:
                    tasks[new] = RecordedTask(_name(switch[7], new), now - begin, _nice(switch[9]))
                tasks[new].start(now)
        elif kept is not None and (fork := FORK.search(line)) and fork[1] in kept:
            kept.add(fork[2])
    if begin < 0:
        raise ValueError("source has no line with sched_switch: perf script after perf sched record prints them")
    for task in tasks.values():
        if task.running:
            task.stop(now, False)
    found = [task for task in tasks.values() if task.parts and not task.name.startswith(("perf-", "migration/"))]
    if not found:
        raise ValueError("source has no task of those wanted, only perf, idle processors and others")
    busiest = sorted(found, key=lambda task: -task.cpu)[:most]
    return sorted(busiest, key=lambda task: task.arrival)


def _ns(seconds: str, fraction: str) -> int:
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0")[:9])


def _name(command: str, number: str) -> str:
    return f"{re.sub(r'[^A-Za-z0-9_./:+-]+', '_', command)}-{number}"


def _nice(priority: str) -> int:
    return min(max(int(priority) - NICE_0, -20), 19)
