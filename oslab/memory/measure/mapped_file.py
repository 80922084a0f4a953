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

from oslab.base import Series, checked, integer
from oslab.machine import recorded
from oslab.memory.mapped_file import ADVICE, BLOCK, FILE_PAGES, ORDERS, PAGES, slices_in

__all__ = ["MAPPED", "forgettable_file", "mapped_reads", "page_faults", "read_ahead_of", "resident"]

PAGE = mmap.PAGESIZE
MAPPED = tuple((order, advice) for order in ORDERS for advice in ADVICE)
REPEATS = 5
TRIES = 10


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
    said = ""
    for folder in dict.fromkeys([tempfile.gettempdir(), "/var/tmp", os.getcwd()]):
        try:
            with tempfile.NamedTemporaryFile(dir=folder, prefix="oslab-", suffix=".bin") as file:
                block = np.random.default_rng(1).integers(0, 256, 1 << 20, np.uint8).tobytes()
                for _ in range(size >> 20):
                    file.write(block)
                file.flush()
                if not _stays(file.fileno(), size):
                    yield Path(file.name)
                    return
                said = f"{folder} is memory, not a disk"
        except (PermissionError, FileNotFoundError) as error:
            said = str(error)
    raise OSError(f"no folder for a file that can be dropped from memory: {said}")


def _stays(file: int, size: int) -> bool:
    forget(file)
    with contextlib.closing(mmap.mmap(file, size, access=mmap.ACCESS_READ)) as mapping:
        known = resident(mapping)
    return known is not None and bool(known.mean() > 0.5)


def read_ahead_of(path: str | Path) -> int | None:
    """Return how many pages the device of a file reads ahead; None where /sys does not say."""
    device = os.stat(path).st_dev
    try:
        text = Path(f"/sys/class/bdi/{os.major(device)}:{os.minor(device)}/read_ahead_kb").read_text()
        return int(text) * 1024 // PAGE
    except (OSError, ValueError):
        return None


@checked(slice_pages=PAGES, file_pages=PAGES, repeats=integer(1, 100))
def mapped_reads(
    slice_pages: int = 1, file_pages: int = FILE_PAGES, repeats: int = REPEATS
) -> Iterator[float | list[Series]]:
    """Read slices of a mapped file that has been dropped from memory, in order and shuffled, with and without advice.

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
    with forgettable_file(file_pages * PAGE) as path:
        ahead = read_ahead_of(path)
        for number, (order, advice) in enumerate(MAPPED):
            starts = slices_in(order, slice_pages, file_pages)
            runs = []
            for k in range(repeats):
                runs.append(_one_run(path, starts, slice_pages, advice))
                yield (number + (k + 1) / repeats) / len(MAPPED)
            found += _as_series(f"{order}, {advice}", runs)
        fields = {"origin": "this machine", **recorded.here()}
        found.append(Series("read ahead", ["pages"], [ahead or 0], "pages", **fields))
    yield found


def _one_run(path: Path, starts: np.ndarray, slice_pages: int, advice: str) -> tuple[np.ndarray, float, np.ndarray]:
    """Return faults and pages loaded after each slice, shape (slices, 3), seconds, and when each page came in."""
    with open(path, "rb") as file:
        with contextlib.closing(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) as mapping:
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
    fields = {"origin": "this machine", **recorded.here()}
    rows = np.array([run[0] for run in runs])
    steps = np.arange(1, rows.shape[1] + 1)
    first = np.array([run[2].reshape(-1, BLOCK).min(axis=1) for run in runs])
    each = {
        "major faults": (rows[:, :, 0], "faults"),
        "minor faults": (rows[:, :, 1], "faults"),
        "loaded": (rows[:, :, 2] * PAGE / 2**20, "MiB"),
    }
    found = [
        Series.of_repeats(f"{label}: {name}", steps, values, unit, x_unit="slice", **fields)
        for name, (values, unit) in each.items()
    ]
    found.append(Series.of_repeats(f"{label}: time", ["all slices"], [[1000 * run[1]] for run in runs], "ms", **fields))
    middle = np.median(first, axis=0)
    change = np.flatnonzero(np.diff(middle, prepend=-1))
    found.append(
        Series(f"{label}: came in", change, middle[change], "slice", x_unit="from block", repeats=len(runs), **fields)
    )
    return found
