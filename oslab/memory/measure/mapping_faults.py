"""The lines of `oslab.memory.mapping_faults` run for real: their faults and their time; and what np.memmap takes for data."""

import contextlib
import mmap
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from oslab.base import Series, checked, integer
from oslab.machine.pages import Pages
from oslab.machine.recorded import measured
from oslab.memory.mapping_faults import COLUMNS, LINES, NEW
from oslab.memory.measure.mapped_file import page_faults

__all__ = ["header_as_data", "lines_here"]

REPEATS = 5


@checked(rows=integer(1, 8192))
def lines_here(rows: int = 1024) -> Iterator[float | list[Series]]:
    """Run the lines, and count.

    Parameters
    ----------
    rows : int
        Of the batch.

    Yields
    ------
    float
        Share of the work done.
    list of Series
        Faults and µs of each line, and the rows.
    """
    runs: list[Any] = []
    with tempfile.TemporaryDirectory(prefix="oslab-") as folder:
        path = Path(folder) / "features.bin"
        np.ones((rows, COLUMNS), np.float32).tofile(path)
        for k in range(REPEATS):
            runs.append(_one_run(path, rows))
            yield (k + 1) / REPEATS
    faults, times = np.moveaxis(np.array(runs), 2, 0)
    yield [
        measured("faults", list(LINES), faults, "faults"),
        measured("time", list(LINES), times, "µs"),
        measured("rows", ["rows"], [[rows]], "rows"),
    ]


def _one_run(path: Path, rows: int) -> list[tuple[float, float]]:
    """Return faults and µs of each line."""
    found: list[tuple[float, float]] = []

    def run(line: Callable[[], Any]) -> Any:
        before, begin = sum(page_faults()), time.perf_counter()
        result = line()
        seconds = time.perf_counter() - begin
        found.append((sum(page_faults()) - before, 1e6 * seconds))
        return result

    _map_and_read(path, rows, run)
    for huge in (False, True):
        with Pages(NEW, huge) as memory:
            every = memory.bytes[::4096]
            run(lambda every=every: every.fill(1))
            del every
    return found


def _map_and_read(path: Path, rows: int, run: Callable[[Callable[[], Any]], Any]) -> None:
    with (
        open(path, "rb") as file,
        contextlib.closing(run(lambda: mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))) as mapping,
    ):
        run(lambda: mapping[:128])
        run(lambda: mapping[128:256])
    data = run(lambda: np.memmap(path, np.float32, "r", shape=(rows, COLUMNS)))
    batch = run(lambda: data[0:rows])
    run(lambda: np.add.reduce(batch, axis=None))
    run(lambda: np.add.reduce(batch, axis=None))


@checked(rows=integer(1, 1000), columns=integer(1, 1000))
def header_as_data(rows: int = 3, columns: int = 4) -> str:
    """Save an array as .npy, read it back in three ways, and return the first row that each gives.

    Parameters
    ----------
    rows, columns : int
        Of the array that is saved.

    Returns
    -------
    str
        A line each for np.memmap, np.memmap with the offset, and np.load with mmap_mode.
    """
    saved = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    with tempfile.TemporaryDirectory(prefix="oslab-") as folder:
        path = Path(folder) / "features.npy"
        np.save(path, saved)
        offset = path.stat().st_size - saved.nbytes
        ways = {
            "np.memmap(path, float32)": np.memmap(path, np.float32, "r", shape=saved.shape),
            f"np.memmap(…, offset={offset})": np.memmap(path, np.float32, "r", offset, saved.shape),
            "np.load(path, mmap_mode='r')": np.load(path, mmap_mode="r"),
        }
        said = [f"{way:30} first row {np.array2string(array[0], precision=3)}" for way, array in ways.items()]
        first = bytes(ways["np.memmap(path, float32)"].tobytes()[:6])
        del ways
    return "\n".join([*said, f"the first bytes of the file are {first!r}: its header, {offset} bytes"])
