"""Page replacement beside its peers, in one run: ``python benchmarks/replacement.py [references]``.

Peers: the same loops in C (gcc -O3 -march=native, the same outputs) and libCacheSim, which reads the same
references from a file in memory.  Contenders take turns; medians over the rounds are printed, and the ratios
are medians of the ratios within a round, so that a busy machine hits all alike.
"""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from oslab.memory import POLICIES, ReplacementRun, Trace, miss_ratio_curve, simulate
from oslab.memory.traces.trace import NEVER

PAGES, FRAMES, ROUNDS = 100_000, 10_000, 7
C_LOOPS = {"fifo": 0, "lru": 1, "clock": 2, "lru, linked list": 3}
PEERS = {
    "fifo": "FIFO",
    "lru": "LRU",
    "clock": "Clock",
    "lfu": "LFU",
    "random": "Random",
    "opt": "Belady",
    "twoq": "TwoQ",
    "arc": "ARC",
    "lirs": "LIRS",
    "sieve": "Sieve",
    "s3fifo": "S3FIFO",
}


def zipf(references: int, pages: int = PAGES, seed: int = 1) -> np.ndarray:
    """Return Zipf-distributed page numbers, skew 1.0, in shuffled order of popularity."""
    rng = np.random.default_rng(seed)
    share = np.cumsum(1 / np.arange(1, pages + 1))
    return rng.permutation(pages)[np.searchsorted(share, rng.random(references) * share[-1])].astype(np.int64)


class InC:
    """The C loops, compiled into a folder that is removed afterwards."""

    def __init__(self, folder: Path):
        library = folder / "replacement.so"
        subprocess.run(
            [
                shutil.which("gcc") or "cc",
                "-O3",
                "-march=native",
                "-shared",
                "-fPIC",
                "-o",
                library,
                Path(__file__).with_suffix(".c"),
            ],
            check=True,
        )
        self.library = ctypes.CDLL(str(library))
        self.library.run.restype = self.library.renumber.restype = ctypes.c_int64

    def simulate(self, loop: str, dense: np.ndarray, pages: np.ndarray) -> tuple[float, int]:
        hit, evicted = ctypes.c_void_p(), ctypes.c_void_p()
        begin = time.perf_counter()
        faults = self.library.run(
            C_LOOPS[loop],
            dense.ctypes,
            ctypes.c_int64(len(dense)),
            ctypes.c_int64(len(pages)),
            ctypes.c_int64(FRAMES),
            pages.ctypes,
            ctypes.byref(hit),
            ctypes.byref(evicted),
        )
        seconds = time.perf_counter() - begin
        self.library.release(hit, evicted)
        return seconds, faults

    def from_raw(self, loop: str, numbers: np.ndarray) -> tuple[float, int]:
        begin = time.perf_counter()
        dense, pages = np.empty(len(numbers), np.uint32), np.empty(PAGES, np.int64)
        found = self.library.renumber(
            numbers.ctypes, ctypes.c_int64(len(numbers)), pages.ctypes, dense.ctypes, ctypes.c_int64(1 << 18)
        )
        renumbered = time.perf_counter() - begin
        seconds, faults = self.simulate(loop, dense, pages[:found])
        return renumbered + seconds, faults


class LibCacheSim:
    """libCacheSim over a file of its own binary format (oracleGeneral), which it maps into memory."""

    def __init__(self, trace: Trace, folder: Path):
        import libcachesim

        self.peer, self.path = libcachesim, str(folder / "trace.oracleGeneral")
        rows = np.zeros(len(trace), [("time", "<u4"), ("id", "<u8"), ("size", "<u4"), ("next", "<i8")])
        rows["time"], rows["id"], rows["size"] = np.arange(len(trace)), trace.dense.astype(np.uint64) + 1, 1
        later = trace.next_use.astype(np.int64) + 1
        rows["next"] = np.where(trace.next_use == NEVER, np.iinfo(np.int64).max, later)
        rows.tofile(self.path)

    def simulate(self, policy: str) -> float:
        reader = self.peer.TraceReader(
            self.path, self.peer.TraceType.ORACLE_GENERAL_TRACE, self.peer.ReaderInitParam(ignore_obj_size=True)
        )
        cache = getattr(self.peer, PEERS[policy])(FRAMES)
        begin = time.perf_counter()
        cache.process_trace(reader)
        return time.perf_counter() - begin


def timed(function, *arguments, **options) -> float:
    """Return the seconds of one call."""
    begin = time.perf_counter()
    function(*arguments, **options)
    return time.perf_counter() - begin


def in_turn(contenders: dict, rounds: int = ROUNDS) -> dict[str, np.ndarray]:
    """Return the seconds of each contender, a value a round, each round all of them in turn."""
    for contender in contenders.values():
        contender()
    taken = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            taken[name].append(contender())
    return {name: np.array(values) for name, values in taken.items()}


def speed(references: int, seconds: np.ndarray) -> float:
    """Return millions of references a second, by the median."""
    return references / np.median(seconds) / 1e6


def compare(trace: Trace, numbers: np.ndarray, folder: Path) -> None:
    """Print every policy, from a prepared trace and from raw integers, beside C and libCacheSim."""
    n = len(trace)
    in_c = InC(folder) if shutil.which("gcc") or shutil.which("cc") else None
    try:
        peer = LibCacheSim(trace, folder)
    except ImportError:
        peer = None
    print(
        f"{'policy':18}{'M/s':>7}{'C':>7}{'ratio':>7}{'peer':>7}{'ratio':>7}   "
        f"{'raw':>6}{'C':>7}{'ratio':>7}{'peer':>7}   {'count only':>10}{'1 M refs':>10}"
    )
    first = trace[: 1 << 20]
    for policy in POLICIES:
        contenders = {
            "full": lambda policy=policy: timed(simulate, trace, policy, FRAMES),
            "raw": lambda policy=policy: timed(simulate, numbers, policy, FRAMES),
            "count": lambda policy=policy: timed(ReplacementRun(trace, policy, FRAMES, record=False).advance, n),
            "million": lambda policy=policy: timed(
                lambda: ReplacementRun(first, policy, FRAMES, record=False).advance(n)
            ),
        }
        if in_c and policy in C_LOOPS:
            contenders["C"] = lambda policy=policy: in_c.simulate(policy, trace.dense, trace.pages)[0]
            contenders["C raw"] = lambda policy=policy: in_c.from_raw(policy, numbers)[0]
            assert in_c.simulate(policy, trace.dense, trace.pages)[1] == simulate(trace, policy, FRAMES).faults
        if peer and policy in PEERS:
            contenders["peer"] = lambda policy=policy: peer.simulate(policy)
        taken = in_turn(contenders)

        def cell(name: str, against: str = "", taken: dict = taken) -> str:
            if name not in taken:
                return "-"
            if against:
                return f"{np.median(taken[name] / taken[against]):.2f}"
            return f"{speed(n, taken[name]):.1f}"

        print(
            f"{policy:18}{cell('full'):>7}{cell('C'):>7}{cell('C', 'full'):>7}{cell('peer'):>7}"
            f"{cell('peer', 'full'):>7}   {cell('raw'):>6}{cell('C raw'):>7}{cell('C raw', 'raw'):>7}"
            f"{cell('peer', 'raw'):>7}   {cell('count'):>10}{1e3 * np.median(taken['million']):>7.1f} ms",
            flush=True,
        )
    if in_c:
        taken = in_turn({"list": lambda: in_c.simulate("lru, linked list", trace.dense, trace.pages)[0]})
        print(f"{'lru, linked list':18}{'':7}{speed(n, taken['list']):>7.1f}   (C, the textbook's structure)")


def curve(references: int) -> None:
    """Print the exact LRU curve at growing lengths: time over n log2 n stays flat."""
    print(f"\nLRU curve, every size in one pass{'':7}{'M/s':>7}   ns per reference and log2(pages)")
    for factor in (16, 4, 1):
        trace = Trace(zipf(references // factor, PAGES // factor))
        taken = in_turn({"curve": lambda trace=trace: timed(miss_ratio_curve, trace)}, 5)["curve"]
        each = 1e9 * np.median(taken) / len(trace)
        print(
            f"{len(trace):>10} references, {trace.distinct:>7} pages{speed(len(trace), taken):>12.1f}"
            f"{each / np.log2(trace.distinct):>12.2f}",
            flush=True,
        )


def main() -> None:
    """Run everything."""
    references = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    numbers = zipf(references)
    taken = in_turn({"renumber": lambda: timed(Trace, numbers)})["renumber"]
    trace = Trace(numbers)
    print(
        f"{references} references, Zipf 1.0, {PAGES} pages, {FRAMES} frames; millions of references a second, "
        f"medians of {ROUNDS} rounds; {platform.machine()}, Python {platform.python_version()}\n"
    )
    print(f"renumbering {speed(references, taken):.0f} M/s")
    with tempfile.TemporaryDirectory() as folder:
        compare(trace, numbers, Path(folder))
    curve(references)


if __name__ == "__main__":
    main()
