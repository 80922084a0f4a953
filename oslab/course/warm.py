"""Compile every kernel once, by as many processes as there are CPUs: ``python -m oslab.course.warm``."""

import contextlib
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from oslab import _jit
from oslab.course.compiling import NUMBERS, Compilers

__all__ = ["main", "warm", "work"]

FIRST_CHAPTERS = 1  # the last chapter whose kernels the launch waits for


def warm() -> int:
    """Compile, or load from disk, every kernel for the types that it is called with, in this process.

    Returns
    -------
    int
        How many kernels there are.
    """
    for _, function in _ordered():
        function()
    return len(_jit.KERNELS)


def _ordered() -> list[tuple[int, Callable[[], Any]]]:
    """The warmers with their chapters, those of early chapters first."""
    _jit.load_sources()
    return sorted(_jit.WARMERS, key=lambda one: one[0])


def work() -> None:
    """Say in a line of JSON what is to be done; then call the warmers whose numbers come by standard input.

    The line holds `kernels`, their number, `folder`, and, for each warmer not yet called, a file that marks it as called:
    `first`, those of the first chapters, and `rest`.  Where nothing can be kept, there is no line and no work.
    """
    folder = _jit.cache_folder()
    with contextlib.suppress(OSError, AttributeError):
        folder.mkdir(parents=True, exist_ok=True)
    if folder is None or not os.access(folder, os.W_OK):
        return
    cpu = _jit.numba.config.CPU_NAME or importlib.import_module("llvmlite.binding").get_host_cpu_name()
    shared = Path(os.environ.get("OSLAB_KERNELS") or folder.parent) / folder.name
    warmers = _ordered()
    names = [f"{k}-{sys.implementation.cache_tag}-{cpu}.done" for k in range(len(warmers))]
    left = [k for k, name in enumerate(names) if not (folder / name).exists() and not (shared / name).exists()]
    marks: dict[str, list[str]] = {"first": [], "rest": []}
    for k in left:
        marks["first" if warmers[k][0] <= FIRST_CHAPTERS else "rest"].append(str(folder / names[k]))
    print(json.dumps({"kernels": len(_jit.KERNELS), "folder": str(folder)} | marks), flush=True)
    while left and (number := os.read(0, 1)):
        k = NUMBERS.index(number)
        if k in left:
            warmers[k][1]()
            (folder / names[k]).touch()


def main(arguments: list[str]) -> int:
    """Work for another process if told so; else compile all, and tell how far it is; return the exit status."""
    if arguments == ["worker"]:
        with contextlib.suppress(AttributeError):  # on Windows the process is started with a low priority
            os.nice(10)
        work()
        return 0
    begin = time.perf_counter()
    compilers = Compilers(quiet=False)
    try:
        compilers.begin()
        done = compilers.wait(everything=True)
    except KeyboardInterrupt:
        compilers.stop()
        return 130
    if not compilers.folder:
        print("Nothing is kept: no numba, OSLAB_JIT=0, or no folder that can be written")
        return 0
    print(f"{compilers.kernels} kernels ready in {time.perf_counter() - begin:.1f} s, kept in {compilers.folder}")
    return not done


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
