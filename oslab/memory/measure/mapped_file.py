"""Mapped files on the real machine: what is resident, and the faults and the time of reading slices."""

import contextlib
import ctypes
import mmap
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from oslab.base import FileName, Series, checked, integer, shown
from oslab.machine import procfs
from oslab.machine.recorded import measured
from oslab.memory.mapped_file import (
    ADVICE,
    BLOCK,
    FILE_PAGES,
    ORDERS,
    PAGES,
    SLICES,
    MappedReads,
    read_mapped,
    slices_in,
)

__all__ = [
    "MAPPED",
    "forgettable_file",
    "mapped_reads",
    "page_faults",
    "read_ahead_of",
    "read_own",
    "resident",
]

PAGE = mmap.PAGESIZE
MAPPED = tuple((order, advice) for order in ORDERS for advice in ADVICE)
REPEATS = 5
TRIES = 10
MOST_PAGES = 1 << 18  # of a file of the learner's, 1 GiB
RECORD = integer(1, 1 << 26, unit="bytes")


def page_faults() -> tuple[int, int]:
    """Return the minor and major faults of this thread so far (of the process, where threads are not told apart)."""
    import resource  # only where there is POSIX

    usage = resource.getrusage(getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF))
    return usage.ru_minflt, usage.ru_majflt


def resident(mapping: mmap.mmap) -> np.ndarray | None:
    """Return which pages of a mapping are in memory, bool; None where mincore is missing or refuses."""
    pages = -(-len(mapping) // PAGE)
    found = np.zeros(pages, np.uint8)
    view = np.frombuffer(mapping, np.uint8)
    try:
        failed = ctypes.CDLL(None, use_errno=True).mincore(
            ctypes.c_void_p(view.ctypes.data), ctypes.c_size_t(len(mapping)), ctypes.c_void_p(found.ctypes.data)
        )
    except (OSError, AttributeError):
        return None
    finally:
        del view
    return None if failed else (found & 1).astype(bool)


def forget(file: int) -> None:
    """Ask the kernel to drop a file from the page cache."""
    os.fsync(file)
    if not hasattr(os, "posix_fadvise"):
        raise OSError("this system cannot drop a file from the page cache (no posix_fadvise)")
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


@contextlib.contextmanager
def forgettable_file(size: int) -> Iterator[Path]:
    """Make a file that can be dropped from the page cache, and remove it at the end.

    Raises
    ------
    OSError
        None of the usual folders is on a disk (a tmpfs is memory), or there is no room for it.
    """
    folder, _ = procfs.disk_folder()
    if folder is None:
        raise OSError("no folder for a file that can be dropped from memory: all are in memory, not on a disk")
    with tempfile.NamedTemporaryFile(dir=folder, prefix="oslab-", suffix=".bin") as file:
        block = np.random.default_rng(1).integers(0, 256, 1 << 20, np.uint8).tobytes()
        for _ in range(size >> 20):
            file.write(block)
        file.flush()
        yield Path(file.name)


def read_ahead_of(path: str | Path) -> int | None:
    """Return how many pages the device of a file reads ahead; None where /sys does not say."""
    device = os.stat(path).st_dev
    try:
        text = Path(f"/sys/class/bdi/{os.major(device)}:{os.minor(device)}/read_ahead_kb").read_text()
        return int(text) * 1024 // PAGE
    except (OSError, ValueError):
        return None


def _shape(file: str | Path, record: int, file_pages: int = FILE_PAGES) -> tuple[int, int, int]:
    """Return pages of a slice that holds a record, pages of a file that are mapped, and slices."""
    if file:
        file_pages = min(os.path.isfile(file) and os.path.getsize(file) // PAGE, MOST_PAGES) // BLOCK * BLOCK
    pages = -(-record // PAGE)
    if file_pages < pages:
        raise ValueError(
            f"file={shown(str(file))}: allowed are files of 64 KiB or more that hold a record of {record} bytes"
        )
    return pages, file_pages, min(SLICES, file_pages // pages)


@checked(read_ahead=integer(-1, 1 << 20), file=FileName(), record=RECORD)
def read_own(
    order: str = "shuffled", advice: str = "normal", read_ahead: int = -1, file: str = "", record: int = PAGE
) -> MappedReads:
    """Read records of a mapped file of the learner's, by the model; see `read_mapped`.

    Parameters
    ----------
    order, advice : str
    read_ahead : int
        Pages; -1 for what the file's device reads ahead, or 32 where the system does not say.
    file : str
        Only its size and its device are looked at; the first GiB counts.  '' for one of 64 MiB.
    record : int
        Bytes of a slice, rounded up to whole pages.

    Raises
    ------
    TypeError, ValueError, OSError
        As for `read_mapped`; no such file, or one of less than 64 KiB or than a record.
    """
    shape = _shape(file, record)
    if read_ahead < 0:
        read_ahead = read_ahead_of(file or tempfile.gettempdir()) or 32
    return read_mapped(order, advice, read_ahead, *shape)


@checked(slice_pages=PAGES, file_pages=PAGES, repeats=integer(1, 100), file=FileName(), record=RECORD)
def mapped_reads(
    slice_pages: int = 1, file_pages: int = FILE_PAGES, repeats: int = REPEATS, file: str = "", record: int = PAGE
) -> Iterator[float | list[Series]]:
    """Read slices of a mapped file that has been dropped from memory, in order and shuffled, with and without advice.

    Parameters
    ----------
    slice_pages, file_pages, repeats : int
    file : str
        One of the learner's, opened for reading only and dropped from memory, in place of one made for this.
    record : int
        Bytes of a slice, in place of `slice_pages`.

    Yields
    ------
    float
        Share of the work done.
    list of Series
        For each of `MAPPED`: major and minor faults and MiB loaded after each slice, ms in all, and the slice at which
        the blocks of 16 pages came in, from each block on that differs from the one before; last, the pages that the
        device reads ahead.

    Raises
    ------
    OSError
        No file can be dropped from memory here.
    """
    found: list[Series] = []
    slice_pages, file_pages, slices = _shape(file, max(record, slice_pages * PAGE), file_pages)
    made = contextlib.nullcontext(Path(file)) if file else forgettable_file(file_pages * PAGE)
    with made as path:
        ahead = read_ahead_of(path)
        for number, (order, advice) in enumerate(MAPPED):
            starts = slices_in(order, slice_pages, file_pages, slices)
            runs = []
            for k in range(repeats):
                runs.append(_one_run(path, starts, slice_pages, file_pages, advice))
                yield (number + (k + 1) / repeats) / len(MAPPED)
            found += _as_series(f"{order}, {advice}", runs)
        found.append(measured("read ahead", ["pages"], [[ahead or 0]], "pages"))
    yield found


def _one_run(
    path: Path, starts: np.ndarray, slice_pages: int, file_pages: int, advice: str
) -> tuple[np.ndarray, float, np.ndarray]:
    """Return faults and pages loaded after each slice, shape (slices, 3), seconds, and when each page came in."""
    with open(path, "rb") as file:
        with contextlib.closing(mmap.mmap(file.fileno(), file_pages * PAGE, access=mmap.ACCESS_READ)) as mapping:
            _drop(file.fileno(), mapping)
            if advice == "random":
                mapping.madvise(mmap.MADV_RANDOM)
            since = np.full(len(mapping) // PAGE, len(starts) + 1)
            rows, seconds, faults = np.zeros((len(starts), 3)), 0.0, np.zeros(2, np.int64)
            for step, start in enumerate(starts.tolist(), 1):
                before, begin = page_faults(), time.perf_counter()
                for page in range(start, start + slice_pages):
                    mapping[page * PAGE]
                seconds += time.perf_counter() - begin
                faults += np.subtract(page_faults(), before)
                known = resident(mapping)
                if known is not None:
                    since[known & (since > step)] = step
                rows[step - 1] = faults[1], faults[0], np.count_nonzero(since <= step)
    return rows, seconds, since


def _drop(file: int, mapping: mmap.mmap) -> None:
    """Forget a file until none of it is left: a page that another CPU has only just read is passed over at first."""
    for _ in range(TRIES):
        forget(file)
        known = resident(mapping)
        if known is None or not known.any():
            return
        time.sleep(0.02)
    raise OSError(f"{np.count_nonzero(known)} pages of the file stayed in memory: somebody else is busy with it")


def _as_series(label: str, runs: list[tuple[np.ndarray, float, np.ndarray]]) -> list[Series]:
    rows = np.array([run[0] for run in runs])
    first = np.median([run[2].reshape(-1, BLOCK).min(axis=1) for run in runs], axis=0)
    change = np.flatnonzero(np.diff(first, prepend=-1))
    each = {
        "major faults": (rows[:, :, 0], "faults"),
        "minor faults": (rows[:, :, 1], "faults"),
        "loaded": (rows[:, :, 2] * PAGE / 2**20, "MiB"),
    }
    return [
        *(
            measured(f"{label}: {name}", np.arange(1, rows.shape[1] + 1), values, unit, x_unit="slice")
            for name, (values, unit) in each.items()
        ),
        measured(f"{label}: time", ["all slices"], [[1000 * run[1]] for run in runs], "ms"),
        measured(f"{label}: came in", change, [first[change]], "slice", x_unit="from block"),
    ]
