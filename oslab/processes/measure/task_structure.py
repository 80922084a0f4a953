"""What this system shows of a process: the fields of its task structure, read from /proc."""

from collections import Counter
from pathlib import Path

from oslab.base import plural, readable
from oslab.machine import Unavailable, procfs, recorded
from oslab.machine.procfs import own_processes
from oslab.processes.control_block import ControlBlock, number_of

__all__ = ["own_processes", "read_control_block"]


def read_control_block(pid: str = "self") -> ControlBlock:
    """Read what the system shows of a process now.

    Parameters
    ----------
    pid : str
        A number, ``"self"`` (this kernel) or ``"parent"`` (who started it).

    Raises
    ------
    TypeError, ValueError
        No number.
    Unavailable
        No such process (any more), or no /proc.
    """
    number = number_of(pid)
    if not Path("/proc/self/stat").exists():
        raise Unavailable("This needs /proc, which only Linux has; the recorded values are shown.")
    stat, status = procfs.stat(number), procfs.status(number)
    if stat is None or status is None:
        raise Unavailable(f"There is no process {number} (any more), or you are not allowed to read it.")
    maps, times = procfs.maps(number), procfs.schedstat(number)
    saved = f"{plural(status.voluntary_switches, 'time')} voluntarily"
    values = {
        "pid, parent": f"{stat.pid}, parent {stat.parent}",
        "state": f"{status.state or stat.state}, {plural(stat.threads, 'thread')}",
        "mm (memory)": f"{plural(len(maps), 'range')}, {_mib(stat.virtual_size)} of addresses"
        if maps
        else "you may not read it",
        "mm (resident)": f"{_mib(status.vm_rss)} in frames, page tables {_mib(status.page_tables)}",
        "files": _count_files(number),
        "thread (registers)": f"saved {saved}, {readable(status.involuntary_switches)} involuntarily",
        "prio, static_prio": f"{stat.priority}, nice {stat.nice}",
        "se.sum_exec_runtime": f"{readable(times.run_time)} s on a CPU, {readable(times.wait_time, 2)} s ready"
        if times
        else "this kernel does not count it",
        "children": readable(len(procfs.children(number))),
    }
    return ControlBlock(f"{stat.name!r}", values, **recorded.here())


def _mib(size: int | None) -> str:
    return "? MiB" if size is None else f"{readable(size / 2**20)} MiB"


def _count_files(pid: int) -> str:
    """How many descriptors are open, and what they lead to: ``"8 open: 5 sockets, 3 files"``."""
    links = procfs.descriptors(pid)
    if links is None:
        return "you may not read it"
    kinds = (link.split(":")[0].replace("anon_inode", "event") for link in links.values())
    found = Counter("file" if kind.startswith("/") else kind for kind in kinds)
    return f"{found.total()} open: " + ", ".join(plural(n, kind) for kind, n in found.most_common())
