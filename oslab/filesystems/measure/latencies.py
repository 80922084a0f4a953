"""What reads through the VFS cost, and what it costs that a write is durable."""

import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

from oslab.base import Series
from oslab.filesystems.measure.mounts import temporary_folder
from oslab.machine import Unavailable, need
from oslab.machine.procfs import disk_folder
from oslab.machine.recorded import measured

__all__ = ["durable_costs", "read_costs"]

REPEATS = 9


def _spread(actions: dict[str, Callable[[], Any]], loops: tuple[int, ...]) -> list[list[float]]:
    """Time actions in turn; rows are repeats, in microseconds a call."""
    rows = []
    for _ in range(REPEATS):
        row = []
        for action, times in zip(actions.values(), loops):
            action()  # brings back to the cache what the others threw out
            begin = time.perf_counter_ns()
            for _ in range(times):
                action()
            row.append((time.perf_counter_ns() - begin) / times / 1000)
        rows.append(row)
    return rows


def read_costs() -> list[Series]:
    """Time one system call, pread of 4 KiB, on file systems that answer it in different ways; some 0.5 s.

    Returns
    -------
    list of Series
        Microseconds by where the bytes come from; for procfs a read of /proc/self/maps, which may hold less.

    Raises
    ------
    Unavailable
        A system without /proc.
    """
    need("procfs")
    folder, kind = disk_folder()
    data = os.urandom(1 << 20)
    with (
        tempfile.TemporaryFile(dir=folder) as file,
        open("/proc/self/maps", "rb", buffering=0) as made_up,
        tempfile.TemporaryFile(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as memory,
    ):
        for target in (file, memory):
            target.write(data)
            target.flush()
        os.fsync(file.fileno())
        places = iter(range(1 << 30))

        def cold() -> None:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            os.pread(file.fileno(), 4096, next(places) * 40960 % (1 << 20))

        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        actions = {
            "tmpfs": lambda: os.pread(memory.fileno(), 4096, 0),
            f"{kind}, in the page cache": lambda: os.pread(file.fileno(), 4096, 4096),
            "procfs, made on demand": lambda: os.pread(made_up.fileno(), 4096, 0),
            f"{kind}, from the disk": cold,
        }
        rows = _spread(actions, (2000, 2000, 200, 20))
    return [measured("read 4 KiB", list(actions), rows, "µs")]


def durable_costs(folder: str = "") -> list[Series]:
    """Time the ways to make 4 KiB durable: write, with fsync, with O_DSYNC, and the safe replacement; some 0.5 s.

    Parameters
    ----------
    folder : str
        A folder of the learner, in which three files of 4 KiB are made, and removed at the end; '' for a temporary one.

    Returns
    -------
    list of Series
        Microseconds by way.

    Raises
    ------
    ValueError
        `folder` is none in which files can be made.
    Unavailable
        A system whose files cannot be opened with O_DSYNC.
    """
    if not hasattr(os, "O_DSYNC"):
        raise Unavailable("This needs O_DSYNC, which this system does not have.")
    place, kind = disk_folder(folder)
    data = os.urandom(4096)
    with temporary_folder(place) as name:
        target, aside = os.path.join(name, "target"), os.path.join(name, "aside")
        plain = os.open(target, os.O_CREAT | os.O_WRONLY)
        each = os.open(os.path.join(name, "each"), os.O_CREAT | os.O_WRONLY | os.O_DSYNC)
        directory = os.open(name, os.O_RDONLY)

        def write_and_sync() -> None:
            os.pwrite(plain, data, 0)
            os.fsync(plain)

        def replace(whole: bool) -> None:
            fd = os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
            try:
                os.write(fd, data)
                os.fsync(fd)
            finally:
                os.close(fd)
            os.rename(aside, target)
            if whole:
                os.fsync(directory)

        actions = {
            "write": lambda: os.pwrite(plain, data, 0),
            "O_DSYNC write": lambda: os.pwrite(each, data, 0),
            "write, fsync": write_and_sync,
            "second file, fsync, rename": lambda: replace(False),
            "the same, fsync directory": lambda: replace(True),
        }
        try:
            rows = _spread(actions, (200, 4, 4, 4, 4))
        finally:
            for fd in (plain, each, directory):
                os.close(fd)
    return [measured(f"keep 4 KiB on {kind}", list(actions), rows, "µs")]
