"""`why`: watches a program through /proc, books its time, and says why it is slow."""

import contextlib
import importlib
import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from oslab.ai.booking import Booking, book
from oslab.ai.causes import percent
from oslab.ai.verdict import Why
from oslab.base import checked, flag, memory_size, plural, readable, real, shown
from oslab.machine import procfs
from oslab.machine.limits import usable_cpus
from oslab.machine.procfs.tree import TreeSampler
from oslab.machine.unavailable import Unavailable

__all__ = ["WARM_UP", "start_command", "watch_command", "watch_process", "why"]

LONGEST = 10_000  # characters of a command
WARM_UP = 1.0  # seconds of a command that do not count: programs load
GROWING, GROWING_SHARE, COPYING = 4 << 20, 0.02, 4 << 20  # bytes a second
ONE_THREAD = 0.8
UNREAD = {
    "syscall": "Which system call a thread sleeps in (/proc/PID/task/TID/syscall): the interpreter's lock, locks and polls "
    "are not told apart. Start the program by `why -- COMMAND`, or let it be traced (Yama: ptrace_scope 0).",
    "clear_refs": "Bytes touched (/proc/PID/clear_refs): memory bandwidth cannot be told from arithmetic.",
    "large": "Bytes touched: the program is larger than 8 GiB, where counting them would disturb it.",
    "schedstat": "Times of threads (/proc/PID/task/TID/schedstat).",
    "busy": "Who else ran (/proc/stat): time without a CPU is booked to its own threads.",
    "nothing touched": "Bytes touched: it never ran long enough at a time to be probed, so that arithmetic and memory "
    "bandwidth are not told apart.",
}


@checked(seconds=real(0.5, 120, unit="s"), probe_memory=flag())
def why(
    pid_or_command: int | str | Sequence[str],
    seconds: float = 5.0,
    *,
    probe_memory: bool = True,
) -> Why:
    """Watch a program with all its threads and children, and say why it is slow.

    Nothing is changed in it but its pages' referenced bits.  Which cause is named from which share on: see `Why`.

    Parameters
    ----------
    pid_or_command : int, str or sequence of str
        A running process; or a command, which is started, watched after its first second, and ended, with its
        children, when it has been watched.
    seconds : float
        0.5 to 120.
    probe_memory : bool
        Count distinct bytes touched; False leaves the referenced bits alone too.

    Raises
    ------
    Unavailable
        No /proc, no such process, or one that may not be looked at, or that ended at once.
    TypeError, ValueError
        Neither the number of a process nor a command; this very process (use ``%%why``).

    Examples
    --------
    >>> from oslab import ai
    >>> ai.why(["python", "train.py"], seconds=5)  # doctest: +SKIP
    """
    if procfs.stat() is None:  # the checks take longer to import than all the rest
        from oslab.machine.capability import need

        need("procfs")
    if isinstance(pid_or_command, int) and not isinstance(pid_or_command, bool):
        if not 0 < pid_or_command < 1 << 22 or pid_or_command == os.getpid():
            raise ValueError(f"pid_or_command={pid_or_command!r}: allowed is another process (for a cell: %%why)")
        return watch_process(pid_or_command, seconds, probe_memory)
    command = shlex.split(pid_or_command[:LONGEST]) if isinstance(pid_or_command, str) else pid_or_command
    if not isinstance(command, list | tuple) or not command or not all(isinstance(word, str) for word in command):
        kind = ValueError if isinstance(pid_or_command, str) else TypeError
        raise kind(f"pid_or_command={shown(pid_or_command)}: allowed are a process's number and a command")
    if shutil.which(command[0]) is None:
        raise ValueError(f"pid_or_command={shown(pid_or_command)}: there is no such command")
    return watch_command(command, seconds, probe_memory)


def watch_command(command: Sequence[str], seconds: float, probe_memory: bool = True, **more: Any) -> Why:
    """Start a command, watch it after its first second, and end it; `more` as for `subprocess.Popen`.

    Raises
    ------
    Unavailable
        It cannot be started, or ended within a second.
    """
    with start_command(command, **more) as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(WARM_UP)
            raise Unavailable(f"The command ended within {readable(WARM_UP)} s, with status {process.returncode}.")
        return watch_process(process.pid, seconds, probe_memory)


def watch_process(pid: int, seconds: float, probe_memory: bool = True, stop: Callable[[], bool] = lambda: False) -> Why:
    """Watch a process that runs; as `why`."""
    there = procfs.stat(pid)
    if there is None or there.state in "ZX":
        raise Unavailable(f"There is no process {pid}, or it may not be looked at.")
    allowed = getattr(procfs.status(pid), "cpus_allowed", None) or frozenset(range(usable_cpus()))
    before, huge, idle_gpu = _busy(allowed), _huge_faults(), _GpuUse()
    sampler = TreeSampler(pid, probe_memory)
    program = _command_line(pid) or there.name
    sampler.run(seconds, stop)
    busy, huge = _busy(allowed) - before, _huge_faults() - huge
    if not sampler.intervals or not sampler.threads or sampler.seconds < 0.05:
        raise Unavailable(f"Process {pid} ended, or its threads may not be looked at.")
    rates, refused = _touched(sampler), set(sampler.refused)
    asked = probe_memory and not refused & {"large", "clear_refs"}
    booking = book(
        sampler.intervals,
        sampler.threads,
        pid,
        len(allowed),
        busy,
        rates if rates or asked else None,
        # The kernel counts them for the whole machine: they are taken for those of processes that have huge pages.
        {p: huge for _, sizes in sampler.sizes for p, size in sizes.items() if size.get("AnonHugePages", 0) > 0},
    )
    if busy != busy:
        refused.add("busy")
    if asked and not rates and booking.shares["unknown"] > 0.05:
        refused.add("nothing touched")
    others = min(max(0.0, busy / sampler.seconds - booking.run), len(allowed))  # ticks are coarser than samples
    notes, said = _notes(sampler, booking, len(allowed), busy / sampler.seconds, idle_gpu.share())
    return Why.of(
        booking,
        program[:80],
        pid,
        sampler.seconds,
        notes=notes,
        evidence=(*_evidence(sampler, booking, others, len(allowed), rates), *said),
        unread=tuple(UNREAD[one] for one in sorted(refused)),
        cost=sampler.cost / sampler.seconds,
    )


@contextlib.contextmanager
def start_command(command: Sequence[str], **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command in a group of its own; end it and all its children afterwards.

    Raises
    ------
    Unavailable
        It cannot be started.
    """
    try:
        process = subprocess.Popen(command, process_group=0, stdin=subprocess.DEVNULL, **more)
    except (OSError, ValueError) as error:
        raise Unavailable(f"The command {shown(command[0])} cannot be started: {error}.") from error
    family: list[int] = []
    try:
        yield process
    finally:
        family = _descendants(process.pid)  # also those that left the group
        for number, patience in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
        for pid in family:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    found = procfs.children(pid)
    for one in found:
        found += [child for child in procfs.children(one) if child not in found]
    return found


def _command_line(pid: int) -> str:
    text = procfs.text.of(pid, "cmdline") or ""
    words = (os.path.basename(word) if k == 0 else word for k, word in enumerate(text.split("\0")))
    return " ".join(" ".join(words).split())


def _busy(allowed: frozenset[int]) -> float:
    """Seconds for which these CPUs were busy, or taken away by the hypervisor."""
    stat = procfs.system_stat()
    return sum(cpu.busy + cpu.steal for number, cpu in stat.cpus.items() if number in allowed) if stat else float("nan")


def _huge_faults() -> float:
    """Page faults of the whole machine that brought a huge page; 0 where it is not told."""
    return procfs.text.counts(procfs.text.read(procfs.text.PROC / "vmstat")).get("thp_fault_alloc", 0)


def _touched(sampler: TreeSampler) -> dict[int, float]:
    """Distinct bytes touched in a CPU second, by process."""
    found: dict[int, list[float]] = {}
    for probe in sampler.touched:
        sums = found.setdefault(probe.pid, [0.0, 0.0])
        sums[0] += probe.bytes
        sums[1] += probe.run
    return {pid: touched / run for pid, (touched, run) in found.items()}


def _notes(
    sampler: TreeSampler, booking: Booking, cpus: int, busy: float, idle: float | None
) -> tuple[tuple[str, ...], list[str]]:
    """Return the keys of what is worth a note, and sentences with the figures."""
    notes, said = [], []
    grown, private, shared = _growth(sampler)
    if private >= COPYING and shared <= -private / 2:
        notes.append("copy_on_write")
        said.append(f"Private memory of its children grew by {memory_size(private)} a second, which they had shared.")
    if grown:
        notes.append("memory_grows")
        said.append(f"Its memory grew all the time, by {memory_size(grown)} a second.")
    busiest = max((one.run for one in sampler.threads.values()), default=0.0) / sampler.seconds
    if busiest >= ONE_THREAD and booking.run < 1.2 and cpus - busy >= 0.6:
        notes.append("one_thread")
        said.append(f"One thread ran {percent(busiest)} of the time; {readable(cpus - busy)} CPUs were idle.")
    if idle is not None and idle > 0.5:
        notes.append("idle_gpu")
        said.append(f"The GPU ran no kernel for {percent(idle)} of the samples.")
    return tuple(notes), said


def _growth(sampler: TreeSampler) -> tuple[float, float, float]:
    """Bytes a second: of all memory if it grew all the time, else 0; private and shared memory of the children."""
    sizes = sampler.sizes
    if len(sizes) < 2:
        return 0.0, 0.0, 0.0
    (first, _), (last, new) = sizes[0], sizes[-1]
    passed = max(last - first, 1e-9)
    whole = [sum(one.get("Pss", one.get("Rss", 0)) for one in moment.values()) for _, moment in sizes]
    steps = [b - a for a, b in zip(whole, whole[1:])]
    grown = (whole[-1] - whole[0]) / passed
    steady = len(steps) > 2 and sum(step > 0 for step in steps) >= 0.8 * len(steps)
    private = shared = 0.0
    best, moving = 0.0, (0.0, 0.0)
    for pid in new.keys() - {sampler.pid}:
        rows = [moment[pid] for _, moment in sizes if pid in moment]
        private = (rows[-1].get("Private_Dirty", 0) - rows[0].get("Private_Dirty", 0)) / passed
        shared = sum(rows[-1].get(name, 0) - rows[0].get(name, 0) for name in ("Shared_Dirty", "Shared_Clean")) / passed
        if private > best:
            best, moving = private, (private, shared)
    large = grown >= max(GROWING, GROWING_SHARE * whole[0] / passed)
    copied = moving[0] >= COPYING and moving[1] <= -moving[0] / 2
    return grown if steady and large and not copied else 0.0, *moving


def _evidence(
    sampler: TreeSampler, booking: Booking, others: float, cpus: int, rates: dict[int, float]
) -> tuple[str, ...]:
    """A sentence for each question that was asked."""
    processes = len({one.pid for one in sampler.threads.values()})
    counted = f"{plural(len(sampler.threads), 'thread')}, {plural(processes, 'process', 'processes')}"
    slept = [f"{said} {percent(share)}" for said, share in booking.waits.items() if share >= 0.02]
    throttled = sum(one.throttled for one in sampler.intervals)
    touched = f"{readable(max(rates.values()) / 1e9)} GB a CPU second" if rates else "not counted"
    return (
        f"Stopped or throttled: {percent(booking.shares['quota'])} of the time (cpu.stat: {readable(throttled)} s).",
        f"{readable(booking.run)} CPUs on average, {readable(booking.ready)} threads ready without one; "
        f"others had {readable(others)} of {plural(cpus, 'CPU')}.",
        f"Asleep in: {', '.join(slept[:3]) or 'nothing'}.",
        f"Waited for its own helpers: {percent(booking.followed)} ({counted}, {plural(len(sampler.intervals), 'sample')}).",
        f"In the kernel: {readable(booking.system)} CPUs, {readable(booking.faults)} page faults a second.",
        f"Bytes touched: {touched} ({plural(len(sampler.touched), 'probe')}).",
    )


class _GpuUse:
    """Samples how much of the time a kernel ran on any GPU, where `nvidia-ml-py` is installed; in a thread."""

    def __init__(self) -> None:
        self._samples: list[float] = []
        self._over = threading.Event()
        try:
            pynvml = importlib.import_module("pynvml")
            pynvml.nvmlInit()
            cards = [pynvml.nvmlDeviceGetHandleByIndex(k) for k in range(pynvml.nvmlDeviceGetCount())]
        except Exception:  # no such package, no driver, no device
            return
        if cards:
            threading.Thread(target=self._run, args=(pynvml, cards), daemon=True).start()

    def _run(self, pynvml: Any, cards: list[Any]) -> None:
        end = time.monotonic() + 130
        while not self._over.wait(0.2) and time.monotonic() < end:
            with contextlib.suppress(Exception):
                self._samples.append(max(pynvml.nvmlDeviceGetUtilizationRates(card).gpu for card in cards) / 100)

    def share(self) -> float | None:
        """Stop, and return the share of the time without a kernel on the busiest card; None: not known."""
        self._over.set()
        return 1 - sum(self._samples) / len(self._samples) if self._samples else None
