"""TLB simulation beside the same rule in C, in one run: ``python benchmarks/tlb.py [accesses]``.

The C loop keeps each set as an array of tags in the order of last use, as processors and textbooks draw it.
Contenders take turns; medians over the rounds, and medians of the ratios within a round.
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

from oslab.memory import simulate_tlb
from oslab.memory.tlb.lru_sets import LruSets
from oslab.memory.tlb.processors import geometry

ROUNDS = 7
SHAPES = {"64 entries, 4 ways": {"entries": 64, "ways": 4}, "64 entries, full": {"entries": 64, "ways": 64}}
ZEN4 = geometry("zen4")._asdict()


def traces(n: int) -> dict[str, np.ndarray]:
    """Return addresses by name: in order, a loop beyond every reach, at random near and far, skewed."""
    draw = np.random.default_rng(1)
    return {
        "in order, 8 bytes": np.arange(n) * 8,
        "chase over 64 MiB": np.resize(draw.permutation(16_384), n) * 4096,
        "random in 1 MiB": draw.integers(0, 1 << 20, n),
        "random in 128 MiB": draw.integers(0, 128 << 20, n),
        "Zipf over 128 MiB": (draw.zipf(1.2, n) % 32_768) * 4096,
    }


class InC:
    """The C loop, compiled into a folder that is removed afterwards."""

    def __init__(self, folder: Path):
        library = folder / "tlb.so"
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
        self.run = ctypes.CDLL(str(library)).run
        self.run.restype = ctypes.c_int64

    def __call__(self, addresses: np.ndarray, entries: int, ways: int) -> tuple[float, int]:
        hit = np.empty(len(addresses), np.uint8)
        begin = time.perf_counter()
        misses = self.run(
            addresses.ctypes,
            ctypes.c_int64(len(addresses)),
            ctypes.c_int64(12),
            ctypes.c_int64(entries // ways),
            ctypes.c_int64(ways),
            hit.ctypes,
        )
        return time.perf_counter() - begin, misses


def timed(function, *arguments, **options) -> float:
    """Return the seconds of one call."""
    begin = time.perf_counter()
    function(*arguments, **options)
    return time.perf_counter() - begin


def main() -> None:
    """Print millions of translations a second."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    print(
        f"{n} translations, M/s, medians of {ROUNDS} rounds; {platform.machine()}, Python {platform.python_version()}\n"
    )
    print(f"{'addresses':20}{'TLB':22}{'kernel':>8}{'whole':>8}{'C':>8}{'C:whole':>8}{'zen4':>8}")
    with tempfile.TemporaryDirectory() as folder:
        in_c = InC(Path(folder)) if shutil.which("gcc") or shutil.which("cc") else None
        for name, addresses in traces(n).items():
            page = (addresses >> 12).astype(np.uint32)
            numbers = np.arange(int(page.max()) + 1)
            for shape, size in SHAPES.items():
                sets = size["entries"] // size["ways"]
                contenders = {
                    "kernel": lambda: timed(LruSets(numbers, sets, size["ways"]).use, page),  # noqa: B023
                    "whole": lambda: timed(simulate_tlb, addresses, **size),  # noqa: B023
                    "zen4": lambda: timed(simulate_tlb, addresses, **ZEN4),  # noqa: B023
                }
                if in_c:
                    contenders["C"] = lambda: in_c(addresses, **size)[0]  # noqa: B023
                    assert in_c(addresses, **size)[1] == simulate_tlb(addresses, **size).misses
                taken: dict[str, list[float]] = {key: [] for key in contenders}
                for k in range(ROUNDS + 1):
                    for key, contender in contenders.items():
                        seconds = contender()
                        taken[key] += [seconds] if k else []
                rate = {key: f"{n / np.median(values) / 1e6:.0f}" for key, values in taken.items()}
                ratio = f"{np.median(np.array(taken['C']) / np.array(taken['whole'])):.2f}" if in_c else "-"
                cells = [rate["kernel"], rate["whole"], rate.get("C", "-"), f" {ratio}", rate["zen4"]]
                print(f"{name:20}{shape:22}" + "".join(f"{cell:>8}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
